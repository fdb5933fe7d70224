"""What English thanks, good news and hard news sound like."""

from daemon.cues.languages.rules import rule

_KIN = (
    r"(?:father|mother|dad|mum|mom|wife|husband|son|daughter|brother|sister|grandmother|grandfather"
    r"|grandma|grandpa|uncle|aunt|partner|friend|colleague|boss|cousin|parents?|baby|cat|dog)"
)

THANKS = (
    rule(
        "thanks-for",
        "thanks thank thx thanx",
        r"\b(?:thanks|thank you|thx|many thanks|thanx)(?: (?:again|so much|very much|a lot|a"
        r" million|once"
        r" again|\w+))?,?(?: \w+,?)? for\b",
        1.8,
        ("thanks for the introduction.", "thank you very much for your help with the move."),
        ("thanks!", "thanks to the rain it broke."),
    ),
    rule(
        "grateful",
        "grateful thankful appreciate appreciated indebted saved made",
        r"\b(?:i|we)(?:'m| am|'re| are)? (?:really |very |so |truly |greatly |much )*(?:grateful"
        r"|thankful"
        r"|appreciated?|indebted)\b(?: (?:you|your|the|all|that|it|for|to))|\bsaved my (?:day"
        r"|life|bacon)"
        r"|\bmade my day\b",
        1.4,
        ("i really appreciate your patience.", "you saved my day."),
        ("it is appreciated.",),
    ),
    rule(
        "helped",
        "helped helpful useful help kind",
        r"\b(?:that|this|it|you|your \w+)(?: really| has| have| was| were|'ve| is)* (?:helped"
        r"|very helpful|very"
        r" useful|a great help|very kind|so kind)\b",
        0.9,
        ("your notes really helped.", "that was very helpful."),
        ("it can be helped.",),
    ),
    rule(
        "no-thanks",
        "advance thanks thank appreciate would",
        r"in advance\b|no,? thanks?\b|thanks? (?:\w+ )?for (?:any|your (?:purchase|order|interest"
        r"|understanding|attention|time\b|business|subscri|registration|cooperation|payment"
        r"|support of"
        r"|patience|consideration)|contacting|subscri|shopping|choosing|using|joining|signing"
        r"|registering"
        r"|buying|ordering|being a|visiting|reading|listening)|appreciate (?:it )?if\b|would (?:be|"
        r"appreciate)\b|thanks? for (?:nothing|that\W*$|this\W*$|it\W*$)",
        -3.0,
        ("thanks in advance for any help.", "thank you for your purchase."),
        ("thanks for the introduction.",),
    ),
)

GOOD_NEWS = (
    rule(
        "new-job",
        "start started starting join joined joining promoted job role position offer",
        r"\b(?:i|we)(?:'ve| have|'ll| will|'m| am)? (?:be |just )?(?:start(?:ed|ing)?|join(?:ed"
        r"|ing)?) (?:work"
        r" |working )?(?:at|as (?:a|an|the)\b|with (?=the company)|the team|the company|a new|my"
        r" new)"
        r"|\b(?:got|was|been|am|is) promoted\b|\b(?:my|his|her|your|the|a) new (?:job|role"
        r"|position)\b(?!"
        r" (?:of|in the))|\b(?:got|landed|accepted|took) (?:a|the|an) (?:\w+ )?(?:job|offer"
        r"|position)\b"
        r"|\bi (?:will |'ll )?(?:start|join) [\w .&]{2,40} (?:in|on|next) ",
        1.6,
        ("i start at the port in may.", "i got promoted.", "i've accepted an offer from lyon."),
        ("the program starts at zero.", "join us.", "start the engine."),
    ),
    rule(
        "baby",
        "baby birth born became pregnant",
        r"\b(?:had|have|expecting|having|new|welcomed) (?:a|our|another|the)? ?(?:new |second "
        r"|first |third )?"
        r"baby\b|\bgave birth\b|\b(?:son|daughter|baby|twins?|boy|girl)\b.{0,40}\b(?:was|were)"
        r" born\b"
        r"|\bbecame (?:a )?(?:father|mother|parent|dad|grandpa|grandma|grandfather|grandmother)"
        r"|\b(?:wife|i am|i'm|she is|she's) (?:is )?pregnant\b",
        1.6,
        ("we had a baby on tuesday.", "our daughter was born last night."),
        ("don't be a baby.", "the idea was born in may."),
    ),
    rule(
        "wedding",
        "married engaged wedding",
        r"\b(?:i|we)(?:'re| are|'m| am|'ve| have)? (?:just |getting |got |going to get"
        r" )*(?:married|engaged)\b"
        r"|\bour wedding\b|\bgetting married\b|\bmy (?:son|daughter|brother|sister) (?:\w+"
        r" )?(?:married|wedding)",
        1.4,
        ("we got married in june.", "our wedding is on 3 may."),
        ("she engaged the clutch.",),
    ),
    rule(
        "achievement",
        "passed graduated won defended closed raised got published accepted out",
        r"\b(?:i|we)(?:'ve| have)? (?:just |finally )?(?:passed (?:my|the) (?:\w+ )?exams?"
        r"|graduated|won (?:the|a|an"
        r")\b|defended (?:my|the)|closed (?:the|our) (?:deal|round|first)|raised \S+|got (?:the"
        r"|a) (?:grant"
        r"|funding|contract))|\bmy (?:book|paper|thesis) (?:was|is|has been) (?:published"
        r"|accepted|out)",
        1.4,
        ("i passed the final exam!", "we won the lyon contract."),
        ("the test passed.", "we won't."),
    ),
    rule(
        "announce",
        "happy excited pleased delighted proud thrilled news",
        r"\b(?:happy|excited|pleased|delighted|proud|thrilled) to (?:announce|share|tell you|say"
        r"|report)\b"
        r"|\b(?:good|great|wonderful) news\b(?! (?:is|would|although))",
        0.9,
        ("i'm excited to announce our new shop.", "great news from lyon!"),
        ("the good news is that it compiles.",),
    ),
    rule(
        "congratulations",
        "congrats congratulations",
        r"\bcongrat(?:s|ulations)\b(?:.{0,20}\b(?:on|for|to)\b)?",
        0.7,
        ("congratulations on your new job!",),
        ("he congratulated her.",),
    ),
    rule(
        "no-good-news",
        "$ click winner off sweepstake sweepstakes you've if would didn't don't not",
        r"\$link|\bclick|\bwinner\b|% off|sweepstake|you've won|\b(?:if|would|didn't|don't|not)\b",
        -1.6,
        ("click here, great news!",),
        ("we had a baby.",),
    ),
)

