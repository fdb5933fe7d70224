"""The file of an OAuth client is taken as Google gives it out, and nothing else is."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from connectors.credentials.google_client_file import OAuthClient
from connectors.errors import Misconfigured
from tests.servers.google_accounts import CANARY, CLIENT_ID, CLIENT_SECRET, Accounts, client_file

GOOGLE = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def write(folder: Path, **more: Any) -> Path:
    path = folder / "client.json"
    path.write_text(json.dumps({"installed": GOOGLE | more}))
    return path


def test_a_desktop_apps_file_is_read(tmp_path: Path) -> None:
    client = OAuthClient.read(write(tmp_path))
    assert (client.client_id, client.client_secret) == (CLIENT_ID, CLIENT_SECRET)
    assert client.token_uri == GOOGLE["token_uri"]
    assert CANARY not in repr(client)


def test_a_web_applications_file_is_refused_with_what_to_make_instead(
    tmp_path: Path, accounts: Accounts
) -> None:
    path = client_file(tmp_path, accounts, kind="web")
    with pytest.raises(Misconfigured, match="make an OAuth client of the type Desktop app"):
        OAuthClient.read(path, allow_private=True)


@pytest.mark.parametrize("name", sorted(GOOGLE))
@pytest.mark.parametrize("value", [None, "", 7], ids=["none", "empty", "number"])
def test_a_file_that_lacks_something_is_refused(name: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is not the file of an OAuth client"):
        OAuthClient.read(write(tmp_path, **{name: value}))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"installed": 3}', '{"type": "service_account"}', "\x00", "[" * 50_000],
    ids=["empty", "torn", "list", "number", "service", "nul", "deep"],
)
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(text)
    with pytest.raises(Misconfigured, match="download it from Google's console"):
        OAuthClient.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"client\.json cannot be read \(No such file"):
        OAuthClient.read(tmp_path / "client.json")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "client.json")
    with pytest.raises(Misconfigured, match="is no file"):
        OAuthClient.read(tmp_path / "client.json")


@pytest.mark.parametrize("name", ["auth_uri", "token_uri"])
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://oauth2.googleapis.com/token", "http://oauth2.googleapis.com, which is not secure"),
        ("http://192.168.1.7/token", "not secure"),
        ("http://127.0.0.1.example.org/token", "not secure"),
        ("file:///etc/passwd", "is not the web"),
        ("https://user:canary@example.org/", "holds a user"),
        ("https://[", "cannot be read"),
    ],
    ids=["plain", "network", "disguised", "file", "login", "nonsense"],
)
@pytest.mark.parametrize("allow_private", [False, True], ids=["public", "private"])
def test_an_address_that_is_not_secure_is_refused(
    name: str, url: str, says: str, allow_private: bool, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        OAuthClient.read(write(tmp_path, **{name: url}), allow_private=allow_private)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/"])
def test_plain_http_is_for_this_machine_where_it_is_allowed(url: str, tmp_path: Path) -> None:
    path = write(tmp_path, token_uri=url)
    assert OAuthClient.read(path, allow_private=True).token_uri == url
    with pytest.raises(Misconfigured, match="not secure"):
        OAuthClient.read(path)
