"""``kithd status``: what is read, what was held and why, and what needs the owner."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer

from daemon.cli import options
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.config.sign_in import asks_to_sign_in
from daemon.digest.model import Funnel, Page, SourceLine
from daemon.health import Health, read_health
from daemon.house import House
from daemon.jobs.compose import compose
from daemon.jobs.refit import FITTED, PRESENT, read_fit
from daemon.store.fits import Fit
from daemon.store.sources import Source, read_addresses
from daemon.store.status import Held, read_held
from daemon.ties.models.registry import dump
from daemon.ties.refit import NEEDED


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """Show what is read, what was held and why, and what needs you.

    Example: kithd status --keep ~/kithd
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    page = compose(
        house.engine, house.basis, at=house.at, rules=house.rules, orders=house.orders
    ).page
    with house.kept.connect() as connection:
        fit = read_fit(connection, house.basis, at=house.at)
        told = read_addresses(connection, house.basis.sources)
    found = _Found(house, page, read_held(house.engine), read_health(house, at=house.at), fit, told)
    if as_json:
        typer.echo(json.dumps(_facts(found), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(f"{label:<15}{says}" for label, says in _lines(found)))


@dataclass(frozen=True, slots=True)
class _Found:
    house: House
    page: Page
    held: Held
    health: Health
    fit: Fit | None
    told: Mapping[str, tuple[str, ...]]

    def tell(self, at: datetime | None) -> str | None:
        """An instant as programs read it, in the owner's zone."""
        return at.astimezone(self.house.basis.zone).isoformat() if at else None

    def say(self, at: datetime) -> str:
        """An instant as people read it, in the owner's zone."""
        return f"{at.astimezone(self.house.basis.zone):%Y-%m-%d %H:%M}"

    @property
    def is_fitted(self) -> bool:
        """Whether the decay model in use was fitted to the owner's own past."""
        return self.house.basis.model != self.house.set_model

    @property
    def sources(self) -> list[tuple[SourceLine, Source]]:
        """Each source of the settings, by name, with what was stored of it and its schedule."""
        lines = {line.name: line for line in self.page.sources}
        return [
            (lines.get(source.name, SourceLine(source.name, None, 0)), source)
            for source in sorted(self.health.sources, key=lambda it: it.name)
        ]


def _facts(found: _Found) -> dict[str, Any]:
    house, page, held, health = found.house, found.page, found.held, found.health
    return {
        "at": found.tell(house.at),
        "service": {
            "is_running": health.process is not None,
            "host": health.process and health.process.host,
            "pid": health.process and health.process.pid,
            "not_reloaded": health.not_reloaded,
        },
        "owner": {
            "addresses": sorted(house.basis.addresses),
            "found": list(held.aliases),
            "accounts": {name: list(addresses) for name, addresses in found.told.items()},
        },
        "sources": [_source(found, line, source) for line, source in found.sources],
        "stored": held.counts,
        "quarantine": held.aside,
        "states": dict(page.network.states),
        "model": _model(found),
        "funnel": _funnel(page.funnel),
        "digest": {
            "next_at": found.tell(health.next_digest_at),
            "last_sent_at": found.tell(health.last_sent_at),
            "n_waiting": health.post.n_waiting,
            "problem": health.post.problem,
            "failed": [{"on": on and str(on), "why": why} for on, why in health.post.failed],
        },
        "replies": {"refused": dict(health.refused)},
        "database_bytes": held.n_bytes,
    }


def _source(found: _Found, line: SourceLine, source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "read_at": found.tell(source.read_at),
        "next_at": found.tell(source.next_at),
        "failing_since": found.tell(source.failing_since),
        "n_failures": source.n_failures,
        "is_stopped": source.is_stopped,
        "n_done": source.n_done,
        "n_expected": source.n_expected,
        "n_observations": line.n_observations,
        "n_quarantined": line.n_quarantined,
        "needs": source.needs,
    }


def _model(found: _Found) -> dict[str, Any]:
    fit = found.fit
    scores = fit.scores if fit else {}
    return {
        "name": dump(found.house.basis.model)["model"],
        "is_fitted": found.is_fitted,
        "fitted_at": found.tell(fit.fitted_at) if fit else None,
        "n_outcomes": fit.n if fit else None,
        "n_needed": NEEDED,
        "fitted": dict(scores.get(FITTED, {})),
        "shipped": dict(scores.get(PRESENT, {})),
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    return {
        "n_ties": funnel.n_ties,
        "n_due": funnel.n_due,
        "n_offered": funnel.n_offered,
        "held": dict(funnel.held),
    }


def _lines(found: _Found) -> Iterator[tuple[str, str]]:
    held, funnel = found.held, found.page.funnel
    yield "Yours", ", ".join(sorted(found.house.basis.addresses))
    if held.aliases:
        yield "Yours too", f"{', '.join(held.aliases)} (found in your mail)"
    for name, addresses in found.told.items():
        if more := [it for it in addresses if it not in found.house.basis.addresses]:
            yield "Yours too", f"{', '.join(more)} (from your account at {name})"
    yield from _service(found)
    for line, source in found.sources:
        yield from _about_source(found, line, source)
    yield from (("Set aside", f"{n} x {reason}") for reason, n in sorted(held.aside.items()))
    yield "Ties", ", ".join(f"{n} {state}" for state, n in found.page.network.states.items())
    yield "Rhythm model", _say_model(found)
    yield "Today", f"{funnel.n_due} could be suggested, {funnel.n_offered} are"
    yield from (("Held", f"{n} {reason}") for reason, n in sorted(funnel.held.items()))
    yield from _post(found)
    if held.n_bytes:
        yield "Database", f"{held.n_bytes / 1e6:.1f} MB"


def _say_model(found: _Found) -> str:
    fit, house = found.fit, found.house
    if house.is_model_own:
        return "as your settings have it"
    if not house.is_fitting:
        return "the shipped one (ties.fitted = false)"
    if fit is None:
        return "the shipped one (nothing fitted yet: kithd run does that, once a month)"
    if fit.n < NEEDED:
        return f"the shipped one (your past holds {fit.n} of {NEEDED} outcomes)"
    if not fit.scores:
        return f"the shipped one (your past of {fit.n:,} outcomes cannot tell another apart yet)"
    on = fit.fitted_at.astimezone(house.basis.zone)
    said = f"on {on.day} {on:%B %Y} on {fit.n:,} outcomes of your own"
    cases = {name: round(100 * score["auc"]) for name, score in fit.scores.items()}
    if not found.is_fitted:
        return f"the shipped one (fitted {said}, another was no better)"
    # A fit may be kept for its chances alone, and to show two equal figures would say nothing.
    truer = "" if cases[FITTED] > cases[PRESENT] else "; its chances are nearer to what came"
    return (
        f"fitted {said}; it tells lasting silences from others in {cases[FITTED]} of 100 cases "
        f"(shipped: {cases[PRESENT]}){truer}"
    )


def _service(found: _Found) -> Iterator[tuple[str, str]]:
    process = found.health.process
    if process:
        yield "Service", f"running, process {process.pid} on {process.host}"
    elif found.house.state and found.health.next_digest_at:
        yield "Service", "not running (kithd run)"
    if found.health.not_reloaded:
        yield "", f"It goes on with its old settings: {found.health.not_reloaded}"


def _about_source(found: _Found, line: SourceLine, source: Source) -> Iterator[tuple[str, str]]:
    if not (source.read_at or line.n_observations):
        yield "Source", f"{source.name}: never read"
    else:
        yield from _about_reading(found, line, source)
    yield from _about_trouble(found, source)


def _about_reading(found: _Found, line: SourceLine, source: Source) -> Iterator[tuple[str, str]]:
    aside = f", {line.n_quarantined} set aside" if line.n_quarantined else ""
    read = found.say(source.read_at) if source.read_at else "never"
    yield "Source", f"{source.name}: {line.n_observations} read{aside}, {read}"
    if source.n_expected:
        share = (source.n_done or 0) / source.n_expected
        yield "", f"still reading: {source.n_done:,} of {source.n_expected:,} ({share:.0%})"


def _about_trouble(found: _Found, source: Source) -> Iterator[tuple[str, str]]:
    if source.is_stopped and asks_to_sign_in(source.needs, source.name):
        yield "", "stopped until you have signed in"
    elif source.is_stopped:
        yield "", "stopped until you have put this right, then: kithd poll, or restart kithd"
    elif source.failing_since:
        again = f", next try {found.say(source.next_at)}" if source.next_at else ""
        yield "", f"cannot be read since {found.say(source.failing_since)}{again}"
    elif source.next_at and found.health.process:
        yield "", f"next look {found.say(source.next_at)}"
    if source.needs:
        yield "", source.needs


def _post(found: _Found) -> Iterator[tuple[str, str]]:
    health = found.health
    if health.last_sent_at:
        yield "Last digest", f"sent {found.say(health.last_sent_at)}"
    if health.next_digest_at:
        yield "Next digest", found.say(health.next_digest_at)
    if health.post.n_waiting:
        yield "Mail waiting", f"{health.post.n_waiting} {health.post.problem}".rstrip()
    for on, problem in health.post.failed:
        yield "Not sent", f"{on or 'an answer'}: {problem}"
    for reason, n in sorted(health.refused.items()):
        yield "Reply ignored", f"{n} x {reason}"
