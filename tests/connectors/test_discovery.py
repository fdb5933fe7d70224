"""An address finds its servers: in the table, in DNS, at the provider, or not at all."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.discovery.autoconfig import Fetch, read_servers
from connectors.discovery.find import find_servers
from connectors.discovery.model import Server, Servers, is_host
from connectors.discovery.providers import rows, servers_of
from connectors.discovery.records import Dns
from tests.servers.dns import NameServer, name_server, silent_resolver

ADDRESS = "robin@example.org"
ZONE = """
@ 60 IN SOA ns hostmaster 1 60 60 60 60
@ 60 IN NS ns
_imaps._tcp 60 IN SRV 10 1 1993 slow.example.org.
_imaps._tcp 60 IN SRV 0 1 993 light.example.org.
_imaps._tcp 60 IN SRV 0 9 993 imap.example.org.
_submission._tcp 60 IN SRV 0 1 587 smtp.example.org.
_submissions._tcp 60 IN SRV 0 0 0 .
_caldavs._tcp 60 IN SRV 0 1 443 dav.example.org.
_caldavs._tcp 60 IN TXT "path=/calendars/"
_carddavs._tcp 60 IN SRV 0 1 8443 dav.example.org.
"""
HOSTED = """
@ 60 IN SOA ns hostmaster 1 60 60 60 60
@ 60 IN NS ns
@ 60 IN MX 20 backup.example.net.
@ 60 IN MX 10 in1-smtp.messagingengine.com.
"""
EMPTY = """
@ 60 IN SOA ns hostmaster 1 60 60 60 60
@ 60 IN NS ns
"""
DESCRIPTION = b"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.org">
 <displayName>Example Mail</displayName>
 <incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port>
  <socketType>SSL</socketType></incomingServer>
 <incomingServer type="imap"><hostname>bare.example.org</hostname><port>143</port>
  <socketType>plain</socketType></incomingServer>
 <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>
  <socketType>SSL</socketType><username>%EMAILLOCALPART%</username>
  <authentication>OAuth2</authentication><authentication>password-cleartext</authentication>
 </incomingServer>
 <outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port>
  <socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username></outgoingServer>
</emailProvider>
<calendar type="caldav"><serverURL>https://cal.example.org/</serverURL></calendar>
<addressBook type="carddav"><serverURL>http://plain.example.org/</serverURL></addressBook>
</clientConfig>"""


def nowhere(_: str) -> bytes | None:
    return None


def find(zone: str, *, fetch: Fetch = nowhere, address: str = ADDRESS) -> Servers:
    with name_server("example.org", zone) as server:
        return find_servers(address, resolver=Dns(server.resolver), fetch=fetch)


