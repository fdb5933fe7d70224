"""Pareto/NBD: contacts at a rate of their own, and an end at a rate of its own."""

import numpy as np
from scipy.special import gammaln

from benchmarks.decay.arrays import Floats
from benchmarks.decay.models.purchases import BuyTillYouDie, Purchases

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


def log_likelihood(parameters: Floats, customers: Purchases) -> Floats:
    """Return the log-likelihood of each customer; ``parameters`` are r, alpha, s, beta.

    The end, if it has come, came at some time y after the last purchase; the likelihood
    is the integral over y, here by Gauss-Legendre in w = ((alpha + t)/(alpha + y))^(r + x),
    in which the integrand is smooth however often the customer bought.

    Source: Schmittlein, Morrison, Colombo 1987; Fader and Hardie 2005, a note on deriving
    the Pareto/NBD model, before the integral is written as hypergeometric functions.
    """
    r, alpha, s, beta = parameters
    power = r + customers.n_repeats
    start, end = np.log(alpha + customers.last), np.log(alpha + customers.seen)
    least = np.exp(-power * (end - start))
    half = (1 - least) / 2
    w = (1 + least)[:, None] / 2 + half[:, None] * _NODES
    log_y_alpha = start[:, None] - np.log(w) / power[:, None]
    y = np.maximum(np.exp(log_y_alpha) - alpha, 0.0)
    # Taken relative to the last purchase, as beta and s may both be huge.
    later = np.log((beta + y) / (beta + customers.last)[:, None])
    integrand = np.exp(log_y_alpha - start[:, None] - (s + 1) * later)
    integral = np.maximum(half * (integrand @ _WEIGHTS), np.finfo(float).tiny)
    front_ended = start - (s + 1) * np.log(beta + customers.last)
    ended = np.log(s / power) - power * start + front_ended + np.log(integral)
    alive = -power * end - s * np.log(beta + customers.seen)
    front = gammaln(power) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    total: Floats = front + np.logaddexp(alive, ended)
    return total


PARETO_NBD = BuyTillYouDie("Pareto/NBD", log_likelihood, rates=(1, 3))
