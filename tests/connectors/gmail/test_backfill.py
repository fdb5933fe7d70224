"""The first reading: what was sent first, the rest newest first, each message got once."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from connectors.errors import CursorExpired, Misconfigured, Unavailable
from connectors.observations import Folder, Mark
from connectors.protocol import Cursor, Progress, Reading
from tests.connectors.gmail.mailroom import NOON, Mailroom, messages_of, uids_of
from tests.servers.api import Call, Reply

NARROW = Reading.SUBJECTS
BOTH = pytest.mark.parametrize(
    "read", [Reading.TEXT, Reading.SUBJECTS], ids=["readonly", "metadata"]
)
DAY = timedelta(days=1)


def n_got(room: Mailroom) -> Counter[str]:
    """Count how often each message was got."""
    return Counter(uid for uid, _ in room.gmail.got)


def shapes(room: Mailroom) -> dict[str, str]:
    """Return in which format each message was got last."""
    return dict(room.gmail.got)


@BOTH
def test_what_was_sent_comes_first_and_the_rest_newest_first(room: Mailroom, read: Reading) -> None:
    received = room.fill(5, "INBOX")
    sent = room.fill(4, "SENT", at=NOON - DAY)
    uids = uids_of(room.poll(read=read, page=2))
    assert uids == [*reversed(sent), *reversed(received)]
    folders = [one.folder for one in messages_of(room.poll(read=read))]
    assert folders == [Folder.SENT] * 4 + [Folder.OTHER] * 5


def test_promotions_come_last(room: Mailroom) -> None:
    offers = room.fill(3, "INBOX", "CATEGORY_PROMOTIONS")
    talk = room.fill(3, "INBOX", "CATEGORY_PERSONAL", at=NOON - DAY)
    archived = room.fill(2, "CATEGORY_UPDATES", at=NOON - 2 * DAY)
    batches = room.poll(page=2)
    assert uids_of(batches) == [*reversed(talk), *reversed(archived), *reversed(offers)]
    assert [Mark.BULK in one.marks for one in messages_of(batches)] == [False] * 5 + [True] * 3


@BOTH
def test_drafts_spam_trash_and_chats_are_neither_reported_nor_got(
    room: Mailroom, read: Reading
) -> None:
    wanted = room.put("INBOX")
    for label in ("DRAFT", "SPAM", "TRASH", "CHAT"):
        room.put(label)
    room.put("SENT", "TRASH")
    assert uids_of(room.poll(read=read)) == [wanted]
    assert n_got(room) == {wanted: 1}


@BOTH
def test_nothing_is_got_twice(room: Mailroom, read: Reading) -> None:
    for labels in (["SENT"], ["SENT", "INBOX"], ["INBOX"], ["IMPORTANT"]):
        room.fill(4, *labels)
    for _ in range(4):
        room.put("CATEGORY_PROMOTIONS", list_unsubscribe="<https://example.org/leave>")
    batches = room.poll(read=read, page=3)
    assert n_got(room) == dict.fromkeys(room.box.kept, 1)
    assert sorted(uids_of(batches)) == sorted(room.box.kept)


def test_where_too_many_were_sent_to_be_remembered_they_are_told_once_all_the_same(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.gmail.backfill.KNOWN_LIMIT", 2)
    room.fill(600, "SENT")
    received = room.fill(2)
    uids = uids_of(room.poll(read=NARROW))
    assert sorted(uids) == sorted(room.box.kept)
    assert uids[-2:] == [*reversed(received)]
    assert max(n_got(room).values()) == 2


@BOTH
def test_what_comes_meanwhile_is_told_at_once_and_once(room: Mailroom, read: Reading) -> None:
    room.fill(6, "SENT")
    room.fill(6)
    told: list[str] = []
    with_news = room.open(read=read, page=3)
    for number, batch in enumerate(with_news.poll(None)):
        told += [one.uid for one in batch.observations]
        if number in (0, 2):
            late = [room.put("INBOX"), room.put("SENT", at=NOON - 30 * DAY)]
        if number in (1, 3):
            assert [one.uid for one in batch.observations] == late
    assert sorted(told) == sorted(room.box.kept)
    assert n_got(room) == dict.fromkeys(room.box.kept, 1)


@BOTH
def test_what_comes_at_the_very_moment_of_a_list_or_of_the_news_is_told_once(
    room: Mailroom, read: Reading
) -> None:
    room.fill(4, "SENT")
    room.fill(6)

    def deliver(call: Call) -> None:
        if call.path.endswith(("/messages", "/history")) and room.n_written < 60:
            room.put("SENT" if room.n_written % 2 else "INBOX", at=NOON + DAY)

    room.served.faults.append(deliver)
    batches = room.poll(read=read, page=3)
    room.served.faults.clear()
    batches += room.poll(batches[-1].cursor, read=read)
    assert sorted(uids_of(batches)) == sorted(room.box.kept)


@BOTH
def test_a_crash_between_news_and_backlog_repeats_nothing(room: Mailroom, read: Reading) -> None:
    room.fill(4, "SENT")
    room.fill(4)
    first = room.open(read=read, page=3).poll(None)
    told = [next(first)]
    room.fill(4)
    told += islice(first, 2)
    after = room.poll(told[-1].cursor, read=read, page=3)
    assert sorted(uids_of([*told, *after])) == sorted(room.box.kept)


def test_a_backlog_outlives_the_history_it_began_with(room: Mailroom) -> None:
    room.fill(4, "SENT")
    room.fill(3)
    poll = room.open(page=3).poll(None)
    told = [next(poll)]
    room.fill(2, at=NOON + DAY)
    told.append(next(poll))
    room.box.floor = json.loads(told[-1].cursor)[2]
    after = room.poll(told[-1].cursor, page=3)
    assert {*uids_of([*told, *after])} == {*room.box.kept}


@BOTH
def test_where_a_page_was_forgotten_its_part_alone_begins_again(
    room: Mailroom, read: Reading
) -> None:
    sent, received = room.fill(4, "SENT"), room.fill(7)
    told = room.poll(read=read, page=4)[:2]
    assert uids_of(told)[:4] == [*reversed(sent)]
    assert len(uids_of(told)) > 4
    room.box.generation += 1
    room.gmail.got.clear()
    after = room.poll(told[-1].cursor, read=read, page=4)
    assert uids_of(after) == [*reversed(received)]
    assert not {*sent} & {*n_got(room)}
    assert not room.poll(after[-1].cursor, read=read)


@BOTH
def test_pages_that_are_forgotten_as_soon_as_they_are_named_expire_the_cursor(
    room: Mailroom, read: Reading
) -> None:
    room.fill(9)

    def forget(call: Call) -> None:
        if call.one("pageToken"):
            room.box.generation += 1
            assert room.box.generation < 9, "it begins again and again"

    room.served.faults.append(forget)
    with pytest.raises(CursorExpired):
        room.poll(read=read, page=3)


@pytest.mark.parametrize(
    ("page", "read"),
    [(3, Reading.TEXT), (3, Reading.SUBJECTS), (50, Reading.SUBJECTS)],
    ids=["queries", "labels", "what was told"],
)
def test_pages_that_come_again_and_again_have_an_end(
    room: Mailroom, page: int, read: Reading
) -> None:
    room.fill(3)
    room.fill(1, "DRAFT")
    n_asked = 0

    def go_round(call: Call) -> Reply | None:
        nonlocal n_asked
        is_list = call.path.endswith("/messages")
        if not is_list or (page == 50 and call.one("labelIds") != "DRAFT"):
            return None
        n_asked += 1
        assert n_asked < 10, "it has no end"
        uids = [uid for uid, one in room.box.kept.items() if "INBOX" in one.labels]
        listed = [{"id": uid, "threadId": uid} for uid in uids]
        return Reply.of({"messages": listed, "nextPageToken": "round"})

    room.served.faults.append(go_round)
    with pytest.raises(Unavailable, match="same page again and again"):
        room.poll(read=read, page=page)


def test_cursors_of_another_account_or_way_or_of_nobody_expire(room: Mailroom) -> None:
    room.fill(7)
    batches = room.poll(page=3)
    middle, end = batches[0].cursor, batches[-1].cursor
    with pytest.raises(CursorExpired):
        room.poll(middle, page=3, read=NARROW)
    with pytest.raises(CursorExpired):
        room.poll(middle, page=3, since=NOON)
    assert not room.poll(end, read=NARROW)
    fields = json.loads(middle)
    spoilt = [
        json.dumps([*fields[:3], [*fields[3][:2], 9, *fields[3][3:]]]),
        json.dumps([*fields[:3], [*fields[3][:4], -1, *fields[3][5:]]]),
        json.dumps([*fields[:3], [*fields[3][:2], True, *fields[3][3:]]]),
        json.dumps([*fields[:2], "7", fields[3]]),
        json.dumps([*fields[:2], 10**32, None]),
        json.dumps([*fields[:3], "nothing"]),
        "[" * 100_000,
        "7",
        middle[:-2],
    ]
    for one in spoilt:
        with pytest.raises(CursorExpired):
            room.poll(Cursor(one), page=3)
    room.box.address = "somebody.else@example.org"
    with pytest.raises(CursorExpired):
        room.poll(end)


def test_texts_are_got_in_full_as_long_as_they_are_new_enough(room: Mailroom) -> None:
    old = room.fill(6, at=NOON - 40 * DAY)
    new = room.fill(6, at=NOON)
    batches = room.poll(page=3, text_since=NOON - 30 * DAY)
    assert {shapes(room)[uid] for uid in new} == {"full"}
    assert [shapes(room)[uid] for uid in old] == ["metadata"] * 3 + ["full"] * 3
    assert n_got(room) == dict.fromkeys(room.box.kept, 1)
    texts = {one.uid: one.text for one in messages_of(batches)}
    assert all(texts[uid] for uid in new)
    assert not any(texts[uid] for uid in old)
    assert all(one.subject for one in messages_of(batches))


def test_the_text_of_machines_is_thrown_away(room: Mailroom) -> None:
    uid = room.put("INBOX", auto_submitted="auto-generated", text="Your parcel has a parcel")
    [message] = messages_of(room.poll())
    assert (message.uid, message.text) == (uid, "")
    assert message.subject == "Note 1"


def test_promotions_are_got_without_their_text_and_with_it_where_newsletters_are_read(
    room: Mailroom,
) -> None:
    now = datetime.now(UTC)
    fields = {"list_unsubscribe": "<https://example.org/leave>", "text": "Read all about it"}
    old = room.put("CATEGORY_PROMOTIONS", at=now - 90 * DAY, **fields)
    new = room.put("CATEGORY_PROMOTIONS", at=now - DAY, **fields)
    assert {one.text for one in messages_of(room.poll())} == {""}
    assert {*shapes(room).values()} == {"metadata"}
    read = {one.uid: one.text for one in messages_of(room.poll(newsletters=True, page=1))}
    assert read == {old: "", new: "Read all about it"}
    assert shapes(room)[new] == "full"


def test_a_person_whom_google_takes_for_an_advertiser_is_read_for_twice_the_price(
    room: Mailroom,
) -> None:
    uid = room.put("CATEGORY_PROMOTIONS", text="Shall we meet?")
    [message] = messages_of(room.poll())
    assert message.text == "Shall we meet?"
    assert room.gmail.got == [(uid, "metadata"), (uid, "full")]


def test_an_answer_to_a_digest_is_read_wherever_it_is_filed(room: Mailroom) -> None:
    room.put(
        "CATEGORY_PROMOTIONS",
        in_reply_to="<kithd.2026-11-01.0123456789abcdef@example.org>",
        auto_submitted="auto-replied",
        text="done 1",
    )
    assert [one.text for one in messages_of(room.poll())] == ["done 1"]
    assert [one.text for one in messages_of(room.poll(read=NARROW))] == [""]


@pytest.mark.parametrize("n_messages", [1, 3])
def test_with_headers_alone_no_subject_crosses_the_wire(room: Mailroom, n_messages: int) -> None:
    for _ in range(n_messages):
        room.put("INBOX", subject="SECRET PLANS", text="SECRET TEXT")
    for message in messages_of(room.poll(read=Reading.HEADERS)):
        assert (message.subject, message.text) == ("", "")
    asked = [(call.body, call.query) for call in room.served.calls]
    assert "Message-ID" in str(asked)
    assert "Subject" not in str(asked)
    for message in messages_of(room.poll(read=NARROW)):
        assert (message.subject, message.text) == ("SECRET PLANS", "")


def test_attachments_are_not_downloaded(room: Mailroom) -> None:
    big = "x" * 2_000_000
    room.put(
        "INBOX",
        content_type="application/octet-stream; name=big.bin",
        content_disposition="attachment; filename=big.bin",
        text=big,
    )
    [message] = messages_of(room.poll())
    assert message.n_attachments == 1
    assert room.gmail.n_bytes < 10_000


@BOTH
def test_what_is_too_old_is_not_listed_to_its_end(room: Mailroom, read: Reading) -> None:
    room.fill(60, at=NOON - 300 * DAY)
    room.fill(30, "SENT", at=NOON - 300 * DAY)
    new = room.fill(4)
    assert uids_of(room.poll(read=read, page=3, since=NOON - 10 * DAY)) == [*reversed(new)]
    assert len(room.gmail.got) <= 4 + 2 * 3


@BOTH
def test_progress_is_honest(room: Mailroom, read: Reading) -> None:
    room.fill(5, "SENT")
    room.fill(6)
    room.put("TRASH")
    progress = [batch.progress for batch in room.poll(read=read, page=3)]
    assert progress[0] == Progress(3, 12, "messages")
    assert progress[-1] == Progress(11, 11, "messages")
    dones = [one.done for one in progress if one]
    assert dones == sorted(dones)
    cut = [batch.progress for batch in room.poll(read=read, page=3, since=NOON - DAY)]
    assert cut[0] == Progress(3, None, "messages")


def test_a_message_without_an_author_is_set_aside(room: Mailroom) -> None:
    uid = room.box.deliver(b"This: is\r\n\r\nno message\r\n", "INBOX", at=NOON)
    [batch] = [one for one in room.poll() if one.rejected]
    assert [one.uid for one in batch.rejected] == [uid]
    assert batch.rejected[0].reason == "neither From nor Sender holds an address"
    late = room.poll(since=NOON + 2 * DAY, read=NARROW)
    assert not [one for batch in late for one in batch.rejected]


def test_an_empty_mailbox_has_a_cursor(room: Mailroom) -> None:
    batches = room.poll()
    assert not uids_of(batches)
    uid = room.put()
    assert uids_of(room.poll(batches[-1].cursor)) == [uid]


@pytest.mark.parametrize("wrong", [{"units_per_minute": 199}, {"page": 0}, {"page": 51}])
def test_numbers_that_cannot_be_right_are_refused(room: Mailroom, wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        room.poll(**wrong)
    assert not room.served.calls
