"""``kithd run``: the service, until it is stopped."""

import os

from daemon.cli import options
from daemon.cli.house import Wishes, open_house, refurnish
from daemon.clock import Clock
from daemon.house import House
from daemon.log import open_log, take_over
from daemon.notify import Notifier
from daemon.service import Service
from daemon.signals import BEGUN_ANEW, Signals, begin_anew, obey_signals
from daemon.ties.fit import fit


def run(keep: options.Keep = None, config: options.Config = None) -> None:
    """Read, notice, send one digest a day and obey your replies, until stopped.

    SIGHUP makes it read the settings again. It logs to standard error: lines for people on a
    terminal, JSON elsewhere.

    Example: kithd run
    """
    log = open_log()
    take_over(log)
    wishes, clock, signals = Wishes(keep=keep, config=config), Clock(), Signals()
    obey_signals(signals)
    house = open_house(wishes, environ=os.environ, clock=clock)

    def reload() -> House:
        return refurnish(house, wishes, environ=os.environ, clock=clock)

    teller = Notifier()
    service = Service(
        house,
        clock=clock,
        reload=reload,
        signals=signals,
        notifier=teller,
        log=log,
        has_begun_anew=os.environ.pop(BEGUN_ANEW, "") != "",
        fit=fit,
    )
    if service.run():
        house.kept.dispose()
        begin_anew(signals)
