"""The owner signs in to read calendars, or contacts, and nothing more is asked of them."""

import json
import ssl
from pathlib import Path

import pytest

from connectors.errors import AccessDenied
from connectors.google.settings import GoogleSettings
from connectors.google_calendar.connector import GoogleCalendarConnector
from connectors.google_contacts.connector import GoogleContactsConnector
from tests.connectors.google.calendar_account import AT, open_calendar_account
from tests.connectors.google.contacts_account import open_contacts_account
from tests.connectors.google.sign_in.owner import Owner
from tests.servers.google_calendar import OWNER, meeting
from tests.servers.google_people import person
from tests.servers.web import Authority

CALENDAR = (
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    "https://www.googleapis.com/auth/calendar.events.readonly",
)
CONTACTS = ("https://www.googleapis.com/auth/contacts.readonly",)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def owner(authority: Authority) -> Owner:
    return Owner(ssl.create_default_context(cafile=authority.file))


def granted(settings: GoogleSettings) -> list[str]:
    """Return what was kept as granted."""
    kept = json.loads(Path(settings.secret.reference.removeprefix("file:")).read_text())
    scopes: list[str] = kept["scopes"]
    return scopes


def test_calendars_are_read_after_a_sign_in_that_asks_for_two_permissions(
    tmp_path: Path, authority: Authority, owner: Owner
) -> None:
    with open_calendar_account(tmp_path, authority=authority) as mara:
        mara.own.put(meeting("lunch", AT))
        (tmp_path / "google.tokens").unlink()
        with pytest.raises(AccessDenied, match="nobody has signed in"):
            mara.poll()
        connector = mara.connect()
        assert isinstance(connector, GoogleCalendarConnector)
        assert OWNER in connector.sign_in(owner.elsewhere())
        assert mara.accounts.pages[0]["scope"].split() == list(CALENDAR)
        assert granted(mara.connect()._settings) == list(CALENDAR)
        assert len(mara.poll()[0].observations) == 1


def test_contacts_are_read_after_a_sign_in_that_asks_for_one_permission(
    tmp_path: Path, authority: Authority, owner: Owner
) -> None:
    with open_contacts_account(tmp_path, authority=authority) as mara:
        mara.people.put(person("c1", "ada@example.com"))
        (tmp_path / "google.tokens").unlink()
        connector = mara.connect()
        assert isinstance(connector, GoogleContactsConnector)
        connector.sign_in(owner.elsewhere())
        assert mara.accounts.pages[0]["scope"].split() == list(CONTACTS)
        assert granted(connector._settings) == list(CONTACTS)
        assert len(mara.poll()[0].observations) == 1


def test_an_owner_who_leaves_a_box_unticked_is_told_so(
    tmp_path: Path, authority: Authority, owner: Owner
) -> None:
    with open_calendar_account(tmp_path, authority=authority) as mara:
        mara.accounts.decision = lambda asked: asked - {CALENDAR[0]}
        with pytest.raises(AccessDenied, match=r"calendar\.calendarlist\.readonly"):
            mara.connect().sign_in(owner.elsewhere())
