"""A house and a clock -> a service: reads, notices, sends a digest a day, and obeys replies.

``schedule`` decides when to look, once a minute; the database decides what is due. So a
machine that slept, was restarted or had its clock put right does what is still to be done,
once.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from time import monotonic
from typing import TypeVar

from schedule import Scheduler

from daemon import memory
from daemon.clock import Clock
from daemon.delivery.transport import Transport
from daemon.errors import UserError
from daemon.health import keep_note, read_health, say_briefly
from daemon.house import LONG_AGO, House, take_fit
from daemon.jobs import due, refit, watch
from daemon.jobs.gather import Gatherer
from daemon.jobs.refresh import derive, enrol
from daemon.jobs.tenure import Tenure
from daemon.locate import locate
from daemon.log import Log, mask
from daemon.notify import Notifier
from daemon.post import open_way, send_mail
from daemon.signals import Signals
from daemon.store import outbox, replies, sources
from daemon.store.sources import Source
from daemon.ties.refit import Fitting

T = TypeVar("T")

TICK_SECONDS = 60.0

READ_SECONDS = 40.0
"""How long one round reads: less than a minute, so that a digest is not late for a backfill."""

YOUNG_SECONDS = 3600.0
"""Between two times that the process begins anew."""

NEWS_SECONDS = 2.0
"""Between two rounds at the least: a mailbox that is busy tells of news many times a minute."""

MUCH = 1000
"""Observations read from which on a process is worn: a first reading is more, a day's mail less."""


