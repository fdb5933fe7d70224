"""A packed answer to what it holds, piece by piece, so that a bomb costs no memory."""

import zlib
from collections.abc import Iterable, Iterator

from connectors.files import RATIO_LIMIT

RATIO_GRACE = 2**20
"""Bytes that may come out before RATIO_LIMIT is looked at."""
_PIECE = 64 * 1024


class Unfit(ValueError):
    """An answer that is not taken; the message says why, and follows a host's name."""


def unpack(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            yield from chunks
        case "gzip" | "x-gzip":
            yield from _gunzipped(chunks)
        case _:
            raise Unfit("answers in an encoding that was not asked for")


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what gzip members hold, in small pieces. Source: RFC 1952 section 2.2."""
    inflate = zlib.decompressobj(wbits=31)
    n_in = n_out = 0
    for chunk in chunks:
        n_in += len(chunk)
        rest, part = chunk, b"-"
        while rest or part:
            if rest and inflate.eof:
                inflate = zlib.decompressobj(wbits=31)
            part = _inflated(inflate, rest)
            rest = inflate.unconsumed_tail or inflate.unused_data
            n_out += len(part)
            if n_out > max(RATIO_GRACE, RATIO_LIMIT * n_in):
                raise Unfit(f"answers with what swells more than {RATIO_LIMIT}-fold")
            yield part
    if n_in and not inflate.eof:
        raise Unfit("broke off its answer")


def _inflated(inflate: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return inflate.decompress(packed, _PIECE)
    except zlib.error:
        raise Unfit("answers with what cannot be unpacked") from None
