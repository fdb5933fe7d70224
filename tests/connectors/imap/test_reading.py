"""What is fetched of a message: the head of all, the text of people's mail, at most so much."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.imap import fetch, reader
from connectors.observations import Address, Folder, Mark, Message, Recipient, Role
from connectors.protocol import Reading
from connectors.wanted import TextRule
from tests.connectors.imap.mailbox import letter, messages, poll, settings_for
from tests.servers.dovecot import USER
from tests.servers.scripted_imap import ScriptedImap

AT = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
BULK = ("List-Id: <news.example.net>", "List-Unsubscribe: <https://example.net/u>")
LIST = ("List-Id: <talk.example.net>", "List-Post: <mailto:talk@example.net>")


def texts(server: ScriptedImap) -> list[bytes]:
    """The UIDs whose text was fetched, one line a command."""
    return [line.split()[2] for line in server.heard if b"[TEXT]" in line]


def test_only_peoples_text_is_fetched(tmp_path: Path) -> None:
    raws = [letter(1), letter(2, *BULK), letter(3, "Auto-Submitted: auto-replied"), letter(4)]
    with ScriptedImap({"INBOX": raws}) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
        assert texts(server) == [b"1,4"]
    assert {m.subject: m.text for m in found} == {
        "Note 1": "Shall we meet?",
        "Note 2": "",
        "Note 3": "",
        "Note 4": "Shall we meet?",
    }


@pytest.mark.parametrize("reading", [Reading.HEADERS, Reading.SUBJECTS])
def test_where_text_is_not_read_none_is_fetched(reading: Reading, tmp_path: Path) -> None:
    with ScriptedImap({"INBOX": [letter(1)]}) as server:
        found = messages(poll(settings_for(server.port, tmp_path, read=reading)))
        assert texts(server) == []
    assert [(m.text, m.subject) for m in found] == [
        ("", "Note 1" if reading is Reading.SUBJECTS else "")
    ]


def test_an_answer_to_a_digest_is_read_at_every_level(tmp_path: Path) -> None:
    answer = letter(1, "In-Reply-To: <kithd.2024-06-03.0@example.org>", text="done 1")
    with ScriptedImap({"INBOX": [answer, letter(2)]}) as server:
        found = messages(poll(settings_for(server.port, tmp_path, read=Reading.HEADERS)))
        assert texts(server) == [b"1"]
    assert sorted(m.text for m in found) == ["", "done 1"]


def test_old_text_is_not_fetched(tmp_path: Path) -> None:
    with ScriptedImap({"INBOX": [letter(1)]}) as server:
        poll(settings_for(server.port, tmp_path, text_since=AT + timedelta(days=1)))
        poll(settings_for(server.port, tmp_path, text_since=AT))
        assert texts(server) == [b"1"]


def test_newsletters_are_fetched_if_wished_and_only_while_they_are_news(tmp_path: Path) -> None:
    def issue(number: int, age: timedelta) -> bytes:
        date = format_datetime(datetime.now(UTC) - age).encode()
        return letter(number, *BULK).replace(b"Mon, 03 Jun 2024 09:30:00 +0000", date)

    raws = [issue(1, timedelta(days=2)), issue(2, timedelta(days=60))]
    # INTERNALDATE is 2024 here: the dates would not be believed.
    with ScriptedImap({"INBOX": raws}) as server:
        poll(settings_for(server.port, tmp_path))
        assert texts(server) == []
    rule = TextRule(Reading.TEXT, newsletters_since=AT - timedelta(days=45))
    assert rule.wants_text_of(message(AT, Mark.UNSUBSCRIBE, Mark.LIST))
    assert not rule.wants_text_of(message(AT - timedelta(days=46), Mark.UNSUBSCRIBE, Mark.LIST))
    assert not rule.wants_text_of(message(AT, Mark.UNSUBSCRIBE, Mark.AUTO_SUBMITTED))


def message(at: datetime, *marks: Mark, to: str = USER, lists: tuple[str, ...] = ()) -> Message:
    to_whom = (Recipient(Address(to), Role.TO),)
    ada = Address("ada@example.com")
    return Message("m", at, ada, to_whom, lists=lists, marks=frozenset(marks))


def test_a_person_who_writes_through_a_list_is_a_person() -> None:
    rule = TextRule(Reading.TEXT)
    talk = "talk@example.net"
    both = (Recipient(Address(talk), Role.TO), Recipient(Address(USER), Role.CC))
    ada = Address("ada@example.com")
    marks = frozenset({Mark.LIST, Mark.UNSUBSCRIBE})
    named = Message("m", AT, ada, both, lists=(talk,), marks=marks)
    assert rule.wants_text_of(named)
    assert not rule.wants_text_of(message(AT, *marks, to=talk, lists=(talk,)))
    assert not rule.wants_text_of(message(AT, *marks, lists=(talk,)))


def test_what_the_owner_sent_is_read_whatever_marks_it_bears() -> None:
    sent = Message("m", AT, Address(USER), marks=frozenset({Mark.LIST}), folder=Folder.SENT)
    assert TextRule(Reading.TEXT).wants_text_of(sent)


def test_a_header_cannot_say_that_a_message_was_sent(tmp_path: Path) -> None:
    with ScriptedImap({"INBOX": [letter(1, "X-Gmail-Labels: Sent")]}) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
    assert [m.folder for m in found] == [Folder.OTHER]


def test_a_long_text_is_fetched_in_part_and_a_page_of_them_in_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "TEXTS_AT_ONCE", 3 * fetch.TEXT_BYTES)
    raws = [letter(number, text="word\r\n" * 100_000) for number in range(5)]
    with ScriptedImap({"INBOX": raws}) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
        asked = [line for line in server.heard if b"[TEXT]" in line]
    assert len(found) == 5
    assert [line.split()[2] for line in asked] == [b"3:5", b"1:2"]
    assert all(b"<0.262144>" in line for line in asked)


def test_messages_that_share_an_identifier_but_not_their_content_are_both_kept(
    tmp_path: Path,
) -> None:
    raws = [
        letter(1),
        letter(1, text="Something else, and longer."),
        letter(1).replace(b"Ada <ada", b"Eve <eve"),
        letter(1).replace(b"<note-1@", b"<" + b"x" * 10_000 + b"@"),
        letter(1).replace(b"Message-ID", b"X-No-ID"),
        letter(2).replace(b"Message-ID", b"X-No-ID"),
    ]
    with ScriptedImap({"INBOX": [*raws, *raws]}) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
    assert len({m.uid for m in found}) == len(raws)
    assert all(len(m.uid) < 64 for m in found)


def test_a_copy_that_was_sent_is_not_replaced_by_one_that_came_in(tmp_path: Path) -> None:
    with ScriptedImap({"INBOX": [letter(1)], "Sent": [letter(1)]}) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
    assert len({m.uid for m in found}) == 2
    assert {m.message_id for m in found} == {"note-1@example.com"}


def test_a_huge_mailbox_is_listed_in_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "WINDOW", 10)
    raws = [letter(number) for number in range(35)]
    with ScriptedImap({"INBOX": raws}) as server:
        settings = settings_for(server.port, tmp_path, batch_size=4)
        batches = poll(settings)
        listed = [line.split()[-1] for line in server.heard if line.startswith(b"UID SEARCH")]
        later = poll(settings, batches[3].cursor)
    assert listed == [b"31:35", b"21:30", b"11:20", b"1:10"]
    assert [m.subject for m in messages(batches)][:2] == ["Note 34", "Note 33"]
    assert len({m.uid for m in messages(batches)}) == 35
    assert len(messages(batches[:4])) + len(messages(later)) == 35


def test_progress_counts_up_to_what_was_expected(tmp_path: Path) -> None:
    folders = {"INBOX": [letter(n) for n in range(7)], "Sent": [letter(n) for n in range(5)]}
    with ScriptedImap(folders) as server:
        batches = poll(settings_for(server.port, tmp_path, batch_size=3))
    told = [(b.progress.done, b.progress.expected) for b in batches if b.progress]
    assert told == [(3, 12), (5, 12), (8, 12), (11, 12), (12, 12)]


def test_arrivals_are_read_before_the_backlog(tmp_path: Path) -> None:
    folders = {"INBOX": [letter(n) for n in range(4)], "Sent": [letter(n) for n in range(10, 20)]}
    with ScriptedImap(folders) as server:
        settings = settings_for(server.port, tmp_path, batch_size=2)
        first = poll(settings)[0]
        folders["Sent"].append(letter(20))
        rest = messages(poll(settings, first.cursor))
    assert [m.subject for m in rest][:3] == ["Note 20", "Note 17", "Note 16"]
    assert len(rest) == 4 + 9


def test_a_poll_that_ends_among_the_arrivals_goes_on_there(tmp_path: Path) -> None:
    folders = {"INBOX": [letter(0)]}
    with ScriptedImap(folders) as server:
        settings = settings_for(server.port, tmp_path, batch_size=2)
        cursor = poll(settings)[-1].cursor
        folders["INBOX"] += [letter(number) for number in range(1, 8)]
        first = poll(settings, cursor)[:2]
        rest = poll(settings, first[-1].cursor)
    told = sorted(m.subject for m in messages([*first, *rest]))
    assert told == [f"Note {number}" for number in range(1, 8)]


def test_a_refusal_in_the_middle_of_a_folder_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "WINDOW", 4)
    raws = [letter(number) for number in range(12)]
    is_well = False

    def search(tag: bytes, line: bytes) -> bytes:
        low, high = line.split()[-1].split(b":")
        if low == b"1" and not is_well:
            return tag + b" NO [SERVERBUG] not now\r\n"
        found = b" ".join(b"%d" % uid for uid in range(int(low), int(high) + 1))
        return b"* SEARCH " + found + b"\r\n" + tag + b" OK done\r\n"

    with ScriptedImap({"INBOX": raws}, {"UID SEARCH": search}) as server:
        settings = settings_for(server.port, tmp_path)
        first = poll(settings)
        is_well = True
        found = messages([*first, *poll(settings, first[-1].cursor if first else None)])
    assert {m.subject for m in found} == {f"Note {number}" for number in range(12)}
