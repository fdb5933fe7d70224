"""The Maildir connector on what happens in a mail folder: moves, marks, traps, and clocks."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors import arrivals
from connectors.contract import BEGINNING, RECENT
from connectors.errors import AccessDenied, CursorExpired, Misconfigured
from connectors.maildir import MaildirConnector, MaildirSettings
from connectors.observations import Folder, Message
from connectors.protocol import Batch, Cursor, Rejected
from tests.contract.bench import mail, refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return create(tmp_path / "Maildir")


def create(path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    return path


def deliver(path: Path, number: int, *, into: str = "new", flags: str = "") -> Path:
    name = f"17174{number:05}.M{number}P1.example"
    (path / "tmp" / name).write_bytes(mail(number, RECENT + timedelta(minutes=number)))
    return (path / "tmp" / name).rename(path / into / f"{name}{flags}")


def connect(path: Path, *, batch_size: int = 250) -> MaildirConnector:
    return MaildirConnector(MaildirSettings(path), since=BEGINNING, batch_size=batch_size)


def poll(path: Path, cursor: Cursor | None = None) -> list[Batch]:
    return list(connect(path).poll(cursor))


def messages(batches: list[Batch]) -> list[Message]:
    return [o for batch in batches for o in batch.observations if isinstance(o, Message)]


def rejected(batches: list[Batch]) -> list[Rejected]:
    return [item for batch in batches for item in batch.rejected]


def test_a_message_that_is_read_flagged_and_moved_stays_itself(path: Path) -> None:
    file = deliver(path, 1)
    first = poll(path)
    create(path / ".Archive")
    moves = [path / "cur" / f"{file.name}:2,S", path / "cur" / f"{file.name}:2,FS"]
    moves.append(path / ".Archive" / "cur" / f"{file.name}:2,FS")
    for target in moves:
        file = file.rename(target)
        again = poll(path, first[-1].cursor)
        assert messages(again) == messages(first)


def test_the_sent_folders_come_first_however_they_are_laid_out(path: Path) -> None:
    for number, folder in enumerate(["", ".Archive", ".Envoy&AOk-s", "INBOX/Sent Items"]):
        (create(path / folder) if folder else path).exists()
        deliver(path / folder, number)
    found = [(m.subject, m.folder) for m in messages(poll(path))]
    assert sorted(found[:2]) == [("Note 2", Folder.SENT), ("Note 3", Folder.SENT)]
    assert sorted(found[2:]) == [("Note 0", Folder.OTHER), ("Note 1", Folder.OTHER)]


def test_mail_sent_while_the_rest_is_read_is_seen_by_the_next_poll(path: Path) -> None:
    create(path / ".Sent")
    for number in range(4):
        deliver(path, number)
    reading = connect(path, batch_size=2).poll(None)
    cursor = next(reading).cursor
    deliver(path / ".Sent", 9)
    assert [m.subject for m in messages(poll(path, cursor))] == ["Note 9", "Note 2", "Note 3"]


def test_what_lies_in_the_way_is_rejected_and_never_followed_nor_waited_for(path: Path) -> None:
    secret = path.parent / "secret"
    secret.write_bytes(mail(1, RECENT))
    os.mkfifo(path / "cur" / "fifo")
    (path / "cur" / "link").symlink_to(secret)
    (path / "cur" / "loop").symlink_to("loop")
    (path / "cur" / "folder").mkdir()
    (path / "cur" / ".hidden").write_bytes(b"of a program")
    (path / ".Linked").symlink_to(create(path.parent / "elsewhere"))
    deliver(path.parent / "elsewhere", 2)
    deliver(path, 3)
    batches = poll(path)
    assert [m.subject for m in messages(batches)] == ["Note 3"]
    assert sorted(item.uid for item in rejected(batches)) == ["fifo", "folder", "link", "loop"]
    assert poll(path, batches[-1].cursor) == []


@pytest.mark.parametrize("trap", ["fifo", "link"])
def test_a_trap_set_after_the_listing_is_not_walked_into(path: Path, trap: str) -> None:
    for number in range(4):
        deliver(path, number)
    reading = connect(path, batch_size=2).poll(None)
    first = next(reading)
    target = path / "new" / "1717400003.M3P1.example"
    target.unlink()
    if trap == "fifo":
        os.mkfifo(target)
    else:
        target.symlink_to("/etc/passwd")
    batches = [first, *reading]
    assert [m.subject for m in messages(batches)] == ["Note 0", "Note 1", "Note 2"]
    assert [item.uid for item in rejected(batches)] == [target.name]


def test_a_message_renamed_or_deleted_while_others_are_read_is_found_or_left(path: Path) -> None:
    files = [deliver(path, number) for number in range(5)]
    reading = connect(path, batch_size=2).poll(None)
    first = next(reading)
    files[3].rename(path / "cur" / f"{files[3].name}:2,S")
    files[4].unlink()
    batches = [first, *reading]
    assert [m.subject for m in messages(batches)] == ["Note 0", "Note 1", "Note 2"]
    late = poll(path, batches[-1].cursor)
    assert [m.subject for m in messages(late)] == ["Note 3"]
    assert rejected([*batches, *late]) == []


def test_messages_that_changed_at_the_same_instant_are_told_apart(path: Path) -> None:
    file = deliver(path, 1)
    for number in range(4):
        (path / "new" / f"copy-{number}").hardlink_to(file)
    seen: list[str] = []
    cursor: Cursor | None = None
    for _ in range(5):
        batch = next(connect(path, batch_size=1).poll(cursor))
        seen += [observation.uid for observation in batch.observations]
        cursor = batch.cursor
    assert sorted(seen) == [file.name, *(f"copy-{number}" for number in range(4))]


def test_a_program_that_waits_at_a_fifo_goes_on_waiting(path: Path) -> None:
    fifo = path / "cur" / "fifo"
    os.mkfifo(fifo)
    program = "import sys; print('ready', flush=True); open(sys.argv[1], 'wb'); print('open')"
    command = [sys.executable, "-c", program, str(fifo)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
        time.sleep(0.05)
        poll(path)
        time.sleep(0.05)
        assert writer.poll() is None
        fifo.read_bytes()
        assert writer.stdout.read() == "open\n"


def test_a_folder_is_left_to_come_to_rest_before_it_is_said_to_be_unchanged(path: Path) -> None:
    file = deliver(path, 1)
    cursor = poll(path)[-1].cursor
    file.unlink()
    poll(path, cursor)
    changed_ns = (path / "new").stat().st_mtime_ns
    assert time.time_ns() - changed_ns >= arrivals.SETTLED_NS


def test_a_file_from_the_future_is_reported_and_does_not_hide_what_comes_next(path: Path) -> None:
    # No program can set the time a file changed, so the listing is made here.
    file = deliver(path, 1)
    now_ns = time.time_ns()
    future = arrivals.Entry(arrivals.Mark(now_ns + 10**18, 1), f"new/{file.name}", True)
    reader = connect(path)._reader
    root = os.open(path, os.O_RDONLY)
    listing = arrivals.Listing([future], True, now_ns)
    place = arrivals.Place(path.stat().st_ino)
    batches = list(reader._batches(root, listing, place, ""))
    os.close(root)
    assert [m.subject for m in messages(batches)] == ["Note 1"]
    deliver(path, 2)
    assert "Note 2" in [m.subject for m in messages(poll(path, batches[-1].cursor))]


FLAGS = st.sampled_from(["", ":2,", ":2,S", ":2,FRS"])


class Ownership(RuleBasedStateMachine):
    """An owner who files, reads and deletes mail while it is being polled, with crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.home = TemporaryDirectory()
        self.path = create(Path(self.home.name, "Maildir"))
        create(self.path / ".Archive")
        self.live: dict[str, Path] = {}
        self.delivered: set[str] = set()
        self.known: set[str] = set()
        self.cursor: Cursor | None = None

    def teardown(self) -> None:
        self.home.cleanup()

    @rule()
    def deliver(self) -> None:
        file = deliver(self.path, len(self.delivered))
        self.live[file.name] = file
        self.delivered.add(file.name)

    @precondition(lambda self: self.live)
    @rule(data=st.data(), to=st.sampled_from(["new/", "cur/", ".Archive/cur/"]), flags=FLAGS)
    def move(self, data: st.DataObject, to: str, flags: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.live)))
        self.live[name] = self.live[name].rename(self.path / f"{to}{name}{flags}")

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.live.pop(data.draw(st.sampled_from(sorted(self.live)))).unlink()

    @rule(n_batches=st.integers(1, 3))
    def poll_and_crash(self, n_batches: int) -> None:
        self._poll(n_batches)

    @rule()
    def poll_to_the_end(self) -> None:
        self._poll(None)
        assert self.live.keys() <= self.known

    @invariant()
    def nothing_is_renamed(self) -> None:
        assert self.known <= self.delivered

    def _poll(self, n_batches: int | None) -> None:
        for batch in islice(connect(self.path, batch_size=1).poll(self.cursor), n_batches):
            self.known |= {observation.uid for observation in batch.observations}
            self.cursor = batch.cursor


