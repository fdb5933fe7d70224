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

KINDS = """\
Google and Microsoft sign you in on pages of their own. Each takes ten minutes of clicks, once:
docs/how-to/sign-in-with-google.md and sign-in-with-microsoft.md say which.
"""

CLIENT_FILE = """\
kithd is let in by a project of your own at Google; docs/how-to/sign-in-with-google.md makes one,
click by click, and ends with a file to download. If you do not have it yet: Ctrl-C ends this,
nothing is written, and "kithd setup" begins again.
"""

CLIENT_ID = """\
kithd is let in by a registration of your own at Microsoft; docs/how-to/sign-in-with-microsoft.md
makes one, click by click. If you do not have it yet: Ctrl-C ends this, nothing is written, and
"kithd setup" begins again.
"""

EXCHANGE = """\
kithd asks an Exchange Server by its web services (EWS). Their address is mostly
https://mail.example.org/EWS/Exchange.asmx, with your organization's server for mail.example.org.
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


def at_google(found: Servers) -> str:
    """Return which ways there are into an account at Google."""
    return _wrapped(
        [
            f"Your mail lies at Google ({found.found_by}). An app password opens all of your mail, "
            "and nothing else, in two minutes. Google's own sign-in opens calendar and contacts "
            "too, and gives kithd the right to read and no other. It needs a project of your own "
            "at Google: docs/how-to/sign-in-with-google.md, about ten minutes, once."
        ]
    )


def at_microsoft(found: Servers) -> str:
    """Return which ways there are into an account at Microsoft."""
    return _wrapped(
        [
            f"Your mail lies at Microsoft ({found.found_by}), which takes no passwords of mail "
            "programs any more. Its own sign-in opens mail, calendar and contacts, to be read. It "
            "needs a registration of your own: docs/how-to/sign-in-with-microsoft.md, about ten "
            "minutes, once."
        ]
    )


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


def replies(*, are_seen: bool) -> str:
    """Return how a digest is answered; ``are_seen`` says whether kithd may read replies at all."""
    unseen = _wrapped(
        [
            "The permission for heads and subjects shows no word of a reply, so by mail you cannot "
            'answer: type kithd do "done 1".'
        ]
    )
    return REPLIES if are_seen else f"{REPLIES}{unseen}"


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


SIGN_IN_OF_MACHINE = """\
What is left is to sign in. A service of the machine does so in a folder of its own: see "Accounts
at Google and Microsoft" in docs/how-to/install.md.
"""


def sign_in(config: str) -> str:
    """Return what to type for an account that is opened in the owner's browser."""
    return (
        "What is left is to sign in:\n"
        f"  kithd sign-in{_option(config)}\n"
        "      shows a page for mail, calendar, contacts and sending each, where you let kithd in\n"
    )


def farewell(config: str, *, is_delivered: bool, hour: str) -> str:
    """Return what to type next."""
    option = _option(config)
    sends = f"and mails you a digest at {hour}" if is_delivered else "each quarter of an hour"
    steps = (
        (f"kithd digest --preview{option}", "today's digest, on the screen"),
        (f"kithd check --connect{option}", "test every account again"),
        (f"kithd run{option}", f"read on, {sends}"),
    )
    listed = "".join(f"  {types}\n      {does}\n" for types, does in steps)
    return f"What to type next:\n{listed}To keep it running: docs/how-to/install.md\n"


def _option(config: str) -> str:
    return f" --config {config}" if config else ""


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
