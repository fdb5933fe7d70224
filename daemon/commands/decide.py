"""A command and the digest it answers -> decisions, or what to say instead."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import assert_never

from daemon.commands.grammar import list_verbs
from daemon.commands.model import (
    Answer,
    AskHelp,
    AskMore,
    AskWhy,
    Command,
    DangerousCommand,
    Decision,
    Entry,
    Forbid,
    Forget,
    Forgotten,
    IdentityCommand,
    ItemCommand,
    Join,
    LetRest,
    MarkDone,
    Outcome,
    Part,
    Pause,
    PersonCommand,
    PlaceInCircle,
    Problem,
    Question,
    Refuse,
    ReportHelp,
    Resume,
    ServiceCommand,
    SetCadence,
    Snooze,
    Span,
    TakeBack,
    Target,
    Undo,
    Unit,
    Until,
    Weekday,
    WriteNote,
)
from daemon.people.model import Identity, NotSame, Same
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


class _CannotError(Exception):
    """A command names what is not there; the text says so to the owner."""


def decide(command: Command, *, entries: Mapping[int, Entry], at: datetime, today: date) -> Outcome:
    """Return what follows from ``command``.

    Args:
        command: As the grammar read it.
        entries: The items of the digest that is answered, by number.
        at: The instant of the decision, in UTC.
        today: The owner's local date, from which spans are counted.

    Returns:
        The decisions to keep; or an answer, a question back (a ``never`` or ``forget``
        that is not confirmed), or the problem. ``AskMore`` is handed back as it is.

    Source: design notes, digest (replies are commands).
    """
    try:
        match command:
            case MarkDone() | Snooze() | Refuse() | AskWhy() | TakeBack():
                return _decide_item(command, entries, at, today)
            case Forbid() | Forget():
                return _decide_danger(command, entries, at)
            case LetRest() | PlaceInCircle() | SetCadence() | ReportHelp() | WriteNote():
                return (_decide_person(command, _identify(command.target, entries), at),)
            case Join() | Part():
                return (_decide_identity(command, entries, at),)
            case Pause() | Resume() | AskMore() | AskHelp():
                return _decide_service(command, at, today)
            case _:
                assert_never(command)
    except _CannotError as cannot:
        return Problem(str(cannot))


def resolve_until(until: Until, today: date) -> date:
    """Return the day ``until`` names, seen from ``today``; a month ends on its last day."""
    match until:
        case Span(count, Unit.DAY):
            return today + timedelta(days=count)
        case Span(count, Unit.WEEK):
            return today + timedelta(weeks=count)
        case Span(count, _):
            years, month = divmod(today.month - 1 + count, 12)
            year = today.year + years
            return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
        case Weekday(number):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
        case date():
            return until
        case _:
            assert_never(until)


def _decide_item(
    command: ItemCommand, entries: Mapping[int, Entry], at: datetime, today: date
) -> Outcome:
    match command:
        case MarkDone(refs):
            wanted = refs or _list_refs(entries)
            return tuple(Done(_find(ref, entries).key, at) for ref in wanted)
        case Snooze(ref, until):
            return (Snoozed(_find(ref, entries).key, _look_ahead(until, today), at),)
        case Refuse(ref):
            entry = _find(ref, entries)
            return tuple(NotThis(entry.key, entry.kind, who, at) for who in entry.identities)
        case AskWhy(ref):
            return Answer(_find(ref, entries).why)
        case TakeBack(target):
            return (_take_back(target, entries, at),)
        case _:
            assert_never(command)


def _take_back(target: Target, entries: Mapping[int, Entry], at: datetime) -> Undo:
    if isinstance(target, int):
        entry = _find(target, entries)
        return Undo(entry.key, entry.identities, at)
    return Undo(None, (target,), at)


def _decide_danger(
    command: DangerousCommand, entries: Mapping[int, Entry], at: datetime
) -> Outcome:
    identity = _identify(command.target, entries)
    name = _name(command.target, entries)
    match command:
        case Forbid(_, True):
            return (Never(identity, at),)
        case Forget(_, True):
            return (Forgotten(identity, at),)
        case Forbid(target):
            return Question(f"Never suggest {name} again? Answer: never {target} yes")
        case Forget(target):
            return Question(f"Forget all that is kept about {name}? Answer: forget {target} yes")
        case _:
            assert_never(command)


def _decide_person(command: PersonCommand, identity: Identity, at: datetime) -> Decision:
    match command:
        case LetRest():
            return Rest(identity, at)
        case PlaceInCircle(_, circle):
            return Circle(identity, circle, at)
        case SetCadence(_, longest_days, ideal_days):
            return Cadence(identity, longest_days, at, ideal_days)
        case ReportHelp(_, is_given, what):
            return Helped(identity, is_given, what, at)
        case WriteNote(_, text):
            return Note(identity, text, at)
        case _:
            assert_never(command)


def _decide_identity(
    command: IdentityCommand, entries: Mapping[int, Entry], at: datetime
) -> Decision:
    one, other = _identify(command.one, entries), _identify(command.other, entries)
    if one == other:
        raise _CannotError(f"Both are {one}: name two different addresses.")
    return Same(one, other, at) if isinstance(command, Join) else NotSame(one, other, at)


def _decide_service(command: ServiceCommand, at: datetime, today: date) -> Outcome:
    match command:
        case Pause(until):
            return (Paused(_look_ahead(until, today), at),)
        case Resume():
            return (Paused(None, at),)
        case AskHelp():
            return Answer(list_verbs())
        case AskMore():
            return command
        case _:
            assert_never(command)


def _find(ref: int, entries: Mapping[int, Entry]) -> Entry:
    if ref in entries:
        return entries[ref]
    numbers = _list_numbers([str(known) for known in _list_refs(entries)])
    raise _CannotError(f"There is no item {ref} in that digest. It has {numbers}.")


def _list_refs(entries: Mapping[int, Entry]) -> tuple[int, ...]:
    if not entries:
        raise _CannotError("That digest has no items.")
    return tuple(sorted(entries))


def _list_numbers(numbers: list[str]) -> str:
    *most, last = numbers
    return f"{', '.join(most)} and {last}" if most else f"only {last}"


def _identify(target: Target, entries: Mapping[int, Entry]) -> Identity:
    if not isinstance(target, int):
        return target
    match _find(target, entries).identities:
        case (identity,):
            return identity
        case ():
            raise _CannotError(f"Item {target} is about nobody: name an address.")
        case several:
            people = _list_numbers(list(several))
            raise _CannotError(f"Item {target} is about {people}: name one by address.")


def _name(target: Target, entries: Mapping[int, Entry]) -> str:
    if not isinstance(target, int):
        return target
    return entries[target].who or entries[target].identities[0]


def _look_ahead(until: Until, today: date) -> date:
    day = resolve_until(until, today)
    if day <= today:
        raise _CannotError(f"{day} is not in the future.")
    return day
