import email
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import compat32, default
from email.utils import formataddr
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.delivery.message import build_answer, build_message, message_id_for
from daemon.digest.model import Page
from daemon.digest.references import token_for
from daemon.digest.render_html import render_html
from daemon.digest.render_text import render_text
from tests.core.digest.pages import OWNER, full_day, page, person, person_id, reply
from tests.core.digest.payloads import ALL_AT_ONCE, PAYLOADS, in_each_field, in_every_field

KEY = b"k" * 32
ENCODED_WORDS = (
    "=?utf-8?q?Ana=0D=0ABcc:_mallory=40example.net?=",
    "=?utf-8?b?QW5hDQpCY2M6IG1hbGxvcnlAZXhhbXBsZS5uZXQ=?=",
    "=?utf-8?q?Ana=0AX-Evil:_1=0A=0Abody?=",
    "=?utf-8?q?=3D=3Fus-ascii=3Fq=3Fa=3D0Ab=3F=3D?=",
)


def build(made: Page, **changed: Any) -> bytes:
    given: dict[str, Any] = {
        "to": OWNER,
        "sender": f"kithd <{OWNER}>",
        "message_id": message_id_for(OWNER, made.on, key=KEY),
        "date": made.at,
    }
    return build_message(made, **(given | changed))


def modern(raw: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def names_of(raw: bytes) -> list[str]:
    """Names of the message's headers, by the plainest reading there is."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [row.partition(":")[0] for row in head.split("\r\n") if row[:1] not in " \t"]


def subject_of(message: Message) -> str:
    # Unfolded as RFC 5322, section 2.2.3, asks.
    return str(make_header(decode_header(re.sub(r"\r?\n", "", str(message["Subject"])))))


HEADERS = names_of(build(page(*full_day())))


def test_the_text_comes_first_and_the_html_beside_it_says_the_same() -> None:
    made = page(*full_day())
    message = modern(build(made))

    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert html.get_content_type() == "text/html"
    assert text.get_content().splitlines() == render_text(made).splitlines()
    assert html.get_content().splitlines() == render_html(made).splitlines()


def test_the_headers_are_those_of_a_machine_that_wants_no_answer_from_machines() -> None:
    message = modern(build(page(*full_day())))

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Kithd"] == "1"
    assert re.fullmatch(r"kithd digest <kithd\.[0-9a-f]{16}\.localhost>", message["List-Id"])
    assert message["List-Unsubscribe"] == (
        "<mailto:you%2Bkithd@example.org"
        "?subject=kithd%202026-11-21%200123456789abcdef&body=pause%204w>"
    )
    assert message["Reply-To"] == "you+kithd@example.org"
    assert message["From"] == "kithd <you@example.org>"
    assert message["To"] == "you@example.org"
    assert len(HEADERS) == len(set(HEADERS))


def test_nobody_to_unsubscribe_with_is_not_made_up() -> None:
    names = names_of(build(page(reply(), reply_to="")))
    assert "List-Unsubscribe" not in names
    assert "Reply-To" not in names


def test_the_date_is_in_the_owners_zone() -> None:
    raw = build(page(reply()), date=datetime(2026, 7, 1, 5, 0, tzinfo=UTC))
    assert b"\r\nDate: Wed, 01 Jul 2026 07:00:00 +0200\r\n" in raw


def test_one_local_date_and_owner_make_one_message_id() -> None:
    on, next_day = date(2026, 11, 21), date(2026, 11, 22)
    first = message_id_for(OWNER, on, key=KEY)

    assert first == message_id_for(OWNER.upper().lower(), on, key=KEY)
    assert first == f"<kithd.2026-11-21.{token_for(OWNER, on, key=KEY)}@example.org>"
    others = {
        message_id_for(OWNER, next_day, key=KEY),
        message_id_for("me@example.org", on, key=KEY),
        message_id_for(OWNER, on, key=b"other"),
    }
    assert len({first, *others}) == 4
    assert modern(build(page(reply())))["Message-ID"] == first


def test_the_same_page_gives_the_same_bytes() -> None:
    assert build(page(*full_day())) == build(page(*full_day()))


def test_a_subject_beyond_ascii_arrives_as_it_was() -> None:
    made = page(*full_day())
    parsed = email.message_from_bytes(build(made), policy=compat32)
    assert subject_of(parsed) == made.subject
    long = page(reply(), people={person_id("tomas"): person("tomas", "Żółć " * 30)})
    parsed = email.message_from_bytes(build(long), policy=compat32)
    assert subject_of(parsed) == long.subject


def test_lines_end_in_cr_lf_and_stay_below_998_octets() -> None:
    for payload in (*PAYLOADS, "http://" + "ä" * 9_000):
        raw = build(replace(in_every_field(page(*full_day()), payload), reply_to=OWNER))
        assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
        assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_no_field_of_a_page_can_add_a_header() -> None:
    for where, hostile in in_each_field(page(*full_day()), ALL_AT_ONCE):
        if not where.endswith(".reply_to"):
            assert names_of(build(hostile)) == HEADERS, where


@pytest.mark.parametrize("payload", [*PAYLOADS, *ENCODED_WORDS], ids=lambda p: p[:24])
def test_no_name_in_mail_can_add_a_header(payload: str) -> None:
    made = page(reply(), people={person_id("tomas"): person("tomas", payload)})
    raw = build(made)

    assert names_of(raw) == HEADERS
    for policy in (compat32, default):
        parsed = email.message_from_bytes(raw, policy=policy)
        assert parsed["Bcc"] is None
        assert parsed["X-Evil"] is None
    assert subject_of(email.message_from_bytes(raw, policy=compat32)) == made.subject


@settings(max_examples=40)
@given(st.text(max_size=200), st.text(max_size=60))
def test_no_text_at_all_can_add_a_header(name: str, message_id: str) -> None:
    made = page(reply(), people={person_id("tomas"): person("tomas", name)})
    raw = build(made, message_id=f"<{message_id}@example.org>", sender=formataddr((name, OWNER)))
    assert names_of(raw) == HEADERS


@pytest.mark.parametrize("feed", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x0b"])
def test_no_name_of_a_sender_can_add_a_header(feed: str) -> None:
    hostile = f'"kithd{feed}X-Evil: 1{feed}{feed}body" <{OWNER}>'
    assert names_of(build(page(reply()), sender=hostile)) == HEADERS


@pytest.mark.parametrize("written", ["", "kithd", "ü@example.org", "a@", "a@..", ";"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        build(page(reply()), to=written)


def test_a_domain_travels_as_it_must_and_a_name_is_encoded() -> None:
    raw = build(page(reply()), to="Zoë <you@bücher.example>")
    assert b"\r\nTo: =?utf-8?q?Zo=C3=AB?= <you@xn--bcher-kva.example>\r\n" in raw


def test_a_digest_of_nothing_can_be_shown_as_well() -> None:
    message = modern(build(page()))
    assert message["Subject"] == "Nothing to give today"


def answer(text: str = "Noted as done.", **changed: Any) -> bytes:
    given: dict[str, Any] = {
        "subject": "Re: kithd 2026-11-21",
        "to": OWNER,
        "sender": f"kithd <{OWNER}>",
        "message_id": "<answer.1@example.org>",
        "in_reply_to": "<reply@example.org>",
        "references": ("<kithd.2026-11-21.0123@example.org>",),
        "date": datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("Europe/Warsaw")),
    }
    return build_answer(text, **(given | changed))


def test_an_answer_is_short_plain_and_in_its_thread() -> None:
    message = modern(answer("Noted as done.\n\nWhy: " + "because " * 30, reply_to=OWNER))

    assert message.get_content_type() == "text/plain"
    rows = message.get_content().splitlines()
    assert rows[:3] == ["Noted as done.", "", "Why: " + ("because " * 8).strip()]
    assert all(len(row) <= 72 for row in rows)
    assert message["In-Reply-To"] == "<reply@example.org>"
    assert message["References"] == "<kithd.2026-11-21.0123@example.org> <reply@example.org>"
    assert message["Date"] == "Sat, 21 Nov 2026 09:00:00 +0100"
    assert message["Reply-To"] == OWNER


def test_an_answer_wants_no_answer_and_is_known_for_the_daemons_own() -> None:
    message = modern(answer())
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Kithd"] == "1"
    assert message["List-Id"] == modern(build(page(reply())))["List-Id"]
    assert len(names_of(answer())) == len(set(names_of(answer())))


@pytest.mark.parametrize("payload", [*PAYLOADS, *ENCODED_WORDS], ids=lambda p: p[:24])
def test_nothing_that_was_written_can_add_a_header_to_an_answer(payload: str) -> None:
    raw = answer(
        payload, subject=payload, message_id=payload, in_reply_to=payload, references=(payload,) * 3
    )
    assert set(names_of(raw)) <= set(names_of(answer()))
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()


@settings(max_examples=60)
@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=30))
def test_no_text_at_all_can_add_a_header_to_an_answer(text: str, references: list[str]) -> None:
    raw = answer(text, subject=text, in_reply_to=text, references=tuple(references))
    assert set(names_of(raw)) <= set(names_of(answer()))
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_what_stands_around_an_id_stays_out() -> None:
    raw = answer(in_reply_to="\r\n <reply@example.org>\r\n", references=(" <a@example.org>\n",))
    assert names_of(raw) == names_of(answer())
    assert b"\r\nIn-Reply-To: <reply@example.org>\r\n" in raw


def test_of_a_long_thread_the_first_and_the_latest_are_kept() -> None:
    ids = tuple(f"<{n}.{'x' * 230}@example.org>" for n in range(40))
    raw = answer(references=(*ids, "no id", "<>", "<a b@example.org>", f"<{'y' * 300}@x>"))
    kept = modern(raw)["References"].split()
    assert kept == [ids[0], *ids[-8:], "<reply@example.org>"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
