"""A reference to a secret -> the secret, at the moment it is needed, and never in a message.

Errors name the reference and the system's reason, and of a command its first word: nothing
that a password could be in. They are raised after what caused them was let go, for an
exception of ``subprocess`` carries all that the command printed.
"""

import os
import shlex
import stat
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from connectors.errors import AccessDenied, Misconfigured

SECRET_LIMIT = 64 * 1024
"""Bytes of a secret; access tokens have a few thousand."""
COMMAND_SECONDS = 30
"""How long a command may take to print a secret: time to touch a key, or to type a phrase."""


class NotKept(Misconfigured):
    """There is nothing where a reference leads."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by reference: printing or comparing it shows the reference alone."""

    reference: str

    def reveal(self) -> str:
        """Return the secret itself, without the line end it may be kept with.

        Raises:
            AccessDenied: Its keeper does not give it out.
            Misconfigured: There is no such thing, others may read it, or it is no line of text.
        """
        scheme, rest = _split(self.reference)
        # Of a command the first word alone: others may be tokens.
        shown = f"{scheme}:{rest.split()[0]}" if scheme == "command" else self.reference
        return _checked(_READERS[scheme](rest), f"what is kept at {shown}")


def keep(reference: str, secret: str) -> None:
    """Put ``secret`` where ``reference`` says, in place of what is there.

    A file is written whole or not at all, with mode 0600; folders that are missing are made
    with mode 0700.

    Args:
        reference: A ``file:`` with an absolute path, or a ``keyring:``.
        secret: One line of text, at most ``SECRET_LIMIT`` bytes.

    Raises:
        AccessDenied: Its keeper does not take it.
        Misconfigured: Nothing can be kept there, or ``secret`` is no line of text.
    """
    scheme, rest = _split(reference)
    if scheme not in _WRITERS:
        raise Misconfigured(f"kithd cannot put a secret behind {scheme}:, only read it there")
    _WRITERS[scheme](rest, _checked(secret, "what was typed"))


def _split(reference: str) -> tuple[str, str]:
    scheme, colon, rest = reference.partition(":")
    if scheme not in SCHEMES or not (colon and rest.strip()):
        # What stands there instead may well be the password itself.
        raise Misconfigured(f"a secret is referred to by one of {', '.join(sorted(SCHEMES))}:")
    return scheme, rest


def _checked(text: str, what: str) -> str:
    """Return one line of text without its end, or say what it is instead."""
    line = text.rstrip("\r\n")
    if not line:
        raise Misconfigured(f"{what} is empty")
    if len(line.encode("utf-8", "replace")) > SECRET_LIMIT:
        raise Misconfigured(f"{what} is longer than {SECRET_LIMIT} bytes: that is no password")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in line):
        raise Misconfigured(f"{what} is not one line of text")
    return line


def _from_file(path: str) -> str:
    return _text(_read(path, is_private=True), path)


