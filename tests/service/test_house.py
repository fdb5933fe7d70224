"""The house keeps one key for good, and says whose replies are looked for and where."""

from pathlib import Path
from threading import Barrier, Thread

import pytest

from daemon.config.model import Settings
from daemon.errors import UserError
from daemon.house import KEY_BYTES, KEY_NAME, furnish, keep_key, open_kept
from daemon.store.database import open_scratch
from tests.jobs.world import AT

MAILBOX = {"kind": "maildir", "path": "/tmp/Mail"}  # noqa: S108 -- named, never opened


def settle(**sections: object) -> Settings:
    owner = {"addresses": ("mara@example.org", "m@example.net")}
    return Settings.model_validate({"owner": owner, **sections})


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = keep_key(tmp_path)
    assert len(first) == KEY_BYTES
    assert keep_key(tmp_path) == first
    assert (tmp_path / KEY_NAME).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [KEY_NAME]


def test_of_many_who_make_it_at_once_all_have_the_same(tmp_path: Path) -> None:
    start, found = Barrier(8), list[bytes]()

    def make() -> None:
        start.wait()
        found.append(keep_key(tmp_path))

    makers = [Thread(target=make) for _ in range(8)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_damaged_key_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / KEY_NAME).write_bytes(b"short")
    with pytest.raises(UserError, match="damaged"):
        keep_key(tmp_path)


def test_a_house_that_is_thrown_away_leaves_no_key(tmp_path: Path) -> None:
    house = furnish(settle(), open_scratch(), state=tmp_path, now=AT)
    assert len(house.key) == KEY_BYTES
    assert not list(tmp_path.iterdir())
    assert house.trust is None


def test_replies_are_looked_for_in_mailboxes_unless_it_is_said_where(tmp_path: Path) -> None:
    sources = {
        "work": MAILBOX,
        "home": MAILBOX,
        "news": {"kind": "feed", "url": "https://example.org/"},
    }
    engine = open_kept(tmp_path)
    usual = furnish(settle(sources=sources), engine, state=tmp_path, now=AT)
    assert usual.trust
    assert usual.trust.sources == {"work", "home"}
    assert usual.trust.owner == usual.owner == usual.sender == usual.reply_to == "mara@example.org"
    assert usual.trust.key == usual.key == keep_key(tmp_path)
    told = settle(
        sources=sources,
        replies={"sources": ("home",), "address": "mara+kithd@example.org", "days": 3},
        delivery={"to": "m@example.net"},
    )
    house = furnish(told, engine, state=tmp_path, now=AT)
    assert house.trust
    assert house.trust.sources == {"home"}
    assert house.trust.days == 3
    assert (house.trust.owner, house.reply_to) == ("m@example.net", "mara+kithd@example.org")
    assert str(house.key) not in repr(house)
