"""Who was seen in passing is the same however mail is read, and as a plain count has it."""

from datetime import date, datetime, timedelta
from typing import TypeAlias

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.observations import Address, Event, Folder, Gone, Mark, Message
from daemon.interactions.infer import Limits
from daemon.jobs.histories import read_histories
from daemon.jobs.look_back import look_back
from daemon.jobs.network import estimate_before
from daemon.jobs.refresh import derive
from daemon.jobs.situate import estimate_ties
from daemon.people.model import PersonId
from daemon.store import ties
from daemon.store.database import Database
from daemon.store.instants import to_seconds
from daemon.ties.model import Tie
from tests.jobs.world import (
    ANA,
    AT,
    BASIS,
    BEN,
    CEM,
    LIST,
    ME,
    days_ago,
    derived,
    know,
    letter,
    meeting,
    open_world,
    tell,
)

Item: TypeAlias = Message | Event
Told: TypeAlias = Item | Gone

PATIENT = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
OTHERS = (ANA, BEN, CEM)
CROWD = tuple(Address(f"guest{n}@example.net") for n in range(Limits().max_attendees))
KNOWN = [letter(f"to-{one.email}", ME, (one,), at=days_ago(50)) for one in OTHERS]
MACHINES = frozenset({Mark.AUTO_SUBMITTED, Mark.NO_REPLY})
MARKS = st.sampled_from([(), (), (), (Mark.AUTO_SUBMITTED,), (Mark.NO_REPLY,), (Mark.BULK,)])
FOLDERS = st.sampled_from([Folder.OTHER, Folder.OTHER, Folder.OTHER, Folder.SPAM])
INSTANTS = st.integers(-40 * 24, 5 * 24).map(lambda hours: AT + timedelta(hours=hours))


@st.composite
def items(draw: st.DrawFn, uid: str) -> Item:
    """Mail of all sorts, and meetings of many or few, of the last weeks and days ahead."""
    at, to = draw(INSTANTS), draw(st.lists(st.sampled_from((ME, *OTHERS)), max_size=3, unique=True))
    if draw(st.integers(0, 3)) == 0:
        crowd = CROWD if draw(st.booleans()) else ()
        return meeting(uid, *[one for one in to if one is not ME], *crowd, at=at)
    through = (LIST,) if draw(st.booleans()) else ()
    marks = (*draw(MARKS), Mark.LIST) if through else draw(MARKS)
    return letter(
        uid,
        draw(st.sampled_from((ME, *OTHERS))),
        (*through, *to),
        at=at,
        through=[one.email for one in through],
        marks=marks,
        folder=draw(FOLDERS),
    )


@st.composite
def tellings(draw: st.DrawFn) -> list[Told]:
    """Items one after the other, some of which are told otherwise later, or taken back."""
    told: list[Told] = []
    for n in range(draw(st.integers(1, 7))):
        told.append(draw(items(f"u{n}")))
        if draw(st.booleans()):
            uid = f"u{draw(st.integers(0, n))}"
            told.append(draw(st.one_of(items(uid), st.just(Gone(uid)))))
    return told


LIVES = st.integers(1, 9).flatmap(lambda n: st.tuples(*(items(f"u{k}") for k in range(n))))


def what_stands(told: list[Told]) -> list[Item]:
    last = {one.uid: one for one in told}
    return [one for one in last.values() if not isinstance(one, Gone)]


def seen_in(one: Item) -> set[str]:
    """Whose addresses a mail or a meeting shows, by a plain reading of what counts."""
    if isinstance(one, Event):
        there = {attendee.address.email for attendee in one.attendees}
        return there if len(there) > Limits().max_attendees else set()
    is_own = one.author.email == ME.email and Mark.AUTO_SUBMITTED not in one.marks
    if one.folder is Folder.SPAM or (one.marks & MACHINES and not is_own):
        return set()
    named = {recipient.address.email for recipient in one.recipients}
    is_there = is_own or ME.email in named or not one.lists
    return {one.author.email, *(named if is_there else ())}


def count_by_hand(found: list[Item], who: Address, *, at: datetime) -> set[date]:
    """The days, up to the instant ``at``, on which somebody was seen."""
    instants = [one.starts_at if isinstance(one, Event) else one.sent_at for one in found]
    return {
        instant.date()
        for instant, one in zip(instants, found, strict=True)
        if instant <= at and who.email in seen_in(one)
    }


@PATIENT
@given(tellings(), st.lists(INSTANTS, min_size=14, max_size=14))
def test_one_by_one_at_any_instants_gives_the_same_as_all_at_once(
    told: list[Told], instants: list[datetime]
) -> None:
    engine = open_world()
    tell(engine, KNOWN)
    for one, at in zip(told, instants, strict=False):
        tell(engine, [one])
        derive(engine, BASIS, at=at)
    derive(engine, BASIS, at=AT)
    assert derived(engine) == derived(know(*KNOWN, *what_stands(told)))
    engine.dispose()


@PATIENT
@given(LIVES, st.permutations(range(12)))
def test_the_order_of_reading_changes_nothing(found: tuple[Item, ...], order: list[int]) -> None:
    engine = open_world()
    everything = [*KNOWN, *found]
    for place in order:
        tell(engine, everything[place : place + 1])
        derive(engine, BASIS, at=AT)
    assert derived(engine) == derived(know(*everything))
    engine.dispose()


@PATIENT
@given(LIVES, INSTANTS)
def test_it_is_what_a_count_by_hand_says(found: tuple[Item, ...], at: datetime) -> None:
    everything = [*KNOWN, *found]
    engine = know(*everything, at=at)
    with engine.connect() as connection:
        folded = {tie.person: tie.gaps.seen_on for tie in ties.read_ties(connection)}
        histories = {one.alter: one for one in read_histories(connection, BASIS, at=at)}
    for one in OTHERS:
        days = count_by_hand(everything, one, at=at)
        assert folded[PersonId(one.email)] == max(days)
        assert set(histories[PersonId(one.email)].passing_days) == days
    engine.dispose()


def stand(engine: Database, on: date) -> dict[PersonId, Tie]:
    with engine.connect() as connection:
        return estimate_ties(connection, BASIS, on=on)


@PATIENT
@given(LIVES, st.integers(1, 30))
def test_a_past_view_knows_nothing_of_what_was_seen_later(
    found: tuple[Item, ...], n_days: int
) -> None:
    then = days_ago(n_days).replace(hour=23, minute=59, second=59)
    engine, on = know(*KNOWN, *found), then.date()
    known = [one for one in found if isinstance(one, Event) or one.sent_at <= then]
    fresh = know(*KNOWN, *known, at=then)
    assert derived(look_back(engine, BASIS, (), at=then, now=AT)) == derived(fresh)
    with engine.connect() as connection:
        before = estimate_before(connection, BASIS, on=on, now=to_seconds(AT))
    assert {who: before[who] for who in OTHER_IDS} == {
        who: stand(fresh, on)[who] for who in OTHER_IDS
    }


OTHER_IDS = [PersonId(one.email) for one in OTHERS]
