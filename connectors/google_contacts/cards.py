"""A person as Google's People API tells one -> a card, that it has gone, or why it is neither."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from connectors.document import Outcome
from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub
from connectors.observations import Birthday, Card, Gone
from connectors.protocol import Rejected

UID_LIMIT = 200
N_EMAILS_LIMIT = 50
N_VALUES_LIMIT = 200

PERSON_FIELDS = "birthdays,emailAddresses,metadata,names,organizations"
"""What of a person is asked for: telephone numbers, notes and pictures are not."""

_REPLY_FIELDS = (
    "resourceName,metadata(deleted,previousResourceNames),"
    "names(displayName,unstructuredName,givenName,middleName,familyName,metadata/primary),"
    "emailAddresses(value,metadata/primary),"
    "birthdays(date,text,metadata/primary),"
    "organizations(name,current,metadata/primary)"
)
REPLY_FIELDS = f"nextPageToken,nextSyncToken,totalItems,connections({_REPLY_FIELDS})"
"""What is sent of it: not where each value comes from, which is most of the bytes."""

_day = re.compile(r"(?:(\d{4})-|--)(\d\d)-(\d\d)")
_LEAP_YEAR = 2000

# Contacts that came from Apple's programs have 1604 where no year is known; see formats.vcard.
_NO_YEAR = {0, 1604, 1904}

# What the code below raises over JSON that is not as Google's documents say.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def look(person: Any) -> Outcome:
    """Return what becomes of one item of ``connections.list``; never an exception.

    A person with neither a name nor an address is set aside. One who is called otherwise than
    before, since a card was joined with a profile or parted from it, has gone by the old name.

    Source: People API reference, "Person" and "PersonMetadata".
    """
    uid = _name_person(person.get("resourceName") if isinstance(person, dict) else person)
    try:
        metadata = person.get("metadata", {})
        former = map(_name_person, metadata.get("previousResourceNames", ())[:N_VALUES_LIMIT])
        gone = [Gone(each) for each in former if each != uid]
        if metadata.get("deleted"):
            return Outcome([*gone, Gone(uid)])
        card = _read_card(person, uid)
    except _UNEXPECTED:
        return Outcome(rejected=[Rejected(uid, "not a person as Google describes them")])
    if not (card.name or card.emails):
        return Outcome(gone, [Rejected(uid, "neither a name nor an address")])
    return Outcome([*gone, card])


def _name_person(name: Any) -> str:
    if name and isinstance(name, str) and name.isprintable() and len(name) <= UID_LIMIT:
        return name
    return sha256(repr(name).encode("utf-8", "replace")).hexdigest()[:32]


def _read_card(person: Mapping[str, Any], uid: str) -> Card:
    organization = _first(_organizations(person))
    emails = (normalise(str(each.get("value", ""))) for each in _values(person, "emailAddresses"))
    known = tuple(dict.fromkeys(email for email in emails if email))
    birthdays = (_birthday(each) for each in _values(person, "birthdays"))
    return Card(
        uid=uid,
        name=_first(map(_name, _values(person, "names"))) or organization,
        emails=known[:N_EMAILS_LIMIT],
        birthday=next((each for each in birthdays if each), None),
        organization=organization,
    )


def _values(person: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the values of a field, the primary one first.

    Source: People API reference, "FieldMetadata", ``primary``: of all sources of a person.
    """
    values = person.get(name, [])[:N_VALUES_LIMIT]
    return sorted(values, key=lambda each: not each.get("metadata", {}).get("primary"))


def _first(texts: Iterator[str]) -> str:
    return next((text for text in texts if text), "")


def _name(name: Mapping[str, Any]) -> str:
    whole = (str(name.get(form) or "") for form in ("displayName", "unstructuredName"))
    parts = (str(name.get(part) or "") for part in ("givenName", "middleName", "familyName"))
    return _first(scrub(text, NAME_LIMIT) for text in (*whole, " ".join(parts)))


def _organizations(person: Mapping[str, Any]) -> Iterator[str]:
    """Yield where somebody works: a present place before a past one."""
    found = _values(person, "organizations")
    found.sort(key=lambda each: each.get("current") is False)
    return (scrub(str(each.get("name") or ""), NAME_LIMIT) for each in found)


def _birthday(birthday: Mapping[str, Any]) -> Birthday | None:
    """Read a day of birth; None where month or day is missing or impossible.

    A text is read only where it is a date of ISO 8601 or RFC 6350: which of two numbers is the
    month cannot be told otherwise.

    Source: People API reference, "Birthday" and "Date" (a part that is not known is 0).
    """
    if when := birthday.get("date"):
        year, month, day = (int(when.get(part) or 0) for part in ("year", "month", "day"))
    elif found := _day.fullmatch(str(birthday.get("text") or "").strip()):
        year, month, day = (int(group or 0) for group in found.groups())
    else:
        return None
    if not _is_possible(_LEAP_YEAR, month, day):
        return None
    is_known = year not in _NO_YEAR and _is_possible(year, month, day)
    return Birthday(month, day, year if is_known else None)


def _is_possible(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except (ValueError, OverflowError):
        return False
    return True
