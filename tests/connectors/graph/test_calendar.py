"""Events are told as they are, series one by one, in a window that moves on with the present."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import RECENT
from connectors.errors import Misconfigured
from connectors.graph.calendar import STEP, WIDEST
from connectors.observations import Answer, Event, Gone, Observation
from connectors.protocol import Cursor, Reading
from tests.servers.graph_items import OWNER, attendee, event, moment, occurrence
from tests.servers.graph_store import Item, Shelf
from tests.servers.microsoft import UNTIL, Account

CALENDAR = ("calendar",)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@pytest.fixture
def calendar(nobodys: Account) -> Account:
    nobodys.sign_in(parts=CALENDAR)
    return nobodys


def read(account: Account, cursor: Cursor | None = None, **changes: Any) -> list[Observation]:
    return account.read(cursor, **({"parts": CALENDAR} | changes))


def events(account: Account, cursor: Cursor | None = None, **changes: Any) -> list[Event]:
    return [one for one in read(account, cursor, **changes) if isinstance(one, Event)]


def only_event(account: Account, item: Item, **changes: Any) -> Event:
    account.mailbox.calendar.put(item)
    (found,) = events(account, **changes)
    return found


def cursor_of(account: Account, **changes: Any) -> Cursor:
    return account.poll(**({"parts": CALENDAR} | changes))[-1].cursor


def weekly(shelf: Shelf, n: int, **options: Any) -> tuple[Item, list[Item]]:
    """Put a series of ``n`` weeks up to RECENT on a shelf."""
    first = RECENT - (n - 1) * WEEK
    master = event(first, **{"subject": "Weekly", **options}) | {"type": "seriesMaster"}
    within = [occurrence(master, first + i * WEEK) for i in range(n)]
    shelf.within[master["id"]] = within
    shelf.put(master)
    return master, within


def test_an_event_is_told_with_all_that_is_read_of_it(calendar: Account) -> None:
    guests = (attendee("ada@example.com", "accepted"), attendee("ben@example.net", "declined"))
    found = only_event(calendar, event(RECENT, subject="Tea", attendees=guests))
    assert (found.starts_at, found.ends_at) == (RECENT, RECENT + timedelta(hours=1))
    assert found.known_at == RECENT - timedelta(days=3)
    assert (found.summary, found.location) == ("Tea", "Room 1")
    assert found.organizer
    assert found.organizer.email == OWNER
    assert [(one.address.email, one.answer) for one in found.attendees] == [
        ("ada@example.com", Answer.ACCEPTED),
        ("ben@example.net", Answer.DECLINED),
    ]
    flags = (found.is_all_day, found.is_cancelled, found.is_free, found.is_private)
    assert not any(flags)


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("none", Answer.NONE),
        ("organizer", Answer.ACCEPTED),
        ("tentativelyAccepted", Answer.TENTATIVE),
        ("accepted", Answer.ACCEPTED),
        ("declined", Answer.DECLINED),
        ("notResponded", Answer.NONE),
    ],
)
def test_answers_are_understood(response: str, answer: Answer, calendar: Account) -> None:
    found = only_event(calendar, event(RECENT, attendees=(attendee("a@example.com", response),)))
    assert [one.answer for one in found.attendees] == [answer]


def test_the_owners_own_answer_is_that_of_the_event(calendar: Account) -> None:
    guests = (attendee(OWNER), attendee("ben@example.net"))
    item = event(RECENT, attendees=guests, organizer="ada@example.com", response="declined")
    found = only_event(calendar, item)
    assert [one.answer for one in found.attendees] == [Answer.DECLINED, Answer.NONE]


def test_an_owner_invited_through_a_list_may_decline_too(calendar: Account) -> None:
    guests = (attendee("all@example.com"),)
    item = event(RECENT, attendees=guests, organizer="ada@example.com", response="declined")
    found = only_event(calendar, item)
    told = {one.address.email: one.answer for one in found.attendees}
    assert told == {"all@example.com": Answer.NONE, OWNER: Answer.DECLINED}


def test_rooms_are_not_people(calendar: Account) -> None:
    guests = (attendee("ada@example.com"), attendee("room1@example.com", kind="resource"))
    found = only_event(calendar, event(RECENT, attendees=guests))
    assert [one.is_person for one in found.attendees] == [True, False]


@pytest.mark.parametrize("sensitivity", ["private", "personal", "confidential"])
def test_private_events_have_no_words(sensitivity: str, calendar: Account) -> None:
    found = only_event(calendar, event(RECENT, subject="Secret", sensitivity=sensitivity))
    assert found.is_private
    assert (found.summary, found.location) == ("", "")


def test_with_headers_alone_no_event_has_words(calendar: Account) -> None:
    found = only_event(calendar, event(RECENT, subject="Tea"), read=Reading.HEADERS)
    assert (found.summary, found.location, found.is_private) == ("", "", False)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"isCancelled": True}, "is_cancelled"), ({"showAs": "free"}, "is_free")],
)
def test_what_is_no_meeting_says_so(fields: Item, name: str, calendar: Account) -> None:
    assert getattr(only_event(calendar, event(RECENT, **fields)), name)


def test_whole_days_begin_at_midnight_where_the_owner_is(calendar: Account) -> None:
    day = datetime(2024, 6, 3, tzinfo=UTC)
    item = event(day, lasts=DAY, isAllDay=True)
    found = only_event(calendar, item, zone="Europe/Berlin")
    assert found.is_all_day
    assert found.starts_at == datetime(2024, 6, 2, 22, tzinfo=UTC)
    assert found.ends_at == datetime(2024, 6, 3, 22, tzinfo=UTC)


def test_what_was_entered_afterwards_was_not_known_before(calendar: Account) -> None:
    found = only_event(calendar, event(RECENT, createdDateTime="2024-07-01T00:00:00.1234567Z"))
    assert found.known_at == RECENT


def test_an_unknown_zone_is_a_wrong_setting(calendar: Account) -> None:
    with pytest.raises(Misconfigured, match="no time zone"):
        read(calendar, zone="Europe/Atlantis")


def test_an_event_that_is_deleted_is_gone(calendar: Account) -> None:
    key = calendar.mailbox.calendar.put(event(RECENT))
    cursor = cursor_of(calendar)
    calendar.mailbox.calendar.take(key)
    assert Gone(key) in read(calendar, cursor)


def test_an_event_that_leaves_the_window_is_gone(calendar: Account) -> None:
    key = calendar.mailbox.calendar.put(event(RECENT))
    cursor = cursor_of(calendar)
    calendar.mailbox.calendar.change(key, start=moment(UNTIL + DAY), end=moment(UNTIL + DAY))
    assert Gone(key) in read(calendar, cursor)


def test_nothing_is_gone_that_was_never_there(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    shelf.take(shelf.put(event(RECENT)))
    shelf.put(event(RECENT))
    assert [type(one) for one in read(calendar)] == [Event]


def test_occurrences_are_completed_by_their_series(calendar: Account) -> None:
    guests = (attendee("ada@example.com", "accepted"),)
    master, within = weekly(calendar.mailbox.calendar, 5, attendees=guests)
    found = events(calendar)
    assert [one.uid for one in found] == [f"{master['id']}/{one['id']}" for one in within]
    assert [one.starts_at for one in found] == [RECENT - i * WEEK for i in range(4, -1, -1)]
    assert {one.summary for one in found} == {"Weekly"}
    assert {one.attendees[0].answer for one in found} == {Answer.ACCEPTED}
    assert {one.known_at for one in found} == {RECENT - 4 * WEEK - timedelta(days=3)}


def test_an_exception_has_what_is_its_own(calendar: Account) -> None:
    _, within = weekly(calendar.mailbox.calendar, 3)
    within[1] |= {"type": "exception", "subject": "Elsewhere", "location": None}
    found = events(calendar)
    assert [one.summary for one in found] == ["Weekly", "Elsewhere", "Weekly"]
    assert {one.location for one in found} == {"Room 1"}


def test_a_series_longer_than_a_page_is_told_in_one_batch(calendar: Account) -> None:
    weekly(calendar.mailbox.calendar, 9)
    (batch,) = calendar.poll(parts=CALENDAR, page=2)
    assert len(batch.observations) == 9


def test_what_is_taken_out_of_a_series_is_gone(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    master, within = weekly(shelf, 4)
    cursor = cursor_of(calendar)
    del within[1]
    shelf.put(master)
    found = read(calendar, cursor)
    assert Gone(f"{master['id']}/", is_prefix=True) in found
    left = [one.uid for one in found if isinstance(one, Event)]
    assert left == [f"{master['id']}/{one['id']}" for one in within]


def test_a_series_that_is_deleted_is_gone_whole(calendar: Account) -> None:
    master, _ = weekly(calendar.mailbox.calendar, 4)
    cursor = cursor_of(calendar)
    calendar.mailbox.calendar.take(master["id"])
    assert Gone(f"{master['id']}/", is_prefix=True) in read(calendar, cursor)


def test_a_series_told_without_its_master_is_asked_for_it_once(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    master, within = weekly(shelf, 3)
    asked = calendar.graph.service

    class Hiding:
        """A service that tells occurrences alone, as it does for series from before the window."""

        def answer(self, call: Any) -> Any:
            reply = asked.answer(call)
            if not call.path.endswith("/delta"):
                return reply
            body = reply.json()
            body["value"] = [one for one in body["value"] if one["id"] != master["id"]]
            return type(reply).of(body)

    calendar.graph.service = Hiding()
    found = events(calendar)
    assert [one.summary for one in found] == ["Weekly"] * len(within)
    assert sum("/me/events/" in call.path for call in calendar.graph.calls) == 1


def test_a_series_on_two_pages_loses_nothing_by_it(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    master, within = weekly(shelf, 2)
    cursor = cursor_of(calendar)
    shelf.put(master)
    asked, pages = calendar.graph.service, [[within[0]], [master, within[1]]]

    class Splitting:
        """A service that tells a series in two pieces, which Graph has not been seen to do."""

        def answer(self, call: Any) -> Any:
            reply = asked.answer(call)
            if not (call.path.endswith("/delta") and pages):
                return reply
            body, page = reply.json(), pages.pop(0)
            name = "nextLink" if pages else "deltaLink"
            return type(reply).of({"value": page, f"@odata.{name}": body["@odata.deltaLink"]})

    calendar.graph.service = Splitting()
    found = read(calendar, cursor)
    assert not any(isinstance(one, Gone) for one in found)
    assert len(found) == 2


def test_the_owners_own_calendars_are_read(calendar: Account) -> None:
    mine, theirs = {"address": OWNER}, {"address": "ada@example.com"}
    for name, can_edit, owner in (
        ("Projects", True, mine),
        ("Holidays", False, mine),
        ("Ada", True, theirs),
    ):
        shelf = calendar.mailbox.add_calendar(name, canEdit=can_edit, owner=owner)
        shelf.put(event(RECENT, subject=name))
    assert [one.summary for one in events(calendar)] == ["Projects"]


def test_calendars_that_are_named_are_read_and_no_others(calendar: Account) -> None:
    for name in ("Projects", "Ada"):
        calendar.mailbox.add_calendar(name, canEdit=False, owner={"address": OWNER}).put(
            event(RECENT, subject=name)
        )
    assert [one.summary for one in events(calendar, calendars=("ada",))] == ["Ada"]


def test_a_calendar_that_somebody_shares_is_refused_and_not_asked_for(calendar: Account) -> None:
    owner = {"address": "ada@example.com"}
    for name in ("Ada", "Calendar"):
        calendar.mailbox.add_calendar(name, canEdit=True, owner=owner)
    with pytest.raises(Misconfigured, match="'ada' is shared with you; kithd reads your own"):
        read(calendar, calendars=("calendar", "ada"))
    assert not any("calendarView" in call.path for call in calendar.graph.calls)
    calendar.mailbox.calendar.put(event(RECENT, subject="Mine"))
    assert [one.summary for one in events(calendar, calendars=("calendar",))] == ["Mine"]


def test_a_calendar_that_is_not_there_is_a_wrong_setting(calendar: Account) -> None:
    with pytest.raises(Misconfigured, match="'Wrok'"):
        read(calendar, calendars=("calendar", "Wrok"))


def test_the_window_is_never_wider_than_graph_allows(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    shelf.put(event(UNTIL - WIDEST + DAY, subject="old"))
    shelf.put(event(UNTIL - WIDEST - DAY, subject="too old"))
    since = datetime(1980, 1, 1, tzinfo=UTC)
    connector = calendar.connector(parts=CALENDAR, since=since)
    found = [one for batch in connector.poll(None) for one in batch.observations]
    assert [one.summary for one in found if isinstance(one, Event)] == ["old"]


def test_the_window_stays_for_a_month_and_then_moves_on(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    known = shelf.put(event(RECENT))
    entering = shelf.put(event(UNTIL + DAY))
    cursor = cursor_of(calendar)
    assert read(calendar, cursor, until=UNTIL + STEP) == []
    found = events(calendar, cursor, until=UNTIL + STEP + DAY)
    assert {one.uid for one in found} == {known, entering}


def test_what_was_deleted_just_before_the_window_moves_on_is_gone(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    kept, gone = shelf.put(event(RECENT)), shelf.put(event(RECENT))
    cursor = cursor_of(calendar)
    shelf.take(gone)
    later = UNTIL + STEP + DAY
    found = read(calendar, cursor, until=later)
    assert Gone(gone) in found
    assert [one.uid for one in found if isinstance(one, Event)] == [kept]


def test_a_window_that_moved_on_is_followed_like_the_first(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    shelf.put(event(RECENT))
    later = UNTIL + STEP + DAY
    cursor = calendar.poll(cursor_of(calendar), parts=CALENDAR, until=later)[-1].cursor
    assert read(calendar, cursor, until=later) == []
    fresh = shelf.put(event(UNTIL + DAY))
    assert [one.uid for one in events(calendar, cursor, until=later)] == [fresh]


def test_a_move_of_the_window_goes_on_where_it_was_interrupted(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    keys = {shelf.put(event(RECENT, subject=str(n))) for n in range(7)}
    later = UNTIL + STEP + DAY
    batches = calendar.poll(cursor_of(calendar), parts=CALENDAR, until=later, page=2)
    rest = calendar.poll(batches[0].cursor, parts=CALENDAR, until=later, page=2)
    told = [one.uid for batch in (batches[0], *rest) for one in batch.observations]
    assert sorted(told) == sorted(keys)


def test_an_old_window_that_graph_has_forgotten_is_not_read_again(calendar: Account) -> None:
    shelf = calendar.mailbox.calendar
    shelf.put(event(RECENT))
    other = calendar.mailbox.add_calendar("B", canEdit=True, owner={"address": OWNER})
    other.put(event(RECENT))
    cursor = cursor_of(calendar)
    calendar.mailbox.telling.rounds.forget_shelf(shelf.key)
    found = events(calendar, cursor, until=UNTIL + STEP + DAY)
    assert len(found) == 2
