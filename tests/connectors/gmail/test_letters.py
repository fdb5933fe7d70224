"""A message that came as Gmail's JSON reads like the one that it was."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats.mime import PARTS_LIMIT
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.gmail.letters import HEAD_MASK, TEXT_MASK, list_fields, read_letter
from connectors.observations import Folder, Mark, Message
from connectors.protocol import Reading
from tests.connectors.gmail.mailroom import NOON, letter
from tests.invariants import assert_wholesome
from tests.servers.gmail_payload import head_of, payload_of
from tests.servers.google_discovery import apply_fields


def answer_to(raw: bytes, *labels: str, mask: str = TEXT_MASK, **how: Any) -> dict[str, Any]:
    """Return what messages.get answers."""
    payload = payload_of(raw, **how)
    if mask == HEAD_MASK:
        payload = head_of(payload, list_fields(is_with_subject=True))
    whole = {
        "id": "18c",
        "labelIds": [*labels],
        "internalDate": str(int(NOON.timestamp() * 1000)),
        "snippet": "Dear",
        "payload": payload,
    }
    found: dict[str, Any] = apply_fields(whole, mask)
    return found


def by_gmail(raw: bytes, *labels: str, **how: Any) -> Message:
    """Read a message that comes from Gmail."""
    return read_letter("18c", answer_to(raw, *labels, **how)).read(Reading.TEXT, None)


def directly(raw: bytes) -> Message:
    return read_message(raw, uid="18c", received_at=NOON)


def rich_letter() -> bytes:
    """Write what a mail program writes: two texts, a picture within, something attached."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Zoë Müller <zoe@example.org>"
    message["To"] = "Ben <ben@example.com>, cem@example.net"
    message["Cc"] = "Ömer <omer@example.net>"
    message["Date"] = "Sun, 01 Nov 2026 09:30:00 +0530"
    message["Subject"] = "Über den Fluß und in die Wälder, und zwar möglichst noch vor Weihnachten"
    message["Message-ID"] = "<one@example.org>"
    message["In-Reply-To"] = "<zero@example.com>"
    message["References"] = "<root@example.com> <zero@example.com>"
    message.set_content("Könnten wir uns am Montag sehen?\n\n-- \nZoë\n")
    message.add_alternative(
        '<p>Könnten wir <a href="https://example.org/a">uns</a> sehen?</p>', "html"
    )
    related = message.get_payload()[1]  # type: ignore[index]  # the alternatives are a list
    related.add_related(b"\x89PNG", "image", "png", cid="<picture>")  # type: ignore[union-attr]  # it is a message
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="Zeichnung.pdf")
    message.add_attachment("Notizen, die niemand liest", filename="notizen.txt")
    return message.as_bytes()


BULLETIN = letter(
    7,
    NOON,
    list_unsubscribe="<mailto:leave@example.org>",
    list_id="<news.example.org>",
    authentication_results="mx.google.com; dmarc=pass header.from=example.org",
)
DATELESS = letter(
    8, NOON, date="", received="from a by b with SMTP; Sun, 01 Nov 2026 09:30:00 +0530"
)
THREADED = letter(9, NOON, in_reply_to="<a@example.org>", references="<a@example.org>")
REPORT = (
    b"From: mailer-daemon@example.org\r\nTo: ada@example.org\r\nReturn-Path: <>\r\n"
    b"Date: Sun, 01 Nov 2026 09:30:00 +0000\r\nSubject: Undelivered\r\n"
    b'Content-Type: multipart/report; boundary="b"; report-type=delivery-status\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: ada@example.org\r\n\r\nHello\r\n--b--\r\n"
)
FLOWED = (
    b"From: ada@example.org\r\nTo: ben@example.com\r\nDate: Sun, 01 Nov 2026 09:30:00 +0000\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1; format=flowed; delsp=yes\r\n\r\n"
    b"Gr\xfc\xdfe an \r\n alle, die \r\n hier sind\r\n"
)


@pytest.mark.parametrize(
    "raw",
    [letter(1, NOON), rich_letter(), BULLETIN, DATELESS, THREADED, REPORT, FLOWED],
    ids=["plain", "rich", "bulletin", "dateless", "threaded", "report", "flowed"],
)
@pytest.mark.parametrize("decodes_words", [True, False], ids=["decoded", "encoded"])
def test_reads_like_the_message_it_was(raw: bytes, decodes_words: bool) -> None:
    assert by_gmail(raw, decodes_words=decodes_words) == directly(raw)


@pytest.mark.parametrize(
    "raw",
    [letter(1, NOON), rich_letter(), BULLETIN, DATELESS, THREADED, REPORT, FLOWED],
    ids=["plain", "rich", "bulletin", "dateless", "threaded", "report", "flowed"],
)
def test_without_its_text_it_reads_like_the_head_of_it(raw: bytes) -> None:
    found = read_letter("18c", answer_to(raw, mask=HEAD_MASK))
    for reading in (Reading.HEADERS, Reading.SUBJECTS):
        expected = read_message(raw, uid="18c", received_at=NOON, reading=reading)
        assert found.read(reading, None) == expected


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "windows-1252", "utf-8", "koi8-r", "iso-2022-jp", "shift_jis", "gbk"]
)
@pytest.mark.parametrize("is_converted", [True, False], ids=["in-utf-8", "as-it-was"])
def test_texts_are_read_in_whatever_charset_they_come(charset: str, is_converted: bool) -> None:
    said = {
        "koi8-r": "Привет, Мир",
        "iso-2022-jp": "こんにちは",
        "shift_jis": "こんにちは",
        "gbk": "你好",
    }
    text = said.get(charset, "Grüße")
    data = text.encode("utf-8" if is_converted else charset)
    found = answer_to(letter(1, NOON, content_type=f'text/plain; charset="{charset}"'))
    found["payload"]["body"]["data"] = base64.urlsafe_b64encode(data).decode().rstrip("=")
    message = read_letter("18c", found).read(Reading.TEXT, None)
    assert message.text == text


