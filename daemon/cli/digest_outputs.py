"""A composed digest -> an HTML file, or a mail in a Maildir.

Loaded only when one of these is asked for: what renders HTML is slow to import, and most
digests are read as text. Source: decision record on start-up time.
"""

import os
from pathlib import Path

from daemon.cli.house import House
from daemon.delivery.maildir import deliver as put_into
from daemon.delivery.message import build_message, message_id_for
from daemon.digest.render_html import render_html
from daemon.errors import ExitCode, UserError
from daemon.jobs.compose import Composed, remember
from daemon.jobs.deliver import deliver
from daemon.store.outbox import Outgoing


def write_html(composed: Composed, file: Path) -> None:
    """Write the digest as one HTML page, for the owner alone to read.

    Raises:
        UserError: The file cannot be written.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(render_html(composed.page))
    except OSError as problem:
        raise UserError(
            "The digest could not be written as HTML.",
            f"--html {file}: {problem.strerror}",
            "Name a file in a folder you may write to: --html digest.html",
            exit_code=ExitCode.NO_PERMISSION,
        ) from problem


def send(house: House, composed: Composed, maildir: Path) -> bool:
    """Put the digest into ``maildir``, once a day; return whether it was put there now.

    Raises:
        UserError: The Maildir cannot be written to.
    """
    page, owner = composed.page, house.settings.owner.addresses[0]
    message_id = message_id_for(owner, page.on)
    message = build_message(page, to=owner, sender=owner, message_id=message_id, date=page.at)
    outgoing = Outgoing(page.on, message_id, message, "ready")
    remember(house.kept, composed, outgoing, now=house.now)
    return deliver(
        house.kept,
        page.on,
        lambda found, name: put_into(found, name, maildir),
        at=house.now,
    )
