"""A bench for connectors to WebDAV accounts: one collection on a real server."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from connectors import contract
from connectors.credentials.secrets import Secret
from connectors.protocol import Connector
from tests.servers.dav import PASSWORD, Owner, locked_out
from tests.servers.radicale import radicale
from tests.servers.xandikos import xandikos

SERVERS = {"radicale": radicale, "xandikos": xandikos}

MANY = 20
"""Items that are put into the servers' storage rather than sent, for the sake of time."""
_numbers = count()


class DavBench(ABC):
    """A collection of its own on a server that others use as well.

    ``n_opened`` counts the members that connectors made observations of.
    """

    is_dated = True
    is_incremental = True
    suffix = ""

    def __init__(self, owner: Owner, folder: Path) -> None:
        self.owner = owner
        self.secret = secret_of(folder)
        self.path = f"{self.home()}bench-{next(_numbers)}/"
        self.n_delivered = self.n_opened = 0
        self.make()

    @abstractmethod
    def open(self, *, since: datetime = contract.BEGINNING) -> Connector: ...

    @abstractmethod
    def home(self) -> str:
        """Return the path of the folder in which to make the collection."""

    @abstractmethod
    def make(self) -> None:
        """Make the collection."""

    @abstractmethod
    def item(self, uid: str, at: datetime) -> str:
        """Return an item as it is written."""

    @abstractmethod
    def malformed(self) -> str:
        """Return an item that the servers accept, and that cannot be understood."""

    @property
    def url(self) -> str:
        return self.owner.url + self.path

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        items = {
            f"{uid}{self.suffix}": self.item(uid, at)
            for uid in (f"item-{number}@example.org" for number in numbers)
        }
        self.n_delivered += count
        if count > MANY:
            self.owner.put_many(self.path, items)
        else:
            for name, item in items.items():
                self.owner.put(self.path + name, item)
        return {uid_of(self.path, name) for name in items}

    def deliver_malformed(self) -> None:
        self.owner.put(f"{self.path}bad{self.suffix}", self.malformed())

    def expire_cursors(self) -> None:
        """Delete the collection and make it anew: the servers know nothing of its past."""
        self.owner.delete(self.path)
        self.make()
        self.deliver(1)

    def denied(self) -> AbstractContextManager[None]:
        return locked_out(self.owner)

    def fingerprint(self) -> str:
        return self.owner.state(self.path)

    def n_read(self) -> int:
        return self.n_opened


def uid_of(collection: str, name: str) -> str:
    """Return what a member of a collection is called, as the decision record says."""
    return f"{sha256(collection.rstrip('/').encode()).hexdigest()[:8]}/{name}"


def secret_of(folder: Path) -> Secret:
    """Write the owner's password to a file of their own and return a reference to it."""
    path = folder / "secret"
    path.touch(mode=0o600)
    path.write_text(PASSWORD)
    return Secret(f"file:{path}")
