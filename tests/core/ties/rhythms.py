"""Rhythms and models to score: by hypothesis, by hand, and drawn from a known model."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
from hypothesis import strategies as st

from daemon.ties.estimate import stack
from daemon.ties.gaps import GapState, fold
from daemon.ties.models.protocol import Floats, Rhythms
from daemon.ties.models.renewal import Renewal
from daemon.ties.snapshots import Snapshots

START = date(2000, 1, 1)
NEUTRAL = Renewal(odds_base=0, odds_scale=1, odds_per_recent=0, odds_per_seen=0)
"""The rhythm and the dropout of the design, the odds taken as they come."""


def column(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def rhythm_of(gaps: Sequence[int], seen_days: int = 0, forget: float = 0.9) -> GapState:
    """The rhythm of these gaps, and so many days after it in which they saw each other."""
    days = [START + timedelta(passed) for passed in accumulate(gaps, initial=0)]
    return fold(days, forget, days[-1] + timedelta(seen_days))


def pile(rhythms: Sequence[Rhythms]) -> Rhythms:
    """The rows of all, in order."""
    names = [field.name for field in fields(Rhythms)]
    return Rhythms(*(np.concatenate([getattr(one, name) for one in rhythms]) for name in names))


def pick(rhythms: Rhythms, places: Sequence[int]) -> Rhythms:
    return Rhythms(*(getattr(rhythms, field.name)[list(places)] for field in fields(Rhythms)))


GAPS = st.lists(st.one_of(st.integers(1, 20), st.integers(1, 90), st.integers(1, 900)), max_size=15)
FOLDED = st.builds(
    lambda gaps, seen_days: stack([rhythm_of(gaps, seen_days)]), GAPS, st.integers(0, 400)
)
"""One tie whose days of contact there might have been."""

_COLUMNS = (
    st.integers(1, 10**6),
    st.floats(0, 1e6),
    st.floats(-5, 13),
    st.floats(0, 1e6),
    st.floats(1, 1e4),
    st.floats(0, 1e6),
)
RAW = st.builds(lambda *row: Rhythms(*map(column, row)), *_COLUMNS)
"""One tie with any numbers that the columns may hold."""

RHYTHMS = st.one_of(FOLDED, RAW)
SILENCES = st.one_of(st.integers(0, 40), st.integers(0, 400), st.integers(0, 5000))

MODELS = st.builds(
    Renewal,
    prior_gap_days=st.floats(1, 100),
    prior_weight=st.floats(0.1, 20),
    prior_df=st.floats(0.5, 20),
    prior_log_sd=st.floats(0.2, 3),
    dropout_base=st.floats(-8, 3),
    dropout_per_log_n=st.floats(-2, 0.5),
    odds_base=st.floats(-2, 2),
    odds_scale=st.floats(0.6, 2),
    odds_per_recent=st.floats(-0.3, 0.3),
    odds_per_seen=st.floats(-0.3, 0.3),
    dormant_days=st.floats(20, 400),
    dormant_gaps=st.floats(0.5, 6),
)
"""Models as a past might make them."""

WILD = st.builds(
    Renewal,
    prior_gap_days=st.floats(1e-3, 1e6),
    prior_weight=st.floats(1e-3, 1e6),
    prior_df=st.floats(1e-3, 1e6),
    prior_log_sd=st.floats(1e-3, 1e3),
    dropout_base=st.floats(-1e4, 1e4),
    dropout_per_log_n=st.floats(-1e3, 1e3),
    odds_base=st.floats(-1e4, 1e4),
    odds_scale=st.floats(1e-3, 4),
    odds_per_recent=st.floats(-1e3, 1e3),
    odds_per_seen=st.floats(-1e3, 1e3),
)
"""Models as no past makes them."""


def draw_past(truth: Renewal, n: int, seed: int) -> Snapshots:
    """``n`` ties that stand alone, and what came of them if ``truth`` is the law they obey."""
    chance = np.random.default_rng(seed)
    n_days: Floats = np.floor(3 * np.exp(chance.uniform(0, 4, n)))
    weight: Floats = (1 - np.power(0.9, n_days - 1)) / 0.1
    silent_days = chance.integers(1, 90, n).astype(np.float64)
    seen_days: Floats = np.floor(chance.uniform(-1, 1, n) * silent_days)
    rhythms = Rhythms(
        n_days=n_days,
        weight=weight,
        mean=np.abs(chance.normal(2.2, 1.0, n)),
        scatter=weight * chance.uniform(0.2, 1.5, n),
        recent=1 + np.minimum(n_days - 1, chance.exponential(4, n)),
        seen_days=np.maximum(seen_days, 0),
    )
    until_days = silent_days + chance.choice((30.0, 90.0), n)
    is_lasting = chance.random(n) < truth.outlast(rhythms, silent_days, until_days)
    return Snapshots(rhythms, silent_days, until_days, is_lasting, 738_000 + np.arange(n))
