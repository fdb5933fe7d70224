"""Interactions -> one contact history per person: the days with contact, and who acted."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, tzinfo

from daemon.interactions.model import Claim, Direction, Interaction
from daemon.people.model import Identity, PersonId
from daemon.ties.model import ContactHistory


def gather(
    interactions: Iterable[Interaction],
    person_of: Mapping[Identity, PersonId],
    *,
    at: datetime,
    zone: tzinfo,
    ego_threads: Collection[str] = frozenset(),
) -> dict[PersonId, ContactHistory]:
    """Return the history of everybody with contact by ``at``, whatever the order of arrival.

    Args:
        interactions: In any order. What lies after ``at`` is not looked at: a booked
            meeting refreshes nothing. Ambient contact and who is not in ``person_of``
            are left out.
        person_of: To whom each address belongs.
        at: The present, an aware instant.
        zone: The owner's time zone: an interaction belongs to the day it is there.
        ego_threads: The threads in which the ego wrote, for those interactions that
            count only then.

    Source: design notes, decay model: an interaction is a day with direct contact
    (Urena-Carrion et al. 2020).
    """
    acts: dict[PersonId, dict[date, set[Direction]]] = {}
    for interaction in interactions:
        person = person_of.get(Identity(interaction.alter))
        if person is not None and interaction.at <= at and _counts(interaction, ego_threads):
            day = interaction.at.astimezone(zone).date()
            acts.setdefault(person, {}).setdefault(day, set()).add(interaction.direction)
    today = at.astimezone(zone).date()
    return {person: _summarise(person, days, today) for person, days in sorted(acts.items())}


def _counts(interaction: Interaction, ego_threads: Collection[str]) -> bool:
    if not interaction.is_direct:
        return False
    return interaction.claim is Claim.ALWAYS or interaction.thread in ego_threads


def _summarise(
    person: PersonId, days: Mapping[date, set[Direction]], today: date
) -> ContactHistory:
    return ContactHistory(
        alter=person,
        days=tuple(sorted(days)),
        n_out=sum(acts != {Direction.INBOUND} for acts in days.values()),
        n_in=sum(acts != {Direction.OUTBOUND} for acts in days.values()),
        observed_on=today,
    )
