"""Requests to one of Google's services -> answers, within its quota, however busy it is."""

from collections.abc import Mapping
from functools import partial
from threading import Lock
from typing import Any

from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from connectors.credentials.google import KeptCredentials
from connectors.credentials.google_client_file import OAuthClient
from connectors.credentials.tokens import Tokens
from connectors.errors import InDoubt, Unavailable
from connectors.google.batch import LARGEST_BATCH, Questions, answer_of, ask_together
from connectors.google.errors import Failed, Forbidden, Refused, explain
from connectors.google.settings import GoogleSettings
from connectors.google.transport import Transport, open_web
from connectors.pace import PATIENCE, Budget, Clock, Patience, Waiting

__all__ = ["LARGEST_BATCH", "Client", "Forbidden", "Refused", "budget_of"]

_NAMES = {"gmail": "Gmail API", "calendar": "Google Calendar API", "people": "People API"}
"""How Google's console calls them."""


class _Shared(Budget):
    """Units of which there may be fewer, from any moment on, than there were before."""

    def lower(self, units: int) -> None:
        """Allow no more than ``units`` from now on."""
        with self._lock:
            self.units = min(self.units, units)

    def spend(self, units: int, clock: Clock) -> None:
        """Take ``units``, or all there are, after waiting for as long as there are too few.

        What somebody has put together, or waits for, while there were more is not more than all.

        Raises:
            Unavailable: Nobody waits any more.
        """
        while (seconds := self._take(min(units, self.units), clock.now())) > 0:
            clock.sleep(seconds)


_budgets: dict[str, _Shared] = {}
_budgets_turn = Lock()


def budget_of(account: str, units: int) -> Budget:
    """Return the budget of one account, the same one to all in this process who ask for it.

    Polls come one after another, each with a client of its own, and Google counts on.

    Args:
        account: What Google counts by.
        units: That may be spent in any minute; the fewest that anybody named count for all.
    """
    with _budgets_turn:
        budget = _budgets.setdefault(account, _Shared(units))
    budget.lower(units)
    return budget


class _Doubtful(Exception):
    """What must not be done twice may have been done."""


