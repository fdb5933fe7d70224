"""``kithd why``: one tie explained, with the contact it stands on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

import typer

from daemon.cli import options
from daemon.cli.find_person import find_person
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.cli.standing import Standing, as_dict, list_ties, say_recovery
from daemon.cli.terminal import choose_marks, count_columns, wrap
from daemon.house import House
from daemon.people.model import PersonId
from daemon.store import contacts, ties
from daemon.store.contacts import Contact
from daemon.store.instants import to_instant, to_seconds
from daemon.suggestions.rulings import say_rulings
from daemon.suggestions.wording import say_date
from daemon.ties.gaps import GapState
from daemon.ties.model import State
from daemon.ties.outlook import Outlook, look_ahead
from daemon.ties.plot import draw_history, draw_outlook
from daemon.ties.sentence import say

SHOWN = 10
"""Contacts listed, newest first."""

_LABEL = 15
_NARROW = 60
_WAYS = {"inbound": "from them", "outbound": "from you", "mutual": "both"}


@dataclass(frozen=True, slots=True)
class _Found:
    """One tie, the contact it stands on, oldest first, and what is to come of it."""

    house: House
    standing: Standing
    contacts: tuple[Contact, ...]
    outlook: Outlook
    gaps: GapState

    def day_of(self, contact: Contact) -> date:
        return self.house.basis.day_of(contact.at)


def run(
    person: options.Person,
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """Explain one tie: its rhythm, its numbers, and the contact behind them.

    Example: kithd why "Sana Iqbal" --from mail.mbox --me you@example.org
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    rows = {one.person.id: one for one in list_ties(house)}
    who = find_person(person, {key: one.person for key, one in rows.items()})
    found = _look_up(house, rows[who.id])
    if as_json:
        typer.echo(json.dumps(_facts(found), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(found, count_columns())))


def _look_up(house: House, one: Standing) -> _Found:
    basis = house.basis
    with house.engine.connect() as connection:
        theirs = contacts.read_contacts(connection, [one.person.id], until=to_seconds(house.at))
        folded = next(t for t in ties.read_ties(connection) if t.person == one.person.id)
    row = (PersonId(folded.person), folded.gaps, folded.n_out, folded.n_in)
    outlook = look_ahead(row, on=house.today, model=basis.model, thresholds=basis.thresholds)
    return _Found(house, one, theirs, outlook, folded.gaps)


def _facts(found: _Found) -> dict[str, Any]:
    facts = as_dict(found.house, found.standing)
    facts["rulings"] = list(say_rulings(found.standing.tie, found.standing.ruling))
    facts["recent"] = round(found.gaps.recent, 2)
    facts["seen_on"] = found.gaps.seen_on and found.gaps.seen_on.isoformat()
    facts["outlook"] = {
        "p_dormant": [round(p, 4) for p in found.outlook.p_dormant],
        "turns": [{"state": t.state.value, "on": t.on.isoformat()} for t in found.outlook.turns],
    }
    facts["contacts"] = [_contact(c, found.house) for c in reversed(found.contacts)]
    return facts


def _contact(contact: Contact, house: House) -> dict[str, Any]:
    return {
        "at": to_instant(contact.at).astimezone(house.basis.zone).isoformat(),
        "channel": contact.channel,
        "direction": contact.direction,
        "source": contact.source,
    }


def _lines(found: _Found, columns: int) -> list[str]:
    one = found.standing
    recovery = say_recovery(one)
    told = (f"{recovery[:1].upper()}{recovery[1:]}.",) if recovery else ()
    said = (say(one.tie), *told, *say_rulings(one.tie, one.ruling), *_say_waking(one))
    days = [found.day_of(contact) for contact in found.contacts]
    return [
        f"{one.person.name}: {one.tie.state.value}",
        *chain.from_iterable(wrap(sentence, columns) for sentence in said),
        "",
        *draw_history(days, on=found.house.today, columns=columns, marks=choose_marks()),
        *_draw_outlook(found, columns),
        "",
        *_list_numbers(found, columns),
        "",
        "The last contacts, newest first:",
        *(_contact_line(c, found, columns) for c in found.contacts[-SHOWN:][::-1]),
    ]


def _say_waking(one: Standing) -> tuple[str, ...]:
    if not one.is_worth_waking:
        return ()
    return (
        "Worth waking: old trust keeps, and the time apart brings news. "
        "Something useful is reason enough to write.",
    )


def _draw_outlook(found: _Found, columns: int) -> Iterator[str]:
    """Draw what comes if nothing happens: of a dormant tie there is nothing left to foretell."""
    tie = found.standing.tie
    if tie.state is State.DORMANT:
        return
    lasting = f"{tie.dormant_at_days:.0f} days"
    yield ""
    yield from wrap(f"The chance that this silence lasts {lasting}, from today on:", columns)
    yield from draw_outlook(found.outlook, columns=columns, marks=choose_marks())
    if turns := ", ".join(_list_turns(found)):
        yield from wrap(f"If nothing happens: {turns}.", columns)


def _list_turns(found: _Found) -> list[str]:
    """The days on which the tie would turn, and the gap that the owner asked for, by day."""
    tie, today = found.standing.tie, found.house.today
    turns = [(t.on, f"{t.state.value} ({t.state.value[0].upper()})") for t in found.outlook.turns]
    longest_days = found.standing.ruling.gaps.longest_days
    if longest_days and longest_days > tie.silent_days:
        ends_on = tie.last_on + timedelta(days=longest_days)
        turns.append((ends_on, f"past the {longest_days} days you asked for"))
    return [f"{what} on {say_date(on, today)}" for on, what in sorted(turns)]


def _say_seen(gaps: GapState) -> str:
    """Say when the two were last on the same mail, list or large meeting since the last contact."""
    if gaps.seen_on is None or not gaps.seen_days:
        return "not seen since"
    return f"last seen on {_say(gaps.seen_on)}"


def _list_numbers(found: _Found, columns: int) -> Iterator[str]:
    one, tie = found.standing, found.standing.tie
    first, last = _say(tie.first_on), _say(tie.last_on)
    numbers = {
        "Addresses": ", ".join(sorted(one.person.identities)),
        "Contact": f"{tie.n_days} days, from {first} to {last}",
        "You, they": f"{tie.n_out} days, {tie.n_in} days",
        "Typical gap": f"{tie.typical_gap_days:.1f} days",
        "Of late": f"{found.gaps.recent:.1f} days of contact near the last one",
        "In passing": _say_seen(found.gaps),
        "Now silent": f"{tie.silent_days} days, longer than {tie.unusual:.0%} of your gaps",
        "Likely to last": f"{tie.p_dormant:.0%} (to {tie.dormant_at_days:.0f} days)",
        "Within 30 days": f"{tie.p_contact_30:.0%} chance of contact",
    }
    for label, says in numbers.items():
        yield from wrap(f"{label:<{_LABEL}}{says}", columns, " " * _LABEL)


def _contact_line(contact: Contact, found: _Found, columns: int) -> str:
    on, way = found.day_of(contact), _WAYS[contact.direction]
    if columns < _NARROW:
        return f"  {on} {contact.channel} {way}"
    return f"  {_say(on):<18} {contact.channel:<8} {way:<10} {contact.source}"


def _say(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
