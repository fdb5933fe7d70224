"""Bring an open house up to date: read its sources, or what was read of them before."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from daemon.cli.house import Wishes, open_house
from daemon.cli.progress import show_progress
from daemon.clock import Clock
from daemon.config.sign_in import asks_to_sign_in, tell_sign_in
from daemon.errors import ExitCode, UserError
from daemon.house import House, look_at
from daemon.jobs.look_back import look_back
from daemon.jobs.recall import recall
from daemon.jobs.refresh import derive, refresh
from daemon.jobs.settle import Trouble
from daemon.store import contacts, observed
from daemon.store.database import Database
from daemon.store.replay import PAST_NAME
from daemon.store.sources import forget_cursor


def open_and_read(wishes: Wishes, *, is_polled: bool = True) -> House:
    """Open the house, read what is new, and go back in time if ``--at`` asks for it.

    Args:
        wishes: The command line.
        is_polled: Read the sources even where what they held was kept; a command that only
            shows what is kept need not.

    Raises:
        UserError: Nothing could be read, or none of it concerns the owner.
    """
    house = open_house(wishes, environ=os.environ, clock=Clock())
    if is_polled or house.is_from_given:
        _tell(_read(house), house)
    else:
        derive(house.engine, house.basis, at=house.now)
    _check_owner(house)
    if house.state is not None and house.is_at_given:
        return look_at(house, _recall(house, house.state))
    return house


def _recall(house: House, state: Path) -> Database:
    if house.is_preview:
        return look_back(house.engine, house.basis, house.sources, at=house.at, now=house.now)
    return recall(
        house.engine,
        house.basis,
        house.sources,
        at=house.at,
        now=house.now,
        place=state / PAST_NAME,
    )


def _read(house: House) -> tuple[Trouble, ...]:
    is_kept = house.state is not None
    with show_progress() as on_progress:
        return refresh(
            house.engine,
            house.basis,
            house.sources,
            at=house.now if is_kept else house.at,
            until=house.at if house.is_at_given and not is_kept else None,
            trust=house.trust if is_kept else None,
            on_progress=on_progress,
        )


def _tell(troubles: Iterable[Trouble], house: House) -> None:
    troubles = tuple(troubles)
    for trouble in troubles:
        print(_explain(trouble), file=sys.stderr)
    if troubles and len(troubles) == len(house.sources) and not _is_anything_kept(house):
        raise UserError(
            "None of the sources could be read.",
            ", ".join(t.source for t in troubles),
            "kithd status says what each of them needs",
            exit_code=ExitCode.UNAVAILABLE,
        )


def _is_anything_kept(house: House) -> bool:
    """What was read before is enough for a command, on a machine that is offline."""
    with house.engine.connect() as connection:
        return observed.last_seq(connection) > 0


def _explain(trouble: Trouble) -> UserError:
    remedy = "put that right and run the command again" if trouble.is_final else "again later"
    if asks_to_sign_in(trouble.needs, trouble.source):
        remedy = tell_sign_in(trouble.source)
    reason = trouble.needs.removesuffix(f"; type: {remedy}")
    return UserError("A source could not be read.", f"{trouble.source}: {reason}", remedy)


def _check_owner(house: House) -> None:
    """A misspelt address would be told that there is nothing to give, and never why."""
    with house.engine.connect() as connection:
        if contacts.is_anything_direct(connection):
            return
        busiest = observed.busiest_address(connection)
    if busiest is None:
        return
    raise UserError(
        "None of this mail is from or to you.",
        f"--me {' --me '.join(sorted(house.basis.addresses))}",
        f"--me {busiest}   (the address that wrote most)",
    )


def read_again(house: House) -> None:
    """Read every source from the beginning; what is stored is replaced, nothing is lost."""
    for source in house.sources:
        forget_cursor(house.engine, source.name)
    _tell(_read(house), house)
