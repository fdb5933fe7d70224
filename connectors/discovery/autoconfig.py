"""A provider's own description of its servers, as mail programs fetch it -> those servers.

Source: "Autoconfiguration of mail clients", draft-ietf-mailmaint-autoconfig; Thunderbird's
format, clientConfig 1.1.
"""

from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

from lxml import etree

from connectors.discovery.model import Security, Server, Servers, SignIn, is_host

Fetch = Callable[[str], bytes | None]
"""A web address -> what is there, or None where nothing is or it cannot be reached."""

SIZE_LIMIT = 64 * 1024
"""Bytes; real descriptions have five thousand."""
_SECURITY: dict[str, Security] = {"SSL": "tls", "STARTTLS": "starttls"}


def places(address: str) -> tuple[str, ...]:
    """Return where the domain of ``address`` may describe its servers, the likelier place first.

    The address itself is told to that domain, which has it anyway, and to nobody else.
    """
    domain = address.rpartition("@")[2]
    return (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={quote(address, safe='@')}",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


def fetch_servers(address: str, fetch: Fetch) -> Servers:
    """Return the first description found; one without anything if there is none."""
    for place in places(address):
        if (body := fetch(place)) and (found := read_servers(body, address)).imap:
            return found
    return Servers()


def read_servers(body: bytes, address: str) -> Servers:
    """Return what a description says. What is no description says nothing.

    Entities are not resolved and nothing is fetched: it comes from a stranger.

    Source: reliability notes, threat T10.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body[:SIZE_LIMIT], parser)
    except (etree.XMLSyntaxError, ValueError):
        return Servers()
    if root.getroottree().docinfo.internalDTD is not None:
        return Servers()
    imap, sign_in = _find(root, "incomingServer", "imap", address)
    return Servers(
        found_by="said by your provider",
        provider=(root.findtext(".//displayName") or "").strip()[:80],
        imap=imap,
        smtp=_find(root, "outgoingServer", "smtp", address)[0],
        caldav=_web(root, "calendar", "caldav"),
        carddav=_web(root, "addressBook", "carddav"),
        sign_in=sign_in,
    )


def _find(
    root: etree._Element, tag: str, kind: Literal["imap", "smtp"], address: str
) -> tuple[Server | None, SignIn]:
    """The first server under TLS that takes a password, else the first under TLS."""
    nodes = [node for node in root.iter(tag) if node.get("type") == kind]
    found = [(server, node) for node in nodes if (server := _server(node, address))]
    found.sort(key=lambda it: not _takes_password(it[1]))
    if not found:
        return None, "password"
    server, node = found[0]
    return server, "password" if _takes_password(node) else "xoauth2"


def _server(node: etree._Element, address: str) -> Server | None:
    host = _fill(node.findtext("hostname"), address)
    port = (node.findtext("port") or "").strip()
    security = _SECURITY.get((node.findtext("socketType") or "").strip().upper())
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
    if security is None or not is_host(host) or not is_port:
        return None
    return Server(host, int(port), security, _fill(node.findtext("username"), address))


def _takes_password(node: etree._Element) -> bool:
    ways = {(way.text or "").strip() for way in node.iter("authentication")}
    return not ways or bool(ways & {"password-cleartext", "plain", "password-encrypted"})


def _web(root: etree._Element, tag: str, kind: str) -> str:
    node = next((it for it in root.iter(tag) if it.get("type") == kind), None)
    url = "" if node is None else (node.findtext("serverURL") or "").strip()
    return url if url.startswith("https://") and url.isprintable() else ""


def _fill(text: str | None, address: str) -> str:
    local, _, domain = address.rpartition("@")
    filled = (text or "").strip().replace("%EMAILADDRESS%", address)
    filled = filled.replace("%EMAILLOCALPART%", local).replace("%EMAILDOMAIN%", domain)
    return filled if filled.isprintable() else ""
