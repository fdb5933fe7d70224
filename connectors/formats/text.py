"""Foreign strings to harmless ones: scrubbed, bounded, encoded words decoded."""

import re
from collections.abc import Iterable
from itertools import groupby

from connectors.formats.charsets import decode_bytes
from connectors.formats.transfer import decode_base64, decode_q

# What never shows but misleads: C0 and C1 controls that are not white space, lone surrogates,
# soft hyphen, zero-width and bidirectional controls, fillers, interlinear marks, tags,
# noncharacters.
# Source: Unicode 15.1, sections 23.2 to 23.9; reliability notes, threat T1.
_hidden = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_line_ends = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

_CHARSET = r"[A-Za-z0-9_.:+-]{1,40}(?:\*[A-Za-z0-9-]*)?"
_word = re.compile(rf"=\?({_CHARSET})\?([bBqQ])\?([^?]*)\?=")
_run = re.compile(rf"=\?{_CHARSET}\?[bBqQ]\?[^?]*\?=(?:\s*=\?{_CHARSET}\?[bBqQ]\?[^?]*\?=)*")


def scrub(value: str, limit: int) -> str:
    """Make one harmless line of ``value``, at most ``limit`` characters long.

    Hidden characters go, white space of every kind folds to single spaces, the ends are
    stripped. Scrubbing twice changes nothing.

    Source: reliability notes, limits on input and threats T1, T2, T17.
    """
    if not (value.isascii() and value.isprintable()):
        value = _hidden.sub("", value)
    return " ".join(value.split())[:limit].rstrip()


def scrub_lines(value: str, limit: int) -> str:
    """Make harmless text of ``value``, at most ``limit`` characters, its lines kept.

    Every line end becomes a line feed and every tab a space; other spaces stay, for a
    signature's delimiter is two dashes and a space (RFC 3676 section 4.3). Scrubbing twice
    changes nothing.
    """
    value = value.replace("\r\n", "\n").replace("\t", " ")
    if value.isascii() and value.replace("\n", "").isprintable():
        return value[:limit]
    value = _line_ends.sub("\n", value).replace("\x1f", " ")
    return _hidden.sub("", value)[:limit]


def decode_words(value: str) -> str:
    """Decode the encoded words in ``value``; what is not one stays as it is.

    Neighbouring words lose the white space between them, and are decoded together where they
    share a charset, for many senders cut characters in two. The result is not scrubbed.

    Source: RFC 2047 sections 2 and 6.2; RFC 2231 section 5 (the language is dropped).
    """
    if "=?" not in value:
        return value
    return _run.sub(lambda run: _decode_run(_word.findall(run[0])), value)


def _decode_run(words: Iterable[tuple[str, str, str]]) -> str:
    return "".join(
        decode_bytes(b"".join(_payload(*word) for word in group), charset.partition("*")[0])
        for charset, group in groupby(words, key=lambda word: word[0].lower())
    )


def _payload(_charset: str, encoding: str, encoded: str) -> bytes:
    raw = encoded.encode("utf-8", "replace")
    return decode_q(raw) if encoding in "qQ" else decode_base64(raw)
