"""A house -> how its service is: what it reads, what it sent, what comes next, what needs you."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from daemon.house import House
from daemon.jobs import due
from daemon.jobs.tenure import LENGTH, NAME, Holder, read_holder, this_process
from daemon.store import leases, outbox, replies
from daemon.store.sources import Source, read_schedule
from daemon.store.status import Post, read_post

NOT_RELOADED = "not-reloaded"
"""The file that says why new settings were not taken, as long as they are not."""

QUIET = timedelta(minutes=3)
"""A service that has not renewed its lease for so long does not run: it does so each minute."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is at ``at``; all instants are in UTC.

    ``sources`` are those of the settings with their schedule, without counts.
    ``process`` is the service that runs, None if there is none. ``next_digest_at`` is None
    where no delivery is set up. ``refused`` counts replies that were not accepted, by reason.
    ``not_reloaded`` says why the settings in force are not those of the file, if so.
    """

    at: datetime
    process: Holder | None
    sources: tuple[Source, ...]
    next_digest_at: datetime | None
    last_sent_at: datetime | None
    post: Post
    refused: Mapping[str, int]
    not_reloaded: str

    @property
    def n_in_need(self) -> int:
        """How many sources need the owner."""
        return sum(bool(source.needs) for source in self.sources)


def read_health(house: House, *, at: datetime) -> Health:
    """Return how the service of ``house`` is."""
    with house.kept.connect() as connection:
        is_made = outbox.read_outgoing(connection, house.basis.day_of(at)) is not None
        return Health(
            at=at,
            process=_find_process(house, at),
            sources=due.schedule(house.sources, read_schedule(connection)),
            next_digest_at=_find_next(house, at, is_made=is_made),
            last_sent_at=outbox.last_sent_at(connection),
            post=read_post(connection),
            refused=replies.count_refused(connection),
            not_reloaded=_read_note(house),
        )


def say_briefly(health: Health, house: House) -> str:
    """Return the whole of it in one line, for the service manager."""
    n = len(health.sources)
    says = [f"{n} source{'s' * (n != 1)}"]
    says += [f"{health.n_in_need} in need of you"] if health.n_in_need else []
    if health.next_digest_at is None:
        says.append("no delivery")
    else:
        says.append(f"next digest {health.next_digest_at.astimezone(house.basis.zone):%a %H:%M}")
    says += ["a mail could not be sent"] if health.post.problem else []
    says += ["new settings not taken"] if health.not_reloaded else []
    return ", ".join(says)


def keep_note(state: Path, says: str) -> None:
    """Keep why new settings were not taken, or that all is well if it ``says`` nothing.

    It is a file and no row, because a status derives anew what depends on the settings.

    Raises:
        OSError: The folder ``state`` cannot be written to.
    """
    if not says:
        (state / NOT_RELOADED).unlink(missing_ok=True)
        return
    descriptor = os.open(state / NOT_RELOADED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(says)


def _read_note(house: House) -> str:
    if house.state is None:
        return ""
    try:
        return (house.state / NOT_RELOADED).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _find_next(house: House, at: datetime, *, is_made: bool) -> datetime | None:
    if house.settings.delivery.kind is None:
        return None
    return due.find_next_digest(
        at,
        zone=house.basis.zone,
        hour=house.digest_hour,
        workdays=house.rules.workdays,
        is_made=is_made,
    )


def _find_process(house: House, at: datetime) -> Holder | None:
    lease = leases.read_lease(house.kept, NAME)
    if lease is None or lease.until - LENGTH + QUIET < at:
        return None
    holder = read_holder(lease.holder)
    if holder is None or house.state is None:
        return holder
    is_here = holder.place == this_process(house.state).place
    return None if is_here and not _is_alive(holder.pid) else holder


def _is_alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
