"""Settings and the folder that state is kept in -> what is well, what is not, and what to type.

Nothing is asked of the network here: ``reach`` does that.
"""

import os
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile

from connectors import registry
from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, Misconfigured
from connectors.protocol import Mailbox
from daemon.config.kinds import can_show_replies, reads_mail, signs_in
from daemon.config.model import Settings, Source
from daemon.config.open import Account
from daemon.config.sign_in import tell_sign_in
from daemon.errors import ExitCode, UserError
from daemon.store.integrity import Examined, examine

FLOORS = {11: 15, 12: 13, 13: 12, 14: 3}
"""The first release of each Python 3.x that keeps line breaks out of encoded header fields.

Source: reliability notes: before it, an encoded subject that is copied unchanged into a new
message can bring a recipient of its own.
"""

_FILES = ("ca_file", "client_file")
"""What an account may need besides a secret."""


class Verdict(StrEnum):
    """How something stands. Only a problem keeps kithd from its work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of ``subject``. A problem has a remedy and the exit code that goes with it."""

    subject: str
    verdict: Verdict
    says: str
    remedy: str = ""
    exit_code: ExitCode = ExitCode.OK


def well(subject: str, says: str) -> Finding:
    """Say that ``subject`` is well."""
    return Finding(subject, Verdict.OK, says)


def warn(subject: str, says: str, remedy: str) -> Finding:
    """Say what might be better."""
    return Finding(subject, Verdict.WARNING, says, remedy)


def object_to(subject: str, says: str, remedy: str, exit_code: ExitCode) -> Finding:
    """Say what keeps kithd from its work."""
    return Finding(subject, Verdict.PROBLEM, says, remedy, exit_code)


def end_with(findings: list[Finding]) -> ExitCode:
    """Return the exit code: a wrong setting goes before denied access, and that before silence."""
    order = (ExitCode.CONFIG, ExitCode.NO_PERMISSION, ExitCode.UNAVAILABLE)
    met = {finding.exit_code for finding in findings}
    return next((code for code in order if code in met), ExitCode.OK)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Look at what the settings name on this machine: files, secrets, the zone, who answers."""
    yield _check_zone(settings)
    for name, source in settings.sources.items():
        yield from _check_files(f"sources.{name}", source, "path", *_FILES)
        yield from check_secret(f"sources.{name}", source)
    if not settings.sources:
        yield warn("sources", "nothing is read yet", "kithd setup")
    yield from _check_files("delivery", settings.delivery, *_FILES)
    yield from check_secret("delivery", settings.delivery)
    yield _check_replies(settings)


def check_secret(subject: str, account: Account) -> Iterator[Finding]:
    """Look whether a secret can be had; keyrings and commands may want their owner, and wait."""
    if not account.secret:
        return
    scheme, _, name = account.secret.partition(":")
    what = "sign-in" if signs_in(account.kind) else "password"
    if scheme not in ("file", "credential"):
        yield well(subject, f"the {scheme} is asked for the {what} with --connect")
        return
    if scheme == "credential" and "CREDENTIALS_DIRECTORY" not in os.environ:
        yield warn(
            subject,
            f"{account.secret} is passed by systemd to the service alone, so it was not looked at",
            "systemctl start kithd-check; journalctl -u kithd-check",
        )
        return
    yield _check_keeping(subject, Secret(account.secret), what, name)


def _check_keeping(subject: str, secret: Secret, what: str, name: str) -> Finding:
    """Look whether what is kept behind ``secret`` is there and is what it should be."""
    is_sign_in = what == "sign-in"
    renewal = tell_sign_in(name_of(subject)) if is_sign_in else tell_renewal(secret.reference)
    try:
        if is_sign_in:
            Tokens(secret).read()
        else:
            secret.reveal()
    except Misconfigured as problem:
        return object_to(subject, str(problem), renewal, ExitCode.CONFIG)
    except AccessDenied as problem:
        remedy = renewal if is_sign_in else f"chown $USER {shlex.quote(name)}"
        return object_to(subject, str(problem), remedy, ExitCode.NO_PERMISSION)
    return well(subject, f"the {what} is there ({secret.reference})")


def name_of(subject: str) -> str:
    """Return what ``kithd sign-in`` calls the section that a finding is about."""
    return subject.removeprefix("sources.")


def tell_renewal(reference: str | None) -> str:
    """Return what to type to put a password where ``reference`` says."""
    scheme, _, rest = (reference or "").partition(":")
    place = shlex.quote(rest)
    match scheme:
        case "file":
            return f"(umask 077; cat > {place})   and type the password, Enter, Ctrl-D"
        case "credential":
            target = f"/etc/credstore.encrypted/{rest}"
            return f"systemd-ask-password | systemd-creds encrypt --name={place} - {target}"
        case "keyring":
            service, _, user = rest.rpartition("/")
            return shlex.join(["keyring", "set", service, user])
        case "command":
            return f"run it by hand: {rest}"
    return "kithd setup"


def check_state(state: Path) -> Finding:
    """Look whether the folder of the database can be written to, and by its owner alone."""
    subject, place = "state", shlex.quote(str(state))
    if not state.exists():
        above = next(it for it in state.parents if it.exists())
        trouble = _try_to_write(above)
        says = f"{state} cannot be made in {above}: {trouble}"
    else:
        trouble = _try_to_write(state)
        says = f"{state} cannot be written to: {trouble}"
    if trouble:
        remedy = f"mkdir -p {place} && chown $USER {place} && chmod 700 {place}, as root"
        return object_to(subject, says, remedy, ExitCode.NO_PERMISSION)
    if not state.exists():
        return well(subject, f"{state} is made when something is first read")
    if is_open_to_others(state):
        return warn(subject, f"others may look into {state}", f"chmod 700 {place}")
    return well(subject, f"{state} is yours alone")


def check_database(path: Path) -> tuple[Finding, Examined | None]:
    """Look whether the database is whole, and return what it tells besides."""
    subject, place = "database", shlex.quote(str(path))
    if not path.exists():
        return well(subject, "there is none yet"), None
    try:
        found = examine(path)
    except OSError as problem:
        says = f"{path}: {problem.strerror}"
        return object_to(subject, says, f"chown $USER {place}", ExitCode.NO_PERMISSION), None
    except UserError as problem:
        says = f"{problem.problem} {problem.where}"
        return object_to(subject, says, problem.remedy, problem.exit_code), None
    if is_open_to_others(path):
        return warn(subject, f"others may read {path}", f"chmod 600 {place}*"), found
    return well(subject, f"it is whole ({path.stat().st_size:,} bytes)"), found


def check_interpreter(version: tuple[int, int, int]) -> Finding:
    """Warn of a Python that is older than the release that mended its mail library."""
    major, minor, micro = version
    running = f"Python {major}.{minor}.{micro}"
    floor = FLOORS.get(minor, 0)
    if micro >= floor:
        return well("python", running)
    return warn(
        "python",
        f"{running} lets an encoded subject bring a recipient of its own. kithd is safe on it: it "
        "takes every subject apart before it writes one. Other programs may not be, and later "
        "fixes are missing too",
        f"upgrade to Python {major}.{minor}.{floor} or newer",
    )


def check_owner(settings: Settings, examined: Examined | None) -> Finding:
    """Say which addresses are taken for the owner's: given, found, and told by accounts."""
    given, known = settings.owner.addresses, examined or Examined(None)
    found = {"found in your mail": known.aliases}
    told = {name: known.told[name] for name in settings.sources if name in known.told}
    found |= {f"from your account at {name}": addresses for name, addresses in told.items()}
    says, more = f"yours: {', '.join(given)}", list[str]()
    for where, addresses in found.items():
        if new := [address for address in addresses if address not in given]:
            says += f"; {where}: {', '.join(new)}"
            more += new
    to = settings.delivery.to
    if to and to not in (*given, *more):
        return warn(
            "owner",
            f"{says}; the digest goes to {to}, which is none of these",
            f'add "{to}" to owner.addresses, if it is yours',
        )
    return well("owner", says)


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may reach ``path``."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _try_to_write(folder: Path) -> str:
    """Return why nothing can be written into ``folder``; empty if something can."""
    try:
        # Modes do not tell of full disks and of file systems that are mounted to be read.
        with TemporaryFile(dir=folder) as file:
            file.write(b"?")
    except OSError as problem:
        return problem.strerror or type(problem).__name__
    return ""