def _read(path: str, *, is_private: bool) -> bytes:
    """Read a regular file that, if ``is_private``, none but its owner may read."""
    reason = ""
    try:
        # A FIFO would keep an opener waiting for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _check_mode(os.fstat(descriptor).st_mode, path, is_private=is_private)
            return os.read(descriptor, SECRET_LIMIT + len("\r\n") + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise NotKept(f"{path} does not exist; put the password into it") from None
    except PermissionError:
        raise AccessDenied(f"{path} may not be read by this user") from None
    except OSError as problem:
        reason = str(problem.strerror)
    except ValueError:
        reason = "this is no path"
    raise Misconfigured(f"{path!r} cannot be read ({reason})")


def _check_mode(mode: int, path: str, *, is_private: bool) -> None:
    if stat.S_ISDIR(mode):
        raise Misconfigured(f"{path} is a folder; name the file inside it")
    if not stat.S_ISREG(mode):
        raise Misconfigured(f"{path} is no regular file")
    if is_private and mode & 0o077:
        raise Misconfigured(f"{path} may be read by others; type: chmod 600 {shlex.quote(path)}")


def _from_credential(name: str) -> str:
    """Source: systemd.exec(5), CREDENTIALS: the folder is readable by the service alone."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise Misconfigured(
            f"credential:{name} is passed by systemd to the service alone "
            f"(LoadCredentialEncrypted={name} in its unit)"
        )
    if "/" in name or name.startswith("."):
        raise Misconfigured(f"{name!r} is no name of a credential")
    if not (Path(folder) / name).exists():
        raise NotKept(
            f"systemd passed no credential called {name}; "
            f"add LoadCredentialEncrypted={name} to the unit"
        )
    return _text(_read(str(Path(folder) / name), is_private=False), f"credential:{name}")


def _from_keyring(entry: str) -> str:
    service, user = _entry(entry)
    found = _ask_keyring("get_password", service, user)
    if found is None:
        asked = shlex.join(["keyring", "set", service, user])
        raise NotKept(f"the keyring holds no {entry}; type: {asked}")
    return str(found)


def _entry(entry: str) -> tuple[str, str]:
    service, slash, user = entry.rpartition("/")
    if not (service and slash and user):
        raise Misconfigured("write it as keyring:SERVICE/NAME")
    return service, user


def _ask_keyring(question: str, *words: str) -> Any:
    # Imported here: what talks to desktop keyrings is slow to load and seldom wanted.
    keyring = import_module("keyring")
    errors = import_module("keyring.errors")
    try:
        return getattr(keyring, question)(*words)
    except errors.KeyringError as problem:
        kind = type(problem).__name__
    raise AccessDenied(
        f"no keyring answers here ({kind}); a service has none: keep the password in a file "
        "or as a credential"
    )


def _from_command(words: str) -> str:
    """Run a command of the owner's settings, without a shell; what it complains of is not shown.

    What it prints after the first line is not looked at: password stores keep notes there.
    """
    name = words.split()[0]
    try:
        done = subprocess.run(  # noqa: S603 -- the owner wrote it, and no shell reads it
            shlex.split(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        done = None
    except (OSError, ValueError, IndexError) as problem:
        raise Misconfigured(f"command:{name} cannot be run ({_reason(problem)})") from None
    if done is None:
        raise AccessDenied(f"command:{name} printed no password within {COMMAND_SECONDS} seconds")
    if done.returncode:
        raise AccessDenied(
            f"command:{name} ended with {done.returncode}; run it by hand to see why"
        )
    return _text(done.stdout.partition(b"\n")[0][: SECRET_LIMIT + 1], f"command:{name}")


def _reason(problem: Exception) -> str:
    return problem.strerror or "" if isinstance(problem, OSError) else "its words make no command"


def _text(raw: bytes, what: str) -> str:
    with suppress(UnicodeDecodeError):
        return raw.decode("utf-8")
    # Raised out here: the error above holds the bytes.
    raise Misconfigured(f"{what} is not UTF-8 text")


def _into_file(path: str, secret: str) -> None:
    place = Path(path)
    if not place.is_absolute():
        raise Misconfigured(f"{path} must begin with a slash, to mean the same from everywhere")
    fresh = place.with_name(f".{place.name}.new")
    try:
        _make_private(place.parent)
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(descriptor)
        fresh.replace(place)
    except PermissionError:
        raise AccessDenied(f"{path} may not be written by this user") from None
    except OSError as problem:
        raise Misconfigured(f"{path} cannot be written ({problem.strerror})") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _make_private(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, each with mode 0700."""
    missing = [it for it in (folder, *folder.parents) if not it.exists()]
    for it in reversed(missing):
        it.mkdir(mode=0o700)


def _into_keyring(entry: str, secret: str) -> None:
    service, user = _entry(entry)
    _ask_keyring("set_password", service, user, secret)


_READERS: Mapping[str, Callable[[str], str]] = {
    "file": _from_file,
    "credential": _from_credential,
    "keyring": _from_keyring,
    "command": _from_command,
}
_WRITERS: Mapping[str, Callable[[str, str], None]] = {
    "file": _into_file,
    "keyring": _into_keyring,
}
SCHEMES = frozenset(_READERS)
"""The ways to refer to a secret: what stands before the first colon."""
