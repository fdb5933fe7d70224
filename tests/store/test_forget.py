"""Who is forgotten leaves no trace, and does not come back; nobody else is touched."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.observations import Address, Birthday, Card
from daemon.commands.model import Decision
from daemon.jobs.compose import compose, remember
from daemon.jobs.refresh import derive
from daemon.people.model import Identity, Same
from daemon.store import decisions, offers, outbox, schema
from daemon.store.database import Database, open_file, writing
from daemon.store.forget import forget
from daemon.store.offers import Offer
from daemon.store.outbox import Outgoing
from daemon.store.upgrade import upgrade
from daemon.suggestions.model import Never, Note, Rules
from tests.jobs.world import (
    ANA,
    ANA_HOME,
    AT,
    BASIS,
    BEN,
    ME,
    days_ago,
    derived,
    know,
    letter,
    meeting,
    n_days,
    people,
    register,
    rows,
    tell,
)

JOANA = Address("joana@example.com", "Joana Vale")
UMLAUT = Address("ana@bücher.example.org", "Ana Diaz")
TRACES = (b"ana@example.com", b"ana@example.net", b"Diaz", "bücher".encode(), b"ana.com")
LIFE = (
    letter("a", ME, (ANA,), subject="The walk", at=days_ago(12)),
    letter("b", ANA, text="Could you send me the map, please?", at=days_ago(6)),
    letter("c", ANA_HOME, (ME, BEN), at=days_ago(13), subject="Ana Diaz writes"),
    letter("d", ME, (ANA, BEN), at=days_ago(12), subject="For Ana Diaz and Ben"),
    letter("e", BEN, at=days_ago(6), subject="Only Ben"),
    letter("f", JOANA, at=days_ago(5), subject="Only Joana"),
    letter("g", ME, (JOANA, BEN), at=days_ago(4)),
    letter("u", ME, (UMLAUT,), at=days_ago(14)),
    replace(
        meeting("m", ANA, BEN, at=days_ago(11)), summary="Ana Diaz, Ben", location="At Ana Diaz's"
    ),
    Card("k", "Ana Diaz", (ANA.email, ANA_HOME.email), Birthday(3, 9)),
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Database]:
    engine = open_file(tmp_path / "kithd.db")
    upgrade(engine)
    register(engine)
    know(*LIFE, engine=engine)
    yield engine
    engine.dispose()


def traces(engine: Database) -> dict[str, int]:
    """How often each trace stands in the bytes of the database's files."""
    place = Path(str(engine.url.database))
    raw = b"".join(path.read_bytes() for path in sorted(place.parent.iterdir()))
    found = {trace.decode(): raw.count(trace) for trace in TRACES}
    found["ana@example.com"] -= raw.count(b"joana@example.com")
    return {trace: n for trace, n in found.items() if n}


def test_the_test_would_see_the_traces(engine: Database) -> None:
    assert set(traces(engine)) >= {"ana@example.com", "ana@example.net", "Diaz", "bücher"}


def test_no_byte_of_the_file_names_who_is_forgotten(engine: Database) -> None:
    composed = compose(engine, BASIS, at=AT, rules=Rules())
    letter_of_day = Outgoing("<d@example.org>", b"Came back: Ana Diaz", on=AT.date(), state="sent")
    assert any("Ana" in item.who for item in composed.page.items)
    remember(engine, composed, letter_of_day, now=AT)
    forget(engine, ANA.email)
    derive(engine, BASIS, at=AT)
    assert traces(engine) == {}


def test_reading_the_same_mail_again_does_not_bring_them_back(engine: Database) -> None:
    forget(engine, ANA.email)
    derive(engine, BASIS, at=AT)
    before = derived(engine), rows(engine, schema.observations)
    know(*LIFE, engine=engine)
    assert (derived(engine), rows(engine, schema.observations)) == before
    assert traces(engine) == {}


