"""The owner's side of a story: a mailbox, a calendar, and letters that come day by day."""

import gzip
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from imaplib import IMAP4, Time2Internaldate
from typing import Protocol

from daemon.demo.generate import DemoYear
from tests.servers import dav

SENT, INBOX = "Sent", "INBOX"


class Server(Protocol):
    """What Dovecot and pymap have in common."""

    def signed_in(self, user: str) -> IMAP4: ...


@dataclass(frozen=True)
class Letter:
    """A message as the made-up year has it, and where it lies."""

    at: datetime
    folder: str
    raw: bytes


@dataclass
class Mailbox:
    """The owner's mailbox, as another mail program sees it."""

    server: Server
    user: str

    @contextmanager
    def signed_in(self) -> Iterator[IMAP4]:
        client = self.server.signed_in(self.user)
        yield client
        client.logout()

    def put(self, letters: list[Letter]) -> None:
        """Put letters into their folders, as delivery and the owner's mail program do."""
        with self.signed_in() as client:
            for letter in letters:
                stamp = Time2Internaldate(letter.at)
                status, said = client.append(letter.folder, "", stamp, letter.raw)
                assert status == "OK", said

    def list_ids(self, folder: str) -> list[str]:
        """The Message-IDs of all that lies in a folder."""
        with self.signed_in() as client:
            client.select(folder, readonly=True)
            _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        heads = [part[1].decode() for part in found if isinstance(part, tuple)]
        return [match[0] for head in heads if (match := re.search(r"<[^>]+>", head))]


@dataclass
class Calendar:
    """The owner's calendar, to which each event is added on the day it was made."""

    owner: dav.Owner
    path: str
    waiting: deque[tuple[datetime, str, str]]

    def put_until(self, now: datetime) -> None:
        while self.waiting and self.waiting[0][0] <= now:
            _, name, body = self.waiting.popleft()
            self.owner.put(f"{self.path}{name}.ics", body)


def open_calendar(owner: dav.Owner, year: DemoYear) -> Calendar:
    """Make the calendar; it is empty yet."""
    path = f"{owner.calendars}year/"
    owner.make_calendar(path, "Year")
    text = (year.truth.parent / "calendar.ics").read_bytes().decode()
    head = text[: text.index("BEGIN:VEVENT")]
    events = re.findall(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", text, re.DOTALL)
    dated = sorted((_made_at(event), _name(event), event) for event in events)
    whole = ((at, name, f"{head}{event}END:VCALENDAR\r\n") for at, name, event in dated)
    return Calendar(owner, path, deque(whole))


def put_cards(owner: dav.Owner, year: DemoYear) -> None:
    """Fill the owner's address book, as a telephone does."""
    owner.make_book(f"{owner.books}cards/", "Cards")
    text = (year.truth.parent / "contacts.vcf").read_bytes().decode()
    for n, card in enumerate(re.findall(r"BEGIN:VCARD.*?END:VCARD\r\n", text, re.DOTALL)):
        has_uid = re.search(r"(?m)^UID:", card)
        card = card if has_uid else card.replace("END:VCARD", f"UID:card-{n}\r\nEND:VCARD")
        owner.put(f"{owner.books}cards/{n}.vcf", card)


def _made_at(event: str) -> datetime:
    stamp = re.search(r"DTSTAMP:(\d{8}T\d{6})Z", event)
    assert stamp
    return datetime.strptime(stamp[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _name(event: str) -> str:
    found = re.search(r"UID:([^@]+)@", event)
    assert found
    return found[1]


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
    folder = SENT if is_own else "Junk" if place == ".Junk" else INBOX
    at = parsedate_to_datetime(str(message["Date"]))
    return Letter(at, folder, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def take_until(letters: deque[Letter], now: datetime) -> list[Letter]:
    """Take out what was written before ``now``."""
    taken = []
    while letters and letters[0].at < now:
        taken.append(letters.popleft())
    return taken
