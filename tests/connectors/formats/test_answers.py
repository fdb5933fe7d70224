"""What claims to answer a digest is read, so that the owner's commands are found."""

import pytest

from connectors.formats.answers import FIELDS, is_answer
from connectors.formats.headers import read_headers
from connectors.formats.rfc5322 import AUTHENTICATION_LIMIT, read_message
from connectors.observations import Folder, Mark
from connectors.protocol import Reading

SUBJECT = "kithd 2026-11-21 0123456789abcdef"
DIGEST = "<kithd.2026-11-21.0123456789abcdef@example.org>"


def head(*lines: str) -> bytes:
    first = ("From: Mara <mara@example.org>", "Date: Sat, 21 Nov 2026 09:30:00 +0100")
    return ("\r\n".join([*first, *lines]) + "\r\n\r\ndone 1\r\n").encode()


def claims(*lines: str) -> bool:
    return is_answer(read_headers(head(*lines), FIELDS))


@pytest.mark.parametrize(
    "line",
    [
        f"In-Reply-To: {DIGEST}",
        f"References: <a@b> {DIGEST}",
        f"References: <a@b>\r\n {DIGEST}",
        "In-Reply-To: <kithd.answer.0123456789abcdef@example.org>",
        f"Subject: {SUBJECT}",
        f"Subject: Re: {SUBJECT}",
        f"Subject: RE: {SUBJECT.upper()}",
        "Subject: kithd 2026-11-21\r\n 0123456789abcdef",
        f"Subject: =?utf-8?q?{SUBJECT.replace(' ', '_')}?=",
        "Subject: =?utf-8?b?UmU6IGtpdGhkIDIwMjYtMTEtMjEgMDEyMzQ1Njc4OWFiY2RlZg==?=",
    ],
)
def test_an_answer_is_known_by_its_identifiers_or_its_subject(line: str) -> None:
    assert claims(line)
    message = read_message(head(line), uid="1", reading=Reading.HEADERS)
    assert message.text == "done 1"


@pytest.mark.parametrize(
    "line",
    [
        "Subject: Lunch",
        "Subject: kithd is a program",
        f"Subject: x{SUBJECT}",
        f"Subject: {SUBJECT}0",
        "In-Reply-To: <x.kithd.2026-11-21@example.org>",
        f"Message-ID: {DIGEST}",
        f"X-References: {DIGEST}",
    ],
)
def test_other_mail_is_read_no_further_than_the_owner_allows(line: str) -> None:
    assert not claims(line)
    message = read_message(head(line), uid="1", reading=Reading.HEADERS)
    assert (message.text, message.subject) == ("", "")


@pytest.mark.parametrize("reading", Reading)
def test_what_servers_say_of_the_sender_is_read_topmost_first(reading: Reading) -> None:
    lines = [f"Authentication-Results: mx{n}.example.org;\r\n\tdmarc=pass" for n in range(12)]
    message = read_message(head(*lines), uid="1", reading=reading)
    assert message.authentication == tuple(f"mx{n}.example.org; dmarc=pass" for n in range(10))


@pytest.mark.parametrize(
    "value", ["x" * (AUTHENTICATION_LIMIT + 1), "mx; a\x00b", "mx; a\u200bb", "mx; \u202ea"]
)
def test_what_cannot_be_read_whole_is_empty_but_keeps_its_place(value: str) -> None:
    lines = (f"Authentication-Results: {value}", "Authentication-Results: mx; none")
    assert read_message(head(*lines), uid="1").authentication == ("", "mx; none")


@pytest.mark.parametrize(
    ("named", "is_one"),
    [
        (["From: mara@example.org"], True),
        (["From: mara@example.org", "From: mara@example.org"], False),
        (["From: mara@example.org, ben@example.org"], False),
        (["Sender: mara@example.org"], False),
        (["From: Mara", "Sender: mara@example.org"], False),
    ],
)
def test_one_author_is_one_address_in_one_field(named: list[str], *, is_one: bool) -> None:
    raw = "\r\n".join([*named, "Date: Sat, 21 Nov 2026 09:30:00 +0100", "", "x"]).encode()
    message = read_message(raw, uid="1", folder=Folder.SENT)
    assert message.author.email == "mara@example.org"
    assert (Mark.MANY_AUTHORS not in message.marks) == is_one
