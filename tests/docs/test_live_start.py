"""The README's commands for an account, run as a newcomer would, on a real mail server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.demo.generate import write_year
from daemon.demo.people import OWNER
from tests.docs.pages import LIVE, ROOT, blocks
from tests.docs.test_quick_start import Newcomer
from tests.servers import dovecot, pymap
from tests.story.letters import INBOX, SENT, Letter, letters_of
from tests.story.open_standards import Mailbox

README = (ROOT / "README.md").read_text(encoding="utf-8")
LETTERS = 300
"""The last weeks of the made-up year: enough for a page, and few enough to wait for."""

ANSWERS = """
addresses = ["you@example.org"]
name = "Robin Maier"
zone = "Europe/Berlin"
mail_host = "127.0.0.1"
mail_port = {port}
mail_security = "none"
mail_user = "{user}"
password_file = "password.txt"
calendar = ""
contacts = ""
deliver = "maildir"
maildir = "Digests"
"""


def fill(mailbox: Mailbox, folder: Path) -> None:
    """Put the end of the made-up year into the mailbox, as mail of you@example.org."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    letters = list(letters_of(write_year(folder / "year", ends_on=yesterday)))[-LETTERS:]
    with mailbox.signed_in() as client:
        client.create(SENT)
    with_you = (OWNER.email.encode(), b"you@example.org")
    own = [Letter(it.at, it.folder, it.raw.replace(*with_you)) for it in letters]
    mailbox.put([letter for letter in own if letter.folder in (SENT, INBOX)])


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What each command for an account prints; setup takes its answers from a file."""
    home = tmp_path_factory.mktemp("home")
    with pymap.running() as server:
        fill(Mailbox(server, server.user), tmp_path_factory.mktemp("year"))
        (home / "answers.toml").write_text(ANSWERS.format(port=server.port, user=server.user))
        (home / "password.txt").write_text(f"{dovecot.PASSWORD}\n")
        (home / "password.txt").chmod(0o600)
        newcomer = Newcomer(home)
        lines = [line for body in blocks(README, LIVE) for line in body.splitlines()]
        with_answers = ("kithd setup", "kithd setup --answers answers.toml")
        yield {line: newcomer.type(line.replace(*with_answers)) for line in lines}


def test_every_command_for_an_account_runs(printed: dict[str, str]) -> None:
    assert len(printed) >= 4
    assert all(printed.values())


def test_what_would_be_sent_is_a_mail_to_its_reader(printed: dict[str, str]) -> None:
    mail = printed["kithd digest --preview"]
    assert "From: kithd <you@example.org>\nTo: you@example.org\n" in mail
    assert "1. " in mail


def test_the_check_signs_in(printed: dict[str, str]) -> None:
    said = printed["kithd check --connect"]
    assert "sources.mail: 127.0.0.1 answers" in said
    assert dovecot.PASSWORD not in "".join(printed.values())
