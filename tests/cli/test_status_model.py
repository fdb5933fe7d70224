"""``kithd status`` says which model forecasts are made by, and how good it is."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.cli.app import main
from daemon.config.load import load
from daemon.house import furnish, open_kept
from daemon.store import fits
from daemon.store.database import writing
from daemon.store.fits import Fit
from daemon.ties.models.registry import dump
from daemon.ties.models.renewal import Renewal

SETTINGS = """
[owner]
addresses = ["you@example.org"]

[ties]
fitted = {fitted}
{more}
"""
AT = datetime(2024, 11, 3, 8, tzinfo=UTC)
SCORES = {
    "fitted": {"n": 401, "auc": 0.812, "log_loss": 0.41},
    "present": {"n": 401, "auc": 0.784, "log_loss": 0.47},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    settle(tmp_path)
    return tmp_path


def settle(home: Path, *, fitted: str = "true", more: str = "") -> None:
    (home / "config.toml").write_text(SETTINGS.format(fitted=fitted, more=more))


def keep(
    home: Path, n: int, *, is_kept: bool = False, is_judged: bool = True, auc: float = 0.812
) -> None:
    engine = open_kept(home)
    house = furnish(load(home / "config.toml"), engine, state=home, now=AT)
    made_from = house.basis.fingerprint(frozenset())
    fit = Fit(AT, AT.date(), made_from, n)
    if is_judged:
        scores = {**SCORES, "fitted": {**SCORES["fitted"], "auc": auc}}
        fit = Fit(AT, AT.date(), made_from, n, dump(Renewal(dropout_base=-2)), scores, is_kept)
    with writing(engine) as tx:
        fits.keep(tx, fit)
    engine.dispose()


def status(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> str:
    given = ["kithd", "status", "--keep", str(home), *words]
    monkeypatch.setattr(sys, "argv", given)
    main()
    out = capsys.readouterr().out
    if "--json" in words:
        return out
    [line] = [line for line in out.splitlines() if line.startswith("Rhythm model")]
    return line.removeprefix("Rhythm model").strip()


class Shown:
    """The line, or the JSON, for a folder."""

    def __init__(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._home, self._monkeypatch, self._capsys = home, monkeypatch, capsys

    def __call__(self, *words: str) -> str:
        return status(self._home, self._monkeypatch, self._capsys, *words)


@pytest.fixture
def shown(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shown:
    return Shown(home, monkeypatch, capsys)


def test_before_anything_was_fitted_it_says_who_does_it(shown: Shown) -> None:
    assert shown() == "the shipped one (nothing fitted yet: kithd run does that, once a month)"


def test_it_says_how_much_past_is_missing(home: Path, shown: Shown) -> None:
    keep(home, 312, is_judged=False)
    assert shown() == "the shipped one (your past holds 312 of 500 outcomes)"


def test_it_says_what_a_fitted_model_is_worth(home: Path, shown: Shown) -> None:
    keep(home, 1204, is_kept=True)
    assert shown() == (
        "fitted on 3 November 2024 on 1,204 outcomes of your own; it tells lasting silences from "
        "others in 81 of 100 cases (shipped: 78)"
    )
    facts = json.loads(shown("--json"))["model"]
    assert facts == {
        "name": "renewal",
        "is_fitted": True,
        "fitted_at": "2024-11-03T08:00:00+00:00",
        "n_outcomes": 1204,
        "n_needed": 500,
        "fitted": SCORES["fitted"],
        "shipped": SCORES["present"],
    }


def test_of_a_fit_that_orders_no_better_it_says_why_it_is_used(home: Path, shown: Shown) -> None:
    keep(home, 1204, is_kept=True, auc=0.7835)
    assert shown().endswith("78 of 100 cases (shipped: 78); its chances are nearer to what came")


def test_it_says_that_a_fit_was_no_better(home: Path, shown: Shown) -> None:
    keep(home, 1204)
    assert shown() == (
        "the shipped one (fitted on 3 November 2024 on 1,204 outcomes of your own, another was "
        "no better)"
    )
    keep(home, 900, is_judged=False)
    assert shown() == "the shipped one (your past of 900 outcomes cannot tell another apart yet)"


@pytest.mark.parametrize(
    ("fitted", "more", "says"),
    [
        ("false", "", "the shipped one (ties.fitted = false)"),
        ("true", "dropout_base = -2.5", "as your settings have it"),
        ("false", "dropout_base = -2.5", "as your settings have it"),
    ],
    ids=["no fits", "own number", "both"],
)
def test_it_says_that_the_owner_rules(
    home: Path, shown: Shown, fitted: str, more: str, says: str
) -> None:
    keep(home, 1204, is_kept=True)
    settle(home, fitted=fitted, more=more)
    assert shown() == says


def test_the_past_is_told_by_the_model_of_the_past(home: Path, shown: Shown) -> None:
    keep(home, 1204, is_kept=True)
    before = (AT - timedelta(days=1)).date()
    assert shown("--at", str(before)).startswith("the shipped one (nothing fitted yet")
    assert shown("--at", str((AT + timedelta(days=1)).date())).startswith("fitted on 3 November")
