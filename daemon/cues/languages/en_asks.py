"""What English asks sound like, and what only sounds like them.

The weights are set by hand: no sentence of a labelled corpus is fitted or copied.
Source: speech act cues after Lampert et al. (2010) and Cohen et al. (2004); what trips
simple lists after the shared design, cues.
"""

from daemon.cues.languages.rules import rule

_VERB = (
    r"(?:send|give|call|tell|check|forward|confirm|review|resend|remind|ask|help|look|let|make"
    r"|provide|share|explain|schedule|print|arrange|set|get|advise|respond|reply|answer|test"
    r"|take|try|add|post|update|write|comment|contact|talk|meet|join|come|bring|point|fix"
    r"|elaborate|clarify|describe|show|verify|investigate|prepare|submit|introduce|book|put"
    r"|attend|keep|change|remove|plan|discuss|fax|mail|email|ping|pick|read|merge|ack|find out"
    r"|have a look|follow up|consider|include|be|do|see|copy|fill|complete|use|run|work|move)"
)

_LEAD = (
    r"^(?:(?:also|and|so|then|but|or|ok|okay|well|btw|anyway|meanwhile|thanks|now|if not|ps|p\.s\."
    r"|in the meantime|(?:[a-z]+(?:,? (?:and |& )?[a-z]+)?))[,:.\u2014-]+ ?|(?:and|so|but|or) )?"
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
        _LEAD + r"(?:please )?(?:could|can|would|will) (?:you|someone|somebody|anyone)\b",
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
        r"(?:" + _LEAD + r"|[,;:-] (?:so |and |then |but )?|\b(?:so|and|then|but|to|could|can|would)"
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
        _LEAD + r"(?:just )?(?:keep|fill|tell|give|send|call|show|remind) (?:me|us)\b",
        2.2,
        ("keep me posted on the baby.", "toni: give me a call so we can discuss josh."),
        ("they sent me home.", "that would give me a headache."),
    ),
    rule(
        "appreciate-if",
        "appreciate appreciated grateful if",
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
        r"\b(?:i|we)(?:'d| would)?(?: really| also)? (?:need|want|like) (?:all of |each of )?you to\b",
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
        r"\b(?:do|did|are|were|have|has|had|is|was|does|should|which|what|when|where|how|why|who)"
        r"(?:n't)?\b[^,;?]{0,50}\b(?:you|your|yours)\b[^?]*\?",
        1.6,
        ("did you get the tickets?", "when would you like to go over it?"),
        ("i saw you there.",),
    ),
    rule(
        "question-start",
        "?",
        _LEAD + r"(?:do|did|are|were|have|has|had|is|was|does|should|shall|may|which|what|when|where"
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
        "meet talk discuss together call lunch dinner coffee drink chat conference "
        "regroup",
        r"\b(?:i|we)(?:'d| would| do| will|'ll)?(?: also| still| just| really)? (?:want|like|need|love)"
        r" to (?:\w+ ){0,3}" + _MEET + r"\b",
        1.3,
        ("i would like to discuss this with you.",),
        ("i would like to sleep.",),
    ),
    rule(
        "let-us-meet",
        "meet talk discuss together call lunch dinner coffee drink chat conference "
        "regroup about why let's",
        r"(?:\b(?:let's|lets|maybe we|perhaps we|we should|we (?:can|could)|why don't (?:we|you))\b.*"
        r"\b" + _MEET + r"\b|\b(?:how about|why don't you)\b|\blet's (?:aim|try|shoot|set|plan)\b)",
        1.3,
        ("let's regroup on monday.", "how about 3:30 tomorrow?"),
        ("let's face it.",),
    ),
    rule(
        "when-you-can",
        "chance minute moment time second convenience asap possible",
        r"\b(?:when(?:ever)?|if) you (?:get|have|can spare|find) (?:a|the|some|any) ?(?:chance|minute"
        r"|moment|time|second)|\bat your (?:earliest )?convenience|\b(?:asap|as soon as possible)\b",
        1.2,
        ("when you get a minute, drop by.",),
        ("when you arrive, ring twice.",),
    ),
    rule(
        "imperative",
        "send forward call check ask confirm remind get talk schedule review resend "
        "make be remember don't contact bring have take set print join come tell plan "
        "let invite",
        _LEAD + r"(?:please )?(?:send|forward|call(?! of)|check with|ask|confirm|remind|get with|get in touch"
        r"|talk to|schedule|review|resend|make sure|be sure|remember to|don't forget to|contact|bring"
        r"|have a look|take a look|set up|print|join us|come|tell|plan to|let \w+ know|invite)\b",
        1.4,
        ("ask joseph to reserve the large room.", "mike, send the draft to john."),
        ("calling it a day.", "he will ask joseph."),
    ),
    rule(
        "imperative-later",
        "call check send give talk ask",
        r"(?:\b(?:so|but|and then)|[,;-]) (?:just |then |also )?(?:call|check with|send (?:me|us|it|him"
        r"|her)|give (?:me|us|him|her|it)|talk to|ask \w+ (?:to|if|for|about))\b",
        1.0,
        ("i'm out next week, just call joann.", "we can do that, but check with cindy."),
        ("the call is over.",),
    ),
    rule(
        "you-should",
        "need have should must ought hope",
        r"\b(?:you|you will|you'll)(?: \w+)? (?:need|have|should|must|ought)(?: to)? (?:also |still )?"
        r"(?:call|talk|check|send|coordinate|meet|sign|confirm|ask|speak|see|contact|reply)\b"
        r"|\bi (?:\w+ )?hope you can\b",
        1.0,
        ("i think you need to call me.", "i hope you can join us."),
        ("you should be fine.",),
    ),
    rule(
        "you-available",
        "available free around town",
        r"\b(?:are )?you (?:be )?(?:available|free|around|in town)\b[^?]*\?",
        1.6,
        ("are you free on thursday?",),
        ("available now.",),
    ),
    # What only sounds like an ask.
    rule(
        "patch-boilerplate",
        "apply review consider pull merge comment comments ack objection objections "
        "opinion opinions feedback thought thoughts suggestion suggestions",
        _LEAD + r"(?:please,? |kindly )?(?:apply|review|consider|pull|merge|comment|ack)"
        r"(?: (?:this|it|them|the (?:patch|series)))?(?: (?:for|to|into|and|or) \w+)?\W*$"
        r"|^\W*(?:any |ok\b)?(?:comments?|objections?|opinions?|feedback|thoughts?|suggestions?)"
        r"(?: or \w+)?(?: (?:is|are) welcome)?\W*$|\bplease,? (?:pull|apply|consider)\b",
        -3.5,
        ("please apply.", "any comments?", "please consider applying this patch."),
        ("please review the tender for lyon by friday.",),
    ),
    rule(
        "notice",
        "please attached",
        r"\bplease,? (?:be (?:aware|advised|assured|careful)|note|notice|find|see|refer|keep in mind"
        r"|do not hesitate|don't hesitate|feel free|accept|excuse|forgive|ignore|disregard"
        r"|do not reply|don't reply|bear|allow|remember that)\b|^attached (?:please )?find"
        r"|\bplease (?:see|find) (?:below|attached|the attached|inline)",
        -3.0,
        ("please find attached the agenda.", "please do not hesitate to call us."),
        ("please send the agenda.",),
    ),
    rule(
        "contact-us",
        "us questions question problems problem comments issues reply address sender "
        "senders white opt mailto",
        r"\b(?:please )?(?:contact|email|call|e-mail|write to|visit) us\b|\bif you have (?:any|further)"
        r".{0,30}(?:questions?|problems?|comments|issues)|\breply to this (?:e-?mail|message)"
        r"|address book|safe senders?\b|white list|\bopt[- ](?:in|out)\b|mailto:",
        -2.2,
        ("if you have any questions, please contact us.",),
        ("please contact ana about the venue.",),
    ),
    rule(
        "advert",
        "click $ http https www subscribe subscription off offer trial gift access "
        "sign log login in password download downloads downloaded downloading shop "
        "buy win newsletter newsletters app coupon coupons order account register "
        "survey activate clicking",
        r"\bclick|\$link|https?://|\bwww\.|subscri(?:be|ption)|\d% off|\b(?:special|free|this|great) "
        r"(?:offer|trial|gift|access)|\bsign up|\blog ?in\b|\bpassword\b|\bdownload|\bshop\b|\bbuy now"
        r"|\bto win\b|newsletter|app store|coupon|\border now|\b(?:your|create an) account\b"
        r"|\bregister\b|\bsurvey\b|\bactivate\b",
        -1.6,
        ("click here to start shopping now!", "please register at https://example.com"),
        ("please send the draft.",),
    ),
    rule(
        "list-manners",
        "faq archive archives list documentation manual top html email",
        r"\b(?:read|see|check|search) the (?:faq|archives?|list|documentation|manual)\b"
        r"|\b(?:send|mail|post|subscribe|write) (?:\w+ ){0,4}(?:to|on) the (?:mailing )?list\b"
        r"|top-post|html mail|\bemail to (?:list|major)",
        -2.5,
        ("please read the faq.", "please don't top-post."),
        ("put me on the guest list.",),
    ),
    rule(
        "rhetorical",
        "?",
        r"(?:\bright|\bhuh|\bno|\byes|\bdo you|\bare you|\beh|\bcorrect|\bok|\b(?:is|are|do|does|did|was|were|have|has|would"
        r"|can|could|should)n't (?:it|they|he|she|we|that|there|this))\W*\?\W*$|^\W*(?:who (?:knows"
        r"|cares)|why (?:not|bother|on earth)|so what|really|what(?:'s| is) the (?:point|problem)|isn't"
        r" (?:it|that|this)|how (?:hard|difficult) (?:can|could))\b|\bwhat (?:else|more) (?:can|could"
        r"|do) (?:you|we) (?:want|expect)|\bdid (?:you|i) (?:know|mention|say)\b|\bguess what",
        -2.2,
        ("it works that way, right?", "who knows?", "that's nice, isn't it?"),
        ("is the price right for lyon?",),
    ),
    rule(
        "hypothetical",
        "if what how why",
        r"^(?:what if|but what if|and if|how would you (?:ever|propose))\b|\b(?:what|how|why) (?:would|should|could) (?:one|they|he"
        r"|she|it|anybody|anyone|somebody)\b|^(?:why|how) (?:is|was|are|do|does|did|would|should) "
        r"(?:it|this|that|these|they|the|there)\b",
        -0.7,
        ("why would anyone want that?", "how does this work?"),
        ("when can we meet?",),
    ),
    rule(
        "leans-on-context",
        "? please could can would",
        r"^\W*(?:\w+,? )?(?:(?:and|or|so|but) )?(?:what|why|how|where|which|who|when|really|huh|ok"
        r"|could|can|would|will|do|did|does|is|are|please)(?:n't)?(?: (?:do|does|did|would|could|will"
        r"|can|is|are|was|not|about|else|you|i|we|it|that|this|they|please|think|mean|so|there|agree"
        r"|try|know|have|see|explain|elaborate|say|just|also|like|want|one|any|be|to|then|here|now"
        r"|more|again|anything|something|idea|ideas|me|of|on|in|the|a|at|for|sure|really|thoughts))*"
        r"\W*$",
        -2.4,
        ("what do you think?", "could you please do that?", "does that mean anything?"),
        ("could you send the contract?",),
    ),
    rule(
        "points-elsewhere",
        "?",
        r"\b(?:this|that|these|those|it|they|them|there|here|such|he|she|both|either)\b[^?]*\?",
        -0.8,
        ("what happens on those platforms?",),
        ("what happens in lyon?",),
    ),
    rule(
        "alternative",
        "or even oh alternative situation",
        r"^\W*(?:or|even|oh|what is the (?:alternative|situation))\b.*\?",
        -2.5,
        ("or would you do both?",),
        ("red or blue?",),
    ),
    rule(
        "confirming",
        "mean means suggesting saying sure kidding serious implying mistaken wrong missing right yahoo"
        " really think",
        r"\b(?:are you (?:suggesting|saying|sure|kidding|serious|implying|really)|am i (?:mistaken|wrong"
        r"|missing|right)|(?:does|do) (?:that|this|it|you) (?:really )?mean|(?:that|this|it) means"
        r"|(?:do|did) you (?:mean|really|yahoo|still think)|you (?:mean|really)\b)",
        -1.5,
        ("are you suggesting that we drop it?", "am i mistaken?", "do you yahoo!?"),
        ("when do you leave for lyon?",),
    ),
    rule(
        "promises-a-list",
        "please could can",
        r":\W*$",
        -1.0,
        ("please also add these tags:",),
        ("please add a tag.",),
    ),
    rule(
        "reported",
        "asked told said says asks has have",
        r"\b(?:he|she|they|[a-z]+ (?:has|have)|sally|boss|who|which) (?:has |have )?(?:asked|told|said"
        r"|says|asks)\b|\basked (?:me|us|him|her|them) (?:to|if|whether|for)\b|\bi (?:asked|told)\b",
        -1.8,
        ("sally asked me to forward this.", "he told me that you can."),
        ("i am asking you.",),
    ),
    rule(
        "offer",
        "know happy glad pleased feel",
        r"\blet (?:me|us) know if (?:you|there|i|we) (?:\w+ ){0,2}(?:need|want|require|have|can help"
        r"|is anything|are any|find|run|would like|still|see)|\b(?:happy|glad|pleased) to\b"
        r"|\bfeel free\b|\blet (?:me|us) know if (?:i|we) can\b",
        -2.4,
        ("let me know if you need help.", "happy to help.", "let me know if you have questions."),
        ("let me know if monday suits you.",),
    ),
    rule(
        "own-doing",
        "i'll i we'll",
        r"\b(?:i'll|i will|we'll) (?:\w+ ){0,2}(?:let|send|call|give|tell|forward|keep|ask)\b",
        -1.2,
        ("i'll let you know when it is done.",),
        ("call me and i'll come.",),
    ),
    rule(
        "quoted-or-code",
        "( { = < _",
        r"\w\([^)]{0,60}\)|[{}=<>]|::|->|\w_\w+_\w",
        -0.5,
        ("should the ioctl_set_mode be called?",),
        ("should we call him?",),
    ),
)
