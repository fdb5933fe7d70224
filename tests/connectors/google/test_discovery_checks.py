"""Every mistake that a connector or a fake of ours can make with Google's APIs is seen."""

import json
from typing import Any

import pytest

from tests.servers.api import Call, Reply
from tests.servers.google_discovery import Checked, Guard, apply_fields

CALENDAR = Checked("calendar", "v3")
PEOPLE = Checked("people", "v1")
GMAIL = Checked("gmail", "v1")

EVENTS = "/calendar/v3/calendars/ada@example.org/events"
CONNECTIONS = "/v1/people/me/connections?personFields=names"
MESSAGE = "/gmail/v1/users/me/messages/18c"


def call(
    target: str, method: str = "GET", body: Any = None, kind: str = "application/json"
) -> Call:
    raw = b"" if body is None else json.dumps(body).encode()
    return Call.of(method, target, {"Content-Type": kind} if raw else {}, raw)


RIGHT = {
    "bare": (CALENDAR, call(EVENTS)),
    "numbers": (CALENDAR, call(f"{EVENTS}?maxResults=250&alt=json&singleEvents=true")),
    "instants": (CALENDAR, call(f"{EVENTS}?timeMin=2024-06-03T09%3A30%3A00%2B05%3A30")),
    "repeated": (CALENDAR, call(f"{EVENTS}?eventTypes=default&eventTypes=fromGmail")),
    "masked": (CALENDAR, call(f"{EVENTS}?fields=nextSyncToken,items(id,start/date,attendees/*)")),
    "quoted": (CALENDAR, call("/calendar/v3/calendars/en%23holiday%40v.example.org/events")),
    "resource": (PEOPLE, call(f"{CONNECTIONS},emailAddresses&requestSyncToken=true")),
    "verb": (PEOPLE, call("/v1/people:batchGet?resourceNames=people/c1&personFields=names")),
    "body": (GMAIL, call("/gmail/v1/users/me/messages/send", "POST", {"raw": "QUJD-_8="})),
    "number as text": (GMAIL, call("/gmail/v1/users/me/history?startHistoryId=184467440737095")),
}


@pytest.mark.parametrize("name", RIGHT)
def test_takes_what_is_right(name: str) -> None:
    checked, right = RIGHT[name]
    checked.check_call(right)


