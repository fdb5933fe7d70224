"""Whatever happens from a day on, no model's score of that day changes.

The future is dropped, shuffled and invented anew; the models learn again from what was
known before the day, and score the ties that are live on it. The network is named like a
list, so that what a contact posts to all is at stake too. A model that does look ahead is
caught by the same comparison.
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pytest

from benchmarks.decay.arrays import Floats
from benchmarks.decay.cuts import examples_at, live_rows
from benchmarks.decay.histories import trace_ties
from benchmarks.decay.models.calibrate import Ranked
from benchmarks.decay.models.protocol import Model
from benchmarks.decay.models.roster import MODELS
from benchmarks.decay.networks import DAY_SECONDS, Row, assemble
from benchmarks.decay.rows import Rows
from benchmarks.decay.until_dormant import dormant_at
from tests.benchmarks.decay.builders import make_up

CUT, HORIZON = 240, 30
LEARNT_ON = np.arange(60, CUT - HORIZON + 1, 30)
ROWS = make_up(11, n_people=14)
PAST = [row for row in ROWS if row[0] < CUT * DAY_SECONDS]
FUTURE = [row for row in ROWS if row[0] >= CUT * DAY_SECONDS]

Scores = Mapping[tuple[str, str], float]


def drop(_: np.random.Generator) -> list[Row]:
    return []


def shuffle(chance: np.random.Generator) -> list[Row]:
    """Give each later message the sender and recipients of another."""
    order = chance.permutation(len(FUTURE))
    return [(row[0], FUTURE[k][1], FUTURE[k][2]) for row, k in zip(FUTURE, order, strict=True)]


def invent(chance: np.random.Generator) -> list[Row]:
    """Let strangers and friends write to one another at random, from the first second on."""
    days = [CUT * DAY_SECONDS, *(CUT * DAY_SECONDS + chance.integers(0, 90 * DAY_SECONDS, 3000))]
    pairs = chance.integers(0, 30, (len(days), 2)).tolist()
    rows: list[Row] = [(int(days[0]), "0", ("ann",)), (int(days[0]), "ann", ("0",))]
    for day, (src, dst) in zip(days, pairs, strict=True):
        rows.append((int(day), str(src), (str(dst),)))
    return rows


def score(model: Model, future: list[Row]) -> Scores:
    network = assemble("list", PAST + future)
    ties = trace_ties(network)
    rows = live_rows(ties, np.array([CUT]))
    fitted = model.fit(examples_at(ties, LEARNT_ON, HORIZON))
    scores = fitted.score(rows, np.full(len(rows), float(HORIZON)))
    people = network.people
    who = [(people[p.history.owner.person], people[p.history.contact]) for p in rows.pasts]
    return dict(zip(who, scores.tolist(), strict=True))


@cache
def score_truth(name: str) -> Scores:
    model = next(model for model in (*MODELS, *PEEKERS) if model.name == name)
    return score(model, FUTURE)


def is_blind(model: Model, forge: Callable[[np.random.Generator], list[Row]]) -> bool:
    """Whether ``model`` says the same of every tie when the future is forged."""
    real, forged = score_truth(model.name), score(model, forge(np.random.default_rng(3)))
    assert len(real) > 30
    if real.keys() != forged.keys():
        return False
    return list(forged.values()) == pytest.approx(list(real.values()), rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.name))
@pytest.mark.parametrize("forge", [drop, shuffle, invent])
def test_no_model_sees_the_future(
    model: Model, forge: Callable[[np.random.Generator], list[Row]]
) -> None:
    assert is_blind(model, forge)


def peek(rows: Rows, _: Floats) -> Floats:
    """Rank by how many contact days a tie will have had in the end."""
    return np.array([-float(len(past.history.days)) for past in rows.pasts])


def peek_a_day(rows: Rows, _: Floats) -> Floats:
    """Rank by the silence, the very day of the cut already known."""
    return np.array([float(p.on - p.history.days[p.history.days <= p.on][-1]) for p in rows.pasts])


PEEKERS = (Ranked("peeks", peek), Ranked("peeks a day", peek_a_day))


@pytest.mark.parametrize("forge", [drop, shuffle, invent])
def test_a_model_that_peeks_is_caught(
    forge: Callable[[np.random.Generator], list[Row]],
) -> None:
    assert not is_blind(PEEKERS[0], forge)


def test_a_model_that_peeks_by_a_day_is_caught() -> None:
    assert not is_blind(PEEKERS[1], invent)


@pytest.mark.parametrize("forge", [drop, shuffle, invent])
def test_the_horizon_of_dormancy_is_settled_before_it_comes(
    forge: Callable[[np.random.Generator], list[Row]],
) -> None:
    def settle(future: list[Row]) -> list[float]:
        rows = live_rows(trace_ties(assemble("list", PAST + future)), np.array([CUT]))
        return [float(days) for days in dormant_at(rows)]

    assert settle(FUTURE) == settle(forge(np.random.default_rng(3)))
