"""The mbox connector on files as they are: growing, locked, rewritten, odd, damaged, huge."""

import gzip
import io
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.contract import BEGINNING, RECENT
from connectors.errors import CursorExpired, Misconfigured
from connectors.formats import mbox
from connectors.mbox import SETTLED_NS, MboxConnector, MboxSettings
from connectors.observations import Gone, Message
from connectors.protocol import Batch, Cursor, Rejected
from tests.contract.bench import mail, n_bytes_read

POSTMARK = b"From ada@example.org Mon Jun  3 09:30:00 2024\n"


def posted(number: int, *, body: bytes = b"") -> bytes:
    return POSTMARK + mail(number, RECENT) + body + b"\n"


def poll(path: Path, cursor: Cursor | None = None) -> list[Batch]:
    return list(MboxConnector(MboxSettings(path), since=BEGINNING).poll(cursor))


def messages(batches: list[Batch]) -> list[Message]:
    return [o for batch in batches for o in batch.observations if isinstance(o, Message)]


def subjects(batches: list[Batch]) -> list[str]:
    return [message.subject for message in messages(batches)]


def rejected(batches: list[Batch]) -> list[Rejected]:
    return [item for batch in batches for item in batch.rejected]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def test_a_last_message_without_its_end_waits_for_it(path: Path) -> None:
    whole = posted(1) + posted(2)
    path.write_bytes(whole[:-30])
    first = poll(path)
    assert subjects(first) == ["Note 1"]
    path.write_bytes(whole)
    assert subjects(poll(path, first[-1].cursor)) == ["Note 2"]


def test_a_last_line_left_without_an_end_is_believed_in_the_end(path: Path) -> None:
    path.write_bytes((posted(1) + posted(2)).rstrip(b"\n"))
    assert subjects(poll(path)) == ["Note 1"]
    os.utime(path, (0, 0))
    assert subjects(poll(path)) == ["Note 1", "Note 2"]


def test_a_part_that_looked_whole_is_taken_back(path: Path) -> None:
    path.write_bytes(posted(1) + posted(2))
    first = poll(path)
    with path.open("ab") as file:
        file.write(b"And one thing more.\n\n" + posted(3))
    second = poll(path, first[-1].cursor)
    part = messages(first)[-1]
    assert second[0].observations[0] == Gone(part.uid)
    assert subjects(second) == ["Note 2", "Note 3"]
    assert messages(second)[0].uid != part.uid


@pytest.mark.parametrize("is_compressed", [False, True])
def test_however_the_file_is_written_each_message_is_known_once(
    tmp_path_factory: pytest.TempPathFactory, is_compressed: bool
) -> None:
    whole = b"".join(posted(n, body=b"\nFrom here on, more.\n\n") for n in range(3))
    expected = {mbox.name(mbox.content(piece.raw)) for piece in mbox.split(io.BytesIO(whole))}
    assert len(expected) == 3

    @given(st.lists(st.integers(0, len(whole)), max_size=6))
    @example([446])  # before a line that only looks like the beginning of a message
    @example([211, 214])  # within such a line
    @settings(max_examples=60, deadline=None)
    def write_in_parts(cuts: list[int]) -> None:
        path = tmp_path_factory.mktemp("parts") / "inbox"
        known: set[str] = set()
        cursor: Cursor | None = None
        for begin, end in pairwise([0, *sorted(cuts), len(whole)]):
            with path.open("ab") as file:
                part = whole[begin:end]
                file.write(gzip.compress(part) if is_compressed else part)
            for batch in poll(path, cursor):
                cursor = batch.cursor
                for item in batch.observations:
                    (known.discard if isinstance(item, Gone) else known.add)(item.uid)
        assert known == expected

    write_in_parts()


def test_while_another_program_holds_a_dot_lock_the_last_message_waits(path: Path) -> None:
    path.write_bytes(posted(1) + posted(2))
    lock = path.with_name("inbox.lock")
    lock.touch()
    time.sleep(2 * SETTLED_NS / 1e9)
    first = poll(path)
    assert subjects(first) == ["Note 1"]
    lock.unlink()
    assert subjects(poll(path, first[-1].cursor)) == ["Note 2"]


def test_a_dot_lock_left_behind_by_a_crash_does_not_count(path: Path) -> None:
    path.write_bytes(posted(1))
    lock = path.with_name("inbox.lock")
    lock.touch()
    os.utime(lock, (0, 0))
    assert subjects(poll(path)) == ["Note 1"]


