"""Killed at every statement and every read of a poll, a morning and a delivery, it ends the same.

The service does its rounds against a real mailbox and a real mail server. Each run kills one
process at one boundary, lets the next rounds go on, and compares everything that is stored with
a run that nothing disturbed; and the owner has one digest.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from imaplib import IMAP4, Time2Internaldate
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from daemon.house import DATABASE_NAME, open_kept
from tests.servers import dovecot, smtp

AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # a Monday
LATER = timedelta(minutes=16)
"""Between two rounds: so far apart that what a killed process held has run out."""
KEY = bytes(range(32))
SHARES = 2
"""Processes that do the same work side by side, each with servers of its own."""
VOLATILE = {
    "sources": {"cursor", "read_at", "next_at", "failing_since", "n_failures", "needs"}
    | {"n_done", "n_expected"},
    "outbox": {"changed_at", "n_attempts", "next_at", "message"},
    "offers": {"remembered_at"},
    "progress": {"value"},
    "observations": {"seq"},
    "leases": {"holder", "until"},
    "decisions": {"id"},
}
"""What says when something was done rather than what."""
EMPTY = "empty"
"""The folder with a database in which nothing is kept yet."""
ME = "robin@example.org"
LETTERS = (
    ("INBOX", 30, "Ana Diaz <ana@example.com>", ME, "Plan", "We met at last. It was good."),
    ("Sent", 29, f"Robin <{ME}>", "ana@example.com", "Re: Plan", "Likewise, Ana."),
    (
        "INBOX",
        6,
        "Ana Diaz <ana@example.com>",
        "robin",
        "Floor",
        "Could you send me the floor plan?",
    ),
    ("INBOX", 5, "Ben Okafor <ben@example.com>", ME, "Hi", "Good to hear from you, Robin."),
    (
        "Sent",
        4,
        f"Robin <{ME}>",
        "ben@example.com",
        "Re: Hi",
        "I will send you the list on Friday.",
    ),
)


class Zygote:
    """The process that forks what is to be killed; see ``tests.faults.zygote``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def go_round(
        self, config: Path, at: datetime, boundary: str = "", n: int = 0
    ) -> dict[str, Any]:
        given = {"config": str(config), "at": at.isoformat()}
        order = {"task": "tests.faults.tasks:go_round", "given": given}
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({**order, "boundary": boundary, "at": n}), file=self._process.stdin)
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in told, told["error"]
        return told

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@dataclass(frozen=True)
class Owner:
    """One owner: a user of the mail server, and a folder with settings and state."""

    user: str
    home: Path

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    @property
    def database(self) -> Path:
        return self.home / "state" / "kithd.db"


@dataclass
class World:
    """A mailbox server, a mail server that puts what it takes into it, and owners of both."""

    imap: dovecot.Dovecot
    mail: smtp.Server
    zygote: Zygote
    folder: Path
    user: str = ""

    def begin(self) -> Owner:
        """Return an owner whose mailbox holds LETTERS, of which nothing was read yet."""
        owner = self._settle()
        self._write_letters()
        shutil.copy(self.folder.parent / EMPTY / DATABASE_NAME, owner.database)
        return owner

    def copy(self, first: Owner) -> Owner:
        """Return another owner with the mailbox and the state of ``first``."""
        owner = self._settle()
        shutil.copytree(first.home / "state", owner.home / "state", dirs_exist_ok=True)
        shutil.copytree(self.imap.maildir(first.user), self.imap.maildir(owner.user))
        self.imap.adopt(owner.user)
        return owner

    def go(self, owner: Owner, *rounds: int) -> None:
        """Let undisturbed rounds go by."""
        self.user = owner.user
        for n in rounds:
            assert not self.zygote.go_round(owner.config, AT + n * LATER)["killed"]

    def kill(self, owner: Owner, at_round: int, boundary: str, n: int) -> None:
        """Kill a round at the n-th boundary."""
        self.user = owner.user
        assert self.zygote.go_round(owner.config, AT + at_round * LATER, boundary, n)["killed"]

    def count_boundaries(self, owner: Owner, at_round: int) -> dict[str, int]:
        """Let an undisturbed round go by, and return how many boundaries it had."""
        self.user = owner.user
        told = self.zygote.go_round(owner.config, AT + at_round * LATER)
        return dict(told["counts"])

    def receive(self, message: bytes) -> None:
        """What the mail server does with a mail it took: it lies in the owner's inbox."""
        with self.signed_in() as client:
            client.append("INBOX", "", Time2Internaldate(AT), message)

    def reply(self, owner: Owner) -> None:
        """Let the owner answer the digest: the reply lies in Sent."""
        self.user = owner.user
        with closing(sqlite3.connect(owner.database)) as db:
            [(digest,)] = db.execute("SELECT message_id FROM outbox WHERE kind = 'digest'")
        with self.signed_in() as client:
            raw = REPLY.format(me=ME, digest=digest).encode()
            client.append("Sent", "", Time2Internaldate(AT + 2 * LATER), raw)

    def count_mails(self, owner: Owner) -> int:
        """How many mails of ours lie in the owner's inbox."""
        self.user = owner.user
        with self.signed_in() as client:
            client.select("INBOX", readonly=True)
            _, found = client.search(None, "HEADER", "X-Kithd", "1")
            return len(found[0].split())

    @contextmanager
    def signed_in(self) -> Iterator[IMAP4]:
        client = self.imap.signed_in(self.user)
        yield client
        client.logout()

    def _settle(self) -> Owner:
        self.user = self.imap.new_user()
        owner = Owner(self.user, self.folder / self.user)
        (owner.home / "state").mkdir(parents=True)
        for name, kept in (("secret", dovecot.PASSWORD.encode()), ("state/key", KEY)):
            (owner.home / name).write_bytes(kept)
            (owner.home / name).chmod(0o600)
        owner.config.write_text(self._settings())
        return owner

    def _settings(self) -> str:
        return f"""
[owner]
addresses = ["{ME}"]
[delivery]
kind = "smtp"
host = "127.0.0.1"
port = {self.mail.port}
security = "none"
[sources.mail]
kind = "imap"
host = "localhost"
port = {self.imap.tls_port}
ca_file = "{self.imap.ca_file}"
user = "{self.user}"
secret = "file:secret"
"""

    def _write_letters(self) -> None:
        with self.signed_in() as client:
            for number, (folder, days, author, to, subject, text) in enumerate(LETTERS):
                at = AT - timedelta(days=days)
                head = (
                    f"From: {author}\nTo: {to}\nSubject: {subject}\n"
                    f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{number}@example.com>\n"
                )
                raw = f"{head}\n{text}\n".replace("\n", "\r\n").encode()
                client.append(folder, "", Time2Internaldate(at), raw)