def test_a_decoded_word_with_a_line_end_adds_no_header_field() -> None:
    found = answer_to(letter(1, NOON))
    for field in found["payload"]["headers"]:
        if field["name"] == "subject":
            field["value"] = "Hello\r\nBcc: eve@example.net\r\n\r\nDear Eve"
    message = read_letter("18c", found).read(Reading.TEXT, None)
    assert message.subject == "Hello Bcc: eve@example.net Dear Eve"
    assert [one.address.email for one in message.recipients] == ["ben@example.com"]
    assert message.text == "Shall we meet on day 1?"


def test_a_part_cannot_end_the_parts_around_it() -> None:
    raw = rich_letter()
    found = answer_to(raw)
    inner = found["payload"]["parts"][0]["parts"][0]
    inner["headers"].append({"name": "Content-ID", "value": "x\r\n--=_0--\r\n\r\nowned"})
    assert read_letter("18c", found).read(Reading.TEXT, None) == directly(raw)


def test_attachments_are_neither_asked_for_nor_written() -> None:
    whole = payload_of(rich_letter())
    assert "attachmentId" not in str(apply_fields({"payload": whole}, TEXT_MASK))
    found = read_letter("18c", answer_to(rich_letter()))
    assert b"attachmentId" not in found.raw
    assert found.read(Reading.TEXT, None).n_attachments == 2


@pytest.mark.parametrize(
    ("labels", "folder"),
    [
        (("INBOX", "UNREAD"), Folder.OTHER),
        (("SENT", "INBOX"), Folder.SENT),
        (("SENT", "TRASH"), Folder.TRASH),
        (("DRAFT", "TRASH"), Folder.DRAFTS),
        (("SPAM",), Folder.SPAM),
    ],
)
def test_labels_say_where_it_lies(labels: tuple[str, ...], folder: Folder) -> None:
    assert by_gmail(letter(1, NOON), *labels).folder is folder


def test_what_google_files_under_promotions_is_marked_as_bulk() -> None:
    plain = directly(letter(1, NOON))
    marked = by_gmail(letter(1, NOON), "CATEGORY_PROMOTIONS", "INBOX")
    assert marked == replace(plain, marks=plain.marks | {Mark.BULK})
    assert by_gmail(letter(1, NOON), "CATEGORY_PERSONAL", "INBOX") == plain
    assert Mark.BULK not in by_gmail(letter(1, NOON), "CATEGORY_PROMOTIONS", "SENT").marks


def test_labels_in_a_header_field_of_the_sender_are_not_believed() -> None:
    raw = letter(1, NOON, x_gmail_labels="Sent,Important")
    assert by_gmail(raw, "INBOX").folder is Folder.OTHER


def test_parts_beyond_number_are_left_out() -> None:
    found = answer_to(letter(1, NOON))
    one = {"mimeType": "text/plain", "headers": [], "body": {"data": "aGVsbG8"}}
    found["payload"] |= {"parts": [one] * (2 * PARTS_LIMIT), "body": {}}
    found["payload"]["headers"] += [{"name": "Content-Type", "value": "multipart/mixed"}]
    message = read_letter("18c", found).read(Reading.TEXT, None)
    assert message.text.count("hello") == PARTS_LIMIT


def test_parts_are_asked_for_down_to_a_level() -> None:
    assert TEXT_MASK.count("parts(") == 8
    assert "parts," not in TEXT_MASK
    assert "parts)" not in TEXT_MASK


def test_parts_within_parts_without_end_are_cut_off() -> None:
    part: dict[str, Any] = {"mimeType": "text/plain", "body": {"data": "aGVsbG8"}}
    for _ in range(490):
        part = {"mimeType": "multipart/mixed", "parts": [part]}
    found = answer_to(letter(1, NOON))
    found["payload"] |= part
    assert read_letter("18c", found).read(Reading.TEXT, None).text == ""


NAMES = "payload headers name value parts body data mimeType filename labelIds".split()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["a\r\nb"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.dictionaries(st.sampled_from(["labelIds", "internalDate", "payload"]), json_values))
def test_any_json_is_read_or_refused(found: dict[str, Any]) -> None:
    try:
        message = read_letter("18c", found).read(Reading.TEXT, None)
    except Unreadable:
        return
    assert_wholesome(message)


@settings(deadline=None)
@given(json_values, json_values, st.lists(json_values, max_size=3))
def test_any_parts_are_read(data: Any, kind: Any, parts: list[Any]) -> None:
    head = [{"name": "From", "value": "ada@example.org"}, {"name": "Content-Type", "value": kind}]
    payload = {"headers": head, "body": {"data": data}, "mimeType": kind, "parts": parts}
    found = {"payload": payload, "internalDate": "1767225600000", "labelIds": ["INBOX"]}
    message = read_letter("18c", found).read(Reading.TEXT, None)
    assert_wholesome(message)
    assert message.sent_at == datetime(2026, 1, 1, tzinfo=UTC)
