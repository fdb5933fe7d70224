"""What it means to be a connector, as executable checks.

Each check is a plain function over a :class:`Bench`; none needs pytest. A connector's tests
supply a bench and run every check (see ``tests/contract``)::

    @pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
    def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
        check(MyBench(tmp_path))
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol, TypeAlias

from connectors.errors import AccessDenied, CursorExpired
from connectors.observations import Observation
from connectors.protocol import Batch, Connector, Cursor

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""The ``since`` that leaves nothing out."""
RECENT = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
"""When a delivered item is dated, unless a check says otherwise."""
LARGEST_BATCH = 3
"""Items a bench's connector may put in one batch, so that few items make several batches."""
CURSOR_LIMIT = 64 * 1024
"""Bytes of UTF-8. Source: decision 0028: services that give out a token a folder need room."""
UID_LIMIT = 1024
"""Bytes of UTF-8: a uid is a database key, not a document."""


class Bench(Protocol):
    """A live account, empty at first, and the power to change it from outside the connector."""

    @property
    def is_dated(self) -> bool:
        """Whether items carry an instant that ``since`` can be compared with (cards do not)."""
        ...

    @property
    def is_incremental(self) -> bool:
        """Whether a change is reported alone.

        False where the account is one document that is read again, whole, once it changed.
        """
        ...

    def open(self, *, since: datetime = BEGINNING) -> Connector:
        """Return a new connector that puts at most LARGEST_BATCH items in a batch."""
        ...

    def deliver(self, count: int, *, at: datetime = RECENT) -> set[str]:
        """Add well-formed items dated ``at`` and return the uids they must be reported by.

        Write ``at`` with an offset other than zero wherever the format can say one.
        """
        ...

    def deliver_malformed(self) -> None:
        """Add one item that can be found but not understood."""
        ...

    def expire_cursors(self) -> None:
        """Make every cursor issued so far useless, as the service itself would."""
        ...

    def denied(self) -> AbstractContextManager[None]:
        """Refuse the connector's access as long as the context lasts."""
        ...

    def fingerprint(self) -> str:
        """Return all that another client could see of the account."""
        ...

    def n_read(self) -> int:
        """Return how much connectors have read so far, in any unit that grows item by item.

        Bytes, files, requests, entries turned into observations: forty items, of whatever
        size the bench delivers, must cost at least twice what three do.
        """
        ...