TestOwnership = Ownership.TestCase
TestOwnership.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)


def test_a_clock_that_was_put_back_expires_the_cursor_and_only_once(path: Path) -> None:
    deliver(path, 1)
    cursor = poll(path)[-1].cursor
    place = arrivals.Place.from_cursor(cursor, path.stat().st_ino)
    from_the_future = arrivals.Mark(place.rest.changed_ns + 10**18, 0)
    with pytest.raises(CursorExpired, match="clock"):
        poll(path, replace(place, rest=from_the_future).as_cursor())
    assert poll(path, cursor) == []


OPENED: list[str] = []


def note_listings(event: str, arguments: tuple[object, ...]) -> None:
    if event == "os.scandir" and isinstance(arguments[0], int):
        OPENED.append(os.readlink(f"/proc/self/fd/{arguments[0]}"))


@pytest.fixture
def listings() -> Iterator[list[str]]:
    # An audit hook stays for as long as the process; it only ever appends to this list.
    sys.addaudithook(note_listings)
    OPENED.clear()
    yield OPENED
    OPENED.clear()


def test_folders_that_did_not_change_are_not_even_listed(path: Path, listings: list[str]) -> None:
    deliver(path, 1)
    cursor = poll(path)[-1].cursor
    assert {str(path / "cur"), str(path / "new")} <= set(listings)
    listings.clear()
    assert poll(path, cursor) == []
    assert set(listings) == {str(path)}


