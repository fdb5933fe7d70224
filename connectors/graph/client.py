"""Requests to Microsoft Graph -> answers, at most four at once, however busy it is."""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from connectors.credentials.microsoft import Account, App, SignIn
from connectors.credentials.microsoft_refusals import SIGN_IN
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, InDoubt, Misconfigured, Unavailable
from connectors.graph.settings import GraphSettings
from connectors.graph.troubles import Refused, explain, explain_handover
from connectors.graph.web import ANSWER_SECONDS, Failed, ask_web, open_web
from connectors.http import Answer
from connectors.pace import Budget, Busy, Clock, Patience, Waiting
from connectors.web_address import WebAddress

Item: TypeAlias = dict[str, Any]
"""What Graph says of one message, event, contact, folder or calendar."""

T = TypeVar("T")

AT_ONCE = 4
"""Requests that one app may have under way. Source: Graph's throttling limits, Outlook service."""
REQUESTS = 10_000
"""Requests of one app to one mailbox in REQUESTS_SECONDS. Source: as above."""
REQUESTS_SECONDS = 600.0
"""Source: as above."""
LISTED = 100
"""Folders or calendars asked for at a time."""
N_LISTS = 100
"""Pages of a list before it is taken for one without an end."""

_VERSION = "/v1.0"
_IMMUTABLE = 'IdType="ImmutableId"'
"""Without it an item has another ID once it is moved. Source: Graph, "immutable identifiers"."""
_OK, _ACCEPTED, _UNAUTHORIZED = 200, 202, 401


@dataclass(slots=True)
class Share:
    """What all connectors of this process to one app have in common.

    The bound of ``AT_ONCE`` holds within a process. Where two read at the same time, Graph may
    answer 429 to what is one too many, and that is waited for.
    """

    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    budget: Budget = field(default_factory=lambda: Budget(REQUESTS, seconds=REQUESTS_SECONDS))

    @contextmanager
    def place(self, clock: Clock) -> Iterator[None]:
        """Let one request be under way, after waiting for its turn.

        Raises:
            Busy: The others do not end.
        """
        self.budget.spend(1, clock)
        if not self.places.acquire(timeout=2 * ANSWER_SECONDS):
            raise Busy("other requests to Microsoft Graph do not end")
        try:
            yield
        finally:
            self.places.release()


_shares: defaultdict[tuple[str, str], Share] = defaultdict(Share)
_shares_turn = Lock()


def share_of(settings: GraphSettings) -> Share:
    """Return what is shared by all that use the same app at the same service."""
    with _shares_turn:
        return _shares[settings.url.rstrip("/"), settings.client_id]


