"""A service is asked no faster than allowed, and waited for as long as it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Unavailable
from connectors.pace import N_TRIES, PATIENCE, Budget, Busy, Patience, Waiting


@dataclass
class Hands:
    """A clock that is put forward by whoever sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def answers(*replies: Exception | str) -> Callable[[], str]:
    """Return a question that is answered by each of ``replies`` in turn."""
    left: Iterator[Exception | str] = iter(replies)

    def ask() -> str:
        reply = next(left)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return ask


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=60),
    st.lists(st.floats(0, 30), min_size=60, max_size=60),
)
def test_no_window_ever_holds_more_than_the_budget(spent: list[int], pauses: list[float]) -> None:
    clock, budget = Hands(), Budget(100, seconds=60)
    taken: list[tuple[float, int]] = []
    for units, pause in zip(spent, pauses, strict=False):
        clock.at += pause
        budget.spend(units, clock)
        taken.append((clock.at, units))
    for at, _ in taken:
        assert sum(n for when, n in taken if at - 60 < when <= at) <= 100


def test_what_is_left_of_a_budget_is_spent_at_once() -> None:
    clock, budget = Hands(), Budget(100)
    for _ in range(5):
        budget.spend(20, clock)
    assert clock.slept == []
    budget.spend(20, clock)
    assert clock.at == pytest.approx(60, abs=0.1)


def test_more_than_there_ever_is_cannot_be_spent() -> None:
    with pytest.raises(ValueError, match="never"):
        Budget(100).spend(101, Hands())


def test_a_busy_service_is_asked_again_and_waited_for_longer_each_time() -> None:
    clock = Hands()
    asked = answers(Busy("no"), Busy("no"), Busy("no"), "yes")
    assert Patience(clock, draw=lambda: 1.0).ask(asked) == "yes"
    assert clock.slept == [1, 2, 4]
    clock = Hands()
    Patience(clock, draw=lambda: 0.0).ask(answers(Busy("no"), "yes"))
    assert clock.slept == [0.5]


def test_it_is_waited_for_as_long_as_it_says() -> None:
    clock = Hands()
    asked = answers(Busy("no", retry_after=timedelta(seconds=90)), "yes")
    assert Patience(clock).ask(asked) == "yes"
    assert clock.slept == [90]


def test_a_service_that_asks_for_more_than_patience_is_left_until_then() -> None:
    clock, later = Hands(), timedelta(seconds=PATIENCE + 1)
    with pytest.raises(Unavailable, match="full") as caught:
        Patience(clock).ask(answers(Busy("full", retry_after=later)))
    assert caught.value.retry_after == later
    assert clock.slept == []


def test_a_service_that_stays_busy_is_given_up() -> None:
    clock = Hands()
    with pytest.raises(Unavailable, match="number 8"):
        Patience(clock).ask(answers(*(Busy(f"number {n}") for n in range(1, 20))))
    assert len(clock.slept) == N_TRIES - 1


def test_other_errors_are_not_asked_about_again() -> None:
    clock = Hands()
    with pytest.raises(LookupError):
        Patience(clock).ask(answers(LookupError("no such thing"), "yes"))
    assert clock.slept == []


def test_a_sleep_ends_when_nobody_waits_any_more() -> None:
    clock, begun = Waiting(), monotonic()
    ended: list[str] = []

    def wait() -> None:
        try:
            clock.sleep(60)
        except Unavailable as problem:
            ended.append(str(problem))

    sleeper = Thread(target=wait)
    sleeper.start()
    clock.end()
    sleeper.join(5)
    assert ended
    assert monotonic() - begun < 5
    with pytest.raises(Unavailable):
        clock.sleep(60)
    clock.begin()
    clock.sleep(0)
