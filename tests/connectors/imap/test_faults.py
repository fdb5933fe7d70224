"""A server that fails, stalls or talks nonsense costs a poll, never a message or the daemon."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import Unavailable
from connectors.imap import session, wire
from connectors.imap.connector import ImapConnector
from connectors.imap.settings import ImapSettings
from connectors.observations import Message
from connectors.protocol import Batch, Cursor
from tests.connectors.imap.mailbox import SINCE, letter, messages, poll, settings_for
from tests.servers import dovecot
from tests.servers.dovecot import PASSWORD, USER, Dovecot
from tests.servers.proxy import Fault, Proxy
from tests.servers.scripted_imap import Answer, ScriptedImap, fetched, ok

LETTERS = [letter(number) for number in range(1, 8)]
SUBJECTS = [f"Note {number}" for number in range(1, 8)]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


@pytest.fixture(scope="module")
def user(server: Dovecot) -> str:
    name = server.new_user()
    client = server.signed_in(name)
    for raw in LETTERS:
        client.append("INBOX", "", "", raw)
    client.logout()
    return name


def subjects(found: list[Batch]) -> list[str]:
    return sorted(one.subject for one in messages(found))


def test_a_cut_at_any_byte_loses_nothing_and_reports_no_part(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    with Proxy(("127.0.0.1", server.port)) as proxy:
        settings = settings_for(proxy.port, tmp_path, user=user, batch_size=3)
        whole = {m.uid: m for m in messages(poll(settings))}
        n_bytes = proxy.n_down
        for cut in range(1, n_bytes, max(1, n_bytes // 60)):
            proxy.fault = Fault(cut_after=cut)
            found, cursor = _poll_until_lost(settings)
            assert all(whole[m.uid] == m for m in found)
            proxy.fault = Fault()
            found += messages(poll(settings, cursor))
            assert sorted(m.uid for m in found) == sorted(whole), f"cut after {cut}"


def _poll_until_lost(settings: ImapSettings) -> tuple[list[Message], Cursor | None]:
    batches: list[Batch] = []
    with closing(ImapConnector(settings, since=SINCE)) as connector:
        try:
            batches.extend(connector.poll(None))
        except Unavailable as problem:
            told = str(problem)
            assert not {USER, PASSWORD} & {*told.split()}
    return messages(batches), batches[-1].cursor if batches else None


@pytest.mark.parametrize("after", [0, 40, 600, 1500])
def test_a_black_hole_ends_by_the_time_out(
    server: Dovecot, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
    with Proxy(("127.0.0.1", server.port), Fault(stall_after=after)) as proxy:
        _assert_slow(proxy, user, tmp_path, within=3)


@pytest.mark.parametrize("after", [0, 700])
def test_a_trickle_ends_by_the_deadline(
    server: Dovecot, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(session, "COMMAND_SECONDS", 0.4)
    monkeypatch.setattr(session, "SIGN_IN_SECONDS", 0.4)
    fault = Fault(trickle_after=after, trickle_seconds=0.02)
    with Proxy(("127.0.0.1", server.port), fault) as proxy:
        _assert_slow(proxy, user, tmp_path, within=5)


def test_a_trickle_in_the_handshake_ends_by_the_deadline(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SIGN_IN_SECONDS", 0.4)
    fault = Fault(trickle_after=30, trickle_seconds=0.02)
    for port, security in ((server.tls_port, "tls"), (server.port, "starttls")):
        with Proxy(("127.0.0.1", port), fault) as proxy:
            _assert_slow(proxy, USER, tmp_path, within=3, security=security, ca_file=server.ca_file)


def _assert_slow(proxy: Proxy, user: str, home: Path, *, within: float, **more: Any) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="slow"):
        poll(settings_for(proxy.port, home, user=user, **more))
    assert time.monotonic() - began < within


def test_nobody_listening_is_no_fault_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        poll(settings_for(dovecot.free_port(), tmp_path))


def test_a_name_that_is_not_found_is_no_fault_of_the_settings(tmp_path: Path) -> None:
    settings = settings_for(1, tmp_path, host="no-such-host.invalid", security="tls")
    with pytest.raises(Unavailable, match="cannot be found"):
        poll(settings)


NONSENSE: dict[str, dict[str, Answer]] = {
    "a greeting that says goodbye": {"GREETING": b"* BYE too busy\r\n"},
    "no greeting but noise": {"GREETING": b"\xff\xfe\x00 220 smtp\r\n"},
    "a line of two megabytes": {"GREETING": b"* OK " + b"x" * 2_000_000 + b"\r\n"},
    "goodbye instead of a list": {"LIST": b"* BYE shutting down\r\n"},
    "hanging up": {"EXAMINE": b""},
    "a line of two megabytes in a list": {"LIST": b"* LIST () " + b"y" * 2_000_000 + b"\r\n"},
    "a list of nothing known": {"LIST": ok(b"* LIST what ever")},
    "parentheses without end": {"LIST": ok(b"* LIST " + b"(" * 100_000)},
    "a state without numbers": {"STATUS": ok(b'* STATUS "INBOX" (UIDNEXT many)')},
    "UIDs that are none": {"UID SEARCH": ok(b"* SEARCH one two")},
    "a literal of nine gigabytes": {"UID FETCH": b"* 1 FETCH (BODY[] {9999999999}\r\n"},
    "a literal without its end": {"UID FETCH": b"* 1 FETCH (BODY[] {50}\r\nFrom: a@b"},
    "an uneven answer": {"UID FETCH": ok(b"* 1 FETCH (UID)")},
    "another tag": {"UID FETCH": b"Z999 OK done\r\n"},
    "a question back": {"UID FETCH": b"+ go on\r\n* BYE\r\n"},
    "an error for everything": {"EXAMINE": lambda tag, _: tag + b" BAD what?\r\n"},
    "a UIDVALIDITY of letters": {"EXAMINE": ok(b"* 1 EXISTS", b"* OK [UIDVALIDITY abc] no")},
}  # fmt: skip


@pytest.mark.parametrize("script", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_costs_the_poll_and_is_not_repeated(
    script: dict[str, Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 1.0)
    with ScriptedImap({"INBOX": LETTERS}, script) as server:
        with pytest.raises(Unavailable) as raised:
            poll(settings_for(server.port, tmp_path))
        assert str(raised.value).isprintable()
        assert len(str(raised.value)) < 120


def test_an_endless_answer_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "ANSWER_LIMIT", 100_000)
    script = {"LIST": ok(*[b"* OK still there"] * 20_000)}
    with ScriptedImap({"INBOX": LETTERS}, script) as server, pytest.raises(Unavailable):
        poll(settings_for(server.port, tmp_path))


CHATTER: dict[str, dict[str, Answer]] = {
    "alerts": {"UID SEARCH": ok(b"* OK [ALERT] quota is near", b"* SEARCH 1 2 3 4 5 6 7")},
    "flags and new mail": {
        "UID SEARCH": ok(b"* 9 EXISTS", b"* 1 FETCH (FLAGS (\\Seen))", b"* SEARCH 1 2 3 4 5 6 7")
    },
    "several lists": {"UID SEARCH": ok(b"* SEARCH 1 2 3", b"* SEARCH 4 5 6 7", b"* SEARCH")},
    "more UIDs than asked for": {"UID SEARCH": ok(b"* SEARCH 7 6 5 4 3 2 1 900 901")},
    "words unheard of": {"NOOP": ok(), "UID SEARCH": ok(b"* XYZZY 7", b"* SEARCH 1 2 3 4 5 6 7")},
}


@pytest.mark.parametrize("script", CHATTER.values(), ids=CHATTER.keys())
def test_chatter_between_the_answers_is_passed_over(
    script: dict[str, Answer], tmp_path: Path
) -> None:
    with ScriptedImap({"INBOX": LETTERS}, script) as server:
        assert subjects(poll(settings_for(server.port, tmp_path))) == SUBJECTS


def test_what_is_expunged_while_it_is_fetched_is_no_error(server: Dovecot, tmp_path: Path) -> None:
    name = server.new_user()
    client = server.signed_in(name)
    for raw in LETTERS:
        client.append("INBOX", "", "", raw)
    settings = settings_for(server.port, tmp_path, user=name, batch_size=2)
    connector = ImapConnector(settings, since=SINCE)
    with closing(connector):
        reading = connector.poll(None)
        found = [next(reading)]
        client.select("INBOX")
        client.store("1:3", "+FLAGS", "\\Deleted")
        client.expunge()
        found += reading
    client.logout()
    assert subjects(found)[-4:] == SUBJECTS[-4:]
    assert not [item for batch in found for item in batch.rejected]
    assert messages(poll(settings, found[-1].cursor)) == []


@pytest.mark.parametrize("empty", [b"NIL", b'""', b"{0}\r\n"])
def test_empty_data_stands_for_a_message_that_is_gone(empty: bytes, tmp_path: Path) -> None:
    """Source: RFC 2180 section 4.1.2."""
    answer = ok(b"* 3 FETCH (UID 3 BODY[HEADER]<0> " + empty + b")")
    with ScriptedImap({"INBOX": LETTERS}, {"UID FETCH": answer}) as server:
        batches = poll(settings_for(server.port, tmp_path))
    assert messages(batches) == []
    assert not [item for batch in batches for item in batch.rejected]


def test_one_message_that_is_not_given_out_is_set_aside(tmp_path: Path) -> None:
    def fetch(tag: bytes, line: bytes) -> bytes:
        wanted = line.split()[2]
        if wanted in (b"1:7", b"3"):
            return tag + b" NO [SERVERBUG] it is broken\r\n"
        return fetched(LETTERS, line) + tag + b" OK done\r\n"

    with ScriptedImap({"INBOX": LETTERS}, {"UID FETCH": fetch}) as server:
        batches = poll(settings_for(server.port, tmp_path))
    rejected = [item for batch in batches for item in batch.rejected]
    assert [item.reason for item in rejected] == ["the server does not give it out"]
    assert subjects(batches) == [s for s in SUBJECTS if s != "Note 3"]


def test_closing_from_another_thread_ends_a_poll(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    with Proxy(("127.0.0.1", server.port), Fault(stall_after=1000)) as proxy:
        connector = ImapConnector(settings_for(proxy.port, tmp_path, user=user), since=SINCE)
        threading.Timer(0.4, connector.close).start()
        began = time.monotonic()
        list(connector.poll(None))
        assert time.monotonic() - began < 5
