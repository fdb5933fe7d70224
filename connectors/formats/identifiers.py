"""Message-ID, In-Reply-To and References headers to bare, bounded identifiers."""

import re
from hashlib import sha256

from connectors.formats.text import scrub

IDENTIFIER_LIMIT = 998
"""Characters of an identifier; a longer one is replaced. Source: RFC 5322 section 2.1.1."""
REFERENCES_LIMIT = 20
_N_OLDEST = 2  # a thread is known by its root, and a reply by its parents

_bracketed = re.compile(r"<([^<>]*)>")


def parse_identifier(value: str) -> str | None:
    """Read a Message-ID: what stands in angle brackets, else all of it, without spaces."""
    match = _bracketed.search(value)
    return _tidy(match[1] if match else value)


def parse_parent(value: str) -> str | None:
    """Read In-Reply-To: its first identifier; after prose, its last.

    Old programs write ``Message from "Ana" <ana@example.org> of Monday <id@host>``: there the
    first brackets hold an address. Source: RFC 5322 section 4.5.4; RFC 822 section 4.6.2.
    """
    found = _bracketed.findall(value)
    if not found:
        return _tidy(value) if "@" in value and " " not in value else None
    return _tidy(found[0] if value.startswith("<") else found[-1])


def parse_references(value: str, but: str | None) -> tuple[str, ...]:
    """Read References, oldest first, each once, without ``but``: the first 2 and last 18."""
    found = _bracketed.findall(value) or value.split()
    known = dict.fromkeys(identifier for one in found if (identifier := _tidy(one)))
    known.pop(but or "", None)
    kept = list(known)
    if len(kept) > REFERENCES_LIMIT:
        kept = [*kept[:_N_OLDEST], *kept[_N_OLDEST - REFERENCES_LIMIT :]]
    return tuple(kept)


def _tidy(identifier: str) -> str | None:
    bare = "".join(identifier.split()).replace("<", "").replace(">", "")
    if not (bare.isascii() and bare.isprintable()):
        bare = scrub(bare, len(bare))
    if len(bare) > IDENTIFIER_LIMIT:
        return f"sha256:{sha256(bare.encode('utf-8')).hexdigest()}"
    return bare or None
