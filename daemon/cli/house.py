"""Options and settings -> an open database, its owner, and the sources to read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from daemon.cli.options import parse_at
from daemon.cli.recognise import recognise
from daemon.clock import Clock
from daemon.config.load import find_config, load
from daemon.config.model import Owner, Settings
from daemon.config.model import Source as SourceSetting
from daemon.config.render import show
from daemon.errors import ExitCode, UserError
from daemon.house import House, furnish, naming_the_folder, open_kept, open_preview
from daemon.store.database import Database, open_scratch
from daemon.store.sources import Source

CONFIG_NAME = "config.toml"


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


def open_house(wishes: Wishes, *, environ: Mapping[str, str], clock: Clock) -> House:
    """Open what ``wishes`` name: bare files, a folder kept earlier, or the settings' sources.

    Raises:
        UserError: There is nothing to read, or settings or paths are wrong.
    """
    settings = _settle(wishes, environ)
    state = _state_of(wishes, environ)
    now = clock.now()
    hour = settings.owner.digest_hour
    at = parse_at(wishes.at, zone=ZoneInfo(settings.owner.zone), hour=hour, now=now)
    engine = _open(state, settings, wishes)
    house = furnish(settings, engine, state=state, now=now, at=at.astimezone(UTC))
    return replace(
        house,
        is_at_given=wishes.at is not None,
        is_from_given=bool(wishes.sources),
        is_preview=wishes.is_preview,
    )


def refurnish(house: House, wishes: Wishes, *, environ: Mapping[str, str], clock: Clock) -> House:
    """Return the house that the settings now describe, around the database that is open.

    Raises:
        UserError: The settings are wrong; ``house`` is as good as before.
    """
    settings = _settle(wishes, environ)
    return furnish(settings, house.kept, state=house.state, now=clock.now())


def _open(state: Path | None, settings: Settings, wishes: Wishes) -> Database:
    if state is None:
        return open_scratch()
    if wishes.is_preview:
        return open_preview(state)
    return open_state(state, settings, wishes)


def open_state(state: Path, settings: Settings, wishes: Wishes) -> Database:
    """Open the database in the folder ``state`` and keep the settings beside it.

    Raises:
        UserError: The folder cannot be written to.
    """
    with naming_the_folder(state):
        if wishes.sources:
            state.mkdir(parents=True, exist_ok=True, mode=0o700)
            _keep_settings(state / CONFIG_NAME, settings)
        return open_kept(state)


def _settle(wishes: Wishes, environ: Mapping[str, str]) -> Settings:
    path = _settings_path(wishes, environ)
    if path is None and not wishes.sources:
        raise UserError(
            "There is nothing to read yet.",
            "no --from, and no settings in the usual places",
            "kithd setup   (or: kithd digest --from mail.mbox --me you@example.org)",
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


def find_settings(wishes: Wishes, environ: Mapping[str, str]) -> Path:
    """Return the settings file that ``wishes`` mean.

    Raises:
        UserError: There is none.
    """
    path = _settings_path(wishes, environ)
    if path is None:
        raise UserError(
            "There are no settings yet.",
            "no --config, $KITHD_CONFIG, ~/.config/kithd/config.toml or /etc/kithd/config.toml",
            "kithd setup",
            exit_code=ExitCode.CONFIG,
        )
    return path


def _settings_path(wishes: Wishes, environ: Mapping[str, str]) -> Path | None:
    if wishes.config is None and wishes.keep is not None:
        kept = wishes.keep / CONFIG_NAME
        return kept if kept.is_file() else None
    if wishes.config is None and wishes.sources:
        return None
    return find_config(wishes.config, environ, Path.home())


def _state_of(wishes: Wishes, environ: Mapping[str, str]) -> Path | None:
    if wishes.keep is None and wishes.sources:
        return None
    return find_state(wishes.keep, environ)


def find_state(keep: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the folder of the database: ``keep``, or where the service has it.

    Source: design notes, the command line.
    """
    if keep is not None:
        return keep
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
