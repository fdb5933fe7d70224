"""Rows -> about forty columns of timing, direction and ambience, for models that learn."""

import numpy as np

from benchmarks.decay.arrays import Bools, Floats, Ints
from benchmarks.decay.histories import Ambient
from benchmarks.decay.models.tie_decay import remain
from benchmarks.decay.networks import DAY_SECONDS
from benchmarks.decay.rows import Flat, Rows

HALF_LIVES = (7.0, 14.0, 30.0, 60.0, 120.0, 365.0)
WINDOWS = (7, 30, 90)


def describe(rows: Rows) -> dict[str, Floats]:
    """Return the features by name; every one is finite."""
    return {**_describe_timing(rows), **_describe_messages(rows), **_describe_around(rows)}


def typical_gap(rows: Rows) -> Floats:
    """Return the median of each tie's gaps so far in days, 1 where there is none."""
    row, gap = rows.derive(_gaps)
    return _quantile(row, gap, len(rows), 0.5)


def _gaps(rows: Rows) -> tuple[Ints, Floats]:
    """Return the row and the length of each gap between interaction days."""
    is_same = np.diff(rows.days.row) == 0
    return rows.days.row[1:][is_same], np.diff(rows.days.value)[is_same].astype(np.float64)


def _quantile(row: Ints, value: Floats, n_rows: int, share: float) -> Floats:
    """Return a quantile of the values of each row (the nearest one below), 1 without any."""
    order = np.lexsort((value, row))
    count = np.bincount(row, minlength=n_rows)
    start = np.cumsum(count) - count
    place = start + np.floor(share * np.maximum(count - 1, 0)).astype(np.int64)
    found = np.ones(n_rows)
    has_any = count > 0
    found[has_any] = value[order][place[has_any]]
    return found


def _describe_timing(rows: Rows) -> dict[str, Floats]:
    row, gap = rows.derive(_gaps)
    n, log_gap = len(rows), np.log(gap)
    count = np.maximum(np.bincount(row, minlength=n), 1)
    mean_log = np.bincount(row, log_gap, n) / count
    spread = np.sqrt(np.maximum(np.bincount(row, log_gap**2, n) / count - mean_log**2, 0))
    shorter = np.bincount(row, gap <= rows.silent_days[row], n) / count
    mean = np.bincount(row, gap, n) / count
    return {
        "silence": rows.silent_days,
        "n_days": rows.n_days,
        "age": rows.age_days,
        "mean_gap": mean,
        "mean_log_gap": mean_log,
        "spread_log_gap": spread,
        "shorter": shorter,
        "overdue": rows.silent_days / np.maximum(mean, 1),
        "z": (np.log(rows.silent_days) - mean_log) / (spread + 0.5),
        "density": rows.n_days / rows.age_days,
        **{f"gap_{q:.2f}": _quantile(row, gap, n, q) for q in (0.0, 0.25, 0.5, 0.75, 1.0)},
        **{f"last_gap_{k}": _last_gap(rows, k) for k in (1, 2, 3)},
        **{f"left_{half:.0f}": remain(rows, half) for half in HALF_LIVES},
        **{f"days_{window}": _count_recent(rows, window) for window in WINDOWS},
    }


def _last_gap(rows: Rows, k: int) -> Floats:
    """Return the length of the ``k``-th last gap, 0 where there are fewer."""
    ends = np.cumsum(rows.n_days).astype(np.int64)
    has_it = rows.n_days > k
    gap = np.zeros(len(rows))
    value = rows.days.value
    gap[has_it] = value[ends[has_it] - k] - value[ends[has_it] - k - 1]
    return gap


def _count_recent(rows: Rows, window: int) -> Floats:
    age = rows.on[rows.days.row] - rows.days.value
    return rows.days.add_up((age <= window).astype(np.float64), len(rows))


def _describe_messages(rows: Rows) -> dict[str, Floats]:
    sent = rows.flatten(lambda past: past.at)
    is_out = rows.flatten(lambda past: past.is_out.astype(np.int64)).value > 0
    size = rows.flatten(lambda past: past.n_recipients).value
    n, age = len(rows), _age(rows, sent)
    count = sent.add_up(np.ones(len(age)), n)
    features = {"messages": count, "a_day": count / rows.n_days}
    for name, is_its in (("out", is_out), ("in", ~is_out)):
        features[name] = sent.add_up(is_its.astype(np.float64), n)
        features[f"{name}_silence"] = _least(sent, age, is_its, n)
        for half in (30.0, 120.0):
            features[f"{name}_{half:.0f}"] = sent.add_up(np.exp2(-age / half) * is_its, n)
    features["out_share"] = features["out"] / count
    features["is_last_out"] = (features["out_silence"] < features["in_silence"]).astype(float)
    features["recipients"] = sent.add_up(size.astype(np.float64), n) / count
    return features


def _describe_around(rows: Rows) -> dict[str, Floats]:
    ambient = rows.flatten(lambda past: past.ambient_at)
    kind = rows.flatten(lambda past: past.ambient_kind).value
    n, age = len(rows), _age(rows, ambient)
    owner = rows.flatten(lambda past: past.owner_days[-WINDOWS[-1] :])
    owner_age = (rows.on[owner.row] - owner.value).astype(np.float64)
    return {
        "ambient": ambient.add_up(np.ones(len(age)), n),
        "ambient_30": ambient.add_up(np.exp2(-age / 30), n),
        "ambient_silence": _least(ambient, age, np.ones(len(age), dtype=bool), n),
        "shared_30": ambient.add_up(np.exp2(-age / 30) * (kind == Ambient.SHARED), n),
        "owner_30": owner.add_up((owner_age <= 30).astype(np.float64), n),
        "owner_silence": _least(owner, owner_age, np.ones(len(owner_age), dtype=bool), n),
    }


def _age(rows: Rows, flat: Flat) -> Floats:
    """Return how many days before the row's day each message was sent."""
    age: Floats = rows.on[flat.row] - flat.value / DAY_SECONDS
    return age


def _least(flat: Flat, age: Floats, keep: Bools, n_rows: int) -> Floats:
    """Return the smallest age that is kept in each row, 3650 where there is none."""
    least = np.full(n_rows, 3650.0)
    np.minimum.at(least, flat.row[keep], age[keep])
    return least
