"""Address headers and addr-specs to :class:`Address`: one reading, the ambiguous refused."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.formats.text import decode_words, scrub
from connectors.observations import Address

ADDRESSES_LIMIT = 2_000
"""Mailboxes read of one header. Source: reliability notes, limits on input."""
EMAIL_LIMIT = 320
"""Characters of an addr-spec. Source: RFC 3696 section 3 (64 + "@" + 255)."""
NAME_LIMIT = 200

_local = re.compile(r'[^\s()<>\[\]:;@\\,"]+')
_label = re.compile("(?!-)[a-z0-9_\xa1-\U0010ffff-]{1,63}(?<!-)")
_literal = re.compile(r"\[[0-9a-z.:]+\]")
_token = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\\.|[^"<>(),;:\\]+|.', re.DOTALL)
_escape = re.compile(r"\\(.)", re.DOTALL)
_scheme = re.compile(r"(?:mailto:|smtp:|@[^:]*:)", re.IGNORECASE)

_PLAIN = r"[\w.'&!/+*=?-][\w .'&!/+*=?-]*"
_SPEC = r"[\w.+=/!#$%&'*?^`{|}~-]+@[\w.-]+"
# No run of characters here can be split in two ways, so that matching takes linear time.
_simple = re.compile(
    rf'\s*(?:(?:"({_PLAIN})"\s*|({_PLAIN}))?<({_SPEC})>|({_SPEC})(?:\s+\(({_PLAIN})\))?)\s*',
    re.ASCII,
)
_SHORT = 400  # characters: longer ones are rare, and would make the caches heavy


@lru_cache(maxsize=8_192)
def normalise(email: str) -> str | None:
    """Lower-case an addr-spec and decode its domain; None where it is no address.

    The ambiguous (two "@", white space, controls, unquoted specials, over 320 characters) is
    refused rather than guessed at. Domains of one label and literal ones are allowed.

    Source: RFC 5322 section 3.4.1; RFC 5891 section 4; reliability notes, threat T24.
    """
    if len(email) > EMAIL_LIMIT or email != scrub(email, EMAIL_LIMIT):
        return None
    before, _, after = email.lower().rpartition("@")
    local, domain = _unquote_local(before), _read_domain(after)
    if domain is None or not _local.fullmatch(local):
        return None
    spec = f"{unicodedata.normalize('NFC', local)}@{domain}"
    return spec if len(spec) <= EMAIL_LIMIT and spec == scrub(spec, EMAIL_LIMIT) else None


def parse_addresses(header_value: str) -> tuple[Address, ...]:
    """Read the mailboxes of one unfolded address header, in their order, 2,000 at most.

    Groups are opened, a comment names whoever has no other name, and what is no address is
    left out. Names are decoded, unquoted and scrubbed; one that only repeats the address is
    dropped.

    Source: RFC 5322 sections 3.4 and 4.4.
    """
    return (_parse_short if len(header_value) <= _SHORT else _parse)(header_value)


def _parse(header_value: str) -> tuple[Address, ...]:
    found: list[Address] = []
    for piece in header_value.split(","):
        address = _read_simple(piece) if len(piece) <= _SHORT else None
        if address is None:
            return _parse_thoroughly(header_value)
        found.append(address)
    return tuple(found[:ADDRESSES_LIMIT])


_parse_short = lru_cache(maxsize=2_048)(_parse)  # the same people write to the same people


def _parse_thoroughly(header_value: str) -> tuple[Address, ...]:
    found: list[Address] = []
    for mailbox in _split_mailboxes(header_value):
        if address := mailbox.read():
            found.append(address)
            if len(found) == ADDRESSES_LIMIT:
                break
    return tuple(found)


@lru_cache(maxsize=16_384)
def _read_simple(piece: str) -> Address | None:
    """Read a mailbox of the most usual shapes; None says: read the header thoroughly."""
    match = _simple.fullmatch(piece)
    if match is None:
        return None
    quoted, bare, angle, spec, comment = match.groups()
    email = normalise(angle or spec)
    return Address(email, _clean_name(quoted or bare or comment or "", email)) if email else None


@dataclass(slots=True)
class _Mailbox:
    """The tokens between two separators: words, angle brackets and comments."""

    words: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def add(self, piece: str) -> None:
        """Take one more token; a colon makes a group's name of the words before it."""
        if piece == ":":
            self.words.clear()
        elif piece[0] == "<" and piece[-1] == ">":
            self.angles.append(piece)
        else:
            self.words.append(piece)

    def read(self) -> Address | None:
        """Make an address of the tokens; two different ones in angle brackets are refused."""
        if self.angles:
            emails = {normalise(_strip_scheme(angle[1:-1].strip())) for angle in self.angles}
            email = emails.pop()
            if emails or email is None:
                return None
            phrase = _cook(self.words)
        else:
            email, phrase = _find_bare("".join(self.words))
        if email is None:
            return None
        name = _clean_name(phrase, email) or _clean_name(_cook(self.comments), email)
        return Address(email, name)