class Service:
    """One owner's service. ``tick`` is one round; ``run`` goes on until it is wished to stop."""

    def __init__(
        self,
        house: House,
        *,
        clock: Clock,
        reload: Callable[[], House],
        signals: Signals,
        notifier: Notifier,
        log: Log,
        draw: Callable[[], float] = random.random,
        has_begun_anew: bool = False,
        fit: Fitting | None = None,
    ) -> None:
        """Take the house; nothing is read or sent yet.

        Args:
            house: Open, and kept in a folder.
            clock: Read once a round.
            reload: Returns the house of the settings as they are now, around the same
                database, or raises UserError.
            signals: Looked at within every wait.
            notifier: Told how the service is.
            log: Told what is done and what goes wrong.
            draw: Numbers by chance, 0 to 1, that spread the next tries of what failed.
            has_begun_anew: Whether this process was the service just before: then nothing has
                changed that a stopped source waits for, and it is small enough for a while.
            fit: How the decay model is fitted to the owner's own past; None for not at all.
        """
        if house.state is None:
            raise ValueError("a service keeps its house in a folder")
        self._clock, self._reload, self._draw = clock, reload, draw
        self._signals, self._notifier, self._log = signals, notifier, log
        self._state, self._tenure = house.state, Tenure(house.kept, house.state)
        self._watchers: list[watch.Watcher] = []
        self._news: list[str] = []
        self._ended_at = monotonic()
        self._n_read, self._is_reading, self._is_worn = 0, False, False
        self._fit, self._tried_at = fit, LONG_AGO
        self._has_begun_anew, self._began_at = has_begun_anew, monotonic()
        self._move_into(house)

    def run(self) -> bool:
        """Do a round a minute, and one at once when there is news, until wished to stop.

        Returns:
            Whether the process should begin anew, since it has done what leaves it large.

        Raises:
            UserError: Another kithd is the service of this owner.
        """
        self._tenure.begin(at=self._clock.now())
        try:
            if not self._has_begun_anew:
                keep_note(self._state, "")
                sources.resume_all(self._house.kept)
            self._notifier.ready()
            self._log.info("started", sources=len(self._house.sources))
            self._watch()
            self._go_round()
            return not self._signals.is_stopping
        finally:
            self._end()

    def tick(self, now: datetime) -> None:
        """Do all that is due at ``now``, in the order in which one thing feeds the next.

        Raises:
            UserError: Another machine has become the service.
        """
        is_ours = self._do("turn", self._tenure.go_on, now)
        if is_ours is None:
            return
        if not is_ours:
            raise self._tenure.explain(at=now)
        n_new = self._do("read", self._read, now) or 0
        self._do("answer", self._answer, now)
        is_morning = self._do("look", self._is_morning, now) or False
        if n_new or is_morning:
            self._do("derive", self._derive, now)
        if is_morning:
            self._do("digest", self._prepare, now)
        self._do("deliver", self._deliver, now)
        is_fitted = self._do("refit", self._refit, now) or False
        if n_new or is_morning or is_fitted:
            self._house.kept.dispose()
            memory.give_back()
        self._do("status", self._tell, now)
        self._ended_at = monotonic()

    def close(self) -> None:
        """Close what is open at the sources. Idempotent."""
        for watcher in self._watchers:
            watcher.end()
        self._watchers.clear()
        self._gatherer.close()

    # -- the loop ---------------------------------------------------------------------------

    def _go_round(self) -> None:
        scheduler = self._plan()
        scheduler.run_all()
        while not (self._signals.is_stopping or self._may_begin_anew()):
            self._notifier.beat()
            self._signals.wait(self._pause(scheduler))
            if self._signals.is_reloading:
                self._reload_settings()
            if self._news and monotonic() - self._ended_at >= NEWS_SECONDS:
                self._hear_news()
            if (scheduler.idle_seconds or 0.0) > TICK_SECONDS:
                # The machine's clock was put back, and the next round would be long in coming.
                scheduler = self._plan()
            scheduler.run_pending()

    def _may_begin_anew(self) -> bool:
        """Whether work has made the process larger than it need be, and nothing would be lost.

        A digest brings libraries that nothing else needs, and a long reading leaves memory in
        pieces. A process that begins anew takes the settings as they are now, so it does
        not where they were changed and nobody asked for them yet.
        """
        if not self._is_worn or self._is_reading or self._is_young():
            return False
        self._is_worn = False
        try:
            return self._reload().settings == self._house.settings
        except UserError:
            return False

    def _is_young(self) -> bool:
        """Whether it began anew lately: what fails at each round must not do so each round."""
        return self._has_begun_anew and monotonic() - self._began_at < YOUNG_SECONDS

    def _plan(self) -> Scheduler:
        scheduler = Scheduler()
        scheduler.every(int(TICK_SECONDS)).seconds.do(self._round)
        return scheduler

    def _round(self) -> None:
        self.tick(self._clock.now())

    def _pause(self, scheduler: Scheduler) -> float:
        seconds = [scheduler.idle_seconds or 0.0, TICK_SECONDS]
        if self._notifier.watchdog_seconds:
            seconds.append(self._notifier.watchdog_seconds / 3)
        if self._news:
            seconds.append(NEWS_SECONDS - (monotonic() - self._ended_at))
        return max(min(seconds), 0.0)

    def _hear_news(self) -> None:
        names, self._news = self._news, []
        now = self._clock.now()
        self._do("news", lambda at: sources.make_due(self._house.kept, names, at=at), now)
        self.tick(now)

    def _end(self) -> None:
        if self._signals.is_stopping:
            self._notifier.stopping()
        self.close()
        self._tenure.end()
        self._log.info("ended" if self._signals.is_stopping else "gave its turn back")

    # -- the settings -----------------------------------------------------------------------

    def _move_into(self, house: House) -> None:
        self._house = house
        self._gatherer = Gatherer(
            house.kept,
            house.basis,
            trust=house.trust,
            is_stopping=lambda: self._signals.is_stopping,
            on_batch=lambda *_: self._notifier.beat(),
            draw=self._draw,
        )
        enrol(house.kept, house.sources)
        sources.retire_others(house.kept, [s.name for s in house.sources])
        self._transport: Transport | None = open_way(house)

    def _reload_settings(self) -> None:
        self._signals.is_reloading = False
        self._notifier.reloading()
        self._do("reload", self._take_settings, self._clock.now())
        self._notifier.ready()
        self._round()

    def _take_settings(self, _now: datetime) -> None:
        """Take the settings as they are now if they can be used, else keep what is in force."""
        try:
            house = self._reload()
            open_way(house)
        except UserError as problem:
            says = mask(problem.problem)
            self._log.error("the new settings cannot be used; the old ones stay", problem=says)
            keep_note(self._state, f"{says} ({problem.where})")
            return
        self.close()
        self._move_into(house)
        sources.resume_all(house.kept)
        keep_note(self._state, "")
        self._watch()
        self._log.info("reloaded", sources=len(house.sources))

    def _watch(self) -> None:
        def hear(name: str) -> None:
            self._news.append(name)
            self._signals.wake()

        live = watch.list_live(self._house.sources)
        self._watchers = [watch.watch(source, self._house.basis, hear) for source in live]
        if live:
            self._log.info("watching", mailboxes=len(live))

    # -- the jobs ---------------------------------------------------------------------------

    def _do(self, name: str, job: Callable[[datetime], T], now: datetime) -> T | None:
        self._notifier.beat()
        if self._signals.is_stopping:
            return None
        try:
            return job(now)
        except UserError as problem:
            self._log.error("a job failed", job=name, problem=problem.problem)
        except Exception as problem:  # noqa: BLE001 -- one job's failure stops no other
            self._log.error("a job failed", job=name, error=locate(problem))
        return None

    def _known(self) -> tuple[Source, ...]:
        with self._house.kept.connect() as connection:
            return due.schedule(self._house.sources, sources.read_schedule(connection))

    def _read(self, now: datetime) -> int:
        wanted = due.list_due(self._known(), at=now)
        found = self._gatherer.gather(wanted, at=now, seconds=READ_SECONDS)
        for trouble in found.troubles:
            self._log.warning(
                "a source could not be read", source=trouble.source, why=trouble.needs
            )
        self._is_reading, self._n_read = found.n_reading > 0, self._n_read + found.n_stored
        self._is_worn |= self._n_read >= MUCH
        if found.n_stored:
            self._log.info("read", observations=found.n_stored, still_reading=found.n_reading)
        return found.n_stored

    def _derive(self, now: datetime) -> None:
        derive(self._house.kept, self._house.basis, at=now, on_step=self._notifier.beat)

    def _answer(self, now: datetime) -> None:
        house = self._house
        with house.kept.connect() as connection:
            if house.trust is None or not replies.read_waiting(connection):
                return
        # Loaded when there is something to lay out: it is a tenth of the process.
        told = import_module("daemon.replying").answer_replies(house, at=now)
        self._is_worn = True
        self._log.info("obeyed replies", replies=told.n_obeyed, answered=told.n_told)

    def _is_morning(self, now: datetime) -> bool:
        """Whether the digest of today is to be made in this round."""
        house = self._house
        if self._transport is None or not due.is_digest_due(
            now, zone=house.basis.zone, hour=house.digest_hour, workdays=house.rules.workdays
        ):
            return False
        with house.kept.connect() as connection:
            if outbox.read_outgoing(connection, house.basis.day_of(now)):
                return False
        return not due.is_worth_waiting(self._known(), at=now, zone=house.basis.zone)

    def _prepare(self, now: datetime) -> None:
        house = self._house
        kind = import_module("daemon.jobs.morning").prepare(
            house.kept,
            house.basis,
            at=now,
            rules=house.rules,
            orders=house.orders,
            keeps_at=str(house.state),
            delivery=house.settings.delivery,
            key=house.key,
            reply_to=house.reply_to,
            owner=house.owner,
            pulse_days=house.settings.delivery.pulse_days,
        )
        self._is_worn = True
        self._log.info("prepared the day", kind=kind)

    def _deliver(self, now: datetime) -> None:
        if self._transport is None:
            return
        done = send_mail(self._house, self._transport, at=now)
        if done.n_sent:
            self._log.info("sent", mails=done.n_sent)
        for problem in done.problems:
            self._log.error("a mail is not out", problem=problem)

    def _refit(self, now: datetime) -> bool:
        """Fit the decay model to the owner's own past if that is due: once a month, after all else.

        Returns:
            Whether it was due.
        """
        house = self._house
        if self._fit is None or not self._is_refit_due(now):
            return False
        # What breaks half-way must not be begun again each minute.
        self._tried_at = now
        self._derive(now)
        done = refit.refit(house.kept, house.basis, house.set_model, self._fit, at=now)
        self._house = take_fit(house, at=now)
        self._is_worn |= bool(done.scores)
        self._log.info("fitted the decay model", outcomes=done.n, is_used=done.is_kept)
        return True

    def _is_refit_due(self, now: datetime) -> bool:
        house, since = self._house, now - self._tried_at
        if self._is_reading or not house.is_fitting or timedelta() <= since < refit.AGAIN:
            return False
        with house.kept.connect() as connection:
            return refit.is_due(connection, house.basis, at=now)

    def _tell(self, now: datetime) -> None:
        self._notifier.status(say_briefly(read_health(self._house, at=now), self._house))