def test_flags_and_folders_say_what_kind_of_message_it_is(path: Path) -> None:
    for number, folder in enumerate([".Drafts", ".Junk", ".Trash", ".Trash.2023", ".Friends"]):
        create(path / folder)
        deliver(path / folder, number, into="cur", flags=":2,S")
    kinds = {m.subject: m.folder for m in messages(poll(path))}
    expected = [Folder.DRAFTS, Folder.SPAM, Folder.TRASH, Folder.TRASH, Folder.OTHER]
    assert [kinds[f"Note {number}"] for number in range(5)] == expected


def test_names_that_no_database_takes_are_spelled_out(path: Path) -> None:
    file = deliver(path, 1)
    os.rename(os.fsencode(file), os.fsencode(path / "cur") + b"/\xff\n:2,S")
    assert [m.uid for m in messages(poll(path))] == ["%FF%0A"]


def test_a_folder_without_mail_folders_and_a_missing_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="not a Maildir"):
        poll(tmp_path)
    with pytest.raises(Misconfigured, match="no such file"):
        poll(tmp_path / "none")


def test_one_folder_that_may_not_be_read_stops_the_source(path: Path) -> None:
    create(path / ".Sent")
    with refused(path / ".Sent" / "cur"), pytest.raises(AccessDenied):
        poll(path)
