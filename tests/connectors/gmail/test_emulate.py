"""The connector works with a Google that is not of our making, as far as that one goes.

It knows messages (list, get, send), history and the renewal of tokens. It has no batches and no
getProfile, for which the relay stands in, and of the search operators used here only ``in:``.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.credentials.secrets import Secret
from connectors.gmail.connector import GmailConnector
from connectors.gmail.settings import GmailSettings
from connectors.observations import Folder
from connectors.protocol import Batch, Cursor, Reading
from tests.connectors.gmail.mailroom import EARLY, NOON, letter, messages_of, uids_of
from tests.connectors.gmail.test_letters import rich_letter
from tests.connectors.gmail.test_sending import OWN, digest, send
from tests.servers.api import Served, running
from tests.servers.emulate import Emulate, NotHere, open_emulate


class Office:
    """An account at the emulator, its sign-ins, and connectors to it."""

    def __init__(self, folder: Path, emulate: Emulate, served: Served) -> None:
        self.folder, self.emulate, self.served = folder, emulate, served
        self.writer = str(emulate.sign_in("https://mail.google.com/")["access_token"])

    def put(self, raw: bytes, *labels: str) -> str:
        return self.emulate.put(self.writer, base64.urlsafe_b64encode(raw).decode(), *labels)

    def open(self, **changed: Any) -> GmailConnector:
        """Return a connector with an access token that has expired."""
        settings = GmailSettings(
            secret=Secret(f"file:{self.folder / 'google.tokens'}"),
            client_file=self.folder / "client.json",
            url=f"{self.served.url}/",
            allow_private=True,
            **changed,
        )
        self._keep(settings.permissions)
        return GmailConnector(settings, since=EARLY)

    def poll(self, cursor: Cursor | None = None, **changed: Any) -> list[Batch]:
        with closing(self.open(**changed)) as connector:
            return list(connector.poll(cursor))

    def _keep(self, permissions: tuple[str, ...]) -> None:
        emulate = self.emulate
        tokens = emulate.sign_in(" ".join(permissions))
        kept = {
            "service": "google",
            "client_id": emulate.client_id,
            "scopes": [*permissions],
            "refresh_token": tokens["refresh_token"],
            "access_token": "expired",
            "expires_at": "2026-01-01T00:00:00+00:00",
        }
        client = {
            "client_id": emulate.client_id,
            "client_secret": emulate.client_secret,
            "auth_uri": f"{emulate.url}/o/oauth2/v2/auth",
            "token_uri": f"{emulate.url}/oauth2/token",
        }
        (self.folder / "client.json").write_text(json.dumps({"installed": client}))
        (self.folder / "google.tokens").write_text(json.dumps(kept))
        (self.folder / "google.tokens").chmod(0o600)

    def renewed(self) -> str:
        """Return the access token that is kept now."""
        return str(json.loads((self.folder / "google.tokens").read_text())["access_token"])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("emulate")
    try:
        with open_emulate(folder) as emulate, running(emulate) as served:
            yield Office(folder, emulate, served)
    except NotHere as reason:
        pytest.skip(f"not run: no Node package ({reason})")


def test_the_connector_reads_and_sends_at_a_google_of_somebody_else(office: Office) -> None:
    at = [NOON + timedelta(hours=hour) for hour in range(8)]
    sent = [office.put(letter(n, at[n]), "SENT") for n in range(3)]
    got = [office.put(letter(n, at[n]), "INBOX") for n in range(3, 7)]
    for label in ("DRAFT", "SPAM", "TRASH"):
        office.put(letter(9, at[7]), label)
    narrow = office.poll(read=Reading.SUBJECTS, page=2)
    assert office.renewed().startswith("google_")
    assert uids_of(narrow) == [*reversed(sent), *reversed(got)]
    assert [one.folder for one in messages_of(narrow)] == [Folder.SENT] * 3 + [Folder.OTHER] * 4
    assert {one.subject for one in messages_of(narrow)} == {f"Note {n}" for n in range(7)}
    whole = office.poll(page=2)
    assert uids_of(whole) == [*reversed(sent)]
    assert messages_of(whole)[0].text == "Shall we meet on day 2?"
    fresh = office.put(rich_letter(), "INBOX")
    [news] = messages_of(office.poll(whole[-1].cursor))
    assert (news.uid, news.author.email) == (fresh, "zoe@example.org")
    assert (news.text, news.n_attachments) == ("Könnten wir uns am Montag sehen?\n\n-- \nZoë", 2)
    assert not office.poll(office.poll(whole[-1].cursor)[-1].cursor)
    with closing(office.open(sends=True)) as outbox:
        outbox.check_sending()
        send(outbox, digest())
    [own] = messages_of(office.poll(narrow[-1].cursor, read=Reading.SUBJECTS))[-1:]
    assert (own.folder, own.message_id) == (Folder.SENT, OWN.strip("<>"))
    with closing(office.open()) as mailbox:
        assert mailbox.holds(OWN)
        assert not mailbox.holds("<nobody@example.org>")
        assert mailbox.list_addresses() == ("owner@example.org",)
