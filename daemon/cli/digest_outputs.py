"""A composed digest -> an HTML file, or a mail in a Maildir.

Loaded only when one of these is asked for: what renders HTML is slow to import, and most
digests are read as text. Source: decision record on start-up time.
"""

import os
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from daemon.delivery.maildir import MaildirTransport
from daemon.delivery.transport import Transport
from daemon.digest.render_html import render_html
from daemon.errors import ExitCode, UserError
from daemon.house import House
from daemon.jobs.compose import Composed, remember
from daemon.jobs.deliver import Find, deliver_due
from daemon.jobs.look_for import look_in
from daemon.jobs.morning import envelope, render
from daemon.post import open_way
from daemon.store import outbox
from daemon.store.outbox import UNKNOWN, Outgoing

_SHOWN = ("From", "To", "Reply-To", "Subject")

_REMEDIES = {
    "ready": ("Type it again later: kithd digest --send", ExitCode.TEMPORARY),
    "claimed": ("See whether it arrived; kithd looks again in 15 minutes", ExitCode.TEMPORARY),
    "failed": ("Put that right and type: kithd digest --send", ExitCode.UNAVAILABLE),
}
"""By the state a digest is left in, what its owner can do."""


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


def show_mail(house: House, composed: Composed) -> str:
    """Return the mail that ``--send`` would send, as a mail program without HTML shows it."""
    outgoing = render(composed, delivery=house.settings.delivery, key=house.key, owner=house.owner)
    mail = BytesParser(policy=default).parsebytes(outgoing.message)
    text = mail.get_body(("plain",))
    head = [f"{name}: {mail[name]}" for name in _SHOWN if mail[name]]
    return "\n".join([*head, "", text.get_content() if text else ""])


def send_to(house: House, composed: Composed, maildir: Path) -> bool:
    """Put the digest into ``maildir``, once a day; return whether it was put there now.

    Raises:
        UserError: The Maildir cannot be written to.
    """
    return _send(house, composed, MaildirTransport(maildir), None)


def send(house: House, composed: Composed) -> bool:
    """Send the digest as the settings say, once a day; return whether it was sent now.

    Raises:
        UserError: It could not be sent, or the settings say of no way.
    """
    transport = open_way(house)
    if transport is None:
        raise UserError(
            "The settings do not say how to send a digest.",
            "the section [delivery]",
            'kind = "smtp" and host = "smtp.example.org", or: kithd setup',
            exit_code=ExitCode.CONFIG,
        )
    return _send(house, composed, transport, look_in(house.sources, house.basis))


def _send(house: House, composed: Composed, transport: Transport, find: Find | None) -> bool:
    """Put the day into the outbox unless it is there, and see the outbox through."""
    delivery, on = house.settings.delivery, composed.page.on
    outgoing = render(composed, delivery=delivery, key=house.key, owner=house.owner)
    remember(house.kept, composed, outgoing, now=house.now)
    outbox.hurry(house.kept, on, at=house.at)
    sender, to = envelope(delivery, house.owner)
    done = deliver_due(house.kept, transport, at=house.at, sender=sender, to=to, find=find)
    with house.kept.connect() as connection:
        today = outbox.read_outgoing(connection, on)
    if today is None or today.state != "sent":
        raise _explain(today or outgoing)
    return done.n_sent > 0


def _explain(today: Outgoing) -> UserError:
    remedy, exit_code = _REMEDIES[today.state]
    if today.problem == UNKNOWN:
        remedy = "See whether it arrived; kithd digest prints it here"
    return UserError(
        "The digest was not sent.",
        f"the digest of {today.on}: {today.problem or 'another kithd is sending it just now'}",
        remedy,
        exit_code=exit_code,
    )
