"""The calendar and the address book of our own are as strict as Google's are."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.servers.api import Call, Reply
from tests.servers.google_accounts import LASTS, Accounts
from tests.servers.google_api import Hours
from tests.servers.google_calendar import OWNER, GoogleCalendar, meeting
from tests.servers.google_people import WEEK, GooglePeople, person

AT = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
EVENTS = f"/calendar/v3/calendars/{OWNER}/events"
LIST = "/calendar/v3/users/me/calendarList"
CONNECTIONS = "/v1/people/me/connections"
READ = ("https://www.googleapis.com/auth/calendar.events.readonly",)
READ_LIST = ("https://www.googleapis.com/auth/calendar.calendarlist.readonly",)
READ_PEOPLE = ("https://www.googleapis.com/auth/contacts.readonly",)
SINGLE = {"singleEvents": "true"}
NAMES = {"personFields": "names", "requestSyncToken": "true"}


class Asker:
    """Somebody with a token who asks a fake, without a network between them."""

    def __init__(self, fake: GoogleCalendar | GooglePeople, token: str) -> None:
        self.fake, self.token = fake, token

    def ask(self, path: str, given: Mapping[str, str], method: str = "GET") -> Reply:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.fake.answer(Call.of(method, f"{path}?{urlencode(given)}", headers, b""))

    def get(self, path: str, given: Mapping[str, str]) -> Any:
        reply = self.ask(path, given)
        assert reply.status == 200, reply.body
        return reply.json()


def calendar(*scopes: str, **door: Any) -> Asker:
    accounts = Accounts(door.get("clock"))
    fake = GoogleCalendar(accounts)
    for name, value in door.items():
        setattr(fake.door, name, value)
    return Asker(fake, accounts.token(scopes or READ))


def reason(reply: Reply) -> str:
    error = reply.json()["error"]
    return str([*error.get("details", ()), *error.get("errors", ())][0]["reason"])


def test_who_has_no_token_or_an_expired_one_is_not_let_in() -> None:
    clock = Hours()
    asker = calendar(clock=clock)
    assert asker.ask(EVENTS, SINGLE).status == 200
    clock.sleep(LASTS + 1)
    assert asker.ask(EVENTS, SINGLE).status == 401
    asker.token = "guessed"  # noqa: S105 -- of nobody
    assert asker.ask(EVENTS, SINGLE).status == 401
    assert not asker.fake.door.guard.problems


def test_a_scope_opens_what_google_says_it_does_and_no_more() -> None:
    asker = calendar(*READ_LIST)
    assert asker.ask(LIST, {}).status == 200
    refused = asker.ask(EVENTS, SINGLE)
    assert (refused.status, reason(refused)) == (403, "insufficientPermissions")


def test_requests_are_counted_by_the_minute() -> None:
    clock = Hours()
    asker = calendar(quota=3, clock=clock)
    assert [asker.ask(EVENTS, SINGLE).status for _ in range(4)] == [200, 200, 200, 403]
    clock.sleep(59)
    assert asker.ask(EVENTS, SINGLE).status == 403
    clock.sleep(1)
    assert asker.ask(EVENTS, SINGLE).status == 200
    assert asker.fake.door.n_refused == 2


def test_a_listing_stays_as_it_was_at_its_first_page() -> None:
    asker = calendar()
    assert isinstance(asker.fake, GoogleCalendar)
    asker.fake.own.put(*(meeting(f"e{n}", AT) for n in range(3)))
    first = asker.get(EVENTS, SINGLE | {"maxResults": "2"})
    assert "nextSyncToken" not in first
    asker.fake.own.put(meeting("late", AT))
    rest = asker.get(EVENTS, SINGLE | {"maxResults": "2", "pageToken": first["nextPageToken"]})
    assert [each["id"] for each in rest["items"]] == ["e2"]
    assert "nextPageToken" not in rest
    late = asker.get(EVENTS, SINGLE | {"maxResults": "2", "syncToken": rest["nextSyncToken"]})
    assert [each["id"] for each in late["items"]] == ["late"]


def test_a_page_or_a_change_that_is_asked_for_otherwise_than_at_first_is_a_mistake() -> None:
    asker = calendar()
    assert isinstance(asker.fake, GoogleCalendar)
    asker.fake.own.put(meeting("a", AT), meeting("b", AT))
    first = asker.get(EVENTS, SINGLE | {"maxResults": "1"})
    asker.ask(EVENTS, SINGLE | {"maxResults": "2", "pageToken": first["nextPageToken"]})
    whole = asker.get(EVENTS, SINGLE)
    asker.ask(EVENTS, SINGLE | {"syncToken": whole["nextSyncToken"], "eventTypes": "default"})
    assert len(asker.fake.door.guard.problems) == 2


def test_a_sync_token_goes_with_no_bounds_and_with_no_other_calendar() -> None:
    asker = calendar()
    assert isinstance(asker.fake, GoogleCalendar)
    asker.fake.add("b@group.calendar.google.com")
    token = asker.get(EVENTS, SINGLE)["nextSyncToken"]
    bounded = asker.ask(EVENTS, SINGLE | {"syncToken": token, "timeMin": "2024-06-03T00:00:00Z"})
    assert bounded.status == 400
    elsewhere = EVENTS.replace(OWNER, "b@group.calendar.google.com")
    assert asker.ask(elsewhere, SINGLE | {"syncToken": token}).status == 410
    asker.fake.own.expire()
    expired = asker.ask(EVENTS, SINGLE | {"syncToken": token})
    assert (expired.status, reason(expired)) == (410, "fullSyncRequired")
    asker.fake.shelf.forget()
    assert asker.ask(EVENTS, SINGLE | {"pageToken": "p"}).status == 400


def test_bounds_are_those_of_the_end_and_of_the_start_without_their_own_instants() -> None:
    asker = calendar()
    assert isinstance(asker.fake, GoogleCalendar)
    hour = timedelta(hours=1)
    asker.fake.own.put(
        meeting("before", AT - hour, minutes=60),
        meeting("into", AT - hour, minutes=61),
        meeting("at", AT + hour),
        meeting("within", AT + hour / 2, minutes=60),
    )
    bounds = {"timeMin": AT.isoformat(), "timeMax": (AT + hour).isoformat()}
    found = asker.get(EVENTS, SINGLE | bounds)["items"]
    assert [each["id"] for each in found] == ["into", "within"]


def test_what_google_does_not_know_is_a_mistake_and_seen() -> None:
    asker = calendar()
    for path, given, method in (
        (EVENTS, {"expand": "true"}, "GET"),
        (EVENTS, {}, "GET"),
        (EVENTS + "/a", {}, "DELETE"),
        (LIST.replace("List", ""), {}, "GET"),
    ):
        assert asker.ask(path, given, method).status in (400, 403)
    assert len(asker.fake.door.guard.problems) >= 3
    assert asker.ask(EVENTS.replace(OWNER, "nobody@example.org"), SINGLE).status == 404


def test_only_what_is_asked_for_is_answered() -> None:
    asker = calendar()
    assert isinstance(asker.fake, GoogleCalendar)
    asker.fake.own.put(meeting("a", AT))
    answer = asker.get(EVENTS, SINGLE | {"fields": "items(id,start/dateTime)"})
    assert answer == {"items": [{"id": "a", "start": {"dateTime": AT.isoformat()}}]}


def people(clock: Hours | None = None) -> Asker:
    accounts = Accounts()
    return Asker(GooglePeople(accounts, clock), accounts.token(READ_PEOPLE))


def test_a_sync_token_of_contacts_lives_a_week_from_the_full_reading_on() -> None:
    clock = Hours()
    asker = people(clock)
    token = asker.get(CONNECTIONS, NAMES)["nextSyncToken"]
    clock.sleep(WEEK - 1)
    newer = asker.get(CONNECTIONS, NAMES | {"syncToken": token})["nextSyncToken"]
    clock.sleep(1)
    for each in (token, newer, "never issued"):
        expired = asker.ask(CONNECTIONS, NAMES | {"syncToken": each})
        assert (expired.status, reason(expired)) == (400, "EXPIRED_SYNC_TOKEN")
    assert not asker.fake.door.guard.problems


def test_only_the_fields_of_a_person_that_were_asked_for_are_answered() -> None:
    asker = people()
    assert isinstance(asker.fake, GooglePeople)
    asker.fake.put(person("c1", "ada@example.com"))
    [ada] = asker.get(CONNECTIONS, {"personFields": "names"})["connections"]
    assert set(ada) == {"resourceName", "etag", "names"}
    assert "nextSyncToken" not in asker.get(CONNECTIONS, {"personFields": "names"})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"personFields": "names,shoeSize"},
        {"personFields": "names", "pageSize": "1001"},
        {"personFields": "names", "pageSize": "0"},
    ],
    ids=["none", "unknown", "too many", "too few"],
)
def test_a_wrong_question_about_people_is_a_mistake(given: dict[str, str]) -> None:
    asker = people()
    assert asker.ask(CONNECTIONS, given).status == 400
    assert len(asker.fake.door.guard.problems) == 1


def test_a_deleted_person_is_told_by_changes_alone() -> None:
    asker = people()
    assert isinstance(asker.fake, GooglePeople)
    asker.fake.put(person("c1"), person("c2"))
    token = asker.get(CONNECTIONS, NAMES)["nextSyncToken"]
    asker.fake.delete("people/c1")
    whole = asker.get(CONNECTIONS, NAMES)["connections"]
    assert [each["resourceName"] for each in whole] == ["people/c2"]
    given = NAMES | {"personFields": "names,metadata"}
    asker.ask(CONNECTIONS, given | {"syncToken": token})
    assert len(asker.fake.door.guard.problems) == 1
    [change] = asker.get(CONNECTIONS, NAMES | {"syncToken": token})["connections"]
    assert change == {"resourceName": "people/c1"}
