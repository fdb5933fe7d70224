"""The headers of a mailing list to its addresses, and to the author it stands before."""

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import unquote

from connectors.formats.addresses import normalise, parse_addresses
from connectors.formats.headers import Headers, first
from connectors.observations import Address

LISTS_LIMIT = 20

_ADDRESSED = ("x-mailing-list", "x-beenthere", "x-list")
_ENVELOPES = ("sender", "return-path", "errors-to")
_ORIGINALS = ("x-original-from", "x-original-sender", "reply-to", "x-mailfrom")

FIELDS = frozenset({"from", "list-id", "list-post", *_ADDRESSED, *_ENVELOPES, *_ORIGINALS})

_mailto = re.compile(r"<mailto:([^?>\s]+)", re.IGNORECASE)
_list_id = re.compile(r"<([\w+-]+)\.((?:[\w-]+\.)+[a-z]{2,})>\s*", re.IGNORECASE | re.ASCII)
_manager = re.compile(
    r"owner-(?P<name>[^@=]+)(?P<host>@.+)"
    r"|(?P<other>[^@=+]+)-(?:owner|bounces?)(?:\+[^@]*)?(?P<at>@.+)"
)
_hint = re.compile("owner|bounce", re.IGNORECASE)
_via = re.compile(r"\s+via\s+\S", re.IGNORECASE)


def list_addresses(headers: Headers, author_email: str) -> tuple[str, ...]:
    """Collect the addresses of the mailing lists that the headers name, surest first, 20 at most.

    List-Post says it outright (RFC 2369 section 3.4); X-Mailing-List, X-BeenThere and X-List
    by custom; Sender, Return-Path and Errors-To by the manager's name ("owner-NAME",
    "NAME-bounces"), unless the author has that name. List-Id (RFC 2919) is read as NAME.HOST
    only where nothing else speaks: it need not be an address.
    """
    found = dict.fromkeys(_posting_addresses(headers))
    for name in _ENVELOPES:
        if _hint.search(value := first(headers, name)):
            found |= dict.fromkeys(_managed_lists(value, author_email))
    if not found and (match := _list_id.search(first(headers, "list-id"))):
        email = normalise(f"{match[1]}@{match[2]}")
        found |= {email: None} if email else {}
    return tuple(islice(found, LISTS_LIMIT))


def find_author(author: Address, lists: Iterable[str], headers: Headers) -> Address:
    """Say who wrote a message whose From field a list may have taken over.

    Lists put their own address into From where the author's domain forbids relaying (DMARC),
    and the author's into X-Original-From, X-Original-Sender, Reply-To or X-MailFrom. Those
    are believed only where From holds a list's address; else the list is the author.

    Source: RFC 7960 section 4.1.3.1; Mailman 3 manual, ``dmarc_mitigate_action``; Google Groups.
    """
    taken = {*lists}
    if author.email not in taken:
        return author
    name = _via.split(author.name, maxsplit=1)[0] if _via.search(author.name) else ""
    for header in _ORIGINALS:
        others = [one for one in parse_addresses(first(headers, header)) if one.email not in taken]
        if len(others) == 1 and not _managed(others[0].email):
            return Address(others[0].email, others[0].name or name)
    return author


def _posting_addresses(headers: Headers) -> Iterable[str]:
    for spec in _mailto.findall(first(headers, "list-post")):
        if email := normalise(unquote(spec)):
            yield email
    for name in _ADDRESSED:
        for value in headers.get(name, ()):
            yield from (one.email for one in parse_addresses(value))


def _managed_lists(value: str, author_email: str) -> Iterable[str]:
    for manager in parse_addresses(value):
        if manager.email != author_email and (managed := _managed(manager.email)):
            yield managed


def _managed(email: str) -> str | None:
    """Name the list that the owner of this address manages, if it is a manager's."""
    match = _manager.fullmatch(email)
    if match is None:
        return None
    return normalise((match["name"] or match["other"]) + (match["host"] or match["at"]))
