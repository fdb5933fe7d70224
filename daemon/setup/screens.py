"""What setup says besides its questions: each a few short lines."""

from collections.abc import Iterable

from connectors.discovery.model import Server, Servers

HELLO = """\
kithd reads your mail on this machine, notices which ties fall out of their rhythm, and says what
you could give, to whom, and why. This takes about two minutes. Enter takes what stands in
[brackets]; Ctrl-C ends it, and nothing is written before the last question.
"""

NOT_FOUND = """\
Your mail program knows these; look in its account settings, under "server" or "incoming mail".
"""

LADDER = """\
How far may kithd look into your mail? Each step includes the one before. Nothing of a text is
stored but single sentences, and nothing leaves this machine.

  headers    who wrote to whom, and when: which ties fade, whom you met, whose birthday it is.
  subjects   also what it was about: articles from your feeds that would suit somebody.
  text       also the words, read in memory: questions that wait for you, what you promised,
             thanks, good news, and what your newsletters bring.
"""

REPLIES = """\
A digest is steered by replying to it: "done 1", "snooze 2 2w", "never 3". A reply counts only if
it lies in your own Sent folder, so that nobody else can give orders in your name.
"""


def servers(found: Servers) -> str:
    """Return what was found behind an address, and how."""
    who = f"{found.provider}, {found.found_by}" if found.provider else found.found_by
    rows = [
        ("read mail", _say(found.imap)),
        ("send mail", _say(found.smtp)),
        ("calendar", found.caldav),
        ("contacts", found.carddav),
    ]
    listed = "".join(f"  {name:<10} {place}\n" for name, place in rows if place)
    return f"Your servers ({who}):\n{listed}"


def password(found: Servers) -> str:
    """Return what to know about the password of an account."""
    lines = [found.note] if found.note else []
    if found.password_page:
        lines.append(f"Make an app password for kithd here: {found.password_page}")
    elif not lines:
        lines.append(
            "If your provider offers app passwords, make one for kithd: it can be taken back "
            "without changing your own."
        )
    return _wrapped(lines)


def calendar(caldav: str) -> str:
    """Return why a calendar helps."""
    known = "" if caldav else " Most programs show its address as CalDAV or as a secret .ics link."
    return _wrapped(
        [f"Meetings are contact too, and people met for the first time show there.{known}"]
    )


def credential(name: str) -> str:
    """Return how to hand a password to systemd, which kithd cannot do itself."""
    target = f"/etc/credstore.encrypted/{name}"
    return (
        "Give systemd the password; it keeps it encrypted, for this machine alone:\n"
        "  sudo install -d -m 0700 /etc/credstore.encrypted\n"
        f"  systemd-ask-password -n | sudo systemd-creds encrypt --name={name} - {target}\n"
    )


def aliases(found: Iterable[str]) -> str:
    """Return which further addresses seem to be the owner's."""
    listed = ", ".join(found)
    return (
        f"These seem to be yours too, and are counted as you: {listed}\n"
        "Put those that are into owner.addresses, to be sure.\n"
    )


def farewell(config: str, *, is_delivered: bool, hour: str) -> str:
    """Return what to type next."""
    option = f" --config {config}" if config else ""
    sends = f"and mails you a digest at {hour}" if is_delivered else "each quarter of an hour"
    steps = (
        (f"kithd digest --preview{option}", "today's digest, on the screen"),
        (f"kithd check --connect{option}", "test every account again"),
        (f"kithd run{option}", f"read on, {sends}"),
    )
    listed = "".join(f"  {types}\n      {does}\n" for types, does in steps)
    return f"What to type next:\n{listed}To keep it running: docs/how-to/install.md\n"


def _say(server: Server | None) -> str:
    if server is None:
        return ""
    how = "TLS" if server.security == "tls" else "STARTTLS"
    return f"{server.host}, port {server.port}, {how}"


def _wrapped(lines: Iterable[str], width: int = 96) -> str:
    out = ""
    for line in lines:
        row = ""
        for word in line.split():
            if row and len(row) + 1 + len(word) > width:
                out, row = f"{out}{row}\n", ""
            row = f"{row} {word}" if row else word
        out += f"{row}\n"
    return out
