"""Every message that breaks other parsers is reported or set aside when it comes from Gmail."""

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.observations import Message
from connectors.protocol import Reading
from connectors.wanted import TextRule
from tests.connectors.gmail.mailroom import NOON, Mailroom, messages_of, uids_of
from tests.invariants import assert_wholesome

ALIKE_AT_LEAST = {Reading.TEXT: 0.95, Reading.SUBJECTS: 0.98}
"""Share of messages that read the same by either way: the fake parses them by another library,
which gives up on some."""

NASTY = {
    "no-author": b"Subject: who\r\n\r\nme\r\n",
    "two-authors": b"From: a@example.org\r\nFrom: b@example.org\r\n\r\nus\r\n",
    "nothing": b"",
    "a-line-end": b"\r\n",
    "no-body": b"From: a@example.org",
    "no-head": b"\r\n\r\nonly this\r\n",
    "bytes": bytes(range(256)) * 4,
    "nul": b"From: a@example.org\r\nSubject: \x00\x01\x1b[31m\r\n\r\n\x00\r\n",
    "controls": "From: a@example.org\r\nSubject: \u202eevil\u2028x\x85y\r\n\r\nx\r\n".encode(),
    "long-line": b"From: a@example.org\r\nSubject: " + b"x" * 400_000 + b"\r\n\r\nx\r\n",
    "many": b"From: a@example.org\r\nTo: " + b"b@example.org, " * 20_000 + b"\r\n\r\nx\r\n",
    "no-boundary": b"From: a@example.org\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nx\r\n",
    "charset": b"From: a@example.org\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xfc\r\n",
    "nested": b"From: a@example.org\r\n"
    + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(60)
    ),
    "injection": b"From: a@example.org\r\n"
    b"Subject: =?utf-8?q?Hello=0D=0ABcc:_eve@example.net=0D=0A=0D=0Aowned?=\r\n\r\nx\r\n",
}


@pytest.fixture
def corpus() -> dict[str, bytes]:
    folder = os.environ.get("KITHD_DATA")
    if not folder:
        pytest.skip("not run: no data")
    return {path.name: path.read_bytes() for path in sorted(Path(folder, "corpora/mail").iterdir())}


def put(room: Mailroom, raws: dict[str, bytes]) -> dict[str, bytes]:
    """Put messages into the mailbox; return each by its id."""
    return {
        room.box.deliver(raw, "INBOX", at=NOON - timedelta(minutes=n)): raw
        for n, raw in enumerate(raws.values())
    }


def directly(raw: bytes, uid: str, reading: Reading) -> Message | None:
    """Read a message as it is, as far as the text of such a message is wanted."""
    try:
        head = read_message(raw, uid=uid, received_at=NOON, reading=Reading.SUBJECTS)
        is_wanted = TextRule(reading).wants_text_of(head)
        found = read_message(raw, uid=uid, received_at=NOON) if is_wanted else head
    except Unreadable:
        return None
    return replace(found, sent_at=NOON)


def handled(room: Mailroom, reading: Reading) -> dict[str, Message | None]:
    """Read all; return what became of each message, None where it was set aside."""
    batches = room.poll(read=reading)
    rejected = [one.uid for batch in batches for one in batch.rejected]
    told = Counter([*uids_of(batches), *rejected])
    assert told == dict.fromkeys(room.box.kept, 1)
    found = messages_of(batches)
    for message in found:
        assert_wholesome(message)
    return {one.uid: one for one in found} | dict.fromkeys(rejected)


@pytest.mark.parametrize("reading", list(Reading))
def test_nasty_messages_are_reported_or_set_aside(room: Mailroom, reading: Reading) -> None:
    raws = put(room, NASTY)
    found = handled(room, reading)
    authors = [one and one.author.email for one in found.values()]
    assert authors.count(None) >= 4
    assert "eve@example.net" not in str([one and one.recipients for one in found.values()])
    assert len(raws) == len(NASTY)


@pytest.mark.parametrize("reading", [Reading.TEXT, Reading.SUBJECTS])
def test_every_message_of_the_corpus_is_reported_or_set_aside(
    room: Mailroom, corpus: dict[str, bytes], reading: Reading
) -> None:
    room.gmail.decodes_words = False
    raws = put(room, corpus)
    found = handled(room, reading)
    n_alike = 0
    for uid, raw in raws.items():
        here = found[uid]
        n_alike += (here and replace(here, sent_at=NOON)) == directly(raw, uid, reading)
    assert n_alike >= ALIKE_AT_LEAST[reading] * len(raws), n_alike
