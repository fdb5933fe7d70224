"""A piece fits whoever it is about, and nobody for its common words."""

from daemon.suggestions.match import Match, match_person, rarity_of, stock_shelf
from daemon.suggestions.model import Offering, Rules, Topic
from tests.builders import offering, person_id, situation, topic

SANA = person_id("sana")
RARE = {"battery": 3, "depot": 2, "ageing": 4, "linux": 100, "grid": 40}


def best(
    topics: tuple[Topic, ...],
    *pieces: Offering,
    shared: dict[str, int] | None = None,
    rules: Rules | None = None,
) -> Match | None:
    """Sana's best piece in a circle of a hundred people."""
    circle = {f"p{n:02}": (topic("harbour"),) for n in range(99)} | {"sana": topics}
    morning = situation(
        "sana",
        offerings=pieces or (offering(),),
        topics=circle,
        term_people=RARE | (shared or {}),
        rules=rules,
    )
    return next(iter(match_person(SANA, topics, stock_shelf(morning))), None)


def fit(
    topics: tuple[Topic, ...], *pieces: Offering, shared: dict[str, int] | None = None
) -> float:
    found = best(topics, *pieces, shared=shared)
    return found.fit if found else 0.0


BOTH = (topic("battery"), topic("depot"))


def test_two_of_their_topics_make_a_match_and_the_stronger_leads() -> None:
    found = best(BOTH)
    assert found is not None
    assert found.offering == offering()
    assert [t.term for t in found.topics] == ["battery", "depot"]
    assert Rules().min_match < found.fit < 1


def test_one_word_is_not_enough_unless_it_is_very_rare_and_came_up_twice() -> None:
    common = {"battery": 30}
    assert best((topic("battery"),), shared=common) is None
    assert best((topic("battery"),)) is not None
    assert best((topic("battery", 1),)) is None


def test_a_word_that_everybody_uses_does_not_count() -> None:
    piece = offering(terms={"linux": 5, "grid": 2})
    topics = (topic("linux", 20), topic("grid", 20))
    assert best(topics, piece, shared={"grid": 90}) is None


def test_a_word_of_every_mail_does_not_count_however_rare_it_seems() -> None:
    piece = offering(terms={"meeting": 5, "time": 4, "week": 1})
    topics = (topic("meeting"), topic("time"), topic("week"))
    assert best(topics, piece, shared={"meeting": 1, "time": 1, "week": 1}) is None


def test_a_word_in_half_of_the_shelf_says_nothing_about_a_piece() -> None:
    shelf = [offering(f"n{n}", {"battery": 1, "depot": 1}) for n in range(12)]
    assert best(BOTH, *shelf) is None


def test_the_words_of_a_phrase_are_counted_once() -> None:
    piece = offering(terms={"cold chain": 2, "cold": 2, "chain": 2})
    rare = {"cold chain": 1, "cold": 1, "chain": 1}
    whole = (topic("cold chain", 3), topic("cold", 3), topic("chain", 3))
    assert fit(whole, piece, shared=rare) == fit(whole[:1], piece, shared=rare) > 0


def test_rarer_is_better() -> None:
    assert fit(BOTH, shared={"depot": 2}) > fit(BOTH, shared={"depot": 25})


def test_more_threads_are_better() -> None:
    assert fit(BOTH) > fit((topic("battery", 1), topic("depot", 1)))


def test_lately_is_better() -> None:
    old = (topic("battery", came_up_days_ago=600), topic("depot", came_up_days_ago=600))
    assert fit(BOTH) > fit(old)


def test_fresher_is_better_and_the_stale_is_gone() -> None:
    assert fit(BOTH, offering(received_days_ago=1)) > fit(BOTH, offering(received_days_ago=40))
    assert best(BOTH, offering(received_days_ago=46)) is None


def test_a_long_piece_that_mentions_it_is_worth_less_than_a_short_one_about_it() -> None:
    short = offering("short", {"battery": 2, "depot": 1})
    long = offering("long", {"battery": 2, "depot": 1} | {f"w{n}xyz": 3 for n in range(20)})
    found = best(BOTH, short, long)
    assert found is not None
    assert found.offering == short


def test_nothing_they_have_is_given_again_from_whatever_source() -> None:
    theirs = offering(shared_with=frozenset({SANA}))
    assert best(BOTH, theirs) is None
    assert best(BOTH, theirs, offering()) is None
    assert best(BOTH, offering(shared_with=frozenset({person_id("joy")}))) is not None


def test_one_piece_from_two_sources_counts_once() -> None:
    assert fit(BOTH, offering(), offering(origin="a feed")) == fit(BOTH)


def test_rarity_lies_between_none_and_one() -> None:
    shelf = stock_shelf(
        situation(topics={f"p{n}": (topic("a"),) for n in range(9)}, term_people={"a": 9, "b": 1})
    )
    assert rarity_of("b", shelf) == 1
    assert 0 < rarity_of("a", shelf) < 0.05
