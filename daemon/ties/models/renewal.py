"""Renewal with dropout: a lognormal rhythm per tie, and the chance that it just ended."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import log
from typing import Self

import numpy as np

from daemon.ties.models.protocol import Floats, Forecast, Rhythms
from daemon.ties.models.student import survive_t

CONTACT_WITHIN_DAYS = 30
_LONGEST_GAP_DAYS = 1e9  # keeps e^mu finite whatever the prior


@dataclass(frozen=True, slots=True)
class Renewal:
    """The settings of the model, at the values that need no fitting.

    Gaps of a tie are lognormal; what its own past cannot tell yet is filled in from the
    prior (normal-inverse-gamma on the logarithm of the gap), and each contact may have
    been the last.

    Attributes:
        prior_gap_days: The usual gap of a tie nothing is known of (M).
        prior_weight: How many gaps that is worth (k0).
        prior_df: Degrees of freedom of the prior spread (nu0).
        prior_log_sd: Prior spread of the logarithm of the gap (s0).
        forget: What is left of a gap's weight when the next one ends (rho), in (0, 1].
        dropout_base: Log-odds that a contact was the last, at e^2 interaction days (b0).
        dropout_per_log_n: What each unit of ln n adds to those log-odds (b1).
        dormant_days: A tie is dormant no sooner than after this silence.
        dormant_gaps: ... nor sooner than after this many of its own usual gaps.

    Source: design notes, decay model; lognormal gaps held out on four mail networks.
    """

    prior_gap_days: float = 8.0
    prior_weight: float = 2.0
    prior_df: float = 3.0
    prior_log_sd: float = 1.1
    forget: float = 0.9
    dropout_base: float = -3.0
    dropout_per_log_n: float = -0.8
    dormant_days: float = 180.0
    dormant_gaps: float = 3.0

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        if self.forget > 1:
            raise ValueError(f"forget must be at most 1, not {self.forget}")

    def forecast(self, rhythms: Rhythms, silent_days: Floats, /) -> Forecast:
        """Return what each tie's rhythm says of its silence; arrays of equal length.

        The probabilities are 1, 0 and 1 at the limits, never NaN. ``p_dormant`` and
        ``unusual`` only rise while a silence lasts.

        Source: design notes, decay model (posterior of the gap law; S, q, G).
        """
        gaps = self._expect_gaps(rhythms)
        typical = np.exp(np.minimum(gaps.log_gap, log(_LONGEST_GAP_DAYS)))
        dormant_at = np.maximum(self.dormant_days, self.dormant_gaps * typical)
        ended = _logistic(self.dropout_base + self.dropout_per_log_n * (np.log(rhythms.n_days) - 2))
        now = gaps.survive(silent_days)
        still_silent = np.maximum(ended + (1 - ended) * now, np.finfo(float).tiny)
        lasting = ended + (1 - ended) * gaps.survive(dormant_at)
        resuming = (1 - ended) * (now - gaps.survive(silent_days + CONTACT_WITHIN_DAYS))
        return Forecast(
            p_dormant=np.where(
                silent_days >= dormant_at, 1.0, np.minimum(lasting / still_silent, 1.0)
            ),
            p_contact_30=np.clip(resuming / still_silent, 0.0, 1.0),
            unusual=1 - now,
            typical_gap_days=typical,
            dormant_at_days=dormant_at,
        )

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

    def _expect_gaps(self, rhythms: Rhythms) -> "_Gaps":
        weight = self.prior_weight + rhythms.weight
        df = self.prior_df + rhythms.weight
        prior = log(self.prior_gap_days)
        log_gap = (self.prior_weight * prior + rhythms.weight * rhythms.mean) / weight
        disagreement = self.prior_weight * rhythms.weight / weight * (rhythms.mean - prior) ** 2
        scatter = self.prior_df * self.prior_log_sd**2 + rhythms.scatter + disagreement
        return _Gaps(log_gap, np.sqrt(scatter / df * (1 + 1 / weight)), df)


def _logistic(log_odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return chance


_POSITIVE = (
    "prior_gap_days",
    "prior_weight",
    "prior_df",
    "prior_log_sd",
    "forget",
    "dormant_days",
    "dormant_gaps",
)


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The predictive law of the next gap: Student's t in its logarithm."""

    log_gap: Floats
    log_sd: Floats
    df: Floats

    def survive(self, days: Floats) -> Floats:
        """Return S, the chance that a gap lasts at least ``days`` whole days."""
        # A gap of k days is any time from k - 1/2 on; before the first day all survive.
        z = (np.log(np.maximum(days, 1.0) - 0.5) - self.log_gap) / self.log_sd
        survival: Floats = np.where(days < 1, 1.0, survive_t(z, self.df))
        return survival
