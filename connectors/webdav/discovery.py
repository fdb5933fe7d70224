"""An address, be it of a server, a user or one calendar -> the collections that lie behind it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from connectors.errors import Misconfigured
from connectors.formats.text import scrub
from connectors.webdav.client import Client, Refused
from connectors.webdav.multistatus import DAV, Multistatus, Resource

N_COLLECTIONS_LIMIT = 200
_NAME_LIMIT = 200
_PRINCIPAL = f"{DAV}current-user-principal"
_REPORTS = f"{DAV}supported-report-set"
_TOKEN = f"{DAV}sync-token"
_NAME = f"{DAV}displayname"
_TYPE = f"{DAV}resourcetype"


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells calendars and address books apart, as names of XML elements.

    ``components`` is the property that says what a collection holds, and ``component`` what it
    must hold to count; where a collection does not say, it counts.
    """

    noun: str
    service: str
    collection: str
    home_set: str
    multiget: str
    content: str
    components: str = ""
    component: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A calendar or an address book.

    ``token`` stands for its present state, empty where the server does not say.
    ``reports_changes`` says whether the server offers to report what has changed (RFC 6578).
    """

    url: str
    path: str
    name: str
    token: str = ""
    reports_changes: bool = False

    @property
    def key(self) -> str:
        """Return a short name of it, the same whatever the host is called."""
        return sha256(self.path.rstrip("/").encode("utf-8", "replace")).hexdigest()[:8]

    @property
    def slug(self) -> str:
        """Return the last segment of its path."""
        return self.path.rstrip("/").rpartition("/")[2]


def discover(
    client: Client, kind: Kind, url: str, names: Sequence[str] = ()
) -> tuple[Collection, ...]:
    """Return the collections that ``names`` selects, in the order of their paths.

    ``url`` may be that of a collection, of a folder that holds collections, of a principal, of
    anything that tells who the user is, or of the server alone, which may tell where to look.

    Args:
        client: Who asks.
        kind: What to look for.
        url: Where to begin.
        names: Display names, or last segments of paths; all collections where empty.

    Raises:
        Misconfigured: There is none, or none of a name.
        AccessDenied, Unavailable: As for any question.

    Source: RFC 6764 sections 5 and 6; RFC 5397 section 3; RFC 4791 section 6.2.1; RFC 6352
    section 7.1.1.
    """
    found = {each.path: each for each in _search(client, kind, url)}
    collections = tuple(found[path] for path in sorted(found))
    if not collections:
        raise Misconfigured(f"there is no {kind.noun} at this url for this user")
    chosen = _select(collections, names, kind) if names else collections
    return chosen[:N_COLLECTIONS_LIMIT]


def _select(
    collections: Sequence[Collection], names: Sequence[str], kind: Kind
) -> tuple[Collection, ...]:
    wanted = {name.strip().casefold() for name in names}
    chosen = tuple(each for each in collections if wanted & _spellings(each))
    if lacking := wanted.difference(*map(_spellings, chosen)):
        known = ", ".join(each.name for each in collections)
        raise Misconfigured(f"no {kind.noun} is called {min(lacking)!r}; there are: {known}")
    return chosen


def _spellings(collection: Collection) -> set[str]:
    return {collection.name.casefold(), collection.slug.casefold()}


def _search(client: Client, kind: Kind, url: str) -> Iterable[Collection]:
    """Search from ``url``, and from a server's well-known address where no more was said."""
    is_server = not urlsplit(url).path.strip("/")
    starts = [url, urljoin(url, f"/.well-known/{kind.service}")] if is_server else [url]
    refusal: Refused | None = None
    for start in starts:
        try:
            if found := list(_search_from(client, kind, start)):
                return found
        except Refused as refused:
            refusal = refusal or refused
    if refusal is not None:
        raise refusal.to_error() from refusal
    return ()


def _search_from(client: Client, kind: Kind, url: str) -> Iterator[Collection]:
    wanted = [*_collection_properties(kind), kind.home_set, _PRINCIPAL]
    here = _first(client.propfind(url, wanted))
    if kind.collection in here.kinds(_TYPE):
        yield from _collections([here], kind)
    elif homes := here.urls(kind.home_set):
        yield from _members(client, kind, homes)
    elif members := list(_own_members(client, kind, here)):
        yield from members
    else:
        for principal in here.urls(_PRINCIPAL):
            user = _first(client.propfind(principal, [kind.home_set]))
            yield from _members(client, kind, user.urls(kind.home_set))


def _first(answer: Multistatus) -> Resource:
    return answer.resources[0] if answer.resources else Resource("", 404, {})


def _own_members(client: Client, kind: Kind, here: Resource) -> Iterator[Collection]:
    """Look into a folder, unless it is the whole server."""
    if urlsplit(here.url).path.strip("/") and f"{DAV}collection" in here.kinds(_TYPE):
        try:
            yield from _members(client, kind, [here.url])
        except Refused:
            return


def _members(client: Client, kind: Kind, homes: Iterable[str]) -> Iterator[Collection]:
    for home in homes:
        answer = client.propfind(home, _collection_properties(kind), depth=1)
        yield from _collections(answer.resources, kind)


def _collection_properties(kind: Kind) -> list[str]:
    return [_TYPE, _NAME, _REPORTS, _TOKEN, *filter(None, [kind.components])]


def _collections(resources: Iterable[Resource], kind: Kind) -> Iterator[Collection]:
    for one in resources:
        if kind.collection in one.kinds(_TYPE) and _holds(one, kind):
            slug = one.path.rstrip("/").rpartition("/")[2]
            yield Collection(
                url=one.url,
                path=one.path,
                name=scrub(one.text(_NAME), _NAME_LIMIT) or scrub(slug, _NAME_LIMIT),
                token=one.text(_TOKEN),
                reports_changes=f"{DAV}sync-collection" in one.kinds(_REPORTS),
            )


def _holds(one: Resource, kind: Kind) -> bool:
    """Say whether a collection holds what is looked for; one that does not say may hold it."""
    named = one.properties.get(kind.components)
    return named is None or any(each.get("name", "").upper() == kind.component for each in named)
