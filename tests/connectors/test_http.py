"""Requests to a web server: answers as they are, TLS as it must be, errors that say what to do."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.http import Answer, Bounds, Web, raise_for_trouble
from tests.servers.web import (
    HOST,
    Authority,
    Site,
    document,
    fixed,
    guarded,
    here,
    login,
    no_such_name,
    redirect,
    serve,
    wait_for,
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def web() -> Iterator[Web]:
    with closing(Web(allow_private=True, bounds=Bounds(seconds=5), resolve=here)) as opened:
        yield opened


def test_an_answer_is_what_the_server_says_whatever_its_status(site: Site, web: Web) -> None:
    site.pages["/gone"] = fixed(410, b"Gone for good", X_Reason="moved")
    answer = web.request("GET", site.at(HOST, "/gone?a=1#part"))
    assert (answer.status, answer.body) == (410, b"Gone for good")
    assert answer.headers["x-reason"] == "moved"
    assert answer.url == site.at(HOST, "/gone?a=1")
    (asked,) = site.asked
    assert (asked.method, asked.target) == ("GET", "/gone?a=1")
    assert asked.headers["host"] == f"{HOST}:{site.port}"
    assert asked.headers["user-agent"].startswith("kithd/")


def test_a_body_and_header_fields_are_sent(site: Site, web: Web) -> None:
    site.pages["/dav"] = fixed(207, b"<multistatus/>")
    body = b"<propfind/>" * 5_000
    answer = web.request("PROPFIND", site.at(HOST, "/dav"), headers={"Depth": "1"}, body=body)
    assert answer.status == 207
    assert site.asked[0].body == body
    assert site.asked[0].headers["depth"] == "1"


def test_a_connection_is_kept_for_the_next_request(site: Site, web: Web) -> None:
    site.pages["/"] = fixed(200, b"hello")
    for _ in range(3):
        assert web.request("GET", site.at(HOST)).body == b"hello"
    assert (len(site.asked), site.n_connections) == (3, 1)


def test_a_packed_answer_is_unpacked(site: Site, web: Web) -> None:
    site.pages["/"] = document(b"news " * 100_000, is_packed=True)
    assert web.request("GET", site.at(HOST)).body == b"news " * 100_000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_keeps_the_method_and_the_body(site: Site, web: Web, status: int) -> None:
    site.pages["/.well-known/caldav"] = redirect("/dav/", status)
    site.pages["/dav/"] = fixed(207)
    url = site.at(HOST, "/.well-known/caldav")
    answer = web.request("PROPFIND", url, body=b"<propfind/>")
    assert (answer.status, answer.url) == (207, site.at(HOST, "/dav/"))
    assert [(one.method, one.body) for one in site.asked] == [("PROPFIND", b"<propfind/>")] * 2


def test_see_other_is_looked_at_with_get(site: Site, web: Web) -> None:
    site.pages |= {"/": redirect("/else", 303), "/else": fixed(200)}
    web.request("REPORT", site.at(HOST), body=b"<report/>")
    assert [(one.method, one.body) for one in site.asked] == [
        ("REPORT", b"<report/>"),
        ("GET", b""),
    ]


def test_a_redirect_in_a_circle_ends(site: Site, web: Web) -> None:
    site.pages["/"] = redirect("/")
    with pytest.raises(Unavailable, match="redirects more than 5 times"):
        web.request("GET", site.at(HOST))
    assert len(site.asked) == 6


def test_the_password_is_given_to_the_host_that_was_asked(site: Site, tmp_path: Path) -> None:
    site.pages["/"] = guarded(fixed(200), "owner", "open sesame")
    with closing(Web(True, login=login(tmp_path), resolve=here)) as web:
        assert web.request("GET", site.at(HOST)).status == 200


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_the_name_is_proven_by_a_certificate_though_the_address_was_looked_up_before(
    authority: Authority,
) -> None:
    with serve(context=authority.context(HOST)) as site:
        site.pages["/"] = fixed(200, b"hello")
        with closing(Web(True, ca_file=authority.file, resolve=here)) as web:
            assert web.request("GET", site.at(HOST)).body == b"hello"
            with pytest.raises(Misconfigured, match=r"not trusted: hostname mismatch"):
                web.request("GET", site.at("other.example.org"))
        assert len(site.asked) == 1


def test_a_certificate_that_is_expired_is_refused(authority: Authority) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with serve(context=authority.context(HOST, expires=yesterday)) as site:
        with (
            closing(Web(True, ca_file=authority.file, resolve=here)) as web,
            pytest.raises(Misconfigured, match="certificate has expired"),
        ):
            web.request("GET", site.at(HOST))
        assert site.asked == []


def test_a_certificate_by_nobody_known_is_refused(authority: Authority, web: Web) -> None:
    with serve(context=authority.context(HOST)) as site:
        with pytest.raises(Misconfigured, match="certificate that is not trusted"):
            web.request("GET", site.at(HOST))
        assert site.asked == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_what_came_before_tls_1_2_is_not_spoken(authority: Authority) -> None:
    context = authority.context(HOST)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        serve(context=context) as site,
        closing(Web(True, ca_file=authority.file, resolve=here)) as web,
        pytest.raises(Unavailable, match="no secure connection"),
    ):
        web.request("GET", site.at(HOST))


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no certificate"):
        Web(ca_file=tmp_path / "none.pem").request("GET", "https://example.org/")


def test_what_cannot_be_found_or_reached_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"example.org cannot be found \(Name or service"):
        Web(resolve=no_such_name).request("GET", "https://example.org/")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://example.org:{taken.getsockname()[1]}/"
        with pytest.raises(Unavailable, match=r"cannot be reached \(connection refused\)"):
            Web(True, resolve=here).request("GET", url)


def test_an_address_that_does_not_answer_leaves_the_others_a_chance(site: Site) -> None:
    site.pages["/"] = fixed(200)

    def both(_host: str, _port: int) -> list[str]:
        return ["::1", "127.0.0.1"]

    with closing(Web(True, resolve=both)) as web:
        assert web.request("GET", site.at(HOST)).status == 200


def test_a_request_in_another_thread_is_ended_by_closing(site: Site, web: Web) -> None:
    site.pages["/"] = lambda exchange: exchange.pour(b"", 60)
    raised: list[ConnectorError] = []

    def ask() -> None:
        try:
            web.request("GET", site.at(HOST))
        except ConnectorError as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_for(lambda: bool(site.asked))
    began = time.monotonic()
    web.close()
    thread.join(3)
    assert time.monotonic() - began < 1
    assert [str(error) for error in raised] == [f"http://{HOST}:{site.port} was closed"]
    with pytest.raises(Unavailable):
        web.request("GET", site.at(HOST))


def test_a_handshake_in_another_thread_is_ended_by_closing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        web = Web(True, resolve=here)
        url = f"https://{HOST}:{mute.getsockname()[1]}/"
        raised: list[ConnectorError] = []

        def ask() -> None:
            try:
                web.request("GET", url)
            except ConnectorError as error:
                raised.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        accepted, _ = mute.accept()
        with accepted:
            assert accepted.recv(1), "no handshake begun"
            web.close()
            thread.join(3)
        assert len(raised) == 1


def answer(status: int, **headers: str) -> Answer:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, fields, b"", "https://example.org/secret-path")


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 207, 304])
def test_an_answer_that_was_wanted_is_no_trouble(status: int) -> None:
    raise_for_trouble(answer(status))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, Misconfigured),
        (410, Misconfigured),
        (418, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_trouble_says_what_to_do(status: int, expected: type[ConnectorError]) -> None:
    with pytest.raises(expected, match=str(status)) as raised:
        raise_for_trouble(answer(status))
    assert "secret-path" not in str(raised.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("999999999", timedelta(days=1)),
        (format_datetime(NOON + timedelta(hours=2), usegmt=True), timedelta(hours=2)),
        (format_datetime(NOON + timedelta(days=9), usegmt=True), timedelta(days=1)),
        (format_datetime(NOON - timedelta(days=9), usegmt=True), timedelta()),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 5_000, None),
    ],
)
def test_how_long_to_wait_is_believed_for_a_day_at_most(
    value: str, expected: timedelta | None
) -> None:
    with pytest.raises(Unavailable) as raised:
        raise_for_trouble(answer(503, retry_after=value, date=format_datetime(NOON, usegmt=True)))
    assert raised.value.retry_after == expected
