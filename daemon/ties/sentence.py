"""A tie -> one plain sentence for its owner: two facts apart, no score and no blame."""

from daemon.ties.model import State, Tie

_DAYS_A_MONTH = 365.25 / 12
_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_ONE_IN = (3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)
_RHYTHM_DAYS = 3  # with fewer days of contact, what the model calls typical is its prior


def say(tie: Tie) -> str:
    """Return what there is to know of ``tie``: how unusual this is, and whether it may last.

    Source: design notes, decay model (the sentence).
    """
    if _is_without_rhythm(tie):
        return f"{_capitalise(_say_contact(tie))}{_say_why_no_rhythm(tie)}."
    if tie.state is State.DORMANT:
        return f"Silent {_count_days(tie.silent_days)}. You two used to talk {_say_gap(tie)}."
    return f"{_say_silence(tie)} {_say_forecast(tie)}"


def say_short(tie: Tie) -> str:
    """Return the same for a state line: lower case, no full stop, no forecast."""
    if _is_without_rhythm(tie):
        return _say_contact(tie)
    used = "used to" if tie.state is State.DORMANT else "usually"
    rhythm = f"you two {used} talk {_say_gap(tie)}"
    if tie.silent_days > 1:
        return f"{rhythm}, it has been {tie.silent_days}"
    return f"{rhythm}, the last time {_say_ago(tie.silent_days)}"


def _is_without_rhythm(tie: Tie) -> bool:
    is_short = tie.n_days < _RHYTHM_DAYS or not tie.is_mutual
    return tie.state is State.NEW or (tie.state is State.DORMANT and is_short)


def _say_silence(tie: Tie) -> str:
    if tie.silent_days <= 1:
        return f"In contact {_say_ago(tie.silent_days)}. You two usually talk {_say_gap(tie)}."
    gap = _say_gap(tie).removesuffix(" days")
    silence = f"Silent {_count_days(tie.silent_days)}."
    return f"{silence} You two usually talk {gap}; {_say_share(1 - tie.unusual)} this long."


def _say_forecast(tie: Tie) -> str:
    lasting = f"{_say_percent(tie.p_dormant)} likely to become {_say_length(tie.dormant_at_days)}"
    contact = f"{_say_percent(tie.p_contact_30)} chance of contact in the next 30 days"
    return f"{_capitalise(lasting)} silence; {contact}."


def _say_contact(tie: Tie) -> str:
    last = "" if tie.n_days == 1 else "the last "
    days = f"contact on {_count_days(tie.n_days)} so far"
    return f"{days}, {last}{_say_ago(tie.silent_days)}{_say_way(tie)}"


def _say_way(tie: Tie) -> str:
    if tie.is_mutual:
        return ""
    return ", all of it from you" if tie.n_out else ", all of it to you"


def _say_why_no_rhythm(tie: Tie) -> str:
    return "; too little yet to know a rhythm" if tie.state is State.NEW and tie.is_mutual else ""


def _say_gap(tie: Tie) -> str:
    days = round(tie.typical_gap_days)
    return "every day" if days <= 1 else f"every {days} days"


def _say_ago(days: int) -> str:
    match days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case _:
            return f"{days} days ago"


def _say_share(share: float) -> str:
    """Say how many gaps last at least as long: ``share`` of them, in [0, 1]."""
    if share > 0.4:
        return "most gaps were" if share > 0.6 else "about half the gaps were"
    if share * _ONE_IN[-1] < 0.5:
        return f"fewer than 1 gap in {_ONE_IN[-1]} was"
    one_in = min(_ONE_IN, key=lambda n: abs(1 / n - share))
    return f"{'only ' if one_in >= 5 else ''}1 gap in {one_in} was"


def _say_percent(p: float) -> str:
    percent = round(100 * p)
    match percent:
        case 0:
            return "less than 1 %"
        case 100:
            return "more than 99 %"
        case _:
            return f"{percent} %"


def _say_length(days: float) -> str:
    """Name a silence by its length, with its article: "a six-month", "an eight-month"."""
    months = round(days / _DAYS_A_MONTH)
    if months < 1:
        return _name_length(round(days), "day")
    if months < 12:
        return _name_length(months, "month")
    if months == 12:
        return "a year-long"
    if months < 24:
        return _name_length(months, "month")
    return _name_length(round(months / 12), "year")


def _name_length(n: int, unit: str) -> str:
    number = _NUMBERS[n] if n < len(_NUMBERS) else str(n)
    article = "an" if number.startswith(("e", "8")) or number == "18" else "a"
    return f"{article} {number}-{unit}"


def _count_days(n: int) -> str:
    return f"{n} day" if n == 1 else f"{n} days"


def _capitalise(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
