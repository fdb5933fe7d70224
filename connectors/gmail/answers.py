"""Answers of Gmail's API, which may be anything -> what was expected in them, or an error."""

from collections.abc import Mapping
from typing import Any

from connectors.errors import Misconfigured, Unavailable
from connectors.google.errors import Refused

DIGITS = 32
"""Of a number that is believed; Gmail's own have 64 bits, an emulator's more."""


def read_count(found: Mapping[str, Any], name: str) -> int:
    """Return a number that is written as a number or, as 64 bits are in JSON, as a string.

    Raises:
        Unavailable: There is none.
    """
    text = str(found.get(name))
    if text.isascii() and text.isdecimal() and len(text) <= DIGITS:
        return int(text)
    raise not_understood()


def read_list(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects; an empty one is left out of an answer.

    Raises:
        Unavailable: It is something else.
    """
    listed = found.get(name, [])
    if isinstance(listed, list) and all(isinstance(one, dict) for one in listed):
        return listed
    raise not_understood()


def read_id(found: object) -> str:
    """Return the id of an object.

    Raises:
        Unavailable: It has none.
    """
    uid = found.get("id") if isinstance(found, dict) else None
    if isinstance(uid, str) and uid and uid.isascii() and uid.isprintable():
        return uid
    raise not_understood()


def read_token(found: Mapping[str, Any]) -> str:
    """Return the token of the next page, nothing where there is none."""
    token = found.get("nextPageToken")
    return token if isinstance(token, str) else ""


def turn_page(found: Mapping[str, Any], seen: set[str]) -> str:
    """Return the token of the next page as ``read_token`` does, and add it to ``seen``.

    Raises:
        Unavailable: That page was seen before, so the list would have no end.
    """
    token = read_token(found)
    if token in seen:
        raise Unavailable("Gmail gives the same page again and again")
    if token:
        seen.add(token)
    return token


def not_understood() -> Unavailable:
    """Return what to raise for an answer in another form than Google's documents say."""
    return Unavailable("the Gmail API answers what cannot be understood")


def explain_refusal(refused: Refused) -> Misconfigured:
    """Return what to raise for a refusal that has no meaning of its own.

    Source: Gmail API, "Resolve errors": ``failedPrecondition`` says that the account has no
    mailbox.
    """
    if refused.reason in ("failedPrecondition", "FAILED_PRECONDITION"):
        return Misconfigured("this Google account has no mailbox at Gmail")
    return Misconfigured(f"the Gmail API refuses what it is asked ({refused.status})")
