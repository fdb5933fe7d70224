"""Whatever the bytes, a message is read or refused, soon and within bounds."""

import time
from base64 import b64encode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.formats.bodies import join_flowed, list_leaves
from connectors.formats.charsets import decode_bytes
from connectors.formats.headers import BLOCK_LIMIT, FIELD_LIMIT, find_body, read_headers
from connectors.formats.markup import read_html
from connectors.formats.mime import CONTENT_FIELDS, DEPTH_LIMIT, PARTS_LIMIT, read_parts
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.formats.text import decode_words, scrub, scrub_lines
from connectors.formats.transfer import decode_base64
from connectors.observations import Message
from tests.invariants import assert_line, assert_wholesome

HEAD = (
    b"From: =?utf-8?q?Ana_D=C3=ADaz?= <ana@example.org>\r\n"
    b"To: Ben <ben@example.com>, c@d.example\r\n"
    b"Date: Mon, 02 Jun 2008 10:00:00 +0200\r\nSubject: =?iso-8859-1?b?SOk=?=\r\n"
    b"Message-ID: <1@example.org>\r\nReferences: <0@example.org> <a@b.example>\r\n"
    b"List-Id: <dev.lists.example.org>\r\nReceived: by x; Mon, 2 Jun 2008 08:00:01 +0000\r\n"
)
WHOLE = HEAD + (
    b'Content-Type: multipart/alternative; boundary="cut"\r\n\r\n--cut\r\n'
    b"Content-Type: text/plain; format=flowed; charset=utf-8\r\n\r\nHi \r\n> http://example.org/\r\n"
    b"--cut\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b'<p>Hi <a href=3D"https://example.org/">there</a>\r\n--cut--\r\n'
)
SLOWEST = 5.0  # seconds of processor time, the promise; what is not linear takes far longer


def read_or_refuse(raw: bytes) -> Message | None:
    try:
        message = read_message(raw, uid="1")
    except Unreadable as refusal:
        assert_line(str(refusal), 200)
        return None
    assert_wholesome(message)
    return message


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_surprise(raw: bytes) -> None:
    read_or_refuse(raw)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(WHOLE)), st.integers(0, 30), st.binary(max_size=12) | st.just(b"\n")
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_real_message_may_be_cut_and_patched_anywhere(cuts: list[tuple[int, int, bytes]]) -> None:
    raw = WHOLE
    for at, length, patch in cuts:
        raw = raw[:at] + patch + raw[at + length :]
    read_or_refuse(raw)


@given(
    st.sampled_from(["From", "To", "Date", "Subject", "References", "Message-ID", "Received"])
    | st.sampled_from(["List-Post", "Sender", "Content-Type", "X-Gmail-Labels", "In-Reply-To"]),
    st.text(max_size=80) | st.text(alphabet='<>@.,;:"=?()\\ \t0aé', max_size=80),
)
def test_any_field_may_hold_anything(name: str, value: str) -> None:
    read_or_refuse(f"{name}: {value}\n".encode("utf-8", "surrogatepass") + WHOLE)


@given(st.text(), st.integers(1, 50))
@example("a\u200b b", 2)
@example("x \U000e0041", 1)
def test_scrubbing_is_clean_bounded_and_done_once(value: str, limit: int) -> None:
    line = scrub(value, limit)
    assert_line(line, limit)
    assert scrub(line, limit) == line
    lines = scrub_lines(value, limit)
    assert scrub_lines(lines, limit) == lines
    assert len(lines) <= limit
    for one in lines.split("\n"):
        assert_line(one.strip(), limit)


@given(st.text(alphabet=st.characters(max_codepoint=0x17F)), st.integers(1, 50))
def test_printable_ascii_passes_untouched(value: str, limit: int) -> None:
    plain = "".join(character for character in value if " " < character < "\x7f")
    assert scrub(plain, limit) == plain[:limit]
    assert scrub_lines(plain, limit) == plain[:limit]


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "koi8-r", "gb18030", "utf-16"])
@given(st.text(alphabet="aZ?=_ яЖ日本", max_size=40))
def test_words_come_back_as_they_were_encoded(charset: str, words: str) -> None:
    payload = words.encode(charset, "ignore")
    word = f"=?{charset}?b?{b64encode(payload).decode()}?="
    assert decode_words(word) == payload.decode(charset)


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "rot13", "zip", "x" * 99]
)
def test_a_charset_that_is_none_is_never_tried(charset: str) -> None:
    assert decode_bytes(b"a\\x41-\xff", charset) == "a\\x41-ÿ"
    assert decode_bytes(b"bcher-kva", charset) == "bcher-kva"


def test_what_is_only_called_base64_stays_as_it_is() -> None:
    assert decode_base64(b"\nThese are words.\nAll of them.") == b"\nThese are words.\nAll of them."
    assert decode_base64(b"SGVs\r\nbG8!gQW5h*Lg") == b"Hello Ana."


