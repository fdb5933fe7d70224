"""Renewal with dropout: a rhythm of one's own per tie, and the chance that it just ended."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import log
from typing import Self

import numpy as np

from daemon.ties.models.protocol import Floats, Forecast, Rhythms

CONTACT_WITHIN_DAYS = 30
LOGISTIC_SCALE = 0.6
"""The scale of the logistic law that stands for a Student's t of the same ``log_sd``.

Source: decision record on the gap law: it ranks as the t law does once the odds are
adjusted, in a tenth of the time.
"""
_LONGEST_GAP_DAYS = 1e9  # keeps e^mu finite whatever the prior
RECENT_ENOUGH = 6.0
"""Of recent contact, more days than this tell no more.

Source: decision record on the gap law: with networks left out in turn, 5 to 8 rank alike;
without an end, as its logarithm, it ranks the Enron network worse than not at all.
"""
_FAR = 50.0
"""Log-odds beyond which a chance is certain; it keeps every number finite."""
_STEEPEST = 4.0


@dataclass(frozen=True, slots=True)
class Renewal:
    """The settings of the model, at the values that are shipped.

    The logarithm of a tie's gaps follows a logistic law; what its own past cannot tell yet
    is filled in from the prior (normal-inverse-gamma on the logarithm of the gap), and each
    contact may have been the last. The odds that follow are then adjusted by what the gaps
    alone do not say: how much contact there was of late, and whether the two still saw each
    other in passing.

    Attributes:
        prior_gap_days: The usual gap of a tie nothing is known of (M).
        prior_weight: How many gaps that is worth (k0).
        prior_df: Degrees of freedom of the prior spread (nu0).
        prior_log_sd: Prior spread of the logarithm of the gap (s0).
        forget: What is left of a gap's weight when the next one ends (rho), in (0, 1].
        dropout_base: Log-odds that a contact was the last, at e^2 interaction days (b0).
        dropout_per_log_n: What each unit of ln n adds to those log-odds (b1).
        odds_base: What is added to the log-odds that a silence lasts.
        odds_scale: What they are multiplied by before, above 0 and at most 4.
        odds_per_recent: What each day of recent contact adds to them, up to ``RECENT_ENOUGH``.
        odds_per_seen: What each unit of ln(1 + days still seen in passing) adds.
        dormant_days: A tie is dormant no sooner than after this silence.
        dormant_gaps: ... nor sooner than after this many of its own usual gaps.
        day: The length of a day in the unit of all durations here and in the rhythms.

    Source: design notes, decay model, for the rhythm and the dropout; ``odds_...`` are
    fitted on four public networks by ``python -m benchmarks.decay --ship``.
    """

    prior_gap_days: float = 8.0
    prior_weight: float = 2.0
    prior_df: float = 3.0
    prior_log_sd: float = 1.1
    forget: float = 0.9
    dropout_base: float = -3.0
    dropout_per_log_n: float = -0.8
    odds_base: float = 1.11
    odds_scale: float = 0.92
    odds_per_recent: float = -0.27
    odds_per_seen: float = -0.17
    dormant_days: float = 180.0
    dormant_gaps: float = 3.0
    day: float = 1.0

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        if self.forget > 1:
            raise ValueError(f"forget must be at most 1, not {self.forget}")
        if self.odds_scale > _STEEPEST:
            raise ValueError(f"odds_scale must be at most {_STEEPEST:g}, not {self.odds_scale}")

    def forecast(self, rhythms: Rhythms, silent_days: Floats, /) -> Forecast:
        """Return what each tie's rhythm says of its silence; arrays of equal length.

        The probabilities are 1, 0 and 1 at the limits, never NaN. ``p_dormant`` and
        ``unusual`` only rise while a silence lasts in which they do not see each other.
        """
        law = self._find_law(rhythms)
        typical = np.exp(np.minimum(law.log_gap, log(_LONGEST_GAP_DAYS * self.day)))
        dormant_at = np.maximum(self.dormant_days, self.dormant_gaps * typical)
        soon = silent_days + CONTACT_WITHIN_DAYS * self.day
        survival = self._survive(law, np.array((silent_days, dormant_at, soon)))
        now = survival[0]
        lasts, lasts_soon = self._outlast(law, now, survival[1:])
        return Forecast(
            p_dormant=lasts,
            p_contact_30=1 - lasts_soon,
            unusual=1 - now,
            typical_gap_days=typical,
            dormant_at_days=dormant_at,
        )

    def outlast(self, rhythms: Rhythms, silent_days: Floats, until_days: Floats, /) -> Floats:
        """Return the chance that each silence, now ``silent_days`` long, reaches ``until_days``."""
        law = self._find_law(rhythms)
        now, then = self._survive(law, np.array((silent_days, until_days)))
        return self._outlast(law, now, then)

    def to_dict(self) -> dict[str, float]:
        """Return the settings by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, float], /) -> Self:
        """Return the model of ``settings``; what is left out keeps its default.

        Raises:
            ValueError: A name is no setting, or a value is out of its range.
        """
        unknown = settings.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
        return cls(**settings)

    def _find_law(self, rhythms: Rhythms) -> "_Law":
        """Source: design notes, decay model (posterior of the gap law; q)."""
        weight = self.prior_weight + rhythms.weight
        share = self.prior_weight / weight
        away = log(self.prior_gap_days) - rhythms.mean
        scatter = self.prior_df * self.prior_log_sd**2 + rhythms.scatter
        scatter += share * rhythms.weight * away * away
        # The inverse of the variance: scatter / df * (1 + 1 / weight).
        precision = (self.prior_df + rhythms.weight) * weight / (scatter * (weight + 1))
        at_one_day = self.dropout_base - 2 * self.dropout_per_log_n
        return _Law(
            log_gap=rhythms.mean + share * away,
            steepness=np.sqrt(precision) / LOGISTIC_SCALE,
            ended=_exp(at_one_day + self.dropout_per_log_n * np.log(rhythms.n_days)),
            adjustment=_exp(-self._adjust(rhythms)),
        )

    def _adjust(self, rhythms: Rhythms) -> Floats:
        of_late = self.odds_per_recent * np.minimum(rhythms.recent, RECENT_ENOUGH)
        in_passing = self.odds_per_seen * np.log1p(rhythms.seen_days / self.day)
        adjustment: Floats = self.odds_base + of_late + in_passing
        return adjustment

    def _survive(self, law: "_Law", days: Floats) -> Floats:
        """Return S, the chance that a gap lasts at least ``days``, counted in whole days."""
        # A gap of k days is any time from k - 1/2 on; before the first day all survive.
        log_days = np.log(np.maximum(days, self.day) - self.day / 2)
        survival = 1 / (1 + np.exp(np.minimum(law.steepness * (log_days - law.log_gap), _FAR)))
        survival[days < self.day] = 1.0
        return survival

    def _outlast(self, law: "_Law", now: Floats, then: Floats) -> Floats:
        """Return the chance that what survived with ``now`` survives with ``then`` too.

        Source: design notes, decay model: the odds of contact are (1-q) (S(now) - S(then))
        against q + (1-q) S(then), here divided by 1-q; their adjustment is a logistic
        recalibration (Platt 1999).
        """
        # A silence that has lasted so long already has no odds of ending before.
        odds = np.maximum(now - then, 0.0) / (law.ended + then)
        chance: Floats = 1 / (1 + law.adjustment * odds**self.odds_scale)
        return chance


_POSITIVE = (
    *("prior_gap_days", "prior_weight", "prior_df", "prior_log_sd", "forget"),
    *("odds_scale", "dormant_days", "dormant_gaps", "day"),
)


@dataclass(frozen=True, slots=True)
class _Law:
    """What is expected of the next gap of each tie.

    ``ended`` holds the odds q / (1-q) that there is none; ``adjustment`` multiplies the odds
    that contact comes.
    """

    log_gap: Floats
    steepness: Floats
    ended: Floats
    adjustment: Floats


def _exp(exponent: Floats) -> Floats:
    power: Floats = np.exp(np.maximum(np.minimum(exponent, _FAR), -_FAR))
    return power
