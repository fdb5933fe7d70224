"""How fast a service may be asked, and how long to wait for one that is busy."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeVar

from connectors.errors import Unavailable

T = TypeVar("T")

N_TRIES = 8
"""How often a service is asked at the most: with 30 % failing, one in 15,000 is given up."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 64.0
"""Seconds before the second try, doubled each time, and at the most.

Source: Google's and Microsoft's advice, exponential back-off with jitter, cut at 64 seconds.
"""
PATIENCE = 120.0
"""Seconds that a service may ask to be waited for within one poll; later ones are another's."""


class Clock(Protocol):
    """Seconds that never go back, and a way to let them pass."""

    def now(self) -> float:
        """Return the seconds since some beginning."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass.

        Raises:
            Unavailable: Nobody waits any more.
        """
        ...


@dataclass
class Waiting:
    """The machine's own clock; ``end``, from another thread, ends every sleep."""

    _ended: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        """Return the seconds since the machine began."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; see ``Clock``."""
        if self._ended.wait(seconds):
            raise Unavailable("the connection was closed")

    def end(self) -> None:
        """End all sleeps, and those to come. Idempotent."""
        self._ended.set()

    def begin(self) -> None:
        """Allow sleeping again."""
        self._ended.clear()


class Busy(Exception):
    """A service said "not now", or nothing that can be understood; asking again may help."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Budget:
    """Units that may be spent in any ``seconds``, however they lie; never more."""

    def __init__(self, units: int, *, seconds: float = 60.0) -> None:
        """Allow ``units`` in any window of ``seconds``."""
        self.units, self.seconds = units, seconds
        self._spent: deque[tuple[float, int]] = deque()
        self._n_spent = 0
        self._lock = threading.Lock()

    def spend(self, units: int, clock: Clock) -> None:
        """Take ``units``, after waiting for as long as there are too few.

        Raises:
            ValueError: There are never so many.
            Unavailable: Nobody waits any more.
        """
        if units > self.units:
            raise ValueError(f"{units} units will never be free: there are {self.units}")
        while (seconds := self._take(units, clock.now())) > 0:
            clock.sleep(seconds)

    def _take(self, units: int, now: float) -> float:
        """Take them now and return 0, or return how many seconds to wait first."""
        with self._lock:
            while self._spent and self._spent[0][0] <= now - self.seconds:
                self._n_spent -= self._spent.popleft()[1]
            if self._n_spent + units <= self.units:
                self._spent.append((now, units))
                self._n_spent += units
                return 0.0
            return self._wait_for(units, now)

    def _wait_for(self, units: int, now: float) -> float:
        too_many = self._n_spent + units - self.units
        for at, n in self._spent:
            too_many -= n
            if too_many <= 0:
                # A little more: the service's clock and the way to it are not ours.
                return at + self.seconds - now + 0.01
        return self.seconds


@dataclass
class Patience:
    """Asks again while a service is busy, waiting longer each time, and as long as it says."""

    clock: Clock
    draw: Callable[[], float] = random.random
    n_tries: int = N_TRIES

    def ask(self, question: Callable[[], T]) -> T:
        """Return the answer to ``question``, which raises ``Busy`` where it should be asked again.

        Raises:
            Unavailable: It is busy for too long.
        """
        for n_tried in range(1, self.n_tries + 1):
            try:
                return question()
            except Busy as busy:
                self._wait(busy, n_tried)
        raise AssertionError("the last try raises or returns")

    def _wait(self, busy: Busy, n_tried: int) -> None:
        asked = busy.retry_after.total_seconds() if busy.retry_after else 0.0
        if n_tried >= self.n_tries or asked > PATIENCE:
            raise Unavailable(str(busy), retry_after=busy.retry_after) from None
        longest = min(FIRST_WAIT * 2 ** (n_tried - 1), LONGEST_WAIT)
        # Half of it at the least: several that were refused together must not come back so.
        self.clock.sleep(max(asked, longest * (0.5 + self.draw() / 2)))
