"""Elements of an EWS answer -> texts, instants, addresses; what is missing or wrong is None."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b

from lxml import etree

TYPES = "{http://schemas.microsoft.com/exchange/services/2006/types}"
MESSAGES = "{http://schemas.microsoft.com/exchange/services/2006/messages}"

_NAME_BYTES = 10


def kind_of(element: etree._Element) -> str:
    """Return the name of an element, without its namespace."""
    return str(etree.QName(element).localname)


def text_of(element: etree._Element, *path: str) -> str:
    """Return the text of what lies at ``path``, "" where nothing does."""
    found = element.find("/".join(f"{TYPES}{name}" for name in path))
    return "" if found is None else str(found.text or "").strip()


def id_of(element: etree._Element, name: str = "ItemId") -> str:
    """Return the identifier that an item or a folder has, "" where it has none."""
    found = element.find(f"{TYPES}{name}")
    return "" if found is None else str(found.get("Id", ""))


def named_after(identifier: str) -> str:
    """Return a short name for what has a long identifier, and one that lasts as long."""
    return blake2b(identifier.encode(), digest_size=_NAME_BYTES).hexdigest()


def is_set(element: etree._Element, name: str) -> bool:
    """Ask whether a flag is there, and true."""
    return text_of(element, name).lower() in ("true", "1")


def number_of(element: etree._Element, name: str) -> int:
    """Return a number, 0 where there is none."""
    text = text_of(element, name)
    return int(text) if text.isascii() and text.isdigit() else 0


def instant_of(element: etree._Element, *path: str) -> datetime | None:
    """Return an instant in UTC; None where there is none, or none that can be understood.

    The server is asked in UTC, so that an instant without an offset is meant so too.
    """
    try:
        at = datetime.fromisoformat(text_of(element, *path))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def mailboxes_of(element: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    """Yield the display names and addresses of the mailboxes at or within ``name``."""
    for mailbox in element.iterfind(f"{TYPES}{name}//{TYPES}Mailbox"):
        yield text_of(mailbox, "Name"), text_of(mailbox, "EmailAddress")


def property_of(element: etree._Element, tag: int) -> str:
    """Return the value of an extended property by its tag, "" where it is not set."""
    for found in element.iterfind(f"{TYPES}ExtendedProperty"):
        uri = found.find(f"{TYPES}ExtendedFieldURI")
        if uri is not None and _number(str(uri.get("PropertyTag", ""))) == tag:
            return str(found.findtext(f"{TYPES}Value") or "")
    return ""


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None
