"""What Microsoft's sign-in answers instead of tokens -> what the owner is told to do about it."""

from collections.abc import Mapping
from typing import Any

from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable

SIGN_IN = "type: kithd sign-in"
"""What the owner is told to do; the daemon adds the name of the source."""

_ENDED = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
_OF_THE_APP = frozenset({"invalid_client", "unauthorized_client", "invalid_request"})
_PASSING = frozenset({"temporarily_unavailable", "server_error"})


def explain(answer: Mapping[str, Any], *, is_first: bool = False) -> ConnectorError:
    """Return what to raise for an error of the sign-in; its description is not quoted.

    Args:
        answer: With its ``error``, and Microsoft's own numbers for it, which are told.
        is_first: Whether the owner is just signing in, so that nothing can have ended.
    """
    error, code = str(answer.get("error", "")), code_of(answer)
    if error in _ENDED and is_first:
        return AccessDenied(
            f"Microsoft does not let kithd in{code}: somebody must agree to its permissions, "
            f"perhaps an administrator, or your organization blocks this; {SIGN_IN}"
        )
    if error in _ENDED:
        return AccessDenied(
            f"Microsoft no longer lets kithd in{code}: the sign-in was withdrawn, or ended; "
            f"{SIGN_IN}"
        )
    if error in _OF_THE_APP:
        return Misconfigured(
            f"Microsoft does not take this app{code}: check client_id and tenant, and that the "
            "registration allows public client flows"
        )
    if error in _PASSING:
        return Unavailable(f"Microsoft's sign-in is not available{code}")
    return AccessDenied(f"Microsoft refuses the sign-in ({_word(error)}){code}; {SIGN_IN}")


def code_of(answer: Mapping[str, Any]) -> str:
    """Return the error's number as Microsoft writes it in its documents, if it has one.

    Source: Microsoft identity platform, "Microsoft Entra authentication and authorization error
    codes": ``error_codes`` holds the digits after AADSTS.
    """
    numbers = answer.get("error_codes")
    found = numbers[:1] if isinstance(numbers, list) else []
    return "".join(f" (AADSTS{n})" for n in found if type(n) is int and 0 < n < 10**9)


def _word(error: str) -> str:
    is_word = error.isascii() and error.replace("_", "").isalnum() and len(error) <= 64
    return error if is_word else "no reason given"
