"""The day's few are the best, one a person, varied, and the rest is counted."""

from dataclasses import replace

from daemon.suggestions.choose import choose
from daemon.suggestions.model import Circle, Lane, Never, Rules, Situation, Suggestion
from daemon.ties.model import State
from tests.builders import days_ago, identity, offered, person_id, situation, suggestion, tie

EVERYBODY = [f"p{n}" for n in range(12)]


def among(*candidates: Suggestion, morning: Situation | None = None) -> list[str]:
    return [one.key for one in choose(candidates, morning or situation(*EVERYBODY)).chosen]


def held(*candidates: Suggestion, morning: Situation | None = None) -> dict[str, int]:
    return dict(choose(candidates, morning or situation(*EVERYBODY)).held)


def of(kind: str, n: int, *, minutes: int = 5, fit: float = 0.8, url: str = "") -> Suggestion:
    return suggestion(kind, f"p{n}", minutes=minutes, fit=fit, url=url)


def test_an_empty_day_chooses_nothing() -> None:
    choice = choose((), situation())
    assert (choice.chosen, choice.held, choice.n_due) == ((), {}, 0)


def test_the_budget_is_kept_and_the_rest_is_counted() -> None:
    kinds = ("article", "reply", "milestone", "promise")
    many = [of(kinds[n % 4], n) for n in range(9)]
    choice = choose(many, situation(*EVERYBODY, rules=Rules(budget=3)))
    assert len(choice.chosen) == 3
    assert choice.held == {"over the day's budget": 6}
    assert choice.n_due == 9


def test_a_budget_of_none_chooses_none() -> None:
    assert among(of("article", 1), morning=situation("p1", rules=Rules(budget=0))) == []


def test_one_item_a_person() -> None:
    best, second = suggestion("reply", "p1"), suggestion("article", "p1")
    assert among(second, best) == [best.key]
    assert held(second, best) == {"with another thing for the same person": 1}


def test_one_piece_is_given_to_one_person_a_day() -> None:
    pair = (
        of("article", 1, url="https://x.example.com"),
        of("article", 2, url="https://x.example.com"),
    )
    assert len(among(*pair)) == 1
    assert held(*pair) == {"the same piece for somebody else": 1}


def test_stronger_ties_closer_circles_and_greater_need_come_first() -> None:
    strong, weak = tie("p1", n_days=80), tie("p2", n_days=8)
    one, two = of("milestone", 1), of("milestone", 2)
    assert among(one, two, morning=situation(strong, weak)) == [one.key, two.key]
    close = Circle(identity("p2"), "close", days_ago(1))
    equal = tie("p2", n_days=80)
    assert among(one, two, morning=situation(strong, equal, decisions=(close,)))[0] == two.key
    one, two = of("article", 1), of("article", 2)
    fading, cooling = tie("p2", State.FADING), tie("p1", State.COOLING)
    assert among(one, two, morning=situation(cooling, fading))[0] == two.key


def test_better_fit_and_less_effort_come_first() -> None:
    assert among(of("article", 1, fit=0.5), of("article", 2, fit=0.9))[0] == "article:p2"
    assert among(of("article", 1, minutes=10), of("article", 2, minutes=2))[0] == "article:p2"


def test_a_first_meeting_is_not_lost_behind_old_friends() -> None:
    new = tie("p9", State.NEW, n_days=1, silent_days=2)
    old = [tie(f"p{n}", State.COOLING, n_days=200) for n in range(8)]
    candidates = [of("article", n, minutes=2) for n in range(8)] + [of("follow_up", 9)]
    assert "follow_up:p9" in among(*candidates, morning=situation(new, *old))


def test_at_most_half_of_the_items_are_of_one_kind_when_there_are_others() -> None:
    replies = [of("reply", n, fit=0.9) for n in range(4)]
    assert len(among(*replies)) == 4
    assert sorted(among(*replies, of("article", 8, fit=0.1))) == [
        "article:p8",
        "reply:p0",
        "reply:p1",
    ]
    assert held(*replies, of("article", 8, fit=0.1)) == {"more of one kind": 2}


def test_a_kind_only_for_somebody_served_already_leaves_room() -> None:
    replies = [of("reply", n, fit=0.9) for n in range(3)]
    same_person = of("article", 0, fit=0.1)
    assert len(among(*replies, same_person)) == 3


def test_what_is_owed_does_not_fill_the_page_when_there_is_something_to_bring() -> None:
    owed = [suggestion(kind, f"p{n}", fit=1.0) for n, kind in enumerate(["reply", "promise"] * 3)]
    gift = of("article", 9, fit=0.05)
    assert gift.key in among(*owed, gift)
    only_one = situation(*EVERYBODY, rules=Rules(budget=1))
    assert gift.key not in among(*owed, gift, morning=only_one)


def test_one_item_is_quick_if_any_is() -> None:
    slow = [of(("article", "reply", "follow_up")[n % 3], n, minutes=5, fit=1.0) for n in range(8)]
    quick = of("article", 9, minutes=2, fit=0.05)
    assert quick.key in among(*slow, quick)
    assert quick.key in among(*slow, quick, morning=situation(*EVERYBODY, rules=Rules(budget=1)))


def test_a_week_flags_only_so_many_fading_ties() -> None:
    fading = [tie(f"p{n}", State.FADING) for n in range(6)]
    pieces = [of("article", n, minutes=2) for n in range(4)]
    shown = (offered("p4", n_days_ago=6), offered("p5", n_days_ago=7))
    morning = situation(*fading, offered=shown, rules=Rules(flags_per_week=3))
    choice = choose(pieces, morning)
    assert len(choice.chosen) == 2
    assert choice.held == {"over the weekly cap": 2, "with nothing to bring": 2}
    cooling = [tie(f"p{n}", State.COOLING) for n in range(6)]
    assert len(choose(pieces, situation(*cooling, offered=shown)).chosen) == 4


def test_a_kind_that_was_last_steps_back_behind_another() -> None:
    lately = (offered("p1", n_days_ago=20, kind="article"),)
    one, two = of("article", 1, fit=0.9), of("article", 2, fit=0.8)
    assert among(one, two)[0] == one.key
    assert among(one, two, morning=situation("p1", "p2", offered=lately))[0] == two.key


def test_a_fading_tie_with_nothing_to_bring_is_not_lost_from_sight() -> None:
    fading = situation(tie("p1", State.FADING), tie("p2", State.DORMANT), tie("p3"))
    choice = choose((), fading)
    assert choice.held == {"with nothing to bring": 1}
    assert choice.n_due == 1


def test_candidates_that_are_the_same_are_still_counted() -> None:
    one = of("article", 1)
    choice = choose((one, one, replace(one, lane=Lane.BRING)), situation("p1"))
    assert (len(choice.chosen), choice.n_due) == (1, 3)


def test_the_fading_with_nothing_to_bring_are_named_longest_known_first() -> None:
    ties = [
        tie("sana", State.FADING, n_days=20),
        tie("joy", State.FADING, n_days=90),
        tie("tomas", State.COOLING, n_days=99),
        tie("marek", State.FADING, n_days=50),
    ]
    assert choose((), situation(*ties)).quiet == tuple(map(person_id, ("joy", "marek", "sana")))
    never = Never(identity("joy"), days_ago(1))
    assert person_id("joy") not in choose((), situation(*ties, decisions=(never,))).quiet
    assert choose((), situation(*ties, unanswered={"marek": 2})).quiet == (
        person_id("joy"),
        person_id("sana"),
    )
