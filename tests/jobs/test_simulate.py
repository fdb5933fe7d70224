"""Other settings are tried on a copy: what they would change is told, and nothing is changed."""

from dataclasses import replace

from connectors.observations import Address
from daemon.interactions.infer import Limits
from daemon.jobs.simulate import Choice, Simulation, simulate
from daemon.people.model import Identity
from daemon.store.database import Database
from daemon.suggestions.model import Cadence, Rules
from daemon.ties.model import State
from daemon.ties.states import Thresholds
from tests.jobs.test_backtest import exchange
from tests.jobs.world import ANA, AT, BASIS, BEN, CEM, ME, days_ago, derived, know, letter

NOW = Choice(BASIS, Rules(), ())
SOONER = replace(NOW, basis=replace(BASIS, thresholds=Thresholds(cooling_at=0.1, fading_at=0.2)))


def world() -> Database:
    """Ana has been silent for some weeks, Ben was in touch lately."""
    ana = [one for ago in range(25, 200, 7) for one in exchange(ANA, ago)]
    ben = [one for ago in range(2, 400, 7) for one in exchange(BEN, ago)]
    return know(*ana, *ben)


def tried(engine: Database, then: Choice) -> Simulation:
    return simulate(engine, NOW, then, at=AT)


def test_the_same_settings_change_nothing() -> None:
    found = tried(world(), NOW)
    assert found.changes == ()
    assert found.now.replayed.result == found.then.replayed.result


def test_who_would_be_flagged_is_named_and_so_is_who_would_not() -> None:
    engine = world()
    (change,) = tried(engine, SOONER).changes
    assert change.person.name == ANA.name
    assert (change.is_flag_new, change.is_flag_gone) == (True, False)
    assert change.then is not None
    assert change.then.tie.state is State.FADING
    (reverse,) = simulate(engine, SOONER, NOW, at=AT).changes
    assert (reverse.is_flag_new, reverse.is_flag_gone) == (False, True)


def test_both_settings_are_replayed_over_the_same_past() -> None:
    found = tried(world(), SOONER)
    now, then = found.now.replayed.result, found.then.replayed.result
    assert (now.began, now.until) == (then.began, then.until)
    assert len(then.kithd.flags) > len(now.kithd.flags)
    assert found.then.n_flagged == found.now.n_flagged + 1


def test_a_longest_gap_flags_whatever_the_forecast() -> None:
    wish = Cadence(Identity(ANA.email), 20, days_ago(9000))
    (change,) = tried(world(), replace(NOW, orders=(wish,))).changes
    assert change.is_flag_new
    assert change.now is not None
    assert change.then is not None
    assert change.then.tie.state is change.now.tie.state


def test_what_counts_as_contact_is_derived_anew_and_nothing_kept_is_touched() -> None:
    crowd = tuple(Address(f"p{n}@example.com") for n in range(4))
    rounds = [letter(f"r{ago}", ME, (CEM, *crowd), at=days_ago(ago)) for ago in range(5, 60, 9)]
    engine = know(*rounds, *(one for ago in (90, 80, 70) for one in exchange(BEN, ago)))
    before = derived(engine)
    few = replace(NOW, basis=replace(BASIS, limits=Limits(max_recipients=2)))
    found = tried(engine, few)
    gone = {change.person.id for change in found.changes if change.then is None}
    assert gone == {CEM.email, *(one.email for one in crowd)}
    assert found.then.replayed.result.n_ties == 1
    assert derived(engine) == before
