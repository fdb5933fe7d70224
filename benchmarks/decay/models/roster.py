"""Every model of the table, in its order."""

from benchmarks.decay import kithd
from benchmarks.decay.models.bgnbd import BG_NBD
from benchmarks.decay.models.boosting import Boosting
from benchmarks.decay.models.logistic import Logistic
from benchmarks.decay.models.paretonbd import PARETO_NBD
from benchmarks.decay.models.protocol import Model
from benchmarks.decay.models.rules import RULES
from benchmarks.decay.models.tie_decay import TieDecay

MODELS: tuple[Model, ...] = (
    *RULES,
    TieDecay(),
    BG_NBD,
    PARETO_NBD,
    Boosting(),
    Logistic(),
    *kithd.MODELS,
)
