"""BG/NBD: contacts at a rate of their own, each of which may have been the last."""

import numpy as np
from scipy.special import gammaln

from benchmarks.decay.arrays import Floats
from benchmarks.decay.models.purchases import BuyTillYouDie, Purchases


def log_likelihood(parameters: Floats, customers: Purchases) -> Floats:
    """Return the log-likelihood of each customer; ``parameters`` are r, alpha, a, b.

    Source: Fader, Hardie, Lee 2005, "Counting your customers" the easy way, equation 6.
    """
    r, alpha, a, b = parameters
    x = customers.n_repeats
    alive = -(r + x) * np.log(alpha + customers.seen)
    ended = np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + customers.last)
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stay = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    total: Floats = rate + stay + np.where(x > 0, np.logaddexp(alive, ended), alive)
    return total


BG_NBD = BuyTillYouDie("BG/NBD", log_likelihood, rates=(1,))
