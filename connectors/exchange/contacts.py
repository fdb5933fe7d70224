"""Changes in a folder of contacts -> cards."""

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from lxml import etree

from connectors.document import Outcome
from connectors.exchange.elements import TYPES, instant_of, kind_of, named_after, text_of
from connectors.exchange.folders import Listed
from connectors.exchange.server import Change, Found, Server, fields_of
from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub
from connectors.observations import Birthday, Card, Gone
from connectors.protocol import Rejected

_CARD = fields_of(
    "card",
    "display_name",
    "given_name",
    "surname",
    "company_name",
    "email_addresses",
    "birthday",
)
_NO_YEAR = 1604
"""What programs write where no year is known: the first leap year that Exchange can keep.

Source: MS-DTYP section 2.3.3 (its instants begin in 1601); seen in contacts from telephones.
"""


class ContactReader:
    """Reads the contacts of a mailbox; lists of people are no person."""

    listed = ()

    def __init__(self, server: Server, *, zone: str) -> None:
        """Remember in which zone a birthday is a day."""
        self._server, self._zone = server, ZoneInfo(zone)

    def read(self, _: Listed, changes: Sequence[Change]) -> Outcome:
        """Report what is new or has changed, and what was deleted."""
        gone = [Gone(named_after(one.id)) for one in changes if one.kind == "Delete"]
        told = [one for one in changes if one.kind in ("Create", "Update")]
        people = [one.id for one in told if kind_of(one.item) == "Contact"]
        found = [self._read(one) for one in self._server.items(people, _CARD)]
        cards = [one for one in found if isinstance(one, Card)]
        return Outcome([*gone, *cards], [one for one in found if isinstance(one, Rejected)])

    def _read(self, found: Found) -> Card | Rejected | None:
        uid = named_after(found.id)
        if found.item is None:
            return Rejected(uid, found.problem) if found.problem else None
        organization = scrub(text_of(found.item, "CompanyName"), NAME_LIMIT)
        name, emails = _name(found.item) or organization, tuple(_emails(found.item))
        if not (name or emails):
            return Rejected(uid, "neither a name nor an address")
        return Card(uid, name, emails, self._birthday(found.item), organization)

    def _birthday(self, contact: etree._Element) -> Birthday | None:
        """Read a birthday, which is an instant of that day: midnight, or before noon in UTC.

        Source: MS-OXOCNTC section 2.2.1.5.1 (11:59 UTC); older programs wrote midnight where
        they ran.
        """
        at = instant_of(contact, "Birthday")
        if at is None:
            return None
        day: date = at.astimezone(self._zone).date()
        return Birthday(day.month, day.day, day.year if day.year > _NO_YEAR else None)


def _name(contact: etree._Element) -> str:
    given, family = (text_of(contact, name) for name in ("GivenName", "Surname"))
    names = (
        scrub(one, NAME_LIMIT) for one in (text_of(contact, "DisplayName"), f"{given} {family}")
    )
    return next(filter(None, names), "")


def _emails(contact: etree._Element) -> Iterator[str]:
    """Yield its addresses, each once; those of the directory alone are none."""
    entries = contact.iterfind(f"{TYPES}EmailAddresses/{TYPES}Entry")
    found = (normalise((entry.text or "").strip()) for entry in entries)
    yield from dict.fromkeys(filter(None, found))
