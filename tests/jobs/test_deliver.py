"""A digest is composed once a day and sent once, whatever happens in between."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from daemon.delivery.maildir import deliver as put_into
from daemon.delivery.message import build_message, message_id_for
from daemon.digest.render_html import render_html
from daemon.digest.render_text import render_text
from daemon.jobs.compose import compose, remember
from daemon.jobs.deliver import deliver
from daemon.store import offers, outbox
from daemon.store.database import Database
from daemon.store.outbox import Outgoing
from daemon.suggestions.model import Rules
from tests.jobs.world import ANA, AT, BASIS, BEN, ME, days_ago, know, letter

ON = AT.date()
ASKED = (
    letter("a", ME, (ANA,), at=days_ago(30)),
    letter("b", text="Could you send me the floor plan?", at=days_ago(6)),
)


class PowerCut(Exception):
    """The machine stops here."""


@pytest.fixture
def engine() -> Database:
    return know(*ASKED)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    return tmp_path / "Maildir"


def prepare(engine: Database) -> bool:
    composed = compose(engine, BASIS, at=AT, rules=Rules(), reply_to=ME.email)
    name = message_id_for(ME.email, ON)
    raw = build_message(
        composed.page, to=ME.email, sender=ME.email, message_id=name, date=composed.page.at
    )
    return remember(engine, composed, Outgoing(ON, name, raw, "ready"), now=AT)


def state_of(engine: Database, on: date = ON) -> str | None:
    with engine.connect() as connection:
        found = outbox.read_outgoing(connection, on)
    return found.state if found else None


def delivered(maildir: Path) -> list[Path]:
    return [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]


def test_composed_twice_on_one_day_it_is_the_same(engine: Database) -> None:
    first = compose(engine, BASIS, at=AT, rules=Rules())
    remember(engine, first, now=AT)
    second = compose(engine, BASIS, at=AT, rules=Rules())
    assert second == first
    assert render_text(second.page) == render_text(first.page)
    assert render_html(second.page) == render_html(first.page)
    assert [item.who for item in first.page.items] == ["Ana Diaz"]


def test_it_is_sent_and_then_not_again(engine: Database, maildir: Path) -> None:
    prepare(engine)
    assert deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    assert not deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    assert len(delivered(maildir)) == 1
    assert state_of(engine) == "sent"


def test_a_digest_the_owner_deleted_is_not_sent_again(engine: Database, maildir: Path) -> None:
    prepare(engine)
    deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    [new] = delivered(maildir)
    new.unlink()
    assert not deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    assert delivered(maildir) == []


def test_there_is_nothing_to_send_on_another_day(engine: Database, maildir: Path) -> None:
    prepare(engine)
    tomorrow = ON + timedelta(days=1)
    assert not deliver(engine, tomorrow, lambda m, i: put_into(m, i, maildir), at=AT)
    assert not maildir.exists()


def test_cut_off_after_sending_it_is_settled_and_not_sent_again(
    engine: Database, maildir: Path
) -> None:
    def send_and_stop(message: bytes, name: str) -> bool:
        put_into(message, name, maildir)
        raise PowerCut

    prepare(engine)
    with pytest.raises(PowerCut):
        deliver(engine, ON, send_and_stop, at=AT)
    assert state_of(engine) == "claimed"
    assert not deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    assert len(delivered(maildir)) == 1
    assert state_of(engine) == "sent"


def test_cut_off_before_sending_it_is_sent_next_time(engine: Database, maildir: Path) -> None:
    def stop(_message: bytes, _name: str) -> bool:
        raise PowerCut

    prepare(engine)
    with pytest.raises(PowerCut):
        deliver(engine, ON, stop, at=AT)
    assert deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    assert len(delivered(maildir)) == 1


def test_a_digest_that_was_read_meanwhile_is_not_sent_again(
    engine: Database, maildir: Path
) -> None:
    def send_and_stop(message: bytes, name: str) -> bool:
        put_into(message, name, maildir)
        raise PowerCut

    prepare(engine)
    with pytest.raises(PowerCut):
        deliver(engine, ON, send_and_stop, at=AT)
    [new] = delivered(maildir)
    new.rename(maildir / "cur" / f"{new.name}:2,S")
    deliver(engine, ON, lambda m, i: put_into(m, i, maildir), at=AT)
    assert len(delivered(maildir)) == 1


def test_the_digest_of_a_day_is_written_once_and_its_numbers_stay(engine: Database) -> None:
    assert prepare(engine)
    with engine.connect() as connection:
        before = offers.read_last(connection), outbox.read_outgoing(connection, ON)
    know(
        letter("c", ME, (BEN,), at=days_ago(40)),
        letter("d", BEN, text="Could you call me, please?", at=days_ago(6)),
        engine=engine,
    )
    assert not prepare(engine)
    with engine.connect() as connection:
        assert (offers.read_last(connection), outbox.read_outgoing(connection, ON)) == before
