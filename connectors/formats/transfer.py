"""Transfer-encoded bytes to the bytes they stand for; damage costs bytes, never an error."""

import re
from binascii import a2b_base64, a2b_qp

_not_base64 = re.compile(rb"[^A-Za-z0-9+/]+")

_words = re.compile(rb"\s*[^\s]+[ \t]+[^\s]")


def decode_base64(encoded: bytes) -> bytes:
    """Decode base64 (RFC 2045 section 6.8), whatever is strewn among it, however it was cut.

    What has spaces within its first line is no base64, only called so: it stays as it is.
    """
    if _words.match(encoded):
        return encoded
    digits = _not_base64.sub(b"", encoded)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return a2b_base64(digits + b"=" * (-len(digits) % 4))


def decode_quoted_printable(encoded: bytes) -> bytes:
    """Decode quoted-printable (RFC 2045 section 6.7); what is not stays as it is."""
    return a2b_qp(encoded)


def decode_q(encoded: bytes) -> bytes:
    """Decode the "Q" encoding of header words (RFC 2047 section 4.2)."""
    return a2b_qp(encoded, header=True)


def decode_body(encoded: bytes, encoding: str) -> bytes:
    """Undo the Content-Transfer-Encoding ``encoding``; an unknown one changes nothing."""
    match encoding:
        case "base64":
            return decode_base64(encoded)
        case "quoted-printable":
            return decode_quoted_printable(encoded)
        case _:
            return encoded
