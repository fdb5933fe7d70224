"""Calendar files, polled: what changes is told, the window moves on, bombs cost only themselves."""

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import CursorExpired, Misconfigured
from connectors.ics import IcsConnector, IcsSettings
from connectors.observations import Event, Gone
from connectors.protocol import Batch, Cursor, Reading

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = datetime(2024, 7, 1, tzinfo=UTC)
TEA = "UID:tea\nDTSTART:20240603T100000Z\nSUMMARY:Tea\nLOCATION:Café"
WEEKLY = "UID:w\nDTSTART:20240603T090000Z\nRRULE:FREQ=WEEKLY"


def calendar(*components: str) -> str:
    body = "".join(f"BEGIN:VEVENT\n{component}\nEND:VEVENT\n" for component in components)
    return f"BEGIN:VCALENDAR\n{body}END:VCALENDAR\n"


def poll(settings: IcsSettings, cursor: Cursor | None = None) -> list[Batch]:
    with closing(IcsConnector(settings, since=SINCE)) as connector:
        return list(connector.poll(cursor))


def uids(batches: list[Batch]) -> list[str]:
    return sorted(one.uid for batch in batches for one in batch.observations)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calendar.ics"


def test_of_a_changed_file_only_the_changed_series_is_told_again(path: Path) -> None:
    path.write_text(calendar(TEA, WEEKLY))
    first = poll(IcsSettings(path, UNTIL))
    assert len(uids(first)) == 1 + 4
    path.write_text(calendar(TEA.replace("100000Z", "110000Z"), WEEKLY))
    (batch,) = poll(IcsSettings(path, UNTIL), first[-1].cursor)
    (tea,) = batch.observations
    assert isinstance(tea, Event)
    assert (tea.uid, tea.starts_at.hour) == ("tea", 11)


def test_an_occurrence_that_was_taken_out_is_told_as_gone(path: Path) -> None:
    path.write_text(calendar(WEEKLY))
    first = poll(IcsSettings(path, UNTIL))
    path.write_text(calendar(WEEKLY + "\nEXDATE:20240610T090000Z"))
    (batch,) = poll(IcsSettings(path, UNTIL), first[-1].cursor)
    assert Gone("w/20240610T090000Z") in batch.observations
    assert len(batch.observations) == 3 + 1
    assert Gone("w/20240610T090000Z") not in poll(IcsSettings(path, UNTIL))[0].observations


def test_what_vanishes_from_a_file_is_not_told(path: Path) -> None:
    path.write_text(calendar(TEA, WEEKLY))
    first = poll(IcsSettings(path, UNTIL))
    for content in (calendar(WEEKLY), ""):
        path.write_text(content)
        assert uids(poll(IcsSettings(path, UNTIL), first[-1].cursor)) == []


def test_occurrences_that_enter_the_window_are_told_without_any_change(path: Path) -> None:
    astride = "UID:astride\nDTSTART:20240630T233000Z\nDURATION:PT1H"
    path.write_text(calendar(TEA, WEEKLY, astride))
    first = poll(IcsSettings(path, UNTIL))
    later = IcsSettings(path, UNTIL + timedelta(days=14))
    grown = poll(later, first[-1].cursor)
    assert uids(grown) == ["w/20240701T090000Z", "w/20240708T090000Z"]
    assert poll(later, grown[-1].cursor) == []


def test_the_window_reaches_a_year_ahead_of_the_poll(path: Path) -> None:
    path.write_text(calendar("UID:d\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY"))
    first = poll(IcsSettings(path))
    last = max(o.starts_at for b in first for o in b.observations if isinstance(o, Event))
    assert timedelta(days=362) < last - datetime.now(UTC) < timedelta(days=366)


def test_headers_alone_tell_neither_summary_nor_place(path: Path) -> None:
    path.write_text(calendar(TEA))
    (batch,) = poll(IcsSettings(path, UNTIL, read=Reading.HEADERS))
    (tea,) = batch.observations
    assert isinstance(tea, Event)
    assert (tea.summary, tea.location) == ("", "")


def test_a_cursor_serves_only_the_settings_it_was_issued_for(path: Path) -> None:
    path.write_text(calendar(TEA))
    cursor = poll(IcsSettings(path, UNTIL))[-1].cursor
    with pytest.raises(CursorExpired):
        poll(IcsSettings(path, UNTIL, zone="Asia/Tokyo"), cursor)
    for damaged in (cursor[:-5], cursor[:-5] + "\0\0\0\0\0", "", "1", cursor.replace(" ", "")):
        with pytest.raises(CursorExpired):
            poll(IcsSettings(path, UNTIL), Cursor(damaged))


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "/etc/passwd"])
def test_a_zone_that_does_not_exist_is_named(path: Path, zone: str) -> None:
    path.write_text(calendar(TEA))
    with pytest.raises(Misconfigured, match="time zone"):
        poll(IcsSettings(path, UNTIL, zone=zone))


def test_a_folder_is_one_calendar_and_what_is_no_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_text(calendar(WEEKLY))
    (tmp_path / "b.ICS").write_text(calendar(TEA))
    (tmp_path / "notes.txt").write_text(calendar("UID:no\nDTSTART:20240603T100000Z"))
    (tmp_path / "loop.ics").symlink_to("loop.ics")
    (tmp_path / "folder.ics").mkdir()
    (batch,) = poll(IcsSettings(tmp_path, UNTIL))
    assert len(batch.observations) == 5
    assert sorted(one.uid for one in batch.rejected) == ["folder.ics", "loop.ics"]


def test_a_worker_is_started_only_for_what_is_there_to_parse(path: Path) -> None:
    path.write_text(calendar(TEA))
    cursor = poll(IcsSettings(path, UNTIL))[-1].cursor
    with closing(IcsConnector(IcsSettings(path, UNTIL), since=SINCE)) as connector:
        assert list(connector.poll(cursor)) == []
        assert connector._expander._worker.n_started == 0


def test_a_file_larger_than_any_calendar_is_set_aside_unread(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    (batch,) = poll(IcsSettings(path, UNTIL))
    assert [(one.uid, one.reason) for one in batch.rejected] == [("the file", "larger than 32 MB")]


def test_a_series_that_hangs_its_reader_costs_only_itself(path: Path) -> None:
    # Every hour since the year 1, of which none is ever asked for: 17 million to skip.
    bomb = "UID:bomb\nDTSTART:00010101T000000Z\nRRULE:FREQ=HOURLY"
    path.write_text(calendar(TEA, bomb, WEEKLY))
    started = time.monotonic()
    with closing(IcsConnector(IcsSettings(path, UNTIL), since=SINCE)) as connector:
        batches = list(connector.poll(None))
        assert connector._expander._worker.n_started == 2
    assert len(uids(batches)) == 5
    assert next(one for b in batches for one in b.rejected).uid == "bomb"
    assert time.monotonic() - started < 5
