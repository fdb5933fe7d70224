"""Obey the words of the owner: a reply's commands -> decisions kept, and what to say back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from daemon.commands.decide import decide
from daemon.commands.grammar import parse
from daemon.commands.model import (
    Answer,
    AskMore,
    Decision,
    Entry,
    Forgotten,
    NotUnderstood,
    Outcome,
    Problem,
    Question,
)
from daemon.commands.say import confirm, quote_back
from daemon.people.model import Identity
from daemon.store import decisions, offers
from daemon.store.database import Database
from daemon.store.forget import forget
from daemon.suggestions.model import SuggestionKey


@dataclass(frozen=True, slots=True)
class Obeyed:
    """What came of one line. ``is_done`` is False where nothing was changed by it.

    ``wants_more`` is True where the owner asked for further suggestions, ``is_kept`` where
    a decision is kept: then ``says`` only confirms it.
    """

    says: str
    is_done: bool
    wants_more: bool = False
    is_kept: bool = False


def obey(
    engine: Database,
    text: str,
    *,
    origin: str,
    at: datetime,
    today: date,
    on: date | None = None,
) -> tuple[Obeyed, ...]:
    """Keep the decisions that ``text`` makes, each once, and say what was understood.

    Args:
        engine: The database; refs are those of a digest kept in it.
        text: The commands, one a line or several with ";".
        origin: Names this reply for good: the same one again changes nothing.
        at: The instant of the decision, in UTC.
        today: The owner's local date.
        on: The day of the digest that is answered; None for the one shown last.
    """
    with engine.connect() as connection:
        entries = {
            o.ref: Entry(
                SuggestionKey(o.key), o.kind, tuple(Identity(e) for e in o.identities), o.who, o.why
            )
            for o in offers.read_last(connection, on)
        }
    found = []
    for ordinal, command in enumerate(parse(text)):
        if isinstance(command, NotUnderstood):
            found.append(Obeyed(quote_back(command), is_done=False))
            continue
        outcome = decide(command, entries=entries, at=at, today=today)
        found.append(_carry_out(engine, outcome, origin=f"{origin}/{ordinal}", at=at))
    return tuple(found)


def _carry_out(engine: Database, outcome: Outcome, *, origin: str, at: datetime) -> Obeyed:
    match outcome:
        case Answer(text):
            return Obeyed(text, is_done=True)
        case Question(text) | Problem(text):
            return Obeyed(text, is_done=False)
        case AskMore():
            return Obeyed("", is_done=True, wants_more=True)
        case _:
            return _keep(engine, outcome, origin=origin, at=at)


def _keep(engine: Database, made: Iterable[Decision], *, origin: str, at: datetime) -> Obeyed:
    made = tuple(made)
    to_keep = [d for d in made if not isinstance(d, Forgotten)]
    for decision in made:
        if isinstance(decision, Forgotten):
            forget(engine, decision.identity)
    n_new = decisions.append(engine, origin, to_keep, at=at) if to_keep else len(made)
    says = " ".join(dict.fromkeys(confirm(d) for d in made))
    return Obeyed(says if n_new else f"{says} (That was known.)", is_done=bool(n_new), is_kept=True)
