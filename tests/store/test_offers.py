"""What stood in a digest is known by its number until the next digest."""

from datetime import UTC, date, datetime, timedelta

from daemon.store import offers
from daemon.store.database import open_scratch, writing
from daemon.store.offers import Offer

AT = datetime(2026, 11, 21, 7, tzinfo=UTC)
ON = date(2026, 3, 2)


def offer(ref: int, on: date = ON) -> Offer:
    return Offer(on, ref, f"k{on}{ref}", "reply", ("ana@example.com",), "h", "Ana", "She asked.")


def test_the_entries_of_a_day_are_replaced_and_those_of_other_days_stay() -> None:
    engine, yesterday = open_scratch(), ON - timedelta(days=1)
    with writing(engine) as tx:
        offers.replace_offers(tx, yesterday, [offer(1, yesterday)], now=AT)
        offers.replace_offers(tx, ON, [offer(1), offer(2)], now=AT)
        offers.replace_offers(tx, ON, [offer(3)], now=AT)
        assert offers.read_last(tx) == (offer(3),)
        assert offers.read_offers(tx, before=ON + timedelta(days=1)) == (
            offer(1, yesterday),
            offer(3),
        )


def test_todays_entries_do_not_count_as_offered_before() -> None:
    engine = open_scratch()
    with writing(engine) as tx:
        offers.replace_offers(tx, ON, [offer(1)], now=AT)
        assert offers.read_offers(tx, before=ON) == ()


def test_a_digest_without_entries_leaves_the_last_one_answerable() -> None:
    engine = open_scratch()
    with writing(engine) as tx:
        offers.replace_offers(tx, ON, [offer(2), offer(1)], now=AT)
        offers.replace_offers(tx, ON + timedelta(days=1), [], now=AT)
        assert offers.read_last(tx) == (offer(1), offer(2))
        assert offers.last_digest_on(tx) == ON


def test_before_the_first_digest_there_is_nothing_to_answer() -> None:
    with open_scratch().connect() as connection:
        assert offers.read_last(connection) == ()
        assert offers.last_digest_on(connection) is None


def test_numbers_mean_the_digest_shown_last_even_if_it_is_of_an_earlier_day() -> None:
    engine = open_scratch()
    yesterday = ON - timedelta(days=1)
    with writing(engine) as tx:
        offers.replace_offers(tx, ON, [offer(1)], now=AT)
        offers.replace_offers(tx, yesterday, [offer(2, yesterday)], now=AT + timedelta(hours=1))
        assert offers.read_last(tx) == (offer(2, yesterday),)
        assert offers.read_last(tx, ON) == (offer(1),)