@contextmanager
def provider(path: str, body: bytes) -> Iterator[Fetch]:
    """A web server with one page, and what fetches from it whatever the host in the address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == path else 404)
            self.end_headers()
            self.wfile.write(body if self.path == path else b"no such page")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()

        def fetch(url: str) -> bytes | None:
            parts = urlsplit(url)
            assert parts.scheme == "https"
            assert (parts.hostname or "").endswith("example.org")
            connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
            connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
            answer = connection.getresponse()
            found = answer.read()
            connection.close()
            return found if answer.status == 200 else None

        try:
            yield fetch
        finally:
            server.shutdown()
            thread.join()


def test_a_known_domain_needs_no_network() -> None:
    with name_server("example.org", EMPTY) as server:
        found = find_servers("Ana@GMX.net", resolver=Dns(server.resolver), fetch=nowhere)
        assert server.asked == []
    assert found.provider == "GMX"
    assert found.imap == Server("imap.gmx.net", 993, "tls", "Ana@GMX.net")


def test_a_domain_of_ones_own_is_known_by_who_takes_its_mail() -> None:
    found = find(HOSTED)
    assert found.provider == "Fastmail"
    assert found.imap == Server("imap.fastmail.com", 993, "tls", ADDRESS)
    assert found.caldav == "https://caldav.fastmail.com/"


def test_the_service_records_are_followed_in_their_order() -> None:
    found = find(ZONE)
    assert found.found_by == "named by the DNS of example.org"
    assert found.imap == Server("imap.example.org", 993, "tls", ADDRESS)
    assert found.smtp == Server("smtp.example.org", 587, "starttls", ADDRESS)


def test_calendars_and_address_books_are_found_by_path_or_well_known_place() -> None:
    found = find(ZONE)
    assert found.caldav == "https://dav.example.org/calendars/"
    assert found.carddav == "https://dav.example.org:8443/.well-known/carddav"


@pytest.mark.parametrize(
    "path",
    [
        f"/mail/config-v1.1.xml?emailaddress={ADDRESS}",
        "/.well-known/autoconfig/mail/config-v1.1.xml",
    ],
)
def test_a_provider_may_describe_its_servers_in_either_place(path: str) -> None:
    with provider(path, DESCRIPTION) as fetch:
        found = find(EMPTY, fetch=fetch)
    assert found.provider == "Example Mail"
    assert found.imap == Server("imap.example.org", 993, "tls", "robin")
    assert found.smtp == Server("smtp.example.org", 587, "starttls", ADDRESS)
    assert found.sign_in == "password"


def test_only_what_tls_protects_is_taken_from_a_description() -> None:
    found = read_servers(DESCRIPTION, ADDRESS)
    assert (found.caldav, found.carddav) == ("https://cal.example.org/", "")
    assert read_servers(DESCRIPTION.replace(b"SSL", b"plain"), ADDRESS).imap is None


def test_a_server_without_passwords_is_said_to_want_a_token() -> None:
    only = DESCRIPTION.replace(b"<authentication>password-cleartext</authentication>", b"")
    assert read_servers(only, ADDRESS).sign_in == "xoauth2"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + DESCRIPTION[21:],
        b"<html><body>Not here</body>",
        b"",
        b"\x00\xff",
        DESCRIPTION.replace(b"imap.%EMAILDOMAIN%", b"imap.example.org&#10;A1 LOGOUT"),
        DESCRIPTION.replace(b"<port>993", b"<port>99999"),
    ],
)
def test_a_description_that_cannot_be_right_says_nothing(body: bytes) -> None:
    assert read_servers(body, ADDRESS).imap is None


def test_an_entity_is_never_read_from_a_file() -> None:
    body = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + DESCRIPTION.replace(
        b'<?xml version="1.0"?>', b""
    ).replace(b"Example Mail", b"&x;")
    assert read_servers(body, ADDRESS) == Servers()


def test_what_nobody_knows_is_found_nowhere() -> None:
    assert find(EMPTY) == Servers()


def test_a_silent_resolver_is_asked_once_and_not_for_long() -> None:
    began = time.monotonic()
    with silent_resolver() as resolver:
        found = find_servers(ADDRESS, resolver=Dns(resolver, seconds=0.3), fetch=nowhere)
    assert found == Servers()
    assert time.monotonic() - began < 1.0


def test_a_service_that_is_decidedly_not_there_is_not_used() -> None:
    zone = EMPTY + "_imaps._tcp 60 IN SRV 0 0 0 .\n"
    assert find(zone).imap is None


def test_only_services_under_tls_are_asked_for() -> None:
    with name_server("example.org", EMPTY) as server:
        find_servers(ADDRESS, resolver=Dns(server.resolver), fetch=nowhere)
        asked = names(server)
    assert {"_imaps", "_submissions", "_submission", "_caldavs", "_carddavs"} == asked


def names(server: NameServer) -> set[str]:
    return {name.split(".")[0] for name in server.asked if name.startswith("_")}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["name"])
def test_a_row_of_the_table_is_whole(row: dict[str, object]) -> None:
    found = servers_of(row, ADDRESS)
    assert found.imap is not None
    assert found.smtp is not None
    assert is_host(found.imap.host)
    assert is_host(found.smtp.host)
    assert found.imap.port in {993, 1143}
    assert found.document.startswith("https://")
    for url in (found.caldav, found.carddav, found.password_page):
        assert url == "" or url.startswith("https://")


def test_no_domain_stands_in_two_rows() -> None:
    domains = [domain for row in rows() for domain in row["domains"]]
    assert len(domains) == len(set(domains))
    assert len(rows()) >= 14


def test_microsoft_is_said_to_take_no_password() -> None:
    found = find_servers("a@outlook.com", resolver=Dns(), fetch=nowhere)
    assert found.sign_in == "xoauth2"
    assert "password" in found.note


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("Ana@GoogleMail.com", "google"),
        ("ana@live.com", "microsoft"),
        ("ana@gmx.net", ""),
    ],
)
def test_a_personal_address_says_whose_sign_in_opens_it(address: str, service: str) -> None:
    found = find_servers(address, resolver=Dns(), fetch=nowhere)
    assert (found.service, found.is_personal) == (service, True)


@pytest.mark.parametrize(
    ("exchanger", "service"),
    [
        ("aspmx.l.google.com.", "google"),
        ("smtp.google.com.", "google"),
        ("example-org.mail.protection.outlook.com.", "microsoft"),
        ("example-org.a-v1.mx.microsoft.", "microsoft"),
        ("mx.notgoogle.com.", ""),
    ],
)
def test_an_organization_s_sign_in_is_known_by_who_takes_its_mail(
    exchanger: str, service: str
) -> None:
    found = find(f"{EMPTY}@ 60 IN MX 1 {exchanger}\n")
    assert (found.service, found.is_personal) == (service, False)


@given(st.binary(max_size=400))
def test_no_description_makes_it_fail(body: bytes) -> None:
    read_servers(body, ADDRESS)
    read_servers(DESCRIPTION[: len(body)] + body + DESCRIPTION[len(body) :], ADDRESS)


@given(st.text(max_size=80))
def test_a_host_has_nothing_in_it_that_a_protocol_could_mistake(text: str) -> None:
    if is_host(text):
        assert text.isascii()
        assert not set(text) & set(" \r\n\0\t/@:")
