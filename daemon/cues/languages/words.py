"""Small words of each language that tell it apart, and words too common to be a topic."""

MARKERS: dict[str, frozenset[str]] = {
    "en": frozenset(
        "the and to of is it that you for on with this are be have not but was can will would "
        "what from they your there an if my we do i'll i'm it's thanks please".split()
    ),
    "de": frozenset(
        "der die das und ist nicht ich sie wir ein eine mit auf für den dem zu von auch es im "
        "dass wie noch bitte danke haben kann wird bei oder aber nach".split()
    ),
    "fr": frozenset(
        "le la les des et est pas je vous nous un une pour dans que qui sur avec du ce cette "
        "merci bonjour votre notre mais ou où être avez sont".split()
    ),
    "es": frozenset(
        "el la los las de y es no que en un una por para con se su del al lo como más pero "
        "gracias hola usted este esta muy está son".split()
    ),
}

STOP_WORDS = frozenset(
    """
a about above across actually after afterwards again against ago ahead all almost alone along
already also although always am among an and another any anybody anyhow anyone anything anyway
apparently are aren't around as aside ask asked asking at available away back bad be became because
become been before began behind being believe below beside besides best better between beyond big
bit both bring but by call called came can can't cannot case cause certain certainly change changed
clear clearly come comes coming completely consider contain could couldn't course current currently
day days deal definitely depend did didn't different do does doesn't doing don't done down due
during each earlier early easily easy edit effort either else end enough especially etc even
eventually ever every everybody everyone everything exactly example except fact fairly far feel few
find fine first five fix fixed follow following for found four from full fully further gave general
generally get gets getting give given gives go goes going gone good got great guess had happen
happened happens happy hard hardly has hasn't have haven't having he hello help hence her here hers
herself hey hi high him himself his hopefully hope how however i i'd i'll i'm i've idea if in indeed
inside instead interesting into is isn't issue it it'd it'll it's its itself job just keep kind knew
know known last late later latter least leave left less let let's lets like likely line list little
live long longer look looked looking looks lot lots low made mail mails main make makes making many
matter may maybe me mean means meant meanwhile message messages might mind mine minor miss missed
missing moment month more moreover most mostly move much must my myself name namely near nearly
necessary need needed needs neither never nevertheless new next nice no nobody none nor normally
not note nothing notice now number obvious obviously of off often ok okay old on once one ones only
onto open or order other others otherwise ought our ours ourselves out outside over own part
particular particularly people perhaps person place please plus point possible possibly post posted
pretty previous previously probably problem proper properly provide provided put question questions
quick quickly quite rather re read reading real really reason reasonable recent recently regard
regarding regards related rely reply report reported require required result right run running said
same saw say saying says second see seeing seem seemed seems seen send sending sense sent separate
serious seriously set several shall she should shouldn't show shown shows side similar simple simply
since single small so some somebody somehow someone something sometime sometimes somewhat somewhere
soon sorry sort sound start started stay still stop stuff such suggest suggested supposed sure take
taken takes taking talk tell tend than thank thanks that that's the their theirs them themselves
then there there's thereby therefore these they they'd they'll they're they've thing things think
thinking third this those though thought three through throughout thus till time times to today
together told tomorrow too took top toward towards tried tries true truly try trying turn two type
under understand unfortunately unless unlikely until up update upon us use used useful user uses
using usual usually various very via wait want wanted wants was wasn't way ways we we'd we'll we're
we've week weeks well went were weren't what what's whatever when whenever where whereas wherever
whether which while who whole whom whose why will with within without won't word words work worked
working works worth would wouldn't write writing written wrong wrote yeah year years yes yesterday
yet you you'd you'll you're you've your yours yourself subject attached attachment email emails
mailto http https www com org html regard sincerely cheers best dear monday tuesday wednesday
thursday friday saturday sunday january february march april june july august september october
november december jan feb mar apr jun jul aug sep oct nov dec mon tue wed thu fri sat sun morning
afternoon evening night tonight weekend btw fyi imo imho iirc afaik fwiw aka eg ie vs pm cc fwd
signed-off-by thanx thx patch patches check checked add added adding remove removed removing
comment comments version bug apply applied applying error errors code file files function value
values
""".split()
)
