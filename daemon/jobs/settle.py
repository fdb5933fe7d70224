"""How the reading of a source ended -> what is noted of it, and what the owner is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import AccessDenied, Misconfigured, Unavailable
from daemon.config.sign_in import complete
from daemon.jobs.due import SAID_AFTER, back_off
from daemon.locate import locate
from daemon.store import sources
from daemon.store.database import Database
from daemon.store.ingest import CursorMoved
from daemon.store.sources import Source


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source that could not be read, and what the owner can do about it.

    One that ``is_final`` is not read again until the owner has acted.
    """

    source: str
    needs: str
    is_final: bool


def settle(
    engine: Database, source: Source, problem: BaseException | None, *, at: datetime, draw: float
) -> Trouble | None:
    """Note how the reading of ``source`` ended, and when to look at it again.

    Args:
        engine: The database.
        source: As the settings have it, with its failures so far.
        problem: What ended the reading; None if it came to its end.
        at: The present.
        draw: By chance, 0 to 1: spreads the next tries.

    Returns:
        What to tell the owner, or None if all is well.
    """
    match problem:
        case None:
            usual = at + timedelta(minutes=source.poll_minutes)
            sources.succeed(engine, source.name, at=at, next_at=usual)
            return None
        case CursorMoved():
            # Whoever moved it is reading right now, and will note how that ends.
            return Trouble(source.name, "another kithd is reading it at this moment", False)
        case AccessDenied() | Misconfigured():
            needs = complete(str(problem), source.name)
            sources.stop(engine, source.name, needs=needs)
            return Trouble(source.name, needs, is_final=True)
        case _:
            return _fail(engine, source, problem, at, draw)


def _fail(
    engine: Database, source: Source, problem: BaseException, at: datetime, draw: float
) -> Trouble:
    is_known = isinstance(problem, Unavailable)
    says = str(problem) if is_known else f"kithd itself failed: {locate(problem)}"
    asked = problem.retry_after if isinstance(problem, Unavailable) else None
    sources.fail(
        engine,
        source.name,
        needs=says if _has_failed_long(source, at) else "",
        at=at,
        next_at=back_off(source.n_failures + 1, at=at, draw=draw, retry_after=asked),
    )
    return Trouble(source.name, says, is_final=False)


def _has_failed_long(source: Source, at: datetime) -> bool:
    return source.failing_since is not None and at - source.failing_since >= SAID_AFTER
