"""Address books on real servers, polled: what is told, what is gone, and what goes wrong."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from connectors.errors import CursorExpired, Misconfigured
from connectors.observations import Card, Gone
from connectors.vcf import VcfConnector, VcfSettings
from tests.connectors.dav_account import SINCE, Account, card, names, observations, rejected
from tests.contract.dav_bench import SERVERS, uid_of
from tests.servers.dav import Owner
from tests.servers.dav_proxy import Answered, proxy, without_sync
from tests.servers.radicale import radicale

N_CARDS = 120
numbers = count()
FULL = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ada\r\nFN:Ada Example\r\nN:Example;Ada;;;\r\n"
    "EMAIL;TYPE=pref:ada@example.org\r\nEMAIL:ada@example.com\r\nBDAY:1980-02-29\r\n"
    "ORG:Example & Daughters\r\nPHOTO;ENCODING=b;TYPE=PNG:aGVsbG8=\r\nEND:VCARD\r\n"
)


@pytest.fixture(scope="module", params=SERVERS)
def owner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as owner:
        yield owner


@pytest.fixture
def path(owner: Owner) -> str:
    """An address book of the test's own."""
    path = f"{owner.books}book-{next(numbers)}/"
    owner.make_book(path)
    return path


@pytest.fixture
def account(owner: Owner, path: str, tmp_path: Path) -> Account:
    return Account(owner, tmp_path, owner.url + path)


def test_cards_that_come_change_and_go_are_told(account: Account, path: str) -> None:
    for uid in ("ada", "ben"):
        account.owner.put(f"{path}{uid}.vcf", card(uid, uid.title()))
    first = account.books()
    assert names(first) == ["ada.vcf", "ben.vcf"]
    account.owner.put(path + "ada.vcf", card("ada", "Ada Example"))
    account.owner.delete(path + "ben.vcf")
    second = account.books(first[-1].cursor)
    ben = uid_of(path, "ben.vcf")
    assert set(observations(second)) == {
        Card(uid_of(path, "ada.vcf"), "Ada Example"),
        Gone(ben),
        Gone(f"{ben}/", is_prefix=True),
    }
    assert account.books(second[-1].cursor) == []


def test_what_changes_during_a_first_reading_is_told_after_it(account: Account, path: str) -> None:
    for number in range(6):
        account.owner.put(f"{path}{number}.vcf", card(str(number), "Before"))
    begun = account.books(page=2)[0]
    (first, *_) = names([begun])
    account.owner.put(path + first, card(first.removesuffix(".vcf"), "After"))
    rest = account.books(begun.cursor, page=2)
    told = observations([*rest, *account.books(rest[-1].cursor)])
    assert Card(uid_of(path, first), "After") in told
    assert set(names([begun, *rest])) == {f"{number}.vcf" for number in range(6)}


def test_a_card_is_what_it_would_be_in_a_file(account: Account, path: str, tmp_path: Path) -> None:
    account.owner.put(path + "ada.vcf", FULL)
    file = tmp_path / "cards.vcf"
    file.write_text(FULL)
    with closing(VcfConnector(VcfSettings(file), since=SINCE)) as connector:
        (from_file,) = observations(connector.poll(None))
    (from_server,) = observations(account.books())
    assert replace(from_server, uid="ada") == from_file


def test_address_books_are_found_from_the_server_alone(
    owner: Owner, path: str, tmp_path: Path
) -> None:
    owner.put(path + "ada.vcf", FULL)
    slug = path.rstrip("/").rpartition("/")[2]
    assert names(Account(owner, tmp_path).books(calendars=(slug,))) == ["ada.vcf"]
    with pytest.raises(Misconfigured, match="no address book is called 'foes'"):
        Account(owner, tmp_path).books(calendars=("foes",))


def test_a_cursor_serves_only_the_account_it_was_issued_for(account: Account, path: str) -> None:
    account.owner.put(path + "ada.vcf", FULL)
    cursor = account.books()[-1].cursor
    with pytest.raises(CursorExpired):
        account.books(cursor, url=account.owner.url)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with radicale(tmp_path_factory.mktemp("server")) as owner:
        yield owner


@pytest.fixture(scope="module")
def many_path(server: Owner) -> str:
    """An address book of 120 cards, which no test changes."""
    path = f"{server.books}many/"
    server.make_book(path)
    server.put_many(path, {f"{n}.vcf": card(str(n), f"Person {n}") for n in range(N_CARDS)})
    return path


@pytest.fixture
def many(server: Owner, many_path: str, tmp_path: Path) -> Account:
    return Account(server, tmp_path, server.url + many_path)


def test_what_is_idle_is_asked_one_question(many: Account) -> None:
    with proxy(many.owner.url) as front:
        url = many.url.replace(many.owner.url, front.url)
        first = many.books(url=url)
        assert len(observations(first)) == N_CARDS
        n_asked = len(front.asked)
        assert many.books(first[-1].cursor, url=url) == []
        assert len(front.asked) - n_asked == 1


def test_a_reading_by_etags_goes_on_where_it_was(many: Account) -> None:
    with proxy(many.owner.url) as front:
        front.afterwards = without_sync
        url = many.url.replace(many.owner.url, front.url)
        whole = many.books(url=url, page=20)
        assert len(whole) > 5
        for n_stored in range(1, len(whole) + 1):
            rest = many.books(whole[n_stored - 1].cursor, url=url)
            told = names([*whole[:n_stored], *rest])
            assert len(told) == len(set(told)) == N_CARDS


def test_something_that_is_no_card_is_set_aside(many: Account) -> None:
    with proxy(many.owner.url) as front:
        front.afterwards = lambda _, body: body.replace("BEGIN:VCARD", "", 1)
        told = many.books(url=many.url.replace(many.owner.url, front.url), page=100)
    assert set(rejected(told).values()) == {"no card in it"}
    assert len(observations(told)) + len(rejected(told)) == N_CARDS


def test_several_cards_in_one_place_are_told_apart(many: Account) -> None:
    with proxy(many.owner.url) as front:
        front.afterwards = lambda _, body: body.replace(
            "END:VCARD", "END:VCARD\nBEGIN:VCARD\nUID:twin\nFN:Twin\nEND:VCARD"
        )
        told = observations(many.books(url=many.url.replace(many.owner.url, front.url)))
    assert len({one.uid for one in told}) == len(told) == 2 * N_CARDS
    assert len([one for one in told if isinstance(one, Card) and one.name == "Twin"]) == N_CARDS


def test_a_book_that_may_not_be_read_is_named(many: Account) -> None:
    with proxy(many.owner.url) as front:
        front.instead = lambda _: Answered(404)
        with pytest.raises(Misconfigured, match="check the url"):
            many.books(url=front.url + "/owner/")
