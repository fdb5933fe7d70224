"""What could be given is listed once, newest first, and it is known who has it already."""

from dataclasses import replace

from connectors.observations import Article, Gone, Link
from daemon.store import offerings, offers, schema
from daemon.store.database import Database, writing
from daemon.store.ingest import Found, hash_url
from daemon.store.instants import to_seconds
from daemon.store.offerings import OnShelf
from daemon.store.offers import Offer
from tests.jobs.world import ANA, ANA_HOME, AT, BEN, CEM, ME, days_ago, know, letter, rows

URL = "https://example.org/on-walking-to-work"


def article(uid: str, url: str = URL, *, days: float = 3) -> Article:
    title, summary = "On walking to work", "Why feet are faster."
    return Article(uid, url, title, days_ago(days), summary, "A Paper")


def read(engine: Database, *, after: float = 100) -> tuple[OnShelf, ...]:
    with engine.connect() as connection:
        return offerings.read_offerings(
            connection, after=to_seconds(days_ago(after)), until=to_seconds(AT)
        )


def test_one_address_in_two_places_is_listed_once_as_it_came_last() -> None:
    engine = know(article("1", days=9), article("2", days=2))
    assert [(one.uid, one.url) for one in read(engine)] == [("2", URL)]


def test_newest_come_first_and_old_ones_not_at_all() -> None:
    other = "https://example.org/on-cycling-to-work"
    engine = know(article("1", days=9), article("2", other, days=2), article("3", days=50))
    assert [one.uid for one in read(engine, after=20)] == ["2", "1"]


def test_an_article_that_is_gone_is_not_given() -> None:
    engine = know(article("1"))
    know(Gone("1"), engine=engine)
    assert read(engine) == ()


def test_shelving_twice_renews_the_date() -> None:
    engine = know()
    for days in (30, 3):
        offerings.shelve(engine, Found(URL, f"{days}", {"walk": 1}, "", days_ago(days)))
    [one] = read(engine)
    assert (one.title, one.received_at) == ("3", to_seconds(days_ago(3)))


def test_who_sent_it_was_sent_it_or_was_offered_it_has_it() -> None:
    link = (Link(URL, "On walking to work"),)
    engine = know(
        letter("w", ME, (CEM,), at=days_ago(30)),
        replace(letter("a", ANA_HOME, text="Look:"), links=link),
        replace(letter("b", ME, (BEN,), text="Look:"), links=link),
        letter("c", ANA, at=days_ago(40)),
    )
    on = days_ago(5).date()
    with writing(engine) as tx:
        offered = Offer(on, 1, "k", "article", (CEM.email,), url_hash=hash_url(URL))
        offers.replace_offers(tx, on, [offered], now=AT)
        found = offerings.read_holders(tx, [URL, "https://example.org/other"])
    assert found == {URL: {ANA.email, BEN.email, CEM.email}}


def test_links_in_letters_are_kept_as_hashes_only() -> None:
    link = (Link(URL, "On walking to work", "You must read this."),)
    engine = know(replace(letter("a", ANA, text="Look:"), links=link))
    assert rows(engine, schema.links) == [("s", "a", hash_url(URL))]
    assert not any(URL in repr(rows(engine, table)) for table in schema.metadata.sorted_tables)