Check: TypeAlias = Callable[[Bench], None]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Enter ``function`` in the list of CHECKS."""
    CHECKS.append(function)
    return function


@check
def reports_everything_once(bench: Bench) -> None:
    """A first poll yields each item exactly once, in batches of bounded size."""
    delivered = bench.deliver(5)
    batches = _poll(bench)
    _assert_once(_uids(batches), delivered)
    largest = max(len(batch.observations) for batch in batches)
    assert largest <= LARGEST_BATCH, f"a batch of {largest}"


@check
def is_quiet_when_nothing_changes(bench: Bench) -> None:
    """Polling from the final cursor yields nothing, time after time."""
    bench.deliver(4)
    bench.deliver_malformed()
    cursor = _poll(bench)[-1].cursor
    for _ in range(2):
        again = _poll(bench, cursor)
        assert not _uids(again), f"reported again: {_uids(again)}"
        assert not _rejected(again), f"rejected again: {_rejected(again)}"
        cursor = again[-1].cursor if again else cursor


@check
def resumes_after_any_batch(bench: Bench) -> None:
    """A crash after any batch loses nothing and repeats nothing."""
    delivered = bench.deliver(7)
    batches = _poll(bench)
    assert len(batches) > 1, "seven items came in one batch: nothing to resume"
    for stop in range(1, len(batches) + 1):
        after = _poll(bench, batches[stop - 1].cursor)
        _assert_once(_uids([*batches[:stop], *after]), delivered, f"after batch {stop}: ")


@check
def sees_later_arrivals(bench: Bench) -> None:
    """What arrives during or after a poll is reported, and only that."""
    known = bench.deliver(4)
    with closing(bench.open()) as connector:
        poll = connector.poll(None)
        first = next(poll)
        during = bench.deliver(2)
        batches = [first, *poll]
    rest = _poll(bench, batches[-1].cursor)
    _assert_arrivals(bench, [*batches, *rest], known | during, known)
    cursor = [*batches, *rest][-1].cursor
    late = bench.deliver(2)
    _assert_arrivals(bench, _poll(bench, cursor), late, known | during)


@check
def owns_up_to_expired_cursors(bench: Bench) -> None:
    """A cursor that the service forgot, or never issued, raises CursorExpired."""
    bench.deliver(7)
    batches = _poll(bench)
    _assert_raises(CursorExpired, bench, Cursor("never issued by anybody"))
    bench.expire_cursors()
    # A document that was read to its end and then replaced has merely changed.
    for batch in batches if bench.is_incremental else batches[:1]:
        _assert_raises(CursorExpired, bench, batch.cursor)


@check
def names_denied_access(bench: Bench) -> None:
    """Refused credentials raise AccessDenied, and nothing is lost by it."""
    delivered = bench.deliver(5)
    cursor = _poll(bench)[0].cursor
    with bench.denied():
        _assert_raises(AccessDenied, bench, None)
        _assert_raises(AccessDenied, bench, cursor)
    _assert_once(_uids(_poll(bench)), delivered)


@check
def sets_aside_what_it_cannot_read(bench: Bench) -> None:
    """A malformed item is rejected, once, by uid and reason; its neighbours still arrive."""
    delivered = bench.deliver(2)
    bench.deliver_malformed()
    delivered |= bench.deliver(2)
    batches = _poll(bench)
    _assert_once(_uids(batches), delivered)
    rejected = [item for batch in batches for item in batch.rejected]
    assert len(rejected) == 1, f"rejected: {rejected}"
    assert _is_small_text(rejected[0].uid, UID_LIMIT), f"rejected: {rejected}"
    assert rejected[0].reason, "rejected without a reason"
    for stop, batch in enumerate(batches, start=1):
        seen = _rejected([*batches[:stop], *_poll(bench, batch.cursor)])
        assert len(seen) == 1, f"after batch {stop} rejected: {seen}"


@check
def leaves_no_trace(bench: Bench) -> None:
    """Polling changes nothing another client could see."""
    bench.deliver(3)
    bench.deliver_malformed()
    before = bench.fingerprint()
    cursor = _poll(bench)[-1].cursor
    _poll(bench, cursor)
    after = bench.fingerprint()
    assert after == before, f"{before} became {after}"


@check
def speaks_utc(bench: Bench) -> None:
    """Every instant is aware and in UTC; the delivered instants come out as they went in."""
    bench.deliver(2)
    observations = _observations(_poll(bench))
    instants = [(o.uid, at) for o in observations for at in _instants(o)]
    for uid, at in instants:
        assert at.tzname() == "UTC", f"{uid}: {at.isoformat()} is not in UTC"
    if bench.is_dated:
        dated = {uid for uid, at in instants if at == RECENT}
        assert dated == {o.uid for o in observations}, f"only {dated} are dated {RECENT}"


@check
def is_lazy(bench: Bench) -> None:
    """Opening reads nothing, and one batch is taken without reading the rest."""
    bench.deliver(40)
    start = bench.n_read()
    with closing(bench.open()) as connector:
        poll = connector.poll(None)
        assert bench.n_read() == start, "read before the first batch was asked for"
        assert len(list(islice(poll, 1))) == 1
        first = bench.n_read() - start
        assert list(poll), "forty items came in one batch"
        whole = bench.n_read() - start
    assert 0 < 2 * first <= whole, f"the first batch cost {first} of {whole}"


@check
def keeps_uids_across_restarts(bench: Bench) -> None:
    """Two connectors call the same item by the same name, and it is a short one."""
    bench.deliver(5)
    once, again = _observations(_poll(bench)), _observations(_poll(bench))
    assert {o.uid: o for o in once} == {o.uid: o for o in again}, "names have changed"
    for observation in once:
        assert _is_small_text(observation.uid, UID_LIMIT), f"uid {observation.uid!r}"


@check
def cursor_is_small_text(bench: Bench) -> None:
    """Any cursor is one printable line of at most CURSOR_LIMIT bytes, whatever was read."""
    delivered = bench.deliver(400)
    batches = _poll(bench)
    for batch in batches:
        assert _is_small_text(batch.cursor, CURSOR_LIMIT), f"cursor {batch.cursor!r}"
    middle = len(batches) // 2
    stored = Cursor(batches[middle].cursor.encode().decode())
    after = _poll(bench, stored)
    _assert_once(_uids([*batches[: middle + 1], *after]), delivered, "as plain text: ")


@check
def honours_since(bench: Bench) -> None:
    """Items older than ``since`` stay unread; undated ones are never too old."""
    since = RECENT - timedelta(days=30)
    old = bench.deliver(4, at=since - timedelta(days=1))
    new = bench.deliver(2, at=since) | bench.deliver(3)
    expected = new if bench.is_dated else new | old
    batches = _poll(bench, since=since)
    _assert_once(_uids(batches), expected)
    assert not _rejected(batches), "what is too old is not malformed"
    assert not _uids(_poll(bench, batches[-1].cursor, since=since))


@check
def closes_twice(bench: Bench) -> None:
    """Closing is idempotent: unused, in the middle of a poll, and after it."""
    delivered = bench.deliver(5)
    for n_batches in (0, 1, None):
        connector = bench.open()
        list(islice(connector.poll(None), n_batches))
        connector.close()
        connector.close()
    _assert_once(_uids(_poll(bench)), delivered)


def _poll(
    bench: Bench, cursor: Cursor | None = None, *, since: datetime = BEGINNING
) -> list[Batch]:
    with closing(bench.open(since=since)) as connector:
        return list(connector.poll(cursor))


def _observations(batches: Iterable[Batch]) -> list[Observation]:
    return [o for batch in batches for o in batch.observations]


def _uids(batches: Iterable[Batch]) -> list[str]:
    return [o.uid for o in _observations(batches)]


def _rejected(batches: Iterable[Batch]) -> list[str]:
    return [item.uid for batch in batches for item in batch.rejected]


def _instants(observation: Observation) -> Iterator[datetime]:
    values = (getattr(observation, field.name) for field in fields(observation))
    return (value for value in values if isinstance(value, datetime))


def _is_small_text(text: str, limit: int) -> bool:
    return type(text) is str and text.isprintable() and 0 < len(text.encode()) <= limit


def _assert_once(seen: Iterable[str], expected: set[str], when: str = "") -> None:
    counts = Counter(seen)
    missing, foreign = expected - counts.keys(), counts.keys() - expected
    twice = {uid for uid, count in counts.items() if count > 1}
    wrong = missing | foreign | twice
    assert not wrong, (
        f"{when}missing {sorted(missing)}, unexpected {sorted(foreign)}, repeated {sorted(twice)}"
    )


def _assert_arrivals(
    bench: Bench, batches: list[Batch], expected: set[str], known: set[str]
) -> None:
    seen = _uids(batches)
    if bench.is_incremental:
        return _assert_once(seen, expected)
    missing, foreign = expected - set(seen), set(seen) - expected - known
    wrong = missing | foreign
    assert not wrong, f"missing {sorted(missing)}, unexpected {sorted(foreign)}"
    return None


def _assert_raises(expected: type[Exception], bench: Bench, cursor: Cursor | None) -> None:
    try:
        _poll(bench, cursor)
    except expected:
        return
    raise AssertionError(f"poll({cursor!r}) did not raise {expected.__name__}")
