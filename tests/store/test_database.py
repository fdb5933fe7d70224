"""The database is the owner's alone, and its schema's history leads to the schema."""

import stat
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from daemon.errors import UserError
from daemon.store.database import HEAD, Database, open_file, revision_of, writing
from daemon.store.outbox import DIGEST, read_outgoing
from daemon.store.schema import metadata
from daemon.store.sources import list_sources
from daemon.store.upgrade import alembic_config, upgrade


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "kithd.db"
    engine = open_file(path)
    upgrade(engine)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    engine.dispose()


def test_the_migrations_lead_to_the_schema(tmp_path: Path) -> None:
    engine = open_file(tmp_path / "kithd.db")
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert revision_of(engine) == HEAD
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_a_database_of_a_newer_kithd_is_refused_and_left_alone(tmp_path: Path) -> None:
    engine = open_file(tmp_path / "kithd.db")
    upgrade(engine)
    with writing(engine) as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UserError, match="newer kithd"):
        upgrade(engine)
    assert revision_of(engine) == "9999"
    engine.dispose()


def test_an_interrupted_transaction_leaves_nothing(tmp_path: Path) -> None:
    engine = open_file(tmp_path / "kithd.db")
    upgrade(engine)
    with pytest.raises(RuntimeError):
        write_and_fail(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM progress").scalar() == 0
    engine.dispose()


def write_and_fail(engine: Database) -> None:
    with writing(engine) as tx:
        tx.exec_driver_sql("INSERT INTO progress VALUES ('k', '1')")
        raise RuntimeError


def test_a_digest_sent_by_an_older_kithd_is_still_known_after_the_upgrade(tmp_path: Path) -> None:
    engine = open_file(tmp_path / "kithd.db")
    config = alembic_config()
    with writing(engine) as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        tx.exec_driver_sql(
            """INSERT INTO outbox VALUES ('2026-03-02', '<1@example.org>', x'00', 'sent', 7)"""
        )
        tx.exec_driver_sql("INSERT INTO sources VALUES ('mail', 'mbox', '/m', 'text', 'c', 5, '')")
    upgrade(engine)
    with engine.connect() as connection:
        found = read_outgoing(connection, date(2026, 3, 2))
        [source] = list_sources(connection)
    assert found is not None
    assert (found.message_id, found.kind, found.state) == ("<1@example.org>", DIGEST, "sent")
    assert (source.n_failures, source.is_stopped, source.next_at) == (0, False, None)
    engine.dispose()


def test_a_damaged_page_is_told_in_three_lines(tmp_path: Path) -> None:
    path = tmp_path / "kithd.db"
    engine = open_file(path)
    upgrade(engine)
    with writing(engine) as tx:
        for n in range(2000):
            tx.exec_driver_sql("INSERT INTO progress VALUES (?, ?)", (f"key {n}", "x" * 100))
    engine.dispose()
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 60)
    damaged = open_file(path)
    with pytest.raises(UserError, match="damaged"), damaged.connect() as connection:
        connection.exec_driver_sql("SELECT count(value) FROM progress WHERE value > ''").scalar()
    damaged.dispose()
