"""Short signed references, so that a reply can show which digest it answers."""

import hmac
from hashlib import sha256

_TAG_CHARS = 16
"""64 bits: one guess a mail makes forging hopeless, and a subject line stays readable."""


def sign(entry: str, *, key: bytes) -> str:
    """Return the tag of ``entry`` that only the holder of ``key`` could have made.

    16 hexadecimal digits. Source: RFC 2104 (HMAC), section 5 on truncating.
    """
    return hmac.new(key, entry.encode(), sha256).hexdigest()[:_TAG_CHARS]


def verify(entry: str, tag: str, *, key: bytes) -> bool:
    """Return whether ``tag``, as somebody sent it, is the tag of ``entry``."""
    # Bytes, because comparing text raises on anything that is not ASCII.
    return hmac.compare_digest(tag.encode(errors="replace"), sign(entry, key=key).encode())
