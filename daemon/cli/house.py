"""Options and settings -> an open database, its owner, and the sources to read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from connectors.observations import Folder
from daemon.cli.options import parse_at
from daemon.cli.recognise import recognise
from daemon.clock import Clock
from daemon.config.load import build, find_config, load
from daemon.config.model import Owner, Settings, Weekday
from daemon.config.model import Source as SourceSetting
from daemon.config.render import show
from daemon.errors import ExitCode, UserError
from daemon.interactions.infer import Limits
from daemon.jobs.basis import Basis
from daemon.people.model import Identity
from daemon.store.database import HEAD, Database, open_copy, open_file, open_scratch, revision_of
from daemon.store.sources import Source
from daemon.suggestions.model import Cadence, Circle, Rules, SuggestionDecision
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds

CONFIG_NAME = "config.toml"
DATABASE_NAME = "kithd.db"
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for, as given. A preview leaves what is kept as it is."""

    sources: tuple[Path, ...] = ()
    me: tuple[str, ...] = ()
    at: str | None = None
    keep: Path | None = None
    config: Path | None = None
    zone: str | None = None
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """An open database and all that a command needs to use it.

    ``engine`` is what a command looks at: what was known at ``at``. ``kept`` is where
    anything new is written; the two differ only when ``--at`` looks back. ``state`` is the
    folder it lies in, None for one that is thrown away. ``at`` is the present of this run
    in UTC, ``now`` the clock's. ``orders`` is what the settings say of single people.
    """

    engine: Database
    kept: Database
    settings: Settings
    basis: Basis
    rules: Rules
    orders: tuple[SuggestionDecision, ...]
    sources: tuple[Source, ...]
    state: Path | None
    at: datetime
    now: datetime
    is_at_given: bool
    is_from_given: bool
    is_preview: bool

    @property
    def today(self) -> date:
        """The owner's local date at ``at``."""
        return self.basis.day_of(self.at)


def open_house(wishes: Wishes, *, environ: Mapping[str, str], clock: Clock) -> House:
    """Open what ``wishes`` name: bare files, a folder kept earlier, or the settings' sources.

    Raises:
        UserError: There is nothing to read, or settings or paths are wrong.
    """
    settings = _settle(wishes, environ)
    state = _state_of(wishes, environ)
    zone = ZoneInfo(settings.owner.zone)
    now = clock.now()
    hour = settings.owner.digest_hour
    basis = Basis(
        addresses=frozenset(settings.owner.addresses),
        name=settings.owner.name,
        zone=zone,
        limits=build(Limits, settings.ties),
        model=build(Renewal, settings.ties),
        thresholds=build(Thresholds, settings.ties),
    )
    engine = _open(state, settings, wishes)
    return House(
        engine=engine,
        kept=engine,
        settings=settings,
        basis=basis,
        rules=_rules(settings),
        orders=tuple(_orders(settings)),
        sources=tuple(_sources(settings)),
        state=state,
        at=parse_at(wishes.at, zone=zone, hour=hour, now=now).astimezone(UTC),
        now=now,
        is_at_given=wishes.at is not None,
        is_from_given=bool(wishes.sources),
        is_preview=wishes.is_preview,
    )


def _open(state: Path | None, settings: Settings, wishes: Wishes) -> Database:
    if state is None:
        return open_scratch()
    if wishes.is_preview:
        return open_copy(state / DATABASE_NAME)
    return open_state(state, settings, wishes)


def open_state(state: Path, settings: Settings, wishes: Wishes) -> Database:
    """Open the database in the folder ``state`` and keep the settings beside it.

    Raises:
        UserError: The folder cannot be written to.
    """
    try:
        engine = open_file(state / DATABASE_NAME)
        if wishes.sources:
            _keep_settings(state / CONFIG_NAME, settings)
    except OSError as problem:
        raise UserError(
            "kithd cannot keep anything in this folder.",
            f"{state}: {problem.strerror}",
            "Name a folder you may write to: --keep ~/.local/state/kithd",
            exit_code=ExitCode.NO_PERMISSION,
        ) from problem
    if revision_of(engine) != HEAD:
        # The migrations' library is slow to import and needed once after an upgrade.
        import_module("daemon.store.upgrade").upgrade(engine)
    return engine


