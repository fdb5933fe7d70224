"""Sources and delivery -> whether each of them answers, asked side by side, storing nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import TypeAlias
from urllib.parse import urlsplit

from connectors.errors import AccessDenied, CursorExpired, Misconfigured, Unavailable
from connectors.protocol import Batch
from daemon.config.kinds import signs_in
from daemon.config.model import Settings
from daemon.config.open import DELIVERY
from daemon.config.sign_in import asks_to_sign_in, complete, tell_sign_in
from daemon.delivery.transport import NotNow, Refused, open_transport
from daemon.errors import ExitCode, UserError
from daemon.jobs.basis import Basis
from daemon.jobs.check import Finding, name_of, object_to, tell_renewal, well
from daemon.jobs.refresh import connect
from daemon.store.sources import Source

REACH_SECONDS = 60.0
"""How long an account may take to answer; a first batch of 250 messages takes a few seconds."""
N_AT_ONCE = 12
"""Accounts that are asked at once: each may start a process of its own, and those are bounded."""

Probe: TypeAlias = Callable[[], Finding]


def reach(
    settings: Settings,
    sources: Iterable[Source],
    basis: Basis,
    *,
    at: datetime,
    seconds: float = REACH_SECONDS,
) -> Iterator[Finding]:
    """Open every source and take its first batch; sign in where the digest is sent.

    Args:
        settings: Those of the owner.
        sources: The same sources as the settings', as the house holds them.
        basis: The owner's.
        at: The present, aware: text older than this is not fetched.
        seconds: How long all of them may take together; who is late is told of as such.

    Yields:
        One finding an account, as they come in.
    """
    probes: dict[str, Probe] = {
        f"sources.{it.name}": partial(_reach_source, settings, it, basis, at) for it in sources
    }
    if settings.delivery.kind:
        probes[DELIVERY] = partial(_reach_delivery, settings)
    yield from _side_by_side(probes, seconds)


def _side_by_side(probes: Mapping[str, Probe], seconds: float) -> Iterator[Finding]:
    found: Queue[Finding] = Queue()
    tasks: Queue[tuple[str, Probe]] = Queue()
    for task in probes.items():
        tasks.put(task)
    for _ in range(min(len(probes), N_AT_ONCE)):
        # Daemon threads: one that hangs in a connection must not keep the command from ending.
        Thread(target=_work, args=(tasks, found), daemon=True).start()
    waiting, ends_at = set(probes), monotonic() + seconds
    while waiting:
        try:
            finding = found.get(timeout=max(0.0, ends_at - monotonic()))
        except Empty:
            break
        waiting.discard(finding.subject)
        yield finding
    for subject in sorted(waiting):
        yield object_to(
            subject,
            f"no answer within {seconds:g} seconds",
            "see whether host, port and network are right, and try again",
            ExitCode.UNAVAILABLE,
        )


def _work(tasks: "Queue[tuple[str, Probe]]", found: "Queue[Finding]") -> None:
    while True:
        try:
            subject, probe = tasks.get_nowait()
        except Empty:
            return
        _run(subject, probe, found)


def _run(subject: str, probe: Probe, found: "Queue[Finding]") -> None:
    finding = object_to(
        subject,
        "the check itself failed, which is a fault in kithd",
        "report it, with what was printed above",
        ExitCode.UNAVAILABLE,
    )
    try:
        finding = probe()
    finally:
        found.put(finding)


def _reach_source(settings: Settings, source: Source, basis: Basis, at: datetime) -> Finding:
    subject = f"sources.{source.name}"
    secret, place = settings.sources[source.name].secret, _name_place(source.place)
    try:
        with closing(connect(source, basis, text_since=at)) as connector:
            batch = next(iter(connector.poll(None)), None)
    except AccessDenied as problem:
        remedy = tell_renewal(secret) if secret else f"let this user read {place}"
        return _deny(subject, source.kind, str(problem), remedy)
    except Misconfigured as problem:
        remedy = f"put that right under [{subject}]"
        return object_to(subject, str(problem), remedy, ExitCode.CONFIG)
    except (Unavailable, CursorExpired) as problem:
        remedy = f"see whether {place} is right and within reach, and try again"
        return object_to(subject, str(problem), remedy, ExitCode.UNAVAILABLE)
    return well(subject, _describe(place, batch))


def _deny(subject: str, kind: str, reason: str, remedy: str) -> Finding:
    """Say who lets nobody in, and what to type: to sign in, if it is that; else ``remedy``."""
    name = name_of(subject)
    said = complete(reason, name)
    if asks_to_sign_in(said, name):
        remedy = tell_sign_in(name)
        said = said.removesuffix(f"; type: {remedy}")
    elif signs_in(kind):
        remedy = "see to that, and type: kithd check --connect"
    return object_to(subject, said, remedy, ExitCode.NO_PERMISSION)


def _describe(place: str, batch: Batch | None) -> str:
    if batch is None:
        return f"{place} answers; it is empty"
    progress = batch.progress
    if progress and progress.expected:
        return f"{place} answers; {progress.expected:,} {progress.unit} to read"
    return f"{place} answers; its first batch has {len(batch.observations)} items"


def _name_place(place: str) -> str:
    """Return a path, or a host: the rest of a web address may be what opens it."""
    return urlsplit(place).hostname or place if "://" in place else place


def _reach_delivery(settings: Settings) -> Finding:
    delivery = settings.delivery
    place = str(delivery.host or delivery.path or delivery.kind)
    try:
        way = open_transport(delivery, settings.sources.values())
        if way is not None:
            way.check()
    except Refused as problem:
        remedy = tell_renewal(delivery.secret) if delivery.secret else f"see about {place}"
        return _deny(DELIVERY, delivery.kind or "", str(problem), remedy)
    except NotNow as problem:
        remedy = f"see whether {place} is right and within reach, and try again"
        return object_to(DELIVERY, str(problem), remedy, ExitCode.UNAVAILABLE)
    except UserError as problem:
        return object_to(DELIVERY, problem.problem, problem.remedy, problem.exit_code)
    return well(DELIVERY, f"{place} takes mail")