def _split_mailboxes(value: str) -> list[_Mailbox]:
    """Split at commas, semicolons and the colons that end a group's name."""
    mailboxes, is_closed = _gather(value, comments_allowed=True)
    return mailboxes if is_closed else _gather(value, comments_allowed=False)[0]


def _gather(value: str, *, comments_allowed: bool) -> tuple[list[_Mailbox], bool]:
    mailboxes = [_Mailbox()]
    depth = 0
    for piece in _tokens(value):
        if piece in "()" and comments_allowed:
            depth = max(0, depth + (1 if piece == "(" else -1))
        elif depth:
            mailboxes[-1].comments.append(piece)
        elif piece in ",;":
            mailboxes.append(_Mailbox())
        else:
            mailboxes[-1].add(piece)
    return mailboxes, depth == 0


def _tokens(value: str) -> Iterator[str]:
    return (match[0] for match in _token.finditer(value))


def _cook(pieces: list[str]) -> str:
    """Join tokens as they are meant: quotes taken off, escapes undone."""
    return "".join(
        _escape.sub(r"\1", piece[1:-1] if len(piece) > 1 and piece[0] == '"' else piece)
        for piece in pieces
    )


def _find_bare(raw: str) -> tuple[str | None, str]:
    """Find the one addr-spec without angle brackets, and the words beside it.

    Public list archives write "user at example.org" (Pipermail); that is read as well.
    """
    words = raw.split()
    if len(words) == 3 and words[1] == "at" and "." in words[2]:
        return normalise(f"{words[0]}@{words[2]}"), ""
    specs = [word for word in words if "@" in word]
    if len(specs) != 1:
        return None, ""
    return normalise(specs[0]), " ".join(word for word in words if word is not specs[0])


def _clean_name(raw: str, email: str) -> str:
    name = scrub(decode_words(raw), NAME_LIMIT)
    while len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    if name.count('"') == 1:
        name = name.replace('"', "").strip()
    says_more = any(map(str.isalnum, name)) and normalise(name) != email
    return name if says_more else ""


def _strip_scheme(spec: str) -> str:
    """Drop a source route (RFC 5322 section 4.4) or a scheme pasted before the address."""
    return _scheme.sub("", spec, count=1) if ":" in spec else spec


def _unquote_local(local: str) -> str:
    inner = local[1:-1]
    return inner if local[:1] == '"' == local[-1:] and _local.fullmatch(inner) else local


def _read_domain(domain: str) -> str | None:
    if _literal.fullmatch(domain):
        return domain
    if not domain.isascii():
        domain = unicodedata.normalize("NFKC", domain).lower()
    labels = domain.removesuffix(".").split(".")
    if not all(_label.fullmatch(label) for label in labels):
        return None
    return ".".join(_decode_label(label) for label in labels)


def _decode_label(label: str) -> str:
    if not label.startswith("xn--") or not label.isascii():
        return label
    try:
        decoded = label.encode("ascii").decode("idna").lower()
    except UnicodeError:
        return label
    return decoded if _label.fullmatch(decoded) and scrub(decoded, 63) == decoded else label