def _settle(wishes: Wishes, environ: Mapping[str, str]) -> Settings:
    path = _settings_path(wishes, environ)
    if path is None and not wishes.sources:
        raise UserError(
            "There is nothing to read yet.",
            "no --from, and no settings in the usual places",
            "kithd digest --from mail.mbox --me you@example.org   (or: kithd demo)",
            exit_code=ExitCode.CONFIG,
        )
    addresses = tuple(me.strip().lower() for me in wishes.me)
    if path is not None:
        settings = load(path)
    elif addresses:
        settings = Settings(owner=_owner(addresses))
    else:
        raise UserError(
            "kithd must know which addresses are yours.",
            "the --me option is missing",
            "--me you@example.org   (once for each address you write from)",
        )
    return _with_wishes(settings, wishes, addresses)


def _with_wishes(settings: Settings, wishes: Wishes, addresses: tuple[str, ...]) -> Settings:
    owner = settings.owner
    known = dict.fromkeys((*owner.addresses, *addresses))
    changed = _owner(tuple(known)).model_copy(
        update={k: getattr(owner, k) for k in type(owner).model_fields if k != "addresses"}
    )
    if wishes.zone:
        zone = _owner(tuple(known), zone=wishes.zone).zone
        changed = changed.model_copy(update={"zone": zone})
    named = {s.name: _setting(s) for s in recognise(wishes.sources)}
    sources = {**settings.sources, **named} if wishes.keep else named or settings.sources
    return settings.model_copy(update={"owner": changed, "sources": sources})


def _owner(addresses: tuple[str, ...], zone: str = "UTC") -> Owner:
    try:
        return Owner(addresses=addresses, zone=zone)
    except ValidationError as problem:
        # A tuple without its one bad address is too short as well; that is no news.
        told = [d["msg"] for d in problem.errors() if d["type"] == "value_error"]
        wrong = "; ".join(told or [d["msg"] for d in problem.errors()])
        raise UserError(
            wrong.replace("Value error, ", ""),
            "the --me and --zone options",
            "--me you@example.org --zone Europe/Berlin",
        ) from problem


def _setting(source: Source) -> SourceSetting:
    return SourceSetting(kind=source.kind, path=Path(source.place))


def _settings_path(wishes: Wishes, environ: Mapping[str, str]) -> Path | None:
    if wishes.config is None and wishes.keep is not None:
        kept = wishes.keep / CONFIG_NAME
        return kept if kept.is_file() else None
    if wishes.config is None and wishes.sources:
        return None
    return find_config(wishes.config, environ, Path.home())


def _state_of(wishes: Wishes, environ: Mapping[str, str]) -> Path | None:
    if wishes.keep is not None:
        return wishes.keep
    if wishes.sources:
        return None
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.partition(":")[0])
    usual = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(usual) / "kithd"


def _keep_settings(path: Path, settings: Settings) -> None:
    text = show(settings)
    if not path.exists() or path.read_text() != text:
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        fresh.replace(path)


def _sources(settings: Settings) -> list[Source]:
    return [
        Source(name, s.kind, str(s.path or ""), s.read.value, folder=s.folder or Folder.OTHER)
        for name, s in settings.sources.items()
    ]


def _rules(settings: Settings) -> Rules:
    week = get_args(Weekday)
    workdays = frozenset(week.index(day) for day in settings.owner.workdays)
    return replace(build(Rules, settings.suggestions, settings.ties), workdays=workdays)


def _orders(settings: Settings) -> list[SuggestionDecision]:
    orders: list[SuggestionDecision] = []
    for email, rule in settings.people.items():
        if rule.circle:
            orders.append(Circle(Identity(email), rule.circle, LONG_AGO))
        if rule.cadence_days:
            orders.append(Cadence(Identity(email), rule.cadence_days, LONG_AGO))
    return orders


def look_at(house: House, engine: Database) -> House:
    """Return ``house`` with another database to look at: the past of the one it keeps."""
    return replace(house, engine=engine)
