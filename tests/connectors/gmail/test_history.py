"""What comes later: each message once, whatever became of it meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.errors import CursorExpired, Unavailable
from connectors.observations import Mark
from connectors.protocol import Cursor, Reading
from tests.connectors.gmail.mailroom import NOON, Mailroom, messages_of, uids_of
from tests.servers.api import Call, Reply
from tests.servers.google_api import error


@pytest.fixture
def cursor(room: Mailroom) -> Cursor:
    """Return where all has been read."""
    room.fill(3)
    return room.poll()[-1].cursor


def test_nothing_new_costs_one_unit(room: Mailroom, cursor: Cursor) -> None:
    room.gmail.asked.clear()
    assert not room.poll(cursor)
    assert room.gmail.asked == ["getProfile"]


def test_what_changed_without_news_moves_the_cursor_alone(room: Mailroom, cursor: Cursor) -> None:
    uid = next(iter(room.box.kept))
    room.box.relabel(uid, add=["STARRED"], remove=["UNREAD"])
    room.box.delete(uid)
    [batch] = room.poll(cursor)
    assert not batch.observations
    assert batch.cursor != cursor
    assert not room.poll(batch.cursor)


def test_news_come_oldest_first_in_batches(room: Mailroom, cursor: Cursor) -> None:
    fresh = room.fill(8)
    batches = room.poll(cursor, page=3)
    assert uids_of(batches) == fresh
    assert [len(batch.observations) for batch in batches] == [3, 3, 2]
    for stop in range(1, 4):
        after = room.poll(batches[stop - 1].cursor, page=3)
        assert uids_of([*batches[:stop], *after]) == fresh


def test_news_beyond_one_page_of_history_are_all_told(room: Mailroom, cursor: Cursor) -> None:
    fresh = room.fill(1_100)
    assert uids_of(room.poll(cursor)) == fresh


def test_history_that_goes_round_has_an_end(room: Mailroom, cursor: Cursor) -> None:
    room.put()
    n_asked = 0

    def go_round(call: Call) -> Reply | None:
        nonlocal n_asked
        if not call.path.endswith("/history"):
            return None
        n_asked += 1
        assert n_asked < 10, "it has no end"
        return Reply.of({"historyId": str(room.box.history), "nextPageToken": "round"})

    room.served.faults.append(go_round)
    with pytest.raises(Unavailable, match="same page again and again"):
        room.poll(cursor)


def test_a_message_with_several_records_is_told_once(room: Mailroom, cursor: Cursor) -> None:
    uid = room.put("INBOX")
    others = room.fill(5)
    room.box.relabel(uid, add=["SPAM"], remove=["INBOX"])
    room.box.relabel(uid, add=["INBOX"], remove=["SPAM"])
    assert uids_of(room.poll(cursor, page=2)) == [uid, *others]
    assert [got for got, _ in room.gmail.got].count(uid) == 1


@pytest.mark.parametrize("label", ["SPAM", "TRASH"])
def test_what_comes_back_from_spam_or_trash_is_read_then(
    room: Mailroom, cursor: Cursor, label: str
) -> None:
    uid = room.put(label)
    [batch] = room.poll(cursor)
    assert not batch.observations
    assert uid not in [got for got, _ in room.gmail.got]
    room.box.relabel(uid, add=["INBOX"], remove=[label])
    assert uids_of(room.poll(batch.cursor)) == [uid]


def test_what_is_no_promotion_after_all_loses_its_mark(room: Mailroom, cursor: Cursor) -> None:
    uid = room.put("INBOX", "CATEGORY_PROMOTIONS")
    [batch] = room.poll(cursor)
    [message] = messages_of([batch])
    assert Mark.BULK in message.marks
    room.box.relabel(uid, add=["CATEGORY_PERSONAL"], remove=["CATEGORY_PROMOTIONS"])
    [again] = messages_of(room.poll(batch.cursor))
    assert again == replace(message, marks=message.marks - {Mark.BULK})


def test_what_is_gone_before_it_is_got_is_no_error(room: Mailroom, cursor: Cursor) -> None:
    fresh = room.fill(4)
    room.box.delete(fresh[1])
    room.box.relabel(fresh[2], add=["TRASH"], remove=["INBOX"])
    batches = room.poll(cursor)
    assert uids_of(batches) == [fresh[0], fresh[3]]
    assert not [one for batch in batches for one in batch.rejected]
    assert not room.poll(batches[-1].cursor)


def test_what_is_gone_before_its_page_is_got_is_no_error(room: Mailroom) -> None:
    old = room.fill(7)
    poll = room.open(page=3).poll(None)
    told = [next(poll)]
    room.box.delete(old[0])
    told += poll
    assert uids_of(told) == [*reversed(old[1:])]


def test_a_message_that_the_service_does_not_give_out_is_set_aside(
    room: Mailroom, cursor: Cursor
) -> None:
    fresh = room.fill(3)
    refusal = error(403, "forbidden", "PERMISSION_DENIED", "No.")
    room.gmail.faults.append(lambda call: refusal if fresh[1] in call.path else None)
    [batch] = room.poll(cursor)
    assert uids_of([batch]) == [fresh[0], fresh[2]]
    assert [(one.uid, one.reason) for one in batch.rejected] == [
        (fresh[1], "the service does not give it out (403)")
    ]


def test_history_that_the_service_has_forgotten_expires_the_cursor(
    room: Mailroom, cursor: Cursor
) -> None:
    room.fill(2)
    room.box.forget()
    with pytest.raises(CursorExpired):
        room.poll(cursor)


def test_what_arrives_while_news_are_read_is_told_next_time(room: Mailroom, cursor: Cursor) -> None:
    fresh = room.fill(4)
    poll = room.open(page=3).poll(cursor)
    told = [next(poll)]
    late = room.put()
    told += poll
    assert uids_of(told) == fresh
    assert uids_of(room.poll(told[-1].cursor)) == [late]


def test_texts_of_news_are_read_as_far_as_permitted(room: Mailroom, cursor: Cursor) -> None:
    room.put(text="Are you there?")
    [batch] = room.poll(cursor)
    assert [one.text for one in messages_of([batch])] == ["Are you there?"]
    narrow = room.poll(cursor, read=Reading.SUBJECTS)
    assert [(one.subject, one.text) for one in messages_of(narrow)] == [("Note 4", "")]


def test_what_is_older_than_since_is_not_news(room: Mailroom, cursor: Cursor) -> None:
    room.put(at=NOON - timedelta(days=400))
    recent = room.put(at=NOON)
    assert uids_of(room.poll(cursor, since=NOON - timedelta(days=1))) == [recent]
