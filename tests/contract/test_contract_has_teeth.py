"""A gallery of connectors that are wrong in one way each, and the check that finds each out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from connectors import contract
from connectors.errors import CursorExpired
from connectors.memory import MemoryConnector, MemorySettings
from connectors.observations import Message, Observation
from connectors.protocol import Batch, Cursor, Rejected
from tests.contract.test_memory import ADA, MemoryBench


class LosesTheTail(MemoryConnector):
    """Stops one batch early."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        batches = list(super().poll(cursor))
        yield from batches[:-1] or batches


class SaysItTwice(MemoryConnector):
    """Reports each item twice in its batch."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in super().poll(cursor):
            yield replace(batch, observations=batch.observations * 2)


class AllAtOnce(MemoryConnector):
    """Puts the whole account into one batch."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        self._page = len(self._account.log)
        yield from super().poll(cursor)


class NeverAdvances(MemoryConnector):
    """Reports everything, every time."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:  # noqa: ARG002 - what is wrong here
        yield from super().poll(None)


class RejectsAgain(MemoryConnector):
    """Tells of all it could not read with every poll."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        rejected = tuple(i for i in self._account.log if isinstance(i, Rejected))
        yield from (replace(batch, rejected=()) for batch in super().poll(cursor))
        yield Batch((), self._cursor(len(self._account.log)), rejected)


class BeginsOneEarly(MemoryConnector):
    """Is off by one when it resumes."""

    def _resume(self, cursor: Cursor | None) -> int:
        return max(0, super()._resume(cursor) - 1)


class EarlyCursor(MemoryConnector):
    """Hands out the final cursor with the first batch: loses mail in a crash."""

    def _cursor(self, position: int) -> Cursor:
        return super()._cursor(max(position, len(self._account.log)))

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        final = self._cursor(0)
        yield from (replace(batch, cursor=final) for batch in super().poll(cursor))


class Stuck(MemoryConnector):
    """Reports nothing after the first time."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        if cursor is None:
            yield from super().poll(cursor)


class MarksTheEndTooLate(MemoryConnector):
    """Reads what was there at the start, and marks what is there at the end."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        n_at_start = len(self._account.log)
        for batch in super().poll(cursor):
            if int(batch.cursor.partition(":")[2]) <= n_at_start:
                yield batch
        yield Batch((), self._cursor(len(self._account.log)))


class SilentExpiry(MemoryConnector):
    """Treats a forgotten cursor as an empty mailbox."""

    def _resume(self, cursor: Cursor | None) -> int:
        try:
            return super()._resume(cursor)
        except CursorExpired:
            return len(self._account.log)


class TrustsAnyCursor(MemoryConnector):
    """Begins again, unasked, from a cursor that it never issued."""

    def _resume(self, cursor: Cursor | None) -> int:
        return super()._resume(cursor if cursor and cursor[0].isdecimal() else None)


class SwallowsDenial(MemoryConnector):
    """Treats refused credentials as an empty mailbox."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        if not self._account.locked:
            yield from super().poll(cursor)


class DeniedOnlyAtFirst(MemoryConnector):
    """Asks for access when it begins, and takes silence for none when it resumes."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        if cursor is None or not self._account.locked:
            yield from super().poll(cursor)


class DropsRejects(MemoryConnector):
    """Forgets what it could not read."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in super().poll(cursor):
            yield replace(batch, rejected=())


class StopsAtPoison(MemoryConnector):
    """Never gets past what it could not read."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in super().poll(cursor):
            yield batch
            if batch.rejected:
                return


class RejectsWithoutReason(MemoryConnector):
    """Does not say why."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in super().poll(cursor):
            rejected = tuple(replace(item, reason="") for item in batch.rejected)
            yield replace(batch, rejected=rejected)


class TakesBadForGood(MemoryConnector):
    """Makes something up where it could not read."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in super().poll(cursor):
            made_up = tuple(Message(i.uid, contract.RECENT, ADA) for i in batch.rejected)
            yield replace(batch, observations=batch.observations + made_up, rejected=())


class MarksSeen(MemoryConnector):
    """Changes the account by reading it."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        yield from super().poll(cursor)
        self._account.log.insert(0, self._account.log.pop())


class ChangesMessages(MemoryConnector):
    """Reads as it should, then alters each message's instant as the subclass says."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in super().poll(cursor):
            changed = tuple(self._changed(o) for o in batch.observations)
            yield replace(batch, observations=changed)

    def _changed(self, observation: Observation) -> Observation:
        if isinstance(observation, Message):
            return replace(observation, sent_at=self._altered(observation.sent_at))
        return observation

    def _altered(self, at: datetime) -> datetime:
        return at


class LocalTime(ChangesMessages):
    """Reports instants at an offset."""

    def _altered(self, at: datetime) -> datetime:
        return at.astimezone(timezone(timedelta(hours=2)))


class NaiveTime(ChangesMessages):
    """Reports instants in no zone at all."""

    def _altered(self, at: datetime) -> datetime:
        return at.replace(tzinfo=None)


class WrongTime(ChangesMessages):
    """Calls the wall clock of another zone UTC."""

    def _altered(self, at: datetime) -> datetime:
        return at.astimezone(timezone(timedelta(hours=2))).replace(tzinfo=UTC)


class Greedy(MemoryConnector):
    """Reads all before it tells of the first."""

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        yield from list(super().poll(cursor))


