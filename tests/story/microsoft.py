"""The owner's account at Microsoft: mail that comes and goes, a calendar, and people."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any
from zoneinfo import ZoneInfo

import vobject

from daemon.demo.generate import DemoYear
from tests.servers.graph import GraphMailbox
from tests.servers.graph_items import attendee, contact, event, message, recipient, sent_message
from tests.servers.graph_store import Shelf
from tests.servers.microsoft import Account
from tests.servers.microsoft_login import CLIENT_ID
from tests.story.events import Meeting
from tests.story.letters import INBOX, JUNK, SENT, Letter

ZONE = ZoneInfo("Europe/Berlin")
_SHELVES = {INBOX: "inbox", SENT: "sentitems", JUNK: "junkemail"}
_ANSWERS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentativelyAccepted",
    "NEEDS-ACTION": "none",
}
OWNER = "robin@example.org"
READS = ("Mail.Read", "Calendars.ReadBasic", "Contacts.Read")


@dataclass
class GraphBox:
    """The owner's mailbox, as Outlook shows it."""

    mailbox: GraphMailbox
    taken: list[bytes] = field(default_factory=list)

    def put(self, letters: list[Letter]) -> None:
        for letter in letters:
            item = _sent(letter) if letter.folder == SENT else _received(letter)
            self.mailbox[_SHELVES[letter.folder]].put(item)

    def list_ids(self, folder: str) -> list[str]:
        held = self.mailbox[_SHELVES[folder]].items.values()
        return [str(item["internetMessageId"]) for item in held]

    def list_taken(self) -> list[bytes]:
        """Deliver what kithd has sent since, and return all of it."""
        for raw in self.mailbox.mail.sent[len(self.taken) :]:
            self.put([Letter(datetime.now(UTC), INBOX, raw)])
            self.taken.append(raw)
        return self.taken


@dataclass
class GraphDiary:
    """The owner's calendar, to which each event is added on the day it was made."""

    shelf: Shelf
    waiting: deque[Meeting]

    def put_until(self, now: datetime) -> None:
        while self.waiting and self.waiting[0].made_at <= now:
            self.shelf.put(_event(self.waiting.popleft()))


def put_people(book: Shelf, year: DemoYear) -> None:
    """Fill the owner's people, as a telephone does."""
    text = (year.truth.parent / "contacts.vcf").read_text(encoding="utf-8")
    for card in vobject.readComponents(text):
        found = card.contents
        addresses = [one.value for one in found.get("email", [])]
        born = found["bday"][0].value if "bday" in found else ""
        more = {"birthday": f"{_birthday(born)}T00:00:00Z"} if born else {}
        book.put(contact(str(card.fn.value), *addresses, **more))


def sign_in(account: Account) -> None:
    """Sign in twice: to read, and to send the digest."""
    account.sign_in(name="account.tokens", permissions_beside=("Mail.Send",))
    account.sign_in(name="sending.tokens", sends=True, permissions_beside=READS)


def settings(account: Account) -> str:
    """Return the settings that lead to the account."""
    usual = f"""client_id = "{CLIENT_ID}"
tenant = "{account.signing.url}/{account.login.tenant}"
url = "{account.graph.url}"
ca_file = "{account.ca_file}"
allow_private = true"""
    return f"""
[delivery]
kind = "graph"
secret = "file:sending.tokens"
{usual}
[sources.account]
kind = "graph"
newsletters = true
secret = "file:account.tokens"
{usual}
"""


def _received(letter: Letter) -> dict[str, Any]:
    read = _read(letter)
    fields = [{"name": name, "value": _one_line(value)} for name, value in read.raw_items()]
    return message(letter.at, **_named(read), internetMessageHeaders=fields)


def _sent(letter: Letter) -> dict[str, Any]:
    read = _read(letter)
    return sent_message(
        letter.at,
        answers=str(read["In-Reply-To"] or ""),
        references=str(read["References"] or ""),
        **_named(read),
    )


def _read(letter: Letter) -> EmailMessage:
    return message_from_bytes(letter.raw, policy=policy.default)


def _named(read: EmailMessage) -> dict[str, Any]:
    text, page = (read.get_body((kind,)) for kind in ("plain", "html"))
    by = _people(read, "From")
    return {
        "from": by[0],
        "sender": by[0],
        "toRecipients": _people(read, "To"),
        "ccRecipients": _people(read, "Cc"),
        "subject": str(read["Subject"] or ""),
        "body": str(text.get_content()) if text else "",
        "html": str(page.get_content()) if page else "",
        "message_id": str(read["Message-ID"]).strip(),
    }


def _people(read: EmailMessage, name: str) -> list[dict[str, Any]]:
    found = getaddresses([str(value) for value in read.get_all(name, [])])
    return [recipient(address, display) for display, address in found]


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _event(meeting: Meeting) -> dict[str, Any]:
    guests = [
        attendee(one.email, _ANSWERS[one.answer], "resource" if one.is_room else "required")
        for one in meeting.guests
    ]
    own = [_ANSWERS[guest.answer] for guest in meeting.guests if guest.email == OWNER]
    organizer = _find_organizer(meeting)
    return event(
        _instant(meeting.starts),
        lasts=_instant(meeting.ends) - _instant(meeting.starts),
        subject=meeting.summary,
        attendees=tuple(guests),
        organizer=organizer,
        response="organizer" if organizer == OWNER or not own else own[0],
        isOrganizer=organizer == OWNER,
        isAllDay=not isinstance(meeting.starts, datetime),
        isCancelled=meeting.is_cancelled,
        showAs="free" if meeting.is_free else "busy",
        location={"displayName": meeting.place},
        createdDateTime=f"{meeting.made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    )


def _find_organizer(meeting: Meeting) -> str:
    """Return whose event it is; at Microsoft nobody declines an event of their own."""
    found = meeting.organizer.email if meeting.organizer else OWNER
    has_declined = any(one.email == found and one.answer == "DECLINED" for one in meeting.guests)
    others = [guest.email for guest in meeting.guests if guest.email != found]
    return others[0] if has_declined else found


def _instant(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), UTC)


def _birthday(text: str) -> str:
    """Return a day as Graph writes it; without a year it is one of 1604."""
    digits = text.replace("-", "")
    return f"1604-{digits[:2]}-{digits[2:4]}" if len(digits) == 4 else (
        f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}")  # fmt: skip
