"""Collections, and how far they were read, to what has changed in them, page by page.

A collection whose server reports changes (RFC 6578) is followed by its token, and what was
deleted there is told. Any other is listed, and compared with checksums as files are (see
``connectors.document``); what vanishes from a listing is not told, for an empty answer may
be a failure as well as a deletion.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from connectors import document
from connectors.document import Outcome, Part, parts_of
from connectors.errors import CursorExpired
from connectors.protocol import Batch, Progress, Rejected
from connectors.webdav.client import Client, Refused
from connectors.webdav.cursors import (
    TOKENS_LIMIT,
    TOKENS_LIMIT_BESIDE_SUMS,
    Pending,
    Place,
)
from connectors.webdav.discovery import Collection, Kind
from connectors.webdav.members import Content, Member, changes, contents, listing

_TOKEN_LENGTH = 128  # What is reserved for a token that is not known beforehand.

Read: TypeAlias = Callable[[Member, bytes], Outcome]
"""Makes observations of a member and what it holds."""

Forget: TypeAlias = Callable[[Member], Outcome]
"""Makes observations of a member that was deleted."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became of some members, the place after it, and how many are known to be left."""

    outcome: Outcome
    place: Place
    n_members: int = 0
    n_left: int = 0


Steps: TypeAlias = Generator[Step, None, Place]
"""Steps one after the other, and at their end the place reached."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A collection to read: its changes, by rank, as far as they are known already."""

    collection: Collection
    token: str = ""
    members: Sequence[Member] | None = None


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows the collections of one account.

    Attributes:
        client: Who asks.
        kind: Whether they are calendars or address books.
        page: How many observations make a batch.
        read: Called for what is new or has changed.
        forget: Called for what was deleted.
    """

    client: Client
    kind: Kind
    page: int
    read: Read
    forget: Forget

    def follow(self, collections: Sequence[Collection], place: Place) -> Steps:
        """Report what has changed since ``place``, and return the place reached.

        Raises:
            CursorExpired: Of all that ``place`` speaks of, the server knows nothing any more.
            Refused, AccessDenied, Unavailable: As for any question.
        """
        keys = {each.key for each in collections}
        if place.keys and not place.keys & keys:
            raise CursorExpired("none of the collections is there any more")
        reporting = _reporting(collections)
        tasks, place = self._survey(reporting, place.only(keys))
        listed = [each for each in collections if each not in reporting]
        place = place.only(keys.difference(each.key for each in listed))
        for task in tasks:
            try:
                place = yield from self._follow_one(task, place)
            except _Unreported:
                listed.append(task.collection)
        return (yield from self._compare(listed, place))

    def observe(self, collection: Collection, members: Sequence[Member]) -> Iterator[Outcome]:
        """Read members one after the other."""
        for content in contents(self.client, self.kind, collection, members, self.page):
            yield self._observe_one(content)

    def _observe_one(self, content: Content) -> Outcome:
        member = content.member
        if member.is_gone:
            return self.forget(member)
        if content.problem:
            return Outcome(rejected=[Rejected(member.key, content.problem)])
        return Outcome() if content.body is None else self.read(member, content.body)

    def _survey(self, collections: Iterable[Collection], place: Place) -> tuple[list[_Task], Place]:
        """Ask what has changed since every token, before anything is read.

        A token that the server does not know costs a new reading of its collection; if that
        is so for all, the cursor as a whole has expired.

        Source: RFC 6578 section 3.2 (valid-sync-token), reliability notes, fault 32. Measured:
        Radicale answers 403, Xandikos 412; others 400, 409, 410, 415 and 418.
        """
        tasks: list[_Task] = []
        forgotten: list[str] = []
        for each in collections:
            try:
                tasks += self._tasks(each, place)
            except Refused as refused:
                if refused.is_failure:
                    raise
                forgotten.append(each.key)
                tasks.append(_Task(each))
        if forgotten and place.keys == set(forgotten):
            raise CursorExpired("the server has forgotten how far it was read")
        # What was begun is finished first: a place has room for one beginning.
        tasks.sort(key=lambda task: not place.is_amid(task.collection.key))
        return tasks, place.only(place.keys.difference(forgotten))

    def _tasks(self, collection: Collection, place: Place) -> list[_Task]:
        """Return what is to do for one collection; nothing where nothing has changed."""
        known = place.tokens.get(collection.key, "")
        is_amid = place.is_amid(collection.key)
        if known == collection.token != "" and not is_amid:
            return []
        if known:
            members, token = changes(self.client, collection, known)
            is_same = not members and token == known and not is_amid
            return [] if is_same else [_Task(collection, token, members)]
        if is_amid and place.pending:
            # What changes during a first reading is told after it, if the server still knows
            # the token that the reading began with.
            changes(self.client, collection, place.pending.token)
        return [_Task(collection)]

    def _follow_one(self, task: _Task, place: Place) -> Steps:
        """Read the rest of a collection's changes; all its members, where none are known."""
        key, members, token = task.collection.key, task.members, task.token
        if members is None:
            members, token = self._begin(task.collection)
        if place.pending and place.is_amid(key):
            after, token = place.pending.after, place.pending.token
            members = [each for each in members if each.rank > after]
        observed = self.observe(task.collection, members)
        for n, (member, outcome) in enumerate(zip(members, observed, strict=True), start=1):
            place = place.reading(Pending(key, member.rank, token))
            yield Step(outcome, place, 1, len(members) - n)
        place = place.having_read(key, token)
        yield Step(Outcome(), place)
        return place

    def _begin(self, collection: Collection) -> tuple[list[Member], str]:
        try:
            members, token = changes(self.client, collection, "")
        except Refused as refused:
            if refused.is_failure:
                raise
            raise _Unreported from refused
        return [each for each in members if not each.is_gone], token

    def _compare(self, collections: Sequence[Collection], place: Place) -> Steps:
        """List collections, and read what differs from the checksums of ``place``."""
        place = replace(place, listed=tuple(each.key for each in collections))
        members = [each for collection in collections for each in self._list(collection)]
        changed, _ = parts_of(members, document.Place("", sums=place.sums))
        n_left = sum(len(part.items) for part in changed)
        observed = {each.key: self._observe_in(each, changed) for each in collections}
        for part in changed:
            outcomes = [next(observed[each.collection]) for each in part.items]
            n_left -= len(part.items)
            place = replace(place, sums=_with_part(place.sums, part))
            yield Step(_joined(outcomes), place, len(part.items), n_left)
        return place

    def _observe_in(
        self, collection: Collection, parts: Iterable[Part[Member]]
    ) -> Iterator[Outcome]:
        """Read the members of one collection in the order of the parts that they fall into."""
        members = (each for part in parts for each in part.items)
        return self.observe(collection, [m for m in members if m.collection == collection.key])

    def _list(self, collection: Collection) -> list[Member]:
        """List a collection, by a hash of their contents where the server gives no ETags."""
        members = listing(self.client, collection)
        bare = [each for each in members if not each.state]
        stated = [each for each in members if each.state]
        read = contents(self.client, self.kind, collection, bare, self.page)
        hashes = (document.origin_of(each.body, each.problem) for each in read)
        return stated + [replace(m, state=h) for m, h in zip(bare, hashes, strict=True)]


