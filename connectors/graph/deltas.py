"""Collections of an account, and how far they were read -> batches of what has changed.

Every collection is followed by Graph's delta query: a first round of pages, and a token that
later leads to what has changed since. The token of each page is kept, so that a round goes on
where it was interrupted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from connectors.document import Outcome
from connectors.errors import CursorExpired, Unavailable
from connectors.graph.client import Graph, Item, Page
from connectors.graph.cursors import Mark, Place
from connectors.graph.troubles import Absent, Refused
from connectors.pace import Busy
from connectors.protocol import Batch, Progress


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder or a calendar.

    Attributes:
        key: Its name in a cursor.
        path: Of its delta query, below ``/v1.0``.
        first: The query of a first reading.
        read: Makes observations of a page of items; and is told whether it is of a first round.
        prefer: Preferences of the requests.
        n_items: How many it holds; None where Graph does not say.
        unit: What they are called.
    """

    key: str
    path: str
    first: str = field(repr=False)
    read: Callable[[Sequence[Item], bool], Outcome]
    prefer: tuple[str, ...] = ()
    n_items: int | None = None
    unit: str = "items"


class Follower:
    """Follows the collections of one account during one poll."""

    def __init__(self, graph: Graph, place: Place) -> None:
        """Remember where to begin."""
        self._graph = graph
        self.place = self._told = place
        self._is_resumed = bool(place.marks)
        self._is_honoured = False
        self._n_done: Counter[str] = Counter()
        self._expected: dict[str, int] = {}

    def follow(self, collections: Sequence[Collection]) -> Iterator[Batch]:
        """Yield what has changed in each of them, one after the other.

        A token that Graph has forgotten costs a new reading of its collection; if it has
        forgotten all of them, the cursor as a whole has expired. A collection that has vanished
        is passed over.

        Raises:
            CursorExpired: Graph knows none of the tokens any more.
            Unavailable, AccessDenied, Misconfigured: As for any question.
        """
        self.place = self.place.only({each.key for each in collections})
        self._expected = {each.key: self._n_left(each) for each in collections}
        forgotten: list[Collection] = []
        for each in collections:
            try:
                yield from self._follow_one(each)
            except CursorExpired:
                forgotten.append(each)
        if forgotten and self._is_resumed and not self._is_honoured:
            raise CursorExpired("Microsoft Graph has forgotten how far the account was read")
        for each in forgotten:
            self.place = self.place.without(each.key)
            yield from self._begin_again(each)

    def leave(self, collections: Sequence[Collection]) -> Iterator[Batch]:
        """Yield what is left of the changes in each of them, and forget them.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As for any question.
        """
        for each in collections:
            with suppress(CursorExpired):
                yield from self._follow_one(each)
            self.place = self.place.without(each.key)

    def finish(self) -> Iterator[Batch]:
        """Yield a last batch, empty but for its cursor, if that is a new one."""
        if self.place != self._told:
            yield Batch((), self.place.to_cursor())

    def _begin_again(self, collection: Collection) -> Iterator[Batch]:
        try:
            yield from self._follow_one(collection)
        except CursorExpired:
            raise Unavailable("Microsoft Graph forgets its own pages; later may do") from None

    def _follow_one(self, collection: Collection) -> Iterator[Batch]:
        known = self.place.marks.get(collection.key)
        query = known.query if known else collection.first
        n_read = known.n_read if known else 0
        is_first = known is None or n_read > 0
        page = self._ask(collection, query, is_token=known is not None)
        self._is_honoured |= known is not None
        asked = {query}
        while page:
            if page.next in asked:
                raise Unavailable("Microsoft Graph leads back to a page that it came from")
            asked |= {page.next} if page.next else set()
            outcome = collection.read(page.items, is_first)
            n_read += len(page.items)
            mark = Mark(page.next or page.delta, n_read if is_first and page.next else 0)
            self._advance(collection, mark, page)
            if outcome.observations or outcome.rejected:
                yield self._batch(collection, outcome)
            if not page.next:
                return
            page = self._ask(collection, page.next, is_token=True)

    def _advance(self, collection: Collection, mark: Mark, page: Page) -> None:
        self.place = self.place.with_mark(collection.key, mark)
        self._n_done[collection.unit] += len(page.items)
        self._expected[collection.key] = self._n_left(collection)

    def _ask(self, collection: Collection, query: str, *, is_token: bool) -> Page | None:
        """Return a page; None where the collection is gone.

        Raises:
            CursorExpired: Graph does not take the token.
        """
        try:
            return self._graph.get(
                collection.path, query, prefer=collection.prefer, read=self._read_page
            )
        except Absent:
            self.place = self.place.without(collection.key)
            return None
        except Refused as refused:
            if is_token:
                # A token is all that such a question consists of.
                raise CursorExpired(str(refused)) from None
            raise Unavailable(str(refused)) from None

    def _read_page(self, answer: Item) -> Page:
        page = self._graph.read_page(answer)
        if not (page.next or page.delta):
            raise Busy("Microsoft Graph answers without saying how to go on")
        return page

    def _n_left(self, collection: Collection) -> int:
        """Estimate how many items of a first reading are still to come."""
        mark = self.place.marks.get(collection.key)
        if mark is None:
            return collection.n_items or 0
        return max(0, (collection.n_items or 0) - mark.n_read) if mark.n_read else 0

    def _batch(self, collection: Collection, outcome: Outcome) -> Batch:
        self._told = self.place
        n_done = self._n_done[collection.unit]
        n_left = sum(self._expected.values())
        expected = None if collection.n_items is None else n_done + n_left
        return Batch(
            tuple(outcome.observations),
            self.place.to_cursor(),
            tuple(outcome.rejected),
            Progress(n_done, expected, collection.unit),
        )