def _check_zone(settings: Settings) -> Finding:
    owner = settings.owner
    says = f"{owner.zone}; a digest comes at {owner.digest_hour:%H:%M} there"
    if "zone" in owner.model_fields_set:
        return well("zone", says)
    return warn(
        "zone",
        f"{says}, for no zone is set",
        'put zone = "Europe/Berlin", or wherever you live, under [owner]',
    )


def _check_files(subject: str, section: Account, *names: str) -> Iterator[Finding]:
    for name in names:
        path: Path | None = getattr(section, name)
        if path and not path.exists():
            says = f"{name}: {path} does not exist"
            yield object_to(subject, says, f"put the right {name} there", ExitCode.CONFIG)


def _check_replies(settings: Settings) -> Finding:
    if settings.delivery.kind is None:
        return well("replies", "no digest is sent, so none is answered by mail")
    chosen = settings.replies.sources
    named = tuple(settings.sources) if chosen is None else chosen
    able = [name for name in named if _can_prove(settings.sources[name])]
    shut = [name for name in named if _shows_no_text(settings.sources[name])]
    if not able:
        remedy = f'set read = "text" for {shut[0]}' if shut else 'add your mailbox (kind = "imap")'
        return warn(
            "replies",
            f"{_say_shut(shut)}no source can prove that a reply is yours, so none is obeyed",
            f'{remedy}, or answer by: kithd do "done 1"',
        )
    proof = "it lies in your Sent folder"
    if server := settings.replies.authserv_id:
        proof += f", or {server} vouches for it"
    says = f"looked for in {', '.join(able)}; one is obeyed if {proof}"
    return well("replies", f"{_say_shut(shut)}{says}")


def _say_shut(names: list[str]) -> str:
    """Say in which mailboxes a reply could lie, but not be read."""
    return f"no text may be read in {', '.join(names)}, nor a reply; " if names else ""


def _can_prove(source: Source) -> bool:
    """Whether a source holds mail that is being sent: live mailboxes, and folders kept in step."""
    return source.kind == "maildir" or (_is_mailbox(source) and not _shows_no_text(source))


def _shows_no_text(source: Source) -> bool:
    return _is_mailbox(source) and not can_show_replies(source)


def _is_mailbox(source: Source) -> bool:
    return reads_mail(source) and issubclass(registry.load(source.kind), Mailbox)
