"""A decision -> the plain words that tell the owner what was understood."""

from typing import TypeAlias, assert_never

from daemon.commands.grammar import MAX_CHARACTERS, MAX_COMMANDS
from daemon.commands.model import Decision, Forgotten, NotUnderstood, Undo
from daemon.people.model import NotSame, Same
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Done,
    Helped,
    Never,
    Note,
    NotThis,
    Paused,
    Rest,
    Snoozed,
)

_AboutItem: TypeAlias = Done | Snoozed | NotThis | Undo
_AboutPerson: TypeAlias = Never | Forgotten | Rest | Circle | Cadence
_Fact: TypeAlias = Helped | Note | Same | NotSame
_QUOTED = 120  # characters of a line that are said back


def confirm(decision: Decision) -> str:
    """Return one sentence that says back what was decided."""
    match decision:
        case Done() | Snoozed() | NotThis() | Undo():
            return _confirm_item(decision)
        case Never() | Forgotten() | Rest() | Circle() | Cadence():
            return _confirm_person(decision)
        case Helped() | Note() | Same() | NotSame():
            return _confirm_fact(decision)
        case Paused(None):
            return "Digests are back."
        case Paused(until):
            return f"No digest before {until}."
        case _:
            assert_never(decision)


def quote_back(line: NotUnderstood) -> str:
    """Return what to say of a line that was not obeyed: the nearest command, or the limit."""
    if line.is_left_out:
        limits = f"one reply holds {MAX_COMMANDS} commands and {MAX_CHARACTERS:,} characters"
        return f"Left out from {_quote(line.line)} on: {limits}."
    return f"Not understood: {_quote(line.line)}. The nearest command is: {_cut(line.nearest)}"


def _confirm_item(decision: _AboutItem) -> str:
    match decision:
        case Done():
            return "Noted as done."
        case Snoozed(_, until):
            return f"Put off until {until}."
        case NotThis(identity=identity):
            return f"Not this one, and nothing like it for {identity} for a while."
        case Undo():
            return "The last decision about it is taken back."
        case _:
            assert_never(decision)


def _confirm_person(decision: _AboutPerson) -> str:
    match decision:
        case Never(identity):
            return f"No more suggestions about {identity}."
        case Forgotten(identity):
            return f"All that was kept about {identity} is deleted."
        case Rest(identity):
            return f"The tie with {identity} may rest until contact resumes by itself."
        case Circle(identity, circle):
            return f"{identity} is in your {circle} circle."
        case Cadence(identity, longest_days, _, ideal_days):
            return _confirm_gaps(identity, longest_days, ideal_days)
        case _:
            assert_never(decision)


def _confirm_gaps(identity: str, longest: int | None, ideal: int | None) -> str:
    if ideal is None:
        return f"The longest gap you want with {identity} is {_days(longest or 0)}."
    at_least = f", and at least every {_each(longest)}" if longest else ""
    return f"You would like contact with {identity} every {_each(ideal)}{at_least}."


def _each(n: int) -> str:
    return "day" if n == 1 else _days(n)


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def _confirm_fact(decision: _Fact) -> str:
    match decision:
        case Helped(identity, True, what):
            return f"You gave {identity}: {_quote(what)}."
        case Helped(identity, _, what):
            return f"{identity} gave you: {_quote(what)}."
        case Note(identity, text):
            return f"Remembered about {identity}: {_quote(text)}."
        case Same(one, other):
            return f"{one} and {other} are one person."
        case NotSame(one, other):
            return f"{one} and {other} are different people."
        case _:
            assert_never(decision)


def _quote(words: str) -> str:
    return f"“{_cut(words)}”"


def _cut(words: str) -> str:
    return words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1]}…"
