"""What other settings would change -> the documented JSON."""

from collections.abc import Sequence
from typing import Any

from daemon.cli.backtest_facts import facts_of
from daemon.house import House
from daemon.jobs.simulate import Change, Side, Simulation, Standing
from daemon.ties.backtest import YEAR
from daemon.ties.flags import WEEK_DAYS
from daemon.ties.sentence import say


def list_facts(found: Simulation, house: House, changes: Sequence[str]) -> dict[str, Any]:
    """Return all that the page says, and everybody by name."""
    return {
        "at": house.at.astimezone(house.basis.zone).isoformat(),
        "set": list(changes),
        "changes": [_facts_of_change(change) for change in found.changes],
        "now": _facts_of_side(found.now),
        "then": _facts_of_side(found.then),
    }


def _facts_of_change(change: Change) -> dict[str, Any]:
    return {
        "person": change.person.name,
        "addresses": sorted(change.person.identities),
        "now": _facts_of_standing(change.now),
        "then": _facts_of_standing(change.then),
    }


def _facts_of_standing(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {}
    return {
        "state": standing.tie.state.value,
        "is_flagged": standing.is_flagged,
        "p_dormant": round(standing.tie.p_dormant, 4),
        "sentence": say(standing.tie),
    }


def _facts_of_side(side: Side) -> dict[str, Any]:
    result = side.replayed.result
    return {
        "began": result.began.isoformat(),
        "until": result.until.isoformat(),
        "n_flagged": side.n_flagged,
        "last_year": facts_of(result.last_year, min(result.n_weeks, YEAR.days / WEEK_DAYS)),
        "whole": facts_of(result.kithd, result.n_weeks),
        "weekly_cap": {"per_week": result.per_week, "n_seen": result.n_seen},
    }
