"""Radicale on a free port of the loopback, with one owner and a password."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.dav import PASSWORD, USER, Owner, free_port, running

CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/passwords
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[rights]
type = owner_only
[web]
type = none
[logging]
level = warning
"""


@contextmanager
def radicale(folder: Path) -> Iterator[Owner]:
    """Run Radicale in ``folder``, which must be empty."""
    port = free_port()
    passwords = folder / "passwords"
    passwords.write_text(f"{USER}:{PASSWORD}\n")
    config = folder / "config"
    config.write_text(CONFIG.format(port=port, folder=folder))
    with running(["radicale", "--config", str(config)], port, folder / "log"):
        home, url = f"/{USER}/", f"http://127.0.0.1:{port}"
        owner = Owner(url, home, home, passwords, "changed", lambda *given: _upload(owner, *given))
        owner.send("PROPFIND", home, Depth="0")
        yield owner
        owner.close()


def _upload(owner: Owner, path: str, items: Mapping[str, str]) -> None:
    """Upload a collection as a whole, which Radicale cuts into items named by their UIDs."""
    whole = "".join(items.values()).replace("END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n", "")
    owner.put(path, whole)
