"""Bytes of an address book to cards: versions 2.1, 3.0 and 4.0, one card at a time.

Of 33 real and broken files vobject 0.9.9 reads 17 and loses the others whole; nothing of it is
needed to find names, addresses and birthdays in content lines.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.contentlines import (
    ContentLine,
    join_soft_breaks,
    name_of,
    read_line,
    split_structured,
    unfold,
)
from connectors.formats.text import scrub
from connectors.observations import Birthday, Card

UID_LIMIT = 200
N_LINES_LIMIT = 1_000
N_EMAILS_LIMIT = 50

_READ = frozenset("BDAY EMAIL FN KIND N NICKNAME ORG UID X-ADDRESSBOOKSERVER-KIND".split())
_PERSONS = {"", "individual"}
_day = re.compile(r"(?:(\d{4})-?|--)(\d\d)-?(\d\d)(?:[T ].*)?")

# Apple writes 1604 where no year is known (a leap year, so that 29 February fits), and says so
# in X-APPLE-OMIT-YEAR; older programs of its write 1904, where their calendars began.
_NO_YEAR = {1604, 1904}
_LEAP_YEAR = 2000


class Unreadable(ValueError):
    """A card that cannot be one; the message says why, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class CardLines:
    """One card, cut out but not yet understood: its key, and those of its lines that are read.

    ``key`` is the UID, or a hash of the lines where that is missing, long or unprintable.
    """

    key: str
    lines: tuple[bytes, ...] = ()
    problem: str = ""

    def fingerprint(self) -> bytes:
        """Return a hash of the lines."""
        return sha256(b"\n".join([*self.lines, self.problem.encode()])).digest()


def split_cards(document: bytes) -> Iterator[CardLines]:
    """Cut an address book into cards; a card within a card (AGENT) is passed over.

    A card that has no end, or within which another begins, is one with a problem.

    Source: RFC 6350 section 6.1; vCard 2.1 section 2.1.
    """
    kept: list[bytes] | None = None
    previous, n_inner = "", 0
    for line in unfold(join_soft_breaks(document)):
        name = name_of(line)
        if name == "BEGIN" and previous == "AGENT":
            n_inner += 1
        elif name == "BEGIN" and _is_card(line):
            yield from _unended(kept)
            kept, n_inner = [], 0
        elif name == "END" and n_inner:
            n_inner -= 1
        elif name == "END" and kept is not None and _is_card(line):
            yield _cut(kept)
            kept = None
        elif kept is not None and name in _READ and not n_inner and len(kept) < N_LINES_LIMIT:
            kept.append(line.strip())
        previous = name
    yield from _unended(kept)


def read_card(card: CardLines) -> Card | None:
    """Understand one card; None for one of a group, a firm or a thing.

    The preferred addresses come first. The name is FN, else put together from N, else the
    organization or the nickname.

    Raises:
        Unreadable: It has no end, or names neither a person nor an address.

    Source: RFC 6350 section 6; RFC 2426 section 3 and vCard 2.1 for the older forms.
    """
    if card.problem:
        raise Unreadable(card.problem)
    lines = [line for raw in card.lines if (line := read_line(raw))]
    if not _PERSONS.issuperset(_texts(lines, "KIND", "X-ADDRESSBOOKSERVER-KIND")):
        return None
    emails = _emails(lines)
    organization = scrub(next(_organizations(lines), ""), NAME_LIMIT)
    name = _name(lines) or organization
    if not (name or emails):
        raise Unreadable("neither a name nor an address")
    birthday = next(filter(None, map(_birthday, _named(lines, "BDAY"))), None)
    return Card(card.key, name, emails, birthday, organization)


def _is_card(line: bytes) -> bool:
    return line.partition(b":")[2].strip().upper() == b"VCARD"


def _unended(kept: list[bytes] | None) -> Iterator[CardLines]:
    if kept is not None:
        yield replace(_cut(kept), problem="a VCARD without its end")


def _cut(kept: list[bytes]) -> CardLines:
    uids = (line for raw in kept if name_of(raw) == "UID" and (line := read_line(raw)))
    uid = next((line.text().strip() for line in uids), "")
    if not (uid and uid.isprintable() and uid == scrub(uid, UID_LIMIT)):
        uid = sha256(uid.encode("utf-8", "replace") or b"\n".join(kept)).hexdigest()[:32]
    return CardLines(uid, tuple(kept))


def _named(lines: list[ContentLine], name: str) -> Iterator[ContentLine]:
    return (_plain(line) for line in lines if line.name == name)


def _plain(line: ContentLine) -> ContentLine:
    """Undo the quoted-printable of vCard 2.1, which may name the encoding without a key."""
    encodings = f"{line.params.get('ENCODING', '')},{line.params.get('TYPE', '')}".upper()
    if "QUOTED-PRINTABLE" not in encodings:
        return line
    return replace(line, value=quopri.decodestring(line.value))


def _texts(lines: list[ContentLine], *names: str) -> list[str]:
    return [line.text().strip().lower() for name in names for line in _named(lines, name)]


def _name(lines: list[ContentLine]) -> str:
    formatted = (line.text() for line in _named(lines, "FN"))
    put_together = (_put_together(line) for line in _named(lines, "N"))
    nicknames = (line.text() for line in _named(lines, "NICKNAME"))
    names = (
        scrub(name, NAME_LIMIT) for group in (formatted, put_together, nicknames) for name in group
    )
    return next(filter(None, names), "")


def _put_together(line: ContentLine) -> str:
    family, given, additional, *_ = [*split_structured(line.raw()), "", "", ""]
    return f"{given} {additional} {family}"


def _organizations(lines: list[ContentLine]) -> Iterator[str]:
    return (split_structured(line.raw())[0] for line in _named(lines, "ORG"))


def _emails(lines: list[ContentLine]) -> tuple[str, ...]:
    found: dict[str, bool] = {}
    for line in list(_named(lines, "EMAIL"))[:N_EMAILS_LIMIT]:
        email = normalise(re.sub(r"(?i)^mailto:", "", line.text().strip()))
        if email:
            found[email] = found.get(email, False) or _is_preferred(line)
    return tuple(sorted(found, key=lambda email: not found[email]))


def _is_preferred(line: ContentLine) -> bool:
    """Say whether a line is marked as preferred.

    Source: RFC 2426 section 3.3.2 (TYPE=pref); RFC 6350 section 5.3 (PREF=1).
    """
    return line.params.get("PREF") == "1" or "PREF" in line.params.get("TYPE", "").upper().split(
        ","
    )


def _birthday(line: ContentLine) -> Birthday | None:
    """Read a date of birth; None where month or day is missing or impossible.

    Source: RFC 6350 sections 4.3.1 and 6.2.5; RFC 2426 section 3.1.5.
    """
    found = _day.fullmatch(line.text().strip())
    if not found:
        return None
    year, month, day = (int(group or 0) for group in found.groups())
    if not _is_possible(_LEAP_YEAR, month, day):
        return None
    is_omitted = line.params.get("X-APPLE-OMIT-YEAR") == found[1] or year in _NO_YEAR
    is_known = not is_omitted and _is_possible(year, month, day)
    return Birthday(month, day, year if is_known else None)


def _is_possible(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
