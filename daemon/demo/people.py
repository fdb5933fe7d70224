"""The cast of the made-up year: who they are, what they care about, and the truth of each tie."""

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import resources

from pydantic import TypeAdapter


class Truth(StrEnum):
    """What the generator did with a tie; the product has to find it out from the mail.

    ACTIVE: its rhythm runs on, and would run on past the end of the year.
    COOLING: it ended, and the silence is longer than 97 in 100 of its gaps would be.
    FADING: it ended, and the silence is longer than 99 in 100 of its gaps would be.
    DORMANT: it ended more than 180 days and three typical gaps ago.
    NEW: first contact within the last 14 days, a single exchange, or only the owner wrote.
    NEVER: a machine, a mailing list, or somebody the owner never wrote to and never met.
    """

    ACTIVE = "active"
    COOLING = "cooling"
    FADING = "fading"
    DORMANT = "dormant"
    NEW = "new"
    NEVER = "never-a-person"


@dataclass(frozen=True, slots=True)
class Who:
    """A name and an address, as they stand in a header."""

    name: str
    email: str


OWNER = Who("Robin Maier", "robin@example.org")
OWNER_ALIAS = Who("Robin Maier", "r.maier@example.com")


@dataclass(frozen=True, slots=True)
class Later:
    """Another name or address, in use from so many days ago on."""

    days_ago: int
    who: Who


@dataclass(frozen=True, slots=True)
class Alter:
    """One person. Days are counted back from the day of the digest.

    Attributes:
        key: Names the person in the scripts; the first name in plain letters.
        who: The name and the address they write from at first.
        topics: What they write about, first what they write about most.
        gap_days: The median of their gaps; ``log_sd`` the standard deviation of ln(gap).
        begins: How many days ago contact began.
        ended: How many days ago the rhythm stopped; None where it runs on.
        meets: The share of contacts that are meetings.
        later: The name and address they changed to in the course of the year.
        role: The line under their name.
        uses_alias: Whether they know the owner by the other address.
    """

    key: str
    who: Who
    truth: Truth
    topics: tuple[str, ...]
    gap_days: float
    why: str
    log_sd: float = 0.9
    begins: int = 392
    ended: int | None = None
    meets: float = 0.08
    later: Later | None = None
    role: str = ""
    uses_alias: bool = False
    birthday: date | None = None

    @property
    def emails(self) -> tuple[str, ...]:
        """Every address they write from in the year, the first one first."""
        used = (self.who.email, self.later.who.email if self.later else self.who.email)
        return tuple(dict.fromkeys(used))

    @property
    def name(self) -> str:
        """The name they were first known by."""
        return self.who.name

    @property
    def first_name(self) -> str:
        """What the owner calls them."""
        return self.who.name.split()[0]

    @property
    def knows_owner_as(self) -> Who:
        """The owner's address they write to."""
        return OWNER_ALIAS if self.uses_alias else OWNER

    def at(self, days_ago: int) -> Who:
        """Return the name and address they used so many days before the digest."""
        return self.later.who if self.later and days_ago <= self.later.days_ago else self.who


def load_cast() -> tuple[Alter, ...]:
    """Return everybody of the made-up year the owner knows, in the order of the script."""
    rows = tomllib.loads(read_script("cast.toml"))["alter"]
    return TypeAdapter(tuple[Alter, ...]).validate_python(rows)


def read_script(name: str) -> str:
    """Return the text of one of the scripts beside this module."""
    return resources.files("daemon.demo").joinpath(name).read_text(encoding="utf-8")
