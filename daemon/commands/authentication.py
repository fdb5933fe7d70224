"""What a mail server says of who sent a message -> whether it vouches for the author's domain.

Only the topmost field counts, and only if the owner's own server wrote it: whatever lies below
came with the message, and anybody can have put it there.

Source: RFC 8601 (Authentication-Results), RFC 7489 section 3.1 (alignment), RFC 6376.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_outside = re.compile(rf"{_QUOTED}|[^\"();]+|[();]", re.DOTALL)
_inside = re.compile(r"\\.|[^()\\]+|[()]", re.DOTALL)
_server = re.compile(rf"({_QUOTED}|[^\s;=\"]+)(?:\s+\d{{1,9}})?", re.ASCII)
_pair = re.compile(rf"([a-z0-9][\w./-]*)\s*=\s*((?:{_QUOTED}|[^\s\"])+)(?:\s+|\Z)", re.ASCII)
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

    That is a DMARC pass for exactly this domain, or a DKIM signature by it.

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
    return _is_let_by_dmarc(findings, domain) or _is_signed_by(findings, domain)


def _is_let_by_dmarc(findings: Sequence[Finding], domain: str) -> bool:
    """A server finds one thing by DMARC: where it seems to say two, one was smuggled in."""
    match [one for one in findings if one.method == "dmarc"]:
        case [Finding(_, "pass", properties)]:
            return _is_same(properties.get("header.from", ""), domain)
    return False


def _is_signed_by(findings: Sequence[Finding], domain: str) -> bool:
    """Whether the very domain signed: of a parent, nothing says that it may speak for others."""
    return any(
        _is_same(one.properties.get("header.d", ""), domain)
        or _is_same(one.properties.get("header.i", "").rpartition("@")[2], domain)
        for one in findings
        if (one.method, one.result) == ("dkim", "pass")
    )


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
