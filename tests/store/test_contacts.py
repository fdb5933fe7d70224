"""Interactions are replaced, never added twice, and count only once they have happened."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from daemon.interactions.model import Channel, Claim, Direction, Interaction
from daemon.people.model import Identity, Person, PersonId
from daemon.store import contacts, people, schema
from daemon.store.database import Database, open_scratch, writing
from daemon.store.instants import to_instant
from tests.jobs.world import rows

ANA, BEN = "ana@example.com", "ben@example.com"
ONE = Interaction(ANA, to_instant(1000), Channel.EMAIL, Direction.OUTBOUND, thread="<t>")


@pytest.fixture
def engine() -> Database:
    engine = open_scratch()
    known = [Person(PersonId(e), e, (), frozenset({Identity(e)})) for e in (ANA, BEN)]
    with writing(engine) as tx:
        people.save_people(tx, known)
        tx.execute(schema.stale.delete())
    return engine


def save(engine: Database, *found: tuple[str, Interaction], uids: tuple[str, ...] = ()) -> None:
    with writing(engine) as tx:
        named = [*uids, *(uid for uid, _ in found)]
        contacts.save_interactions(tx, "s", named, found)


def times(engine: Database, *, until: int = 5000) -> list[int]:
    with engine.connect() as connection:
        return [c.at for c in contacts.read_contacts(connection, [ANA, BEN], until=until)]


def test_an_item_told_again_replaces_its_interactions(engine: Database) -> None:
    save(engine, ("u", ONE), ("u", replace(ONE, alter=BEN)))
    save(engine, ("u", replace(ONE, at=to_instant(2000))))
    assert times(engine) == [2000]


def test_an_item_that_is_gone_takes_its_interactions_along(engine: Database) -> None:
    save(engine, ("u", ONE))
    save(engine, uids=("u",))
    assert times(engine) == []


def test_whoever_gains_or_loses_contact_is_refolded(engine: Database) -> None:
    save(engine, ("u", ONE))
    assert rows(engine, schema.stale) == [(ANA,)]
    save(engine, ("u", replace(ONE, alter=BEN)))
    assert rows(engine, schema.stale) == [(ANA,), (BEN,)]


def test_what_lies_ahead_or_is_ambient_does_not_count_yet(engine: Database) -> None:
    ahead, ambient = replace(ONE, at=to_instant(9000)), replace(ONE, is_direct=False)
    save(engine, ("u", ONE), ("v", ahead), ("w", ambient))
    assert times(engine) == [1000]
    assert times(engine, until=9000) == [1000, 9000]


def test_a_conditional_claim_counts_once_the_owner_wrote_in_the_thread(engine: Database) -> None:
    save(engine, ("u", replace(ONE, claim=Claim.IF_EGO_WROTE)))
    assert times(engine) == []
    with writing(engine) as tx:
        tx.execute(schema.threads.insert().values(thread="<t>"))
    assert times(engine) == [1000]


def test_a_span_is_open_at_its_beginning_and_closed_at_its_end(engine: Database) -> None:
    save(engine, *((str(n), replace(ONE, at=to_instant(n))) for n in (10, 20, 30)))
    with engine.connect() as connection:
        found = contacts.read_contacts_between(connection, after=10, until=30)
    assert [c.at for c in found] == [20, 30]


def test_only_meetings_of_a_few_are_booked(engine: Database) -> None:
    meeting = replace(ONE, channel=Channel.MEETING, direction=Direction.MUTUAL)
    save(engine, ("u", ONE), ("v", meeting), ("w", replace(meeting, is_direct=False)))
    with engine.connect() as connection:
        found = contacts.read_booked(connection, after=0, until=5000)
    assert [(c.channel, c.direction) for c in found] == [("meeting", "mutual")]


def test_instants_are_kept_to_the_second_in_utc(engine: Database) -> None:
    save(engine, ("u", replace(ONE, at=datetime(1970, 1, 1, 0, 0, 7, 900_000, tzinfo=UTC))))
    assert times(engine) == [7]
