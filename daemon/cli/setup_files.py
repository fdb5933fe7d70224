"""What setup writes: the settings, the password and the OAuth client; what the machine tells it."""

import json
import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.credentials.secrets import keep
from daemon.config.load import WrongSettings, load
from daemon.config.model import Settings
from daemon.errors import ExitCode, UserError
from daemon.setup.accounts import CLIENT_FILE

LOCAL_TIME = Path("/etc/localtime")
CLIENT_BYTES = 64 * 1024
"""Of the file of an OAuth client, of which Google's has some four hundred."""


def place_of(explicit: Path | None, environ: Mapping[str, str], home: Path) -> Path:
    """Return where the settings go: what is named, else the user's own place."""
    named = explicit or environ.get("KITHD_CONFIG")
    return Path(named).absolute() if named else home / ".config" / "kithd" / "config.toml"


def is_of_machine(place: Path) -> bool:
    """Ask whether these settings are those of a service of the machine."""
    return place.is_relative_to("/etc")


def folder_of_tokens(place: Path) -> str:
    """Return where sign-ins are kept that must be written anew: with a slash at its end.

    That is the folder of the settings, said as nothing. A service of the machine may not write
    there, but only in its own folder below /var/lib.

    Source: systemd/kithd.service and kithd@.service, StateDirectory=.
    """
    if not is_of_machine(place):
        return ""
    return "/var/lib/kithd/" if place.stem == "config" else f"/var/lib/kithd-{place.stem}/"


def zone_of_machine(environ: Mapping[str, str], local_time: Path = LOCAL_TIME) -> str:
    """Return the machine's time zone by name, UTC where it has none.

    Source: tzset(3) for TZ; localtime(5): /etc/localtime links to the zone's file.
    """
    linked = os.path.realpath(local_time).partition("/zoneinfo/")[2]
    for name in (environ.get("TZ", "").removeprefix(":"), linked):
        try:
            if name:
                return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"


def name_of_user() -> str:
    """Return the name in this user's entry of the machine, or nothing.

    Source: passwd(5): the fifth field, up to its first comma. Some machines repeat the
    account's name there, which is no name of a person.
    """
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return ""
    name = entry.pw_gecos.partition(",")[0]
    return "" if name == entry.pw_name else name


def write_settings(text: str, place: Path) -> Settings:
    """Put a settings file in its place, whole or not at all, and return what it says.

    What is there goes to a file beside it, ending in ``.old``; both may be read by the owner
    alone. Folders that are missing are made so too.

    Raises:
        OSError: The place cannot be written to.
        UserError: The settings cannot be right; nothing is replaced then.
    """
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_name(f"{place.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        load(fresh)
    except WrongSettings as wrong:
        fresh.unlink()
        told = "; ".join(says for _, says in wrong.problems)
        raise UserError(
            told, "the answers", "answer that otherwise", exit_code=ExitCode.CONFIG
        ) from wrong
    if place.exists():
        place.replace(place.with_name(f"{place.name}.old"))
    fresh.replace(place)
    return load(place)


def keep_password(reference: str, password: str, folder: Path) -> None:
    """Put the password where ``reference`` says, a relative file starting at ``folder``.

    Raises:
        AccessDenied, Misconfigured: It cannot be kept there.
    """
    scheme, _, rest = reference.partition(":")
    keep(f"file:{folder / rest}" if scheme == "file" else reference, password)


def read_client(path: Path) -> str:
    """Return what is in the file of an OAuth client, in one line.

    Raises:
        ValueError: It cannot be read, or is no such file; the message says which.
    """
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(CLIENT_BYTES))
    except OSError as problem:
        raise ValueError(f"{path}: {problem.strerror}") from problem
    except ValueError:
        found = None
    if isinstance(found, dict) and "web" in found:
        raise ValueError(
            f"{path} is of a web application; make a client of the type Desktop app, and "
            "download its file"
        )
    if not (isinstance(found, dict) and isinstance(found.get("installed"), dict)):
        raise ValueError(f"{path} is not the file of an OAuth client, as Google gives it")
    return json.dumps(found)


def keep_client(text: str, folder: Path) -> None:
    """Put an OAuth client beside the settings, to be read by the owner alone.

    Raises:
        AccessDenied, Misconfigured: It cannot be kept there.
    """
    keep(f"file:{folder / CLIENT_FILE}", text)


@contextmanager
def in_memory(password: str) -> Iterator[str]:
    """Yield a reference to a password that lies in this process's memory alone.

    Source: memfd_create(2), proc(5): such a file has no name but that of its descriptor.
    """
    descriptor = os.memfd_create("password")
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, password.encode())
        yield f"file:/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
