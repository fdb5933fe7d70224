"""The one protocol every connector keeps; ``contract.py`` states it as checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NewType, Protocol, runtime_checkable

from connectors.observations import Observation

Cursor = NewType("Cursor", str)
"""A resume point, at most 64 KiB of text, opaque to all but the connector that issued it."""


class Reading(StrEnum):
    """How far a connector may look into a message: each step includes the one before."""

    HEADERS = "headers"
    SUBJECTS = "subjects"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item the connector could find but not understand."""

    uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of this poll is done. ``expected`` is None where nobody knows."""

    done: int
    expected: int | None
    unit: str = "items"


@dataclass(frozen=True, slots=True)
class Batch:
    """Observations, and the cursor to store with them.

    Polling again from ``cursor`` continues after this batch. The caller must make the
    observations durable no later than the cursor: that is the whole of the protocol's
    crash safety.
    """

    observations: tuple[Observation, ...]
    cursor: Cursor
    rejected: tuple[Rejected, ...] = ()
    progress: Progress | None = None


class Connector(Protocol):
    """A read-only, incremental view of one account on one service."""

    settings_type: ClassVar[type[Any]]

    def __init__(self, settings: Any, *, since: datetime) -> None:
        """Take the settings (an instance of ``settings_type``); touch nothing yet."""
        ...

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has changed since ``cursor``, lazily.

        Args:
            cursor: The cursor of the last batch stored, or None to begin at the
                ``since`` the connector was opened with.

        Yields:
            Batches. The last may be empty, carrying only a newer cursor.

        Raises:
            CursorExpired: The service no longer honours ``cursor``; poll from None.
            Unavailable: The service could not be reached; poll again later.
            AccessDenied: The service refuses these credentials until a human acts.
            Misconfigured: A setting cannot be right; polling again will not help.
        """
        ...

    def close(self) -> None:
        """Release connections. Idempotent."""
        ...


@runtime_checkable
class Mailbox(Protocol):
    """What a connector to a live mailbox can do besides polling; it changes nothing either.

    The daemon asks ``isinstance`` of it; a connector that cannot do this just lacks it.
    """

    def holds(self, message_id: str) -> bool:
        """Return whether a message with this ``Message-ID`` (with its angle brackets) is there.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As ``Connector.poll`` does.
        """
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until new mail may have come, ``seconds`` at the most; return whether it may have.

        Called on an instance of its own, in a thread of its own; ``close`` from another
        thread ends the wait.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As ``Connector.poll`` does; Unavailable
                also where the server cannot tell, so that polling must do.
        """
        ...


@runtime_checkable
class Outbox(Protocol):
    """What a connector can do whose account sends mail: the digest, to the owner alone."""

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Hand ``message`` over to be sent.

        Args:
            message: The mail, with CR LF line ends, in ASCII.
            sender: The bare address it comes from.
            to: The bare address it goes to, its one recipient.

        Raises:
            Unavailable: It was not taken; offer it again later.
            AccessDenied, Misconfigured: It was not taken, and will not be until the owner acts.
            InDoubt: The connection ended when it had been handed over: nobody knows.
        """
        ...

    def check_sending(self) -> None:
        """Try everything but the sending.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As ``send`` would.
        """
        ...


@runtime_checkable
class Account(Protocol):
    """What a connector can do whose service knows which addresses its account has."""

    def list_addresses(self) -> tuple[str, ...]:
        """Return the account's own addresses, aliases included, in lower case, sorted.

        As far as the permissions that were granted allow; possibly none.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As ``Connector.poll`` does.
        """
        ...


class Desk(Protocol):
    """The owner in front of a terminal, for the time of a sign-in."""

    @property
    def is_remote(self) -> bool:
        """Whether the owner's browser runs on another machine than this."""
        ...

    def show(self, url: str, code: str = "") -> None:
        """Tell the owner which page to open, and what to type there; open it where possible."""
        ...

    def read_line(self) -> str:
        """Return what the owner pastes: the address that the browser was led to in the end."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    """What a connector can do whose service has a page on which the owner lets kithd in.

    The permissions asked for are the least that the settings need. Its tokens are kept where
    the setting ``secret`` says.
    """

    def list_permissions(self) -> tuple[str, ...]:
        """Return the permissions that are asked for, as the service names them, sorted."""
        ...

    def sign_in(self, desk: Desk) -> str:
        """Let the owner sign in, keep the tokens, and return who signed in, as the page knows it.

        Raises:
            AccessDenied: The owner said no; or more, or less, was granted than is needed.
            Unavailable: The service could not be reached, or nobody came.
            Misconfigured: The settings cannot be right, or the tokens cannot be kept.
        """
        ...