class Graph:
    """Asks Graph on behalf of one account: one thread at a time, but ``close`` from any."""

    def __init__(self, settings: GraphSettings) -> None:
        """Read nothing and ask nobody yet.

        Raises:
            Misconfigured: A setting cannot be right.
        """
        self._settings, self._clock = settings, settings.clock
        if isinstance(self._clock, Waiting):
            self._clock.begin()
        self._home = WebAddress.parse(settings.url)
        self._web = open_web(settings)
        self._share = share_of(settings)
        self._patience = Patience(settings.clock)
        self._sign_in = SignIn(Tokens(settings.secret), _app(settings), self._web, self._patience)
        self._bearer = ""

    @property
    def sign_in(self) -> SignIn:
        """The account's sign-in."""
        return self._sign_in

    def begin(self) -> Account:
        """Return who signed in, if the sign-in is what it must be.

        Raises:
            AccessDenied, Misconfigured, Unavailable: See ``SignIn.token``.
        """
        self._bearer = self._sign_in.token()
        return self._sign_in.account()

    def get(
        self,
        path: str,
        query: str = "",
        *,
        prefer: Sequence[str] = (),
        read: Callable[[Item], T],
    ) -> T:
        """Return what ``read`` makes of the answer; asked again while that may help.

        Args:
            path: Below ``/v1.0``, encoded.
            query: Encoded.
            prefer: Preferences besides that for immutable IDs.
            read: Raises ``Busy`` over an answer that is not what it must be.

        Raises:
            Absent, Refused: Graph does not do it, and never will.
            CursorExpired: The query holds a token that Graph has forgotten.
            AccessDenied, Misconfigured: The account or the app is not let in.
            Unavailable: Graph is busy or broken for too long, or cannot be reached.
        """
        url = f"{self._home.place}{_VERSION}{path}" + (f"?{query}" if query else "")
        fields = {"prefer": ", ".join([_IMMUTABLE, *prefer]), "accept": "application/json"}
        return self._ask(lambda bearer: self._get(url, {**fields, **bearer}, read))

    def get_item(self, path: str, query: str = "", *, prefer: Sequence[str] = ()) -> Item:
        """Return one item.

        Raises:
            As ``get`` does.
        """
        return self.get(path, query, prefer=prefer, read=self._read_item)

    def list_all(self, path: str, **query: str) -> Iterator[Item]:
        """Yield all items of a collection, page by page; an underscore begins a ``$``.

        Raises:
            As ``get`` does.
        """
        words = {name.replace("_", "$", 1): value for name, value in query.items()}
        asked = urlencode({**words, "$top": str(LISTED)}, quote_via=quote, safe="$,")
        for _ in range(N_LISTS):
            page = self.get(path, asked, read=self.read_page)
            yield from page.items
            if not page.next:
                return
            asked = page.next
        raise Unavailable(f"{self._home.place} lists more than can be meant")

    def send_mail(self, message: bytes) -> None:
        """Hand over a mail, whole as it is.

        Source: Graph, "user: sendMail", MIME format: base64, and text/plain.

        Raises:
            InDoubt: Nobody knows whether it was taken.
            Unavailable, AccessDenied, Misconfigured: It was not.
        """
        url = f"{self._home.place}{_VERSION}/me/sendMail"
        fields = {"content-type": "text/plain"}
        body = b64encode(message)
        try:
            self._ask(lambda bearer: self._post(url, {**fields, **bearer}, body))
        except Refused as refused:
            raise Misconfigured(f"the mail is not taken: {refused}") from None

    def close(self) -> None:
        """End a request or a wait that runs in another thread. Idempotent."""
        if isinstance(self._clock, Waiting):
            self._clock.end()
        self._web.close()

    def read_page(self, answer: Item) -> "Page":
        """Read one page of a collection.

        Raises:
            Busy: It is none.
            Unavailable: What follows it lies elsewhere.
        """
        items = answer.get("value")
        if not isinstance(items, list) or not all(map(_is_item, items)):
            raise Busy(f"{self._home.place} answers with what is no list")
        return Page(
            items,
            self._follow(answer.get("@odata.nextLink")),
            self._follow(answer.get("@odata.deltaLink")),
        )

    def _read_item(self, answer: Item) -> Item:
        if not _is_item(answer):
            raise Busy(f"{self._home.place} answers with what is no item")
        return answer

    def _follow(self, link: object) -> str:
        """Return the query of a link: that is where its token stands."""
        if not isinstance(link, str):
            return ""
        try:
            target = WebAddress.parse(link)
        except Misconfigured:
            raise Busy(f"{self._home.place} answers with what is no link") from None
        if target.origin != self._home.origin:
            raise Unavailable(f"{self._home.place} points to another host, which is not asked")
        return target.path.partition("?")[2]

    def _ask(self, question: Callable[[Mapping[str, str]], T]) -> T:
        """Put a question, with a fresh token where the first is refused, and then once more."""
        for is_last in (False, True):
            self._bearer = self._bearer or self._sign_in.token()
            signed = {"authorization": f"Bearer {self._bearer}"}
            try:
                return self._patience.ask(partial(question, signed))
            except _Unsigned:
                if is_last:
                    break
                self._bearer = self._sign_in.token(but=self._bearer)
        raise AccessDenied(f"{self._home.place} takes no token of this sign-in; {SIGN_IN}")

    def _get(self, url: str, fields: Mapping[str, str], read: Callable[[Item], T]) -> T:
        answer = self._exchange("GET", url, fields)
        if answer.status != _OK:
            raise explain(answer)
        return read(_parse(answer))

    def _post(self, url: str, fields: Mapping[str, str], body: bytes) -> None:
        try:
            answer = self._exchange("POST", url, fields, body)
            if answer.status != _ACCEPTED:
                raise explain_handover(answer)
        except Failed as failed:
            raise InDoubt(f"{failed}: nobody knows whether the mail was sent") from None

    def _exchange(
        self, method: str, url: str, fields: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        with self._share.place(self._clock):
            answer = ask_web(self._web, method, url, fields, body)
        if answer.status == _UNAUTHORIZED:
            raise _Unsigned
        return answer


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a collection, and the queries that lead on: to the rest of it, or to changes."""

    items: list[Item]
    next: str = ""
    delta: str = ""


class _Unsigned(Exception):
    """The token is refused."""


def _app(settings: GraphSettings) -> App:
    return App(
        settings.client_id, settings.authority, settings.permissions, settings.permissions_beside
    )


def _parse(answer: Answer) -> Item:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Busy(f"{answer.place} answers with what is no JSON")
    return found


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str) and bool(item["id"])
