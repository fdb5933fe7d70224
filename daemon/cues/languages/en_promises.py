"""What English promises and offers sound like, and what only sounds like them."""

from daemon.cues.languages.rules import rule

_DO = (
    r"(?:send|forward|share|get back|get in touch|get you|look|check|have a (?:look|go|chat|word)"
    r"|take a"
    r" (?:look|stab)|review|test|call|ring|phone|write|let you|update|resend|post|prepare|follow up"
    r"|report|confirm|introduce|put you|arrange|ask|find out|find you|dig|upload|push|submit|fix"
    r"|investigate|try to|give you|give it|bring|set up|set it|schedule|book|come back|reply"
    r"|respond"
    r"|answer|e?-?mail|ping|drop|pass|mail|fax|copy you|show you|help you|do (?:that|it|this|so)"
    r"|work on|finish|merge|apply|commit|queue|provide|draft|make sure|talk to|speak to|keep you"
    r"|see (?:if|what|whether|to)|run|rebase|respin|clean up|correct|attend to|take care|handle)"
)
_ME = r"\b(?:i'll|i will|i shall|i'm going to|i am going to|i'm gonna|i promise to|i'll be able to)"

PROMISES = (
    rule(
        "i-will",
        "i'll i'm will shall going promise",
        _ME + r" (?:\w+ly |also |then |just |be sure to |certainly |try and |try to |have to |now "
        r"|gladly |first |need to |make sure to |go and |go ahead and )?" + _DO + r"\b",
        1.4,
        ("i'll send you the contact.", "i will get back to you.", "i'll quickly check it."),
        ("i'll be on holiday.", "i will assume that it works.", "i'll never do that."),
    ),
    rule(
        "we-will",
        "we'll will shall",
        r"\bwe(?:'ll| will| shall) (?:also |then |\w+ly )?(?:send|forward|share|get back|let you"
        r"|get you"
        r"|follow up|report back|call you|confirm|give you|keep you)\b",
        0.9,
        ("we'll send you the draft on monday.",),
        ("we'll see.",),
    ),
    rule(
        "let-me",
        "let",
        r"\blet me (?:\w+ly |just |first )?(?:check|look|find out|see (?:if|what|whether)|ask|dig"
        r"|talk to"
        r"|get back|have a look|take a look|send|forward|introduce|verify|try)\b",
        0.9,
        ("let me check and report back.",),
        ("let me explain.", "let me know.", "let me say this."),
    ),
    rule(
        "will-do",
        "will",
        r"^(?:ok[,.]? |yes[,.]? |sure[,.]? |thanks[,.!]? |and )?will (?:send|forward|check|fix"
        r"|resend|get back"
        r"|report|look|update|follow up|let you|try|post|call|do (?:that|it|so) )\b",
        1.2,
        ("will send it tomorrow.", "ok, will fix the totals."),
        ("will you come?",),
    ),
    rule(
        "to-you",
        "you back up touch",
        r"(?:send|forward|give|call|let|get|show|keep|ping|mail|put|introduce|help|copy|find"
        r"|bring| to| for| with) you\b|(?:get|come|report|write|call) back\b|follow up\b|in touch",
        1.0,
        ("i'll get back to you.", "i'll report back."),
        ("you are right.",),
        stands_alone=False,
    ),
    rule(
        "when",
        "tomorrow tonight today week month weekend monday tuesday wednesday thursday "
        "friday soon asap shortly later morning afternoon evening few couple minute "
        "moment day",
        r"\b(?:tomorrow|tonight|today|(?:this|next|later) (?:week|month)|weekend|(?:mon|tues"
        r"|wednes|thurs"
        r"|fri)day|as soon as|asap|soon|shortly|later (?:today|this)|this (?:morning|afternoon"
        r"|evening)"
        r"|in a (?:few|couple|minute|moment|day|week))\b",
        0.7,
        ("i'll look into it tomorrow.",),
        ("then it broke.",),
        stands_alone=False,
    ),
    rule(
        "conditional",
        "if unless should case provided would",
        r"\b(?:if|unless|in case|should you|provided that|would)\b(?! (?:i|we) can\b)",
        -1.3,
        ("i'll resend it if you want.",),
        ("i'll see if i can find it.",),
    ),
    rule(
        "once-something-is-done",
        "when once after until please send tell let give",
        r"^(?:only )?(?:when|once|after|until)\b"
        r"|^(?:please |just )?(?:send|tell|give|let|mail|show) (?:me|us)\b.* (?:and|then) i\b",
        -2.0,
        (
            "only when it is ready i'll update the tree.",
            "please send me the report and i'll see what i can do.",
        ),
        ("i'll send it once it is ready.",),
    ),
    rule(
        "narrative",
        "i'll i i'm let",
        r"\b(?:i'll|i will|i'm going to) (?:\w+ )?(?:be\b(?! (?:sending|able|calling|in touch))"
        r"|assume|bet"
        r"|admit|grant|take it|never|not\b|miss|have been|probably not|just say|repeat|quote"
        r"|leave|skip"
        r"|wait|spare|try not|try to (?:explain|be|avoid|summari[sz]e|keep))"
        r"|\blet me (?:say|explain|add|quote|repeat|rephrase|ask|point|guess|try to explain|put"
        r" it)",
        -2.6,
        ("i'll be on holiday.", "i'll try to explain.", "let me ask you this."),
        ("i'll send it.",),
    ),
    rule(
        "not",
        "won't not can't cannot never don't doubt",
        r"\b(?:won't|will not|can't|cannot|never|not be able|'ll not|don't (?:think|know)|doubt)\b",
        -1.4,
        ("i won't send it.", "i don't think i'll do it."),
        ("i'll send it.",),
    ),
    rule(
        "past-or-other",
        "said told promised thought wish wonder ask ?",
        r"\b(?:he|she|they|you|who) (?:said|told|promised|thought)\b|\bi (?:said|thought|wish"
        r"|wonder)\b"
        r"|\bi'll ask (?:you|again|this)\b|\?[\"')]*$",
        -1.6,
        ("you said i'll send it.", "shall i?"),
        ("i'll send it.",),
    ),
)