def test_what_they_write_later_is_not_kept(engine: Database) -> None:
    forget(engine, ANA.email)
    know(letter("z", ANA, subject="Ana Diaz again"), engine=engine)
    assert traces(engine) == {}


def test_everybody_else_stays(engine: Database) -> None:
    before = n_days(engine)
    forget(engine, ANA.email)
    derive(engine, BASIS, at=AT)
    assert n_days(engine) == {who: before[who] for who in (BEN.email, JOANA.email)}
    assert set(people(engine)) == {BEN.email, JOANA.email}


def test_what_the_owner_said_of_others_stays(engine: Database) -> None:
    said: list[Decision] = [
        Never(Identity(JOANA.email), days_ago(2)),
        Never(Identity(ANA.email), days_ago(2)),
        Same(Identity(ANA_HOME.email), Identity(BEN.email), days_ago(2)),
        Note(Identity(BEN.email), f"Knows {ANA.email}.", days_ago(2)),
    ]
    decisions.append(engine, "o", said[:2], at=days_ago(2))
    decisions.append(engine, "p", said[2:], at=days_ago(2))
    forget(engine, ANA.email)
    with engine.connect() as connection:
        assert [d.decision for d in decisions.read_all(connection)] == said[:1]


def test_no_second_digest_is_sent_on_the_day_of_one_that_was(engine: Database) -> None:
    today, tomorrow = days_ago(0).date(), days_ago(-1).date()
    with writing(engine) as tx:
        outbox.put(tx, Outgoing("<1@example.org>", b"Ana Diaz", on=today, state="sent"), at=AT)
        outbox.put(tx, Outgoing("<2@example.org>", b"Ana Diaz", on=tomorrow, state="ready"), at=AT)
    forget(engine, ANA.email)
    with engine.connect() as connection:
        kept = outbox.read_outgoing(connection, today)
        assert kept == Outgoing("<1@example.org>", b"", on=today, state="sent")
        assert outbox.read_outgoing(connection, tomorrow) is None


def test_entries_of_digests_that_name_them_beside_others_go(engine: Database) -> None:
    on = AT.date()
    entries = [
        Offer(on, 1, "k1", "reply", (BEN.email,), who="Ben Okafor", why="You met Ana Diaz too."),
        Offer(on, 2, "k2", "reply", (BEN.email,), who="Ben Okafor", why="Ben asked."),
        Offer(on, 3, "k3", "reply", (ANA_HOME.email,), who="Ana", why="Ana asked."),
    ]
    with writing(engine) as tx:
        offers.replace_offers(tx, on, entries, now=AT)
    forget(engine, ANA.email)
    with engine.connect() as connection:
        assert offers.read_last(connection) == (entries[1],)


def test_an_address_nobody_was_met_by_can_be_kept_out_beforehand(engine: Database) -> None:
    assert forget(engine, "new@example.com") == 0
    tell(engine, [letter("n", Address("new@example.com", "New Comer"))])
    assert not any("new@" in row[5] for row in rows(engine, schema.observations))


def test_a_message_to_them_and_others_keeps_the_others_and_loses_its_words(
    engine: Database,
) -> None:
    forget(engine, ANA.email)
    kept = {row[1]: json.loads(row[5]) for row in rows(engine, schema.observations)}
    assert set(kept) == {"d", "e", "f", "g", "m"}
    assert [to[1] for to in kept["d"]["to"]] == [BEN.email]
    assert "subject" not in kept["d"]
    assert "d" not in {row[1] for row in rows(engine, schema.said)}


def test_a_digest_in_doubt_is_not_sent_again_for_a_person_being_forgotten(engine: Database) -> None:
    today = days_ago(0).date()
    with writing(engine) as tx:
        outbox.put(tx, Outgoing("<1@example.org>", b"Ana Diaz", on=today, state="claimed"), at=AT)
    forget(engine, ANA.email)
    with engine.connect() as connection:
        kept = outbox.read_outgoing(connection, today)
    assert kept is not None
    assert (kept.state, kept.message) == ("failed", b"")
