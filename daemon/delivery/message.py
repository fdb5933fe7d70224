"""A page -> the bytes of a mail: text first, HTML beside it, headers that nothing can add to."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from hashlib import sha256

from daemon.delivery.addresses import bare
from daemon.digest import links
from daemon.digest.model import Page
from daemon.digest.references import token_for
from daemon.digest.render_html import render_html
from daemon.digest.render_text import COLUMNS, render_text
from daemon.digest.safe import TITLE_CHARS, clean, line
from daemon.digest.words import wrap

_PROTECTION = (
    ("X-Auto-Response-Suppress", "All"),  # what Auto-Submitted says, for Exchange
    ("X-Kithd", "1"),  # by which kithd knows its own mail and never counts it
)

_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_THREAD = 10
_ROW_CHARS = 2_000

# The older header classes encode what they are given as it stands. The newer ones decode
# encoded words on the way in, and interpreters older than 3.11.15 can write the line feeds
# found in them as they are: a name in mail could then add a header. Source: CPython gh-121650.
# No folding but the subject's own: it would leave a long address alone on a second line.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None, mangle_from_=False)


def message_id_for(owner: str, on: date, *, key: bytes) -> str:
    """Return the ``Message-ID``, in angle brackets, of ``owner``'s digest of the local date ``on``.

    The same whenever it is asked, so that a digest sent twice is seen to be one. Its local
    part is ``kithd.YYYY-MM-DD.TOKEN``: a reply that names it shows that its writer has the
    digest, whatever became of the subject.
    """
    local = f"kithd.{on.isoformat()}.{token_for(owner, on, key=key)}"
    return f"<{local}@{bare(owner).rpartition('@')[2]}>"


def build_message(page: Page, *, to: str, sender: str, message_id: str, date: datetime) -> bytes:
    """Return ``page`` as one message with CR LF line ends, none above 998 octets.

    ``to`` and ``sender`` are addresses, with or without a name ("kithd <you@example.org>").
    ``date`` is aware, and is written in the owner's zone. The same arguments give the same
    bytes. Without ``page.reply_to`` there is nobody to unsubscribe with, and no such header.

    Raises:
        ValueError: If an address cannot be written in a header.
    """
    message = MIMEMultipart("alternative", boundary=f"=_kithd_{_fingerprint(message_id)}")
    for name, value in _headers(clean(page), to, sender, message_id, date):
        message[name] = value
    message.attach(_part(render_text(page), "plain"))
    message.attach(_part(render_html(page), "html"))
    return message.as_bytes(policy=_POLICY)


def build_answer(
    text: str,
    *,
    subject: str,
    to: str,
    sender: str,
    message_id: str,
    in_reply_to: str,
    references: tuple[str, ...],
    date: datetime,
    reply_to: str = "",
) -> bytes:
    """Return a short mail of plain text that answers another, in its thread.

    ``text`` is wrapped to 72 columns, its line feeds kept; ``date`` is written in the zone it
    is in. Of ``references`` the first and the latest are kept, and what is no Message-ID is
    left out. Lines end in CR LF and none is above 998 octets.

    Raises:
        ValueError: If an address cannot be written in a header.

    Source: RFC 3834, section 5 (auto-replied); RFC 5322, section 3.6.4 (the thread).
    """
    message = _part(_wrap(text), "plain")
    message["MIME-Version"] = "1.0"
    for name, value in (
        *_envelope(to, sender, reply_to),
        ("Subject", _encode(line(subject, TITLE_CHARS))),
        ("Date", format_datetime(date)),
        ("Message-ID", _fuse(message_id)),
        *_thread(in_reply_to, references),
        ("Auto-Submitted", "auto-replied"),
        *_PROTECTION,
    ):
        message[name] = value
    return message.as_bytes(policy=_POLICY)


def _headers(
    page: Page, to: str, sender: str, message_id: str, date: datetime
) -> Iterator[tuple[str, str]]:
    yield from _envelope(to, sender, page.reply_to)
    yield "Subject", _encode(page.subject)
    yield "Date", format_datetime(date.astimezone(page.zone))
    yield "Message-ID", _fuse(message_id)
    if page.reply_to:
        yield "List-Unsubscribe", f"<{links.answer(page, 'pause 4w')}>"
    yield "Auto-Submitted", "auto-generated"  # RFC 3834, section 5
    yield from _PROTECTION


def _envelope(to: str, sender: str, reply_to: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender)
    yield "To", _mailbox(to)
    if reply_to:
        yield "Reply-To", _mailbox(reply_to)
    # A name of nobody's domain. Source: RFC 2919, section 3 (the localhost namespace).
    yield "List-Id", f"kithd digest <kithd.{_fingerprint(bare(to))}.localhost>"


def _thread(in_reply_to: str, references: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    answered = _keep_ids((in_reply_to,))
    if answered:
        yield "In-Reply-To", answered[0]
    named = tuple(dict.fromkeys((*_keep_ids(references), *answered)))
    if named:
        kept = named if len(named) <= _THREAD else (named[0], *named[1 - _THREAD :])
        yield "References", "\n ".join(kept)  # one a line: no line grows too long


def _keep_ids(written: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.strip() for one in written if _ID.fullmatch(one.strip()))


def _fuse(message_id: str) -> str:
    return "".join(line(message_id).split())


def _wrap(text: str) -> str:
    rows = (wrap(line(row, _ROW_CHARS), COLUMNS) or [""] for row in text.splitlines())
    return "\n".join(piece for row in rows for piece in row) + "\n"


def _part(text: str, subtype: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    charset = Charset("utf-8")
    charset.body_encoding = QP
    part.set_payload(text, charset)
    del part["MIME-Version"]  # the message's own is enough
    return part


def _mailbox(written: str) -> str:
    name = line(parseaddr(line(written))[0])
    return formataddr((name, bare(written)), charset="utf-8")


def _encode(text: str) -> str:
    """Encode whatever could be read as more than text, an encoded word written out included."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name="Subject").encode()


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
