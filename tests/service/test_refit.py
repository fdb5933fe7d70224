"""The service fits the decay model after the digest, once a month, and goes on if that fails."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from connectors.memory import Account
from connectors.observations import Address, Message
from daemon.cli.app import build
from daemon.house import open_kept
from daemon.store import schema
from daemon.store.database import writing
from daemon.ties.fit import fit
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal
from daemon.ties.refit import NEEDED
from daemon.ties.snapshots import Snapshots
from tests.jobs.lives import fit_coarsely, life
from tests.jobs.world import AT, ME, days_ago, know, letter, register, rows
from tests.service import process
from tests.service.world import Home, settle

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three years of mail with sixty people, all of it read before."""
    state = tmp_path_factory.mktemp("lived")
    engine = open_kept(state)
    register(engine)
    know(*life(60, gap_days=4), engine=engine)
    engine.dispose()
    return state


@pytest.fixture
def home(tmp_path: Path, lived: Path) -> Home:
    copytree(lived, tmp_path / "state")
    return Home(tmp_path, {"mail": Account([])})


def count_fits(home: Home) -> int:
    return len(rows(home.house().kept, schema.fits))


def test_after_the_digest_it_fits_and_the_next_morning_uses_what_was_kept(home: Home) -> None:
    sent_before: list[int] = []

    def fit(past: Snapshots, start: FittedDecay) -> FittedDecay:
        sent_before.append(len(home.arrived))
        return fit_coarsely(past, start)

    service = home.service(fit=fit)
    service.tick(AT)
    assert sent_before == [1, 1]  # once to be judged, and once on everything
    assert len(home.arrived) == 1
    assert count_fits(home) == 1
    assert service._house.basis.model == home.house(AT).basis.model != Renewal()
    for n in (1, 29):
        service.tick(AT + n * DAY)
    assert len(sent_before) == 2
    service.tick(AT + 30 * DAY)
    assert len(sent_before) > 2
    service.close()


def test_where_no_digest_is_sent_it_fits_all_the_same(home: Home) -> None:
    home.is_sending = False
    service = home.service(fit=fit_coarsely)
    service.tick(AT)
    assert count_fits(home) == 1
    service.close()


def test_the_owner_can_do_without(home: Home) -> None:
    home.settings = settle().model_copy(
        update={"ties": settle().ties.model_copy(update={"fitted": False})}
    )
    service = home.service(fit=fit_coarsely)
    service.tick(AT)
    assert count_fits(home) == 0
    service.close()


def test_a_fit_that_breaks_stops_nothing_and_is_tried_once_a_day(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    n_tried = []

    def breaks(_: Snapshots, _start: FittedDecay) -> FittedDecay:
        n_tried.append(1)
        raise ZeroDivisionError

    service = home.service(fit=breaks)
    for n in range(5):
        service.tick(AT + n * MINUTE)
    assert (len(n_tried), len(home.arrived), count_fits(home)) == (1, 1, 0)
    assert "ZeroDivisionError at" in capsys.readouterr().out
    service.tick(AT + DAY)
    assert len(n_tried) == 2
    service.close()


def test_before_the_mail_is_read_nothing_is_fitted(home: Home) -> None:
    service = home.service(fit=fit_coarsely)
    service._is_reading = True
    assert not service._refit(AT)
    with writing(home.house().kept) as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(schema.fits)) == 0
    service.close()


YESTERDAY = datetime.combine(datetime.now(UTC).date() - DAY, AT.timetz())
SETTINGS = f"""
[owner]
addresses = ["{ME.email}"]
zone = "UTC"
"""


def lives_that_change() -> list[Message]:
    """Years in which silences were often the end, and then one in which people come back."""
    early = [one for one in life(60, gap_days=4) if one.sent_at < days_ago(450)]
    return early + [one for k in range(20) for one in come_back(k)]


def come_back(k: int) -> list[Message]:
    """A year of letters each three or four weeks; three people end it half a year early."""
    other, until = Address(f"steady{k}@example.net", f"Steady {k}"), 203 if k < 3 else 3
    return [
        letter(f"s{k}-{n}", *((ME, (other,)), (other, (ME,)))[n % 2], at=days_ago(ago + k % 7))
        for n, ago in enumerate(range(400, until, -20 - k % 11))
    ]


def live(home: Home, found: list[Message]) -> None:
    """Have ``found`` happened until yesterday, and read."""
    engine = open_kept(home.folder / "state")
    register(engine)
    moved = [replace(one, sent_at=one.sent_at + (YESTERDAY - AT)) for one in found]
    know(*moved, engine=engine, at=YESTERDAY)
    engine.dispose()


def say_model(home: Home) -> tuple[str, dict[str, Any]]:
    """What ``kithd status`` says of the model: the line, and the same for programs."""
    config = home.folder / "config.toml"
    config.write_text(SETTINGS)
    words = ("status", "--config", str(config), "--keep", str(home.folder / "state"))
    told, facts = (
        CliRunner().invoke(build(words), [*words, *more]).stdout for more in ([], ["--json"])
    )
    [line] = [line for line in told.splitlines() if line.startswith("Rhythm model")]
    return line.removeprefix("Rhythm model").strip(), json.loads(facts)["model"]


@pytest.mark.parametrize("is_kept", [True, False], ids=["went on", "changed"])
def test_the_daemons_own_fit_is_made_once_used_if_better_and_told(
    tmp_path: Path, is_kept: bool
) -> None:
    home = Home(tmp_path, {"mail": Account([])})
    live(home, life(60, gap_days=4) if is_kept else lives_that_change())
    service = home.service(YESTERDAY, fit=fit)
    for n in range(3):
        service.tick(YESTERDAY + n * MINUTE)
    used = service._house.basis.model
    service.close()
    line, facts = say_model(home)
    assert count_fits(home) == 1
    assert facts["n_outcomes"] > facts["n_needed"] == NEEDED
    assert (used != Renewal()) == (facts["is_fitted"]) == is_kept
    assert (facts["fitted"]["log_loss"] < facts["shipped"]["log_loss"]) == is_kept
    said = f"on {YESTERDAY.day} {YESTERDAY:%B %Y} on {facts['n_outcomes']} outcomes of your own"
    if is_kept:
        assert line.startswith(f"fitted {said}; it tells lasting silences from others in ")
    else:
        assert line == f"the shipped one (fitted {said}, another was no better)"


def test_kithd_run_fits_by_itself(tmp_path: Path) -> None:
    home = Home(tmp_path)
    live(home, life(60, gap_days=4))
    with process.service(tmp_path, SETTINGS) as running:
        running.wait_for("fitted the decay model")
        [told] = [line for line in running.lines if line["event"] == "fitted the decay model"]
    assert told["outcomes"] > NEEDED
    assert told["is_used"]
    assert count_fits(home) == 1
