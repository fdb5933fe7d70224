"""The letters of the made-up year, in the order in which they were written."""

import gzip
import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

from daemon.demo.generate import DemoYear

SENT, INBOX, JUNK = "Sent", "INBOX", "Junk"


@dataclass(frozen=True)
class Letter:
    """A message as the made-up year has it, and where it lies."""

    at: datetime
    folder: str
    raw: bytes


def letters_of(year: DemoYear) -> deque[Letter]:
    """All messages of the made-up year, oldest first."""
    folder = year.truth.parent
    archive = gzip.decompress((folder / "old.mbox.gz").read_bytes())
    raws = [(raw.split(b"\n", 1)[1], "") for raw in (b"\n" + archive).split(b"\nFrom ")[1:]]
    raws += [(p.read_bytes(), p.parent.parent.name) for p in (folder / "mail").rglob("*.demo*")]
    return deque(sorted((_letter(raw, place, year) for raw, place in raws), key=lambda it: it.at))


def _letter(raw: bytes, place: str, year: DemoYear) -> Letter:
    raw = re.sub(rb"(?m)^>From ", b"From ", raw)
    message = message_from_bytes(raw, policy=policy.compat32)
    is_own = any(address in str(message["From"]) for address in year.owner)
    folder = SENT if is_own else JUNK if place == ".Junk" else INBOX
    at = parsedate_to_datetime(str(message["Date"]))
    return Letter(at, folder, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def take_until(letters: deque[Letter], now: datetime) -> list[Letter]:
    """Take out what was written before ``now``."""
    taken = []
    while letters and letters[0].at < now:
        taken.append(letters.popleft())
    return taken
