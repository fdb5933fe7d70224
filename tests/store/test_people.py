"""What observations showed of an address is summed, replaced and taken back."""

import pytest

from daemon.people.model import Identity, Person, PersonId, Sighting
from daemon.store import people, schema
from daemon.store.database import Database, open_scratch, writing
from daemon.store.letters import Letter, save_letters
from daemon.store.people import Seen
from tests.jobs.world import rows

ANA, HOME, BEN = "ana@example.com", "ana@example.net", "ben@example.com"


@pytest.fixture
def engine() -> Database:
    return open_scratch()


def person(*emails: str) -> Person:
    return Person(PersonId(min(emails)), "X", ("X",), frozenset(map(Identity, emails)))


def show(engine: Database, uid: str, *seen: tuple[str, str, Seen], source: str = "s") -> None:
    with writing(engine) as tx:
        shown = {(e, n): one for e, n, one in seen}
        people.save_sightings(tx, source, [uid], [(uid, None, shown)])


def sightings(engine: Database) -> tuple[Sighting, ...]:
    with engine.connect() as connection:
        return people.read_sightings(connection)


def test_names_are_counted_over_all_observations(engine: Database) -> None:
    show(engine, "1", (ANA, "Ana Diaz", Seen(n_seen=1, n_own=1)), (ANA, "", Seen(n_list=1)))
    show(engine, "2", (ANA, "Ana Diaz", Seen(n_seen=2)), (ANA, "ana", Seen(1, 0, 0, 3)))
    assert sightings(engine) == (
        Sighting(
            Identity(ANA),
            names={"Ana Diaz": 3, "ana": 1},
            own_names={"Ana Diaz": 1},
            is_list=True,
        ),
    )


def test_a_message_of_others_counts_once_in_however_many_mailboxes_it_lies(
    engine: Database,
) -> None:
    for source, uid, message_id in (("s", "1", "<a>"), ("t", "1", "<a>"), ("s", "2", "<b>")):
        show(engine, uid, (ANA, "", Seen(n_seen=1, n_from_others=1)), source=source)
        letter = Letter(
            source, uid, 100, "<a>", message_id, None, "ben@example.org", False, 1, True
        )
        with writing(engine) as tx:
            save_letters(tx, [letter])
    assert [s.n_from_others for s in sightings(engine)] == [2]


def test_an_observation_told_again_counts_once_and_one_that_is_gone_no_more(
    engine: Database,
) -> None:
    for _ in range(2):
        show(engine, "1", (ANA, "Ana", Seen(n_seen=1)))
    show(engine, "1", (ANA, "Ana", Seen(n_seen=1)), source="t")
    assert [s.names for s in sightings(engine)] == [{"Ana": 2}]
    show(engine, "1")
    show(engine, "1", source="t")
    assert sightings(engine) == ()


def test_only_those_whose_addresses_moved_are_refolded(engine: Database) -> None:
    with writing(engine) as tx:
        people.save_people(tx, [person(ANA), person(HOME), person(BEN)])
        tx.execute(schema.stale.delete())
        people.save_people(tx, [person(ANA, HOME), person(BEN)])
    assert rows(engine, schema.stale) == [(ANA,), (HOME,)]


def test_a_person_is_found_by_any_address(engine: Database) -> None:
    with writing(engine) as tx:
        people.save_people(tx, [person(ANA, HOME)])
        assert people.person_of(tx, HOME) == people.person_of(tx, ANA) == ANA
        assert people.person_of(tx, BEN) is None
        assert people.persons_by_identity(tx) == {ANA: ANA, HOME: ANA}
        assert people.read_people(tx, [ANA]) == {PersonId(ANA): person(ANA, HOME)}
        assert people.read_people(tx) == {}  # nobody has a tie
