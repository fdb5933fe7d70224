"""A reply's own words -> the commands in them, and the lines that are none."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from daemon.commands.model import (
    CIRCLES,
    AskHelp,
    AskMore,
    AskWhy,
    Command,
    Forbid,
    Forget,
    Join,
    LetRest,
    MarkDone,
    NotUnderstood,
    Part,
    Pause,
    PlaceInCircle,
    Refuse,
    ReportHelp,
    Resume,
    SetCadence,
    Snooze,
    Span,
    TakeBack,
    Target,
    Unit,
    Until,
    Weekday,
    WriteNote,
)
from daemon.people.model import Identity

MAX_COMMANDS = 20
MAX_CHARACTERS = 2_000

_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    }
)
_MAILTO = re.compile(r"<mailto:[^>\s]*>")  # what Outlook adds to each address in plain text
_COMMAND = re.compile(r'(?:"[^"]*"|[^;])+')
_REF = re.compile(r"#?([0-9]{1,4})[.:)]?")
_ADDRESS = re.compile(r"<?([^\s@<>\",;:]+@[^\s@<>\"',;:]*[^\s@<>\"',;:.])>?\.?")
_SPAN = re.compile(r"([0-9]{1,3}) ?(d|w|m|days?|weeks?|months?)")
_TO = re.compile(r" ?(?:\bto\b|[-\u2013]) ?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNITS = {"d": Unit.DAY, "w": Unit.WEEK, "m": Unit.MONTH}
_DAYS_IN = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Verb:
    """One command word: how it is used, what it does, and how to read what follows it."""

    word: str
    usage: str
    does: str
    read: Callable[[str], Command | None]


def parse(text: str) -> tuple[Command | NotUnderstood, ...]:
    """Return what ``text`` says, in order: one command a line, or several with ``;``.

    Upper or lower case, a full stop at the end, ``#1`` for 1 and typographic quotes make
    no difference. At most 20 commands in at most 2,000 characters are read; of a longer
    text only whole commands count, and what is left out is said to be not understood.

    Source: design notes, digest (replies are commands).
    """
    head, tail = _cut(text)
    lines = list(_split(head))
    commands = [_read(line) for line in lines[:MAX_COMMANDS]]
    left_out = [*lines[MAX_COMMANDS:], *_split(tail)][:1]
    return (*commands, *(NotUnderstood(line, "help", is_left_out=True) for line in left_out))


def list_verbs() -> str:
    """Return the help text: every command with what it does, at most 72 columns wide."""
    width = max(len(verb.usage) for verb in VERBS)
    return "\n".join(f"{verb.usage:<{width}}  {verb.does}" for verb in VERBS)


def _cut(text: str) -> tuple[str, str]:
    """Split ``text`` where it grows too long, at the end of a whole command."""
    if len(text) <= MAX_CHARACTERS:
        return text, ""
    whole = max(text.rfind("\n", 0, MAX_CHARACTERS), 0)
    return text[:whole], text[whole : whole + MAX_CHARACTERS]


def _split(text: str) -> Iterator[str]:
    for line in text.splitlines():
        plain = "".join(filter(str.isprintable, " ".join(line.split()).translate(_STRAIGHT)))
        for part in _COMMAND.findall(_MAILTO.sub("", plain)):
            if command := part.strip():
                yield command


def _read(line: str) -> Command | NotUnderstood:
    word, rest = _divide(line)
    verb = _VERBS.get(word)
    command = verb.read(rest) if verb else None
    return command or NotUnderstood(line, _find_nearest(word, rest))


def _divide(line: str) -> tuple[str, str]:
    line = re.sub(r"(?i)^not same\b", "not-same", line)
    word, _, rest = line.partition(" ")
    return word.lower().rstrip(".!:,"), rest.strip()


def _find_nearest(word: str, rest: str) -> str:
    if word in _VERBS:
        return _VERBS[word].usage
    near = [_VERBS[one] for one in get_close_matches(word[:20], _VERBS, n=3, cutoff=0.6)]
    for verb in near:
        if verb.read(rest) is not None:
            return f"{verb.word} {rest}".strip()
    return near[0].usage if near else "help"


def _split_words(rest: str) -> list[str]:
    words = re.split(r"[ ,]+", rest.lower().rstrip(" .!"))
    return [word for word in words if word not in {"", "and", "&"}]


def _read_ref(word: str) -> int | None:
    found = _REF.fullmatch(word)
    return int(found[1]) if found else None


def _read_target(word: str) -> Target | None:
    found = _ADDRESS.fullmatch(word)
    return Identity(found[1].lower()) if found else _read_ref(word)


def _read_until(words: Sequence[str]) -> Until | None:
    text = " ".join(words[1:] if words[:1] in (["until"], ["for"]) else words)
    return _read_span(text) or _read_day(text)


def _read_span(text: str) -> Span | None:
    found = _SPAN.fullmatch(text)
    if found is None or int(found[1]) == 0:
        return None
    return Span(int(found[1]), _UNITS[found[2][0]])


def _read_day(text: str) -> Until | None:
    if text == "tomorrow":
        return Span(1, Unit.DAY)
    for number, name in enumerate(_WEEKDAYS):
        if text in {name, name[:3]}:
            return Weekday(number)
    return _read_date(text)


def _read_date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None


def _about_item(make: Callable[[int], Command]) -> Callable[[str], Command | None]:
    def read(rest: str) -> Command | None:
        words = _split_words(rest)
        ref = _read_ref(words[0]) if len(words) == 1 else None
        return None if ref is None else make(ref)

    return read


def _about_person(make: Callable[[Target], Command]) -> Callable[[str], Command | None]:
    def read(rest: str) -> Command | None:
        words = _split_words(rest)
        target = _read_target(words[0]) if len(words) == 1 else None
        return None if target is None else make(target)

    return read


def _about_two(make: Callable[[Target, Target], Command]) -> Callable[[str], Command | None]:
    def read(rest: str) -> Command | None:
        match [_read_target(word) for word in _split_words(rest)]:
            case [(int() | str()) as one, (int() | str()) as other]:
                return make(one, other)
        return None

    return read


def _asked_back(make: Callable[[Target, bool], Command]) -> Callable[[str], Command | None]:
    def read(rest: str) -> Command | None:
        words = _split_words(rest)
        if len(words) not in {1, 2} or words[1:] not in ([], ["yes"]):
            return None
        target = _read_target(words[0])
        return None if target is None else make(target, len(words) == 2)

    return read


def _with_words(make: Callable[[Target, str], Command]) -> Callable[[str], Command | None]:
    def read(rest: str) -> Command | None:
        word, _, text = rest.partition(" ")
        target = _read_target(word.lower().rstrip(","))
        said = _unquote(text)
        return make(target, said) if target is not None and said else None

    return read


def _unquote(text: str) -> str:
    bare = text.strip()
    inner = bare.rstrip(".")
    if len(inner) > 1 and inner[0] == inner[-1] and inner[0] in "\"'":
        return inner[1:-1].strip()
    return bare


def _alone(command: Command) -> Callable[[str], Command | None]:
    return lambda rest: None if _split_words(rest) else command


def _read_done(rest: str) -> Command | None:
    words = _split_words(rest)
    if words == ["all"]:
        return MarkDone(())
    refs = [ref for word in words if (ref := _read_ref(word)) is not None]
    return MarkDone(tuple(dict.fromkeys(refs))) if refs and len(refs) == len(words) else None


def _read_snooze(rest: str) -> Command | None:
    words = _split_words(rest)
    ref, until = _read_ref(words[0]) if words else None, _read_until(words[1:])
    return Snooze(ref, until) if ref is not None and until else None


def _read_pause(rest: str) -> Command | None:
    until = _read_until(_split_words(rest))
    return Pause(until) if until else None


def _read_circle(rest: str) -> Command | None:
    match _split_words(rest):
        case [word, circle] if circle in CIRCLES and (target := _read_target(word)) is not None:
            return PlaceInCircle(target, circle)
    return None


def _read_cadence(rest: str) -> Command | None:
    word, *gap = _split_words(rest) or [""]
    target, days = _read_target(word), [_read_days(part) for part in _TO.split(" ".join(gap))]
    match days:
        case [int() as longest] if target is not None:
            return SetCadence(target, longest)
        case [int() as ideal, int() as longest] if target is not None and ideal <= longest:
            return SetCadence(target, longest, ideal)
    return None


def _read_days(text: str) -> int | None:
    span = _read_span(text)
    return span.count * _DAYS_IN[span.unit] if span else None


VERBS: tuple[Verb, ...] = (
    Verb("done", "done 1", "it is done (done 1 3, done all)", _read_done),
    Verb("snooze", "snooze 2 2w", "not now (3d, 1m, until friday)", _read_snooze),
    Verb("not", "not 1", "not this one", _about_item(Refuse)),
    Verb("never", "never 3", "no suggestions about this person, for good", _asked_back(Forbid)),
    Verb("rest", "rest 2", "let this tie rest", _about_person(LetRest)),
    Verb("circle", "circle 2 close", "how close: close, regular or wide", _read_circle),
    Verb("cadence", "cadence 2 30d", "the longest gap you want (or: 14d to 30d)", _read_cadence),
    Verb(
        "gave",
        'gave 4 "the contact"',
        "you helped this person",
        _with_words(lambda target, what: ReportHelp(target, True, what)),
    ),
    Verb(
        "got",
        'got 4 "feedback"',
        "this person helped you",
        _with_words(lambda target, what: ReportHelp(target, False, what)),
    ),
    Verb("same", "same 2 5", "these two are one person", _about_two(Join)),
    Verb("not-same", "not-same 2 5", "these two are different people", _about_two(Part)),
    Verb("note", "note 2 met the new baby", "remember this", _with_words(WriteNote)),
    Verb("why", "why 2", "why was this suggested?", _about_item(AskWhy)),
    Verb("undo", "undo 1", "take back the last decision about it", _about_person(TakeBack)),
    Verb("forget", "forget 3", "keep nothing about this person", _asked_back(Forget)),
    Verb("more", "more", "what else is there?", _alone(AskMore())),
    Verb("pause", "pause 1w", "no digest for a while", _read_pause),
    Verb("resume", "resume", "end the pause", _alone(Resume())),
    Verb("help", "help", "this list", _alone(AskHelp())),
)
_VERBS = {verb.word: verb for verb in VERBS}
