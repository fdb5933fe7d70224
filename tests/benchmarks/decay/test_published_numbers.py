"""The two buying models find on the CDNOW customers what their authors published."""

import csv
from importlib.metadata import files

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1

from benchmarks.decay.arrays import Floats
from benchmarks.decay.models.bgnbd import BG_NBD
from benchmarks.decay.models.paretonbd import PARETO_NBD, log_likelihood
from benchmarks.decay.models.purchases import BuyTillYouDie, Purchases


@pytest.fixture(scope="module")
def cdnow() -> Purchases:
    """2,357 customers, in weeks; the file ships with ``lifetimes``."""
    (path,) = [p for p in files("lifetimes") or [] if p.name == "cdnow_customers_summary.csv"]
    rows = list(csv.DictReader(path.read_text().splitlines()))
    x, t, until = (
        np.array([float(row[name]) for row in rows]) for name in ("frequency", "recency", "T")
    )
    return Purchases(x, t, until, np.ones(len(rows)))


PUBLISHED = {
    # Source: Fader, Hardie, Lee 2005, table 2.
    BG_NBD.name: (BG_NBD, (0.243, 4.414, 0.793, 2.426), -9582.4),
    PARETO_NBD.name: (PARETO_NBD, (0.553, 10.578, 0.606, 11.669), -9595.0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_parameters_are_found(name: str, cdnow: Purchases) -> None:
    model, parameters, total = PUBLISHED[name]
    found = model.fit_population(cdnow)
    assert found.parameters == pytest.approx(parameters, abs=2e-3 * max(parameters))
    assert [round(value, 2) for value in found.parameters] == pytest.approx(
        [round(value, 2) for value in parameters], abs=0.011
    )
    assert found.total == pytest.approx(total, abs=0.06)


def by_hypergeometric(parameters: tuple[float, ...], x: float, t: float, until: float) -> float:
    """Source: Fader and Hardie 2005, equation 15 (alpha below beta)."""
    r, alpha, s, beta = parameters
    power = r + s + x

    def part(at: float) -> float:
        z = (beta - alpha) / (beta + at)
        return float(hyp2f1(power, r + x, power + 1, z) / (beta + at) ** power)

    front = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    alive = (alpha + until) ** -(r + x) * (beta + until) ** -s
    return float(front + np.log(alive + s / power * (part(t) - part(until))))


def likelihood(parameters: Floats, x: float, t: float, until: float) -> float:
    customer = Purchases(*(np.array([value]) for value in (x, t, until, 1.0)))
    return float(log_likelihood(parameters, customer)[0])


@pytest.mark.parametrize(("x", "t"), [(0, 0.0), (1, 3.0), (7, 20.0), (40, 38.9)])
def test_the_integral_equals_the_hypergeometric_functions(x: int, t: float) -> None:
    parameters = (0.553, 10.578, 0.606, 11.669)
    expected = by_hypergeometric(parameters, x, t, 39.0)
    assert likelihood(np.array(parameters), x, t, 39.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("x", [0, 2, 300])
def test_the_integral_holds_for_rare_and_for_daily_customers(x: int) -> None:
    r, alpha, s, beta = 1.2, 12.0, 8.0, 2400.0
    t, until = (0.0, 400.0) if x == 0 else (300.0, 400.0)

    def ended(y: float) -> float:
        log = -(r + x) * np.log((alpha + y) / (alpha + t)) - (s + 1) * np.log(beta + y)
        return float(s * np.exp(log))

    integral, _ = quad(ended, t, until, epsabs=0, epsrel=1e-12, limit=500)
    alive = np.exp(-(r + x) * np.log((alpha + until) / (alpha + t)) - s * np.log(beta + until))
    front = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    expected = front - (r + x) * np.log(alpha + t) + np.log(alive + integral)
    found = likelihood(np.array([r, alpha, s, beta]), x, t, until)
    assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("model", [BG_NBD, PARETO_NBD], ids=lambda model: str(model.name))
def test_silence_is_likelier_the_longer_it_lasts_and_the_shorter_it_is_to_last(
    model: BuyTillYouDie,
) -> None:
    parameters = np.array([0.6, 11.0, 0.7, 5.0])

    def chance(seen: float, horizon: float) -> float:
        now, later = (
            Purchases(*(np.array([value]) for value in (6.0, 60.0, until, 1.0)))
            for until in (seen, seen + horizon)
        )
        return float(
            (model.log_likelihood(parameters, later) - model.log_likelihood(parameters, now))[0]
        )

    assert chance(61, 30) < chance(75, 30) < chance(120, 30) < 0
    assert chance(75, 90) < chance(75, 30)
