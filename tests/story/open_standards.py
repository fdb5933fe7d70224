"""The owner's accounts at servers that speak IMAP, SMTP, CalDAV and CardDAV, all of them real."""

import re
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from imaplib import IMAP4, Time2Internaldate
from typing import Protocol

from daemon.demo.generate import DemoYear
from tests.servers import dav, dovecot, pymap, smtp
from tests.story.letters import JUNK, SENT, Letter


class Server(Protocol):
    """What Dovecot and pymap have in common."""

    def signed_in(self, user: str) -> IMAP4: ...


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


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """A mailbox on Dovecot, or on pymap where there is none, and the settings that lead to it."""
    if shutil.which("dovecot") or shutil.which("/usr/sbin/dovecot"):
        with dovecot.running() as big:
            user = big.new_user()
            place = f'host = "localhost"\nport = {big.tls_port}\nca_file = "{big.ca_file}"'
            yield Mailbox(big, user), f'{place}\nuser = "{user}"'
    else:
        with pymap.running() as small:
            client = small.signed_in(small.user)
            client.create(SENT)
            client.create(JUNK)
            client.logout()
            place = f'host = "127.0.0.1"\nport = {small.port}\nsecurity = "none"'
            yield Mailbox(small, small.user), f'{place}\nuser = "{small.user}"'


def contacts(owner: dav.Owner) -> str:
    """Return the settings that lead to the owner's address book."""
    return f"""
[sources.contacts]
kind = "carddav"
{_account(owner)}
"""


def settings(mail: str, calendar: dav.Owner, sending: smtp.Server) -> str:
    """Return the settings that lead to a mailbox, as they are put, and to the other accounts."""
    return f"""
[delivery]
kind = "smtp"
host = "127.0.0.1"
port = {sending.port}
security = "none"
[sources.mail]
kind = "imap"
newsletters = true
secret = "file:mail.secret"
{mail}
[sources.calendar]
kind = "caldav"
{_account(calendar)}
{contacts(calendar)}
"""


def _account(owner: dav.Owner) -> str:
    return f"""url = "{owner.url}/"
user = "{dav.USER}"
secret = "file:calendar.secret"
allow_private = true"""
