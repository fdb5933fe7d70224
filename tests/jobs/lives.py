"""Years of made-up mail with many people, and plain ways to fit a model to them."""

from random import Random

from connectors.observations import Address, Message
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal
from daemon.ties.scores import score
from daemon.ties.snapshots import Snapshots
from tests.jobs.world import ME, days_ago, letter


def life(n: int, *, days: int = 1200, gap_days: float = 9, seed: int = 7) -> list[Message]:
    """Mail with ``n`` people, in turn from Mara and to her; any of it may be the last."""
    chance = Random(seed)  # noqa: S311 -- no secret
    found = []
    for k in range(n):
        one, turn = Address(f"p{k}@example.net", f"Person {k}"), 0
        ago = float(chance.randint(days // 9, days))
        while ago > 1 and chance.random() > 0.03:
            by, to = ((ME, one), (one, ME))[turn % 2]
            found.append(letter(f"{k}-{turn}", by, (to,), at=days_ago(ago)))
            ago, turn = ago - 1 - chance.expovariate(1 / gap_days), turn + 1
    return found


def fit_coarsely(past: Snapshots, start: FittedDecay) -> FittedDecay:
    """The best of a few: a real fit, if not a good one."""
    given = start.to_dict()
    weights = ({"prior_weight": w, "prior_df": w} for w in (1.0, 4.0, 10.0, 99.0))
    grid = (
        Renewal.from_dict({**given, **some, "prior_log_sd": s, "dropout_base": b})
        for some in weights
        for s in (0.8, 1.1)
        for b in (-4.0, -3.0, -2.0)
    )
    return min(grid, key=lambda model: score(model, past).log_loss)


def hand_back(_: Snapshots, start: FittedDecay) -> FittedDecay:
    """Learn nothing."""
    return start
