"""What is logged names nobody and gives nothing away."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.load import load
from daemon.errors import UserError
from daemon.locate import locate
from daemon.log import Log, mask, open_log, take_over
from tests.service.process import SETTINGS, imap_at, service, silent_server

CANARY = "c4nary8f3a91d2e7b60"
words = st.text("abcXYZ019._-", min_size=1, max_size=20)


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What is logged by this process, by libraries and by threads that break."""
    stream, hook = io.StringIO(), threading.excepthook
    before = logging.root.handlers[:]
    take_over(Log(stream, is_read_by_people=False))
    yield stream
    logging.captureWarnings(False)
    logging.root.handlers[:] = before
    threading.excepthook = hook


@given(words, words, st.text("<>(),; :'\"", max_size=3))
def test_no_address_is_left(local: str, domain: str, around: str) -> None:
    found = mask(f"the server refuses {around}{local}@{domain}{around} for now")
    assert "@" not in found
    assert found.startswith("the server refuses ")
    assert found.endswith(" for now")


@pytest.mark.parametrize(
    "text",
    [
        f"https://me:{CANARY}@dav.example.org/cal is closed",
        f"https://example.org/feed?token={CANARY} is closed",
        f"https://example.org/{CANARY}/basic.ics is closed",
        f"refused: Bearer {CANARY}{CANARY}",
    ],
)
def test_no_secret_is_left_of_a_link_or_a_token(text: str) -> None:
    assert CANARY not in mask(text)


def test_plain_words_and_paths_stay() -> None:
    text = "/home/mara/.local/state/kithd, line 3: digest_hour: 25:00 is no time"
    assert mask(text) == text


def test_a_line_is_one_object_of_json_whatever_is_in_it(told: io.StringIO) -> None:
    Log(told, is_read_by_people=False).info("read", source="a\nb\x1b[31m", observations=3)
    line = told.getvalue()
    assert line.count("\n") == 1
    facts = json.loads(line)
    assert (facts["level"], facts["event"], facts["observations"]) == ("info", "read", 3)
    assert "\x1b" not in line


def test_every_text_is_masked_on_the_way(told: io.StringIO) -> None:
    Log(told, is_read_by_people=False).error("no", why=f"mara@example.org with {CANARY}{CANARY}")
    assert json.loads(told.getvalue())["why"] == "(address) with (masked)"


def test_people_read_words(told: io.StringIO) -> None:
    Log(told, is_read_by_people=True).warning("cannot be read", source="work", n=2)
    assert told.getvalue()[9:] == 'warning cannot be read  source="work"  n=2\n'
    assert not open_log(told, {})._is_read_by_people


def test_of_what_libraries_and_threads_say_only_the_place_is_told(told: io.StringIO) -> None:
    logging.getLogger("imap").error("login of %s failed", CANARY)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd {CANARY}", stacklevel=1)

    def burst() -> None:
        raise RuntimeError(CANARY)

    thread = threading.Thread(target=burst)
    thread.start()
    thread.join()
    lines = [json.loads(line) for line in told.getvalue().splitlines()]
    assert [line.get("library") or line["error"] for line in lines] == [
        "imap",
        "py.warnings",
        f"RuntimeError at service/test_log.py:{burst.__code__.co_firstlineno + 1}",
    ]
    assert CANARY not in told.getvalue()


def test_an_error_is_told_by_its_kind_and_the_last_line_of_ours() -> None:
    with pytest.raises(UserError) as raised:
        load(Path("/absent", CANARY))
    assert locate(raised.value).startswith("UserError at config/load.py:")
    assert locate(ValueError(CANARY)) == "ValueError"


def test_no_secret_and_no_address_reaches_the_log_of_a_service_in_trouble(tmp_path: Path) -> None:
    with silent_server() as silent:
        closed = silent.port
    settings = f"""{SETTINGS}{imap_at(closed, tmp_path, says=CANARY)}
[sources.news]
kind = "feed"
url = "http://127.0.0.1:{closed}/{CANARY}?token={CANARY}"
allow_private = true
"""
    with service(tmp_path, settings=settings) as running:
        running.wait_for("a source could not be read", times=2)
        assert running.stop()[0] == 0
    log = running.log.read_text()
    assert CANARY not in log
    assert "@" not in log
