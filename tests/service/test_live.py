"""A live mailbox is read as soon as something comes, not only when it is time to look."""

import signal
from pathlib import Path
from time import monotonic, sleep

from daemon.service import NEWS_SECONDS
from tests.servers import dovecot
from tests.service.process import SETTINGS, imap_at, service

LETTER = """From: Ana Diaz <ana@example.com>\r
To: mara@example.org\r
Subject: The floor plan\r
Message-ID: <floor{n}@example.com>\r
Date: Mon, 16 Nov 2026 09:00:00 +0000\r
\r
Could you send it?\r
"""


def test_what_arrives_is_read_at_once(tmp_path: Path) -> None:
    # Not pymap, which now and then ends the connection of whoever waits when mail comes.
    with dovecot.running() as mailbox:
        user = mailbox.new_user()
        client = mailbox.signed_in(user)
        client.append("INBOX", "", "", LETTER.format(n=1).encode())
        mail = imap_at(mailbox.port, tmp_path, name="mail", says=dovecot.PASSWORD)
        settings = SETTINGS + mail.replace("mara@example.org", user)
        with service(tmp_path, settings) as running:
            running.wait_for("read")
            sleep(3 * NEWS_SECONDS)  # what came with the start has been seen to by then
            client.append("INBOX", "", "", LETTER.format(n=2).encode())
            began = monotonic()
            running.wait_for("read", times=2)
            assert monotonic() - began < 15  # long before the next round, or the next look
            running.send(signal.SIGTERM)
            assert running.process.wait(20) == 0
        client.logout()