OFFERS = (
    rule(
        "happy-to-help",
        "happy glad willing pleased delighted love",
        r"(?:^(?:so |and |ok,? |yes,? )?|\b(?:i'm|i am|i'd be|i would be|we're|we are|we'd be"
        r"|i'll be"
        r"|we would be) (?:\w+ )?)(?:happy|glad|willing|pleased|delighted) to (?:help|assist|test"
        r"|review|share|introduce"
        r"|send|provide|answer|explain|talk|discuss|show|host|lend|donate|give|offer|contribute"
        r"|try|look"
        r"|do|make|put|take|work|meet|come|run|connect)\b|\blove to help\b",
        1.6,
        ("happy to help with the tender.", "i'd be glad to introduce you."),
        ("i was happy to see it.", "happy to hear that."),
    ),
    rule(
        "if-you-need",
        "know need feel",
        r"\blet (?:me|us) know if you(?:'d| would)? (?:\w+ )?(?:need|want|like|require)\b"
        r"|\blet (?:me|us) know if (?:i|we) can\b|\bif you need (?:any|some|more"
        r"|help)\b.*\b(?:let me know"
        r"|just ask|feel free|ask me|drop me|call me|give me)\b|\bfeel free to (?:ask|call"
        r"|contact me)",
        1.0,
        ("let me know if you need the drawings.", "if you need any help, just ask."),
        ("let me know if monday suits you.",),
    ),
    rule(
        "can-offer",
        "can could spare",
        r"\b(?:i|we) (?:can|could) (?:offer|lend|provide|introduce|send|give|donate|show|help)"
        r"(?: it| one| them| some)?(?: to)? you\b(?! (?:my|a|your) (?:tag|ack|review))"
        r"|\b(?:i|we)(?: do|'ve| have)? (?:still )?have a spare\b|\bi can help\b",
        1.1,
        ("i can lend you a spare board.", "we could introduce you to the port."),
        ("i can see you.",),
    ),
    rule(
        "have-done",
        "rolled launched released published sourced shipped put",
        r"\b(?:we|i)(?:'ve| have)? (?:just |recently |finally |now )?(?:rolled out|launched"
        r"|released"
        r"|published|open-sourced|shipped|put together)\b",
        1.3,
        ("we just rolled out route planning in six depots.",),
        ("they rolled out of bed.",),
    ),
    rule(
        "experience",
        "experience know",
        r"\b(?:i|we)(?:'ve| have) (?:\w+ ){0,4}experience (?:with|in)\b|\bi know (?:a|an) (?:\w+"
        r" ){0,3}"
        r"(?:forwarder|lawyer|company|person|guy|woman|man|designer|developer|doctor|agency"
        r"|place)\b",
        1.2,
        ("i have ten years of experience with cold chains.", "i know a good lawyer."),
        ("the experience was bad.",),
    ),
    rule(
        "no-offer",
        "$ click clicking customer customers contact order would don't can't cannot "
        "not no ? question questions see hear know",
        r"(?:\$link|click|customers?\b|contact us|order\b|would have\b|don't|can't|cannot|not?\b)"
        r"|\?[\"')]*$|\bquestions?\b|\b(?:happy|glad) to (?:see|hear|know)\b",
        -1.3,
        ("click here, we are happy to help.", "i can't offer you one."),
        ("i can lend you one.",),
    ),
)

