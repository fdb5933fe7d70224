"""Once a month the owner's own past is fitted, and what is in use follows from what is stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.observations import Address
from daemon.jobs.basis import Basis
from daemon.jobs.refit import AGAIN, EVERY, find_model, is_due, read_fit, refit
from daemon.jobs.snapshot import snapshot
from daemon.store import fits
from daemon.store.database import Database, open_copy, save_copy, writing
from daemon.store.fits import Fit
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal
from daemon.ties.refit import NEEDED, Fitting
from tests.jobs.lives import fit_coarsely, hand_back, life
from tests.jobs.world import AT, BASIS, ME, days_ago, know, letter, meeting

SECOND = timedelta(seconds=1)
AS_SET = BASIS.model


@pytest.fixture(scope="module")
def lived() -> Database:
    return know(*life(30))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lived") / "kithd.db"
    save_copy(know(*life(60, gap_days=4)), path)
    return path


@pytest.fixture
def engine(place: Path) -> Database:
    """Mara's three years with sixty people, nothing fitted yet."""
    return open_copy(place)


def model_at(engine: Database, basis: Basis = BASIS, at: datetime = AT) -> FittedDecay:
    with engine.connect() as connection:
        return find_model(connection, basis, at=at)


def due_at(engine: Database, at: datetime, basis: Basis = BASIS) -> bool:
    with engine.connect() as connection:
        return is_due(connection, basis, at=at)


def fit_at(
    engine: Database, at: datetime = AT, basis: Basis = BASIS, fit: Fitting = fit_coarsely
) -> Fit:
    return refit(engine, basis, basis.model, fit, at=at)


def keep(engine: Database, found: Fit) -> None:
    with writing(engine) as tx:
        fits.keep(tx, found)


def test_the_past_is_that_of_the_people_and_days_that_are_stored() -> None:
    every_ten = [letter(f"o{n}", ME, at=days_ago(10 * n)) for n in range(10, 40)]
    answers = [letter(f"i{n}", at=days_ago(10 * n - 3)) for n in range(10, 40)]
    listener = Address("listener@example.net")
    silent = [letter(f"s{n}", ME, (listener,), at=days_ago(7 * n)) for n in range(60)]
    engine = know(
        *[replace(one, recipients=answers[0].recipients) for one in answers],
        *[replace(one, recipients=silent[0].recipients) for one in silent],
        *[letter(one.uid, ME, (answers[0].author,), at=one.sent_at) for one in every_ten],
        meeting("m", Address("once@example.net"), at=days_ago(200)),
    )
    with engine.connect() as connection:
        past = snapshot(connection, BASIS, at=AT)
    assert len(past) > 10
    assert set(past.silent_days.tolist()) <= set(range(1, 91))
    assert past.is_lasting[past.on > days_ago(97).toordinal()].all()
    assert (past.on + past.window_days).max() <= AT.toordinal()


def test_a_better_fit_is_kept_and_used_from_then_on(engine: Database) -> None:
    assert model_at(engine) == AS_SET
    done = fit_at(engine)
    assert done.is_kept
    assert done.n >= NEEDED
    assert done.scores["fitted"]["log_loss"] < done.scores["present"]["log_loss"]
    used = model_at(engine)
    assert used == Renewal.from_dict(done.model["parameters"]) != AS_SET
    with engine.connect() as connection:
        assert read_fit(connection, replace(BASIS, model=used), at=AT) == done


def test_a_fit_that_is_no_better_is_told_and_not_used(engine: Database) -> None:
    done = fit_at(engine, fit=hand_back)
    assert not done.is_kept
    assert done.scores["fitted"] == done.scores["present"]
    assert model_at(engine) == AS_SET


def test_the_newest_fit_decides_also_against_one_that_was_kept(engine: Database) -> None:
    assert fit_at(engine).is_kept
    fit_at(engine, AT + EVERY, fit=hand_back)
    assert model_at(engine, at=AT + EVERY) == AS_SET


def test_nothing_that_was_fitted_later_is_used_in_the_past(engine: Database) -> None:
    fit_at(engine)
    assert model_at(engine, at=AT - SECOND) == AS_SET
    assert model_at(engine, at=AT) != AS_SET


def test_with_too_little_past_it_says_how_much_there_is() -> None:
    few = know(*life(3, days=400))
    done = fit_at(few)
    assert 0 < done.n < NEEDED
    assert (done.is_kept, done.scores, done.model) == (False, {}, {})
    assert model_at(few) == AS_SET


def test_a_fit_learns_nothing_of_what_came_after(lived: Database) -> None:
    then = AT - timedelta(days=300)
    with lived.connect() as connection:
        past = snapshot(connection, BASIS, at=then)
    as_then = know(*[one for one in life(30) if one.sent_at <= then], at=then)
    with as_then.connect() as connection:
        known = snapshot(connection, BASIS, at=then)
    assert known.on.tolist() == past.on.tolist()
    assert known.is_lasting.tolist() == past.is_lasting.tolist()
    assert known.rhythms.mean.tolist() == past.rhythms.mean.tolist()


def test_it_is_due_at_first_and_then_once_a_month(engine: Database) -> None:
    assert due_at(engine, AT)
    fit_at(engine)
    assert not due_at(engine, AT + SECOND)
    assert not due_at(engine, AT + EVERY - SECOND)
    assert due_at(engine, AT + EVERY)


def test_where_nothing_could_be_judged_it_is_due_again_tomorrow() -> None:
    few = know(*life(1, days=300))
    fit_at(few)
    assert not due_at(few, AT + AGAIN - SECOND)
    assert due_at(few, AT + AGAIN)


def test_a_fit_of_a_clock_that_was_wrong_puts_nothing_off(engine: Database) -> None:
    fit_at(engine, AT + timedelta(days=3650))
    assert due_at(engine, AT)
    assert model_at(engine) == AS_SET


@pytest.mark.parametrize(
    "other",
    [
        replace(BASIS, model=Renewal(forget=0.8)),
        replace(BASIS, addresses=frozenset({ME.email, "mara@example.net"})),
        replace(BASIS, limits=replace(BASIS.limits, max_recipients=4)),
    ],
    ids=["forget", "addresses", "recipients"],
)
def test_settings_that_change_the_past_ask_for_a_fit_of_their_own(
    engine: Database, other: Basis
) -> None:
    fit_at(engine)
    assert due_at(engine, AT + SECOND, other)
    assert model_at(engine, other) == other.model
    fit_at(engine, AT + SECOND, other)
    assert not due_at(engine, AT + 2 * SECOND, other)


def test_what_the_owner_calls_dormant_holds_at_once(engine: Database) -> None:
    fitted = fit_at(engine).model["parameters"]
    stricter = replace(BASIS, model=Renewal(dormant_days=90, dormant_gaps=2))
    used = model_at(engine, stricter).to_dict()
    assert used == {**fitted, "dormant_days": 90, "dormant_gaps": 2}


@pytest.mark.parametrize(
    "model",
    [
        {"model": "oracle", "parameters": {}},
        {"model": "renewal", "parameters": {"xyzzy": 1.0}},
    ],
    ids=["name", "parameter"],
)
def test_a_model_of_another_version_of_the_program_is_not_used(
    engine: Database, model: Mapping[str, object]
) -> None:
    keep(engine, replace(fit_at(engine), model=model))
    assert model_at(engine) == AS_SET
