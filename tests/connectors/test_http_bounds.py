"""What an answer may cost, in bytes, memory and time, and that no secret is told of any failure."""

import gzip
import logging
import random
import socket
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, Unavailable
from connectors.http import Bounds, Web, raise_for_trouble
from tests.servers.web import (
    HOST,
    Exchange,
    Page,
    Site,
    fixed,
    guarded,
    here,
    login,
    no_such_name,
    redirect,
    serve,
)

MEGABYTE = 2**20
SMALL = Bounds(bytes=MEGABYTE, seconds=5.0)
SHORT = Bounds(bytes=MEGABYTE, seconds=0.3)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def ask(site: Site, bounds: Bounds = SMALL) -> bytes:
    with closing(Web(True, bounds=bounds, resolve=here)) as web:
        return web.request("GET", site.at(HOST)).body


def test_an_answer_as_large_as_allowed_is_taken_and_one_byte_more_is_not(site: Site) -> None:
    noise = random.Random(1).randbytes(MEGABYTE)  # noqa: S311 -- no secret, only hard to pack
    for pack, headers in ((bytes, {}), (gzip.compress, {"Content_Encoding": "gzip"})):
        site.pages["/"] = fixed(200, pack(noise), **headers)
        assert ask(site) == noise
        site.pages["/"] = fixed(200, pack(noise + b"a"), **headers)
        with pytest.raises(Unavailable, match="more than 1 MB"):
            ask(site)


def zeros(n_bytes: int) -> Iterator[bytes]:
    """Yield so many zeros, packed."""
    packer = zlib.compressobj(9, wbits=31)
    for _ in range(n_bytes // MEGABYTE):
        if packed := packer.compress(bytes(MEGABYTE)):
            yield packed
    yield packer.flush()


def test_a_bomb_of_ten_gigabytes_is_given_up_early(site: Site) -> None:
    site.pages["/"] = lambda exchange: exchange.stream(
        zeros(10_000 * MEGABYTE), Content_Encoding="gzip"
    )
    tracemalloc.start()
    try:
        with pytest.raises(Unavailable, match="swells more than 200-fold"):
            ask(site, Bounds(bytes=64 * MEGABYTE, seconds=5))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MEGABYTE
    assert site.n_poured < MEGABYTE


def test_a_bomb_in_one_piece_swells_in_small_pieces(site: Site) -> None:
    site.pages["/"] = fixed(200, b"".join(zeros(64 * MEGABYTE)), Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(Unavailable):
            ask(site)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * MEGABYTE


def test_chunks_without_end_are_given_up(site: Site) -> None:
    site.pages["/"] = lambda exchange: exchange.stream(repeat(b"a" * 65_536))
    with pytest.raises(Unavailable, match="more than 1 MB"):
        ask(site)
    assert site.n_poured < 32 * MEGABYTE  # What the kernel's buffers take.


def trickle(opening: bytes) -> Page:
    """Return a page that sends one byte every fiftieth of a second, for ever."""

    def page(exchange: Exchange) -> None:
        exchange.pour(opening)
        for _ in repeat(None):
            exchange.pour(b"a", 0.02)

    return page


@pytest.mark.parametrize(
    "opening",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"],
    ids=["status", "headers", "body"],
)
def test_a_server_that_trickles_is_left_at_the_deadline(site: Site, opening: bytes) -> None:
    site.pages["/"] = trickle(opening)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        ask(site, Bounds(seconds=0.3))
    assert time.monotonic() - began < 1


def test_redirects_share_one_deadline(site: Site) -> None:
    def slow(exchange: Exchange) -> None:
        exchange.pour(b"", 0.15)
        exchange.answer(302, Location="/")

    site.pages["/"] = slow
    began = time.monotonic()
    with pytest.raises(Unavailable, match="does not answer in time"):
        ask(site, Bounds(seconds=0.4, redirects=50))
    assert time.monotonic() - began < 1


def test_a_handshake_that_never_ends_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://{HOST}:{mute.getsockname()[1]}/"
        with (
            closing(Web(True, bounds=Bounds(seconds=0.2), resolve=here)) as web,
            pytest.raises(Unavailable, match="does not answer in time"),
        ):
            web.request("GET", url)


def test_a_resolver_that_never_answers_is_left_at_the_deadline() -> None:
    def asleep(_host: str, _port: int) -> list[str]:
        time.sleep(1)
        return []

    began = time.monotonic()
    with pytest.raises(Unavailable, match="nobody says where"):
        Web(bounds=Bounds(seconds=0.2), resolve=asleep).request("GET", "https://example.org/")
    assert time.monotonic() - began < 0.9


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"220 mail.example.org ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
        + gzip.compress(b"a" * 99, mtime=0)[:-9],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nwhatever",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        b"\xff\xfe\x00" * 50,
    ],
)
def test_a_broken_answer_is_tried_again_later(site: Site, raw: bytes) -> None:
    def page(exchange: Exchange) -> None:
        exchange.pour(raw)
        exchange.close_connection = True

    site.pages["/"] = page
    with pytest.raises(Unavailable):
        ask(site)


CANARY = "Canary-4711"


@pytest.mark.parametrize(
    "page",
    [
        fixed(401),
        fixed(403, CANARY.encode()),
        fixed(404),
        fixed(503, Retry_After=CANARY),
        redirect(f"/else?{CANARY}"),
        redirect(f"ftp://{CANARY}@example.org/{CANARY}"),
        redirect(f"http://u:{CANARY}@example.org/"),
        redirect(f"https://169.254.169.254/{CANARY}?{CANARY}"),
        fixed(200, CANARY.encode(), Content_Encoding=CANARY),
        fixed(200, b"a" * (2 * MEGABYTE)),
        lambda exchange: exchange.pour(CANARY.encode() + b"\r\n"),
        lambda exchange: exchange.pour(b"HTTP/1.1 200 OK\r\n: " + CANARY.encode() + b"\r\n\r\n"),
    ],
)
def test_no_failure_tells_a_secret(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, page: Page
) -> None:
    site.pages |= {"/feed": page, "/else": guarded(fixed(200), "nobody", "")}
    with closing(Web(True, login(tmp_path, CANARY), bounds=SHORT, resolve=here)) as web:
        url = site.at(HOST, f"/feed?token={CANARY}")
        with caplog.at_level(logging.INFO):
            _assert_silent(lambda: raise_for_trouble(web.request("GET", url)))
        assert CANARY not in repr(web)
    assert CANARY not in caplog.text
    assert site.asked[0].headers["authorization"]


def test_no_failure_to_connect_tells_a_secret(tmp_path: Path) -> None:
    signed = login(tmp_path, CANARY)
    web = Web(login=signed, resolve=no_such_name)
    for url in (
        f"https://example.org/{CANARY}?{CANARY}#{CANARY}",
        f"https://{CANARY}@example.org/",
        f"https://u:{CANARY}@example.org/",
        f"https://example.org:{CANARY}/",
        f"https://[{CANARY}/",
        f"http://example.org/{CANARY}",
    ):
        _assert_silent(partial(web.request, "GET", url))


def _assert_silent(act: Callable[[], object]) -> None:
    with pytest.raises(ConnectorError) as raised:
        act()
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert CANARY not in told.replace("{CANARY}", "")
