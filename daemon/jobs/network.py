"""Ties now and a week ago -> how the network stands: states, who came back, who may be woken."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from daemon.digest.model import Network, Quiet
from daemon.jobs.basis import Basis
from daemon.jobs.fold import fold_contacts
from daemon.jobs.recover import Recovery, find_recoveries
from daemon.jobs.wake import list_worth_waking
from daemon.people.model import PersonId
from daemon.store import contacts, passing, ties
from daemon.store.database import Connection
from daemon.suggestions.match import find_telling
from daemon.suggestions.model import Done, Helped, Situation
from daemon.suggestions.need import is_overdue, read_wishes
from daemon.suggestions.rulings import read_rulings, say_gaps
from daemon.suggestions.waking import POOL, pick_for_week
from daemon.suggestions.wording import say_day, say_month
from daemon.ties.estimate import estimate
from daemon.ties.gaps import GapState
from daemon.ties.model import State, Tie

WEEK = timedelta(days=7)

N_TOPICS = 3
"""As many topics as one takes in at a glance."""


def draw_network(
    connection: Connection,
    basis: Basis,
    situation: Situation,
    *,
    quiet: Iterable[PersonId],
    now: int,
) -> Network:
    """Return the network of the last seven days. States are counted by name.

    ``quiet`` are those to name because nothing was found to bring them.
    """
    today = situation.today
    before = estimate_before(connection, basis, on=today - WEEK, now=now)
    back = find_recoveries(connection, basis, situation.ties, on=today, now=now)
    given, received = _count_help(situation)
    asleep = list_worth_waking(connection, situation, now=now, at_most=2 * POOL)
    return Network(
        states=_count(situation.ties),
        before=_count(before),
        came_back=_came_back(back, situation),
        recovering=_recovering(back, situation),
        n_given=given,
        n_received=received,
        quiet=tuple(_describe_quiet(person, situation) for person in quiet),
        meeting=_meeting(situation),
        asleep=tuple(_describe_asleep(tie, situation) for tie in pick_for_week(asleep, today)),
    )


def _describe_quiet(person: PersonId, situation: Situation) -> Quiet:
    tie, wishes = situation.ties[person], read_wishes(situation)
    if is_overdue(tie, wishes):
        said = say_gaps(wishes.gaps[person])
        says = f"{said[:1].lower()}{said[1:]}, now {tie.silent_days}"
        return Quiet(_name(person, situation), says, _talked_about(person, situation), True)
    says = f"usually {_say_gap(tie)}, now {tie.silent_days}"
    return Quiet(_name(person, situation), says, _talked_about(person, situation))


def _describe_asleep(tie: Tie, situation: Situation) -> Quiet:
    """Words for a tie that went dormant: when it was, and not how long it has been."""
    says = f"you used to talk {_say_gap(tie)}, last {say_month(tie.last_on, situation.today)}"
    return Quiet(_name(tie.alter, situation), says, _talked_about(tie.alter, situation)[:1])


def _meeting(situation: Situation) -> tuple[Quiet, ...]:
    """Those whose flag a booked meeting holds, soonest first, as many as a week may flag."""
    held = sorted(
        (one.meets_on, person)
        for person, one in read_rulings(situation).items()
        if one.is_held and one.is_flagged and one.meets_on and _is_fading(person, situation)
    )
    return tuple(
        Quiet(_name(person, situation), say_day(on, situation.today))
        for on, person in held[: situation.rules.flags_per_week]
    )


def _is_fading(person: PersonId, situation: Situation) -> bool:
    tie = situation.ties[person]
    return tie.state is not State.COOLING or is_overdue(tie, read_wishes(situation))


def _name(person: PersonId, situation: Situation) -> str:
    return situation.people[person].name


def _talked_about(person: PersonId, situation: Situation) -> tuple[str, ...]:
    topics = find_telling(situation.topics.get(person, ()), situation)
    # One word alone ("waiting") seldom says what two people talk about; two words do.
    return tuple(t.term for t in topics if t.n_threads > 1 and " " in t.term)[:N_TOPICS]


def _say_gap(tie: Tie) -> str:
    every = max(1, round(tie.typical_gap_days))
    return "every day" if every == 1 else f"every {every} days"


def estimate_before(
    connection: Connection, basis: Basis, *, on: date, now: int
) -> dict[PersonId, Tie]:
    """Return the ties as they stood on an earlier day, nothing later known."""
    folded = ties.read_ties(connection)
    later = {t.person for t in folded if t.gaps.last_on > on or _is_seen_after(t.gaps, on)}
    same = [t for t in folded if t.person not in later]
    theirs = contacts.read_contacts(connection, later, until=now)
    earlier = [c for c in theirs if basis.day_of(c.at) <= on]
    seen = passing.read_last_passing(connection, later, until=basis.end_of(on))
    refolded = fold_contacts(earlier, basis, seen)
    rows = [(t.person, t.gaps, t.n_out, t.n_in) for t in [*same, *refolded]]
    found = estimate(rows, on=on, model=basis.model, thresholds=basis.thresholds)
    return {tie.alter: tie for tie in found}


def _is_seen_after(gaps: GapState, on: date) -> bool:
    return gaps.seen_on is not None and gaps.seen_on > on


def _count(standing: Mapping[PersonId, Tie]) -> dict[str, int]:
    counts = Counter(tie.state.value for tie in standing.values())
    return {state.value: counts[state.value] for state in State}


def _came_back(
    back: Mapping[PersonId, Recovery], situation: Situation
) -> tuple[tuple[str, int], ...]:
    """Names of those who came back this week, and how long the silence lasted, longest first."""
    found = [
        (_name(person, situation), one.after_days)
        for person, one in back.items()
        if one.on > situation.today - WEEK
    ]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def _recovering(back: Mapping[PersonId, Recovery], situation: Situation) -> tuple[str, ...]:
    """Names of those who came back before this week, the latest first."""
    found = sorted(
        (-one.on.toordinal(), _name(person, situation))
        for person, one in back.items()
        if one.on <= situation.today - WEEK
    )
    return tuple(name for _, name in found)


def _count_help(situation: Situation) -> tuple[int, int]:
    since = situation.at - WEEK
    lately = [d for d in situation.decisions if d.decided_at > since]
    given = [d for d in lately if isinstance(d, Done) or (isinstance(d, Helped) and d.given)]
    received = [d for d in lately if isinstance(d, Helped) and not d.given]
    return len(given), len(received)
