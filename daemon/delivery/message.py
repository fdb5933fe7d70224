"""A page -> the bytes of a mail: text first, HTML beside it, headers that nothing can add to."""

from collections.abc import Iterator
from datetime import date, datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from hashlib import sha256

from daemon.digest import links
from daemon.digest.model import Page
from daemon.digest.render_html import render_html
from daemon.digest.render_text import render_text
from daemon.digest.safe import clean, line

_DIGEST_HEADERS = (
    ("Auto-Submitted", "auto-generated"),  # RFC 3834, section 5
    ("X-Auto-Response-Suppress", "All"),  # the same, for Exchange
    ("X-Kithd", "1"),  # by which kithd knows its own mail and never counts it
)

# The older header classes encode what they are given as it stands. The newer ones decode
# encoded words on the way in, and interpreters older than 3.11.15 can write the line feeds
# found in them as they are: a name in mail could then add a header. Source: CPython gh-121650.
# No folding but the subject's own: it would leave a long address alone on a second line.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None, mangle_from_=False)


def message_id_for(owner: str, on: date) -> str:
    """Return the ``Message-ID``, in angle brackets, of ``owner``'s digest of the local date ``on``.

    The same whenever it is asked, so that a digest sent twice is seen to be one.
    """
    address = _address(owner)
    local = f"kithd.{on.isoformat()}.{_fingerprint(address)}"
    return f"<{local}@{address.rpartition('@')[2] or 'localhost'}>"


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


def _headers(
    page: Page, to: str, sender: str, message_id: str, date: datetime
) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender)
    yield "To", _mailbox(to)
    if page.reply_to:
        yield "Reply-To", _mailbox(page.reply_to)
    yield "Subject", _encode(page.subject)
    yield "Date", format_datetime(date.astimezone(page.zone))
    yield "Message-ID", "".join(line(message_id).split())
    # A name of nobody's domain. Source: RFC 2919, section 3 (the localhost namespace).
    yield "List-Id", f"kithd digest <kithd.{_fingerprint(_address(to))}.localhost>"
    if page.reply_to:
        yield "List-Unsubscribe", f"<{links.answer(page, 'pause 4w')}>"
    yield from _DIGEST_HEADERS


def _part(text: str, subtype: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    del part["MIME-Version"]  # the message's own is enough
    charset = Charset("utf-8")
    charset.body_encoding = QP
    part.set_payload(text, charset)
    return part


def _mailbox(written: str) -> str:
    name = line(parseaddr(line(written))[0])
    return formataddr((name, _address(written)), charset="utf-8")


def _address(written: str) -> str:
    """The bare address, with its domain as it travels. Source: RFC 5891 (IDNA)."""
    local, at, domain = parseaddr(line(written))[1].rpartition("@")
    try:
        local.encode("ascii")
        travels = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        travels = ""
    if not local or not travels:
        raise ValueError(f"not an address that mail can be sent to: {line(written)!r}")
    return f"{local}{at}{travels}"


def _encode(text: str) -> str:
    """Encode whatever could be read as more than text, an encoded word written out included."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(text, charset, header_name="Subject").encode()


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
