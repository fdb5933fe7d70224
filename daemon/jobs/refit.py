"""Fit the decay model to the owner's own past, once a month, and say which model is in use."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from daemon.jobs.basis import Basis
from daemon.jobs.snapshot import snapshot
from daemon.store import fits
from daemon.store.database import Connection, Database, writing
from daemon.store.fits import Fit
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.registry import dump, load
from daemon.ties.refit import Fitting, Refit, obey_owner
from daemon.ties.refit import refit as judge

EVERY = timedelta(days=30)
"""From one fit to the next: a month changes little of what years have told."""

AGAIN = timedelta(days=1)
"""The same where nothing could be judged: the mailbox may only just have been read."""

FITTED, PRESENT = "fitted", "present"
"""The models that scores are kept of."""


def is_due(connection: Connection, basis: Basis, *, at: datetime) -> bool:
    """Return whether the past is to be fitted at ``at``: never so far, or long ago.

    A fit that a clock which was wrong made in the future counts for nothing.
    """
    last = read_fit(connection, basis, at=at)
    if last is None:
        return True
    return at - last.fitted_at >= (EVERY if last.scores else AGAIN)


def refit(
    engine: Database, basis: Basis, present: FittedDecay, fit: Fitting, *, at: datetime
) -> Fit:
    """Fit the past that is known at ``at``, keep what came of it, and return that.

    Args:
        engine: What is stored must be inferred and resolved by then.
        basis: The owner and the settings.
        present: The model that the settings describe: what a fit must be better than.
        fit: How a model is fitted.
        at: The present.
    """
    own = replace(basis, model=present)
    with engine.connect() as connection:
        past = snapshot(connection, own, at=at)
    found = _describe(judge(past, present, fit), own, at)
    with writing(engine) as tx:
        fits.keep(tx, found)
    return found


def read_fit(connection: Connection, basis: Basis, *, at: datetime) -> Fit | None:
    """Return the newest fit by ``at`` that was made from settings like these, kept or not."""
    return fits.read_latest(connection, _made_from(basis), until=at)


def find_model(connection: Connection, basis: Basis, *, at: datetime) -> FittedDecay:
    """Return the model in use at ``at``: as last fitted by then if that was kept, else as set.

    What the owner calls dormant is as ``basis.model`` says. A kept model that this program
    does not know, as another version of it may have fitted, is not used.
    """
    last = read_fit(connection, basis, at=at)
    if last is None or not last.is_kept:
        return basis.model
    try:
        return obey_owner(load(last.model), basis.model)
    except ValueError:
        return basis.model


def _made_from(basis: Basis) -> str:
    return basis.fingerprint(frozenset())


def _describe(done: Refit, basis: Basis, at: datetime) -> Fit:
    found = Fit(fitted_at=at, until_on=basis.day_of(at), made_from=_made_from(basis), n=done.n)
    if done.fitted is None or done.present is None:
        return found
    return replace(
        found,
        model=dump(done.model),
        scores={FITTED: asdict(done.fitted), PRESENT: asdict(done.present)},
        is_kept=done.is_kept,
    )
