"""What exchangelib raises -> what the daemon should do about it."""

import struct
from datetime import timedelta

from exchangelib import errors
from lxml import etree
from spnego.exceptions import SpnegoError

from connectors.errors import (
    AccessDenied,
    ConnectorError,
    CursorExpired,
    Misconfigured,
    Unavailable,
)
from connectors.pace import Busy

RAISED = (
    errors.EWSError,
    etree.LxmlError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    SpnegoError,
    TypeError,
    ValueError,
    struct.error,
)
"""What the library raises: its own errors, and whatever it stumbles over in an odd answer."""

_BUSY = (
    errors.ErrorServerBusy,
    errors.ErrorConnectionFailed,
    errors.ErrorConnectionFailedTransientError,
    errors.ErrorExceededConnectionCount,
    errors.ErrorInsufficientResources,
    errors.ErrorInternalServerError,
    errors.ErrorInternalServerTransientError,
    errors.ErrorMailboxFailover,
    errors.ErrorMailboxStoreUnavailable,
    errors.ErrorTimeoutExpired,
    errors.ErrorTooManyObjectsOpened,
)
_DENIED = (
    errors.UnauthorizedError,
    errors.ErrorAccessDenied,
    errors.ErrorAccountDisabled,
    errors.ErrorCreateItemAccessDenied,
    errors.ErrorImpersonateUserDenied,
    errors.ErrorUserNotAllowedByPolicy,
)
_NO_MAILBOX = (
    errors.ErrorInvalidMailbox,
    errors.ErrorInvalidSmtpAddress,
    errors.ErrorMissingEmailAddress,
    errors.ErrorNonExistentMailbox,
    errors.ErrorNonPrimarySmtpAddress,
)
_TOO_OLD = (
    errors.ErrorIncorrectSchemaVersion,
    errors.ErrorInvalidSchemaVersionForMailboxVersion,
    errors.ErrorInvalidServerVersion,
)
_MISSING = (errors.ErrorFolderNotFound, errors.ErrorItemNotFound)
_NOT_SENT = (
    errors.ErrorSendAsDenied,
    errors.ErrorInvalidRecipients,
    errors.ErrorMissingRecipients,
    errors.ErrorMessageSizeExceeded,
    errors.ErrorSubmissionQuotaExceeded,
)
_PERHAPS_SENT = (
    errors.ErrorConnectionFailed,
    errors.ErrorInternalServerError,
    errors.ErrorInternalServerTransientError,
    errors.ErrorTimeoutExpired,
)


class Missing(Exception):
    """The folder or the item that was asked for is not there any more."""


def explain(problem: Exception, place: str, *, is_let_in: bool) -> ConnectorError | Busy | Missing:
    """Return what ``problem`` means; nothing that the server wrote is quoted.

    Args:
        problem: One of :data:`RAISED`.
        place: The server, as an error may name it.
        is_let_in: Whether it has answered this user before. If so, who is asked again who they
            are is one too many: Exchange says so when it has too much to do.

    Source: exchangelib 5.6, ``RetryPolicy.raise_response_errors``, seen at Microsoft's servers.
    """
    name = type(problem).__name__
    if is_let_in and isinstance(problem, errors.UnauthorizedError):
        return Busy(f"{place} asks again who this is")
    if isinstance(problem, errors.ErrorInvalidSyncStateData):
        return CursorExpired(f"{place} does not know any more how far its mailbox was read")
    if isinstance(problem, _BUSY):
        return Busy(f"{place} is busy ({name})", retry_after=_asked_for(problem))
    if isinstance(problem, _DENIED):
        return AccessDenied(f"{place} refuses the user or the secret; put both right")
    if isinstance(problem, _MISSING):
        return Missing(f"{place} holds it no more")
    if isinstance(problem, (*_NO_MAILBOX, *_TOO_OLD, *_NOT_SENT)):
        return Misconfigured(f"{place} {_reproach(problem, name)}")
    if isinstance(problem, errors.ResponseMessageError):
        return Unavailable(f"{place} answers {name}")
    return Unavailable(f"{place} is not understood ({name})")


def is_perhaps_done(problem: Exception) -> bool:
    """Ask whether the server may have done what was asked, though it answers ``problem``."""
    return isinstance(problem, _PERHAPS_SENT) or not isinstance(
        problem, (errors.ResponseMessageError, errors.UnauthorizedError)
    )


def _reproach(problem: Exception, name: str) -> str:
    if isinstance(problem, _TOO_OLD):
        return "is older than Exchange Server 2013, which is too old"
    if isinstance(problem, _NO_MAILBOX):
        return "has no mailbox of this address; write its primary address as address"
    return f"does not send this ({name}); check sender and recipient"


def _asked_for(problem: Exception) -> timedelta | None:
    seconds = getattr(problem, "back_off", None)
    return timedelta(seconds=seconds) if seconds else None
