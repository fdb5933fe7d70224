"""Letters -> bytes, and bytes -> a Maildir and an mbox as mail programs leave them."""

import binascii
import gzip
from collections.abc import Iterable, Sequence
from email.header import Header
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from daemon.demo.mail import Letter, Place
from daemon.demo.people import Who

_FOLDERS = {Place.INBOX: "", Place.SENT: ".Sent", Place.JUNK: ".Junk"}
_BOUNDARY = "=_part_of_a_letter"


def write_maildir(folder: Path, letters: Sequence[Letter]) -> None:
    """Write a Maildir++ at ``folder``; the last three of the inbox are still new.

    Source: the Maildir specification (cur, new, tmp; flags after ":2,") and Maildir++
    (subfolders begin with a dot).
    """
    for name in _FOLDERS.values():
        for part in ("cur", "new", "tmp"):
            (folder / name / part).mkdir(parents=True)
    inbox = [letter.message_id for letter in letters if letter.place is Place.INBOX]
    unseen = frozenset(inbox[-3:])
    for number, letter in enumerate(letters):
        name = f"{int(letter.at.timestamp())}.M{number:06d}P1.demo"
        path = f"new/{name}" if letter.message_id in unseen else f"cur/{name}:2,S"
        (folder / _FOLDERS[letter.place] / path).write_bytes(as_bytes(letter))


def write_mbox(path: Path, letters: Iterable[Letter]) -> None:
    """Write a compressed mbox, the same bytes whenever it is written.

    Source: RFC 4155, and the "mboxrd" way of quoting lines that begin with "From ".
    """
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for letter in letters:
            body = as_bytes(letter).replace(b"\nFrom ", b"\n>From ")
            opened = f"From {letter.author.email} {letter.at:%a %b %d %H:%M:%S %Y}\n"
            file.write(opened.encode() + body + b"\n")


def as_bytes(letter: Letter) -> bytes:
    """Return the message as RFC 5322 and MIME have it, with lines that end in LF."""
    head = "".join(f"{name}: {value}\n" for name, value in _headers(letter))
    if letter.report:
        head_of_body, body = _report(letter)
    elif letter.html:
        head_of_body, body = _alternative(letter)
    else:
        head_of_body, body = _part("plain", letter.text, as_is=len(letter.message_id) % 3 > 0)
    return (f"{head}MIME-Version: 1.0\n{head_of_body}\n").encode() + body


def _headers(letter: Letter) -> list[tuple[str, str]]:
    headers = [
        ("Date", format_datetime(letter.at)),
        ("From", _address(letter.author)),
        ("To", ",\n ".join(map(_address, letter.to))),
        ("Subject", _words(letter.subject)),
        ("Message-ID", f"<{letter.message_id}>"),
    ]
    if letter.cc:
        headers.insert(3, ("Cc", ",\n ".join(map(_address, letter.cc))))
    if letter.references:
        headers.append(("In-Reply-To", f"<{letter.references[-1]}>"))
        headers.append(("References", "\n ".join(f"<{it}>" for it in letter.references[-10:])))
    return [*headers, *letter.headers]


@cache
def _address(who: Who) -> str:
    if not who.name:
        return who.email
    needs_quotes = who.name.isascii() and not who.name.replace(" ", "").isalnum()
    return f'"{who.name}" <{who.email}>' if needs_quotes else f"{_words(who.name)} <{who.email}>"


@cache
def _words(text: str) -> str:
    """Return text as a header has it: words beyond ASCII encoded (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=70).encode()


def _part(kind: str, text: str, *, as_is: bool) -> tuple[str, bytes]:
    """Return a part's headers and its body, as it is or quoted-printable."""
    way = "8bit" if as_is else "quoted-printable"
    head = f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: {way}\n"
    raw = text.encode()
    return head, raw if as_is else binascii.b2a_qp(raw, istext=True)


def _alternative(letter: Letter) -> tuple[str, bytes]:
    parts = (_part("plain", letter.text, as_is=True), _part("html", letter.html, as_is=False))
    return _join("multipart/alternative", parts)


def _report(letter: Letter) -> tuple[str, bytes]:
    status = (
        f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; {letter.report}\n"
        "Action: failed\nStatus: 5.1.1\n"
    )
    parts = (
        _part("plain", letter.text, as_is=True),
        ("Content-Type: message/delivery-status\n", status.encode()),
    )
    return _join("multipart/report; report-type=delivery-status", parts)


def _join(kind: str, parts: Iterable[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return several parts as one body, and its header.

    Source: RFC 2046 section 5.1.1.
    """
    opened = f"--{_BOUNDARY}\n".encode()
    body = b"".join(opened + head.encode() + b"\n" + raw + b"\n" for head, raw in parts)
    return f'Content-Type: {kind}; boundary="{_BOUNDARY}"\n', body + f"--{_BOUNDARY}--\n".encode()