def test_while_another_process_locks_the_file_the_last_message_waits(path: Path) -> None:
    path.write_bytes(posted(1) + posted(2))
    program = "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX)"
    program += "; print('locked', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdin
        assert writer.stdout
        assert writer.stdout.readline() == "locked\n"
        assert subjects(poll(path)) == ["Note 1"]
        writer.stdin.close()
    assert subjects(poll(path)) == ["Note 1", "Note 2"]


def long(number: int) -> bytes:
    return posted(number, body=b"padding\n" * 200)


@pytest.mark.parametrize(
    "rewritten",
    [
        long(1) + long(3) + long(4),
        long(4) + long(2) + long(3),
        long(2) + long(3),
        long(1),
        b"",
        long(7) + long(8) + long(9),
    ],
    ids=["compacted", "first replaced", "first removed", "shortened", "emptied", "replaced"],
)
@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_rewritten_file_is_owned_up_to_and_its_messages_keep_their_names(
    path: Path, rewritten: bytes, is_compressed: bool
) -> None:
    encode = gzip.compress if is_compressed else bytes
    path.write_bytes(encode(long(1) + long(2) + long(3)))
    first = poll(path)
    path.write_bytes(encode(rewritten))
    with pytest.raises(CursorExpired):
        poll(path, first[-1].cursor)
    names = {m.subject: m.uid for m in messages(first)}
    for message in messages(poll(path)):
        assert names.get(message.subject, message.uid) == message.uid


def test_marks_of_other_programs_leave_a_message_its_name(path: Path) -> None:
    path.write_bytes(posted(1))
    before = messages(poll(path))
    marked = (
        b"Status: RO\nX-Status: A\nX-Mozilla-Keys: a\n b\nX-UID: 7\nContent-Length: 9\nSubject:"
    )
    path.write_bytes(posted(1).replace(b"Subject:", marked).replace(b"\n", b"\r\n"))
    assert [m.uid for m in messages(poll(path))] == [m.uid for m in before]


@pytest.mark.parametrize(
    "body",
    [
        b"From now on we meet on Mondays.\n",
        b"\nFrom now on: we meet.\n",
        b"\nFrom ada@example.org Mon Jun  3 09:30:00 2024\nno header follows\n",
        b"no empty line\nFrom ada@example.org Mon Jun  3 09:30:00 2024\nSubject: no\n",
        b"\nFrom " + b"0" * 40 + b" Mon Sep 17 00:00:00 2001\nFrom: Ben <ben@example.com>\n",
    ],
    ids=["at once", "after an empty line", "no header", "no empty line", "a patch by git"],
)
def test_a_line_that_merely_begins_with_from_parts_nothing(path: Path, body: bytes) -> None:
    path.write_bytes(posted(1, body=body) + posted(2))
    batches = poll(path)
    assert subjects(batches) == ["Note 1", "Note 2"]
    assert rejected(batches) == []


@pytest.mark.parametrize(
    "postmark",
    [
        b"From MAILER-DAEMON Tue Apr 28 11:10:38 2009",
        b"From ada at example.org  Tue Apr 28 11:10:38 2009",
        b"From 1471234567890@xxx Tue Aug 16 07:46:50 +0000 2016",
        b"From ada@example.org Sat Jan 19 15:26:33 EST 2002",
        b"From ada@example.org Thu, 05 Dec 2002 10:00:00 +0100",
        b"From - Wed May  9 10:00:00 2007\r",
        b"From - ",
        b"From ada@example.org",
    ],
)
def test_each_kind_of_from_line_seen_in_the_wild_begins_a_message(
    path: Path, postmark: bytes
) -> None:
    path.write_bytes(posted(1) + postmark + b"\n" + mail(2, RECENT))
    assert subjects(poll(path)) == ["Note 1", "Note 2"]


def test_an_escaped_from_is_unescaped_once() -> None:
    raw = POSTMARK + b"A: b\n\n>From here\n>>From there\n> From me\n"
    assert mbox.content(raw) == b"A: b\n\nFrom here\n>From there\n> From me\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"From a Mon Jun  3 09:30:05 2024", datetime(2024, 6, 3, 9, 30, 5, tzinfo=UTC)),
        (
            b"From a@example.org Tue Aug 16 07:46 +0000 2016",
            datetime(2016, 8, 16, 7, 46, tzinfo=UTC),
        ),
        (b"From - Thu Jan  1 00:00:00 1970", None),
        (b"From a Mon Feb 31 09:30:05 2024", None),
        (b"From " + b"0" * 40 + b" Mon Sep 17 00:00:00 2001", None),
        (b"From a", None),
    ],
)
def test_the_from_line_says_when_a_message_came(line: bytes, expected: datetime | None) -> None:
    assert mbox.posted_at(line + b"\nA: b\n") == expected


