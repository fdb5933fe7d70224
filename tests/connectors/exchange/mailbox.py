"""A mailbox at the Exchange Server of the tests: how it is filled, and how it is read."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from lxml import etree

from connectors.credentials.secrets import Secret
from connectors.errors import ConnectorError
from connectors.exchange.connector import ExchangeConnector
from connectors.exchange.heads import head_of, name_message
from connectors.exchange.settings import ExchangeSettings
from connectors.observations import Folder, Observation
from connectors.protocol import Batch, Cursor
from tests.servers import ews_soap as soap
from tests.servers.api import Served
from tests.servers.ews import PASSWORD, PATH, USER, Exchange, Item

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
AT = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
UNTIL = datetime(2025, 6, 1, tzinfo=UTC)
ANA = ("ana@example.com", "Ana Diaz")
ME = (USER, "Mara Stein")


@dataclass
class Clock:
    """A clock that stands still unless somebody sleeps by it."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def keep(folder: Path, secret: str = PASSWORD) -> Secret:
    """Write a secret to a file of its own and return a reference to it."""
    path = folder / "secret"
    path.touch(mode=0o600)
    path.write_text(secret)
    return Secret(f"file:{path}")


@dataclass
class Home:
    """A mailbox, the server it is at, and where the owner keeps files."""

    exchange: Exchange
    served: Served
    ca_file: Path
    folder: Path

    def settings(self, **others: Any) -> ExchangeSettings:
        return settings_at(self.served, self.ca_file, self.folder, **others)

    def asked(self, operation: str) -> list[etree._Element]:
        """Return the questions of one kind that the server answered."""
        return [question for name, question in self.exchange.asked if name == operation]


def settings_at(served: Served, trusted: Path, folder: Path, **others: Any) -> ExchangeSettings:
    """Return the settings for the mailbox at ``served``, whose authority is ``trusted``."""
    usual = ExchangeSettings(
        user=USER,
        secret=others["secret"] if "secret" in others else keep(folder),
        url=served.url + PATH,
        ca_file=trusted,
        allow_private=True,
        until=UNTIL,
        clock=Clock(),
    )
    return replace(usual, **others)


def poll(
    settings: ExchangeSettings, cursor: Cursor | None = None, *, since: datetime = SINCE
) -> list[Batch]:
    """Return all batches of one poll."""
    with closing(ExchangeConnector(settings, since=since)) as connector:
        return list(connector.poll(cursor))


def poll_to_trouble(
    settings: ExchangeSettings, cursor: Cursor | None = None
) -> tuple[list[Batch], ConnectorError | None]:
    """Return what one poll yields, and what it ends with."""
    batches: list[Batch] = []
    with closing(ExchangeConnector(settings, since=SINCE)) as connector:
        try:
            # What comes before the trouble is kept.
            batches.extend(connector.poll(cursor))
        except ConnectorError as trouble:
            return batches, trouble
    return batches, None


def seen(batches: Iterable[Batch]) -> list[Observation]:
    """Return what batches hold."""
    return [one for batch in batches for one in batch.observations]


def name_of(item: Item, folder: Folder) -> str:
    """Return the name by which a message is reported."""
    written = soap.item(item.kind, item.id, item.properties)
    element = etree.fromstring(f'<x xmlns:t="{soap.TYPES}">{written}</x>')[0]
    return name_message(head_of(element), folder)


def add_letter(
    exchange: Exchange,
    number: int,
    where: str = "inbox",
    *,
    at: datetime = AT,
    by: tuple[str, str] = ANA,
    to: Iterable[tuple[str, str]] = (ME,),
    text: str = "Shall we meet?",
    lines: Iterable[str] = (),
    **properties: str,
) -> Item:
    """Put a message into a folder: with the head it arrived with, or as one that was sent."""
    subject, message_id = f"Note {number}", f"<note-{number}@example.org>"
    known = {
        "ItemClass": soap.element("ItemClass", "IPM.Note"),
        "Subject": soap.element("Subject", subject),
        "DateTimeReceived": soap.element("DateTimeReceived", at),
        "DateTimeSent": soap.element("DateTimeSent", at),
        "Size": soap.element("Size", 2_000),
        "From": soap.one("From", *by),
        "Sender": soap.one("Sender", *by),
        "ToRecipients": soap.many("ToRecipients", to),
        "InternetMessageId": soap.element("InternetMessageId", message_id),
        "TextBody": f'<t:TextBody BodyType="Text">{text}</t:TextBody>',
    }
    if where != "sentitems":
        head = [
            "Received: from mx.example.org by mail.example.org; "
            + format_datetime(at + timedelta(seconds=5)),
            f"From: {by[1]} <{by[0]}>",
            *(f"To: {shown} <{email}>" for email, shown in to),
            f"Date: {format_datetime(at)}",
            f"Subject: {subject}",
            f"Message-ID: {message_id}",
            "MIME-Version: 1.0",
            'Content-Type: multipart/alternative;\r\n\tboundary="cut here"',
            *lines,
        ]
        known["ExtendedProperty"] = soap.extended(0x7D, "\r\n".join(head) + "\r\n\r\n")
    return exchange.add(where, "Message", known | properties)


def add_meeting(
    exchange: Exchange,
    number: int,
    at: datetime = AT,
    *,
    where: str = "calendar",
    kind: str = "Single",
    people: Iterable[tuple[str, str, str]] = ((*ANA, "Accept"),),
    **properties: str,
) -> Item:
    """Put an hour with somebody into a calendar."""
    known = {
        "Subject": soap.element("Subject", f"Meeting {number}"),
        "Sensitivity": soap.element("Sensitivity", "Normal"),
        "DateTimeCreated": soap.element("DateTimeCreated", at - timedelta(days=9)),
        "UID": soap.element("UID", f"meeting-{number}@example.org"),
        "Start": soap.element("Start", at),
        "End": soap.element("End", at + timedelta(hours=1)),
        "IsAllDayEvent": soap.element("IsAllDayEvent", False),
        "LegacyFreeBusyStatus": soap.element("LegacyFreeBusyStatus", "Busy"),
        "Location": soap.element("Location", "Room 7"),
        "IsCancelled": soap.element("IsCancelled", False),
        "CalendarItemType": soap.element("CalendarItemType", kind),
        "MyResponseType": soap.element("MyResponseType", "Organizer"),
        "Organizer": soap.one("Organizer", *ME),
        "RequiredAttendees": soap.attendees("RequiredAttendees", people),
    }
    return exchange.add(where, "CalendarItem", known | properties)


def add_person(exchange: Exchange, number: int, where: str = "contacts", **more: str) -> Item:
    """Put somebody into the contacts."""
    known = {
        "DisplayName": soap.element("DisplayName", f"Person {number}"),
        "EmailAddresses": soap.entries([f"person-{number}@example.com"]),
    }
    return exchange.add(where, "Contact", known | more)