class _Unreported(Exception):
    """The server does not report the changes of a collection, though it said so."""


def in_pages(steps: Iterable[Step], start: Place, page: int) -> Iterator[Batch]:
    """Yield what the steps from ``start`` on report, in batches of ``page`` or a little more.

    A batch ends with a step, so that its cursor says exactly what was reported.
    """
    outcomes: list[Outcome] = []
    last, done = Step(Outcome(), start), 0
    for last in steps:
        outcomes.append(last.outcome)
        done += last.n_members
        if sum(len(each.observations) + len(each.rejected) for each in outcomes) >= page:
            yield _batch(outcomes, last, done)
            start, outcomes = last.place, []
    batch = _batch(outcomes, last, done)
    if batch.observations or batch.rejected or last.place != start:
        yield batch


def _batch(outcomes: Sequence[Outcome], last: Step, done: int) -> Batch:
    whole = _joined(outcomes)
    return Batch(
        observations=tuple(whole.observations),
        cursor=last.place.to_cursor(),
        rejected=tuple(whole.rejected),
        progress=Progress(done, done + last.n_left),
    )


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    return Outcome(
        [one for each in outcomes for one in each.observations],
        [one for each in outcomes for one in each.rejected],
    )


def _reporting(collections: Sequence[Collection]) -> list[Collection]:
    """Return the collections to follow by their tokens: those that report changes, and whose
    tokens fit into a cursor.
    """
    found = [each for each in collections if each.reports_changes]
    if len(found) == len(collections) and sum(map(_cost, found)) <= TOKENS_LIMIT:
        return found
    kept: list[Collection] = []
    for each in sorted(found, key=_cost):
        if sum(map(_cost, kept)) + _cost(each) <= TOKENS_LIMIT_BESIDE_SUMS:
            kept.append(each)
    return kept


def _cost(collection: Collection) -> int:
    return len(collection.token or "-" * _TOKEN_LENGTH) + len('"12345678":"",')


def _with_part(sums: bytes, part: Part[Member]) -> bytes:
    start = part.index * len(part.checksum)
    return sums[:start] + part.checksum + sums[start + len(part.checksum) :]
