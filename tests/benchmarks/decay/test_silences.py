"""Early warning and delay on ties whose fate is known beforehand.

Alice (a) writes to carol every tenth day, and is never answered: that shows she is there.
With bob (b) she falls silent for good on day 500. With dave (d) she is in contact every
20 days. The network spans 1,000 days, so day 500 is the first of the test.
"""

import numpy as np
import pytest

from benchmarks.decay.arrays import Floats
from benchmarks.decay.columns import Field, survey
from benchmarks.decay.cuts import join_examples
from benchmarks.decay.delay import (
    Silences,
    collect,
    find_delays,
    find_threshold,
    measure,
    measure_all,
)
from benchmarks.decay.models.calibrate import Ranked
from benchmarks.decay.models.rules import RULES
from benchmarks.decay.resample import draw
from benchmarks.decay.rows import Past, Rows
from benchmarks.decay.until_dormant import (
    ask,
    dormant_at,
    lay_out_early,
    learn_for,
    rows_after,
)
from tests.benchmarks.decay.builders import network_of, on_days, only_tie, talk

RECENCY = next(rule for rule in RULES if rule.name == "recency")
NOTHING = join_examples([])


@pytest.fixture(scope="module")
def field() -> Field:
    presence = on_days("a", "c", range(0, 1000, 10))
    to_the_end = on_days("x", "a", [999])
    bob, dave = talk("a", "b", [490, 495, 500]), talk("a", "d", list(range(100, 1000, 20)))
    return survey(network_of(presence, to_the_end, bob, dave))


def test_dormancy_is_half_a_year_or_three_typical_gaps() -> None:
    frequent, rare = talk("a", "b", [0, 5, 10]), talk("a", "b", [0, 100, 190, 290])
    rows = Rows((Past(only_tie(frequent), 20), Past(only_tie(rare), 300)))
    assert dormant_at(rows).tolist() == [180, 300]


def test_a_silence_is_met_on_the_day_it_has_lasted_so_long() -> None:
    tie = only_tie(talk("a", "b", [0, 5, 10, 24, 30, 80]))
    rows = rows_after([tie], 14)
    assert rows.on.tolist() == [24, 44, 94]
    assert rows.silent_days.tolist() == [14, 14, 14]


def test_early_warning_asks_whether_the_silence_reaches_dormancy(field: Field) -> None:
    columns = lay_out_early(field, learn_for(field, None))
    assert [column.question for column in columns] == ["after 14 days", "after 30 days"]
    test = columns[0].test
    # With dave, silences that begin on 500, 520, ... 820 can be followed for 180 days.
    assert len(test) == 1 + 17
    assert test.rows.on[test.is_silent].tolist() == [514]
    assert set(test.horizon.tolist()) == {166.0}
    assert "one outcome" in columns[1].trouble


def test_what_is_learnt_was_known_when_the_test_began(field: Field) -> None:
    training = learn_for(field, None)
    assert len(training)
    assert (training.rows.on + training.horizon).max() <= 500
    elsewhere = learn_for(field, [field])
    assert (elsewhere.rows.on + elsewhere.horizon).max() > 500


def test_a_silence_that_cannot_be_seen_to_its_end_is_not_asked_about(field: Field) -> None:
    rows = rows_after(field.ties, 14)
    assert (ask(rows, 0, 700).rows.on + 166).max() <= 700


def test_a_fade_and_the_pauses_beside_it_are_told_apart(field: Field) -> None:
    silences = collect(field)
    assert silences.is_fade.sum() == 1
    assert silences.days[silences.is_fade].tolist() == [180]
    assert set(silences.days[~silences.is_fade].tolist()) == {20}
    assert silences.tie_years == pytest.approx((180 + 20 * (~silences.is_fade).sum()) / 365.25)


def test_looks_are_a_week_apart_and_end_with_the_silence(field: Field) -> None:
    silences = collect(field)
    assert (silences.looks.on % 7 == 0).all()
    fade = silences.silence == int(np.flatnonzero(silences.is_fade)[0])
    assert silences.looks.on[fade].tolist() == list(range(504, 680, 7))
    assert (silences.horizon[fade] + silences.looks.silent_days[fade]).tolist() == [180] * 26
    assert silences.looks.silent_days[~fade].max() == 20


def test_the_delay_is_the_first_look_above_what_pauses_reach(field: Field) -> None:
    """Less than one false flag is allowed, and pauses reach 20 days: day 525 is the first."""
    silences = collect(field)
    found = measure("made", silences, RECENCY, NOTHING, draw("made", silences.owner))
    assert found.days.tolist() == [25]
    assert found.soon is not None
    assert (found.soon.value, found.ever, found.median_days) == (1, 1, 25)


def test_a_model_that_cannot_tell_flags_nobody(field: Field) -> None:
    def rank(rows: Rows, _: Floats) -> Floats:
        return np.zeros(len(rows))

    silences = collect(field)
    found = measure("made", silences, Ranked("blind", rank), NOTHING, draw("m", silences.owner))
    assert (found.ever, found.median_days) == (0, None)


def made_silences(is_fade: list[bool], n_looks: int, years: float) -> Silences:
    """Return silences with ``n_looks`` looks each, on the days 7, 14, ... of the silence."""
    tie = only_tie(talk("a", "b", [0, 1, 2]))
    n = len(is_fade)
    looks = Rows(tuple(Past(tie, 2 + 7 * k) for _ in is_fade for k in range(1, n_looks + 1)))
    days = np.full(n, years * 365.25 / n)
    silence = np.repeat(np.arange(n), n_looks)
    return Silences(np.zeros(n, int), np.array(is_fade), days, looks, silence, np.ones(len(looks)))


def test_half_a_false_flag_is_allowed_per_tie_year() -> None:
    silences = made_silences([False] * 4 + [True], 2, years=4.0)
    chance = np.array([0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6, 0.5, 0.75])
    threshold = find_threshold(silences, chance)
    flagged = np.isfinite(find_delays(silences, chance, threshold))
    assert flagged.tolist() == [True, True, False, False, True]  # two pauses in four years
    assert find_delays(silences, chance, threshold)[4] == 14


def test_flags_of_equal_scores_are_all_or_none() -> None:
    silences = made_silences([False] * 4, 1, years=4.0)
    assert not (np.full(4, 0.7) >= find_threshold(silences, np.full(4, 0.7))).any()


def test_with_few_pauses_everything_may_be_flagged_at_once() -> None:
    silences = made_silences([False, True], 2, years=100.0)
    assert find_threshold(silences, np.full(4, 0.5)) == -np.inf


def test_a_network_without_a_fade_has_no_delay() -> None:
    field = survey(network_of(talk("a", "b", list(range(0, 1000, 20)))))
    assert measure_all(field, NOTHING, (RECENCY,), lambda _: None) == []
