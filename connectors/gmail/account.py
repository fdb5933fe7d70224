"""An account at Gmail -> whose it is, how much lies in it, and its addresses."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import AccessDenied
from connectors.formats.addresses import normalise
from connectors.gmail.answers import explain_refusal, not_understood, read_count, read_list
from connectors.gmail.quota import ALIASES_UNITS, PROFILE_UNITS
from connectors.google.errors import Refused

if TYPE_CHECKING:
    from connectors.google.client import Client

_OWNED = "accepted"


@dataclass(frozen=True, slots=True)
class Profile:
    """What Gmail says of an account.

    Attributes:
        address: Its own.
        n_messages: In all its mailbox, drafts, spam and trash too.
        history: How far its history has come, in its own count.
    """

    address: str
    n_messages: int
    history: int


def ask_profile(client: "Client") -> Profile:
    """Ask whose account it is.

    Raises:
        Unavailable, AccessDenied, Misconfigured: As the client does.
    """
    request = client.api.users().getProfile(
        userId="me", fields="emailAddress,messagesTotal,historyId"
    )
    try:
        found = client.ask(request, units=PROFILE_UNITS)
    except Refused as refused:
        raise explain_refusal(refused) from None
    address = found.get("emailAddress")
    if not isinstance(address, str) or not address:
        raise not_understood()
    return Profile(address, read_count(found, "messagesTotal"), read_count(found, "historyId"))


def list_addresses(client: "Client", *, has_aliases: bool) -> tuple[str, ...]:
    """List the account's addresses, normalised and sorted.

    An alias counts once it was confirmed; of the account's own addresses Gmail says no such
    thing (Source: Gmail API, settings.sendAs, ``verificationStatus``).

    Args:
        client: Of the account.
        has_aliases: Whether the permission allows to ask for them.

    Raises:
        Unavailable, AccessDenied, Misconfigured: As the client does.
    """
    found = [ask_profile(client).address]
    if has_aliases:
        found += _list_aliases(client)
    return tuple(sorted({known for one in found if (known := normalise(one))}))


def require_account(client: "Client", address: str, user: str, *, has_aliases: bool) -> None:
    """Return if the account is the one that the settings name, or they name none.

    On Google's page another one can be chosen than it proposes.

    Args:
        client: Of the account.
        address: The account's own.
        user: What the settings say; looked at only if it is an address.
        has_aliases: Whether the permission allows to ask for aliases, which are the account too.

    Raises:
        AccessDenied: It is another account.
        Unavailable, Misconfigured: As the client does.
    """
    wanted = normalise(user)
    if wanted is None or wanted == normalise(address):
        return
    if has_aliases and wanted in map(normalise, _list_aliases(client)):
        return
    raise AccessDenied(
        "another account was chosen on Google's page than user names: choose that one there, or "
        "write user as Google writes it; type: kithd sign-in"
    )


def _list_aliases(client: "Client") -> list[str]:
    request = (
        client.api.users()
        .settings()
        .sendAs()
        .list(userId="me", fields="sendAs(sendAsEmail,isPrimary,verificationStatus)")
    )
    try:
        found = client.ask(request, units=ALIASES_UNITS)
    except Refused as refused:
        raise explain_refusal(refused) from None
    return [
        str(one.get("sendAsEmail"))
        for one in read_list(found, "sendAs")
        if one.get("isPrimary") is True or one.get("verificationStatus") == _OWNED
    ]
