"""How far an account has been read <-> the one printable line that is kept of it."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors import document
from connectors.errors import CursorExpired
from connectors.protocol import Cursor

LENGTH_LIMIT = 4096
"""Characters of a cursor. Source: design notes, the protocol every source keeps."""
TOKENS_LIMIT = 2_800
"""Bytes of all tokens with their keys, uncompressed, where no checksums are kept ..."""
TOKENS_LIMIT_BESIDE_SUMS = 600
"""... and where they are. In base 85, and with what is in progress, either fits a cursor."""

NOTHING = document.Place("").sums
"""The checksums of no items."""

_VERSION = 1
_INFLATED_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Pending:
    """A collection in the middle of being read.

    ``key`` is the collection's. Its changes are told in the order of a hash, and those up to
    ``after`` have been. When all have been, the collection is read up to ``token``.
    """

    key: str
    after: str
    token: str


@dataclass(frozen=True, slots=True)
class Place:
    """How far an account has been read: the meaning of a cursor.

    Attributes:
        origin: Tells accounts, and ways of reading them, apart.
        horizon: How far into the future was read, in seconds of the epoch.
        tokens: By collection, the token it has been read up to.
        pending: The collection that is being read.
        listed: The collections that have no token and are compared as a whole.
        sums: The checksums of what these hold; see ``connectors.document``.
    """

    origin: str
    horizon: int = 0
    tokens: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None
    listed: tuple[str, ...] = ()
    sums: bytes = NOTHING

    @property
    def keys(self) -> set[str]:
        """Return all collections that something has been read of."""
        pending = [self.pending.key] if self.pending else []
        return {*self.tokens, *self.listed, *pending}

    def is_amid(self, key: str) -> bool:
        """Return whether a collection has been read in part."""
        return self.pending is not None and self.pending.key == key

    def only(self, keys: set[str]) -> "Place":
        """Return the place without the collections that are not among ``keys``."""
        tokens = {key: token for key, token in self.tokens.items() if key in keys}
        listed = tuple(key for key in self.listed if key in keys)
        pending = self.pending if any(map(self.is_amid, keys)) else None
        return replace(self, tokens=tokens, pending=pending, listed=listed)

    def without(self, key: str) -> "Place":
        """Return the place as if nothing had been read of one collection."""
        return self.only(self.keys - {key})

    def reading(self, pending: Pending) -> "Place":
        """Return the place in the middle of a collection."""
        return replace(self, pending=pending)

    def having_read(self, key: str, token: str) -> "Place":
        """Return the place at the end of a collection."""
        return replace(self, tokens={**self.tokens, key: token}, pending=None)

    def to_cursor(self) -> Cursor:
        """Return the place as one printable line of at most LENGTH_LIMIT characters.

        Tokens that do not fit are left out, so that their collections are read anew.
        """
        content = _pack(self)
        text = base64.b85encode(zlib.compress(content, 9)).decode("ascii")
        is_fit = len(text) <= LENGTH_LIMIT and len(content) <= _INFLATED_LIMIT
        if self.tokens and not is_fit:
            longest = max(self.tokens, key=lambda key: len(self.tokens[key]))
            return self.without(longest).to_cursor()
        return Cursor(text)


def resume(cursor: Cursor | None, origin: str) -> Place:
    """Return the place that ``cursor`` stands for, the beginning for None.

    Raises:
        CursorExpired: It was issued for another account, other settings or another version.
    """
    if cursor is None:
        return Place(origin)
    fields, sums = _unpack(cursor)
    try:
        version, issued_for, horizon, tokens, pending, listed = fields
        place = Place(
            issued_for,
            int(horizon),
            {str(key): str(token) for key, token in dict(tokens).items()},
            Pending(*map(str, pending)) if pending else None,
            tuple(map(str, listed)),
            sums or NOTHING,
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise CursorExpired("the cursor is damaged") from error
    if (version, issued_for) != (_VERSION, origin) or len(place.sums) != len(NOTHING):
        raise CursorExpired("the cursor belongs to another account, or to other settings")
    return place


def _pack(place: Place) -> bytes:
    pending = place.pending
    fields = [
        _VERSION,
        place.origin,
        place.horizon,
        dict(place.tokens),
        [pending.key, pending.after, pending.token] if pending else None,
        list(place.listed),
    ]
    sums = b"" if place.sums == NOTHING else place.sums
    return json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n" + sums


def _unpack(cursor: Cursor) -> tuple[Any, bytes]:
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(base64.b85decode(cursor), _INFLATED_LIMIT)
        if not inflate.eof:
            raise CursorExpired("the cursor is damaged")
        fields, _, sums = content.partition(b"\n")
        return json.loads(fields), sums
    except (ValueError, RecursionError, binascii.Error, zlib.error) as error:
        raise CursorExpired("the cursor is damaged") from error
