"""A service for tests: a house in a folder, accounts in memory, a Maildir that digests come to."""

import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

from connectors.memory import Account
from daemon.clock import Clock
from daemon.config.model import Settings
from daemon.house import House, furnish, open_kept
from daemon.log import Log
from daemon.notify import Notifier
from daemon.service import Service
from daemon.signals import Signals
from daemon.store.sources import Source, read_schedule
from daemon.ties.refit import Fitting
from tests.jobs.world import AT, ME


def settle(**owner: Any) -> Settings:
    """The settings of Mara, whose digests go to a Maildir that ``at_home`` names."""
    said = {"addresses": (ME.email,), "digest_hour": time(7, 0), **owner}
    return Settings.model_validate({"owner": said})


def in_memory(name: str, account: Account, **facts: Any) -> Source:
    """A source that the memory connector reads."""
    return Source(name, "memory", "", "text", given={"account": account}, **facts)


@dataclass
class Home:
    """A folder with all of one owner's, and the accounts that are read."""

    folder: Path
    accounts: dict[str, Account] = field(default_factory=dict)
    settings: Settings = field(default_factory=settle)
    is_sending: bool = True

    @property
    def maildir(self) -> Path:
        return self.folder / "Maildir"

    @property
    def arrived(self) -> list[bytes]:
        """What was delivered, oldest first."""
        files = sorted((self.maildir / "new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_bytes() for file in files]

    def house(self, now: datetime = AT) -> House:
        """Open the house anew, as a restart does."""
        state = self.folder / "state"
        settings = self.settings
        if self.is_sending:
            way = settings.delivery.model_copy(update={"kind": "maildir", "path": self.maildir})
            settings = settings.model_copy(update={"delivery": way})
        house = furnish(settings, open_kept(state), state=state, now=now)
        return replace(house, sources=tuple(in_memory(n, a) for n, a in self.accounts.items()))

    def service(
        self,
        now: datetime = AT,
        *,
        signals: Signals | None = None,
        has_begun_anew: bool = False,
        fit: Fitting | None = None,
    ) -> Service:
        """Start a service that is asked to look by calling ``tick``."""
        return Service(
            self.house(now),
            clock=Clock(now),
            reload=self.house,
            signals=signals or Signals(),
            notifier=Notifier({}),
            log=Log(sys.stdout, is_read_by_people=True),
            draw=lambda: 0.5,
            has_begun_anew=has_begun_anew,
            fit=fit,
        )


def schedule_of(house: House) -> dict[str, Source]:
    """Each source with its schedule."""
    with house.kept.connect() as connection:
        return {source.name: source for source in read_schedule(connection)}
