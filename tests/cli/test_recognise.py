"""Whatever lies below a folder is found, and nothing beside it is lost."""

import os
from pathlib import Path

import pytest

from daemon.cli.recognise import recognise
from daemon.demo.generate import write_year
from daemon.errors import UserError

MBOX = "From ana@example.org Mon Jun  3 09:30:00 2024\nFrom: ana@example.org\n\nHi\n"


def kinds(path: Path) -> list[tuple[str, str]]:
    return sorted((s.kind, Path(s.place).name) for s in recognise([path]))


def make_maildir(folder: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)


def test_a_folder_of_everything_gives_everything(tmp_path: Path) -> None:
    write_year(tmp_path / "year")
    assert kinds(tmp_path / "year") == [
        ("feed", "second-life.xml"),
        ("feed", "slow-rivers.xml"),
        ("feed", "work-and-type.xml"),
        ("ics", "year"),
        ("maildir", "mail"),
        ("mbox", "old.mbox.gz"),
        ("vcf", "year"),
    ]


def test_a_folder_of_nothing_but_maildirs_is_one(tmp_path: Path) -> None:
    for name in ("INBOX", "Sent"):
        make_maildir(tmp_path / "Mail" / name)
    assert kinds(tmp_path / "Mail") == [("maildir", "Mail")]


def test_a_mailbox_below_letters_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "letters" / "below").mkdir(parents=True)
    (tmp_path / "letters" / "a.eml").write_text("From: ana@example.org\n\nHi\n")
    (tmp_path / "letters" / "below" / "b.eml").write_text("From: ana@example.org\n\nHi\n")
    (tmp_path / "letters" / "below" / "old").write_text(MBOX)
    assert kinds(tmp_path / "letters") == [("eml", "letters"), ("mbox", "old")]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mbox")
    with pytest.raises(UserError, match="nothing to read"):
        recognise([tmp_path / "pipe.mbox"])


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UserError, match="no mailbox"):
        recognise([tmp_path / "notes.txt"])
