"""A path -> a database that is open, at the present schema, and only the owner's to read."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection as Connection  # told on to the layers above the store
from sqlalchemy import Engine, ExceptionContext, Table, create_engine, delete, event, inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from daemon.errors import ExitCode, UserError
from daemon.store.schema import metadata

Database: TypeAlias = Engine
"""An open database, by the name that layers above the store know it by."""

HEAD = "0004"
"""The schema revision this program needs; equal to the newest migration (tested)."""

BUSY_MS = 60_000
"""How long a writer waits for another. Source: reliability notes, fault 9."""

SCRATCH_KIB = 65_536
"""How much of a throw-away database is held in memory."""

_DAMAGES = ("malformed", "not a database")
"""Source: SQLite's result codes SQLITE_CORRUPT and SQLITE_NOTADB, as it words them."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # WAL with NORMAL can lose the last commits at a power loss, never the order of them:
    # a cursor is in the same commit as its observations, so they are lost together.
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)


def open_scratch() -> Engine:
    """Open a throw-away database that lives as long as the engine, for this process alone.

    It is held in memory up to a bound; what is more goes to a file without a name, which
    the system removes with the process. Source: SQLite, "In-memory databases", section 3.
    """
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, creator=_connect_scratch, hide_parameters=True
    )
    event.listen(engine, "begin", _begin)
    metadata.create_all(engine)
    return engine


def open_file(path: Path) -> Engine:
    """Open the database at ``path``, made with mode 0600 if absent, schema not looked at.

    Raises:
        OSError: The file or its folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # What goes into the database goes into no error text.
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    _listen(engine)
    return engine


def revision_of(engine: Engine) -> str | None:
    """Return the schema revision the database says it has, None if it is empty.

    Raises:
        UserError: It is no database, or one that cannot be read.
    """
    try:
        if not inspect(engine).has_table("alembic_version"):
            return None
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except DatabaseError as problem:
        raise _explain_damage(engine, str(problem.orig)) from problem
    return None if found is None else str(found)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that holds the write lock from its first statement."""
    with engine.connect().execution_options(kithd_writes=True) as tx, tx.begin():
        yield tx


def clear(tx: Connection, tables: tuple[Table, ...]) -> None:
    """Empty ``tables``."""
    for table in tables:
        tx.execute(delete(table))


def rewrite(engine: Engine) -> None:
    """Write the file anew, so that nothing erased can be read from its free pages or its log."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def open_copy(path: Path) -> Engine:
    """Open a throw-away copy of the database at ``path``, or an empty one if there is none."""
    engine = open_scratch()
    if path.exists():
        copy, source = engine.raw_connection(), sqlite3.connect(path)
        try:
            source.backup(cast(sqlite3.Connection, copy.driver_connection))
        finally:
            source.close()
            copy.close()
    return engine


def save_copy(engine: Engine, path: Path) -> None:
    """Write all that ``engine`` holds to ``path``, with mode 0600, in place of what is there."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT, 0o600))
    source, copy = engine.raw_connection(), sqlite3.connect(fresh)
    try:
        cast(sqlite3.Connection, source.driver_connection).backup(copy)
    finally:
        copy.close()
        source.close()
    remove_file(path)
    fresh.replace(path)


def remove_file(path: Path) -> None:
    """Remove the database at ``path`` with its log, if it is there."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect_scratch() -> sqlite3.Connection:
    connection = sqlite3.connect("", check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute(f"PRAGMA cache_size=-{SCRATCH_KIB}")
    return connection


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _configure)
    event.listen(engine, "handle_error", _name_damage)
    event.listen(engine, "begin", _begin)


def _name_damage(context: ExceptionContext) -> None:
    """Tell of a damaged page what of a damaged file is told, wherever it is come upon."""
    problem = str(context.original_exception)
    if context.engine is not None and any(one in problem for one in _DAMAGES):
        raise _explain_damage(context.engine, problem)


def _explain_damage(engine: Engine, problem: str) -> UserError:
    return UserError(
        "The database is damaged, or is none.",
        f"{engine.url.database}: {problem}",
        "Move the file away, or put a backup in its place, and run the command again",
        exit_code=ExitCode.UNAVAILABLE,
    )


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 must not begin transactions on its own
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: one that upgrades later can lose to another and
    # must then be run again from its first read.
    writes = connection.get_execution_options().get("kithd_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
