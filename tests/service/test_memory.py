"""An idle service is small, with a real mailbox in its database and a digest of it composed."""

import os
import signal
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from daemon.house import DATABASE_NAME
from daemon.store import schema
from daemon.store.database import open_file, writing
from tests.servers import dav, dovecot, pymap
from tests.servers.radicale import radicale
from tests.service.process import service

LIMIT_MB = 90
"""Source: the project's budget for an idle service."""

SETTINGS = """
[owner]
addresses = ["macro@linux-mips.org", "macro@ds2.pg.gda.pl"]
digest_hour = "00:00"
workdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[delivery]
kind = "smtp"
host = "127.0.0.1"
port = 9
security = "none"

[sources.archive]
kind = "mbox"
path = "{archive}"

[sources.calendar]
kind = "caldav"
url = "{url}"
allow_private = true
user = "{calendar}"
secret = "file:calendar.secret"

[sources.mail]
kind = "imap"
host = "127.0.0.1"
port = {port}
security = "none"
user = "{mail}"
secret = "file:mail.secret"
"""


@pytest.fixture(scope="module")
def archive() -> Path:
    folder = os.environ.get("KITHD_DATA")
    if not folder:
        pytest.skip("not run: no data")
    return Path(folder, "mailboxes", "maintainer.mbox.gz")


def poll_all(database: Path) -> None:
    """Make every source due, so that every connector is loaded."""
    with writing(open_file(database)) as tx:
        tx.execute(sa.update(schema.sources).values(next_at=None))


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_an_idle_service_holds_less_than_its_budget(tmp_path: Path, archive: Path) -> None:
    for name, password in (("mail", dovecot.PASSWORD), ("calendar", dav.PASSWORD)):
        secret = tmp_path / f"{name}.secret"
        secret.write_text(password)
        secret.chmod(0o600)
    (tmp_path / "radicale").mkdir()
    with radicale(tmp_path / "radicale") as owner, pymap.running() as mailbox:
        owner.make_calendar(f"{owner.calendars}home/", "Home")
        where = {"archive": archive, "url": owner.url, "port": mailbox.port}
        settings = SETTINGS.format(**where, mail=dovecot.USER, calendar=dav.USER)
        with service(tmp_path, settings) as running:
            running.wait_for("prepared the day")
            running.wait_for("started", times=2)  # anew, after so much work
            poll_all(tmp_path / "state" / DATABASE_NAME)
            running.send(signal.SIGHUP)
            running.wait_for("reloaded")
            time.sleep(2.0)
            megabytes = resident_mb(running.process.pid)
            assert running.stop()[0] == 0
            assert "could not be read" not in running.log.read_text()
    print(f"{megabytes:.0f} MB")
    assert megabytes < LIMIT_MB
