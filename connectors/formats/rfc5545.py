"""Bytes of calendars to series of events: split line by line, bounded, nothing expanded yet.

What a series means is worked out by ``connectors.formats.recurrence``, in a process that may
be killed; this module only cuts, so that no series can take another one down with it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.formats.charsets import decode_bytes
from connectors.formats.contentlines import name_of, unfold
from connectors.formats.text import scrub
from connectors.observations import Address, Answer, Attendee, Event

UID_LIMIT = 200
N_LINES_LIMIT = 4_000  # Lines kept of one component: attendees, and exceptions to a rule.
ZONE_LIMIT = 65_536  # Characters of one VTIMEZONE; Apple's longest have a tenth of that.

_READ = frozenset(
    "ATTENDEE CLASS CREATED DTEND DTSTAMP DTSTART DURATION EXDATE LOCATION ORGANIZER RDATE"
    " RECURRENCE-ID RRULE SEQUENCE STATUS SUMMARY TRANSP UID".split()
)
_zone_id = re.compile(r'TZID=(?:"([^"]*)"|([^;:"]*))', re.IGNORECASE)
_stamp = re.compile(r"^DTSTAMP[^\n]*\n", re.IGNORECASE | re.MULTILINE)
_cancelled = "STATUS:CANCELLED"
_unended = "a VEVENT without its end"


@dataclass(frozen=True, slots=True)
class Series:
    """The components of one UID, and all that is needed to understand them.

    ``key`` names it: the UID, or a hash where that is missing, long or unprintable. ``parts``
    are VEVENTs reduced to what is read. ``calendar_zone`` is X-WR-TIMEZONE. ``zones`` are the
    VTIMEZONEs that the parts refer to. ``problems`` says what could not be cut out.
    """

    key: str
    parts: tuple[str, ...] = ()
    calendar_zone: str = ""
    zones: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def fingerprint(self) -> bytes:
        """Return a hash of what is read of it, but for DTSTAMP, which exports renew.

        Source: RFC 5545 section 3.8.7.2: without a METHOD it is the last revision, but
        several programs write the instant of the export.
        """
        parts = [_stamp.sub("", part) for part in self.parts]
        content = "\0".join([*parts, self.calendar_zone, *self.zones, *self.problems])
        return sha256(content.encode("utf-8", "replace")).digest()


@dataclass
class _Cut:
    """What was found in one document."""

    method: str = ""
    zone: str = ""
    parts: list[list[str]] = field(default_factory=list)
    unended: list[list[str]] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)


def split_series(documents: Iterable[bytes]) -> list[Series]:
    """Cut calendars into series, those of one UID together whatever document they lie in.

    Series come in the order of their first component. To-dos, journals, alarms and what is no
    calendar at all are passed over. A document with METHOD:CANCEL cancels what it holds.

    Source: RFC 5545 section 3.6; RFC 5546 section 3.2.5 for METHOD; reliability notes, limits
    on input ("parse component by component and salvage").
    """
    found: defaultdict[str, list[Series]] = defaultdict(list)
    for document in documents:
        cut = _cut(document)
        for lines in cut.parts:
            found[_key(lines)].append(_series(lines, cut))
        for lines in cut.unended:
            found[_key(lines)].append(Series(key=_key(lines), problems=(_unended,)))
    return [_merge(pieces) for pieces in found.values()]


def to_events(answer: dict[str, Any]) -> list[Event]:
    """Turn what ``recurrence.expand`` answered, having gone through JSON, into events."""
    faces = [_face(face) for face in answer["faces"]]
    return [
        Event(
            uid=uid,
            starts_at=_instant(starts),
            ends_at=_instant(ends),
            known_at=_instant(known),
            is_all_day=all_day,
            **faces[face],
        )
        for uid, starts, ends, known, all_day, face in answer["events"]
    ]


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _face(face: dict[str, Any]) -> dict[str, Any]:
    organizer = face["organizer"]
    attendees = (
        Attendee(Address(email, name), Answer(answer), is_person)
        for email, name, answer, is_person in face["attendees"]
    )
    return face | {
        "organizer": Address(*organizer) if organizer else None,
        "attendees": tuple(attendees),
    }


def _cut(document: bytes) -> _Cut:
    cut = _Cut()
    lines = unfold(document)
    for line in lines:
        match name_of(line), _value(line):
            case "BEGIN", "VEVENT":
                _cut_events(lines, cut)
            case "BEGIN", "VTIMEZONE":
                _cut_zone(lines, cut)
            case "METHOD", method:
                cut.method = method
            case "X-WR-TIMEZONE", _:
                cut.zone = scrub(_text(line).partition(":")[2], UID_LIMIT)
    return cut


def _cut_events(lines: Iterator[bytes], cut: _Cut) -> None:
    """Read on to the end of the VEVENT that just began, and of those that begin within it."""
    kept: list[str] = []
    n_inner = 0
    for line in lines:
        match name_of(line), _value(line):
            case "BEGIN", "VEVENT":
                cut.unended.append(kept)
                kept, n_inner = [], 0
            case "BEGIN", _:
                n_inner += 1
            case "END", "VEVENT":
                cut.parts.append(kept)
                return
            case "END", "VCALENDAR":
                break
            case "END", _:
                n_inner = max(0, n_inner - 1)
            case name, _ if name in _READ and not n_inner and len(kept) < N_LINES_LIMIT:
                kept.append(_text(line))
    cut.unended.append(kept)


def _cut_zone(lines: Iterator[bytes], cut: _Cut) -> None:
    kept = ["BEGIN:VTIMEZONE"]
    name = ""
    for line in lines:
        kept.append(_text(line))
        if name_of(line) == "TZID":
            name = name or kept[-1].partition(":")[2].strip()
        elif name_of(line) == "END" and _value(line) in ("VTIMEZONE", "VCALENDAR"):
            break
    text = "\n".join(kept)
    if len(text) <= ZONE_LIMIT and _value(kept[-1].encode()) == "VTIMEZONE":
        cut.zones.setdefault(name, text)


def _series(lines: list[str], cut: _Cut) -> Series:
    if cut.method == "CANCEL":
        lines = [line for line in lines if not line.upper().startswith("STATUS")]
        lines.append(_cancelled)
    part = "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])
    names = sorted({(quoted or plain) for quoted, plain in _zone_id.findall(part)})
    zones = tuple(cut.zones[name] for name in names if name in cut.zones)
    return Series(_key(lines), (part,), cut.zone, zones)


def _merge(pieces: list[Series]) -> Series:
    if len(pieces) == 1:
        return pieces[0]
    return Series(
        key=pieces[0].key,
        parts=tuple(dict.fromkeys(part for piece in pieces for part in piece.parts)),
        calendar_zone=next(filter(None, (piece.calendar_zone for piece in pieces)), ""),
        zones=tuple(dict.fromkeys(zone for piece in pieces for zone in piece.zones)),
        problems=tuple(problem for piece in pieces for problem in piece.problems),
    )


def _key(lines: list[str]) -> str:
    uids = (line.partition(":")[2].strip() for line in lines if line.upper().startswith("UID"))
    uid = next(uids, "")
    if uid and uid == scrub(uid, UID_LIMIT) and uid.isprintable():
        return uid
    return sha256((uid or "\n".join(lines)).encode("utf-8", "replace")).hexdigest()[:32]


def _value(line: bytes) -> str:
    return line.partition(b":")[2].strip().upper()[:64].decode("latin-1")


def _text(line: bytes) -> str:
    return decode_bytes(line.lstrip(), None)
