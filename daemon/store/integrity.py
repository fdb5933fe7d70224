"""A database file -> whether it is whole, and what a check tells of it besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from daemon.errors import ExitCode, UserError
from daemon.store.database import HEAD, open_file, revision_of
from daemon.store.progress import recall
from daemon.store.sources import read_addresses


@dataclass(frozen=True, slots=True)
class Examined:
    """A database that is whole.

    ``revision`` is that of its schema, None for an empty file; ``aliases`` are the addresses
    that mail showed to be the owner's, ``told`` those that accounts say are theirs, by source:
    as far as a database at this revision tells.
    """

    revision: str | None
    aliases: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def examine(path: Path) -> Examined:
    """Read all of the database at ``path``, which is there; nothing is changed.

    Raises:
        OSError: It may not be read or written.
        UserError: It is damaged, no database, or written by a newer kithd.
    """
    engine = open_file(path)
    try:
        revision = revision_of(engine)
        _demand_whole(engine, path)
        if revision is not None and revision > HEAD:
            raise _newer(path, revision)
        if revision != HEAD:
            return Examined(revision)
        with engine.connect() as connection:
            aliases = tuple(recall(connection, "aliases", []))
            return Examined(revision, aliases, read_addresses(connection))
    finally:
        engine.dispose()


def _demand_whole(engine: Engine, path: Path) -> None:
    """Source: SQLite, "PRAGMA quick_check": all but the match of indexes with their tables."""
    try:
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except DatabaseError as problem:
        said = str(problem.orig)
    if said != "ok":
        raise UserError(
            "The database is damaged.",
            f"{path}: {said}",
            f"put a backup in its place, or move it away (mv {path} {path}.damaged): "
            "what was read is read again, and your decisions are lost",
            exit_code=ExitCode.UNAVAILABLE,
        )


def _newer(path: Path, revision: str) -> UserError:
    return UserError(
        "This database was written by a newer kithd.",
        f"{path}: its schema is {revision}",
        "install the newer kithd",
        exit_code=ExitCode.CONFIG,
    )
