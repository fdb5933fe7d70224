"""``kithd why``: one tie explained, with the contact it stands on."""

import json
from datetime import date
from typing import Any

import typer

from daemon.cli import options
from daemon.cli.find_person import find_person
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.cli.ties_command import as_dict, list_ties
from daemon.house import House
from daemon.people.model import Person
from daemon.store import contacts
from daemon.store.contacts import Contact
from daemon.store.instants import to_instant, to_seconds
from daemon.ties.model import Tie
from daemon.ties.sentence import say

SHOWN = 10
"""Contacts listed, newest first."""


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
    rows = {one[0].id: one for one in list_ties(house)}
    found = find_person(person, {key: one[0] for key, one in rows.items()})
    who, tie, last_at = rows[found.id]
    with house.engine.connect() as connection:
        theirs = contacts.read_contacts(connection, [who.id], until=to_seconds(house.at))
    if as_json:
        facts = as_dict(house, who, tie, last_at)
        facts["contacts"] = [_contact(c, house) for c in reversed(theirs)]
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(house, who, tie, theirs)))


def _contact(contact: Contact, house: House) -> dict[str, Any]:
    return {
        "at": to_instant(contact.at).astimezone(house.basis.zone).isoformat(),
        "channel": contact.channel,
        "direction": contact.direction,
        "source": contact.source,
    }


def _lines(house: House, who: Person, tie: Tie, theirs: tuple[Contact, ...]) -> list[str]:
    first, last = _say(tie.first_on), _say(tie.last_on)
    return [
        f"{who.name}: {tie.state.value}",
        say(tie),
        "",
        f"Addresses      {', '.join(sorted(who.identities))}",
        f"Contact        {tie.n_days} days, from {first} to {last}",
        f"You, they      {tie.n_out} days, {tie.n_in} days",
        f"Typical gap    {tie.typical_gap_days:.1f} days",
        f"Now silent     {tie.silent_days} days, longer than {tie.unusual:.0%} of your gaps",
        f"Likely to last {tie.p_dormant:.0%} (to {tie.dormant_at_days:.0f} days)",
        f"Within 30 days {tie.p_contact_30:.0%} chance of contact",
        "",
        "The last contacts, newest first:",
        *(_contact_line(c, house) for c in theirs[-SHOWN:][::-1]),
    ]


_WAYS = {"inbound": "from them", "outbound": "from you", "mutual": "both"}


def _contact_line(contact: Contact, house: House) -> str:
    on = _say(house.basis.day_of(contact.at))
    return f"  {on:<18} {contact.channel:<8} {_WAYS[contact.direction]:<10} {contact.source}"


def _say(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
