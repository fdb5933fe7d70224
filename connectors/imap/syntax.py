"""What is said over IMAP <-> values: quoted names, sets of UIDs, the states of folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from imapclient.response_parser import parse_response


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a folder: its UIDVALIDITY, its next UID, and its number of messages."""

    validity: int
    next_uid: int
    n_messages: int


class Entry(NamedTuple):
    """A folder as LIST names it: its attributes in lower case, its delimiter and its name."""

    flags: frozenset[bytes]
    delimiter: bytes | None
    name: bytes


def read_entry(line: Sequence[Any]) -> Entry:
    """Read a LIST response. Source: RFC 3501 section 7.2.2; what RFC 5258 adds is passed over."""
    flags, delimiter, name, *_ = line
    return Entry(frozenset(flag.lower() for flag in flags), delimiter, as_name(name))


class Namespace(NamedTuple):
    """A part of the tree of folders: how the names in it begin, and whether it is the user's."""

    prefix: bytes
    delimiter: bytes
    is_own: bool


def read_namespaces(line: Sequence[Any]) -> list[Namespace]:
    """Read a NAMESPACE response: own, other users' and shared ones. Source: RFC 2342 section 5."""
    own, others, shared = line
    groups = ((own, True), (others, False), (shared, False))
    return [
        Namespace(as_name(prefix), delimiter or b"", is_own)
        for group, is_own in groups
        for prefix, delimiter, *_ in group or ()
    ]


def is_foreign(name: bytes, namespaces: Sequence[Namespace]) -> bool:
    """Ask whether a folder is another user's, or shared: the longest prefix says so.

    The prefix of the shared ones may be empty (Cyrus does so). The inbox is always the
    user's, and so is what no namespace holds. Source: RFC 2342 section 5, RFC 3501 section 5.1.
    """
    folder = name.upper()
    if folder == b"INBOX":
        return False
    held_by = [one for one in namespaces if _holds(one, folder)]
    return bool(held_by) and not max(held_by, key=lambda it: (len(it.prefix), it.is_own)).is_own


def _holds(namespace: Namespace, folder: bytes) -> bool:
    prefix = namespace.prefix.upper()
    return folder.startswith(prefix) or folder + namespace.delimiter == prefix


def as_name(atom: Any) -> bytes:
    """Undo the parser's liking for numbers: a folder may be called 2024, or NIL."""
    if atom is None:
        return b"NIL"
    return atom if isinstance(atom, bytes) else b"%d" % atom


def quote(name: bytes) -> bytes:
    """Return ``name`` as a quoted string; the caller has seen to it that it has no line breaks.

    Source: RFC 3501 section 9, ``quoted``.
    """
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def as_set(uids: Sequence[int]) -> str:
    """Write UIDs as a sequence set, neighbours as ranges: "3:5,9". Source: RFC 3501 section 9."""
    ordered = sorted(uids)
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    return ",".join(f"{a}:{b}" if a < b else f"{a}" for a, b in zip(starts, ends, strict=True))


def read_status(pairs: Sequence[Any]) -> Status:
    """Read the items of a STATUS response; those the server left out are 0."""
    items = dict(zip(map(bytes.upper, pairs[::2]), pairs[1::2], strict=True))
    return Status(
        int(items.get(b"UIDVALIDITY", 0)),
        int(items.get(b"UIDNEXT", 0)),
        int(items.get(b"MESSAGES", 0)),
    )


def parse_lines(found: Sequence[Any]) -> list[Any]:
    """Parse untagged lines one by one: a name in a literal comes with its line in two pieces."""
    lines: list[list[Any]] = []
    is_open = False
    for piece in found:
        if is_open:
            lines[-1].append(piece)
        elif piece:
            lines.append([piece])
        is_open = isinstance(piece, tuple)
    return [parse_response(line) for line in lines]
