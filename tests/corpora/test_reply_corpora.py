"""Of real replies and bounces, none is taken for commands, whoever seems to have sent it."""

import os
import re
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.observations import Folder, Message
from tests.core.commands.mails import AT, HEAD, VOUCHED, Mail
from tests.jobs.desk import decided, obey_all, open_database, take


@pytest.fixture
def corpora() -> Path:
    folder = os.environ.get("KITHD_DATA")
    if not folder:
        pytest.skip("not run: no data")
    return Path(folder, "corpora")


_REPLACED = "|".join([*HEAD, "Cc", "Bcc", "Sender", "Reply-To", "Resent-From"])


def as_the_owners(raw: bytes, name: str, *, written_at: datetime, keeps_author: bool) -> bytes:
    """Put a genuine token, and the owner's name and proof, on top of a real mail.

    Each has a second of its own: what says the same in the same second is one mail's copy.
    """
    start = re.match(rb"(?:From |>?[!-9;-~]+:)", raw)
    head, gap, body = raw.partition(b"\n\n" if b"\n\n" in raw else b"\r\n\r\n")
    if start is None:
        kind = b"html" if name.endswith(".html") else b"plain"
        head, gap, body = b"Content-Type: text/" + kind + b"; charset=utf-8", b"\n\n", raw
    ours = HEAD | {"Message-ID": f"<{name}@example.org>", "Authentication-Results": VOUCHED}
    ours["Date"] = format_datetime(written_at)
    if keeps_author:
        ours = {k: v for k, v in ours.items() if k not in ("From", "To", "Subject")}
    else:
        head = re.sub(rf"(?im)^(?:{_REPLACED}):.*(?:\n[ \t].*)*\n?".encode(), b"", head)
    top = "".join(f"{key}: {value}\n" for key, value in ours.items()).encode()
    return top + head.removeprefix(b"From ") + (gap or b"\n\n") + body


@pytest.mark.parametrize(
    ("folder", "keeps_author", "at_least_read", "at_least_heard"),
    [("replies", False, 130, 100), ("bounces", False, 360, 0), ("bounces", True, 330, 0)],
)
def test_no_real_mail_is_taken_for_commands(
    corpora: Path,
    folder: str,
    *,
    keeps_author: bool,
    at_least_read: int,
    at_least_heard: int,
) -> None:
    engine, found = open_database(), list[Message]()
    for n, path in enumerate(sorted((corpora / folder).iterdir())):
        written_at = AT - timedelta(hours=1) + timedelta(seconds=n)
        raw = as_the_owners(
            path.read_bytes(), path.name, written_at=written_at, keeps_author=keeps_author
        )
        kind = Folder.OTHER if keeps_author else Folder.SENT
        try:
            found.append(read_message(raw, uid=str(n), received_at=AT, folder=kind))
        except Unreadable:
            continue
    take(engine, found, Mail(b""))
    answered = obey_all(engine)
    assert decided(engine) == []
    assert len(found) >= at_least_read
    assert answered.n_obeyed >= at_least_heard