SEEKS = (
    rule(
        "anyone-know",
        "anyone anybody someone somebody",
        r"^(?:\w+,? )?(?:does|do|has|have|is|could|can|would) (?:anyone|anybody|someone|somebody)\b"
        r"(?: \w+){0,2} (?:know(?! for a fact)|have a|recommend|used|seen a|got a|heard of|aware of"
        r"|suggest an?|tried|experience|interested|worked with)\b",
        1.8,
        ("does anyone know a good freight forwarder?", "has anybody seen a manual?"),
        ("anyone can know that.",),
    ),
    rule(
        "looking-for",
        "looking searching hunting search market need",
        r"(?:^|\b(?:i'm|i am|we're|we are|i've been|we've been|friend is|is) (?:\w+ )?)"
        r"(?:looking|searching|hunting|in search|in the market|in need) (?:for|of) "
        r"(?!(?:(?:a|an|the|some) )?(?:\w+ )?(?:way|reason|excuse|solution|answer|feedback|cause"
        r"|bug"
        r"|problem|ack\w*)\b|(?:it|this|that|them|your|you)\b)",
        1.8,
        ("we are looking for a freight forwarder in lyon.", "looking for a flat in turin."),
        ("you are looking for trouble.", "i'm looking for the cause."),
    ),
    rule(
        "recommend",
        "recommend recommendation recommendations suggestion suggestions know",
        r"\b(?:can|could|would) you recommend\b|\bany (?:\w+ )?(?:recommendations?|suggestions?)"
        r" (?:for|of) (?!this|that|it|how|a better)\w+"
        r"\b|\bwho would you recommend\b|\bdo you (?:happen to )?know (?:a|any|some)(?: good"
        r"|one)\b",
        1.8,
        ("can you recommend a lawyer?", "any recommendations for a venue?"),
        ("i recommend the fish.",),
    ),
    rule(
        "know-somebody",
        "know",
        r"\bdo you (?:happen to )?know (?:a|an|any|some|of (?:a|any))?(?: ?\w+){0,3} ?(?:who|that"
        r"|to|in|for)"
        r"\b.*\?",
        0.5,
        ("do you know anyone who repairs clocks?",),
        ("you know who.",),
    ),
    rule(
        "we-need-a",
        "need want",
        r"\b(?:i|we)(?:'d| would)?(?: really| still| urgently| also)? need (?:a|an|some) (?:good "
        r"|reliable |experienced )"
        r"(?:\w+ )?\w+|\b(?:i|we) (?:\w+ )?(?:need|want) to (?:hire|rent|buy) (?:a|an|some)\b"
        r"|\bneed to find (?:a|an|some) (?!way)",
        1.0,
        ("we need a good lawyer.", "i want to hire a designer."),
        ("you need a new one.",),
    ),
    rule(
        "no-search",
        "looking searching $ click candidate candidates",
        r"\b(?:you're|you are|what (?:i|we|you)|if you|not|n't|no longer) (?:\w+ )?(?:looking"
        r"|searching)\b"
        r"|\$link|\bclick\b|\bcandidates?\b|looking forward",
        -2.5,
        ("if you are looking for a deal, click here.",),
        ("i'm looking for a flat.",),
    ),
)
