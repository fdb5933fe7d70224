"""Ties under other settings: who would stand otherwise today, and what the past would have been."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from daemon.jobs.backtest import Replayed, replay_past
from daemon.jobs.basis import Basis
from daemon.jobs.histories import Past
from daemon.jobs.refresh import derive
from daemon.people.model import Person, PersonId
from daemon.store import replay
from daemon.store.database import Database
from daemon.suggestions.model import Rules, SuggestionDecision
from daemon.ties.estimate import estimate_history
from daemon.ties.flags import is_flagged
from daemon.ties.model import Tie


@dataclass(frozen=True, slots=True)
class Choice:
    """Settings, as the jobs use them: those in force, or others to try."""

    basis: Basis
    rules: Rules
    orders: tuple[SuggestionDecision, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One tie as it stands, and whether it is flagged."""

    tie: Tie
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A person whose tie stands otherwise under the other settings; None is no tie at all."""

    person: Person
    now: Standing | None
    then: Standing | None

    @property
    def is_flag_new(self) -> bool:
        """Whether the other settings flag what the present ones do not."""
        return _is_flagged(self.then) and not _is_flagged(self.now)

    @property
    def is_flag_gone(self) -> bool:
        """Whether the present settings flag what the other ones do not."""
        return _is_flagged(self.now) and not _is_flagged(self.then)


@dataclass(frozen=True, slots=True)
class Side:
    """Everything under one choice of settings: the past, and each tie as it stands."""

    replayed: Replayed
    standing: Mapping[PersonId, Standing]

    @property
    def n_flagged(self) -> int:
        """How many ties stand flagged."""
        return sum(one.is_flagged for one in self.standing.values())


@dataclass(frozen=True, slots=True)
class Simulation:
    """The present settings beside the others: today, person by person, and the past."""

    changes: tuple[Change, ...]
    now: Side
    then: Side


def simulate(engine: Database, now: Choice, then: Choice, *, at: datetime) -> Simulation:
    """Return what the settings ``then`` would change, in place of ``now``, at ``at``.

    Settings that change what counts as contact have everything derived anew, in a throw-away
    copy: nothing that is kept changes.
    """
    before = _replay(engine, now, at)
    if now.basis.limits != then.basis.limits:
        engine = _derive_anew(engine, then.basis, at)
    after = _replay(engine, then, at)
    return Simulation(tuple(sorted(_compare(before, after), key=_order)), before, after)


def _replay(engine: Database, choice: Choice, at: datetime) -> Side:
    basis = choice.basis
    replayed = replay_past(engine, basis, at=at, rules=choice.rules, orders=choice.orders)
    return Side(replayed, stand(replayed.past, basis))


def _derive_anew(engine: Database, basis: Basis, at: datetime) -> Database:
    copy = replay.open_past(engine, at=at, on=basis.day_of(at))
    derive(copy, basis, at=at)
    return copy


def _compare(now: Side, then: Side) -> Iterator[Change]:
    people = {**then.replayed.past.people, **now.replayed.past.people}
    for who in now.standing.keys() | then.standing.keys():
        change = Change(people[who], now.standing.get(who), then.standing.get(who))
        if _facts(change.now) != _facts(change.then):
            yield change


def stand(past: Past, basis: Basis) -> dict[PersonId, Standing]:
    """Return how each tie stands at the present of ``past``."""
    ties = (
        estimate_history(one, model=basis.model, thresholds=basis.thresholds)
        for one in past.histories
    )
    return {tie.alter: Standing(tie, is_flagged(tie, past.wanted)) for tie in ties}


def _is_flagged(standing: Standing | None) -> bool:
    return standing is not None and standing.is_flagged


def _facts(standing: Standing | None) -> object:
    return standing and (standing.tie.state, standing.is_flagged)


def _order(change: Change) -> tuple[bool, bool, int, PersonId]:
    """What is newly flagged first, then what is no more; the best known first."""
    tie = (change.then or change.now).tie  # type: ignore[union-attr]  # one of them is there
    return not change.is_flag_new, not change.is_flag_gone, -tie.n_days, tie.alter
