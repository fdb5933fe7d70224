"""A database of an older kithd is carried on: what is kept stays, what is derived is made anew."""

import json
from collections.abc import Iterator
from hashlib import blake2s
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from connectors.observations import Mark
from daemon.jobs.refresh import derive
from daemon.store import progress, schema
from daemon.store.database import HEAD, Database, open_file, revision_of, writing
from daemon.store.upgrade import alembic_config, upgrade
from tests.jobs.world import (
    ANA,
    AT,
    BASIS,
    BEN,
    LIST,
    ME,
    days_ago,
    derived,
    know,
    letter,
    register,
    rows,
)

LIFE = (
    *(letter(f"o{n}", ME, (ANA,), at=days_ago(30 + 7 * n)) for n in range(5)),
    letter("i", at=days_ago(31)),
    letter("p", ANA, (LIST,), at=days_ago(9), through=(LIST.email,), marks=(Mark.LIST,)),
    letter("b", BEN, (ME, ANA), at=days_ago(20)),
)
AS_DERIVED_BEFORE = 1


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Database]:
    engine = open_file(tmp_path / "kithd.db")
    upgrade(engine)
    yield engine
    engine.dispose()


def go(engine: Database, revision: str) -> None:
    """Take a database back to ``revision``, or an empty one on to it."""
    config = alembic_config()
    with writing(engine) as tx:
        config.attributes["connection"] = tx
        step = command.downgrade if revision_of(engine) else command.upgrade
        step(config, revision)


def make_old(engine: Database) -> None:
    """Turn a database into what the kithd of 0002 left: its tables, and what it noted."""
    facts = [AS_DERIVED_BEFORE, sorted(BASIS.addresses), "UTC", 10, 8, 0.9]
    noted = blake2s(json.dumps(facts).encode(), digest_size=12).hexdigest()
    with writing(engine) as tx:
        progress.keep(tx, "basis", noted)
    go(engine, "0002")


def shape(engine: Database) -> dict[str, Any]:
    """Each table's columns, key and indexes."""
    with engine.connect() as connection:
        found = sa.inspect(connection)
        return {
            name: (
                [
                    (one["name"], repr(one["type"]), one["nullable"], one["default"])
                    for one in found.get_columns(name)
                ],
                found.get_pk_constraint(name)["constrained_columns"],
                sorted((one["name"], one["column_names"]) for one in found.get_indexes(name)),
            )
            for name in found.get_table_names()
        }


def test_back_at_0002_the_tables_are_what_they_were(engine: Database, tmp_path: Path) -> None:
    know_on(engine)
    go(engine, "0002")
    fresh = open_file(tmp_path / "fresh.db")
    go(fresh, "0002")
    assert shape(engine) == shape(fresh)
    assert "fits" not in shape(fresh)
    fresh.dispose()


def know_on(engine: Database) -> None:
    register(engine)
    know(*LIFE, engine=engine)


def old_ties(engine: Database) -> list[tuple[Any, ...]]:
    """The ties by the columns that 0002 knew."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT person, first_on, last_on, last_at, n_days, n_out, n_in, weight, mean, scatter"
            " FROM ties ORDER BY person"
        )
        return [tuple(row) for row in found]


def test_on_the_way_back_and_forth_no_tie_and_no_mail_is_lost(engine: Database) -> None:
    know_on(engine)
    mail, ties = rows(engine, schema.observations), old_ties(engine)
    assert ties
    go(engine, "0002")
    assert old_ties(engine) == ties
    upgrade(engine)
    assert revision_of(engine) == HEAD
    assert (rows(engine, schema.observations), old_ties(engine)) == (mail, ties)


def test_what_0003_keeps_of_a_tie_is_filled_at_the_next_reading(engine: Database) -> None:
    know_on(engine)
    whole = derived(engine)
    make_old(engine)
    upgrade(engine)
    [tie] = rows(engine, schema.ties)
    assert tie[-2:] == (1.0, None)
    derive(engine, BASIS, at=AT)
    assert derived(engine) == whole
    [tie] = rows(engine, schema.ties)
    assert tie[-2] > 3
    assert tie[-1] == days_ago(9).date()
