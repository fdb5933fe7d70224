"""Short signed references, so that a reply can show which digest it answers."""

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

_TAG_CHARS = 16
"""64 bits: one guess a mail makes forging hopeless, and a subject line stays readable."""

_DAY, _TAG = r"(\d{4}-\d\d-\d\d)", r"([0-9a-f]{16})"
_IN_ID = re.compile(rf"<?kithd\.{_DAY}\.{_TAG}@", re.ASCII | re.IGNORECASE)
_IN_SUBJECT = re.compile(rf"(?<!\w)kithd {_DAY} {_TAG}(?!\w)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """What somebody says they answer: the digest of ``on``, and the token to prove it."""

    on: date
    token: str


def sign(entry: str, *, key: bytes) -> str:
    """Return the tag of ``entry`` that only the holder of ``key`` could have made.

    16 hexadecimal digits. Source: RFC 2104 (HMAC), section 5 on truncating.
    """
    return hmac.new(key, entry.encode(), sha256).hexdigest()[:_TAG_CHARS]


def verify(entry: str, tag: str, *, key: bytes) -> bool:
    """Return whether ``tag``, as somebody sent it, is the tag of ``entry``."""
    # Bytes, because comparing text raises on anything that is not ASCII.
    return hmac.compare_digest(tag.encode(errors="replace"), sign(entry, key=key).encode())


def token_for(owner: str, on: date, *, key: bytes) -> str:
    """Return the token of the digest that ``owner``, an address, gets for the local date ``on``.

    It stands in the digest's Message-ID, ``<kithd.2026-11-21.TOKEN@example.org>``, and in the
    subject of the replies that its links open, ``kithd 2026-11-21 TOKEN``.
    """
    return sign(_entry(owner, on), key=key)


def is_genuine(reference: Reference, owner: str, *, key: bytes) -> bool:
    """Return whether the token is the one of ``owner``'s digest of that day."""
    return verify(_entry(owner, reference.on), reference.token, key=key)


def find_in_subject(subject: str) -> Iterator[Reference]:
    """Yield the references in a subject, in order; none of them is proven."""
    return _read(_IN_SUBJECT, subject)


def find_in_id(message_id: str) -> Iterator[Reference]:
    """Yield the reference that a Message-ID is, with or without its angle brackets."""
    found = _IN_ID.match(message_id)
    return _read(_IN_ID, found[0] if found else "")


def _entry(owner: str, on: date) -> str:
    return f"digest {on.isoformat()} {owner.strip().lower()}"


def _read(pattern: re.Pattern[str], text: str) -> Iterator[Reference]:
    for day, tag in pattern.findall(text):
        try:
            yield Reference(date.fromisoformat(day), tag.lower())
        except ValueError:  # the 30th of February
            continue
