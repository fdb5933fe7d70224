"""Of a series that is deleted or shortened, what is left stays, and nothing else does."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import Unavailable
from connectors.observations import Gone
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll
from daemon.store import schema
from daemon.store.database import Database
from tests.connectors.google.calendar_account import (
    AT,
    CalendarAccount,
    events,
    gone,
    open_calendar_account,
    uid,
)
from tests.jobs.world import open_world, rows
from tests.servers.api import Reply
from tests.servers.google_api import error
from tests.servers.google_calendar import OWNER, series

WEEK = timedelta(days=7)
FAMILY = "family123@group.calendar.google.com"
WEEKLY = series("weekly", AT - 10 * WEEK, 60)
NOT_FOUND = error(404, "notFound", "NOT_FOUND", "Not Found")


@pytest.fixture
def mara(tmp_path: Path) -> Iterator[CalendarAccount]:
    with open_calendar_account(tmp_path) as account:
        account.given["until"] = AT + 52 * WEEK
        yield account


def keep(engine: Database, mara: CalendarAccount) -> set[str]:
    """Read what is new, and return the uids of the events that are stored."""
    with closing(mara.connect()) as connector:
        poll(engine, "s", connector, ego=Ego(frozenset({OWNER})), at=AT)
    columns = [column.name for column in schema.observations.columns]
    at_uid, at_kind = columns.index("uid"), columns.index("kind")
    found = rows(engine, schema.observations)
    return {str(row[at_uid]) for row in found if row[at_kind] == "Event"}


def names(*told: dict[str, str], calendar: str = OWNER) -> set[str]:
    return {uid(each["id"], calendar) for each in told}


def test_a_series_that_is_deleted_leaves_no_meeting_however_far_ahead(
    mara: CalendarAccount,
) -> None:
    engine = open_world()
    mara.own.put(*WEEKLY, *series("other", AT, 2))
    assert keep(engine, mara) == names(*WEEKLY, *series("other", AT, 2))
    mara.own.delete(*(each["id"] for each in WEEKLY))
    assert keep(engine, mara) == names(*series("other", AT, 2))


def test_a_series_that_ends_earlier_keeps_what_took_place_and_is_asked_for_once(
    mara: CalendarAccount,
) -> None:
    engine = open_world()
    mara.own.put(*WEEKLY)
    keep(engine, mara)
    mara.own.delete(*(each["id"] for each in WEEKLY[12:]))
    assert keep(engine, mara) == names(*WEEKLY[:12])
    [call] = mara.calls("/instances")
    assert call.path.endswith("/events/weekly/instances")


def test_a_series_of_which_only_the_whole_is_told_to_be_deleted_has_gone(
    mara: CalendarAccount,
) -> None:
    engine = open_world()
    days = [each | {"id": each["id"][:15]} for each in series("daily", AT, 3, days=1)]
    mara.own.put(*WEEKLY, *days)
    keep(engine, mara)
    for each in (*WEEKLY, *days):
        del mara.own.events[each["id"]]
    mara.own.put(*({"id": name, "status": "cancelled"} for name in ("weekly", "daily")))
    assert keep(engine, mara) == set()


def test_single_occurrences_without_their_series_stay_when_one_is_cancelled(
    mara: CalendarAccount,
) -> None:
    engine = open_world()
    mara.own.put(*WEEKLY[:3], *series("other", AT, 2))
    mara.own.lone.add("weekly")
    keep(engine, mara)
    cursor = mara.poll()[-1].cursor
    mara.own.delete(WEEKLY[1]["id"])
    assert set(events(mara.poll(cursor))) == names(WEEKLY[0], WEEKLY[2])
    left = names(WEEKLY[0], WEEKLY[2], *series("other", AT, 2))
    assert keep(engine, mara) == left


@pytest.mark.parametrize(
    "refusal",
    [NOT_FOUND, error(403, "forbidden", "PERMISSION_DENIED", "Forbidden")],
    ids=["404", "403"],
)
def test_a_calendar_that_vanishes_meanwhile_deletes_no_more_than_was_told(
    refusal: Reply, mara: CalendarAccount
) -> None:
    engine = open_world()
    family = mara.calendar.add(FAMILY, selected=True)
    family.put(*WEEKLY[:3])
    keep(engine, mara)
    family.delete(WEEKLY[1]["id"])
    mara.served.fail_at(4, refusal)
    mara.served.fail_at(5, refusal)
    assert keep(engine, mara) == names(WEEKLY[0], WEEKLY[2], calendar=FAMILY)
    assert mara.served.calls[-2].path.endswith("/instances")


def test_all_pages_of_a_series_are_read_and_a_circle_of_them_ends_the_poll(
    mara: CalendarAccount,
) -> None:
    mara.own.put(*WEEKLY[:5])
    cursor = mara.poll()[-1].cursor
    mara.own.delete(WEEKLY[4]["id"])
    mara.served.fail_at(3, Reply.of({"items": WEEKLY[:2], "nextPageToken": "p"}))
    mara.served.fail_at(4, Reply.of({"items": WEEKLY[2:4]}))
    [told, _] = mara.poll(cursor)
    assert names(*WEEKLY[:4]) == {each.uid for each in told.observations} - {
        each.uid for each in gone([told])
    }
    assert gone([told])[-1] == Gone(uid("weekly_2"), is_prefix=True)
    for n in (3, 4):
        mara.served.fail_at(n, Reply.of({"items": [], "nextPageToken": "p"}))
    with pytest.raises(Unavailable, match="again and again"):
        mara.poll(cursor)


def test_a_refusal_that_says_nothing_of_a_series_is_no_reason_to_delete_it(
    mara: CalendarAccount,
) -> None:
    mara.own.put(*WEEKLY[:3])
    cursor = mara.poll()[-1].cursor
    mara.own.delete(WEEKLY[2]["id"])
    mara.served.fail_at(3, error(400, "badRequest", "INVALID_ARGUMENT", "Bad Request"))
    with pytest.raises(Unavailable, match="400"):
        mara.poll(cursor)
