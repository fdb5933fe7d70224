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

from connectors.observations import Folder
from daemon.commands.accept import Trust
from daemon.config.kinds import may_hold_replies
from daemon.config.load import build
from daemon.config.model import Settings, Weekday
from daemon.config.model import Source as SourceSetting
from daemon.config.open import list_beside, offer
from daemon.errors import ExitCode, UserError
from daemon.interactions.infer import Limits
from daemon.jobs.basis import Basis
from daemon.jobs.refit import find_model
from daemon.people.model import Identity
from daemon.store.database import HEAD, Database, open_copy, open_file, revision_of
from daemon.store.sources import Source
from daemon.suggestions.model import Cadence, Circle, Gaps, Rules, SuggestionDecision
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal
from daemon.ties.refit import OWNERS
from daemon.ties.states import Thresholds

DATABASE_NAME = "kithd.db"
KEY_NAME = "key"
KEY_BYTES = 32
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
_TOLD = frozenset({"kind", "path", "read", "folder", "poll_minutes"})
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

    @property
    def set_model(self) -> FittedDecay:
        """The decay model that the settings describe; the one in use is that of ``basis``."""
        return build(Renewal, self.settings.ties)

    @property
    def is_model_own(self) -> bool:
        """Whether the owner set a number of the model itself to another than the shipped.

        A number that is written down as shipped says nothing: settings that kithd writes out
        have them all.
        """
        ties = self.settings.ties
        own = type(ties).model_fields.keys() & self.set_model.to_dict().keys() - set(OWNERS)
        return any(getattr(ties, n) != type(ties).model_fields[n].default for n in own)

    @property
    def is_fitting(self) -> bool:
        """Whether a model fitted to the owner's own past may be used in place of the one set."""
        return self.settings.ties.fitted and not self.is_model_own


def furnish(
    settings: Settings,
    engine: Database,
    *,
    state: Path | None,
    now: datetime,
    at: datetime | None = None,
) -> House:
    """Return the house of ``settings`` around an open database.

    Args:
        settings: What the owner set.
        engine: Open, at the present schema.
        state: The folder it lies in, None for one that is thrown away.
        now: What the clock says.
        at: The present of this run, ``now`` if not given: what was fitted later is not used.

    Raises:
        UserError: The key in the folder ``state`` cannot be read, or is none.
    """
    is_kept = bool(state and engine.url.database)
    key = keep_key(state) if state and is_kept else secrets.token_bytes(KEY_BYTES)
    zone = ZoneInfo(settings.owner.zone)
    basis = Basis(
        addresses=_addresses(settings),
        name=settings.owner.name,
        sources=frozenset(settings.sources),
        zone=zone,
        limits=build(Limits, settings.ties),
        model=build(Renewal, settings.ties),
        thresholds=build(Thresholds, settings.ties),
    )
    house = House(
        engine=engine,
        kept=engine,
        settings=settings,
        basis=basis,
        rules=_rules(settings),
        orders=tuple(_orders(settings)),
        sources=tuple(_sources(settings)),
        state=state,
        at=at or now,
        now=now,
        key=key,
        trust=_trust(settings, key),
    )
    return take_fit(house, at=house.at)


def take_fit(house: House, *, at: datetime) -> House:
    """Return ``house`` with the decay model that is in use at ``at``."""
    if not house.is_fitting:
        return house
    as_set = replace(house.basis, model=house.set_model)
    with house.kept.connect() as connection:
        model = find_model(connection, as_set, at=at)
    return replace(house, basis=replace(as_set, model=model))


def open_kept(state: Path) -> Database:
    """Open the database in the folder ``state``, at the present schema.

    Raises:
        OSError: The folder cannot be written to.
        UserError: It is damaged, or a newer kithd wrote it.
    """
    engine = open_file(state / DATABASE_NAME)
    _upgrade(engine)
    return engine


def open_preview(state: Path) -> Database:
    """Open a throw-away copy of the database in the folder ``state``, at the present schema.

    Raises:
        UserError: It is damaged, or a newer kithd wrote it.
    """
    place = state / DATABASE_NAME
    engine = open_copy(place)
    if place.exists():
        _upgrade(engine)
    return engine


def _upgrade(engine: Database) -> None:
    if revision_of(engine) != HEAD:
        # The migrations' library is slow to import and needed once after an upgrade.
        import_module("daemon.store.upgrade").upgrade(engine)


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
    live = (name for name, s in settings.sources.items() if may_hold_replies(s))
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
            beside=list_beside(s, (*settings.sources.values(), settings.delivery)),
            poll_minutes=s.poll_minutes,
        )
        for name, s in settings.sources.items()
    ]


def _place(source: SourceSetting) -> str:
    """Where it lies, in one word for people."""
    return str(source.path or source.url or source.host or source.kind)


def _given(source: SourceSetting) -> dict[str, Any]:
    """What is said of it besides, by the names that connectors know it by."""
    given = {name: value for name, value in offer(source).items() if name not in _TOLD}
    return given | {"path": source.path}


def _rules(settings: Settings) -> Rules:
    week = get_args(Weekday)
    workdays = frozenset(week.index(day) for day in settings.owner.workdays)
    circles: dict[str, Gaps] = {
        name: Gaps(rule.ideal_days, rule.longest_days, circle=name)
        for name, rule in settings.circles.items()
    }
    rules = build(Rules, settings.suggestions, settings.ties)
    return replace(rules, workdays=workdays, circles=circles)


def _orders(settings: Settings) -> list[SuggestionDecision]:
    orders: list[SuggestionDecision] = []
    for email, rule in settings.people.items():
        if rule.circle:
            orders.append(Circle(Identity(email), rule.circle, LONG_AGO))
        if rule.cadence_days or rule.ideal_days:
            orders.append(Cadence(Identity(email), rule.cadence_days, LONG_AGO, rule.ideal_days))
    return orders
