"""Bytes to text by a charset that a message names, rightly or not; never fails."""

from encodings.aliases import aliases
from functools import lru_cache

# Only what this table of the standard library lists is ever tried: so never punycode, which is
# quadratic, nor the escapes, nor a module that happens to bear the name. These are no texts:
_REFUSED = {
    "base64_codec",
    "bz2_codec",
    "hex_codec",
    "mbcs",
    "quopri_codec",
    "rot_13",
    "uu_codec",
    "zlib_codec",
}
_UNLISTED = {"cp720", "cp737", "cp874", "cp1006", "koi8_t", "koi8_u", "mac_arabic", "utf_8_sig"}
_KNOWN = ({*aliases.values()} | _UNLISTED) - _REFUSED

# What senders write is often a subset of what they use, or a name of Microsoft's own.
# Source: WHATWG Encoding standard, section 4.2, names and labels.
_MEANT = {
    "ascii": "utf_8",
    "us_ascii": "utf_8",
    "utf8": "utf_8",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "shift_jis": "cp932",
    "tis_620": "cp874",
    "iso_8859_8_i": "iso8859_8",
    "x_gbk": "gb18030",
    "cp_850": "cp850",
}


def decode_bytes(payload: bytes, charset: str | None) -> str:
    """Decode ``payload`` as ``charset`` says; where that fails as UTF-8, else windows-1252.

    Unknown, dangerous and missing charsets count as UTF-8. Bytes that fit nothing become
    U+FFFD. The result may hold controls and (from UTF-7) lone surrogates: scrub it.

    Source: reliability notes, limits on input ("charset fallback").
    """
    codec = _codec(charset) if charset else "utf_8"
    for candidate in (codec, "utf_8"):
        try:
            return payload.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    return payload.decode("cp1252" if codec == "utf_8" else codec, "replace")


@lru_cache(maxsize=512)
def _codec(charset: str) -> str:
    """Name Python's codec. Unknown names never reach it: it would remember each for ever."""
    name = charset.strip().strip("\"'").lower().replace("-", "_").replace(" ", "_")[:40]
    known = aliases.get(name, name)
    meant = _MEANT.get(name) or _MEANT.get(known) or known
    return meant if meant in _KNOWN else "utf_8"
