"""Folders are read in their order, messages as what came over the wire, and text where wanted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import RECENT
from connectors.observations import Folder, Mark, Message, Observation, Role
from connectors.protocol import Cursor, Reading
from daemon.interactions.threads import join_threads, thread_ids
from tests.servers.graph_items import OWNER, event, message, recipient, sent_message
from tests.servers.microsoft import BEGINNING, Account

MAIL = ("mail",)
NEWSLETTER = {
    "List-Unsubscribe": "<https://news.example.com/off>",
    "List-Id": "news.example.com",
    "To": "readers@news.example.com",
}


def messages(account: Account, cursor: Cursor | None = None, **changes: Any) -> list[Message]:
    found = account.read(cursor, **({"parts": MAIL} | changes))
    assert all(isinstance(one, Message) for one in found), found
    return [one for one in found if isinstance(one, Message)]


def subjects(account: Account, **changes: Any) -> list[str]:
    return [one.subject for one in messages(account, **changes)]


def n_asked(account: Account, part: str) -> int:
    return sum(part in call.path for call in account.graph.calls)


@pytest.fixture
def mailbox(nobodys: Account) -> Account:
    """An account signed in to for its mail alone."""
    nobodys.sign_in(parts=MAIL)
    return nobodys


def test_sent_mail_comes_first_then_the_inbox_then_the_rest_by_name(mailbox: Account) -> None:
    mailbox.mailbox.add_folder("Zoo")
    mailbox.mailbox.add_folder("2023", within="sentitems")
    mailbox.mailbox.add_folder("Aunts", within="Zoo")
    for name in ("Zoo", "archive", "inbox", "2023", "Aunts"):
        mailbox.mailbox[name].put(message(RECENT, subject=name))
    mailbox.mailbox["sentitems"].put(sent_message(RECENT, subject="sent"))
    assert subjects(mailbox) == ["sent", "2023", "inbox", "archive", "Zoo", "Aunts"]


def test_what_lies_below_the_sent_folder_is_sent_mail(mailbox: Account) -> None:
    mailbox.mailbox.add_folder("2023", within="sentitems")
    mailbox.mailbox["2023"].put(sent_message(RECENT))
    assert [one.folder for one in messages(mailbox)] == [Folder.SENT]


@pytest.mark.parametrize("kind", ["drafts", "outbox", "junkemail", "deleteditems"])
def test_what_was_not_sent_or_not_wanted_is_not_read(kind: str, mailbox: Account) -> None:
    mailbox.mailbox.add_folder("Below", within=kind)
    for name in (kind, "Below", "inbox"):
        mailbox.mailbox[name].put(message(RECENT, subject=name))
    assert subjects(mailbox) == ["inbox"]


def test_hidden_folders_and_views_of_other_folders_are_left_out(mailbox: Account) -> None:
    view = "#microsoft.graph.mailSearchFolder"
    mailbox.mailbox.add_folder("Clutter", isHidden=True)
    mailbox.mailbox.add_folder("Unread", **{"@odata.type": view})
    for name in ("Clutter", "Unread", "inbox"):
        mailbox.mailbox[name].put(message(RECENT, subject=name))
    assert subjects(mailbox) == ["inbox"]


def test_folders_to_skip_are_skipped_with_what_lies_below(mailbox: Account) -> None:
    mailbox.mailbox.add_folder("Work", within="archive")
    mailbox.mailbox.add_folder("Old", within="Work")
    for name in ("archive", "Work", "Old"):
        mailbox.mailbox[name].put(message(RECENT, subject=name))
    assert subjects(mailbox, skip=("archive/work",)) == ["archive"]


def test_more_folders_than_one_page_lists_are_all_found(mailbox: Account) -> None:
    names = [f"Folder {n:03}" for n in range(130)]
    for name in names:
        mailbox.mailbox.add_folder(name).put(message(RECENT, subject=name))
    assert subjects(mailbox) == names


def test_a_folder_without_messages_costs_no_request_of_its_own(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT))
    messages(mailbox)
    assert n_asked(mailbox, "/delta") == 1


def test_a_new_folder_is_noticed_and_a_deleted_one_passed_over(mailbox: Account) -> None:
    old = mailbox.mailbox.add_folder("Old")
    for name in ("Old", "inbox"):
        mailbox.mailbox[name].put(message(RECENT, subject=name))
    cursor = mailbox.poll(parts=MAIL)[-1].cursor
    del mailbox.mailbox.mail.shelves[old.key]
    mailbox.mailbox.add_folder("New").put(message(RECENT, subject="New"))
    assert [one.subject for one in messages(mailbox, cursor)] == ["New"]


def test_a_folder_deleted_while_it_is_read_is_passed_over(mailbox: Account) -> None:
    old = mailbox.mailbox.add_folder("Old")
    for n in range(5):
        old.put(message(RECENT, subject=f"old {n}"))
    mailbox.mailbox["inbox"].put(message(RECENT, subject="inbox"))
    connector = mailbox.connector(parts=MAIL, page=2)
    found: list[Observation] = []
    for batch in connector.poll(None):
        found += batch.observations
        mailbox.mailbox.mail.shelves.pop(old.key, None)
    assert [one.subject for one in found if isinstance(one, Message)] == ["inbox"]


def test_a_moved_message_stays_itself(mailbox: Account) -> None:
    key = mailbox.mailbox["inbox"].put(message(RECENT))
    batches = mailbox.poll(parts=MAIL)
    mailbox.mailbox["archive"].put(mailbox.mailbox["inbox"].take(key))
    (before,) = (one for batch in batches for one in batch.observations)
    (after,) = messages(mailbox, batches[-1].cursor)
    assert before == after
    assert after.uid == key


def test_a_deleted_message_is_not_taken_back(mailbox: Account) -> None:
    key = mailbox.mailbox["inbox"].put(message(RECENT))
    cursor = mailbox.poll(parts=MAIL)[-1].cursor
    mailbox.mailbox["inbox"].take(key)
    mailbox.mailbox["inbox"].put(message(RECENT, subject="another"))
    assert [one.subject for one in messages(mailbox, cursor)] == ["another"]


def test_a_draft_among_other_messages_is_not_reported(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT, isDraft=True))
    assert not messages(mailbox)


def test_what_came_in_is_read_from_its_own_header_fields(mailbox: Account) -> None:
    headers = {
        "Received": "from a by b; Mon, 3 Jun 2024 09:30:00 +0000",
        "From": '"Ada Lovelace" <ada@example.com>',
        "Cc": "=?utf-8?q?B=C3=A9n?= <ben@example.net>",
        "In-Reply-To": "<one@example.org>",
        "References": "<zero@example.org> <one@example.org>",
        "Auto-Submitted": "auto-replied",
        "Content-Type": "multipart/report; report-type=delivery-status",
        "Authentication-Results": "mx.example.org; dkim=pass",
    }
    mailbox.mailbox["inbox"].put(message(RECENT, headers=headers))
    (found,) = messages(mailbox)
    assert found.sent_at == RECENT
    assert (found.author.email, found.author.name) == ("ada@example.com", "Ada Lovelace")
    assert [(r.role, r.address.name or r.address.email) for r in found.recipients] == [
        (Role.TO, OWNER),
        (Role.CC, "Bén"),
    ]
    assert found.in_reply_to == "one@example.org"
    assert found.references[-2:] == ("zero@example.org", "one@example.org")
    assert {Mark.AUTO_SUBMITTED, Mark.REPORT} <= found.marks
    assert found.authentication == ("mx.example.org; dkim=pass",)


def test_sent_mail_without_header_fields_is_read_from_what_graph_says(mailbox: Account) -> None:
    item = sent_message(
        RECENT,
        subject="Tea, äh",
        message_id="<sent@example.org>",
        ccRecipients=[recipient("ben@example.net", 'Ben "B" O\\Hara, Jr.')],
        bccRecipients=[recipient("cem@example.net", "Cem")],
    )
    mailbox.mailbox["sentitems"].put(item)
    (found,) = messages(mailbox)
    assert found.folder is Folder.SENT
    assert found.sent_at == RECENT
    assert found.author.email == OWNER
    assert found.subject == "Tea, äh"
    assert found.message_id == "sent@example.org"
    assert [(r.role, r.address.email, r.address.name) for r in found.recipients] == [
        (Role.TO, "ada@example.com", ""),
        (Role.CC, "ben@example.net", 'Ben "B" O\\Hara, Jr.'),
        (Role.BCC, "cem@example.net", "Cem"),
    ]


def test_a_line_break_in_what_graph_says_makes_no_field_of_its_own(mailbox: Account) -> None:
    trick = "Tea\r\nBcc: eve@example.net"
    item = sent_message(RECENT, subject=trick, toRecipients=[recipient("ada@example.com", trick)])
    mailbox.mailbox["sentitems"].put(item)
    (found,) = messages(mailbox)
    assert [one.address.email for one in found.recipients] == ["ada@example.com"]


@pytest.mark.parametrize("read", [Reading.HEADERS, Reading.SUBJECTS, Reading.TEXT])
def test_the_owners_answer_is_in_the_thread_of_what_it_answers(
    read: Reading, nobodys: Account
) -> None:
    nobodys.sign_in(parts=MAIL, read=read)
    asked = message(RECENT, message_id="<asked@example.com>", conversation="talk=")
    mine = sent_message(RECENT, conversation="talk=", answers="<asked@example.com>")
    other = sent_message(RECENT, conversation="other=")
    nobodys.mailbox["inbox"].put(asked)
    for item in (mine, other):
        nobodys.mailbox["sentitems"].put(item)
    found = {one.uid: thread_ids(one, "s") for one in messages(nobodys, read=read)}
    threads = join_threads(found.values(), {}).thread_of
    of = {uid: threads[ids[0]] for uid, ids in found.items()}
    assert of[asked["id"]] == of[mine["id"]] != of[other["id"]]


def test_what_sent_mail_answers_is_known_where_its_text_is_read(mailbox: Account) -> None:
    begun = "<begun@example.com> <asked@example.com>"
    mine = sent_message(RECENT, answers="<asked@example.com>", references=begun)
    mailbox.mailbox["sentitems"].put(mine)
    (found,) = messages(mailbox)
    assert found.in_reply_to == "asked@example.com"
    assert {"begun@example.com", "asked@example.com"} <= {*found.references}


def test_mail_to_many_is_not_made_part_of_a_talk(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT, headers=NEWSLETTER))
    (found,) = messages(mailbox)
    assert found.references == ()


def test_a_long_row_of_references_keeps_its_ends(mailbox: Account) -> None:
    row = " ".join(f"<m{n}@example.com>" for n in range(30))
    mailbox.mailbox["inbox"].put(message(RECENT, headers={"References": row}))
    (found,) = messages(mailbox)
    assert len(found.references) == 20
    assert found.references[1] == "m0@example.com"
    assert found.references[-1] == "m29@example.com"


def test_text_is_fetched_for_what_people_wrote(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT, body="Shall we meet?"))
    mailbox.mailbox["inbox"].put(message(RECENT, headers=NEWSLETTER, body="News"))
    mailbox.mailbox["inbox"].put(message(RECENT, by="no-reply@shop.example.com", body="Paid"))
    texts = [one.text for one in messages(mailbox)]
    assert sorted(texts) == ["", "", "Shall we meet?"]
    (asked,) = (call for call in mailbox.graph.calls if "/me/messages/" in call.path)
    assert 'outlook.body-content-type="text"' in asked.headers["prefer"]


@pytest.mark.parametrize("read", [Reading.HEADERS, Reading.SUBJECTS])
def test_no_text_is_asked_for_below_the_reading_of_text(read: Reading, nobodys: Account) -> None:
    nobodys.sign_in(parts=MAIL, read=read)
    nobodys.mailbox["inbox"].put(message(RECENT, subject="Tea"))
    (found,) = messages(nobodys, read=read)
    assert found.text == ""
    assert found.subject == ("Tea" if read is Reading.SUBJECTS else "")
    assert n_asked(nobodys, "/me/messages/") == 0
    assert nobodys.login.consented == {"Mail.ReadBasic"}


def test_the_text_of_what_answers_a_digest_is_not_asked_for_without_the_permission(
    nobodys: Account,
) -> None:
    nobodys.sign_in(parts=MAIL, read=Reading.SUBJECTS)
    asked = {"In-Reply-To": "<kithd.2024-06-03.aa@example.org>"}
    nobodys.mailbox["inbox"].put(message(RECENT, headers=asked, body="done 1"))
    assert [one.text for one in messages(nobodys, read=Reading.SUBJECTS)] == [""]
    assert n_asked(nobodys, "/me/messages/") == 0


def test_a_message_from_before_the_beginning_is_not_reported(mailbox: Account) -> None:
    for subject, days in (("before", -1), ("after", 1)):
        at = BEGINNING + timedelta(days=days)
        mailbox.mailbox["inbox"].put(message(at, subject=subject))
    assert [one.subject for one in messages(mailbox)] == ["after"]


def test_old_text_is_not_fetched(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT - timedelta(days=10)))
    assert [one.text for one in messages(mailbox, text_since=RECENT)] == [""]
    assert n_asked(mailbox, "/me/messages/") == 0


def test_newsletters_are_read_as_pages_if_the_owner_wants_them(mailbox: Account) -> None:
    now = datetime.now(UTC)
    page = '<p>Read <a href="https://news.example.com/owls">all about owls</a>.</p>'
    mailbox.mailbox["inbox"].put(message(now, headers=NEWSLETTER, html=page))
    assert [one.links for one in messages(mailbox)] == [()]
    ((link,),) = (one.links for one in messages(mailbox, newsletters=True))
    assert (link.url, link.title) == ("https://news.example.com/owls", "all about owls")


def test_what_answers_a_digest_is_read_whatever_else_it_looks_like(mailbox: Account) -> None:
    asked = {**NEWSLETTER, "In-Reply-To": "<kithd.2024-06-03.aa@example.org>"}
    asked["Auto-Submitted"] = "auto-generated"
    old = RECENT - timedelta(days=2)
    mailbox.mailbox["inbox"].put(message(old, headers=asked, body="done 1"))
    assert [one.text for one in messages(mailbox)] == ["done 1"]


def test_text_that_vanished_leaves_the_head(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT))
    gone = mailbox.graph.service

    class Vanishing:
        def answer(self, call: Any) -> Any:
            if "/me/messages/" in call.path:
                mailbox.mailbox["inbox"].items.clear()
            return gone.answer(call)

    mailbox.graph.service = Vanishing()
    (found,) = messages(mailbox)
    assert (found.author.email, found.text) == ("ada@example.com", "")


def test_attachments_are_counted_as_far_as_graph_tells(mailbox: Account) -> None:
    mailbox.mailbox["inbox"].put(message(RECENT, hasAttachments=True))
    assert [one.n_attachments for one in messages(mailbox)] == [1]


def test_a_message_told_twice_on_a_page_counts_as_it_was_told_last(mailbox: Account) -> None:
    item = message(RECENT)
    shelf = mailbox.mailbox["inbox"]
    shelf.put(item)
    cursor = mailbox.poll(parts=MAIL)[-1].cursor
    shelf.put(item | {"subject": "later", "internetMessageHeaders": []})
    shelf.put(item | {"subject": "last", "internetMessageHeaders": []})
    assert [one.subject for one in messages(mailbox, cursor)] == ["last"]


def test_progress_counts_the_messages_of_all_folders(mailbox: Account) -> None:
    for n in range(5):
        mailbox.mailbox["inbox"].put(message(RECENT, subject=str(n)))
        mailbox.mailbox["archive"].put(message(RECENT, subject=str(n)))
    batches = mailbox.poll(parts=MAIL, page=2)
    told = [(one.progress.done, one.progress.expected) for one in batches if one.progress]
    assert told[0] == (2, 10)
    assert told[-1] == (10, 10)
    resumed = mailbox.poll(batches[0].cursor, parts=MAIL, page=2)[0].progress
    assert resumed
    assert (resumed.done, resumed.expected, resumed.unit) == (2, 8, "messages")


def test_all_parts_of_an_account_are_read_by_one_sign_in(account: Account) -> None:
    account.mailbox["inbox"].put(message(RECENT))
    account.mailbox.calendar.put(event(RECENT))
    kinds = [type(one).__name__ for one in account.read()]
    assert kinds == ["Event", "Message"]


def test_a_message_without_a_date_of_its_own_has_that_of_its_arrival(mailbox: Account) -> None:
    mailbox.mailbox["sentitems"].put(sent_message(RECENT) | {"sentDateTime": None})
    assert [one.sent_at for one in messages(mailbox)] == [RECENT]