def test_no_field_and_no_block_of_fields_is_longer_than_allowed() -> None:
    block = b"a: " + b"x" * 2 * FIELD_LIMIT + b"\n" + b"b: y\n" * BLOCK_LIMIT
    headers = read_headers(block, {"a", "b"})
    assert len(headers["a"][0]) <= FIELD_LIMIT
    assert len(headers["b"]) < BLOCK_LIMIT / len("b: y\n")


def test_no_more_parts_and_levels_are_looked_at_than_allowed() -> None:
    deep = b"".join(PART % (depth, depth) for depth in range(60)) + b"\nend"
    assert measure(deep) == (DEPTH_LIMIT, 1)
    wide = PART % (0, 0) + b"\nx\n--0\n" * (PARTS_LIMIT + 50)
    assert measure(wide) == (1, PARTS_LIMIT)


def measure(raw: bytes) -> tuple[int, int]:
    """Count the levels of multiparts that were opened, and the leaves."""
    root = read_parts(raw, read_headers(raw[:80], CONTENT_FIELDS), find_body(raw, 0, len(raw)))
    n_levels, part = 0, root
    while part.parts:
        n_levels, part = n_levels + 1, part.parts[0]
    return n_levels, len(list_leaves(root))


@given(st.text(alphabet="> -\na", max_size=60))
def test_joining_flowed_lines_loses_no_letter(text: str) -> None:
    assert join_flowed(text, is_space_deleted=False).count("a") == text.count("a")


PART = b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"
BOMBS = {
    "a header of a megabyte": b"Subject: " + b"x" * 2**20 + b"\n" + WHOLE,
    "100,000 folds": b"Subject: x" + b"\n x" * 100_000 + b"\n" + WHOLE,
    "100,000 fields": b"To: a@example.org\n" * 100_000 + WHOLE,
    "100,000 addresses": b"To: " + b"a@example.org, " * 100_000 + b"\n" + WHOLE,
    "open quotes": b"To: " + b'"' * 32_001 + b"\n" + WHOLE,
    "open comments": b"To: " + b"(" * 32_000 + b"\n" + WHOLE,
    "open brackets": b"To: " + b"<a" * 16_000 + b"\n" + WHOLE,
    "backslashes in quotes": b'To: "' + b"\\" * 32_000 + b"\n" + WHOLE,
    "spaces before nothing": b"To: " + b"a " * 16_000 + b"\n" + WHOLE,
    "words that do not end": b"Subject: " + b"=?utf-8?q?" * 3_000 + b"\n" + WHOLE,
    "words by the thousand": b"Subject: " + b"=?utf-8?q?a?= " * 2_300 + b"\n" + WHOLE,
    "a long punycode name": b"Cc: a@xn--" + b"a" * 300 + b".example\n" + WHOLE,
    "a year of 5,000 digits": b"Date: 1 Jan " + b"9" * 5_000 + b" 10:00 +0000\n" + WHOLE,
    "many parameters": b"Content-Type: text/plain" + b";a=b" * 8_000 + b"\n" + WHOLE,
    "parts within parts": HEAD
    + b"".join(PART % (depth, depth) for depth in range(5_000))
    + b"\nend",
    "100,000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 100_000,
    "nearly boundaries": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--bb\n" * 200_000,
    "dashes": HEAD
    + b"Content-Type: multipart/mixed; boundary="
    + b"-" * 70
    + b"\n\n"
    + b"-" * 2**21,
    "links by the thousand": HEAD + b"\n" + b"http://example.org/a " * 10_000,
    "lines of quotes": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"> a \n" * 60_000,
}
MARKUP_BOMBS = {
    "nested": "<div>" * 100_000,
    "stray ends": "<b></a>" * 70_000,
    "attributes": "<a " + " ".join(f"a{number}=1" for number in range(60_000)) + ">x",
    "open tags": "<a" * 250_000,
    "open quotes": '<a "' * 120_000,
    "mixed quotes": "<a '\"" * 100_000,
    "open comments": "<!--" * 120_000,
    "closed comments": "<!-- -->" * 60_000,
    "angles": "<" * 500_000,
    "ampersands": "&" * 500_000,
    "a number of 5,000 digits": f"&#{'9' * 5_000};",
    "open links": "<a href=http://example.org/>x" * 15_000,
    "blockquotes": "<blockquote>x" * 35_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused_in_time(name: str) -> None:
    started_at = time.process_time()
    read_or_refuse(BOMBS[name])
    assert time.process_time() - started_at < SLOWEST


@pytest.mark.parametrize("name", MARKUP_BOMBS)
def test_a_page_that_stalls_tree_builders_takes_linear_time(name: str) -> None:
    started_at = time.process_time()
    read_html(MARKUP_BOMBS[name])
    message = HEAD + b"Content-Type: text/html\n\n" + MARKUP_BOMBS[name].encode()
    assert read_or_refuse(message) is not None
    assert time.process_time() - started_at < SLOWEST
