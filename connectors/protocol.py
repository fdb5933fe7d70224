"""The one protocol every connector keeps; ``contract.py`` states it as checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NewType, Protocol, runtime_checkable

from connectors.observations import Observation

Cursor = NewType("Cursor", str)
"""A resume point, at most 4 KiB of text, opaque to all but the connector that issued it."""


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
