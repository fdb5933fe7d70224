"""A page -> the facts in it, as a dictionary that JSON can hold; the keys are a promise."""

from datetime import datetime
from typing import Any

from daemon.digest.model import Item, Network, Page, Quiet, SourceLine
from daemon.digest.safe import clean


def page_as_dict(page: Page) -> dict[str, Any]:
    """Return ``page`` under stable keys.

    Instants are ISO 8601 with the owner's offset. ``people`` are names. ``value`` is
    information, connection, entertainment or help; ``direction`` give or receive; ``lane``
    owe, bring or stay-close. Each evidence holds source, uid, at and quote, the funnel
    n_ties, n_due, n_offered and held (why -> how many), each source name, read_at (null if
    never), n_observations, n_quarantined and needs. ``noted`` counts what was decided since
    the last digest (what -> how many); each undelivered digest holds on and problem. The
    network holds states and before (state -> how many), came_back (each person and
    after_days), recovering (names), given and received (how many), and quiet, meeting and
    asleep (each person, says and topics).
    """
    page = clean(page)
    return {
        "at": _say_at(page.at, page),
        "subject": page.subject,
        "items": [_item(item, page) for item in page.items],
        "funnel": {
            "n_ties": page.funnel.n_ties,
            "n_due": page.funnel.n_due,
            "n_offered": page.funnel.n_offered,
            "held": dict(page.funnel.held),
        },
        "network": _network(page.network),
        "sources": [_source(source, page) for source in page.sources],
        "noted": dict(page.noted),
        "undelivered": [
            {"on": one.on.isoformat(), "problem": one.problem} for one in page.undelivered
        ],
    }


def _item(item: Item, page: Page) -> dict[str, Any]:
    return {
        "ref": item.ref,
        "kind": item.kind,
        "value": item.value,
        "direction": item.direction,
        "people": list(item.people),
        "action": item.action,
        "why": item.why,
        "evidence": [
            {"source": e.source, "uid": e.uid, "at": _say_at(e.at, page), "quote": e.quote}
            for e in item.evidence
        ],
        "minutes": item.minutes,
        "lane": item.lane.value,
    }


def _network(network: Network) -> dict[str, Any]:
    return {
        "states": dict(network.states),
        "before": dict(network.before),
        "came_back": [{"person": name, "after_days": days} for name, days in network.came_back],
        "recovering": list(network.recovering),
        "given": network.n_given,
        "received": network.n_received,
        "quiet": [_quiet(one) for one in network.quiet],
        "meeting": [_quiet(one) for one in network.meeting],
        "asleep": [_quiet(one) for one in network.asleep],
    }


def _quiet(one: Quiet) -> dict[str, Any]:
    return {"person": one.name, "says": one.says, "topics": list(one.topics)}


def _source(source: SourceLine, page: Page) -> dict[str, Any]:
    return {
        "name": source.name,
        "read_at": _say_at(source.read_at, page) if source.read_at else None,
        "n_observations": source.n_observations,
        "n_quarantined": source.n_quarantined,
        "needs": source.needs,
    }


def _say_at(at: datetime, page: Page) -> str:
    return at.astimezone(page.zone).isoformat()
