"""What only sounds like an English ask: boilerplate, adverts, rhetoric, offers, narrative."""

from daemon.cues.languages.en_openings import LEAD
from daemon.cues.languages.rules import rule

NOT_ASKS = (
    rule(
        "patch-boilerplate",
        "apply review consider pull merge comment comments ack objection objections "
        "opinion opinions feedback thought thoughts suggestion suggestions",
        LEAD + r"(?:please,? |kindly )?(?:apply|review|consider|pull|merge|comment|ack)"
        r"(?: (?:this|it|them|the (?:patch|series)))?(?: (?:for|to|into|and|or) \w+)?\W*$"
        r"|^\W*(?:any |ok\b)?(?:comments?|objections?|opinions?|feedback|thoughts?|suggestions?)"
        r"(?: or \w+)?(?: (?:is|are) welcome)?\W*$|\bplease,? (?:pull|apply|consider)\b",
        -3.5,
        ("please apply.", "any comments?", "please consider applying this patch."),
        ("please review the tender for lyon by friday.",),
    ),
    rule(
        "of-what",
        "thoughts think opinion view take say",
        r"^(?:so |and |well,? )?what(?:'s| is| are| do| would| did) (?:you|your) "
        r"(?:thoughts?|think|opinion|view|take|say)\W*$",
        -2.5,
        ("what are your thoughts?", "so what do you think?"),
        ("what do you think of the tender?",),
    ),
    rule(
        "explains",
        "you'll you",
        r"\b(?:and|then) you(?:'ll| will) (?:see|find|notice|get|understand)\b",
        -2.5,
        ("take a look at the driver and you'll see how it is mapped.",),
        ("take a look at the driver, will you?",),
    ),
    rule(
        "notice",
        "please attached",
        r"\bplease,? (?:be (?:aware|advised|assured|careful)|note|notice|find|see|refer|keep in"
        r" mind"
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
        r"(?:contact|email|call|e-mail|write to|visit) us\b|if you have (?:any|further)"
        r".{0,30}(?:questions?|problems?|comments|issues)|reply to this (?:e-?mail|message)"
        r"|address book|safe senders?\b|white list|opt[- ](?:in|out)\b|mailto:",
        -2.2,
        ("if you have any questions, please contact us.",),
        ("please contact ana about the venue.",),
    ),
    rule(
        "advert",
        "yahoo click clicking $ http https www subscribe subscription % offer trial gift log login"
        " password"
        " download downloads shop buy win newsletter app coupon order account register survey"
        " activate",
        r"(?:yahoo|click|\$link|https?://|www\.|subscri(?:be|ption)|\d% off|(?:special|free"
        r"|this|great)"
        r" (?:offer|trial|gift)|log ?in\b|password|download|shop\b|buy now|to win\b|newsletter"
        r"|app store"
        r"|coupon|order now|(?:your|create an) account\b|register\b|survey\b|activate)",
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
        r"(?:\bright|\bhuh|\bno|\byes|\bdo you|\bare you|\beh|\bcorrect|\bok|\b(?:is|are|do|does"
        r"|did|was|were|have|has|would"
        r"|can|could|should)n't (?:you|it|they|he|she|we|that|there|this))\W*\?\W*$"
        r"|^\W*(?:who (?:knows"
        r"|cares)|why (?:not|bother|on earth)|so what|really|what(?:'s| is) the (?:point|problem)"
        r"|isn't"
        r" (?:it|that|this)|how (?:hard|difficult) (?:can|could))\b|\bwhat (?:else|more) (?:can"
        r"|could"
        r"|do) (?:you|we) (?:want|expect)|\bdid (?:you|i) (?:know|mention|say)\b|\bguess what",
        -2.2,
        ("it works that way, right?", "who knows?", "that's nice, isn't it?"),
        ("is the price right for lyon?",),
    ),
    rule(
        "hypothetical",
        "if what how why",
        r"^(?:what if|but what if|and if|how would you (?:ever|propose))\b|\b(?:what|how|why)"
        r" (?:would|should|could) (?:one|they|he"
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
        r"|could|can|would|will|do|did|does|is|are|please)(?:n't)?(?: (?:do|does|did|would|could"
        r"|will"
        r"|can|is|are|was|not|about|else|you|i|we|it|that|this|they|please|think|mean|so|there"
        r"|agree"
        r"|try|know|have|see|explain|elaborate|say|just|also|like|want|one|any|be|to|then|here|now"
        r"|more|again|anything|something|idea|ideas|me|of|on|in|the|a|at|for|sure|really"
        r"|thoughts))*"
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
        "says-little",
        "try so wrong idea and why",
        r"\bgive it a try\b|\bplease do so\b|\bdon't get me wrong\b|^\W*what ?(?:'s|is) your idea"
        r"|^and why\b|\bwhy do (?:i have|you ever|i get)\b",
        -2.5,
        ("can you give it a try?", "please do so, but later.", "and why not only the gate?"),
        ("why do you close on monday?",),
    ),
    rule(
        "confirming",
        "mean means suggesting saying sure kidding serious implying mistaken wrong missing right"
        " yahoo"
        " really think",
        r"\b(?:are you (?:suggesting|saying|sure|kidding|serious|implying|really)|am i"
        r" (?:mistaken|wrong"
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
        r"\b(?:he|she|they|[a-z]+ (?:has|have)|sally|boss|who|which) (?:has |have )?(?:asked|told"
        r"|said"
        r"|says|asks)\b|\basked (?:me|us|him|her|them) (?:to|if|whether|for)\b|\bi (?:asked"
        r"|told)\b",
        -1.8,
        ("sally asked me to forward this.", "he told me that you can."),
        ("i am asking you.",),
    ),
    rule(
        "offer",
        "know happy glad pleased feel",
        r"\blet (?:me|us) know if (?:you|there|i|we) (?:\w+ ){0,2}(?:need|want|require|have|can"
        r" help"
        r"|is anything|are any|find|run|would like|still|see)|\b(?:happy|glad|pleased) to\b"
        r"|\bfeel free\b|\blet (?:me|us) know if (?:i|we) can\b",
        -2.4,
        ("let me know if you need help.", "happy to help.", "let me know if you have questions."),
        ("let me know if monday suits you.",),
    ),
    rule(
        "own-doing",
        "i'll we'll will",
        r"\b(?:i'll|i will|we'll) (?:\w+ ){0,2}(?:let|send|call|give|tell|forward|keep|ask)\b",
        -1.2,
        ("i'll let you know when it is done.",),
        ("call me and i'll come.",),
    ),
    rule(
        "quoted-or-code",
        "( { = < _",
        r"[{}=<>]|\([^)]{0,60}\)|_\w+_",
        -0.5,
        ("should the ioctl_set_mode be called?", "is f(x) right?"),
        ("should we call him?",),
    ),
)
