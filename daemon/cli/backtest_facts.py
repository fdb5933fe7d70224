"""What a backtest found -> the documented JSON."""

from typing import Any

from daemon.house import House
from daemon.jobs.backtest import Report
from daemon.jobs.histories import Past
from daemon.ties.backtest import FIXED_DAYS, MIN_FLAGS, Judged, Record
from daemon.ties.flags import OVERDUE_GAPS
from daemon.ties.hindsight import MIN_CASES, Foresight
from daemon.ties.outcomes import Outcome


def list_facts(report: Report, house: House, *, is_fitted: bool) -> dict[str, Any]:
    """Return all that the page says, and each flag of kithd's by itself."""
    result = report.result
    return {
        "at": house.at.astimezone(house.basis.zone).isoformat(),
        "began": result.began.isoformat(),
        "until": result.until.isoformat(),
        "n_people": result.n_ties,
        "n_silences": result.n_silences,
        "dormant_days": house.settings.ties.dormant_days,
        "is_fitted": is_fitted,
        "kithd": facts_of(result.kithd, result.n_weeks),
        "fixed": {"days": FIXED_DAYS, **facts_of(result.fixed, result.n_weeks)},
        "overdue": {"gaps": OVERDUE_GAPS, **facts_of(result.overdue, result.n_weeks)},
        "weekly_cap": {"per_week": result.per_week, "n_seen": result.n_seen},
        "foresight": _facts_of_foresight(report.foresight) if report.foresight else {},
        "is_enough": {
            "flags": result.kithd.n_known >= MIN_FLAGS,
            "cases": report.foresight is not None,
        },
        "n_needed": {"flags": MIN_FLAGS, "cases": MIN_CASES},
        "enough_on": result.enough_on and result.enough_on.isoformat(),
        "flags": [_facts_of_flag(one, report.past) for one in result.kithd.flags],
    }


def facts_of(record: Record, n_weeks: float) -> dict[str, Any]:
    """Return the figures of one rule."""
    return {
        "n_flags": len(record.flags),
        "n_people": len({one.flag.alter for one in record.flags}),
        "n_lasted": record.count(Outcome.LASTED),
        "n_came_back": record.count(Outcome.CAME_BACK),
        "n_open": record.count(Outcome.OPEN),
        "n_away": record.count(Outcome.AWAY),
        "n_limits": record.count(None),
        "flags_a_week": round(len(record.flags) / n_weeks, 2),
        "silent_days": _round(record.silent_days),
        "days_before": _round(record.days_before),
    }


def _round(days: float | None) -> int | None:
    return None if days is None else round(days)


def _facts_of_foresight(found: Foresight) -> dict[str, Any]:
    return {
        "n": found.n,
        "n_people": found.n_ties,
        "n_lasted": found.n_lasted,
        "auc": round(found.auc, 4),
        "auc_low": round(found.auc_low, 4),
        "auc_high": round(found.auc_high, 4),
        "auc_silence": round(found.auc_silence, 4),
        "auc_overdue": round(found.auc_overdue, 4),
        "error": round(found.error, 4),
        "bins": [
            {"n": b.n, "p_mean": round(b.p_mean, 4), "share_lasted": round(b.share_lasted, 4)}
            for b in found.bins
        ],
    }


def _facts_of_flag(one: Judged, past: Past) -> dict[str, Any]:
    person = past.people[one.flag.alter]
    return {
        "person": person.name,
        "addresses": sorted(person.identities),
        "on": one.flag.on.isoformat(),
        "silent_days": one.flag.silent_days,
        "known_on": one.dormant_on.isoformat(),
        "outcome": "limit" if one.outcome is None else one.outcome.name.lower(),
    }
