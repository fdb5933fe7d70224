"""The settings as written -> what cannot be right about them together.

Works on what the file says and not on checked settings, so that these problems are told
beside those of single values, all at once. Whatever is of a wrong type is passed over:
that is told already.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from os.path import expanduser, normpath
from typing import Any, TypeAlias

from connectors.errors import Misconfigured
from daemon.config.accounts import Source
from daemon.config.kinds import COMMON, DELIVERIES, Terms, list_kinds, signs_in, terms_of
from daemon.config.lines import KeyPath
from daemon.config.model import Delivery
from daemon.config.open import DELIVERY
from daemon.config.wording import Problem, name_nearest

Table: TypeAlias = Mapping[str, Any]

_TENANT = re.compile(r"https://[^\s/]\S*|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")

_HOW_TO_GET = {
    "client_file": "docs/how-to/sign-in-with-google.md shows how to get it",
    "client_id": "docs/how-to/sign-in-with-microsoft.md shows how to get it",
}
"""Where settings come from that nobody knows by heart."""


def find_contradictions(written: Table) -> Iterator[Problem]:
    """Yield what is missing, has no effect, or goes against something else in the settings."""
    sources = _table(written, "sources")
    for name in sources:
        yield from _of_source(("sources", name), _table(sources, name))
    yield from _of_delivery(_table(written, DELIVERY))
    yield from _of_sign_ins(written)
    yield from _of_replies(_table(written, "replies"), tuple(sources))


def _of_source(at: KeyPath, table: Table) -> Iterator[Problem]:
    kind = table.get("kind")
    yield from _of_account(at, table)
    if not isinstance(kind, str):
        return
    if kind not in list_kinds():
        yield (*at, "kind"), f"{kind}: no such kind{name_nearest(kind, list_kinds())}"
        return
    try:
        terms = terms_of(kind)
    except Misconfigured as problem:
        yield (*at, "kind"), str(problem)
        return
    yield from _against(at, table, kind, terms, set(Source.model_fields) - set(COMMON))
    if at[-1] == DELIVERY and signs_in(kind):
        yield at, f"call it otherwise: kithd sign-in {DELIVERY} is for what sends the digest"
    if {"path", "url"} <= set(terms.takes):
        yield from _of_place(at, table, kind)


def _of_delivery(table: Table) -> Iterator[Problem]:
    at, kind = (DELIVERY,), table.get("kind")
    yield from _of_account(at, table)
    of_kinds = {name for terms in DELIVERIES.values() for name in terms.takes}
    said = [name for name in Delivery.model_fields if name in of_kinds and name in table]
    if kind is None and said:
        yield (*at, "kind"), f"missing; without it nothing is sent, and {said[0]} has no effect"
    elif isinstance(kind, str) and kind in DELIVERIES:
        yield from _against(at, table, kind, DELIVERIES[kind], of_kinds)


def _of_replies(table: Table, sources: tuple[str, ...]) -> Iterator[Problem]:
    named = table.get("sources")
    for number, name in enumerate(named if isinstance(named, list) else ()):
        if isinstance(name, str) and name not in sources:
            yield (
                ("replies", "sources", str(number)),
                f"{name}: no such source{name_nearest(name, sources)}",
            )


def _against(
    at: KeyPath, table: Table, kind: str, terms: Terms, known: set[str]
) -> Iterator[Problem]:
    """Hold a table against the terms of its kind."""
    for name in table:
        if name in known and name not in terms.takes:
            yield (*at, name), f"{kind} takes no {name}; it takes {', '.join(terms.takes)}"
    for name in terms.needs:
        if name not in table:
            yield (*at, name), f"missing; {kind} needs it{_say_how(at, kind, name)}"


def _say_how(at: KeyPath, kind: str, name: str) -> str:
    """Say how to come by a setting that is missing, where it is no matter of course."""
    if name == "secret" and signs_in(kind):
        return f': say where kithd sign-in is to keep your sign-in, such as "file:{at[-1]}.tokens"'
    return f": {_HOW_TO_GET[name]}" if name in _HOW_TO_GET else ""


def _of_place(at: KeyPath, table: Table, kind: str) -> Iterator[Problem]:
    """Check that a source lies in a file or on the web, and in one of them alone."""
    if "path" not in table and "url" not in table:
        yield (*at, "path"), f"missing; {kind} needs it, or url"
    if "path" in table and "url" in table:
        yield (*at, "url"), "there is a path as well; say one of them"
    if "path" in table and "user" in table:
        yield (*at, "user"), "a file takes no user"


def _of_sign_ins(written: Table) -> Iterator[Problem]:
    """Check that what a sign-in keeps lies in a place of its own: each is for one purpose."""
    sources = _table(written, "sources")
    tables: dict[KeyPath, Table] = {("sources", it): _table(sources, it) for it in sources}
    tables[(DELIVERY,)] = _table(written, DELIVERY)
    taken: dict[str, tuple[str, bool]] = {}
    for at, table in tables.items():
        place, is_sign_in = _place_of(table.get("secret")), signs_in(table.get("kind"))
        other, is_others = taken.setdefault(place, (".".join(at), is_sign_in))
        if place and other != ".".join(at) and (is_sign_in or is_others):
            yield (
                (*at, "secret"),
                f"{other} has it too; a sign-in is for one purpose, and what lets kithd read does "
                f'not let it send: name another place, such as "file:{at[-1]}.tokens"',
            )


def _place_of(secret: object) -> str:
    """Return the same text for all ways to write where a secret is kept; empty for none."""
    scheme, colon, rest = secret.partition(":") if isinstance(secret, str) else ("", "", "")
    if scheme != "file":
        return f"{scheme}{colon}{rest}"
    return f"file:{normpath(expanduser(rest))}" if rest else ""


def _of_account(at: KeyPath, table: Table) -> Iterator[Problem]:
    if not signs_in(table.get("kind")):
        yield from _of_password(at, table)
    if table.get("security") == "none" and not is_this_machine(table.get("host", "")):
        yield (*at, "security"), 'none is for this machine alone (host = "localhost"); say tls'
    tenant = table.get("tenant")
    if isinstance(tenant, str) and not _TENANT.fullmatch(tenant):
        yield (
            (*at, "tenant"),
            "write a domain, an ID, or the https:// address of the sign-in",
        )
    url = table.get("url")
    if isinstance(url, str) and url.startswith("http://") and not table.get("allow_private"):
        yield (
            (*at, "url"),
            "plain http can be read on its way; say https, or allow_private = true "
            "for a server of your own",
        )


def _of_password(at: KeyPath, table: Table) -> Iterator[Problem]:
    for name, other in (("secret", "user"), ("user", "secret")):
        if other in table and name not in table:
            yield (*at, name), f"missing; {other} needs it"


def is_this_machine(host: object) -> bool:
    """Whether ``host`` is a name or an address of the machine itself.

    Source: RFC 6761, section 6.3: names that end in localhost; RFC 1122, section 3.2.1.3.
    """
    name = str(host).lower().rstrip(".")
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _table(within: Table, name: str) -> Table:
    found = within.get(name)
    return found if isinstance(found, Mapping) else {}
