"""Where a request may go: never into a private network unless it was meant, and to one address."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.errors import Misconfigured, Unavailable
from connectors.http import Web
from connectors.pinned import is_private, is_public
from connectors.web_address import WebAddress
from tests.servers.web import HOST, Authority, Site, fixed, here, login, redirect, serve

PUBLIC = "93.184.216.34"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        running.pages["/"] = fixed(200, b"hello")
        yield running


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_this_machine_is_connected_to(site: Site, scheme: str, host: str) -> None:
    with closing(Web()) as web, pytest.raises((Misconfigured, Unavailable)):
        web.request("GET", f"{scheme}://{host}:{site.port}/")
    assert site.n_connections == 0


@pytest.mark.parametrize("addresses", [["127.0.0.1"], [PUBLIC, "127.0.0.1"], ["10.0.0.1"]])
def test_a_name_with_any_private_address_is_not_connected_to(
    site: Site, addresses: list[str]
) -> None:
    web = Web(resolve=lambda _host, _port: addresses)
    with closing(web), pytest.raises(Misconfigured, match="lies in a private network"):
        web.request("GET", f"https://{HOST}:{site.port}/")
    assert site.n_connections == 0


def test_a_name_is_looked_up_once_whatever_it_says_a_moment_later() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["169.254.169.254"]])
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return next(answers)

    with serve() as meant, serve(host="127.0.0.2", port=meant.port) as victim:
        meant.pages["/"] = fixed(200, b"hello")
        with closing(Web(True, resolve=rebinding)) as web:
            for _ in range(2):
                assert web.request("GET", meant.at(HOST)).body == b"hello"
        assert asked == [(HOST, meant.port)]
        assert (meant.n_connections, victim.n_connections) == (1, 0)


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        f"http://{PUBLIC}/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://127.0.0.1:25/",
        "javascript:alert(1)",
        "http://owner:pass@example.org/",
        "http://exa\tmple.org/",
        "http://[::1/",
        "http://example.org:99999/",
    ],
)
def test_a_redirect_leads_nowhere_it_should_not(site: Site, to: str) -> None:
    site.pages["/away"] = redirect(to)
    with closing(Web(True)) as web, pytest.raises(Misconfigured):
        web.request("GET", f"{site.url}/away")
    assert len(site.asked) == 1


def test_a_redirect_is_checked_as_the_first_address_is(site: Site) -> None:
    with serve() as inner:
        site.pages["/away"] = redirect(inner.at("inner.example.org"))
        told = {HOST: "127.0.0.1", "inner.example.org": "169.254.169.254"}
        web = Web(True, resolve=lambda host, _port: [told[host]])
        with (
            closing(web),
            pytest.raises(Misconfigured, match=r"^inner.* by https only$"),
        ):
            web.request("GET", site.at(HOST, "/away"))
        assert inner.n_connections == 0


def test_a_redirect_does_not_leave_https(site: Site, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with serve(context=authority.context(HOST)) as secure:
        secure.pages["/"] = redirect(site.at(HOST))
        with (
            closing(Web(True, ca_file=authority.file, resolve=here)) as web,
            pytest.raises(Misconfigured, match="redirects to what is not secure"),
        ):
            web.request("GET", secure.at(HOST))
    assert site.n_connections == 0


def test_another_host_port_or_scheme_gets_no_password(site: Site, tmp_path: Path) -> None:
    with serve() as other, closing(Web(True, login=login(tmp_path), resolve=here)) as web:
        other.pages["/"] = fixed(200)
        headers = {"Cookie": "session=1", "Authorization": "Bearer 1"}
        for host in (HOST, "other.example.org"):
            site.pages["/away"] = redirect(other.at(host))
            web.request("GET", site.at(HOST, "/away"), headers=headers)
        assert {"authorization", "cookie"} <= site.asked[0].headers.keys()
        for asked in other.asked:
            assert not {"authorization", "cookie"} & asked.headers.keys()
        assert len(other.asked) == 2


def test_a_password_that_was_dropped_on_the_way_does_not_come_back(
    site: Site, tmp_path: Path
) -> None:
    with serve() as other, closing(Web(True, login=login(tmp_path), resolve=here)) as web:
        site.pages["/away"] = redirect(other.at(HOST))
        other.pages["/"] = redirect(site.at(HOST, "/"))
        web.request("GET", site.at(HOST, "/away"))
    assert ["authorization" in asked.headers for asked in site.asked] == [True, False]


def test_the_same_host_keeps_the_password_when_it_redirects(site: Site, tmp_path: Path) -> None:
    site.pages["/away"] = redirect(f"//{HOST.upper()}:{site.port}/")
    with closing(Web(True, login=login(tmp_path), resolve=here)) as web:
        web.request("GET", site.at(HOST, "/away"))
    assert all("authorization" in asked.headers for asked in site.asked)


def test_proxies_and_passwords_of_the_environment_do_not_count(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text(f"machine {HOST} login owner password sesame\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with serve() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with closing(Web(True, resolve=here)) as web:
            assert web.request("GET", site.at(HOST)).body == b"hello"
        assert proxy.n_connections == 0
    assert "authorization" not in site.asked[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "example.org",
        "",
        "//example.org/",
        "https://",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://owner:pass@example.org/",
        "https://example.org:0x50/",
        "https://a..example.org/",
        "https://example.org/\r\nHost: inner",
        "http://example.org/",
    ],
)
def test_an_address_that_is_none_of_the_web_is_a_wrong_setting(url: str) -> None:
    web = Web(resolve=lambda _host, _port: [PUBLIC])
    with closing(web), pytest.raises(Misconfigured) as raised:
        web.request("GET", url)
    assert "pass" not in str(raised.value).replace("/etc/passwd", "")


def test_an_address_is_written_as_servers_want_it() -> None:
    address = WebAddress.parse("HTTPS://Bücher.Example.org/ä b/%C3%A9?q=ü&r=[1]#part")
    assert address.text == ("https://xn--bcher-kva.example.org/%C3%A4%20b/%C3%A9?q=%C3%BC&r=[1]")
    assert WebAddress.parse("http://[::1]:8080").text == "http://[::1]:8080/"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (PUBLIC, "public"),
        ("2606:2800:220:1::1", "public"),
        (f"::ffff:{PUBLIC}", "public"),
        ("64:ff9b::5db8:d822", "public"),
        ("127.8.9.1", "private"),
        ("::1", "private"),
        ("10.1.2.3", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "private"),
        ("fd12::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("169.254.169.254", "neither"),
        ("::ffff:169.254.169.254", "neither"),
        ("64:ff9b::a9fe:a9fe", "neither"),
        ("2002:a9fe:a9fe::1", "neither"),
        ("2002:7f00:1::1", "neither"),
        ("100.100.100.200", "neither"),
        ("168.63.129.16", "neither"),
        ("fd00:ec2::254", "neither"),
        ("fe80::1", "neither"),
        ("fe80::1%eth0", "neither"),
        ("0.0.0.0", "neither"),  # noqa: S104 -- nothing is bound to it
        ("::", "neither"),
        ("224.0.0.251", "neither"),
        ("ff02::1", "neither"),
    ],
)
def test_addresses_are_told_apart(address: str, kind: str) -> None:
    assert (is_public(address), is_private(address)) == (kind == "public", kind == "private")


def test_plain_http_goes_to_the_own_network_alone() -> None:
    web = Web(True, resolve=lambda _host, _port: [PUBLIC])
    with closing(web), pytest.raises(Misconfigured, match="may be asked by https only"):
        web.request("GET", "http://example.org/")
