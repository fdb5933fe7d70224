"""What a message says comes out as it was meant."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.observations import Folder, Link, Mark, Message, Role
from connectors.protocol import Reading

ENVELOPE = {
    "From": "Ana Diaz <ana@example.org>",
    "To": "Ben <ben@example.com>",
    "Date": "Mon, 02 Jun 2008 10:00:00 +0200",
    "Subject": "Lunch",
    "Message-ID": "<1@example.org>",
}


def compose(body: str = "Hello", /, **fields: str) -> bytes:
    """Write a message; a field set to "" is left out, underscores stand for dashes."""
    head = ENVELOPE | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return ("\n".join(lines) + "\n\n" + body).encode("utf-8", "surrogateescape")


def read(body: str = "Hello", /, **fields: str) -> Message:
    return read_message(compose(body, **fields), uid="1")


def multipart(*parts: str, boundary: str = "cut") -> str:
    """Write the body of a multipart whose parts each bring their own head."""
    return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"


def alternative(plain: str, page: str) -> str:
    return multipart(
        f"Content-Type: text/plain\n\n{plain}",
        f"Content-Type: text/html; charset=utf-8\n\n{page}",
    )


ALTERNATIVE = 'multipart/alternative; boundary="cut"'
MIXED = 'multipart/mixed; boundary="cut"'


def test_an_ordinary_message_is_read_whole() -> None:
    message = read(Cc="Cy <cy@example.net>, ben@example.com", In_Reply_To="<0@example.com>")
    assert message.author.email == "ana@example.org"
    assert message.author.name == "Ana Diaz"
    assert message.sent_at == datetime(2008, 6, 2, 8, tzinfo=UTC)
    assert [(one.address.email, one.role) for one in message.recipients] == [
        ("ben@example.com", Role.TO),
        ("cy@example.net", Role.CC),
    ]
    assert (message.subject, message.text) == ("Lunch", "Hello")
    assert (message.message_id, message.in_reply_to) == ("1@example.org", "0@example.com")
    assert (message.marks, message.folder) == (frozenset(), Folder.OTHER)
    assert message.n_attachments == 0


@pytest.mark.parametrize(
    ("reading", "subject", "text"),
    [(Reading.HEADERS, "", ""), (Reading.SUBJECTS, "Lunch", ""), (Reading.TEXT, "Lunch", "Hello")],
)
def test_each_step_of_the_ladder_reads_no_further(
    reading: Reading, subject: str, text: str
) -> None:
    message = read_message(compose(), uid="1", reading=reading)
    assert (message.subject, message.text) == (subject, text)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_machine_are_read(line_end: str) -> None:
    raw = b"From x@example.org Mon Jun  2 10:00:00 2008\n" + compose(
        "one\ntwo", To="a@example.org,\n\tb@example.org,\n c@example.org"
    )
    message = read_message(raw.replace(b"\n", line_end.encode()), uid="1")
    assert len(message.recipients) == 3
    assert message.text == "one\ntwo"


def test_the_subject_is_decoded_then_scrubbed() -> None:
    word = b64encode("Hé\r\nBcc: x@example.org\u202e\x00".encode()).decode()
    assert read(Subject=f"=?utf-8?b?{word}?=").subject == "Hé Bcc: x@example.org"
    assert read(Subject="=?utf-8?q?Caf=C3?= =?utf-8?q?=A9?=").subject == "Café"
    assert read(Subject="=?x-nobody-knows?q?a=E9?=").subject == "aé"


@pytest.mark.parametrize(
    "fields", [{"From": ""}, {"From": "Ana"}, {"From": "undisclosed:;"}, {"Date": "", "X": "y"}]
)
def test_without_author_or_date_it_is_refused_in_words_that_quote_nothing(
    fields: dict[str, str],
) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(**fields)
    assert "ana" not in str(refusal.value).lower()


def test_who_sent_stands_in_for_who_wrote() -> None:
    assert read(From="", Sender="Cy <cy@example.net>").author.email == "cy@example.net"
    assert read(From="MAILER-DAEMON <>").author.email == "mailer-daemon@localhost"


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("Mon, 02 Jun 2008 10:00:00 +0000", datetime(2008, 6, 2, 10, tzinfo=UTC)),
        ("2 Jun 2008 10:00 -0000", datetime(2008, 6, 2, 10, tzinfo=UTC)),
        ("Mon,  2 Jun 08 03:00:00 PDT", datetime(2008, 6, 2, 10, tzinfo=UTC)),
        ("Tue, 3 Jun 2008 17:00:00 +0000", datetime(2008, 6, 3, 17, tzinfo=UTC)),
        ("Fri, 1 Jan 2076 00:00:00 +0000", datetime(2008, 6, 2, 18, tzinfo=UTC)),
        ("Thu, 1 Jan 1970 00:00:00 +0000", datetime(2008, 6, 2, 18, tzinfo=UTC)),
        ("Mon, 02 Jun 2008 25:00:00 +0000", datetime(2008, 6, 2, 18, tzinfo=UTC)),
        ("Mon, 02 Jun 99999 10:00:00 +0000", datetime(2008, 6, 2, 18, tzinfo=UTC)),
        ("yesterday", datetime(2008, 6, 2, 18, tzinfo=UTC)),
    ],
)
def test_a_date_no_clock_could_have_shown_gives_way_to_the_receipt(
    date: str, sent_at: datetime
) -> None:
    received = "from a by b; Mon, 2 Jun 2008 20:00:00 +0200 (CEST)"
    earlier = "from c by a; Mon, 2 Jun 1999 20:00:00 +0200"
    raw = b"Received: " + received.encode() + b"\n" + compose(Date=date, Received=earlier)
    assert read_message(raw, uid="1").sent_at == sent_at


def test_the_receipt_the_source_knows_bounds_the_date() -> None:
    received_at = datetime(2008, 6, 2, 12, tzinfo=timezone(timedelta(hours=2)))
    late = compose(Date="Wed, 4 Jun 2008 10:00:00 +0000")
    assert read_message(late, uid="1", received_at=received_at).sent_at == received_at
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert read_message(late, uid="1", received_at=epoch).sent_at == datetime(
        2008, 6, 4, 10, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("fields", "mark"),
    [
        ({"Auto-Submitted": "auto-replied (vacation)"}, Mark.AUTO_SUBMITTED),
        ({"List-Id": "Dev <dev.example.org>"}, Mark.LIST),
        ({"Precedence": "list"}, Mark.LIST),
        ({"X-BeenThere": "dev@example.org"}, Mark.LIST),
        ({"List-Unsubscribe": "<https://example.org/u>"}, Mark.UNSUBSCRIBE),
        ({"Precedence": "Bulk"}, Mark.BULK),
        ({"Precedence": "junk"}, Mark.BULK),
        ({"X-Autoreply": "yes"}, Mark.SUPPRESS),
        ({"X-Auto-Response-Suppress": "All"}, Mark.SUPPRESS),
        ({"Return-Path": "<>"}, Mark.NULL_SENDER),
        ({"X-Failed-Recipients": "x@example.org"}, Mark.FAILED),
        ({"Content-Type": "multipart/report; boundary=x"}, Mark.REPORT),
        ({"Feedback-ID": "1:2:3"}, Mark.FEEDBACK),
        ({"From": "Shop <no-reply@example.org>"}, Mark.NO_REPLY),
        ({"From": "bounces+ben=example.com@example.org"}, Mark.NO_REPLY),
        ({"From": "Jira <notifications@example.org>"}, Mark.NO_REPLY),
        ({"From": "a@example.org, b@example.org"}, Mark.MANY_AUTHORS),
        ({"from": "mallory@example.net"}, Mark.MANY_AUTHORS),
        ({"X-Kithd": "1"}, Mark.KITHD),
        ({"List-Id": "<digest.kithd.localhost>"}, Mark.KITHD),
    ],
)
def test_each_mark_has_its_header(fields: dict[str, str], mark: Mark) -> None:
    assert mark in read(**fields).marks
    assert mark in read_message(compose(**fields), uid="1", reading=Reading.HEADERS).marks


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto-Submitted": "no"},
        {"Precedence": "normal"},
        {"Return-Path": "<ana@example.org>"},
        {"From": "Noor Eply <noor.eply@example.org>"},
        {"To": "no-reply@example.org"},
        {"Content-Type": "multipart/mixed; boundary=x"},
    ],
)
def test_people_bear_no_marks(fields: dict[str, str]) -> None:
    assert read(**fields).marks == set()


def test_a_delivery_status_within_marks_a_report() -> None:
    body = multipart(
        "mixed", "\nFailed.", "Content-Type: message/delivery-status\n\nAction: failed"
    )
    assert Mark.REPORT in read(body, Content_Type=MIXED).marks


@pytest.mark.parametrize(
    ("fields", "lists"),
    [
        ({"List-Post": "<mailto:Dev@example.org?subject=x>"}, ("dev@example.org",)),
        ({"X-Mailing-List": "dev@example.org"}, ("dev@example.org",)),
        ({"List-Id": "Dev talk <dev.lists.example.org>"}, ("dev@lists.example.org",)),
        ({"List-Id": "<dev.localhost>"}, ()),
        ({"List-Post": "NO"}, ()),
        ({"Sender": "owner-dev@example.org"}, ("dev@example.org",)),
        ({"Sender": "dev-owner@example.org"}, ("dev@example.org",)),
        ({"Sender": "dev-bounce@example.org"}, ("dev@example.org",)),
        ({"Return-Path": "<dev-bounces+ben=example.com@example.org>"}, ("dev@example.org",)),
        ({"From": "dog-owner@example.org", "Sender": "dog-owner@example.org"}, ()),
        ({"Mail-Followup-To": "dev@example.org"}, ()),
    ],
)
def test_lists_are_known_by_the_headers_that_name_them(
    fields: dict[str, str], lists: tuple[str, ...]
) -> None:
    assert read(**fields).lists == lists


@pytest.mark.parametrize(
    ("fields", "email", "name"),
    [
        ({"X-Original-From": "Ana Diaz <ana@example.org>"}, "ana@example.org", "Ana Diaz"),
        ({"X-Original-Sender": "ana@example.org"}, "ana@example.org", "Ana D"),
        ({"Reply-To": "Ana <ana@example.org>, dev@example.com"}, "ana@example.org", "Ana"),
        ({"Reply-To": "a@example.org, b@example.org"}, "dev@example.com", "Ana D via Dev"),
        ({"X-MailFrom": "dev-bounces@example.com"}, "dev@example.com", "Ana D via Dev"),
        ({}, "dev@example.com", "Ana D via Dev"),
    ],
)
def test_the_author_behind_a_list_is_found_where_a_header_says_so(
    fields: dict[str, str], email: str, name: str
) -> None:
    munged = {"From": "Ana D via Dev <dev@example.com>", "List-Post": "<mailto:dev@example.com>"}
    author = read(**(munged | fields)).author
    assert (author.email, author.name) == (email, name)


def test_nobody_becomes_another_by_a_header_of_his_own() -> None:
    spoofed = read(From="mallory@example.net", X_Original_From="ana@example.org")
    assert spoofed.author.email == "mallory@example.net"


@pytest.mark.parametrize(
    ("labels", "folder"),
    [
        ("Inbox,Opened,Sent", Folder.SENT),
        ("Gesendet,Archiviert", Folder.SENT),
        ("=?UTF-8?Q?Envoy=C3=A9s?=", Folder.SENT),
        ("Spam,Unread", Folder.SPAM),
        ("Trash", Folder.TRASH),
        ("Trash,Sent", Folder.SENT),
        ("Drafts,Sent", Folder.DRAFTS),
        ("Presents", Folder.TRASH),
    ],
)
def test_in_an_export_gmails_labels_overrule_the_folder(labels: str, folder: Folder) -> None:
    raw = compose(X_Gmail_Labels=labels)
    message = read_message(raw, uid="1", folder=Folder.TRASH, trusts_labels=True)
    assert message.folder is folder


def test_in_other_mail_a_label_is_only_what_the_sender_wrote() -> None:
    assert read_message(compose(X_Gmail_Labels="Sent"), uid="1").folder is Folder.OTHER


def test_references_keep_the_root_and_the_latest() -> None:
    written = " ".join(f"<{number}@example.org>" for number in range(40))
    message = read(References=f"{written} <39@example.org>", Message_ID="<5@example.org>")
    kept = [int(one.split("@")[0]) for one in message.references]
    assert kept == [0, 1, *range(22, 40)]
    assert read(References="<1@example.org> <0@example.org>").references == ("0@example.org",)


def test_identifiers_are_bare_and_bounded() -> None:
    assert read(Message_ID="").message_id is None
    assert read(Message_ID="<a b\n c@example.org>").message_id == "abc@example.org"
    long = read(Message_ID=f"<{'x' * 10_000}@example.org>").message_id
    assert long is not None
    assert long.startswith("sha256:")
    assert long == read(Message_ID=f"<{'x' * 10_000}@example.org>").message_id
    prose = 'Message from "Ben" <ben@example.com> of Monday <7@example.com>'
    assert read(In_Reply_To=prose).in_reply_to == "7@example.com"
    assert read(In_Reply_To="<1@example.org>").in_reply_to is None


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("utf-8", "utf-8"), ("iso-8859-1", "cp1252"), ("GB2312", "gb18030"), ("us-ascii", "utf-8")],
)
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_text_is_decoded_from_what_senders_really_use(
    charset: str, codec: str, encoding: str
) -> None:
    words = "Grüße, Jürgen – bis später" if codec != "gb18030" else "你好, 朋友"  # noqa: RUF001 -- a dash that windows-1252 has and latin-1 has not
    payload = words.encode(codec)
    if encoding == "base64":
        payload = b64encode(payload)
    elif encoding == "quoted-printable":
        payload = b"".join(b"=%02X" % byte for byte in payload)
    head = compose(
        "", Content_Type=f"text/plain; charset={charset}", Content_Transfer_Encoding=encoding
    )
    assert read_message(head + payload, uid="1").text == words


def test_the_plain_text_is_preferred_and_html_will_do() -> None:
    page = "<style>p{}</style><p>Hi &amp; bye<br>now</p><blockquote>old</blockquote>"
    assert read(alternative("plain", page), Content_Type=ALTERNATIVE).text == "plain"
    assert read(alternative("  ", page), Content_Type=ALTERNATIVE).text == "Hi & bye\nnow\n\n> old"
    assert read(page, Content_Type="text/html").text == "Hi & bye\nnow\n\n> old"


def test_attachments_are_counted_and_forwarded_words_are_not_the_authors() -> None:
    body = multipart(
        "Content-Type: text/plain\n\nmine",
        "Content-Type: message/rfc822\n\nFrom: c@example.net\n\nnot mine",
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nattached",
        "Content-Type: application/pdf; name=b.pdf\n\n%PDF",
        "Content-Type: application/pgp-signature; name=signature.asc\n\nabc",
        "Content-Type: text/plain\n\nfooter",
    )
    message = read(body, Content_Type=MIXED)
    assert (message.text, message.n_attachments) == ("mine\nfooter", 2)


def test_flowed_lines_are_joined_to_paragraphs() -> None:
    body = "One \nparagraph.\n\n> quoted \n> still\n>> deeper\n -stuffed\n-- \nAna"
    flowed = read(body, Content_Type="text/plain; format=flowed").text
    assert flowed == "One paragraph.\n\n> quoted still\n>> deeper\n-stuffed\n-- \nAna"
    deleted = read("字 \n字", Content_Type="text/plain; format=flowed; delsp=yes").text
    assert deleted == "字字"


def test_text_stops_at_its_limit() -> None:
    assert len(read("Word and word.\n" * 20_000).text) == 64 * 1024


def test_links_in_plain_text_have_the_words_before_them() -> None:
    body = (
        "Hi Ben. I read this: http://example.org/a(b).\n\nThe tide tables\n"
        "https://example.org/tides, made\nfor sailors. Bye.\n> https://example.net/quoted\n"
    )
    assert read(body).links == (
        Link(
            "http://example.org/a(b)",
            "Hi Ben. I read this",
            "I read this: http://example.org/a(b).",
        ),
        Link(
            "https://example.org/tides",
            "The tide tables",
            "The tide tables https://example.org/tides, made for sailors.",
        ),
    )


def test_links_of_a_newsletter_come_from_its_page() -> None:
    page = (
        '<p>New this week. Read <a class="x" href="https://example.org/?a=1&amp;b=2">about '
        "tides</a> today. Bye.</p><a href='javascript:x'>no</a><a href=HTTP://example.org/c><img></a>"
    )
    body = alternative("see http://example.org/plain", page)
    links = read(body, Content_Type=ALTERNATIVE, List_Unsubscribe="<https://example.org/u>").links
    assert links == (
        Link("https://example.org/?a=1&b=2", "about tides", "Read about tides today."),
        Link("http://example.org/c"),
    )
    assert [link.url for link in read(body, Content_Type=ALTERNATIVE).links] == [
        "http://example.org/plain"
    ]


@pytest.mark.parametrize(
    ("message_id", "is_own"),
    [
        ("<kithd.2024-06-03.aa@example.org>", True),
        ("<KITHD.1@x.org>", True),
        ("<a.kithd.1@x.org>", False),
    ],
)
def test_what_this_program_sent_is_known_by_its_name_alone(message_id: str, is_own: bool) -> None:
    assert (Mark.KITHD in read(Message_ID=message_id).marks) == is_own
