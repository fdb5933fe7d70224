"""Silences and a day in each -> what came of them: lasted, ended, or not to be known."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from daemon.ties.replay import Days, Silences


class Outcome(StrEnum):
    """What came of a silence that was looked at on some day."""

    LASTED = "lasted"  # until the tie was dormant
    CAME_BACK = "came back"
    OPEN = "not known yet"  # that day lies after the last one that is known
    AWAY = "you were away"  # it lasted, but so did all others: the ego wrote to nobody


def judge(
    silences: Silences, places: NDArray[np.int64], on: Days, ego_days: Days
) -> tuple[Outcome, ...]:
    """Return what came of the silences ``places``, looked at on the days ``on``, in order.

    A silence lasted if there was no contact before it made the tie dormant. Until that day
    has come nothing is said, even if contact came at once: early endings would else be
    counted and late ones not. Nor is it said of a silence through whose second half the
    ego wrote to nobody at all.

    Args:
        silences: As replayed.
        places: Which of their stretches.
        on: The day of each on which it was looked at, before it made the tie dormant.
        ego_days: The days on which the ego wrote or met, ascending.

    Source: design notes, decay model (the benchmark's outcome).
    """
    dormant_on = silences.began[places] + silences.dormant_after[places]
    is_open = dormant_on > silences.until.toordinal() + 1
    is_over = silences.ended[places] < dormant_on
    half_on = on + (dormant_on - on + 1) // 2
    n_written = np.searchsorted(ego_days, dormant_on) - np.searchsorted(ego_days, half_on)
    outcome = np.select([is_open, is_over, n_written == 0], [0, 1, 2], 3)
    names = (Outcome.OPEN, Outcome.CAME_BACK, Outcome.AWAY, Outcome.LASTED)
    return tuple(names[one] for one in outcome.tolist())
