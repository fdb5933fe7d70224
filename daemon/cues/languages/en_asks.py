"""What English asks sound like.

The weights are set by hand: no sentence of a labelled corpus is fitted or copied.
Source: speech act cues after Lampert et al. (2010) and Cohen et al. (2004); what trips
simple lists after the shared design, cues.
"""

from daemon.cues.languages.en_openings import LEAD
from daemon.cues.languages.rules import rule

_VERB = (
    r"(?:send|give|call|tell|check|forward|confirm|review|resend|remind|ask|help|look|let|make"
    r"|provide|share|explain|schedule|print|arrange|set|get|advise|respond|reply|answer|test"
    r"|take|try|add|post|update|write|comment|contact|talk|meet|join|come|bring|point|fix"
    r"|elaborate|clarify|describe|show|verify|investigate|prepare|submit|introduce|book|put"
    r"|attend|keep|change|remove|plan|discuss|fax|mail|email|ping|pick|read|merge|ack|find out"
    r"|have a look|follow up|consider|include|be|do|see|copy|fill|complete|use|run|work|move)"
)

_MEET = r"(?:meet|talk|discuss|get together|call|lunch|dinner|coffee|drink|chat|conference|regroup)"

ASKS = (
    rule(
        "modal-question",
        "could can would will",
        r"\b(?:could|can|would|will) (?:you|someone|somebody|anyone|anybody|you guys|[a-z]+ or you)"
        r"\b(?! imagine| believe)(?=.*\?)",
        2.6,
        ("could you look at the tender before friday?", "can you guys make march 12?"),
        ("you could look at it.", "i know you can.", "can you imagine?"),
    ),
    rule(
        "modal-start",
        "could can would will",
        LEAD + r"(?:please )?(?:could|can|would|will) (?:you|someone|somebody|anyone)\b",
        1.1,
        ("mike, can you set up a call.", "could you come by at two."),
        ("i wish you could come.",),
    ),
    rule(
        "modal-plea",
        "please kindly possibly",
        r"\b(?:could|can|would|will) you (?:please|kindly|possibly)\b",
        1.6,
        ("would you please set up this meeting for me",),
        ("you can please some people.",),
    ),
    rule(
        "please-verb",
        "please kindly pls plz",
        r"(?:" + LEAD + r"|[,;:-] (?:so |and |then |but )?|\b(?:so|and|then|but|to|could|can|would)"
        r" )(?:please|kindly|pls|plz),? (?:also |just |do |then )?" + _VERB + r"\b",
        2.0,
        (
            "please send me the current draft.",
            "kay, please schedule.",
            "if you have a minute, please check the totals.",
        ),
        ("he was pleased.", "do as you please."),
    ),
    rule(
        "please",
        "please pls",
        r"\b(?:please|pls)\b",
        0.6,
        ("the invoices for january, please.",),
        ("a pleasant day.",),
    ),
    rule(
        "let-me-know",
        "know posted lmk loop",
        r"\b(?:let (?:me|us) know|keep (?:me|us) posted|lmk)\b|\bkeep (?:me|us) in the loop",
        2.2,
        ("let me know which day suits you.",),
        ("he let me go.",),
    ),
    rule(
        "keep-me-posted",
        "keep fill tell give send call show remind",
        LEAD + r"(?:just )?(?:keep|fill|tell|give|send|call|show|remind) (?:me|us)\b",
        2.2,
        ("keep me posted on the baby.", "toni: give me a call so we can discuss josh."),
        ("they sent me home.", "that would give me a headache."),
    ),
    rule(
        "appreciate-if",
        "appreciate appreciated grateful great good nice helpful awesome ideal lovely",
        r"\b(?:i|we)(?:'d| would| will|'ll)? (?:really |greatly |much |highly |very much )?"
        r"(?:appreciate|be (?:very |most |eternally )?grateful)\b(?: it)?(?: if|.*\byou| for)"
        r"|\b(?:be|is|are) (?:much |greatly |highly |very )?appreciated"
        r"|\bwould be (?:great|good|nice|helpful|awesome|ideal|lovely) if (?:you|we)\b",
        2.0,
        ("i'd appreciate it if you could call me.", "any help you can give is appreciated."),
        ("i appreciate good coffee.",),
    ),
    rule(
        "need-you-to",
        "need want like",
        r"\b(?:i|we)(?:'d| would)?(?: really| also)? (?:need|want|like) (?:all of |each of )?you"
        r" to\b",
        2.2,
        ("we need you to sign the form.",),
        ("you need to sleep.",),
    ),
    rule(
        "need-your",
        "need want use",
        r"\b(?:i|we)(?:'ll| will|'d)?(?: also| still| really)? (?:need|want|could use) "
        r"(?:to get )?(?:your|.{0,40}\bfrom you\b)",
        1.6,
        ("rick, i need your view on these deals.",),
        ("your needs matter.",),
    ),
    rule(
        "would-you-mind",
        "mind",
        r"\b(?:would|do) you mind\b|\bif you don't mind,? (?:could|can|please)",
        2.4,
        ("would you mind taking a look?",),
        ("i don't mind.", "keep that in mind."),
    ),
    rule(
        "wondering",
        "wondering wonder chance possibility way",
        r"\b(?:i was|i am|i'm|we were|just) wondering (?:if|whether|what|when|how)\b"
        r"|\bi wonder (?:if|whether) you\b|\bany (?:chance|possibility|way) (?:of |that |you|to)",
        2.2,
        ("i was wondering if you have the old manual.", "any chance of getting together?"),
        ("a wondering tourist.",),
    ),
    rule(
        "question-you",
        "?",
        r"(?:^|[,;:(.-] ?|\b(?:and|so|but|or|then|also|btw|hmm|well|ok) )"
        r"(?:do|did|are|were|have|has|had|is|was|does|should|which|what|when|where|how|why|who)"
        r"(?:n't)?\b[^,;?]{0,50}\b(?:you|your|yours)\b[^?]*\?",
        1.6,
        ("did you get the tickets?", "when would you like to go over it?"),
        ("i saw you there.",),
    ),
    rule(
        "question-start",
        "?",
        LEAD + r"(?:do|did|are|were|have|has|had|is|was|does|should|shall|may|which|what|when|where"
        r"|how|why|who|any|could|can|would|will|am|what's|where's|who's)(?:n't)?\b[^?]*\?",
        0.9,
        ("is the new address working?", "so, what is the plan for monday?"),
        ("you went?",),
    ),
    rule(
        "question-mark",
        "?",
        r"\?[\"')\]]{0,3}(?: *[:;]-?[)(dp])?$",
        0.2,
        ("and the invoice?", "aren't you? :-)"),
        ("what? no.",),
    ),
    rule(
        "ask-leave",
        "may can could should shall want",
        r"\b(?:may|can|could|should|shall) (?:i|we) (?!imagine|say\b)(?=[^?]*\?)|\bwant me to\b",
        1.5,
        ("can we schedule a call with them?", "do you want me to put them on the list?"),
        ("i may be late.",),
    ),
    rule(
        "want-to",
        "meet talk discuss together call lunch dinner coffee drink chat conference regroup",
        r"\b(?:i|we)(?:'d| would| do| will|'ll)?(?: also| still| just| really)? (?:want|like|need"
        r"|love)"
        r" to (?:\w+ ){0,3}" + _MEET + r"\b",
        1.3,
        ("i would like to discuss this with you.",),
        ("i would like to sleep.",),
    ),
    rule(
        "let-us-meet",
        "meet talk discuss together call lunch dinner coffee drink chat conference "
        "regroup about why let's",
        r"(?:\b(?:let's|lets|maybe we|perhaps we|we should|we could|why don't (?:we"
        r"|you))\b.{0,40}"
        r"\b" + _MEET + r"\b|\b(?:how about|why don't you)\b|\blet's (?:aim|try|shoot|set|plan)\b)",
        1.3,
        ("let's regroup on monday.", "how about 3:30 tomorrow?"),
        ("let's face it.",),
    ),
    rule(
        "when-you-can",
        "chance minute moment time second convenience asap possible",
        r"\b(?:when(?:ever)?|if) you (?:get|have|can spare|find) (?:a|the|some|any) ?(?:chance"
        r"|minute"
        r"|moment|time|second)|\bat your (?:earliest )?convenience|\b(?:asap|as soon as"
        r" possible)\b",
        1.2,
        ("when you get a minute, drop by.",),
        ("when you arrive, ring twice.",),
        stands_alone=False,
    ),
    rule(
        "imperative",
        "send forward call check ask confirm remind get talk schedule review resend "
        "make be remember don't contact bring have take set print join come tell plan "
        "let invite",
        LEAD + r"(?:please )?(?:send|forward|call(?! of)|check with|ask|confirm|remind|get with"
        r"|get in touch|talk to|schedule|review|resend|make sure|be sure|remember to|contact|bring"
        r"|have a look|take a look|set up|print|join us|come|tell|plan to|let \w+ know|invite)\b",
        1.4,
        ("ask joseph to reserve the large room.", "mike, send the draft to john."),
        ("calling it a day.", "he will ask joseph."),
    ),
    rule(
        "imperative-later",
        "call check send give talk ask",
        r"(?:\b(?:so|but|and then)|[,;-]) (?:just |then |also )?(?:call|check with|send (?:me|us"
        r"|it|him"
        r"|her)|give (?:me|us|him|her|it)|talk to|ask \w+ (?:to|if|for|about))\b",
        1.0,
        ("i'm out next week, just call joann.", "we can do that, but check with cindy."),
        ("the call is over.",),
    ),
    rule(
        "you-should",
        "need have should must ought hope",
        r"\b(?:you|you will|you'll)(?: \w+)? (?:need|have|should|must|ought)(?: to)? (?:also "
        r"|still )?"
        r"(?:call|talk|check|send|coordinate|meet|sign|confirm|ask|speak|see|contact|reply)\b"
        r"|\bi (?:\w+ )?hope you can\b",
        1.0,
        ("i think you need to call me.", "i hope you can join us."),
        ("you should be fine.",),
        stands_alone=False,
    ),
    rule(
        "you-available",
        "available free around town",
        r"\b(?:are )?you (?:be )?(?:available|free|around|in town)\b[^?]*\?",
        1.6,
        ("are you free on thursday?",),
        ("available now.",),
    ),
)