class Client:
    """Asks one service of one account: one thread at a time, but ``close`` from any."""

    def __init__(
        self,
        settings: GoogleSettings,
        *,
        permissions: tuple[str, ...],
        api: str,
        version: str,
        url: str,
        budget: Budget | None = None,
        batch_url: str = "",
    ) -> None:
        """Read nothing and ask nobody yet.

        Args:
            settings: Whose account it is.
            permissions: That the sign-in must have, no more and no less.
            api: The service's name in Google's discovery documents, such as ``gmail``.
            version: Its version there.
            url: Where it is reached: what its document calls rootUrl and servicePath.
            budget: What its requests take their units of.
            batch_url: Where batches go; needed for ``ask_all`` alone.
        """
        self._settings, self._permissions = settings, permissions
        self._document, self._url, self._batch_url = (api, version), url, batch_url
        self._service = _NAMES.get(api, api)
        self._budget = budget
        self._http: AuthorizedHttp | None = None
        self._api: Any = None
        self._is_closed = True
        self.begin()

    @property
    def api(self) -> Any:
        """The library's view of the service: ``client.api.users().messages().list(...)``.

        Raises:
            AccessDenied, Misconfigured: There is no sign-in, or not the one that is needed.
        """
        if self._api is None:
            api, version = self._document
            self._api = build(
                api,
                version,
                http=self._opened(),
                cache_discovery=False,
                static_discovery=True,
                client_options={
                    "api_endpoint": f"{self._url.rstrip('/')}/",
                    "universe_domain": "googleapis.com",  # whatever the environment says
                },
            )
        return self._api

    def ask(self, request: Any, *, units: int = 0) -> dict[str, Any]:
        """Return the answer to one request of the library's, asked again while that may help.

        Args:
            request: What a method of ``api`` returns. It must change nothing at Google.
            units: Of the budget, for each try.

        Raises:
            Refused: The service does not do it, and never will.
            Forbidden: The account may not have this one thing.
            AccessDenied, Misconfigured: The account, the project or the domain is not let in.
            Unavailable: The service is busy or broken for too long, or cannot be reached.
        """
        return self._patience.ask(partial(self._try, request, units))

    def hand_over(self, request: Any, *, units: int = 0) -> dict[str, Any]:
        """Return the answer to a request that must not be done twice, such as to send a mail.

        It is made again only where the service says that it did nothing.

        Raises:
            InDoubt: The service failed, or fell silent, when it had the request.
            Refused, Forbidden, AccessDenied, Misconfigured, Unavailable: As for ``ask``.
        """
        try:
            return self._patience.ask(partial(self._try_once, request, units))
        except _Doubtful:
            reason = f"the {self._service} was asked, and nobody knows what became of it"
        raise InDoubt(reason)

    def ask_all(
        self, requests: Mapping[str, Any], *, units: int
    ) -> dict[str, dict[str, Any] | Refused]:
        """Return the answers to several requests, sent as one; a refusal is an answer too.

        What the service is too busy for is asked again without the rest, and costs its units
        again. Fewer are sent at once where the budget is small, or the answers are large.

        Args:
            requests: By any names; at most LARGEST_BATCH of them are sent at once.
            units: Of the budget, for each of them and each try.

        Raises:
            AccessDenied, Misconfigured, Unavailable: As for ``ask``.
        """
        questions = Questions(requests, self._n_at_once(units))
        while questions.left:
            n_left = len(questions.left)
            try:
                self._patience.ask(partial(self._try_some, questions, units))
            except Unavailable as trouble:
                is_long = trouble.retry_after and trouble.retry_after.total_seconds() > PATIENCE
                if is_long or len(questions.left) == n_left:
                    raise
        return questions.answers

    def begin(self) -> None:
        """Allow asking again after ``close``, by requests that are made from now on."""
        if isinstance(self._settings.clock, Waiting):
            self._settings.clock.begin()
        if self._is_closed:
            self._transport = Transport(self._settings, self._service)
            self._sign_in = open_web(self._settings)
            self._http = self._api = None
            self._is_closed = False

    def close(self) -> None:
        """End what is asked or waited for, in whatever thread, and hang up. Idempotent."""
        self._is_closed = True
        if isinstance(self._settings.clock, Waiting):
            self._settings.clock.end()
        self._transport.close()
        self._sign_in.close()

    @property
    def _patience(self) -> Patience:
        return Patience(self._settings.clock)

    def _opened(self) -> AuthorizedHttp:
        if self._http is None:
            settings = self._settings
            client = OAuthClient.read(settings.client_file, allow_private=settings.allow_private)
            credentials = KeptCredentials(
                Tokens(settings.secret), client, self._permissions, self._sign_in
            )
            self._http = AuthorizedHttp(credentials, self._transport, max_refresh_attempts=1)
        return self._http

    def _try(self, request: Any, units: int) -> dict[str, Any]:
        self._spend(units)
        try:
            found = request.execute(num_retries=0)
        except HttpError as error:
            # 401 for the second time; all other statuses are explained where they arrive.
            raise explain(answer_of(error, self._url), self._service) from None
        except (ValueError, RecursionError):
            found = None  # the library takes it for text, and not too deep a one
        if isinstance(found, dict):
            return found
        raise Failed(f"the {self._service} answers with what is no JSON object")

    def _try_once(self, request: Any, units: int) -> dict[str, Any]:
        try:
            return self._try(request, units)
        except Failed:
            pass
        raise _Doubtful

    def _try_some(self, questions: Questions, units: int) -> None:
        """Ask some of what is left; raise Busy if any of them has to be asked again."""
        names = questions.next_names()
        if len(names) == 1:
            questions.answers[names[0]] = self._try_alone(questions.requests[names[0]], units)
            return
        self._spend(units * len(names))
        try:
            ask_together(questions, names, self._opened(), self._batch_url, self._service)
        except Failed:
            questions.take_fewer()
            raise

    def _try_alone(self, request: Any, units: int) -> dict[str, Any] | Refused:
        try:
            return self._try(request, units)
        except Forbidden:
            return Refused(403, "forbidden", service=self._service)
        except Refused as refused:
            return refused

    def _n_at_once(self, units: int) -> int:
        if self._budget is None or units == 0:
            return LARGEST_BATCH
        return max(1, min(LARGEST_BATCH, self._budget.units // units))

    def _spend(self, units: int) -> None:
        if self._is_closed:
            raise Unavailable("the connection was closed")
        if self._budget is not None and units:
            self._budget.spend(units, self._settings.clock)