WRONG = {
    "path": (CALENDAR, call("/calendar/v3/calendars/a/happenings"), "there is no /calendar"),
    "service": (CALENDAR, call("/calendars/a/events"), "there is no /calendars"),
    "pattern": (PEOPLE, call("/v1/crowds/me/connections?personFields=names"), "there is no /v1"),
    "verb": (CALENDAR, call(EVENTS, "DELETE"), "not DELETE"),
    "parameter": (CALENDAR, call(f"{EVENTS}?expand=true"), "expand: there is no such"),
    "missing": (CALENDAR, call(f"{EVENTS}/import", "POST", {}), "it needs end"),
    "missing in the query": (CALENDAR, call(f"{EVENTS}/1/move", "POST"), "it needs destination"),
    "twice": (CALENDAR, call(f"{EVENTS}?pageToken=a&pageToken=b"), "pageToken: it is given 2"),
    "boolean": (CALENDAR, call(f"{EVENTS}?singleEvents=True"), "neither true nor false"),
    "integer": (CALENDAR, call(f"{EVENTS}?maxResults=many"), "no whole number"),
    "too small": (CALENDAR, call(f"{EVENTS}?maxResults=0"), "0 is not between 1 and"),
    "too large": (GMAIL, call("/gmail/v1/users/me/messages?maxResults=4294967296"), "not between"),
    "enum": (CALENDAR, call(f"{EVENTS}?orderBy=created"), "'created' is none of"),
    "repeated enum": (CALENDAR, call(f"{EVENTS}?eventTypes=default&eventTypes=x"), "'x' is none"),
    "instant": (CALENDAR, call(f"{EVENTS}?timeMin=2024-06-03T09:30:00"), "is no date-time"),
    "impossible": (CALENDAR, call(f"{EVENTS}?timeMin=2024-02-30T09:30:00Z"), "is no date-time"),
    "mask": (PEOPLE, call("/v1/people/me/connections?personFields=names%20"), "google-fieldmask"),
    "number": (GMAIL, call("/gmail/v1/users/me/history?startHistoryId=-1"), "is no uint64"),
    "format": (GMAIL, call(f"{MESSAGE}?format=everything"), "'everything' is none of"),
    "no body": (GMAIL, call("/gmail/v1/users/me/messages/send", "POST"), "JSON, not ''"),
    "a body": (CALENDAR, call(EVENTS, body={}), "it takes no body"),
    "kind": (GMAIL, call("/gmail/v1/users/me/messages/send", "POST", {}, "text/plain"), "its body"),
    "field": (
        GMAIL,
        call("/gmail/v1/users/me/messages/send", "POST", {"raw": "", "rew": ""}),
        "no field rew",
    ),
    "type": (GMAIL, call("/gmail/v1/users/me/messages/send", "POST", {"raw": 1}), "1 is no string"),
    "bytes": (GMAIL, call("/gmail/v1/users/me/messages/send", "POST", {"raw": "a+b"}), "no byte"),
    "read only": (
        PEOPLE,
        call("/v1/people:createContact", "POST", {"names": [{"displayName": "Ada"}]}),
        "displayName can only be read",
    ),
    "fields": (CALENDAR, call(f"{EVENTS}?fields=items(id,title)"), "there is no title"),
    "nested fields": (CALENDAR, call(f"{EVENTS}?fields=items/start/day"), "there is no day"),
    "fields of a text": (CALENDAR, call(f"{EVENTS}?fields=summary/first"), "there is no first"),
    "open fields": (CALENDAR, call(f"{EVENTS}?fields=items(id"), "never closed"),
    "left over": (CALENDAR, call(f"{EVENTS}?fields=items)"), "left over"),
    "empty fields": (CALENDAR, call(f"{EVENTS}?fields=items(id,)"), "a name is missing"),
    "strange fields": (CALENDAR, call(f"{EVENTS}?fields=items;id"), "something strange"),
    "fields of nothing": (
        GMAIL,
        call(f"{MESSAGE}?fields=id", "DELETE"),
        "it answers nothing that has fields",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_sees_a_mistake_in_a_call(name: str) -> None:
    checked, wrong, reason = WRONG[name]
    with pytest.raises(AssertionError) as problem:
        checked.check_call(wrong)
    assert reason in str(problem.value)


def test_tells_a_word_in_a_path_from_a_name_there_by_the_verb() -> None:
    path = "/gmail/v1/users/me/messages/send"
    sending = call(path, "POST", {"raw": ""})
    assert GMAIL.check_call(sending)["id"] == "gmail.users.messages.send"
    assert GMAIL.check_call(call(path))["id"] == "gmail.users.messages.get"
    assert GMAIL.check_call(call(MESSAGE))["id"] == "gmail.users.messages.get"


def test_tells_what_lies_in_the_path() -> None:
    quoted = call("/calendar/v3/calendars/en%23holiday%40v.example.org/events")
    assert CALENDAR.params_of(quoted) == {"calendarId": "en#holiday@v.example.org"}
    assert PEOPLE.params_of(call(CONNECTIONS)) == {"resourceName": "people/me"}


def test_tells_the_scopes_that_a_call_takes() -> None:
    assert PEOPLE.scopes_of(call(CONNECTIONS)) == {
        "https://www.googleapis.com/auth/contacts",
        "https://www.googleapis.com/auth/contacts.readonly",
    }


ANSWERS = {
    "empty": (CALENDAR, call(EVENTS), {}),
    "event": (
        CALENDAR,
        call(EVENTS),
        {"items": [{"id": "a", "start": {"date": "2024-06-03"}, "attendees": [{"self": True}]}]},
    ),
    "map": (
        CALENDAR,
        call(EVENTS),
        {"items": [{"extendedProperties": {"private": {"any": "thing"}}}]},
    ),
    "nested": (PEOPLE, call(CONNECTIONS), {"connections": [{"metadata": {"deleted": True}}]}),
    "number as text": (GMAIL, call(MESSAGE), {"id": "18c", "internalDate": "1717407000000"}),
    "recursive": (GMAIL, call(MESSAGE), {"payload": {"parts": [{"parts": [{"partId": "0"}]}]}}),
    "masked": (CALENDAR, call(f"{EVENTS}?fields=items/id"), {"items": [{"id": "a"}]}),
    "nothing": (GMAIL, call(MESSAGE, "DELETE"), None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_takes_an_answer_that_is_right(name: str) -> None:
    checked, asked, value = ANSWERS[name]
    checked.check_reply(asked, value)


WRONG_ANSWERS = {
    "field": (CALENDAR, EVENTS, {"entries": []}, "there is no field entries"),
    "nested": (CALENDAR, EVENTS, {"items": [{}, {"title": ""}]}, "Events.items[1]: there is no"),
    "list": (CALENDAR, EVENTS, {"items": {}}, "{} is no array"),
    "object": (CALENDAR, EVENTS, {"items": ["a"]}, "'a' is no object"),
    "null": (CALENDAR, EVENTS, {"items": [{"id": None}]}, "None is no string"),
    "boolean": (CALENDAR, EVENTS, {"items": [{"endTimeUnspecified": "true"}]}, "is no boolean"),
    "true": (CALENDAR, EVENTS, {"items": [{"sequence": True}]}, "True is no integer"),
    "fraction": (CALENDAR, EVENTS, {"items": [{"sequence": 1.0}]}, "1.0 is no integer"),
    "large": (CALENDAR, EVENTS, {"items": [{"sequence": 2**31}]}, "is not between"),
    "map": (
        CALENDAR,
        EVENTS,
        {"items": [{"extendedProperties": {"private": {"any": 1}}}]},
        "1 is no string",
    ),
    "day": (CALENDAR, EVENTS, {"items": [{"start": {"date": "20240603"}}]}, "is no date"),
    "instant": (CALENDAR, EVENTS, {"items": [{"created": "2024-06-03"}]}, "is no date-time"),
    "enum": (
        PEOPLE,
        CONNECTIONS,
        {"connections": [{"metadata": {"sources": [{"type": "FRIEND"}]}}]},
        "'FRIEND' is none of",
    ),
    "number": (GMAIL, MESSAGE, {"internalDate": 1717407000000}, "is no string"),
    "text": (GMAIL, MESSAGE, {"internalDate": "soon"}, "is no int64"),
    "recursive": (GMAIL, MESSAGE, {"payload": {"parts": [{"parts": [{"id": "0"}]}]}}, "field id"),
    "masked": (CALENDAR, f"{EVENTS}?fields=items/id", {"items": [{"etag": ""}]}, "leaves out"),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_sees_a_mistake_in_an_answer(name: str) -> None:
    checked, target, value, reason = WRONG_ANSWERS[name]
    with pytest.raises(AssertionError) as problem:
        checked.check_reply(call(target), value)
    assert reason in str(problem.value)


def test_sees_an_answer_where_there_should_be_none() -> None:
    with pytest.raises(AssertionError, match="answers nothing"):
        GMAIL.check_reply(call(MESSAGE, "DELETE"), {"id": "18c"})


VALUE = {"a": 1, "b": {"c": 2, "d": {"e": 3, "f": 4}}, "g": [{"h": 5, "i": 6}, {"h": 7}]}
MASKS = {
    "a": {"a": 1},
    "b/c": {"b": {"c": 2}},
    "b(c,d/e)": {"b": {"c": 2, "d": {"e": 3}}},
    "b/d/e,b/c": {"b": {"c": 2, "d": {"e": 3}}},
    "b/c,b": {"b": VALUE["b"]},
    "g/h": {"g": [{"h": 5}, {"h": 7}]},
    "g(i)": {"g": [{"i": 6}, {}]},
    "b/*/f": {"b": {"c": 2, "d": {"f": 4}}},
    "*": VALUE,
    "z": {},
}


@pytest.mark.parametrize("mask", MASKS)
def test_selects_what_a_mask_says(mask: str) -> None:
    assert apply_fields(VALUE, mask) == MASKS[mask]


def test_lets_nothing_wrong_past_a_guard() -> None:
    guard = Guard(CALENDAR)
    right, wrong = call(EVENTS), call(f"{EVENTS}?expand=true")
    assert guard.answer(right, lambda _: Reply.of({})).status == 200
    assert not guard.problems
    assert guard.answer(wrong, lambda _: Reply.of({})).status == 400
    assert guard.answer(right, lambda _: Reply.of({"entries": []})).status == 400
    assert guard.answer(right, lambda _: Reply.of({"entries": []}, 410)).status == 410
    assert len(guard.problems) == 2
    assert guard.problems[0] == "calendar.events.list: expand: there is no such parameter"
