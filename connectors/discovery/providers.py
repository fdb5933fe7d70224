"""A domain, or the names of its mail exchangers -> the provider's servers, from a bundled table."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from connectors.discovery.model import Server, Servers

Row = Mapping[str, Any]


@cache
def rows() -> tuple[Row, ...]:
    """Return the bundled table, a row for each provider."""
    text = files("connectors.discovery").joinpath("providers.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["provider"])


def find_by_domain(domain: str) -> Row | None:
    """Return the row of the provider whose own domain this is."""
    return next((row for row in rows() if domain in row["domains"]), None)


def find_by_exchangers(exchangers: Iterable[str]) -> Row | None:
    """Return the row of the provider that takes a domain's mail, by its first known exchanger.

    Args:
        exchangers: Names of hosts in lower case, the preferred one first.
    """
    for host in exchangers:
        for row in rows():
            if any(f".{host}".endswith(f".{end}") for end in row.get("exchangers", ())):
                return row
    return None


def servers_of(row: Row, address: str) -> Servers:
    """Return the servers of one row for an account with this address."""
    return Servers(
        found_by="known to kithd",
        provider=row["name"],
        imap=_server(row["imap"], _user(row.get("imap_user"), address)),
        smtp=_server(row["smtp"], _user(row.get("smtp_user"), address)),
        caldav=row.get("caldav", ""),
        carddav=row.get("carddav", ""),
        sign_in=row.get("sign_in", "password"),
        password_page=row.get("password_page", ""),
        note=row.get("note", ""),
        document=row["document"],
        service=row.get("service", ""),
        is_personal=address.rpartition("@")[2].lower() in row["domains"],
    )


def _server(place: str, user: str) -> Server:
    rest = place.removeprefix("starttls ")
    host, _, port = rest.rpartition(":")
    return Server(host, int(port), "tls" if rest == place else "starttls", user)


def _user(kind: str | None, address: str) -> str:
    return address.partition("@")[0] if kind == "local" else address
