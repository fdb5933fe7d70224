"""WebDAV below calendars and address books: XML, addresses, bounds, and cursors."""

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.caldav import CALENDARS
from connectors.carddav import ADDRESS_BOOKS
from connectors.contract import CURSOR_LIMIT
from connectors.errors import AccessDenied, CursorExpired, Misconfigured, Unavailable
from connectors.protocol import Cursor
from connectors.webdav.client import Client, sign_in
from connectors.webdav.cursors import NOTHING, Pending, Place, resume
from connectors.webdav.discovery import Collection, discover
from connectors.webdav.members import MEMBER_LIMIT, Content, Member, changes, contents
from connectors.webdav.multistatus import Garbled, read_multistatus, resolve
from connectors.webdav.polling import _reporting
from tests.contract.dav_bench import SERVERS, secret_of
from tests.servers.dav import USER, Owner
from tests.servers.dav_proxy import Answered, Asked, Proxy, proxy

EMPTY = '<multistatus xmlns="DAV:"/>'
PRINCIPAL = (
    '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><current-user-principal>'
    "<href>{}</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status></propstat>"
    "</response></multistatus>"
)
numbers = count()


@pytest.fixture
def front() -> Iterator[Proxy]:
    """A server of the test's own: whatever is not answered by it fails."""
    with proxy() as front:
        yield front


def client(url: str, *, allow_private: bool = True) -> Client:
    return sign_in(url, "", None, ca_file=None, allow_private=allow_private)


def ask(url: str, *, allow_private: bool = True) -> tuple[Collection, ...]:
    with closing(client(url, allow_private=allow_private)) as asking:
        return discover(asking, CALENDARS, url)


# XML


