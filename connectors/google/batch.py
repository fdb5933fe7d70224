"""Several requests in one, and their answers apart: refusals kept, and what is busy left over."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import BatchHttpRequest

from connectors.google.errors import Failed, Forbidden, Refused, explain
from connectors.http import Answer
from connectors.pace import Busy

LARGEST_BATCH = 100
"""Requests in one. Source: "Sending batch requests" of Gmail, Calendar and People."""


@dataclass
class Questions:
    """Requests by name, the answers that have come so far, and how many are sent at once."""

    requests: Mapping[str, Any]
    n_at_once: int
    answers: dict[str, dict[str, Any] | Refused] = field(default_factory=dict)

    @property
    def left(self) -> list[str]:
        """The names of those without an answer, in order."""
        return [name for name in self.requests if name not in self.answers]

    def next_names(self) -> list[str]:
        """Return which to send now."""
        return self.left[: self.n_at_once]

    def take_fewer(self) -> None:
        """Send half as many from now on: their answers may have been too much at once."""
        self.n_at_once = max(1, len(self.next_names()) // 2)


def ask_together(
    questions: Questions, names: list[str], http: AuthorizedHttp, url: str, service: str
) -> None:
    """Send the requests of these names as one, and put the answers to the others.

    Each is counted, and can be refused, by itself: a batch saves round trips and nothing else.
    A part whose token has expired is sent once more by the library, after the token is renewed.

    Raises:
        Busy: Some of them have no answer yet.
        Failed: Nothing can be read of what was answered.
        AccessDenied, Unavailable: One of them says so, which goes for all.
    """
    parts: dict[str, tuple[Any, HttpError | None]] = {}
    _send(questions, names, parts, http, url, service)
    busy: list[Busy] = []
    for number, name in enumerate(names):
        try:
            questions.answers[name] = _understand(*parts[str(number)], url, service)
        except Busy as problem:
            busy.append(problem)
    if busy:
        longest = max((one.retry_after or timedelta() for one in busy), default=timedelta())
        raise Busy(str(busy[0]), retry_after=longest or None)


def _send(
    questions: Questions,
    names: list[str],
    parts: dict[str, tuple[Any, HttpError | None]],
    http: AuthorizedHttp,
    url: str,
    service: str,
) -> None:
    def keep(number: str, found: Any, error: HttpError | None) -> None:
        parts[number] = (found, error)

    batch = BatchHttpRequest(callback=keep, batch_uri=url)
    for number, name in enumerate(names):
        batch.add(_unsigned(questions.requests[name]), request_id=str(number))
    try:
        batch.execute(http=http)
    except BatchError:
        problem: Exception = Failed(f"the {service} answers a batch with what is none")
    except HttpError as error:
        problem = explain(answer_of(error, url), service)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # The library takes an answer apart without a look at whether it can be.
        problem = Failed(f"the {service} answers a batch with what cannot be taken apart")
    else:
        return
    raise problem


def _unsigned(request: Any) -> Any:
    """Return a request that is signed by the batch it is in.

    The library would write the present token into each part, where it stays when the batch is
    sent again with a new one. Source: "Sending batch requests": the header fields of the batch
    count for all its parts.
    """
    part = copy.copy(request)
    part.http, part.headers = None, dict(request.headers)
    return part


def _understand(
    found: Any, error: HttpError | None, url: str, service: str
) -> dict[str, Any] | Refused:
    if error is None and isinstance(found, dict):
        return found
    if error is None:
        raise Failed(f"the {service} answers with what is no JSON object")
    match explain(answer_of(error, url), service):
        case Refused() as refused:
            return refused
        case Forbidden():
            return Refused(403, "forbidden", service=service)
        case problem:
            raise problem


def answer_of(error: HttpError, url: str) -> Answer:
    """Return the answer that the library made an error of."""
    headers = {str(name): str(value) for name, value in error.resp.items()}
    return Answer(error.resp.status, headers, error.content, url)
