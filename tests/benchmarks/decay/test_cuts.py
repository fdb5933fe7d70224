"""Ties and cuts -> rows and answers, on networks small enough to know the answer."""

import numpy as np
import pytest

from benchmarks.decay import cuts
from benchmarks.decay.columns import lay_out
from benchmarks.decay.histories import trace_ties
from tests.benchmarks.decay.builders import made_field, network_of, on_days, only_tie, talk


def is_live(days: list[int], cut: int) -> bool:
    return bool(len(cuts.live_rows([only_tie(talk("a", "b", days))], np.array([cut]))))


def test_a_tie_is_live_from_the_day_after_its_third() -> None:
    assert [is_live([1, 2, 3], cut) for cut in (3, 4)] == [False, True]


def test_a_tie_is_live_for_ninety_days() -> None:
    assert [is_live([1, 2, 3], cut) for cut in (93, 94)] == [True, False]


def test_a_tie_is_not_live_before_both_have_written() -> None:
    tie = only_tie(on_days("a", "b", [1, 2, 3]), on_days("b", "a", [9]))
    assert [row.on for row in cuts.live_rows([tie], np.array([5, 9, 10])).pasts] == [10]


@pytest.mark.parametrize(("next_on", "is_silent"), [(40, False), (69, False), (70, True)])
def test_silence_is_no_contact_from_the_cut_to_the_horizon(next_on: int, is_silent: bool) -> None:
    ties = trace_ties(network_of(talk("a", "b", [30, 31, 32, next_on]), on_days("a", "c", [60])))
    assert cuts.examples_at(ties, np.array([40]), 30).is_silent.tolist() == [is_silent]


@pytest.mark.parametrize(("active_on", "n_rows"), [(54, 0), (55, 1), (69, 1), (70, 0)])
def test_an_owner_who_is_away_in_the_second_half_is_left_out(active_on: int, n_rows: int) -> None:
    ties = trace_ties(network_of(talk("a", "b", [30, 31, 32]), on_days("a", "c", [active_on])))
    assert len(cuts.examples_at(ties, np.array([40]), 30)) == n_rows


def test_the_test_starts_at_half_of_the_span_and_ends_a_window_before_the_end() -> None:
    network = network_of(on_days("a", "b", [100, 499]))
    assert cuts.first_test_cut(network) == 300
    assert cuts.test_cuts(network, 30).tolist() == [300, 330, 360, 390, 420, 450]
    assert cuts.test_cuts(network, 90).tolist() == [300, 330, 360, 390]


def test_nothing_is_learnt_from_after_the_first_test_cut() -> None:
    network = network_of(on_days("a", "b", [100, 499]))
    assert cuts.training_cuts(network, 30).tolist() == [120, 150, 180, 210, 240, 270]
    assert int(cuts.training_cuts(network, 90).max()) + 90 == cuts.first_test_cut(network)
    assert int(cuts.all_cuts(network, 90).max()) + 90 == network.end_day


def test_a_network_shorter_than_four_horizons_is_too_short() -> None:
    network = network_of(on_days("a", "b", [0, 119]))
    assert [cuts.is_too_short(network, horizon) for horizon in (30, 90)] == [False, True]
    assert "too short: 119 days, 360 needed" in lay_out(made_field(1, n_days=119), 90, None).trouble


def test_a_cold_start_learns_from_the_others_only() -> None:
    fields = [made_field(1), made_field(2)]
    column = lay_out(fields[0], 30, [fields[1]])
    assert {past.history.network for past in column.test.rows.pasts} == {"made1"}
    assert {past.history.network for past in column.training.rows.pasts} == {"made2"}


def test_each_network_weighs_the_same() -> None:
    fields = [made_field(1), made_field(2, n_people=8), made_field(3)]
    training = lay_out(fields[0], 30, fields[1:]).training
    sums = np.bincount(training.network, training.weights)
    assert sums == pytest.approx([len(training) / 2] * 2)
