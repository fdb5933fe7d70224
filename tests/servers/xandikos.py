"""Xandikos on a free port of the loopback, by https, with one owner and a password."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha1
from pathlib import Path

from dulwich import porcelain

from tests.servers.dav import PASSWORD, USER, Owner, free_port, running


def hashed(password: str) -> str:
    """Return a password as Apache's htpasswd -s writes it, the lightest that is understood."""
    digest = sha1(password.encode(), usedforsecurity=False).digest()
    return "{SHA}" + base64.b64encode(digest).decode("ascii")


@contextmanager
def xandikos(folder: Path) -> Iterator[Owner]:
    """Run Xandikos in ``folder``, which must be empty."""
    port = free_port()
    passwords = folder / "passwords"
    passwords.write_text(f"{USER}:{hashed(PASSWORD)}\n")
    options = {
        "--directory": str(folder / "collections"),
        "--listen-address": "localhost",
        "--port": str(port),
        "--current-user-principal": f"/{USER}/",
        "--htpasswd": str(passwords),
        "--state-dir": str(folder / "state"),
    }
    (folder / "collections").mkdir()
    arguments = ["--defaults", "--autocert", *(word for pair in options.items() for word in pair)]
    with running(["xandikos", "serve", *arguments], port, folder / "log"):
        certificate = folder / "state" / "certs" / "selfsigned.crt"
        owner = Owner(
            f"https://localhost:{port}",
            f"/{USER}/calendars/",
            f"/{USER}/contacts/",
            passwords,
            hashed("changed"),
            partial(_commit, folder / "collections"),
            certificate,
        )
        yield owner
        owner.close()


def _commit(root: Path, path: str, items: Mapping[str, str]) -> None:
    """Xandikos keeps a collection in a git repository: add all to it in one commit."""
    repository = root / path.strip("/")
    for name, text in items.items():
        (repository / name).write_bytes(text.encode())
    porcelain.add(repository, [repository / name for name in items])
    porcelain.commit(repository, b"restored", author=b"Owner <owner@example.org>")