def test_two_messages_that_share_a_message_id_are_both_kept(path: Path) -> None:
    path.write_bytes(posted(1) + posted(1, body=b"Something else.\n"))
    assert subjects(poll(path)) == ["Note 1", "Note 1"]
    assert len({message.uid for message in messages(poll(path))}) == 2


def test_the_same_message_twice_in_a_batch_is_reported_once(path: Path) -> None:
    path.write_bytes(posted(1) + posted(2) + posted(1))
    assert sorted(subjects(poll(path))) == ["Note 1", "Note 2"]


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"From ", POSTMARK, b"A: b\n", b"x"])))
def test_no_byte_is_lost_and_the_size_of_reads_does_not_matter(parts: list[bytes]) -> None:
    raw = POSTMARK + b"".join(parts)
    whole = [(p.start, p.end, bytes(p.raw), p.is_last) for p in mbox.split(io.BytesIO(raw))]
    assert b"".join(piece[2] for piece in whole) == raw
    trickling = mbox.split(Trickle(raw))
    assert [(p.start, p.end, bytes(p.raw), p.is_last) for p in trickling] == whole


class Trickle(io.BytesIO):
    """Gives a byte at a time, whatever is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1, size or 0))


def test_a_message_of_any_size_is_cut_and_not_lost(path: Path) -> None:
    with path.open("wb") as file:
        file.write(posted(1) + POSTMARK + mail(2, RECENT))
        for _ in range(mbox.RAW_LIMIT // 2**20 + 3):
            file.write(b"padding\n" * 2**17)
        file.write(b"\n" + posted(3))
    batches = poll(path)
    assert subjects(batches) == ["Note 1", "Note 2", "Note 3"]
    assert not messages(poll(path, batches[-1].cursor))
    with path.open("rb") as file:
        assert max(len(piece.raw) for piece in mbox.split(file)) == mbox.RAW_LIMIT


def test_a_compressed_file_is_known_by_its_content_not_its_name(path: Path) -> None:
    path.with_name("plain.gz").write_bytes(posted(1))
    path.write_bytes(gzip.compress(posted(2)) + b"\0" * 40_000 + gzip.compress(posted(3)))
    assert subjects(poll(path.with_name("plain.gz"))) == ["Note 1"]
    assert subjects(poll(path)) == ["Note 2", "Note 3"]


@pytest.mark.parametrize("damage", [lambda z: z[:-40], lambda z: z[:-40] + b"\xff" * 40])
def test_what_comes_before_the_damage_in_a_compressed_file_is_read(
    path: Path, damage: object
) -> None:
    assert callable(damage)
    good = gzip.compress(b"".join(posted(n) for n in range(5)))
    path.write_bytes(good + damage(gzip.compress(posted(5, body=os.urandom(3000).hex().encode()))))
    batches = poll(path)
    assert subjects(batches) == [f"Note {n}" for n in range(4 + 1)][: len(subjects(batches))]
    assert len(subjects(batches)) >= 4
    assert len(rejected(batches)) == 1
    assert not rejected(poll(path, batches[-1].cursor)[:-1])


def test_a_bomb_is_refused_before_it_goes_off(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        file.write(posted(1))
        for _ in range(64):
            file.write(b"\n" * 2**20)
    with pytest.raises(Misconfigured, match="swells"):
        poll(path)


@pytest.mark.parametrize(
    "raw", [b"%PDF-1.7\n", b"Subject: no mbox\n\n", gzip.compress(b"BEGIN:", mtime=0)]
)
def test_what_is_no_mbox_is_named(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with pytest.raises(Misconfigured, match="not an mbox"):
        poll(path)


def test_a_missing_file_a_folder_and_a_fifo_are_named_and_none_hangs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, reason in [("none", "no such file"), ("", "regular"), ("fifo", "regular")]:
        with pytest.raises(Misconfigured, match=reason):
            poll(tmp_path / name)


def test_an_untouched_file_costs_no_more_than_a_look(path: Path) -> None:
    path.write_bytes(gzip.compress(b"".join(posted(n) for n in range(300))))
    time.sleep(SETTLED_NS / 1e9)
    cursor = poll(path)[-1].cursor
    before = n_bytes_read()
    assert poll(path, cursor) == []
    assert n_bytes_read() - before < 16


def test_a_real_mailbox_comes_out_whole_and_in_order() -> None:
    folder = os.environ.get("KITHD_DATA")
    if not folder:
        pytest.skip("not run: no data")
    path = Path(folder, "mailboxes", "maintainer.mbox.gz")
    with gzip.open(path) as file:
        pieces = list(mbox.split(file))
    assert len(pieces) == len({mbox.name(mbox.content(piece.raw)) for piece in pieces}) == 5393
    assert all(mbox.posted_at(piece.raw) for piece in pieces)
