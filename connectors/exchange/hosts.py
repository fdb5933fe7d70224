"""The name of a host -> whether it is Exchange Online, and whether a password may go there."""

from connectors.errors import Misconfigured

_ONLINE = (
    "outlook.com",
    "office365.com",
    "office365.us",
    "office.com",
    "office.de",
    "outlook.cn",
    "office365.cn",
    "outlook.de",
    "hotmail.com",
    "live.com",
    "msn.com",
)
"""Domains of Exchange Online and Outlook.com, the national clouds included.

Source: Microsoft, "Microsoft 365 URLs and IP address ranges", worldwide, GCC High, DoD, 21Vianet.
"""
ONLINE_REFUSED = (
    "this mailbox is at Microsoft 365, where Exchange Web Services are closed since October 2026; "
    'write kind = "graph" instead of "exchange"'
)


class Elsewhere(Misconfigured):
    """A server leads to another one, where no password is sent unless the owner names it."""


def is_online(host: str) -> bool:
    """Ask whether a host is one of Exchange Online, which takes no EWS any more.

    Source: Microsoft, "Retirement of Exchange Web Services in Exchange Online": blocked since
    1 October 2026, ended on 1 April 2027.
    """
    return any(is_within(host, domain) for domain in _ONLINE)


def is_within(host: str, domain: str) -> bool:
    """Ask whether ``host`` is ``domain`` or lies below it."""
    return f".{host.rstrip('.').lower()}".endswith(f".{domain.lower()}")


def refuse_online(host: str) -> None:
    """Return if ``host`` may be asked.

    Raises:
        Elsewhere: It is Exchange Online; the sentence names what to use instead.
    """
    if is_online(host):
        raise Elsewhere(ONLINE_REFUSED)
