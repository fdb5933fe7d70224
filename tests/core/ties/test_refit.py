"""A fit learns from the earlier past, is judged by the later, and is kept only if it is better."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest

from daemon.people.model import PersonId
from daemon.ties.model import ContactHistory
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.registry import MODELS, dump, load
from daemon.ties.models.renewal import Renewal
from daemon.ties.refit import MOST, NEEDED, Refit, obey_owner, refit, split
from daemon.ties.scores import score
from daemon.ties.snapshots import Snapshots, take_snapshots

UNTIL = date(2026, 1, 1)


def live(
    n: int, *, mean_gap: float = 5, p_last: float = 0.02, seed: int = 1, years: float = 4
) -> Snapshots:
    """The past of an ego with ``n`` ties, each of which may end with any contact."""
    chance = Random(seed)  # noqa: S311 -- no secret
    histories = []
    for k in range(n):
        days = [UNTIL - timedelta(chance.randint(100, int(365 * years)))]
        while days[-1] < UNTIL and chance.random() > p_last:
            days.append(days[-1] + timedelta(1 + int(chance.expovariate(1 / mean_gap))))
        alter = PersonId(f"p{k}@example.org")
        told = tuple(days)
        histories.append(ContactHistory(alter, told, len(told), len(told), UNTIL, told, told))
    there = [UNTIL - timedelta(day) for day in range(int(365 * years) + 700)]
    return take_snapshots(histories, ego_days=there, until=UNTIL, forget=0.9)


def fit_coarsely(past: Snapshots, start: FittedDecay) -> FittedDecay:
    """The best of a few: a real fit, if not a good one."""
    given = start.to_dict()
    grid = (Renewal.from_dict({**given, "dropout_base": b}) for b in (-6.0, -4.0, -3.0, -2.0, -1.0))
    return min(grid, key=lambda model: score(model, past).log_loss)


def overfit(_: Snapshots, start: FittedDecay) -> FittedDecay:
    """Believes that all is over."""
    return Renewal.from_dict({**start.to_dict(), "dropout_base": 10.0})


def hand_back(_: Snapshots, start: FittedDecay) -> FittedDecay:
    return start


ENOUGH = live(60)
WRONG = Renewal(dropout_base=2.0)


def test_a_fit_that_is_better_on_the_later_past_is_kept() -> None:
    done = refit(ENOUGH, WRONG, fit_coarsely)
    assert done.is_kept
    assert done.n == len(ENOUGH) >= NEEDED
    earlier, later = split(ENOUGH)
    assert done.fitted == score(fit_coarsely(earlier, WRONG), later)
    assert done.present == score(WRONG, later)


def test_what_is_kept_is_fitted_on_everything_and_what_is_not_kept_once() -> None:
    seen: list[int] = []

    def look(past: Snapshots, start: FittedDecay) -> FittedDecay:
        seen.append(len(past))
        best = fit_coarsely(past, start).to_dict()
        return Renewal.from_dict({**best, "prior_gap_days": 5.0 + len(seen)})

    done = refit(ENOUGH, WRONG, look)
    assert seen == [len(split(ENOUGH)[0]), len(ENOUGH)]
    assert done.model.to_dict()["prior_gap_days"] == 7
    seen.clear()

    def look_and_hand_back(past: Snapshots, start: FittedDecay) -> FittedDecay:
        seen.append(len(past))
        return start

    assert not refit(ENOUGH, WRONG, look_and_hand_back).is_kept
    assert len(seen) == 1


def test_a_fit_that_is_worse_on_the_later_past_is_not_kept() -> None:
    done = refit(ENOUGH, Renewal(), overfit)
    assert not done.is_kept
    assert done.fitted is not None
    assert done.model == Renewal(dropout_base=10.0)


def test_a_fit_that_changes_nothing_is_not_kept() -> None:
    assert not refit(ENOUGH, Renewal(), hand_back).is_kept


def test_with_fewer_than_it_takes_nothing_is_fitted() -> None:
    few = ENOUGH.where(np.arange(len(ENOUGH)) < NEEDED - 1)
    assert refit(few, WRONG, fit_coarsely) == Refit(WRONG, NEEDED - 1)
    enough = ENOUGH.where(np.arange(len(ENOUGH)) < NEEDED)
    assert refit(enough, WRONG, fit_coarsely).fitted is not None


@pytest.mark.parametrize("lasts", [True, False])
def test_where_all_lasted_or_none_nothing_can_be_judged(lasts: bool) -> None:
    same = replace(ENOUGH, is_lasting=np.full(len(ENOUGH), lasts))
    assert refit(same, WRONG, fit_coarsely) == Refit(WRONG, len(same))


def test_nothing_that_judges_was_learned_from() -> None:
    earlier, later = split(ENOUGH)
    assert (earlier.on + earlier.window_days).max() <= later.on.min()
    assert 0.25 < len(later) / len(ENOUGH) < 0.45
    seen: list[FittedDecay] = []

    def look(past: Snapshots, start: FittedDecay) -> FittedDecay:
        seen.append(fit_coarsely(past, start))
        return seen[-1]

    done = refit(ENOUGH, WRONG, look)
    judged = seen[0]
    seen.clear()
    # And so what came of the later past cannot move what is judged, only the verdict.
    turned = ENOUGH.is_lasting ^ (ENOUGH.on >= later.on.min())
    other = refit(replace(ENOUGH, is_lasting=turned), WRONG, look)
    assert seen[0] == judged
    assert other.fitted != done.fitted


def test_of_a_very_long_past_every_so_many_are_fitted_on() -> None:
    many = live(400, mean_gap=9, p_last=0.002, years=9)
    seen: list[Snapshots] = []

    def look(past: Snapshots, start: FittedDecay) -> FittedDecay:
        seen.append(past)
        return start

    done = refit(many, Renewal(), look)
    assert len(split(many)[0]) > MOST >= len(seen[0]) > MOST / 2
    assert done.n == len(many)
    whole, part = split(many)[0], seen[0]
    assert (part.on.min(), part.on.max()) == pytest.approx((whole.on.min(), whole.on.max()), abs=31)


def test_what_is_the_owners_to_say_no_fit_changes() -> None:
    owners = Renewal(forget=0.8, dormant_days=100, dormant_gaps=2)
    fitted = Renewal(prior_gap_days=20, dropout_base=-5)
    assert obey_owner(fitted, owners) == Renewal(
        prior_gap_days=20, dropout_base=-5, forget=0.8, dormant_days=100, dormant_gaps=2
    )

    def meddle(_: Snapshots, start: FittedDecay) -> FittedDecay:
        return Renewal.from_dict({**start.to_dict(), "dormant_days": 7.0, "dropout_base": -3.0})

    kept = refit(ENOUGH, replace(WRONG, dormant_days=100), meddle).model
    assert kept.to_dict()["dormant_days"] == 100


@pytest.mark.parametrize("name", MODELS)
def test_a_model_survives_being_written_down(name: str) -> None:
    model = MODELS[name].from_dict({})
    facts = dump(model)
    assert facts["model"] == name
    assert load(facts) == model


@pytest.mark.parametrize(
    "facts",
    [
        {"model": "oracle", "parameters": {}},
        {"model": "renewal", "parameters": {"xyzzy": 1.0}},
        {"model": "renewal", "parameters": {"prior_weight": -1.0}},
    ],
    ids=["no such model", "no such parameter", "out of range"],
)
def test_what_is_no_model_of_this_program_is_refused(facts: Mapping[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no such|must be"):
        load(facts)


def test_only_a_model_that_has_a_name_can_be_written_down() -> None:
    class Renewed(Renewal):
        """Another model, if close to one that has a name."""

    with pytest.raises(ValueError, match="Renewed"):
        dump(Renewed())
