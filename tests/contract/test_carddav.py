"""Address books on real CardDAV servers keep the contract."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.carddav import CarddavConnector, CarddavSettings
from connectors.document import Outcome
from connectors.protocol import Connector
from connectors.webdav.members import Member
from tests.contract.dav_bench import SERVERS, DavBench
from tests.servers.dav import USER, Owner
from tests.servers.dav_proxy import Proxy, proxy, without_sync
from tests.servers.radicale import radicale


class AddressBookBench(DavBench):
    """Cards in an address book."""

    is_dated = False
    suffix = ".vcf"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench = self

        class Counting(CarddavConnector):
            def _read(self, member: Member, body: bytes) -> Outcome:
                bench.n_opened += 1
                return super()._read(member, body)

        settings = CarddavSettings(
            self.url,
            USER,
            self.secret,
            ca_file=self.owner.ca_file,
            allow_private=True,
            page=contract.LARGEST_BATCH,
        )
        return Counting(settings, since=since)

    def home(self) -> str:
        return self.owner.books

    def make(self) -> None:
        self.owner.make_book(self.path)

    def item(self, uid: str, at: datetime) -> str:
        return _card(uid, "Ada Example", f"BDAY:{at:%Y-%m-%d}\r\n")

    def malformed(self) -> str:
        """Return the card of somebody whose name is a space that takes no room."""
        return _card("bad", "\N{ZERO WIDTH SPACE}")


class ListedBench(AddressBookBench):
    """The same behind a server that does not report changes: cards are compared by ETags."""

    is_incremental = False

    def __init__(self, owner: Owner, folder: Path, front: Proxy) -> None:
        self.front = front
        super().__init__(owner, folder)

    @property
    def url(self) -> str:
        return self.front.url + self.path

    def expire_cursors(self) -> None:
        """Name another address book in the settings: the cursors say nothing about that one."""
        self.path = self.path.replace("bench", "other")
        self.make()
        self.deliver(1)


def _card(uid: str, name: str, more: str = "") -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;;;;\r\n{more}END:VCARD\r\n"


@pytest.fixture(scope="module", params=SERVERS)
def owner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as owner:
        yield owner


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, owner: Owner, tmp_path: Path) -> None:
    check(AddressBookBench(owner, tmp_path))


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Owner, Proxy]]:
    with radicale(tmp_path_factory.mktemp("server")) as owner, proxy(owner.url) as front:
        front.afterwards = without_sync
        yield owner, front


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract_by_etags_alone(
    check: contract.Check, listed: tuple[Owner, Proxy], tmp_path: Path
) -> None:
    owner, front = listed
    check(ListedBench(owner, tmp_path, front))
