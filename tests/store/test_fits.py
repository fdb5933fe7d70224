"""Fits are kept with what they were made from, come back whole, and outlast what is derived."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from daemon.store import fits, schema
from daemon.store.database import Database, open_file, open_scratch, revision_of, writing
from daemon.store.export import read_tables
from daemon.store.fits import Fit
from daemon.store.forget import forget
from daemon.store.rebuild import empty_derived
from daemon.store.upgrade import alembic_config, upgrade
from tests.jobs.world import AT, rows

MODEL = {"model": "renewal", "parameters": {"prior_gap_days": 12.5, "dropout_base": -2.1}}
SCORES = {
    "fitted": {"n": 410, "auc": 0.81, "log_loss": 0.5},
    "present": {"n": 410, "auc": 0.78, "log_loss": 0.6},
}
KEPT = Fit(AT, AT.date(), "these settings", 1204, MODEL, SCORES, is_kept=True)
TOO_FEW = Fit(AT, AT.date(), "these settings", 312)
DAY = timedelta(days=1)


@pytest.fixture
def engine() -> Database:
    return open_scratch()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    engine = open_file(tmp_path / "kithd.db")
    yield engine
    engine.dispose()


def keep(engine: Database, *found: Fit) -> None:
    with writing(engine) as tx:
        for one in found:
            fits.keep(tx, one)


def latest(engine: Database, made_from: str = "these settings", days: int = 0) -> Fit | None:
    with engine.connect() as connection:
        return fits.read_latest(connection, made_from, until=AT + days * DAY)


def at(fit: Fit, days: int) -> Fit:
    values = {name: getattr(fit, name) for name in ("made_from", "n", "model", "scores", "is_kept")}
    return Fit(fitted_at=fit.fitted_at + days * DAY, until_on=fit.until_on + days * DAY, **values)


def test_a_fit_comes_back_as_it_was_kept(engine: Database) -> None:
    assert latest(engine) is None
    keep(engine, KEPT)
    assert latest(engine) == KEPT
    keep(engine, at(TOO_FEW, 1))
    assert latest(engine, days=1) == at(TOO_FEW, 1)


def test_the_newest_by_then_counts_and_none_of_later(engine: Database) -> None:
    keep(engine, at(KEPT, -60), at(KEPT, -30), at(KEPT, 3))
    assert latest(engine) == at(KEPT, -30)
    assert latest(engine, days=-31) == at(KEPT, -60)
    assert latest(engine, days=-61) is None


def test_a_fit_from_other_settings_counts_for_nothing(engine: Database) -> None:
    keep(engine, KEPT)
    assert latest(engine, made_from="other settings") is None


def test_attempts_that_could_not_be_judged_do_not_pile_up(engine: Database) -> None:
    keep(engine, at(KEPT, -9), *(at(TOO_FEW, n) for n in range(5)))
    assert [row[0] for row in rows(engine, schema.fits)] == [
        int((AT - 9 * DAY).timestamp()),
        int((AT + 4 * DAY).timestamp()),
    ]


def test_fits_are_exported_and_stay_when_somebody_is_forgotten_or_all_is_rebuilt(
    file: Database,
) -> None:
    upgrade(file)
    keep(file, KEPT)
    empty_derived(file)
    forget(file, "ana@example.com")
    assert latest(file) == KEPT
    [row] = json.loads(json.dumps(read_tables(file), default=str))["fits"]
    assert row["model"] == MODEL
    assert row["is_kept"] is True
    assert row["until_on"] == "2026-03-02"


def test_an_older_database_takes_fits_after_the_upgrade_and_loses_only_them_on_the_way_back(
    file: Database,
) -> None:
    config = alembic_config()
    with writing(file) as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0002")
        tx.exec_driver_sql("INSERT INTO forgotten VALUES ('a hash')")
    assert not sa.inspect(file).has_table("fits")
    upgrade(file)
    keep(file, KEPT)
    assert latest(file) == KEPT
    with writing(file) as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0002")
    assert revision_of(file) == "0002"
    assert not sa.inspect(file).has_table("fits")
    assert rows(file, schema.forgotten) == [("a hash",)]
    upgrade(file)
    assert latest(file) is None
