"""Replay all contact the owner had, as if kithd had been running with the present settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from daemon.jobs.basis import Basis
from daemon.jobs.histories import Past, read_past
from daemon.store.database import Database
from daemon.suggestions.model import Rules, SuggestionDecision
from daemon.ties.backtest import Backtest, backtest
from daemon.ties.hindsight import Cases, Foresight, draw_cases, look_back_on
from daemon.ties.replay import Days, Silences, replay


@dataclass(frozen=True, slots=True)
class Replayed:
    """The past, every silence of it, and what each rule would have made of them."""

    past: Past
    silences: Silences
    result: Backtest


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to tell of the owner's past. ``foresight`` is None if it is too short."""

    past: Past
    result: Backtest
    cases: Cases
    foresight: Foresight | None


def run_backtest(
    engine: Database,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: Iterable[SuggestionDecision] = (),
    chance: np.random.Generator,
) -> Report:
    """Return how good kithd's forecasts of the owner's ties would have been until ``at``.

    Booked meetings, which hold a flag back, are passed over: when each was booked is not kept.

    Args:
        engine: The database; what is stored must be inferred by then.
        basis: The owner and the settings.
        at: The present.
        rules: The owner's settings: the weekly cap, and what circles want.
        orders: What the settings say of single people.
        chance: By which people are resampled for an interval.
    """
    replayed = replay_past(engine, basis, at=at, rules=rules, orders=orders)
    cases = draw_cases(replayed.silences, basis.model, _find_ego_days(replayed.past))
    return Report(replayed.past, replayed.result, cases, look_back_on(cases, chance))


def replay_past(
    engine: Database,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: Iterable[SuggestionDecision] = (),
) -> Replayed:
    """Return the past as known at ``at``, replayed, and the flags there would have been."""
    past = read_past(engine, basis, at=at, rules=rules, orders=orders)
    silences = replay(
        past.histories, model=basis.model, thresholds=basis.thresholds, until=past.until
    )
    result = backtest(silences, past.wanted, _find_ego_days(past), per_week=rules.flags_per_week)
    return Replayed(past, silences, result)


def _find_ego_days(past: Past) -> Days:
    days = {day.toordinal() for history in past.histories for day in history.out_days}
    return np.array(sorted(days), dtype=np.int64)
