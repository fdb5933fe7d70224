"""The owner's accounts at Google: a mailbox that also sends, and a calendar."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

from tests.servers.gmail import Gmail
from tests.servers.google_accounts import Accounts, kept
from tests.servers.google_calendar import Diary
from tests.story.events import Guest, Meeting
from tests.story.letters import INBOX, JUNK, SENT, Letter

SCOPES = "https://www.googleapis.com/auth/"
SIGN_INS = {
    "mail": ("gmail.readonly",),
    "calendar": ("calendar.events.readonly", "calendar.calendarlist.readonly"),
    "sending": ("gmail.send",),
}
"""What the owner signed in for, and what each permits."""
UNITS = 1_000_000
"""A minute: the year is over in a few."""
_LABELS = {INBOX: ("INBOX",), SENT: ("SENT",), JUNK: ("SPAM",)}
_ANSWERS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "NEEDS-ACTION": "needsAction",
}


@dataclass
class GmailBox:
    """The owner's mailbox, as a browser shows it."""

    gmail: Gmail

    def put(self, letters: list[Letter]) -> None:
        for letter in letters:
            self.gmail.mailbox.deliver(letter.raw, *_LABELS[letter.folder], at=letter.at)

    def list_ids(self, folder: str) -> list[str]:
        wanted = {*_LABELS[folder]}
        held = [one.raw for one in self.gmail.mailbox.kept.values() if wanted <= one.labels]
        return [str(message_from_bytes(raw)["Message-ID"]) for raw in held]

    def list_taken(self) -> list[bytes]:
        """What kithd sent, as it arrived: with a Message-ID that Gmail gave it."""
        held = self.gmail.mailbox.kept.values()
        return [one.raw for one in held if {"SENT", "INBOX"} <= one.labels]


@dataclass
class GoogleDiary:
    """The owner's calendar, to which each event is added on the day it was made."""

    diary: Diary
    waiting: deque[Meeting]

    def put_until(self, now: datetime) -> None:
        while self.waiting and self.waiting[0].made_at <= now:
            self.diary.put(_event(self.waiting.popleft()))


def sign_in(folder: Path, accounts: Accounts) -> None:
    """Sign in to all of it, unseen; each time with an OAuth client's file of its own.

    For what goes by one file shares its units, and a delivery's are 6,000 a minute.
    """
    for name, scopes in SIGN_INS.items():
        place = folder / name
        place.mkdir()
        kept(place, accounts, [SCOPES + scope for scope in scopes])


def settings(mail: str, calendar: str) -> str:
    """Return the settings that lead to the accounts; the two are where they are served."""
    return f"""
[delivery]
kind = "gmail"
url = "{mail}/"
{_signed_in("sending")}
[sources.mail]
kind = "gmail"
newsletters = true
url = "{mail}/"
units_per_minute = {UNITS}
{_signed_in("mail")}
[sources.calendar]
kind = "google_calendar"
url = "{calendar}/calendar/v3/"
{_signed_in("calendar")}
"""


def _signed_in(name: str) -> str:
    return f"""secret = "file:{name}/google.tokens"
client_file = "{name}/client_secret.json"
allow_private = true"""


def _event(meeting: Meeting) -> dict[str, Any]:
    event: dict[str, Any] = {
        "kind": "calendar#event",
        "id": meeting.uid.replace("-", "").lower(),
        "status": "cancelled" if meeting.is_cancelled else "confirmed",
        "created": f"{meeting.made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        "start": _time(meeting.starts),
        "end": _time(meeting.ends),
        "summary": meeting.summary,
        "eventType": "default",
        "attendees": [_attendee(guest) for guest in meeting.guests],
    }
    if meeting.place:
        event["location"] = meeting.place
    if meeting.organizer:
        event["organizer"] = {
            "email": meeting.organizer.email,
            "displayName": meeting.organizer.name,
        }
    if meeting.series:
        event["recurringEventId"] = meeting.series.replace("-", "").lower()
    return event | ({"transparency": "transparent"} if meeting.is_free else {})


def _attendee(guest: Guest) -> dict[str, Any]:
    return {
        "email": guest.email,
        "displayName": guest.name,
        "responseStatus": _ANSWERS[guest.answer],
        "resource": guest.is_room,
    }


def _time(at: datetime | date) -> dict[str, str]:
    if isinstance(at, datetime):
        return {"dateTime": at.isoformat(), "timeZone": "Europe/Berlin"}
    return {"date": at.isoformat()}
