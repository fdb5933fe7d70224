"""Settings and a database -> the house: all that a command or the service works with."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from importlib import import_module
from pathlib import Path
from tempfile import mkstemp
from typing import Any, get_args
from zoneinfo import ZoneInfo

from connectors.credentials.secrets import Secret
from connectors.observations import Folder
from daemon.commands.accept import Trust
from daemon.config.load import build
from daemon.config.model import Settings, Weekday
from daemon.config.model import Source as SourceSetting
from daemon.errors import ExitCode, UserError
from daemon.interactions.infer import Limits
from daemon.jobs.basis import Basis
from daemon.people.model import Identity
from daemon.store.database import HEAD, Database, open_file, revision_of
from daemon.store.sources import Source
from daemon.suggestions.model import Cadence, Circle, Rules, SuggestionDecision
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds

DATABASE_NAME = "kithd.db"
KEY_NAME = "key"
KEY_BYTES = 32
LIVE_KINDS = frozenset({"imap", "maildir"})
"""Where an answer to a digest arrives or is kept as sent, unless the settings say where."""

LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
_TOLD = frozenset({"kind", "path", "read", "folder", "secret", "poll_minutes"})
"""Settings of a source that are told in a field of their own."""


@dataclass(frozen=True, slots=True)
class House:
    """An open database and all that a command needs to use it.

    ``engine`` is what a command looks at: what was known at ``at``. ``kept`` is where
    anything new is written; the two differ only when ``--at`` looks back. ``state`` is the
    folder it lies in, None for one that is thrown away. ``at`` is the present of this run
    in UTC, ``now`` the clock's. ``orders`` is what the settings say of single people.
    ``key`` is what the tokens in digests are made with; ``trust`` what a reply must show,
    None where none are looked for.
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
    key: bytes = field(repr=False)
    trust: Trust | None = None
    is_at_given: bool = False
    is_from_given: bool = False
    is_preview: bool = False

    @property
    def today(self) -> date:
        """The owner's local date at ``at``."""
        return self.basis.day_of(self.at)

    @property
    def digest_hour(self) -> time:
        """The owner's hour, in the owner's zone."""
        return self.settings.owner.digest_hour

    @property
    def owner(self) -> str:
        """The address that digests are sent to and that their tokens are made for."""
        return self.settings.delivery.to or self.settings.owner.addresses[0]

    @property
    def sender(self) -> str:
        """The address that digests come from."""
        return self.settings.delivery.sender or self.owner

    @property
    def reply_to(self) -> str:
        """The address that replies to a digest go to; empty where nobody looks for them."""
        return (self.settings.replies.address or self.owner) if self.trust else ""


def furnish(settings: Settings, engine: Database, *, state: Path | None, now: datetime) -> House:
    """Return the house of ``settings`` around an open database, its present being ``now``.

    Raises:
        UserError: The key in the folder ``state`` cannot be read, or is none.
    """
    is_kept = bool(state and engine.url.database)
    key = keep_key(state) if state and is_kept else secrets.token_bytes(KEY_BYTES)
    zone = ZoneInfo(settings.owner.zone)
    basis = Basis(
        addresses=_addresses(settings),
        name=settings.owner.name,
        zone=zone,
        limits=build(Limits, settings.ties),
        model=build(Renewal, settings.ties),
        thresholds=build(Thresholds, settings.ties),
    )
    return House(
        engine=engine,
        kept=engine,
        settings=settings,
        basis=basis,
        rules=_rules(settings),
        orders=tuple(_orders(settings)),
        sources=tuple(_sources(settings)),
        state=state,
        at=now,
        now=now,
        key=key,
        trust=_trust(settings, key),
    )


def open_kept(state: Path) -> Database:
    """Open the database in the folder ``state``, at the present schema.

    Raises:
        OSError: The folder cannot be written to.
        UserError: It is damaged, or a newer kithd wrote it.
    """
    engine = open_file(state / DATABASE_NAME)
    if revision_of(engine) != HEAD:
        # The migrations' library is slow to import and needed once after an upgrade.
        import_module("daemon.store.upgrade").upgrade(engine)
    return engine


def keep_key(state: Path) -> bytes:
    """Return the key in the folder ``state``, made by chance the first time, mode 0600.

    Raises:
        UserError: It cannot be read or made, or is damaged.
    """
    place = state / KEY_NAME
    with naming_the_folder(state):
        if not place.exists():
            _make_key(place)
        key = place.read_bytes()
    if len(key) != KEY_BYTES:
        raise UserError(
            "The key that digests are signed with is damaged.",
            str(place),
            f"rm {place}   (digests sent before then take no more replies)",
            exit_code=ExitCode.CONFIG,
        )
    return key


def _make_key(place: Path) -> None:
    """Make it whole or not at all, and never twice: a link cannot replace what is there."""
    descriptor, fresh = mkstemp(prefix=place.name, dir=place.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        place.hardlink_to(fresh)
    os.unlink(fresh)


@contextmanager
def naming_the_folder(state: Path) -> Iterator[None]:
    """Tell the owner which folder cannot be written to.

    Raises:
        UserError: In place of an OSError.
    """
    try:
        yield
    except OSError as problem:
        raise UserError(
            "kithd cannot keep anything in this folder.",
            f"{state}: {problem.strerror}",
            "Name a folder you may write to: --keep ~/.local/state/kithd",
            exit_code=ExitCode.NO_PERMISSION,
        ) from problem


def look_at(house: House, engine: Database) -> House:
    """Return ``house`` with another database to look at: the past of the one it keeps."""
    return replace(house, engine=engine)


def _addresses(settings: Settings) -> frozenset[str]:
    """The owner's, and those that digests and replies go to: whoever uses them is the owner."""
    told = (settings.delivery.to, settings.delivery.sender, settings.replies.address)
    return frozenset((*settings.owner.addresses, *filter(None, told)))


def _trust(settings: Settings, key: bytes) -> Trust | None:
    replies, owner = settings.replies, settings.owner
    live = (name for name, s in settings.sources.items() if s.kind in LIVE_KINDS)
    looked_in = frozenset(live if replies.sources is None else replies.sources)
    if not looked_in:
        return None
    return Trust(
        owner=settings.delivery.to or owner.addresses[0],
        addresses=_addresses(settings),
        key=key,
        authserv_id=replies.authserv_id,
        sources=looked_in,
        days=replies.days,
    )


def _sources(settings: Settings) -> list[Source]:
    return [
        Source(
            name,
            s.kind,
            _place(s),
            s.read.value,
            folder=s.folder or Folder.OTHER,
            given=_given(s),
            poll_minutes=s.poll_minutes,
        )
        for name, s in settings.sources.items()
    ]


def _place(source: SourceSetting) -> str:
    """Where it lies, in one word for people."""
    return str(source.path or source.url or source.host or "")


def _given(source: SourceSetting) -> dict[str, Any]:
    """What is said of it besides, by the names that connectors know it by."""
    said = {name: getattr(source, name) for name in type(source).model_fields if name not in _TOLD}
    given = {name: value for name, value in said.items() if value is not None}
    if source.secret:
        given["secret"] = Secret(source.secret)
    return given | {"path": source.path}


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