@contextmanager
def worlds(folder: Path) -> Iterator[World]:
    """A world of its own, with its own servers: several may stand side by side."""
    with dovecot.running() as imap, smtp.serve(folder) as mail, closing(Zygote()) as zygote:
        world = World(imap, mail, zygote, folder)
        mail.on_taken = world.receive
        yield world


def dump(owner: Owner) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, without what says when it was done."""
    with closing(sqlite3.connect(owner.database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: _rows(db, name) for name in names if name != "alembic_version"}


def _rows(db: sqlite3.Connection, name: str) -> list[tuple[Any, ...]]:
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
    kept = [c for c in columns if c not in VOLATILE.get(name, set())]
    chosen = ", ".join(f'"{c}"' for c in kept)
    rows = db.execute(f"SELECT {chosen} FROM {name}")  # noqa: S608 -- names of our own tables
    # The digest itself comes back to the inbox, dated by when it was composed at last.
    return sorted((row for row in rows if '"kithd"' not in repr(row)), key=repr)


REPLY = """From: Robin <{me}>\r
To: {me}\r
Subject: Re: your digest\r
Date: Mon, 02 Mar 2026 07:35:00 +0000\r
Message-ID: <reply@example.org>\r
In-Reply-To: {digest}\r
\r
snooze 1 2w; why 1\r
"""


@dataclass(frozen=True)
class Part:
    """One round to be killed, and the rounds after it in which all is put right."""

    name: str
    at_round: int
    then: tuple[int, ...]


MORNING = Part("a morning: poll, compose, deliver", 0, (1, 2))
REPLIED = Part("a reply: poll, obey, answer", 3, (4, 5))


def before(world: World, part: Part) -> Owner:
    """An owner to whom ``part`` is about to happen."""
    owner = world.begin()
    if part is REPLIED:
        world.go(owner, 0, 1, 2)
        world.reply(owner)
    return owner


def survive(world: World, part: Part, boundary: str, n: int, first: Owner) -> Owner:
    """Kill a copy of ``first`` at the n-th boundary, and let it recover."""
    owner = world.copy(first)
    world.kill(owner, part.at_round, boundary, n)
    world.go(owner, *part.then)
    return owner


def kill_everywhere(folder: Path, part: Part, share: int) -> tuple[int, list[str]]:
    """Kill at every boundary of a share, of SHARES; return how many, and which ended otherwise."""
    with worlds(folder) as world:
        first = before(world, part)
        calm = world.copy(first)
        counts = world.count_boundaries(calm, part.at_round)
        world.go(calm, *part.then)
        expected = dump(calm), world.count_mails(calm)
        every = [(kind, n) for kind in sorted(counts) for n in range(1, counts[kind] + 1)]
        wrong = []
        for boundary, n in every[share::SHARES]:
            owner = survive(world, part, boundary, n, first)
            if (dump(owner), world.count_mails(owner)) != expected:
                wrong.append(f"{boundary} {n}")
            shutil.rmtree(owner.home)
        assert expected[1] >= 1
        assert min(counts["sql"], counts["net"]) > 10
        return len(every[share::SHARES]), wrong


@pytest.mark.parametrize("part", [MORNING, REPLIED], ids=["morning", "reply"])
def test_killed_anywhere_it_ends_as_if_nothing_had_been(part: Part, tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(SHARES)]
    for folder in folders:
        folder.mkdir()
    open_kept(tmp_path / EMPTY).dispose()
    dovecot.program()
    with ThreadPoolExecutor(SHARES) as pool:
        done = list(pool.map(kill_everywhere, folders, repeat(part), range(SHARES)))
    n, wrong = sum(one[0] for one in done), [where for one in done for where in one[1]]
    print(f"{part.name}: {n - len(wrong)} of {n} kills survived")
    assert wrong == []
