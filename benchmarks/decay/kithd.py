"""kithd's own models, as the daemon runs them -> the same promise as every other model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.decay.arrays import Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.histories import History
from benchmarks.decay.models.calibrate import require
from benchmarks.decay.networks import DAY_SECONDS
from benchmarks.decay.rows import Past, Rows
from daemon.ties.estimate import stack
from daemon.ties.fit import ODDS, RHYTHM, fit
from daemon.ties.gaps import GapState, add_day, see
from daemon.ties.models.protocol import FittedDecay, Rhythms
from daemon.ties.models.renewal import Renewal
from daemon.ties.snapshots import Snapshots

_EPOCH = date(1970, 1, 1).toordinal()

UNFITTED = Renewal(odds_base=0.0, odds_scale=1.0, odds_per_recent=0.0, odds_per_seen=0.0)
"""The rhythm and the dropout at the values of the design, the odds taken as they come."""


@dataclass(frozen=True, slots=True)
class FittedRenewal:
    """The renewal model at given settings."""

    renewal: FittedDecay

    def score(self, rows: Rows, horizon: Floats) -> Floats:
        """Return the chance that each silence lasts through the horizon."""
        until_days = rows.silent_days + horizon
        return self.renewal.outlast(rows.derive(fold_rows), rows.silent_days, until_days)


@dataclass(frozen=True, slots=True)
class Given:
    """The renewal model at settings that no training changes."""

    name: str
    renewal: Renewal

    def fit(self, training: Examples) -> FittedRenewal:
        """Return the model; the training is not looked at."""
        del training
        return FittedRenewal(self.renewal)


@dataclass(frozen=True, slots=True)
class Learnt:
    """The renewal model with the parameters ``names`` fitted on the training."""

    name: str
    start: Renewal
    names: tuple[str, ...]

    def fit(self, training: Examples) -> FittedRenewal:
        """Return the model as the daemon would fit it."""
        require(training)
        return FittedRenewal(learn(training, self.start, self.names))


def learn(training: Examples, start: Renewal, names: Sequence[str]) -> FittedDecay:
    """Return ``start`` with ``names`` fitted, each network counting the same."""
    return fit(_snap(training), start, names, training.weights)


def _snap(examples: Examples) -> Snapshots:
    rows = examples.rows
    return Snapshots(
        rhythms=rows.derive(fold_rows),
        silent_days=rows.silent_days,
        until_days=rows.silent_days + examples.horizon,
        is_lasting=examples.is_silent,
        on=rows.on + _EPOCH,
    )


def fold_rows(rows: Rows) -> Rhythms:
    """Return the rhythm of each row, a tie's days folded once for all its rows."""
    asked: dict[History, dict[int, GapState]] = {}
    for past in rows.pasts:
        asked.setdefault(past.history, {})[past.on] = _NO_STATE
    for history, states in asked.items():
        states.update(_walk(history, sorted(states)))
    return stack([see(asked[past.history][past.on], _find_seen(past)) for past in rows.pasts])


_NO_STATE = GapState(1, date.min, date.min, 0.0, 0.0, 0.0)


def _walk(history: History, ons: Sequence[int]) -> dict[int, GapState]:
    days, found, k = history.days.tolist(), {}, 0
    state: GapState | None = None
    for on in ons:
        while k < len(days) and days[k] < on:
            state = add_day(state, date.fromordinal(_EPOCH + days[k]), UNFITTED.forget)
            k += 1
        assert state is not None
        found[on] = state
    return found


def _find_seen(past: Past) -> date | None:
    """Return the last day on which a mail went to both, or the contact wrote to their list."""
    at = max((int(at[-1]) for at in (past.ambient_at, past.posted_at) if len(at)), default=None)
    return None if at is None else date.fromordinal(_EPOCH + at // DAY_SECONDS)


SHIPPED = Given("kithd, as shipped", Renewal())
SHIPPED_FROM = ("email_eu_core", "enron156_multi", "list_linux_mips", "radoslaw_email")
"""The networks that the shipped odds were fitted on: for these, it is no cold start."""

MODELS = (
    Given("kithd, unfitted", UNFITTED),
    Learnt("kithd, fitted", UNFITTED, RHYTHM),
    Learnt("kithd, blended", UNFITTED, ODDS),
    SHIPPED,
)
