"""Mail of an Exchange Server becomes messages: heads, wanted texts, and nothing twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.exchange import mail
from connectors.observations import Address, Folder, Mark, Message, Recipient, Role
from connectors.protocol import Reading
from tests.connectors.exchange.mailbox import (
    ANA,
    AT,
    ME,
    SINCE,
    Home,
    add_letter,
    name_of,
    poll,
    seen,
)
from tests.servers import ews_soap as soap
from tests.servers.ews import USER

MAIL = {"parts": ("mail",)}


def messages(home: Home, **others: object) -> list[Message]:
    found = seen(poll(home.settings(**(MAIL | others))))
    assert all(isinstance(one, Message) for one in found)
    return found  # type: ignore[return-value]  # as was just seen


def test_what_arrived_is_read_from_the_head_it_arrived_with(home: Home) -> None:
    add_letter(home.exchange, 1, lines=["In-Reply-To: <a@x>", "References: <r@x> <a@x>"])
    [message] = messages(home)
    assert message.author == Address("ana@example.com", "Ana Diaz")
    assert message.recipients == (Recipient(Address(USER, "Mara Stein"), Role.TO),)
    assert (message.subject, message.message_id) == ("Note 1", "note-1@example.org")
    assert (message.in_reply_to, message.references) == ("a@x", ("r@x", "a@x"))
    assert (message.sent_at, message.folder) == (AT, Folder.OTHER)
    assert message.text == "Shall we meet?"


def test_what_was_sent_is_read_from_its_properties(home: Home) -> None:
    add_letter(
        home.exchange,
        1,
        "sentitems",
        by=ME,
        to=[("ben@example.com", 'Ben "B" Öz, Dr.')],
        BccRecipients=soap.many("BccRecipients", [("cem@example.net", "")]),
        CcRecipients=soap.many("CcRecipients", [("/o=First/cn=dan", "Dan"), ANA]),
        InReplyTo=soap.element("InReplyTo", "<a@x>"),
        References=soap.element("References", "<r@x>\n <a@x>"),
        Subject=soap.element("Subject", "Grüße\r\nBcc: eve@example.com"),
    )
    [message] = messages(home)
    assert message.author == Address(USER, "Mara Stein")
    assert message.recipients == (
        Recipient(Address("ben@example.com", 'Ben "B" Öz, Dr.'), Role.TO),
        Recipient(Address(*ANA), Role.CC),
        Recipient(Address("cem@example.net"), Role.BCC),
    )
    assert message.subject == "Grüße Bcc: eve@example.com"
    assert (message.in_reply_to, message.references) == ("a@x", ("r@x", "a@x"))
    assert (message.sent_at, message.folder) == (AT, Folder.SENT)
    assert message.message_id == "note-1@example.org"


def test_what_was_sent_comes_first_and_then_the_inbox(home: Home) -> None:
    other = home.exchange.add_folder("A first name")
    for number, where in enumerate((other.id, "inbox", "sentitems")):
        add_letter(home.exchange, number, where)
    assert [one.subject for one in messages(home)] == ["Note 2", "Note 1", "Note 0"]


def test_what_lies_below_the_sent_folder_was_sent(home: Home) -> None:
    below = home.exchange.add_folder("2024", parent="sentitems")
    add_letter(home.exchange, 1, below.id)
    assert [one.folder for one in messages(home)] == [Folder.SENT]


def test_drafts_junk_and_what_was_deleted_are_not_read_nor_what_lies_below(home: Home) -> None:
    below = home.exchange.add_folder("Old", parent="deleteditems")
    for where in ("drafts", "junkemail", "deleteditems", "outbox", "syncissues", below.id):
        add_letter(home.exchange, 1, where)
    searches = home.exchange.add_folder("Searches", "IPF.Note")
    searches.tag = "SearchFolder"
    add_letter(home.exchange, 3, searches.id)
    notes = home.exchange.add_folder("Notes", "IPF.StickyNote")
    add_letter(home.exchange, 2, notes.id)
    assert messages(home) == []
    assert not home.asked("GetItem")


def test_skipped_folders_are_not_read_nor_what_lies_below(home: Home) -> None:
    archive = home.exchange.add_folder("Archive")
    inner = home.exchange.add_folder("2019", parent=archive.id)
    add_letter(home.exchange, 1, archive.id)
    add_letter(home.exchange, 2, inner.id)
    add_letter(home.exchange, 3)
    assert [one.subject for one in messages(home, skip=("archive",))] == ["Note 3"]


def test_text_is_asked_for_only_where_it_is_read(home: Home) -> None:
    add_letter(home.exchange, 1)
    [subjects] = messages(home, read=Reading.SUBJECTS)
    [headers] = messages(home, read=Reading.HEADERS)
    asked = [
        str(uri.get("FieldURI"))
        for question in home.asked("GetItem")
        for uri in question.iterfind(".//{*}FieldURI")
    ]
    assert (subjects.subject, subjects.text) == ("Note 1", "")
    assert (headers.subject, headers.text) == ("", "")
    assert not [name for name in asked if "Body" in name or "Mime" in name]


def test_the_text_of_machines_is_not_asked_for(home: Home) -> None:
    add_letter(home.exchange, 1, lines=["Auto-Submitted: auto-generated"])
    add_letter(home.exchange, 2, lines=["List-Unsubscribe: <https://x.example>"])
    found = messages(home)
    assert [one.text for one in found] == ["", ""]
    assert len(home.asked("GetItem")) == 1
    assert [Mark.AUTO_SUBMITTED in one.marks for one in found] == [True, False]


def test_newsletters_are_read_where_they_are_wanted(home: Home) -> None:
    today = datetime.now(UTC).replace(microsecond=0)
    add_letter(home.exchange, 1, at=today, lines=["List-Unsubscribe: <https://x.example>"])
    [silent] = messages(home)
    [read] = messages(home, newsletters=True)
    assert (silent.text, read.text) == ("", "Shall we meet?")


def test_what_answers_a_digest_is_read_at_every_level(home: Home) -> None:
    add_letter(
        home.exchange,
        1,
        "sentitems",
        by=ME,
        InReplyTo=soap.element("InReplyTo", "<kithd.2026-03-02.x@example.org>"),
    )
    [message] = messages(home, read=Reading.HEADERS)
    assert message.text == "Shall we meet?"


def test_a_machine_that_answers_a_digest_is_still_a_machine(home: Home) -> None:
    kind = soap.element("ItemClass", "REPORT.IPM.Note.NDR")
    add_letter(home.exchange, 1, lines=["In-Reply-To: <kithd.1@example.org>"], ItemClass=kind)
    [message] = messages(home)
    assert message.text == "Shall we meet?"
    assert Mark.REPORT in message.marks


def test_older_text_is_not_asked_for(home: Home) -> None:
    add_letter(home.exchange, 1)
    [message] = messages(home, text_since=AT + timedelta(days=1))
    assert message.text == ""
    assert len(home.asked("GetItem")) == 1


def test_structure_counts_though_only_the_plain_text_is_fetched(home: Home) -> None:
    attached = (
        '<t:Attachments><t:FileAttachment><t:AttachmentId Id="a"/><t:Name>a.pdf</t:Name>'
        "<t:IsInline>false</t:IsInline></t:FileAttachment><t:FileAttachment>"
        '<t:AttachmentId Id="b"/><t:IsInline>true</t:IsInline></t:FileAttachment></t:Attachments>'
    )
    add_letter(home.exchange, 1, Attachments=attached)
    [message] = messages(home)
    assert (message.n_attachments, message.text) == (1, "Shall we meet?")


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("REPORT.IPM.Note.NDR", Mark.REPORT),
        ("IPM.Note.Rules.OofTemplate.Microsoft", Mark.AUTO_SUBMITTED),
    ],
    ids=["bounce", "out of office"],
)
def test_the_class_of_a_message_says_that_a_machine_wrote_it(
    home: Home, kind: str, mark: Mark
) -> None:
    item = add_letter(home.exchange, 1, ItemClass=soap.element("ItemClass", kind))
    del item.properties["ExtendedProperty"]
    [message] = messages(home)
    assert mark in message.marks


def test_an_invitation_is_a_message_too(home: Home) -> None:
    item = add_letter(home.exchange, 1)
    item.kind = "MeetingRequest"
    assert [one.subject for one in messages(home)] == ["Note 1"]


def test_moving_a_message_brings_no_other_name(home: Home) -> None:
    archive = home.exchange.add_folder("Archive")
    item = add_letter(home.exchange, 1)
    before = poll(home.settings(**MAIL))
    home.exchange.move("inbox", archive.id, item)
    after = poll(home.settings(**MAIL), before[-1].cursor)
    assert [one.uid for one in seen(after)] == [one.uid for one in seen(before)]
    assert seen(after) == seen(before)


def test_a_copy_in_two_folders_is_one_message(home: Home) -> None:
    other = home.exchange.add_folder("Archive")
    first = add_letter(home.exchange, 1)
    add_letter(home.exchange, 1, other.id)
    assert {one.uid for one in messages(home)} == {name_of(first, Folder.OTHER)}


def test_a_message_that_came_by_two_ways_is_one(home: Home) -> None:
    add_letter(home.exchange, 1, lines=["Delivered-To: mara@example.org"])
    add_letter(home.exchange, 1, lines=["Delivered-To: m.stein@example.org", "X-Spam: no"])
    assert len({one.uid for one in messages(home)}) == 1


def test_what_came_in_does_not_replace_what_was_sent(home: Home) -> None:
    below = home.exchange.add_folder("2024", parent="sentitems")
    add_letter(home.exchange, 1, below.id, by=ME)
    add_letter(home.exchange, 1, by=ME)
    sent, came = messages(home)
    assert sent.message_id == came.message_id
    assert sent.uid != came.uid
    assert (sent.folder, came.folder) == (Folder.SENT, Folder.OTHER)


def test_two_messages_with_one_identifier_are_two(home: Home) -> None:
    add_letter(home.exchange, 1)
    add_letter(home.exchange, 1, by=("eve@example.com", "Eve"))
    assert len({one.uid for one in messages(home)}) == 2


def test_reading_flags_and_deletions_are_not_told(home: Home) -> None:
    first, second = add_letter(home.exchange, 1), add_letter(home.exchange, 2)
    before = poll(home.settings(**MAIL))
    home.exchange.change("inbox", first)
    home.exchange.delete("inbox", second)
    n_asked = len(home.asked("GetItem"))
    after = poll(home.settings(**MAIL), before[-1].cursor)
    assert seen(after) == []
    assert len(home.asked("GetItem")) == n_asked


def test_what_vanishes_before_it_is_fetched_is_passed_over(home: Home) -> None:
    add_letter(home.exchange, 1).problem = "ErrorItemNotFound"
    add_letter(home.exchange, 2)
    batches = poll(home.settings(**MAIL))
    assert [one.subject for one in seen(batches)] == ["Note 2"]  # type: ignore[union-attr]  # a message
    assert not any(batch.rejected for batch in batches)


@pytest.mark.parametrize("code", ["ErrorItemCorrupt", "ErrorInternalServerError"])
def test_what_the_server_does_not_give_out_is_set_aside(home: Home, code: str) -> None:
    add_letter(home.exchange, 1).problem = code
    add_letter(home.exchange, 2)
    batches = poll(home.settings(**MAIL))
    assert len(seen(batches)) == 1
    [rejected] = [one for batch in batches for one in batch.rejected]
    assert rejected.reason == "the server does not give it out"
    assert not poll(home.settings(**MAIL), batches[-1].cursor)


def test_old_messages_are_not_asked_for(home: Home) -> None:
    add_letter(home.exchange, 1, at=SINCE - timedelta(days=2))
    add_letter(home.exchange, 2, at=SINCE)
    assert [one.subject for one in messages(home)] == ["Note 2"]
    [question, _text] = home.asked("GetItem")
    assert len(question.findall(".//{*}ItemId")) == 1


def test_texts_are_asked_for_in_groups_of_some_megabytes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "TEXTS_AT_ONCE", 5_000)
    for number in range(5):
        add_letter(home.exchange, number)
    assert len(messages(home)) == 5
    asked = [len(one.findall(".//{*}ItemId")) for one in home.asked("GetItem")]
    assert asked == [5, 2, 2, 1]


def test_progress_is_told_in_messages_to_come(home: Home) -> None:
    for number in range(5):
        add_letter(home.exchange, number)
    batches = poll(replace(home.settings(**MAIL), page=2))
    told = [batch.progress for batch in batches if batch.progress]
    assert [(one.done, one.expected) for one in told] == [(2, 5), (4, 5), (5, 5)]
    add_letter(home.exchange, 9)
    [batch] = poll(home.settings(**MAIL), batches[-1].cursor)
    assert batch.progress is not None
    assert (batch.progress.done, batch.progress.expected) == (1, None)


def test_a_folder_that_is_deleted_is_forgotten(home: Home) -> None:
    archive = home.exchange.add_folder("Archive")
    add_letter(home.exchange, 1, archive.id)
    add_letter(home.exchange, 2)
    before = poll(home.settings(**MAIL))
    del home.exchange.folders[archive.id]
    add_letter(home.exchange, 3)
    after = poll(home.settings(**MAIL), before[-1].cursor)
    assert len(seen(after)) == 1
    assert len(after[-1].cursor) < len(before[-1].cursor)


def test_empty_folders_cost_no_question(home: Home) -> None:
    add_letter(home.exchange, 1)
    messages(home)
    assert len(home.asked("SyncFolderItems")) == 1
