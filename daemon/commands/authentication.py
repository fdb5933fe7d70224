"""What a mail server says of who sent a message -> whether it vouches for the author's domain.

Only the topmost field counts, and only if the owner's own server wrote it: whatever lies below
came with the message, and anybody can have put it there. Even in that field some words are the
sender's own, such as the address on the envelope, and servers have printed them as they came:
what can be read in two ways is therefore not believed, though the standard may allow it.

Source: RFC 8601 (Authentication-Results), RFC 7489 section 3.1 (alignment), RFC 6376.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_outside = re.compile(rf"{_QUOTED}|[^\"();]+|[();]", re.DOTALL)
# A bare quote in a comment may be that of a sender's name, cut in two by what stands in it.
_inside = re.compile(r"\\.|[^()\\\"]+|[()]", re.DOTALL)
_server = re.compile(rf"({_QUOTED}|[^\s;=\"]+)(?:\s+\d{{1,9}})?", re.ASCII)
_pair = re.compile(
    rf"([a-z0-9][\w./-]*)\s*=\s*({_QUOTED}(?:@[^\s\"]+)?|[^\s\"]+)(?:\s+|\Z)", re.ASCII
)
_dmarc = re.compile(r"\bdmarc\s*(?:/[\s\d]*)?=", re.ASCII)
_escape = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one method found: "dkim" and "pass", with properties such as "header.d"."""

    method: str
    result: str
    properties: Mapping[str, str]


class _MalformedError(ValueError):
    """Not what the standard allows: nothing of it is believed."""


def vouches_for(fields: Sequence[str], domain: str, *, authserv_id: str) -> bool:
    """Return whether the server ``authserv_id`` says that ``domain`` let this mail be sent.

    That is a DMARC pass for exactly this domain; only where the field does not speak of DMARC,
    a DKIM signature by exactly this domain.

    Args:
        fields: The values of the Authentication-Results fields, topmost first.
        domain: The domain of the author's address.
        authserv_id: The name of the owner's own server; where empty, nobody is believed.
    """
    if not (fields and authserv_id):
        return False
    try:
        server, findings = _read(fields[0])
    except _MalformedError:
        return False
    if server != authserv_id.lower():
        return False
    by_dmarc = [one for one in findings if one.method == "dmarc"]
    if len(by_dmarc) != len(_dmarc.findall(fields[0].lower())):
        return False  # one of them is hidden in a comment or in quotes
    if by_dmarc:
        return all(_is_let_by(one, domain) for one in by_dmarc)
    return any(_is_signed_by(one, domain) for one in findings)


def _is_let_by(dmarc: Finding, domain: str) -> bool:
    return dmarc.result == "pass" and _is_same(dmarc.properties.get("header.from", ""), domain)


def _is_signed_by(finding: Finding, domain: str) -> bool:
    """Whether the very domain signed: of a parent, nothing says that it may speak for others.

    "d" is who signed. "i", whom the signer says it is for, only tells where "d" is not given.
    """
    user = finding.properties.get("header.i", "")
    signer = finding.properties.get("header.d", user.rpartition("@")[2])
    return (finding.method, finding.result) == ("dkim", "pass") and _is_same(signer, domain)


def _is_same(found: str, domain: str) -> bool:
    return found != "" and found in {domain, _as_ascii(domain)}


def _as_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _read(field: str) -> tuple[str, list[Finding]]:
    """Read one field: who wrote it, and what it found; "none" is nothing found."""
    head, *clauses = _split(field.lower())
    server = _server.fullmatch(head)
    if not server:
        raise _MalformedError
    found = [_read_finding(clause) for clause in clauses if clause not in ("", "none")]
    return _unquote(server[1]), found


def _read_finding(clause: str) -> Finding:
    """Read ``method=result`` and the ``name=value`` pairs that follow it."""
    pairs, end = [], 0
    while end < len(clause):
        found = _pair.match(clause, end)
        if not found:
            raise _MalformedError
        pairs.append((found[1], _unquote(found[2])))
        end = found.end()
    if len(dict(pairs)) < len(pairs):
        raise _MalformedError
    method, result = pairs[0]
    return Finding(method.partition("/")[0], result, dict(pairs[1:]))


def _split(field: str) -> list[str]:
    """Split at semicolons, a space in place of each comment; in quotes neither is one."""
    clauses, depth, at = [""], 0, 0
    while at < len(field):
        found = (_inside if depth else _outside).match(field, at)
        if not found or (found[0] == ")" and not depth):
            raise _MalformedError
        piece, at = found[0], found.end()
        was_deep = depth > 0
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == ";" and not was_deep:
            clauses.append("")
        else:
            clauses[-1] += " " if was_deep or depth else piece
    if depth:
        raise _MalformedError
    return [clause.strip() for clause in clauses]


def _unquote(word: str) -> str:
    return _escape.sub(r"\1", word[1:-1]) if word[:1] == '"' == word[-1:] else word