def bomb(n_levels: int) -> str:
    """Ten to the power of ``n_levels`` laughs, in a document type."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, n_levels + 1))
    return (
        f'<!DOCTYPE m [<!ENTITY l0 "ha">{entities}]>'
        f'<multistatus xmlns="DAV:"><response><href>&l{n_levels};</href></response></multistatus>'
    )


@pytest.mark.parametrize(
    "document",
    [
        bomb(9),
        bomb(30),
        f'<!DOCTYPE m [<!ENTITY a "{"a" * 60_000}">]><m>{"&a;" * 60_000}</m>',
        "<!DOCTYPE multistatus><multistatus xmlns='DAV:'/>",
        "<!DOCTYPE m SYSTEM 'http://127.0.0.1:9/m.dtd'><multistatus xmlns='DAV:'/>",
        "<a>" * 100_000,
        "<html><body>Welcome to the hotel's network</body></html>",
        "<multistatus xmlns='DAV:'><response><status>fine</status></response></multistatus>",
        "<multistatus xmlns='DAV:'><response><href>http://[</href></response></multistatus>",
        "",
        "\0",
    ],
    ids=lambda document: document[:24].encode("unicode_escape").decode(),
)
def test_what_is_no_answer_is_refused_in_no_time(document: str) -> None:
    started = time.process_time()
    with pytest.raises(Garbled):
        read_multistatus(document.encode(), "https://dav.example.org/")
    assert time.process_time() - started < 0.5


def test_no_file_of_ours_gets_into_an_answer(tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    ours.write_text("open sesame")
    document = (
        f"<!DOCTYPE m [<!ENTITY x SYSTEM 'file://{ours}'>]>"
        "<multistatus xmlns='DAV:'>&x;</multistatus>"
    )
    with pytest.raises(Garbled):
        read_multistatus(document.encode(), "https://dav.example.org/")


def test_an_answer_that_is_none_makes_the_service_unavailable(front: Proxy) -> None:
    front.instead = lambda _: Answered(207, bomb(9))
    with pytest.raises(Unavailable, match="answers with"):
        ask(front.url)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_address_is_made_absolute_or_refused(base: str, href: str) -> None:
    try:
        found = resolve(f"https://dav.example.org/{base}", href)
    except Garbled:
        return
    assert found


def test_a_server_behind_a_proxy_is_asked_the_way_it_was_reached() -> None:
    found = resolve("https://dav.example.org:8443/home/", "http://dav.example.org/home/team/")
    assert found == "https://dav.example.org:8443/home/team/"


# Discovery


@pytest.fixture(scope="module", params=SERVERS)
def owner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as owner:
        owner.make_calendar(f"{owner.calendars}work/", "Work & <more>")
        owner.make_book(f"{owner.books}friends/", "Friends")
        yield owner


@pytest.fixture
def signed_in(owner: Owner, tmp_path: Path) -> Iterator[Client]:
    secret = secret_of(tmp_path)
    with closing(
        sign_in(owner.url, USER, secret, ca_file=owner.ca_file, allow_private=True)
    ) as asking:
        yield asking


@pytest.mark.parametrize("start", ["", "/", "/owner", "/owner/", "home", "itself", "bare"])
def test_any_address_of_the_account_leads_to_its_collections(
    owner: Owner, signed_in: Client, start: str
) -> None:
    for kind, home, slug, name in (
        (CALENDARS, owner.calendars, "work", "Work & <more>"),
        (ADDRESS_BOOKS, owner.books, "friends", "Friends"),
    ):
        itself = f"{home}{slug}/"
        path = {"home": home, "itself": itself, "bare": itself.rstrip("/")}.get(start, start)
        found = discover(signed_in, kind, owner.url + path, [slug])
        assert [(each.name, each.path.rstrip("/")) for each in found] == [
            (name, itself.rstrip("/"))
        ]
        assert found[0].reports_changes
        assert found[0].token


def test_the_well_known_address_leads_to_the_calendars(owner: Owner, signed_in: Client) -> None:
    url = f"{owner.url}/.well-known/caldav"
    assert "work" in {each.slug for each in discover(signed_in, CALENDARS, url)}


def test_a_server_that_hides_its_root_is_asked_at_the_well_known_address(front: Proxy) -> None:
    def hidden(asked: Asked) -> Answered:
        if asked.path == "/.well-known/caldav":
            return Answered(301, "", {"Location": "/dav/"})
        return Answered(404 if asked.path == "/" else 207, EMPTY)

    front.instead = hidden
    with pytest.raises(Misconfigured, match="404"):
        ask(front.url)
    assert [each.path for each in front.asked] == ["/", "/.well-known/caldav", "/dav/"]


def test_where_nothing_is_the_url_is_named(owner: Owner, signed_in: Client) -> None:
    with pytest.raises((Misconfigured, AccessDenied), match="url"):
        discover(signed_in, CALENDARS, f"{owner.url}/owner/nothing/here/")


# Places that may not be asked


def test_nothing_on_this_machine_is_asked_unless_the_owner_says_so(front: Proxy) -> None:
    with pytest.raises(Misconfigured):
        ask(front.url, allow_private=False)
    with pytest.raises(Misconfigured):
        ask(front.url.replace("http:", "https:"), allow_private=False)
    assert front.asked == []


@pytest.mark.parametrize(
    "elsewhere",
    ["http://127.0.0.1:{}/", "https://127.0.0.1:{}/", "http://localhost:{}/", "//127.0.0.2:{}/"],
)
def test_a_server_cannot_send_us_to_another(front: Proxy, elsewhere: str) -> None:
    with proxy() as other:
        other.instead = lambda _: Answered(207, EMPTY)
        port = other.url.rpartition(":")[2]
        target = elsewhere.format(port)
        front.instead = lambda _: Answered(207, PRINCIPAL.format(target))
        with pytest.raises(Misconfigured):
            ask(front.url.replace("127.0.0.1", "localhost"))
        assert other.asked == []


def test_a_redirect_leaves_the_password_behind(front: Proxy, tmp_path: Path) -> None:
    with proxy() as other:
        other.instead = lambda _: Answered(401)
        front.instead = lambda _: Answered(301, "", {"Location": f"{other.url}/"})
        url = front.url.replace("127.0.0.1", "localhost")
        secret = secret_of(tmp_path)
        asking = sign_in(url, USER, secret, ca_file=None, allow_private=True)
        with pytest.raises(Misconfigured, match="another service"), closing(asking):
            discover(asking, CALENDARS, url)
        assert "authorization" in front.asked[0].headers
        assert not any("authorization" in each.headers for each in other.asked)


# Reports


COLLECTION = Collection("", "/team/", "Work", "t0", True)
SYNCED = (
    '<multistatus xmlns="DAV:">{}<response><href>/team/</href><status>HTTP/1.1 {}</status>'
    "</response><sync-token>{}</sync-token></multistatus>"
)
ITEM = (
    "<response><href>/team/{}.ics</href><propstat><prop><getetag>1</getetag></prop>"
    "<status>HTTP/1.1 200 OK</status></propstat></response>"
)


def at(front: Proxy) -> Collection:
    return Collection(f"{front.url}/team/", "/team/", "Work", "t0", True)


def test_a_report_that_is_cut_short_is_asked_for_again(front: Proxy) -> None:
    def paged(asked: Asked) -> Answered:
        page = int(asked.token.removeprefix("t") or 0)
        status = "507 Insufficient Storage" if page < 3 else "200 OK"
        return Answered(207, SYNCED.format(ITEM.format(page), status, f"t{page + 1}"))

    front.instead = paged
    with closing(client(front.url)) as asking:
        members, *rest = changes(asking, at(front), "")
    assert sorted(each.path for each in members) == [f"/team/{n}.ics" for n in range(4)]
    assert rest == ["t4"]


def test_a_report_that_never_ends_ends(front: Proxy) -> None:
    front.instead = lambda _: Answered(207, SYNCED.format(ITEM.format(1), "507 Full", "same"))
    with closing(client(front.url)) as asking:
        members, _ = changes(asking, at(front), "")
    assert len(members) == 1
    assert len(front.asked) == 2


def test_a_report_that_always_goes_on_is_given_up(front: Proxy) -> None:
    tokens = count()
    front.instead = lambda _: Answered(207, SYNCED.format("", "507 Full", f"t{next(tokens)}"))
    with closing(client(front.url)) as asking, pytest.raises(Unavailable, match="an end"):
        changes(asking, at(front), "")


def test_what_lies_outside_of_the_collection_is_not_ours(front: Proxy) -> None:
    hrefs = ("../etc/passwd", "/other/x.ics", "https://example.net/team/y.ics", "sub/", "/team/")
    items = "".join(ITEM.replace("/team/{}.ics", href) for href in hrefs)
    front.instead = lambda _: Answered(207, SYNCED.format(items, "200 OK", "t1"))
    with closing(client(front.url)) as asking:
        members, _ = changes(asking, at(front), "")
    assert [each.path for each in members] == []


def test_a_name_that_is_long_or_foreign_makes_a_short_key(front: Proxy) -> None:
    hrefs = ("%E2%80%AE.ics", "x" * 5_000, "a%2Fb.ics", "a%20b.ics", "%00.ics")
    items = "".join(ITEM.replace("/team/{}.ics", f"/team/{href}") for href in hrefs)
    front.instead = lambda _: Answered(207, SYNCED.format(items, "200 OK", "t1"))
    with closing(client(front.url)) as asking:
        members, _ = changes(asking, at(front), "")
    assert len({each.key for each in members}) == 5
    assert all(each.key.isprintable() and len(each.key) < 300 for each in members)


def test_what_is_too_large_is_not_fetched(front: Proxy) -> None:
    front.instead = lambda _: Answered(207, EMPTY)
    big = Member("k/big", "/team/big.ics", "1", MEMBER_LIMIT + 1)
    small = Member("k/small", "/team/small.ics", "1", 10)
    with closing(client(front.url)) as asking:
        found = list(contents(asking, CALENDARS, at(front), [big, small], 10))
    assert [each.problem for each in found] == [
        "larger than 4 MB",
        "the server lists it and does not give it",
    ]
    (asked,) = front.asked
    assert "big.ics" not in asked.body


def test_contents_are_asked_for_by_the_megabyte(front: Proxy) -> None:
    front.instead = lambda _: Answered(207, EMPTY)
    members = [Member(f"k/{n}", f"/team/{n}.ics", "1", MEMBER_LIMIT) for n in range(5)]
    with closing(client(front.url)) as asking:
        found: list[Content] = list(contents(asking, CALENDARS, at(front), members, 10))
    assert len(found) == 5
    assert len(front.asked) == 3


# Cursors


TEXTS = st.text(max_size=60)


@given(
    st.dictionaries(TEXTS, TEXTS, max_size=5),
    st.none() | st.builds(Pending, TEXTS, TEXTS, TEXTS),
    st.lists(TEXTS, max_size=5).map(tuple),
    st.binary(min_size=len(NOTHING), max_size=len(NOTHING)),
)
def test_a_cursor_says_all_there_is_to_say(
    tokens: dict[str, str], pending: Pending | None, listed: tuple[str, ...], sums: bytes
) -> None:
    place = Place("origin", 12, tokens, pending, listed, sums)
    cursor = place.to_cursor()
    assert cursor.isprintable()
    if len(cursor) < CURSOR_LIMIT:
        assert resume(cursor, "origin").pending == pending


@given(st.integers(0, 60), st.integers(1, 400), st.booleans())
def test_a_cursor_fits_however_many_tokens_there_are(n: int, length: int, has_sums: bool) -> None:
    tokens = {f"{key:08x}": f"{key:04}" * length for key in range(n)}
    sums = bytes(range(256)) * 9 if has_sums else NOTHING
    cursor = Place("0" * 16, 1_800_000_000, tokens, sums=sums).to_cursor()
    assert len(cursor) <= CURSOR_LIMIT
    assert set(resume(cursor, "0" * 16).tokens) <= set(tokens)


@given(st.text(max_size=80))
def test_any_other_text_has_expired(text: str) -> None:
    with pytest.raises(CursorExpired):
        resume(Cursor(text), "origin")


def collections(*lengths: int) -> list[Collection]:
    return [
        Collection("", f"/{n}/", str(n), "t" * length, True) for n, length in enumerate(lengths)
    ]


def test_tokens_that_do_not_fit_leave_their_collections_to_be_listed() -> None:
    assert len(_reporting(collections(*[90] * 20))) == 20
    assert len(_reporting(collections(*[300] * 20))) == 1
    assert _reporting(collections(5_000)) == []
    short, _ = several = collections(90, 5_000)
    assert _reporting(several) == [short]
