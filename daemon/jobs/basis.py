"""What derivation stands on besides the observations: whose network, which zone, which limits."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import blake2s
from zoneinfo import ZoneInfo

from daemon.interactions.infer import Limits
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds

DERIVED_VERSION = 2
"""Raise when interactions, people or ties are derived differently: all is then derived anew."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The owner and the settings that derivation depends on.

    ``addresses`` are the owner's, lower-cased, as given. ``sources`` names those whose accounts
    are believed about further ones, None for all. ``zone`` decides which day an interaction
    falls on.
    """

    addresses: frozenset[str]
    name: str = ""
    sources: frozenset[str] | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    limits: Limits = field(default_factory=Limits)
    model: FittedDecay = field(default_factory=Renewal)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def day_of(self, at: datetime | int) -> date:
        """Return the owner's local day of an instant, or of seconds since 1970."""
        if isinstance(at, int):
            return datetime.fromtimestamp(at, self.zone).date()
        return at.astimezone(self.zone).date()

    def end_of(self, on: date) -> int:
        """Return the last second of the owner's local day ``on``."""
        next_day = datetime.combine(on + timedelta(days=1), time(), self.zone)
        return int(next_day.timestamp()) - 1

    def fingerprint(self, aliases: frozenset[str]) -> str:
        """Return what changes whenever all must be derived anew.

        ``aliases`` are addresses that were found to be the owner's as well.
        """
        facts = [
            DERIVED_VERSION,
            sorted(self.addresses | aliases),
            str(self.zone),
            self.limits.max_recipients,
            self.limits.max_attendees,
            self.model.forget,
        ]
        return blake2s(json.dumps(facts).encode(), digest_size=12).hexdigest()
