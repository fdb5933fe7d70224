"""What can go wrong at a source, named by what the daemon should do about it."""

from datetime import timedelta


class ConnectorError(Exception):
    """Root of all errors a connector may raise."""


class Unavailable(ConnectorError):
    """Try again later; nothing is lost."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class CursorExpired(ConnectorError):
    """Discard the cursor and poll from the beginning."""


class AccessDenied(ConnectorError):
    """Stop polling this source and tell the owner how to let kithd in again."""


class Misconfigured(ConnectorError):
    """Stop polling this source and tell the owner which setting is wrong."""


class InDoubt(ConnectorError):
    """The connection was lost when something had been handed over: nobody knows if it was taken."""
