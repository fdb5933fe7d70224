"""The renewal model says what the formulas of the design notes say."""

from dataclasses import fields
from math import exp, inf, log, sqrt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln

from daemon.ties.models.protocol import Floats, Forecast, Rhythms
from daemon.ties.models.renewal import Renewal


def column(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def forecast_one(
    n: float, weight: float, mean: float, scatter: float, silent: float, model: Renewal
) -> Forecast:
    rhythm = Rhythms(column(n), column(weight), column(mean), column(scatter))
    return model.forecast(rhythm, column(silent))


def student_tail(df: float, z: float) -> float:
    """The upper tail of Student's t by quadrature: no code shared with the model."""
    log_norm = gammaln((df + 1) / 2) - gammaln(df / 2) - log(df * np.pi) / 2
    area, _ = quad(lambda x: exp(log_norm - (df + 1) / 2 * log(1 + x * x / df)), z, inf)
    return float(area)


@pytest.mark.parametrize(
    ("n", "weight", "mean", "scatter", "silent"),
    [(1, 0, 0, 0, 12), (3, 1.9, 2.0, 0.4, 0), (16, 7.9, 2.2, 0.3, 46), (90, 9.9, 4.6, 6.0, 150)],
)
def test_the_forecast_is_the_formulas_worked_by_hand(
    n: float, weight: float, mean: float, scatter: float, silent: float
) -> None:
    k, nu = 2 + weight, 3 + weight
    mu = (2 * log(8) + weight * mean) / k
    s2 = (3 * 1.1**2 + scatter + 2 * weight / k * (mean - log(8)) ** 2) / nu * (1 + 1 / k)
    q = 1 / (1 + exp(3 + 0.8 * (log(n) - 2)))
    horizon = max(180, 3 * exp(mu))

    def survive(t: float) -> float:
        return 1.0 if t < 1 else student_tail(nu, (log(t - 0.5) - mu) / sqrt(s2))

    still = q + (1 - q) * survive(silent)
    got = forecast_one(n, weight, mean, scatter, silent, Renewal())
    lasting = (q + (1 - q) * survive(horizon)) / still
    resuming = (1 - q) * (survive(silent) - survive(silent + 30)) / still
    assert got.p_dormant[0] == pytest.approx(lasting, abs=1e-7)
    assert got.p_contact_30[0] == pytest.approx(resuming, abs=1e-7)
    assert got.unusual[0] == pytest.approx(1 - survive(silent), abs=1e-7)
    assert got.typical_gap_days[0] == pytest.approx(exp(mu))
    assert got.dormant_at_days[0] == pytest.approx(horizon)


def test_the_defaults_are_those_of_the_design_notes() -> None:
    assert Renewal().to_dict() == {
        "prior_gap_days": 8.0,
        "prior_weight": 2.0,
        "prior_df": 3.0,
        "prior_log_sd": 1.1,
        "forget": 0.9,
        "dropout_base": -3.0,
        "dropout_per_log_n": -0.8,
        "dormant_days": 180,
        "dormant_gaps": 3.0,
    }


def test_contact_today_is_no_silence_at_all() -> None:
    assert forecast_one(10, 6, 2, 1, 0, Renewal()).unusual[0] == 0


def test_a_tie_nothing_is_known_of_has_the_gap_of_the_prior() -> None:
    assert forecast_one(1, 0, 0, 0, 5, Renewal()).typical_gap_days[0] == pytest.approx(8)


def test_a_slow_tie_is_given_three_of_its_own_gaps() -> None:
    got = forecast_one(30, 9, log(200), 0.5, 300, Renewal())
    assert got.dormant_at_days[0] == pytest.approx(3 * got.typical_gap_days[0])
    assert got.dormant_at_days[0] > 300


def test_at_the_horizon_the_silence_is_certain_to_have_lasted() -> None:
    assert forecast_one(10, 6, 2, 1, 179, Renewal()).p_dormant[0] < 1
    assert forecast_one(10, 6, 2, 1, 180, Renewal()).p_dormant[0] == 1


def test_older_ties_end_less_easily() -> None:
    young, old = (forecast_one(n, 6, 2, 1, 20, Renewal()).p_dormant[0] for n in (8, 200))
    assert old < young


@given(
    n=st.integers(1, 10**6),
    weight=st.floats(0, 1e6),
    mean=st.floats(0, 13),
    scatter=st.floats(0, 1e6),
    silent=st.integers(0, 10**6),
    prior_gap_days=st.floats(1e-3, 1e6),
    prior_weight=st.floats(1e-3, 1e6),
    prior_log_sd=st.floats(1e-3, 1e3),
    dropout_base=st.floats(-1e4, 1e4),
    dropout_per_log_n=st.floats(-1e3, 1e3),
)
@example(  # both ways to stay silent underflow: 0/0
    n=1,
    weight=1e6,
    mean=0.0,
    scatter=0.0,
    silent=179,
    prior_gap_days=1.0,
    prior_weight=1.0,
    prior_log_sd=0.001,
    dropout_base=-1e4,
    dropout_per_log_n=0.0,
)
def test_whatever_the_numbers_every_answer_is_a_number_in_its_range(
    n: int, weight: float, mean: float, scatter: float, silent: int, **settings: float
) -> None:
    got = forecast_one(n, weight, mean, scatter, silent, Renewal(**settings))
    for field in fields(Forecast):
        assert np.isfinite(getattr(got, field.name)).all(), field.name
    for probability in (got.p_dormant, got.p_contact_30, got.unusual):
        assert 0 <= probability[0] <= 1
    assert got.dormant_at_days[0] >= 180


@pytest.mark.parametrize(
    "settings",
    [{"prior_log_sd": 0.0}, {"forget": 1.1}, {"forget": 0.0}, {"prior_df": float("nan")}],
)
def test_a_setting_out_of_its_range_is_refused_by_name(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Renewal.from_dict(settings)


def test_a_name_that_is_no_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="no such setting: forgets"):
        Renewal.from_dict({"forgets": 0.9})
