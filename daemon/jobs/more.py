"""What else a morning had to offer: a wider choice, numbered after what was shown already."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from daemon.jobs.basis import Basis
from daemon.jobs.compose import Composed, compose
from daemon.store import offers
from daemon.store.database import Database
from daemon.store.offers import Offer
from daemon.suggestions.model import Rules, SuggestionDecision


def compose_more(
    engine: Database,
    basis: Basis,
    on: date,
    *,
    at: datetime,
    rules: Rules,
    orders: tuple[SuggestionDecision, ...] = (),
    keeps_at: str = "",
) -> Composed:
    """Return what was not shown yet, as many again as usual; nothing is written.

    The numbers go on from those of the digest of ``on``, so that what stands in it is still
    called what it was: another reply to it may be on its way.

    Args:
        engine: The database; people and ties are up to date.
        basis: The owner and the settings.
        on: The day of the digest that was answered with "more".
        at: The present, aware.
        rules: How much is suggested, and how soon again.
        orders: What the settings say of single people.
        keeps_at: The folder in which all is kept, empty for none.
    """
    with engine.connect() as connection:
        shown = offers.read_last(connection, on)
        today = offers.read_last(connection, basis.day_of(at))
    known = {one.key for one in (*shown, *today)}
    wider = replace(rules, budget=rules.budget + len(known))
    composed = compose(engine, basis, at=at, rules=wider, orders=orders, keeps_at=keeps_at)
    last = max((one.ref for one in shown), default=0)
    return _leave_out(composed, known, on, last, rules.budget)


def _leave_out(composed: Composed, known: Iterable[str], on: date, last: int, n: int) -> Composed:
    """Leave out what is ``known``; at most ``n`` others stay, numbered from ``last`` plus one."""
    fresh = [item for item in composed.page.items if item.key not in set(known)][:n]
    refs = {item.ref: last + place for place, item in enumerate(fresh, start=1)}
    items = tuple(replace(item, ref=refs[item.ref]) for item in fresh)
    page = replace(composed.page, items=items, is_first=False, noted={}, undelivered=())
    kept: tuple[Offer, ...] = tuple(
        replace(one, on=on, ref=refs[one.ref]) for one in composed.offers if one.ref in refs
    )
    return Composed(page, kept)
