"""Decay models with one thing wrong each: what a check of the contract has to see."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Self

import numpy as np

from daemon.ties.models.protocol import Floats, Forecast, Rhythms
from daemon.ties.models.renewal import Renewal


@dataclass(frozen=True)
class Spoilt:
    """The renewal model, sound as it is; each subclass says what has gone wrong with it."""

    settings: Renewal = Renewal()  # noqa: RUF009 -- immutable: one instance serves all

    @property
    def forget(self) -> float:
        return self.settings.forget

    def forecast(self, rhythms: Rhythms, silent_days: Floats, /) -> Forecast:
        return self.spoil(self.settings.forecast(rhythms, silent_days), silent_days)

    def outlast(self, rhythms: Rhythms, silent_days: Floats, until_days: Floats, /) -> Floats:
        return self.settings.outlast(rhythms, silent_days, until_days)

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return forecast

    def to_dict(self) -> dict[str, float]:
        return self.settings.to_dict()

    @classmethod
    def from_dict(cls, settings: Mapping[str, float], /) -> Self:
        return cls(Renewal.from_dict(settings))


class ForgetsToDivide(Spoilt):
    """Odds where a probability should be."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=forecast.p_contact_30 / 0.4)


class ReturnsNoNumber(Spoilt):
    """0/0 in the far tail."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, p_dormant=np.where(silent_days > 600, np.nan, forecast.p_dormant))


class Hopes(Spoilt):
    """Expects a return after half a year: right of some ties, and a flag that flickers."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        factor = np.where((silent_days > 90) & (silent_days < 120), 0.5, 1.0)
        return replace(forecast, p_dormant=forecast.p_dormant * factor)


class CountsItsOwnSilence(Spoilt):
    """Lets the open gap stretch the rhythm it is measured by: the overdue ratio's flaw."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, typical_gap_days=forecast.typical_gap_days + silent_days / 9)


class TurnsUnusualAround(Spoilt):
    """The share of longer gaps in the place of the shorter."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, unusual=1 - forecast.unusual)


class NeverSure(Spoilt):
    """Still hopes when the horizon is behind."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_dormant=np.minimum(forecast.p_dormant, 0.99))


class CountsTheSameChanceTwice(Spoilt):
    """Contact soon and silence for long, both likely."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=np.sqrt(forecast.p_contact_30))


class NeverSleeps(Spoilt):
    """A horizon that recedes, so that no tie is ever dormant."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, dormant_at_days=silent_days + 30)


class BearsAGrudge(Spoilt):
    """A tie that has had a long gap stays in doubt after the contact that ended it."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        worst = np.where(forecast.typical_gap_days > 20, 1.0, 0.0)
        return replace(
            forecast,
            p_dormant=np.maximum(forecast.p_dormant, worst),
            unusual=np.maximum(forecast.unusual, worst),
        )


class Ranks(Spoilt):
    """Scores a tie against the others in the room."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=forecast.p_contact_30 / len(silent_days))


class LooksAtTheClock(Spoilt):
    """Measures a little of its silence by the wall clock."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, unusual=forecast.unusual * (1 - time.perf_counter() / 1e9))


_asked = count(1)


class Remembers(Spoilt):
    """Answers otherwise the more often it is asked."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=forecast.p_contact_30 / next(_asked))


class WritesDownHalf(Spoilt):
    """Leaves out of its description what it was fitted to."""

    def __init__(self, settings: Renewal = Renewal(prior_gap_days=20)) -> None:  # noqa: B008 -- immutable
        super().__init__(settings)

    def to_dict(self) -> dict[str, float]:
        return {"forget": self.forget}


class ForeseesTwoFutures(Spoilt):
    """Adjusts the odds in the forecast, and leaves them as they come for other lengths."""

    def outlast(self, rhythms: Rhythms, silent_days: Floats, until_days: Floats, /) -> Floats:
        plain = replace(self.settings, odds_base=0.0, odds_per_recent=0.0)
        return plain.outlast(rhythms, silent_days, until_days)


class DoubtsWhatHasBeen(Spoilt):
    """Finds no silence certain to be as long as it is."""

    def outlast(self, rhythms: Rhythms, silent_days: Floats, until_days: Floats, /) -> Floats:
        return np.minimum(0.99, self.settings.outlast(rhythms, silent_days, until_days))


class LosesSightFarAhead(Spoilt):
    """Beyond a year of silence it knows nothing, and says so by half a chance."""

    def outlast(self, rhythms: Rhythms, silent_days: Floats, until_days: Floats, /) -> Floats:
        lasts = self.settings.outlast(rhythms, silent_days, until_days)
        return np.where(until_days > np.maximum(365, silent_days), 0.5, lasts)
