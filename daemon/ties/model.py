"""A tie: what the ego and one alter have between them, at one instant."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from daemon.people.model import PersonId


class State(StrEnum):
    """How a tie stands. Within a silence it only moves down this list."""

    NEW = "new"  # fewer than min_days interaction days, or one-way
    ACTIVE = "active"
    COOLING = "cooling"
    FADING = "fading"
    DORMANT = "dormant"


@dataclass(frozen=True, slots=True)
class ContactHistory:
    """The days with contact, ascending and distinct, and the day until which we looked.

    ``n_out`` and ``n_in`` count days on which the ego wrote or met, and the alter did.
    ``out_days`` and ``in_days`` are these days, for whoever asks how it stood earlier.
    ``passing_days`` are those on which the two were in passing contact, ascending: a mail or
    a meeting of many.
    """

    alter: PersonId
    days: tuple[date, ...]
    n_out: int
    n_in: int
    observed_on: date
    out_days: tuple[date, ...] = ()
    in_days: tuple[date, ...] = ()
    passing_days: tuple[date, ...] = ()

    @property
    def silent_days(self) -> int:
        """Whole days since the last contact: the right-censored open gap."""
        return (self.observed_on - self.days[-1]).days


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie as estimated on ``as_of``. Probabilities are in [0, 1]; gaps are in days.

    ``dormant_at_days`` is the silence G that makes it dormant. ``unusual`` is the share
    of this tie's own gaps expected to be shorter than the present silence.
    ``is_mutual`` is True when both have reached the other.
    """

    alter: PersonId
    as_of: date
    first_on: date
    last_on: date
    n_days: int
    n_out: int
    n_in: int
    is_mutual: bool
    silent_days: int
    typical_gap_days: float
    dormant_at_days: float
    p_dormant: float
    p_contact_30: float
    unusual: float
    state: State

    @property
    def is_live(self) -> bool:
        """Whether the silence has not yet made it dormant."""
        return self.state is not State.DORMANT
