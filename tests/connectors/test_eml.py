"""The connector for .eml files on folders within folders, single files, and rewritten ones."""

from pathlib import Path

import pytest

from connectors.arrivals import DEPTH_LIMIT
from connectors.contract import BEGINNING, RECENT
from connectors.eml import EmlConnector, EmlSettings
from connectors.errors import AccessDenied, Misconfigured
from connectors.observations import Folder, Message
from connectors.protocol import Batch, Cursor, Reading
from tests.contract.bench import mail, refused


def write(path: Path, number: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mail(number, RECENT))
    return path


def poll(path: Path, cursor: Cursor | None = None) -> list[Batch]:
    return list(EmlConnector(EmlSettings(path), since=BEGINNING).poll(cursor))


def messages(batches: list[Batch]) -> dict[str, Message]:
    return {o.uid: o for b in batches for o in b.observations if isinstance(o, Message)}


def test_only_files_called_eml_are_read_wherever_they_lie(tmp_path: Path) -> None:
    for number, name in enumerate(["a.eml", "b/c.EML", "b/d.txt", ".e.eml", ".f/g.eml"]):
        write(tmp_path / name, number)
    assert sorted(messages(poll(tmp_path))) == ["a.eml", "b/c.EML"]


def test_links_are_not_followed_and_depth_is_bounded(tmp_path: Path) -> None:
    root = tmp_path / "export"
    write(root.joinpath(*"d" * DEPTH_LIMIT, "deep.eml"), 1)
    write(root.joinpath(*"d" * (DEPTH_LIMIT + 1), "too deep.eml"), 2)
    write(tmp_path / "elsewhere" / "secret.eml", 3)
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    (root / "link.eml").symlink_to(tmp_path / "elsewhere" / "secret.eml")
    batches = poll(root)
    assert list(messages(batches)) == ["d/" * DEPTH_LIMIT + "deep.eml"]
    assert [item.uid for batch in batches for item in batch.rejected] == ["link.eml"]


def test_a_file_that_is_rewritten_in_place_replaces_what_was_known(tmp_path: Path) -> None:
    file = write(tmp_path / "a.eml", 1)
    cursor = poll(tmp_path)[-1].cursor
    write(file, 2)
    assert [m.subject for m in messages(poll(tmp_path, cursor)).values()] == ["Note 2"]


def test_a_single_file_can_be_named(tmp_path: Path) -> None:
    file = write(tmp_path / "one mail", 1)
    write(tmp_path / "a.eml", 2)
    batches = poll(file)
    assert list(messages(batches)) == ["one mail"]
    assert poll(file, batches[-1].cursor) == []


def test_a_folder_called_sent_holds_sent_mail(tmp_path: Path) -> None:
    write(tmp_path / "Inbox" / "a.eml", 1)
    write(tmp_path / "Sent" / "b.eml", 2)
    found = messages(poll(tmp_path))
    assert {uid: m.folder for uid, m in found.items()} == {
        "Sent/b.eml": Folder.SENT,
        "Inbox/a.eml": Folder.OTHER,
    }


@pytest.mark.parametrize("reading", Reading)
def test_no_more_is_read_than_was_allowed(tmp_path: Path, reading: Reading) -> None:
    write(tmp_path / "a.eml", 1)
    settings = EmlSettings(tmp_path, read=reading)
    found = messages(list(EmlConnector(settings, since=BEGINNING).poll(None)))["a.eml"]
    assert bool(found.subject) == (reading is not Reading.HEADERS)
    assert bool(found.text) == (reading is Reading.TEXT)


def test_an_empty_folder_is_no_error_and_a_missing_one_is(tmp_path: Path) -> None:
    assert messages(poll(tmp_path)) == {}
    with pytest.raises(Misconfigured, match="no such file"):
        poll(tmp_path / "none")


def test_a_single_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.eml", 1)
    with refused(tmp_path), pytest.raises(AccessDenied):
        poll(file)
