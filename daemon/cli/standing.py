"""A house -> how each of its ties stands, as ``ties``, ``why`` and ``export`` tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daemon.house import House
from daemon.jobs.recover import Recovery, find_recoveries
from daemon.jobs.situate import survey
from daemon.jobs.wake import list_worth_waking
from daemon.people.model import Person, PersonId
from daemon.store import ties
from daemon.store.instants import to_instant, to_seconds
from daemon.suggestions.rulings import Ruling, read_rulings
from daemon.suggestions.wording import say_day
from daemon.ties.model import State, Tie
from daemon.ties.sentence import say

_ATTENTION = (State.FADING, State.COOLING, State.NEW, State.ACTIVE, State.DORMANT)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person, the tie, the second of the last contact, and what the forecast does not say."""

    person: Person
    tie: Tie
    last_at: int
    ruling: Ruling
    recovery: Recovery | None
    is_worth_waking: bool


def list_ties(house: House) -> list[Standing]:
    """Return how each tie stands, those most in need first, the dormant ones at the end.

    Of the dormant, those worth waking come first, best first.
    """
    now = to_seconds(house.at)
    with house.engine.connect() as connection:
        situation = survey(
            connection, house.basis, at=house.at, rules=house.rules, orders=house.orders
        )
        last = {folded.person: folded.last_at for folded in ties.read_ties(connection)}
        back = find_recoveries(connection, house.basis, situation.ties, on=situation.today, now=now)
        waking = list_worth_waking(connection, situation, now=now)
    places = {tie.alter: place for place, tie in enumerate(waking)}
    rulings = read_rulings(situation)
    found = [
        Standing(
            situation.people[person],
            tie,
            last[person],
            rulings[person],
            back.get(person),
            person in places,
        )
        for person, tie in situation.ties.items()
    ]
    return sorted(found, key=lambda one: _order(one, places))


def as_dict(house: House, one: Standing) -> dict[str, Any]:
    """Return one tie as the documented JSON object."""
    person, tie, ruling = one.person, one.tie, one.ruling
    return {
        "person": person.name,
        "names": list(person.names),
        "addresses": sorted(person.identities),
        "state": tie.state.value,
        "n_days": tie.n_days,
        "last_at": to_instant(one.last_at).astimezone(house.basis.zone).isoformat(),
        "silent_days": tie.silent_days,
        "typical_gap_days": round(tie.typical_gap_days, 1),
        "unusual": round(tie.unusual, 4),
        "p_dormant": round(tie.p_dormant, 4),
        "p_contact_30": round(tie.p_contact_30, 4),
        "sentence": say(tie),
        "recovered_on": one.recovery and one.recovery.on.isoformat(),
        "recovered_after_days": one.recovery and one.recovery.after_days,
        "is_flagged": ruling.is_flagged,
        "is_held": ruling.is_held,
        "meets_on": ruling.meets_on and ruling.meets_on.isoformat(),
        "circle": ruling.circle or None,
        "ideal_days": ruling.gaps.ideal_days,
        "longest_days": ruling.gaps.longest_days,
        "is_resting": ruling.is_resting,
        "is_never": ruling.is_never,
        "is_worth_waking": one.is_worth_waking,
    }


def say_recovery(one: Standing) -> str:
    """Say when a tie came back, without a full stop; empty where it did not."""
    if one.recovery is None:
        return ""
    since = say_day(one.recovery.on, one.tie.as_of).removeprefix("on ")
    return f"recovering since {since}, after {one.recovery.after_days} days"


def _order(one: Standing, places: Mapping[PersonId, int]) -> tuple[int, int, int, str]:
    tie = one.tie
    longest_days = one.ruling.gaps.longest_days
    is_asked_for = longest_days is not None and one.ruling.is_flagged
    attention = _ATTENTION.index(State.FADING if is_asked_for else tie.state)
    return attention, places.get(tie.alter, len(places)), -tie.n_days, tie.alter
