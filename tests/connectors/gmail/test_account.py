"""Whose account it is: its addresses, what it holds, and what the owner is asked to permit."""

import ssl
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import AccessDenied, Unavailable
from connectors.gmail.search import N_PAGES_OF_ALL
from connectors.protocol import Account, Mailbox, Outbox, Reading, SignsIn
from tests.connectors.gmail.mailroom import NOON, Mailroom, open_mailroom, uids_of
from tests.connectors.google.sign_in.owner import Owner
from tests.servers.web import Authority

ROOT = Path(__file__).parents[3]
AUTH = "https://www.googleapis.com/auth/gmail."
BOTH = pytest.mark.parametrize(
    "read", [Reading.TEXT, Reading.SUBJECTS], ids=["readonly", "metadata"]
)


def test_it_can_do_all_that_the_daemon_asks_of_a_live_mailbox(room: Mailroom) -> None:
    connector = room.open()
    assert all(isinstance(connector, kind) for kind in (Mailbox, Account, Outbox, SignsIn))


def test_confirmed_aliases_are_the_owner_where_the_permission_shows_them(room: Mailroom) -> None:
    room.box.address = "Owner@Example.ORG"
    room.box.aliases = [
        {"sendAsEmail": "Side@example.net", "verificationStatus": "accepted"},
        {"sendAsEmail": "pending@example.net", "verificationStatus": "pending"},
        {"sendAsEmail": "unsaid@example.net"},
        {"sendAsEmail": "no address", "verificationStatus": "accepted"},
    ]
    assert room.open().list_addresses() == ("owner@example.org", "side@example.net")
    assert room.open(read=Reading.HEADERS).list_addresses() == ("owner@example.org",)


@BOTH
def test_another_account_than_the_settings_name_is_not_read(room: Mailroom, read: Reading) -> None:
    room.put()
    room.box.aliases = [{"sendAsEmail": "pending@example.net", "verificationStatus": "pending"}]
    for user in ("somebody.else@example.org", "pending@example.net"):
        with pytest.raises(AccessDenied, match=r"another account .*; type: kithd sign-in$") as no:
            room.poll(read=read, user=user)
        assert "example" not in str(no.value)
    assert not room.gmail.got


@pytest.mark.parametrize(
    ("read", "user"),
    [
        (Reading.TEXT, "Owner@Example.org"),
        (Reading.SUBJECTS, "Owner@Example.org"),
        (Reading.TEXT, "side@example.net"),
        (Reading.TEXT, "robin"),
        (Reading.TEXT, ""),
    ],
    ids=["own", "own, narrow", "alias", "name", "nobody"],
)
def test_the_account_is_read_that_the_settings_name(
    room: Mailroom, read: Reading, user: str
) -> None:
    uid = room.put()
    room.box.aliases = [{"sendAsEmail": "Side@example.net", "verificationStatus": "accepted"}]
    assert uids_of(room.poll(read=read, user=user)) == [uid]


@BOTH
@pytest.mark.parametrize("label", ["INBOX", "SENT", "TRASH", "SPAM"])
def test_a_message_is_found_by_its_identifier_wherever_it_lies(
    room: Mailroom, read: Reading, label: str
) -> None:
    room.put(label, message_id="<kithd.2026-11-02.0123@example.org>")
    room.fill(5, at=NOON + timedelta(days=1))
    mailbox = room.open(read=read)
    assert mailbox.holds("<kithd.2026-11-02.0123@example.org>")
    assert not mailbox.holds("<kithd.2026-11-03.0123@example.org>")
    assert not mailbox.holds("<a b@example.org>")
    assert not mailbox.holds("<x> OR in:anywhere")


def test_looking_without_queries_has_an_end(room: Mailroom) -> None:
    room.put(message_id="<old@example.org>", at=NOON - timedelta(days=1))
    room.fill(40)
    mailbox = room.open(read=Reading.HEADERS, page=5)
    assert not mailbox.holds("<old@example.org>")
    assert len(room.gmail.got) == 5 * N_PAGES_OF_ALL
    assert mailbox.holds("<note-41@example.org>")


def test_gmail_cannot_be_waited_for(room: Mailroom) -> None:
    with pytest.raises(Unavailable, match="polling must do"):
        room.open().wait(1.0)
    assert not room.served.calls


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({"read": Reading.TEXT}, "readonly"),
        ({"read": Reading.SUBJECTS}, "metadata"),
        ({"read": Reading.HEADERS}, "metadata"),
        ({"sends": True}, "send"),
        ({"sends": True, "read": Reading.HEADERS}, "send"),
    ],
)
def test_the_least_permission_is_asked_for(
    room: Mailroom, changed: dict[str, Any], needed: str
) -> None:
    assert room.open(**changed).list_permissions() == (f"{AUTH}{needed}",)


def test_the_owner_signs_in_and_the_mailbox_is_read(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    owner = Owner(ssl.create_default_context(cafile=authority.file))
    with open_mailroom(tmp_path, authority=authority) as room:
        uid = room.put()
        connector = room.open(user="owner@example.org")
        (room.folder / "google.tokens").unlink()
        with pytest.raises(AccessDenied, match="nobody has signed in"):
            next(connector.poll(None))
        assert "asked for owner@example.org" in connector.sign_in(owner.elsewhere())
        assert [page["scope"] for page in room.accounts.pages] == [f"{AUTH}readonly"]
        assert uids_of(list(connector.poll(None))) == [uid]


def test_the_settings_are_read_without_googles_libraries() -> None:
    check = (
        "import sys, connectors.gmail.connector as c; c.GmailConnector.settings_type;"
        "heavy = {'googleapiclient', 'google', 'httplib2', 'httpcore', 'ssl'} & {*sys.modules};"
        "print(sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
