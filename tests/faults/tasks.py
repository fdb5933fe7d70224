"""What a child of the zygote does: one round of the real service, at an instant it is told."""

import sys
from datetime import datetime
from pathlib import Path

from daemon.clock import Clock
from daemon.config.load import load
from daemon.house import House, furnish, open_kept
from daemon.log import Log
from daemon.notify import Notifier
from daemon.service import Service
from daemon.signals import Signals

# What a round imports when it first needs it, imported before the children are forked.
import daemon.digest.render_html  # noqa: F401  isort: skip
import connectors.imap.connector  # noqa: F401  isort: skip


def furnished(config: Path, now: datetime) -> House:
    """The house of the settings at ``config``, kept in the folder beside them."""
    state = config.parent / "state"
    return furnish(load(config), open_kept(state), state=state, now=now)


def go_round(config: str, at: str) -> None:
    """Do all that is due at ``at``, as the service does once a minute."""
    now = datetime.fromisoformat(at)
    house = furnished(Path(config), now)
    service = Service(
        house,
        clock=Clock(now),
        reload=lambda: house,
        signals=Signals(),
        notifier=Notifier({}),
        log=Log(sys.stderr, is_read_by_people=True),
        draw=lambda: 0.5,
    )
    try:
        service.tick(now)
    finally:
        service.close()
    house.kept.dispose()
