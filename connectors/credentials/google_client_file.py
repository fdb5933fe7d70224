"""The file that Google's console gives out for an OAuth client -> what Google knows kithd by."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from connectors.errors import Misconfigured
from connectors.web_address import WebAddress

CLIENT_FILE_BYTES = 64 * 1024
"""Of the file of an OAuth client. Measured: Google's has 400."""

_PARTS = ("client_id", "auth_uri", "token_uri", "client_secret")


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """What Google knows kithd by, in a project of the owner's own."""

    client_id: str
    auth_uri: str
    token_uri: str
    client_secret: str = field(repr=False)

    @classmethod
    def read(cls, path: Path, *, allow_private: bool = False) -> "OAuthClient":
        """Read the file that Google's console lets the owner download.

        Source: google-api-python-client, "Client secrets": a desktop app's file has the one
        entry ``installed``, a web application's ``web``.

        Raises:
            Misconfigured: It cannot be read, is of another type of client, or names an address
                that is not secure.
        """
        found = _read_json(path)
        if "web" in found:
            raise Misconfigured(
                f"{path} is of a web application: make an OAuth client of the type Desktop app "
                "in Google's console, and download its file"
            )
        parts = found.get("installed")
        if not isinstance(parts, dict) or not all(_is_text(parts.get(name)) for name in _PARTS):
            raise Misconfigured(
                f"{path} is not the file of an OAuth client: download it from Google's console"
            )
        client = cls(**{name: parts[name] for name in _PARTS})
        for url in (client.auth_uri, client.token_uri):
            _check_secure(url, path, allow_private=allow_private)
        return client


def _read_json(path: Path) -> Mapping[str, Any]:
    if path.exists() and not path.is_file():
        raise Misconfigured(f"{path} is no file")
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(CLIENT_FILE_BYTES))
    except OSError as problem:
        raise Misconfigured(f"{path} cannot be read ({problem.strerror})") from None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _check_secure(url: str, path: Path, *, allow_private: bool) -> None:
    try:
        address = WebAddress.parse(url)
    except Misconfigured as problem:
        raise Misconfigured(f"{path} names no address of Google's: {problem}") from None
    if not (address.is_secure or (allow_private and _is_here(address.host))):
        raise Misconfigured(f"{path} names {address.place}, which is not secure")


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
