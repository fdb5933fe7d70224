"""XML of WebDAV, CalDAV and CardDAV: questions to bytes, and answers to resources."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"

_PREFIXES = {"d": DAV[1:-1], "c": CALDAV[1:-1], "a": CARDDAV[1:-1]}
_OK = 200


class Garbled(ValueError):
    """What the server sent is no answer that WebDAV knows; the message says why."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What an answer says of one resource: its address, its status, the properties it has."""

    url: str
    status: int
    properties: Mapping[str, etree._Element]

    @property
    def path(self) -> str:
        """Return the path without percent-encoding, by which servers' spellings compare."""
        return unquote(urlsplit(self.url).path)

    def text(self, name: str) -> str:
        """Return the text of a property, "" where it is absent."""
        found = self.properties.get(name)
        return "" if found is None else "".join(map(str, found.itertext())).strip()

    def kinds(self, name: str) -> set[str]:
        """Return the names of the elements anywhere within a property."""
        found = self.properties.get(name)
        return set() if found is None else {str(each.tag) for each in found.iterdescendants()}

    def urls(self, name: str) -> list[str]:
        """Return the addresses within a property, made absolute."""
        found = self.properties.get(name)
        hrefs = [] if found is None else found.findall(f"{DAV}href")
        return [resolve(self.url, href.text) for href in hrefs if href.text]


@dataclass(frozen=True, slots=True)
class Multistatus:
    """An answer about several resources, and the token that a report of changes ends with."""

    resources: tuple[Resource, ...]
    sync_token: str = ""


def resolve(base: str, href: str) -> str:
    """Return ``href`` as an absolute address, by the scheme and port of ``base`` on its host.

    A server behind a proxy often does not know that it is reached by https.

    Raises:
        Garbled: It cannot be one.
    """
    try:
        here, found = urlsplit(base), urlsplit(urljoin(base, href.strip()))
        _ = found.port
    except ValueError as error:
        raise Garbled("an address that is none") from error
    if found.hostname == here.hostname:
        found = found._replace(scheme=here.scheme, netloc=here.netloc)
    return found.geturl()


def read_multistatus(body: bytes, url: str) -> Multistatus:
    """Read the answer to a request for ``url``.

    Raises:
        Garbled: It is no multistatus.

    Source: RFC 4918 section 14.16; RFC 6578 section 6.4 for the token.
    """
    root = _parse(body)
    if root.tag != f"{DAV}multistatus":
        raise Garbled("no multistatus")
    resources = tuple(_resource(each, url) for each in root.iterfind(f"{DAV}response"))
    return Multistatus(resources, (root.findtext(f"{DAV}sync-token") or "").strip())


def write_propfind(names: Iterable[str]) -> bytes:
    """Ask for properties. Source: RFC 4918 section 9.1."""
    root = _element(f"{DAV}propfind")
    _add_properties(root, names)
    return _to_bytes(root)


def write_sync(token: str) -> bytes:
    """Ask what has changed since ``token``; for all there is, where it is empty.

    Source: RFC 6578 section 3.2.
    """
    root = _element(f"{DAV}sync-collection")
    _text_element(root, f"{DAV}sync-token", token)
    _text_element(root, f"{DAV}sync-level", "1")
    _add_properties(root, [f"{DAV}getetag", f"{DAV}getcontentlength"])
    return _to_bytes(root)


def write_multiget(report: str, content: str, paths: Iterable[str]) -> bytes:
    """Ask for the contents of resources, by their paths as the server writes them.

    Source: RFC 4791 section 7.9; RFC 6352 section 8.7.
    """
    root = _element(report)
    _add_properties(root, [f"{DAV}getetag", content])
    for path in paths:
        _text_element(root, f"{DAV}href", path)
    return _to_bytes(root)


def write_calendar_query(start: str, end: str) -> bytes:
    """Ask which events touch a time span, given as UTC in the basic format.

    Source: RFC 4791 sections 7.8 and 9.9.
    """
    root = _element(f"{CALDAV}calendar-query")
    _add_properties(root, [f"{DAV}getetag", f"{DAV}getcontentlength"])
    search = etree.SubElement(root, f"{CALDAV}filter")
    calendar = etree.SubElement(search, f"{CALDAV}comp-filter", name="VCALENDAR")
    event = etree.SubElement(calendar, f"{CALDAV}comp-filter", name="VEVENT")
    etree.SubElement(event, f"{CALDAV}time-range", start=start, end=end)
    return _to_bytes(root)


def _parse(body: bytes) -> etree._Element:
    """Parse without entities, document types, the network, or trees beyond libxml2's bounds.

    Source: reliability notes, threat T10.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Garbled("no XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Garbled("XML with a document type, which WebDAV does not have")
    return root


def _resource(response: etree._Element, url: str) -> Resource:
    status = _status(response.findtext(f"{DAV}status"))
    properties = {str(each.tag): each for each in _found_properties(response)}
    return Resource(resolve(url, response.findtext(f"{DAV}href") or ""), status, properties)


def _found_properties(response: etree._Element) -> Iterator[etree._Element]:
    for group in response.iterfind(f"{DAV}propstat"):
        if _status(group.findtext(f"{DAV}status")) == _OK:
            yield from group.iterfind(f"{DAV}prop/*")


def _status(line: str | None) -> int:
    """Read "HTTP/1.1 404 Not Found"; a line that is missing stands for success."""
    words = (line or "").split()
    if not words:
        return _OK
    if len(words) < 2 or not (words[1].isascii() and words[1].isdigit()):
        raise Garbled("a status that is none")
    return int(words[1][:4])


def _element(name: str) -> etree._Element:
    return etree.Element(name, nsmap=_PREFIXES)


def _add_properties(root: etree._Element, names: Iterable[str]) -> None:
    properties = etree.SubElement(root, f"{DAV}prop")
    for name in names:
        etree.SubElement(properties, name)


def _text_element(root: etree._Element, name: str, text: str) -> None:
    etree.SubElement(root, name).text = text


def _to_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
