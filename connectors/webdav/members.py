"""A collection to the names, states and contents of its members, within bounds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import urlsplit

from connectors.errors import Unavailable
from connectors.formats.text import scrub
from connectors.webdav.client import Client, Refused
from connectors.webdav.discovery import Collection, Kind
from connectors.webdav.multistatus import (
    DAV,
    Multistatus,
    Resource,
    write_calendar_query,
    write_multiget,
    write_sync,
)

N_MEMBERS_LIMIT = 100_000
N_ROUNDS_LIMIT = 200
"""How often a report may be cut short. Known servers cut after 500 members or more."""
MEMBER_LIMIT = 4 * 2**20
"""Bytes of one event or card: a large photograph."""
CHUNK_BYTES = 8 * 2**20
CHUNK_MEMBERS = 50
"""How much is asked for at once. Source: the bounds of an answer are twice the bytes."""

_NAME_LIMIT = 200
_ETAG = f"{DAV}getetag"
_LENGTH = f"{DAV}getcontentlength"
_TYPE = f"{DAV}resourcetype"
_ABSENT = frozenset({404, 410})
_BAD_REQUEST = 400
_INTERNAL_ERROR = 500
_TRUNCATED = 507


@dataclass(frozen=True, slots=True)
class Member:
    """An event or a card as the server lists it: a name, a state, and how large it is.

    ``key`` names it within the account, by its path: it keeps that name when its content
    changes, and a deletion, of which the server tells the path alone, still finds it.
    ``n_bytes`` is 0 where the server does not say.
    """

    key: str
    path: str
    state: str
    n_bytes: int = 0
    is_gone: bool = False

    @property
    def collection(self) -> str:
        """Return the key of the collection it is in."""
        return self.key.partition("/")[0]

    @property
    def rank(self) -> str:
        """Return where it stands in the order in which members are read, which is anyhow."""
        return sha256(self.key.encode("utf-8", "replace")).hexdigest()[:16]

    def fingerprint(self) -> bytes:
        """Return its state, as ``connectors.document`` wants it."""
        return self.state.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Content:
    """What a member holds, or why that could not be had; neither where it has vanished."""

    member: Member
    body: bytes | None = None
    problem: str = ""


def changes(client: Client, collection: Collection, token: str) -> tuple[list[Member], str]:
    """Return what has changed since ``token``, by rank, and the token of now.

    Everything counts as changed since the empty token. The same ranks come in the same order
    at any time, so that a reading can be taken up in the middle.

    Raises:
        Refused: The server does not know the token, or does not report changes.
        AccessDenied, Unavailable: As for any question.

    Source: RFC 6578 sections 3.2 to 3.6.
    """
    found: dict[str, Member] = {}
    for _ in range(N_ROUNDS_LIMIT):
        answer = client.report(collection.url, write_sync(token))
        found |= {each.key: each for each in _members(answer, collection)}
        is_whole = _TRUNCATED not in _statuses(answer, collection)
        is_stuck = answer.sync_token in ("", token)
        token = answer.sync_token or token
        if is_whole or is_stuck:
            return _ranked(found.values()), token
        if len(found) > N_MEMBERS_LIMIT:
            break
    raise Unavailable(f"{collection.name} does not come to an end")


def listing(client: Client, collection: Collection) -> list[Member]:
    """Return all members of a collection, by rank.

    Raises:
        Refused, AccessDenied, Unavailable: As for any question.
    """
    answer = client.propfind(collection.url, [_TYPE, _ETAG, _LENGTH], depth=1)
    members = [each for each in _members(answer, collection) if not each.is_gone]
    if len(members) > N_MEMBERS_LIMIT:
        raise Unavailable(f"{collection.name} holds more than {N_MEMBERS_LIMIT} items")
    return _ranked(members)


def entering(client: Client, collection: Collection, start: str, end: str) -> list[Member]:
    """Return the members with an occurrence between two instants, as the server sees it.

    Raises:
        Refused, AccessDenied, Unavailable: As for any question.
    """
    answer = client.report(collection.url, write_calendar_query(start, end), depth=1)
    return _ranked(_members(answer, collection))


def contents(
    client: Client, kind: Kind, collection: Collection, members: Sequence[Member], page: int
) -> Iterator[Content]:
    """Yield what the members hold, in their order, a few at a time and only when asked for.

    Raises:
        Refused, AccessDenied, Unavailable: As for any question; for a single member that the
            server stumbles over, its Content says so instead.
    """
    for chunk in _chunks(members, min(page, CHUNK_MEMBERS)):
        wanted = [each for each in chunk if not each.is_gone and each.n_bytes <= MEMBER_LIMIT]
        found = _multiget(client, kind, collection, wanted) if wanted else {}
        for member in chunk:
            yield found.get(member.key) or Content(member, problem=_why_unread(member))


def _why_unread(member: Member) -> str:
    if member.n_bytes > MEMBER_LIMIT:
        return f"larger than {MEMBER_LIMIT // 2**20} MB"
    return "" if member.is_gone else "the server lists it and does not give it"


def _multiget(
    client: Client, kind: Kind, collection: Collection, members: Sequence[Member]
) -> dict[str, Content]:
    """Ask for members together; by halves, where the server stumbles over one of them."""
    question = write_multiget(kind.multiget, kind.content, [each.path for each in members])
    try:
        answer = client.report(collection.url, question, depth=1)
    except Refused as refused:
        if refused.status != _INTERNAL_ERROR:
            raise
        return _multiget_by_halves(client, kind, collection, members)
    asked = {each.key: each for each in members}
    found = (
        _content(asked[key], one, kind)
        for one in answer.resources
        if (key := _key(collection, one)) in asked
    )
    return {each.member.key: each for each in found}


def _multiget_by_halves(
    client: Client, kind: Kind, collection: Collection, members: Sequence[Member]
) -> dict[str, Content]:
    if len(members) == 1:
        return {members[0].key: Content(members[0], problem="the server stumbles over it")}
    half = len(members) // 2
    found = _multiget(client, kind, collection, members[:half])
    found |= _multiget(client, kind, collection, members[half:])
    if not any(each.body for each in found.values()):
        raise Unavailable(f"the server fails over everything in {collection.name}")
    return found


def _content(member: Member, one: Resource, kind: Kind) -> Content:
    if one.status in _ABSENT:
        return Content(member)
    if kind.content not in one.properties:
        return Content(member, problem="the server lists it and does not give it")
    body = one.text(kind.content).encode("utf-8", "replace")
    if len(body) > MEMBER_LIMIT:
        return Content(member, problem=_why_unread(replace(member, n_bytes=len(body))))
    return Content(member, body)


def _chunks(members: Sequence[Member], n_members: int) -> Iterator[list[Member]]:
    chunk: list[Member] = []
    n_bytes = 0
    for member in members:
        n_bytes += member.n_bytes
        if chunk and (len(chunk) == n_members or n_bytes > CHUNK_BYTES):
            yield chunk
            chunk, n_bytes = [], member.n_bytes
        chunk.append(member)
    if chunk:
        yield chunk


def _ranked(members: Iterable[Member]) -> list[Member]:
    return sorted(members, key=lambda member: member.rank)


def _members(answer: Multistatus, collection: Collection) -> Iterator[Member]:
    """Read the members out of an answer: not the collection itself, nor what lies elsewhere."""
    for one in answer.resources:
        if f"{DAV}collection" in one.kinds(_TYPE):
            continue
        if key := _key(collection, one):
            length = one.text(_LENGTH)
            n_bytes = int(length[:12]) if length.isascii() and length.isdigit() else 0
            path = urlsplit(one.url).path
            yield Member(key, path, one.text(_ETAG), n_bytes, one.status in _ABSENT)


def _key(collection: Collection, one: Resource) -> str:
    """Return the name of a direct member of the collection within the account; "" of others."""
    folder = collection.path.rstrip("/") + "/"
    name = one.path.removeprefix(folder)
    is_there = urlsplit(one.url).hostname == urlsplit(collection.url).hostname
    if name == one.path or not name or name.endswith("/") or not is_there:
        return ""
    is_plain = name.isascii() and name.isprintable() and "/" not in name
    if not (is_plain and name == scrub(name, _NAME_LIMIT)):
        name = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{collection.key}/{name}"


def _statuses(answer: Multistatus, collection: Collection) -> set[int]:
    """Return what the answer says of the collection itself.

    Raises:
        Refused: It says that the question cannot be answered.
    """
    folder = collection.path.rstrip("/")
    found = {one.status for one in answer.resources if one.path.rstrip("/") == folder}
    for status in found - {_TRUNCATED}:
        if status >= _BAD_REQUEST:
            raise Refused(status, urlsplit(collection.url).hostname or "")
    return found
