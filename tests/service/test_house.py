"""The house keeps one key for good, and says whose replies are looked for and where."""

from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic import command

from daemon.config.model import Settings
from daemon.errors import UserError
from daemon.house import KEY_BYTES, KEY_NAME, furnish, keep_key, open_kept, open_preview
from daemon.store import fits
from daemon.store.database import HEAD, Database, open_scratch, revision_of, writing
from daemon.store.fits import Fit
from daemon.store.upgrade import alembic_config
from daemon.ties.models.registry import dump
from daemon.ties.models.renewal import Renewal
from tests.jobs.world import AT

MAILBOX = {"kind": "maildir", "path": "/tmp/Mail"}  # noqa: S108 -- named, never opened


def settle(**sections: object) -> Settings:
    owner = {"addresses": ("mara@example.org", "m@example.net")}
    return Settings.model_validate({"owner": owner, **sections})


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = keep_key(tmp_path)
    assert len(first) == KEY_BYTES
    assert keep_key(tmp_path) == first
    assert (tmp_path / KEY_NAME).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [KEY_NAME]


def test_of_many_who_make_it_at_once_all_have_the_same(tmp_path: Path) -> None:
    start, found = Barrier(8), list[bytes]()

    def make() -> None:
        start.wait()
        found.append(keep_key(tmp_path))

    makers = [Thread(target=make) for _ in range(8)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_damaged_key_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / KEY_NAME).write_bytes(b"short")
    with pytest.raises(UserError, match="damaged"):
        keep_key(tmp_path)


def test_a_house_that_is_thrown_away_leaves_no_key(tmp_path: Path) -> None:
    house = furnish(settle(), open_scratch(), state=tmp_path, now=AT)
    assert len(house.key) == KEY_BYTES
    assert not list(tmp_path.iterdir())
    assert house.trust is None


def test_replies_are_looked_for_in_mailboxes_unless_it_is_said_where(tmp_path: Path) -> None:
    sources = {
        "work": MAILBOX,
        "home": MAILBOX,
        "news": {"kind": "feed", "url": "https://example.org/"},
    }
    engine = open_kept(tmp_path)
    usual = furnish(settle(sources=sources), engine, state=tmp_path, now=AT)
    assert usual.trust
    assert usual.trust.sources == {"work", "home"}
    assert usual.trust.owner == usual.owner == usual.sender == usual.reply_to == "mara@example.org"
    assert usual.trust.key == usual.key == keep_key(tmp_path)
    told = settle(
        sources=sources,
        replies={"sources": ("home",), "address": "mara+kithd@example.org", "days": 3},
        delivery={"to": "m@example.net"},
    )
    house = furnish(told, engine, state=tmp_path, now=AT)
    assert house.trust
    assert house.trust.sources == {"home"}
    assert house.trust.days == 3
    assert (house.trust.owner, house.reply_to) == ("m@example.net", "mara+kithd@example.org")
    assert str(house.key) not in repr(house)


FITTED = Renewal(prior_gap_days=12, dropout_base=-2)


def fitted_at(engine: Database, days: int = 0, *, is_kept: bool = True) -> None:
    """Keep a fit made so many days after ``AT`` from settings that say nothing of ties."""
    made_from = furnish(settle(), engine, state=None, now=AT).basis.fingerprint(frozenset())
    at = AT + timedelta(days)
    with writing(engine) as tx:
        fits.keep(tx, Fit(at, at.date(), made_from, 900, dump(FITTED), {"fitted": {}}, is_kept))


def test_a_kept_fit_is_used_from_then_on_and_never_before() -> None:
    engine = open_scratch()
    assert furnish(settle(), engine, state=None, now=AT).basis.model == Renewal()
    fitted_at(engine)
    late = AT + timedelta(9)
    assert furnish(settle(), engine, state=None, now=late).basis.model == FITTED
    then = furnish(settle(), engine, state=None, now=late, at=AT - timedelta(1))
    assert then.basis.model == Renewal()
    fitted_at(engine, 3, is_kept=False)
    assert furnish(settle(), engine, state=None, now=late).basis.model == Renewal()
    then = furnish(settle(), engine, state=None, now=late, at=AT + timedelta(2))
    assert then.basis.model == FITTED


@pytest.mark.parametrize(
    ("ties", "model"),
    [
        ({"prior_gap_days": 20.0}, Renewal(prior_gap_days=20)),
        ({"dropout_per_log_n": -0.5}, Renewal(dropout_per_log_n=-0.5)),
        ({"fitted": False}, Renewal()),
        ({"dormant_days": 90.0}, Renewal(prior_gap_days=12, dropout_base=-2, dormant_days=90)),
        ({"prior_gap_days": 8.0, "cooling_at": 0.2}, FITTED),
        ({"forget": 0.8}, Renewal(forget=0.8)),
    ],
    ids=["own gap", "own dropout", "no fits", "own horizon", "as shipped", "folded otherwise"],
)
def test_what_the_owner_sets_of_the_model_rules_over_a_fit(
    ties: dict[str, object], model: Renewal
) -> None:
    engine = open_scratch()
    fitted_at(engine)
    assert furnish(settle(ties=ties), engine, state=None, now=AT).basis.model == model


def test_a_preview_of_what_an_older_kithd_kept_upgrades_its_copy_alone(tmp_path: Path) -> None:
    engine = open_kept(tmp_path)
    config = alembic_config()
    with writing(engine) as tx:
        config.attributes["connection"] = tx
        command.downgrade(config, "0002")
    preview = open_preview(tmp_path)
    assert furnish(settle(), preview, state=tmp_path, now=AT).basis.model == Renewal()
    assert (revision_of(preview), revision_of(engine)) == (HEAD, "0002")
    engine.dispose()
    assert revision_of(open_preview(tmp_path / "nothing kept")) is None
