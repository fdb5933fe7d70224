"""What Radicale and Xandikos have in common for tests: a process, an owner, and who writes there.

``Owner`` is the other client: it makes collections and puts things in them, as the owner's
telephone would.
"""

import base64
import http.client
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

USER, PASSWORD = "owner", "open sesame"
START_SECONDS = 30.0

CALENDAR = (
    '<c:mkcalendar xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop>'
    "<displayname>{}</displayname></prop></set></c:mkcalendar>"
)
ADDRESS_BOOK = (
    '<mkcol xmlns="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype>'
    "<collection/><a:addressbook/></resourcetype><displayname>{}</displayname></prop></set></mkcol>"
)
STATE = (
    '<propfind xmlns="DAV:"><prop><getetag/><displayname/><resourcetype/><sync-token/>'
    "<getcontentlength/><getlastmodified/></prop></propfind>"
)


Store: TypeAlias = Callable[[str, Mapping[str, str]], None]
"""Writes items, by name, into the empty collection at a path."""


@dataclass
class Owner:
    """Another client of a server, signed in as the owner.

    ``calendars`` and ``books`` are the paths of the folders in which collections are made.
    ``passwords`` is where the server keeps them, ``other_password`` one as it is kept there.
    """

    url: str
    calendars: str
    books: str
    passwords: Path
    other_password: str
    store: Store
    ca_file: Path | None = None
    _open: http.client.HTTPConnection | None = field(default=None, init=False)

    def send(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        if self._open is None:
            self._open = self._connection()
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        fields = {"Authorization": f"Basic {pair}", "Content-Type": "application/xml"}
        self._open.request(method, path, body.encode(), fields | headers)
        answer = self._open.getresponse()
        return answer.status, answer.read()

    def make_calendar(self, path: str, name: str = "") -> None:
        self._done("MKCALENDAR", path, CALENDAR.format(escape(name or path)))

    def make_book(self, path: str, name: str = "") -> None:
        self._done("MKCOL", path, ADDRESS_BOOK.format(escape(name or path)))

    def put(self, path: str, body: str) -> None:
        kind = "text/calendar" if "VCALENDAR" in body else "text/vcard"
        self._done("PUT", path, body, **{"Content-Type": kind})

    def put_many(self, path: str, items: Mapping[str, str]) -> None:
        """Put items, named by their UIDs, into an empty collection, as one restores a backup.

        One by one, four hundred take half a minute.
        """
        self.store(path, items)

    def delete(self, path: str) -> None:
        self._done("DELETE", path, "")

    def state(self, path: str) -> str:
        """Return all that is seen of a collection: properties, ETags, and contents."""
        status, listed = self.send("PROPFIND", path, STATE, Depth="1")
        assert status == 207, listed
        paths = re.findall(r"<[^<>]*href>([^<]*)<", listed.decode())
        members = sorted({urlsplit(each).path for each in paths if each.rstrip("/") != path})
        contents = [self.send("GET", each) for each in members if not each.endswith("/")]
        hashes = [sha256(body).hexdigest() for _, body in contents]
        return "\n".join([*sorted(listed.decode().split("<")), *hashes])

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def _done(self, method: str, path: str, body: str, **headers: str) -> None:
        status, answer = self.send(method, path, body, **headers)
        assert status in (200, 201, 204), f"{method} {path}: {status} {answer!r}"

    def _connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self.url)
        assert place.hostname, self.url
        if place.scheme == "http":
            return http.client.HTTPConnection(place.hostname, place.port, timeout=20)
        trust = ssl.create_default_context(cafile=self.ca_file)
        return http.client.HTTPSConnection(place.hostname, place.port, timeout=20, context=trust)


@contextmanager
def locked_out(owner: Owner) -> Iterator[None]:
    """Give the owner another password on the server, as long as the context lasts."""
    passwords = owner.passwords
    known = passwords.read_text()
    _rewrite(passwords, f"{USER}:{owner.other_password}\n")
    try:
        yield
    finally:
        _rewrite(passwords, known)


def _rewrite(path: Path, text: str) -> None:
    """Servers look at the time of the last change to see one."""
    changed_at = path.stat().st_mtime_ns
    while path.stat().st_mtime_ns == changed_at:
        path.write_text(text)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(arguments: Sequence[str], port: int, log: Path) -> Iterator[None]:
    """Run a Python module as a server until the context ends."""
    with log.open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=said, stderr=said)
        try:
            _wait_for(process, port, log)
            yield
        finally:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"no server: {log.read_text()}")