class ReadsOnOpening(MemoryConnector):
    """Reads before it was asked to."""

    def __init__(self, settings: MemorySettings, *, since: datetime) -> None:
        super().__init__(settings, since=since)
        self._first = next(super().poll(None), None)


class NewNames(ChangesMessages):
    """Makes up a uid whenever it meets an item."""

    def _changed(self, observation: Observation) -> Observation:
        return replace(observation, uid=uuid4().hex)


class EndlessNames(ChangesMessages):
    """Takes the whole item for its name."""

    def _changed(self, observation: Observation) -> Observation:
        return replace(observation, uid=observation.uid * 1000)


class RemembersAll(MemoryConnector):
    """Lists in its cursor what it has seen."""

    def _cursor(self, position: int) -> Cursor:
        seen = "+".join(repr(item) for item in self._account.log[:position])
        return Cursor(f"{super()._cursor(position)}+{seen}")

    def _resume(self, cursor: Cursor | None) -> int:
        return super()._resume(Cursor(cursor.partition("+")[0]) if cursor else None)


class TwoLines(MemoryConnector):
    """Breaks its cursor over lines."""

    def _cursor(self, position: int) -> Cursor:
        return Cursor(super()._cursor(position).replace(":", ":\n"))

    def _resume(self, cursor: Cursor | None) -> int:
        return super()._resume(Cursor(cursor.replace("\n", "")) if cursor else None)


class Pointer(str):
    """A cursor with the position beside the text: lost when it is stored."""

    position = 0


class RichCursor(MemoryConnector):
    """Keeps its place where a database cannot."""

    def _cursor(self, position: int) -> Cursor:
        pointer = Pointer(self._account.epoch)
        pointer.position = position
        return Cursor(pointer)

    def _resume(self, cursor: Cursor | None) -> int:
        return cursor.position if isinstance(cursor, Pointer) else 0


class IgnoresSince(MemoryConnector):
    """Reports whatever there is."""

    def _is_recent(self, observation: Observation) -> bool:  # noqa: ARG002 - what is wrong here
        return True


class LaterThanSince(MemoryConnector):
    """Leaves out what happened at the very instant."""

    def _is_recent(self, observation: Observation) -> bool:
        return not isinstance(observation, Message) or observation.sent_at > self._since


class OldIsMalformed(MemoryConnector):
    """Counts among the unreadable what is merely old."""

    def _batch(self, page: list[Observation | Rejected], position: int) -> Batch:
        items = [item for item in page if not isinstance(item, Rejected)]
        old = tuple(Rejected(o.uid, "too old") for o in items if not self._is_recent(o))
        batch = super()._batch(page, position)
        return replace(batch, rejected=batch.rejected + old)


class ClosesOnce(MemoryConnector):
    """Insists on being open when it is closed."""

    is_open = True

    def close(self) -> None:
        assert self.is_open, "closed already"
        self.is_open = False


BROKEN: list[tuple[type[MemoryConnector], contract.Check]] = [
    (LosesTheTail, contract.reports_everything_once),
    (SaysItTwice, contract.reports_everything_once),
    (AllAtOnce, contract.reports_everything_once),
    (NeverAdvances, contract.is_quiet_when_nothing_changes),
    (RejectsAgain, contract.is_quiet_when_nothing_changes),
    (BeginsOneEarly, contract.resumes_after_any_batch),
    (EarlyCursor, contract.resumes_after_any_batch),
    (Stuck, contract.sees_later_arrivals),
    (MarksTheEndTooLate, contract.sees_later_arrivals),
    (SilentExpiry, contract.owns_up_to_expired_cursors),
    (TrustsAnyCursor, contract.owns_up_to_expired_cursors),
    (SwallowsDenial, contract.names_denied_access),
    (DeniedOnlyAtFirst, contract.names_denied_access),
    (DropsRejects, contract.sets_aside_what_it_cannot_read),
    (StopsAtPoison, contract.sets_aside_what_it_cannot_read),
    (RejectsWithoutReason, contract.sets_aside_what_it_cannot_read),
    (TakesBadForGood, contract.sets_aside_what_it_cannot_read),
    (MarksSeen, contract.leaves_no_trace),
    (LocalTime, contract.speaks_utc),
    (NaiveTime, contract.speaks_utc),
    (WrongTime, contract.speaks_utc),
    (Greedy, contract.is_lazy),
    (ReadsOnOpening, contract.is_lazy),
    (NewNames, contract.keeps_uids_across_restarts),
    (EndlessNames, contract.keeps_uids_across_restarts),
    (RemembersAll, contract.cursor_is_small_text),
    (TwoLines, contract.cursor_is_small_text),
    (RichCursor, contract.cursor_is_small_text),
    (IgnoresSince, contract.honours_since),
    (LaterThanSince, contract.honours_since),
    (OldIsMalformed, contract.honours_since),
    (ClosesOnce, contract.closes_twice),
]


@pytest.mark.parametrize(("broken", "check"), BROKEN)
def test_the_contract_has_teeth(broken: type[MemoryConnector], check: contract.Check) -> None:
    with pytest.raises(AssertionError):
        check(MemoryBench(broken))


def test_every_check_has_a_connector_it_rejects() -> None:
    assert {check for _, check in BROKEN} == set(contract.CHECKS)


def test_every_broken_connector_is_in_the_gallery() -> None:
    shown = {broken for broken, _ in BROKEN} | {ChangesMessages}
    defined = {
        thing
        for thing in globals().values()
        if isinstance(thing, type) and issubclass(thing, MemoryConnector)
    }
    assert defined - {MemoryConnector} == shown
