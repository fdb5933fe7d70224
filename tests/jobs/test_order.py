"""Nothing is lost and nothing counted twice, in whatever order and pieces sources are read."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.memory import Account, MemoryConnector, MemorySettings
from connectors.observations import (
    Address,
    Answer,
    Card,
    Event,
    Folder,
    Gone,
    Mark,
    Message,
    Observation,
    Recipient,
    Role,
)
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll
from daemon.jobs.refresh import derive
from daemon.store import schema
from daemon.store.rebuild import empty_derived
from tests.jobs.world import (
    ANA,
    ANA_HOME,
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
    n_days,
    open_world,
    rows,
    tell,
)

PATIENT = settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
SHOUTED = Address(ANA.email, "DIAZ, Ana")
NAMELESS = Address(BEN.email)
ADDRESSES = st.sampled_from((ME, ANA, ANA_HOME, SHOUTED, BEN, NAMELESS, CEM, LIST))
IDS = [f"<m{n}>" for n in range(8)]


@st.composite
def messages(draw: st.DrawFn, uid: str) -> Message:
    own = draw(st.sampled_from([*IDS, None]))
    through = draw(st.booleans())
    return Message(
        uid=uid,
        sent_at=days_ago(draw(st.integers(0, 40))),
        author=draw(ADDRESSES.filter(lambda a: a is not LIST)),
        recipients=tuple(Recipient(a, Role.TO) for a in draw(st.lists(ADDRESSES, max_size=3))),
        message_id=own,
        references=tuple(i for i in draw(st.lists(st.sampled_from(IDS), max_size=2)) if i != own),
        lists=(LIST.email,) if through else (),
        marks=frozenset({Mark.LIST} if through else draw(st.sampled_from([(), (Mark.BULK,)]))),
        folder=draw(st.sampled_from([Folder.OTHER, Folder.OTHER, Folder.SENT, Folder.TRASH])),
    )


@st.composite
def events(draw: st.DrawFn, uid: str) -> Event:
    others = draw(st.lists(ADDRESSES.filter(lambda a: a is not ME), max_size=3))
    return meeting(
        uid,
        *others,
        at=AT + timedelta(days=draw(st.integers(-30, 5))),
        answer=draw(st.sampled_from(Answer)),
        is_cancelled=draw(st.booleans()),
    )


def cards(uid: str) -> st.SearchStrategy[Card]:
    emails = st.lists(st.sampled_from([a.email for a in (ANA, BEN, CEM)]), max_size=2)
    return emails.map(lambda some: Card(uid, "Ana Diaz", tuple(dict.fromkeys(some))))


def observations(uid: str) -> st.SearchStrategy[Observation]:
    return st.one_of(messages(uid), messages(uid), messages(uid), events(uid), cards(uid))


@st.composite
def histories(draw: st.DrawFn) -> list[list[Observation]]:
    """Four batches in which items come, change, and go."""
    batches: list[list[Observation]] = [[], [], [], []]
    for n in range(draw(st.integers(1, 7))):
        versions = draw(st.lists(observations(f"u{n}"), min_size=1, max_size=2))
        if draw(st.integers(0, 3)) == 0:
            versions.append(Gone(f"u{n}"))
        when = draw(st.lists(st.integers(0, 3), min_size=len(versions), max_size=len(versions)))
        for number, version in zip(sorted(when), versions, strict=True):
            batches[number].append(version)
    return [_shuffle(batch, draw(st.permutations(range(7)))) for batch in batches]


def _shuffle(batch: list[Observation], order: list[int]) -> list[Observation]:
    """Put the items into another order, but not the versions of one item."""
    rank = {uid: order[n] for n, uid in enumerate(dict.fromkeys(o.uid for o in batch))}
    return sorted(batch, key=lambda o: rank[o.uid])


def what_stands(history: list[list[Observation]]) -> list[Observation]:
    last = {o.uid: o for batch in history for o in batch}
    return [last[uid] for uid in sorted(last) if not isinstance(last[uid], Gone)]


@given(histories())
@PATIENT
def test_any_order_and_pieces_give_the_same_people_and_ties(
    history: list[list[Observation]],
) -> None:
    engine = open_world()
    for batch in history:
        tell(engine, batch)
        derive(engine, BASIS, at=AT)
    assert derived(engine) == derived(know(*what_stands(history)))
    engine.dispose()


def test_reading_again_after_the_cursor_expired_changes_nothing() -> None:
    account = Account([letter("a"), letter("b", ME, (ANA,)), meeting("c", BEN, at=days_ago(3))])
    engine = open_world()
    for epoch in range(3):
        account.epoch = epoch
        poll(
            engine,
            "s",
            MemoryConnector(MemorySettings(account), since=days_ago(4000)),
            ego=Ego(BASIS.addresses),
            at=AT,
        )
        derive(engine, BASIS, at=AT)
        if epoch == 0:
            before = derived(engine), rows(engine, schema.observations)
    assert (derived(engine), rows(engine, schema.observations)) == before
    assert n_days(engine) == {ANA.email: 1, BEN.email: 1}


def test_the_same_message_in_two_sources_is_one_day_of_contact() -> None:
    engine = open_world("s", "t")
    tell(engine, [letter("a", ME, (ANA,))], "s")
    tell(engine, [letter("a", ME, (ANA,))], "t")
    derive(engine, BASIS, at=AT)
    assert n_days(engine) == {ANA.email: 1}


def test_two_sources_that_number_their_mail_alike_share_no_threads() -> None:
    engine = open_world("s", "t")
    for source, alter in (("s", ANA), ("t", BEN)):
        tell(engine, [replace(letter("1", ME, (alter,)), message_id=None)], source)
    derive(engine, BASIS, at=AT)
    assert len(rows(engine, schema.threads)) == 2


@given(histories())
@PATIENT
def test_deriving_once_at_the_end_gives_the_same_as_deriving_all_the_time(
    history: list[list[Observation]],
) -> None:
    engine = open_world()
    for batch in history:
        tell(engine, batch)
        derive(engine, BASIS, at=AT)
    before = derived(engine)
    empty_derived(engine)
    derive(engine, BASIS, at=AT)
    assert derived(engine) == before
    engine.dispose()
