"""The t distribution agrees with the library's, over all that a tie can ask of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr

from daemon.ties.models.student import survive_t


def test_it_agrees_with_the_library_on_a_grid() -> None:
    df, t = (x.ravel() for x in np.meshgrid(np.linspace(0.3, 120, 400), np.linspace(-60, 60, 601)))
    assert np.abs(survive_t(t, df) - stdtr(df, -t)).max() < 1e-12


@given(st.floats(0.05, 1e4), st.floats(-1e6, 1e6))
def test_it_agrees_with_the_library_anywhere(df: float, t: float) -> None:
    ours = survive_t(np.array([t]), np.array([df]))[0]
    assert ours == pytest.approx(stdtr(df, -t), abs=1e-10)


@pytest.mark.parametrize(("t", "chance"), [(-np.inf, 1.0), (0.0, 0.5), (np.inf, 0.0)])
def test_the_ends_and_the_middle_are_exact(t: float, chance: float) -> None:
    assert survive_t(np.array([t]), np.array([3.0]))[0] == pytest.approx(chance, abs=1e-12)


def test_it_falls_as_t_rises() -> None:
    t = np.linspace(-30, 30, 5001)
    assert (np.diff(survive_t(t, np.full_like(t, 3.7))) <= 0).all()