HARD_NEWS = (
    rule(
        "death",
        "away died dies funeral bereavement memorial lost loss death losing",
        r"\b(?<!it )passed away\b|\b(?:my|our|his|her|your) (?:late |dear )?"
        + _KIN
        + r"(?:,? \w+,?)? (?:has |"
        r"have |just |had )?(?:died|dies)\b|\b(?:the|a|his|her|my|your) (?:sad )?(?:funeral"
        r"|bereavement)\b"
        r"|\bmemorial service\b|\b(?:lost|loss of|death of|losing) (?:my|our|his|her|your) "
        + _KIN
        + r"\b"
        r"|\b(?:he|she) (?:has |just )?died (?:on|last|this|in|of|after|suddenly|peacefully"
        r"|yesterday)\b",
        2.0,
        (
            "my father passed away last week.",
            "we lost our mother in march.",
            "the funeral is on friday.",
        ),
        ("the process died.", "we lost the key.", "the daemon's death is logged."),
    ),
    rule(
        "illness",
        "diagnosed hospitalized hospitalised ill hospital surgery stroke cancer "
        "attack accident chemo chemotherapy",
        r"\b(?:i|he|she|who|"
        + _KIN
        + r")(?:'s|'m|'ve| is| am| was| were| has| have| had)?(?: been| just)? "
        r"(?:diagnosed with|hospitali[sz]ed|seriously ill|taken to hospital)\b|\b(?:in|into|at"
        r"|to) (?:the )?hospital"
        r"\b|\b(?:my|his|her|your) (?:\w+ )?(?:surgery|stroke|cancer|chemo\w*|heart attack)\b"
        r"|\b(?:had|has|have|after) (?:a |an )?(?:\w+ )?(?:stroke|heart attack|car accident"
        r"|cancer|surgery)\b",
        1.5,
        ("my wife was diagnosed with cancer.", "he is in hospital since monday."),
        ("the code was diagnosed.", "we had an accident report."),
    ),
    rule(
        "work-lost",
        "laid redundant let jobs job fired bankrupt layoffs",
        r"\b(?:i|we|he|she|they|you|been|was|were|got|am|is|are|'ve|team|people)(?:'ve| have| has"
        r"| were| was| got|"
        r" am| is| are)?(?: been| just| all)? (?:laid off|made redundant|let go(?! of))\b|\blost"
        r" (?:my|his|her|your|their"
        r") jobs?\b|\b(?:i|he|she) (?:was|got) fired\b|\bwe(?:'re| are)? (?:\w+ )?bankrupt\b"
        r"|\blayoffs\b",
        1.6,
        ("i was laid off on monday.", "she lost her job.", "half of the team got made redundant."),
        ("he let go of the rope.", "the event got fired."),
    ),
    rule(
        "sympathy",
        "sorry condolences sympathy sympathies soon recovery thoughts prayers",
        r"\bsorry (?:for|about|to hear (?:of|about)) your (?:loss|father|mother|wife|husband"
        r"|family|son|daughter)"
        r"|\bcondolences\b|\bdeepest sympath|\bget well soon\b|\bspeedy recovery\b|\b(?:thoughts"
        r"|prayers) are with\b",
        1.8,
        ("i am so sorry for your loss.", "my condolences to you and your family."),
        ("sorry to hear that it broke.",),
    ),
    rule(
        "divorce",
        "divorce divorced up",
        r"\b(?:i|we|getting|my|our|his|her)(?:'re| are|'m| am)?(?: \w+)? (?:divorced?|split up"
        r"|broke up)\b",
        1.2,
        ("we are getting divorced.",),
        ("divorce lawyers met.",),
    ),
    rule(
        "no-hard-news",
        "if would could might process kernel server machine disk daemon thread script "
        "insurance click $",
        r"\b(?:if|would|could|might|process|kernel|server|machine|disk|daemon|thread|script"
        r"|insurance)\b|\bclick"
        r"|\$link",
        -1.8,
        ("if he died, the process would end.",),
        ("she died in may.",),
    ),
)
