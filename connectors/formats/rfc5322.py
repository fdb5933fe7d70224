"""The bytes of one RFC 5322 message to a :class:`Message`, bounded and never surprised."""

import re
from dataclasses import replace
from datetime import datetime
from itertools import islice

from connectors.formats import answers, mailing_lists, marks
from connectors.formats.addresses import ADDRESSES_LIMIT, parse_addresses
from connectors.formats.bodies import Body, read_body, structural_marks
from connectors.formats.dates import is_believable, parse_date, parse_received, settle_date
from connectors.formats.headers import Headers, find_body, first, read_headers
from connectors.formats.identifiers import parse_identifier, parse_parent, parse_references
from connectors.formats.mime import CONTENT_FIELDS, parse_content_type, read_parts
from connectors.formats.text import decode_words, scrub
from connectors.observations import Address, Folder, Mark, Message, Recipient, Role
from connectors.protocol import Reading

SUBJECT_LIMIT = 998
AUTHENTICATION_LIMIT = 4_096
"""Characters of one Authentication-Results field; a longer one counts as empty."""
_N_AUTHENTICATIONS = 10

_FIELDS = (
    marks.FIELDS
    | mailing_lists.FIELDS
    | CONTENT_FIELDS
    | {"from", "to", "cc", "bcc", "date", "received", "subject", "x-gmail-labels"}
    | {"message-id", "in-reply-to", "references", "authentication-results"}
)

# What Gmail calls its folders in the export, in the languages of most of its users.
# Source: Google Takeout; the names are those of Gmail's own interface.
_LABELS = {
    Folder.DRAFTS: "drafts draft entwürfe brouillons borradores bozze rascunhos concepten "
    "utkast kladder wersje robocze черновики 下書き 草稿",
    Folder.SPAM: "spam junk pourriel ongewenst спам 迷惑メール 垃圾邮件",
    Folder.SENT: "sent gesendet enviado enviados envoyés inviati inviata enviadas verzonden "
    "skickat sendt lähetetyt wysłane отправленные 送信済みメール 已发邮件",
    Folder.TRASH: "trash bin papierkorb corbeille papelera cestino lixeira lixo prullenbak "
    "papperskorg papirkurv kosz корзина ゴミ箱 已删除邮件",
}
_FOLDERS = {label: folder for folder, labels in _LABELS.items() for label in labels.split()}

_daemon = re.compile(r"(?<![\w.-])mailer-daemon(?![\w.-])", re.IGNORECASE)


class Unreadable(ValueError):
    """A message that cannot be understood; ``str`` of it says why, without quoting it."""


def read_message(
    raw: bytes,
    *,
    uid: str,
    received_at: datetime | None = None,
    reading: Reading = Reading.TEXT,
    text_since: datetime | None = None,
    folder: Folder = Folder.OTHER,
    trusts_labels: bool = False,
) -> Message:
    """Read one message, as far as ``reading`` allows; the body only for its text.

    The text of what answers a digest is read whatever ``reading`` says: it holds commands.

    Args:
        raw: The message as stored, line ends of either kind; a leading "From " line is
            passed over.
        uid: What the source calls it; taken as it is.
        received_at: When the mailbox got it, aware; bounds the Date header.
        reading: At HEADERS, subject, text and links stay empty, and of the structure only
            the outermost content type is seen; SUBJECTS adds the subject, TEXT the rest.
        text_since: Of a message sent before, the text is not looked at; None for no bound.
        folder: Where the source keeps it.
        trusts_labels: Whether an X-Gmail-Labels header knows better: only in an export of
            Gmail. In other mail, whoever sent it may have written the header.

    Raises:
        Unreadable: Nobody, or no time, is named; or its structure defeats us.

    Source: RFC 5322, RFC 2045 to 2047; reliability notes, limits on input.
    """
    try:
        message = _read(raw, uid, received_at, reading, text_since, trusts_labels)
    except RecursionError:
        raise Unreadable("its parts are nested too deeply") from None
    if folder is Folder.OTHER or message.folder is not Folder.OTHER:
        return message
    return replace(message, folder=folder)


def _read(
    raw: bytes,
    uid: str,
    received_at: datetime | None,
    reading: Reading,
    text_since: datetime | None,
    trusts_labels: bool,
) -> Message:
    if b"\n" not in raw:  # lines end in carriage returns alone, as on old Macs
        raw = raw.replace(b"\r", b"\n")
    body_start = find_body(raw, 0, len(raw))
    headers = read_headers(raw[:body_start], _FIELDS)
    authors = _read_authors(headers)
    sent_at = _read_date(headers, received_at)
    header_marks = marks.read_marks(headers)
    if answers.is_answer(headers):
        reading = Reading.TEXT
    if reading is Reading.TEXT and text_since is not None and sent_at < text_since:
        reading = Reading.SUBJECTS
    body = _read_body(raw, headers, body_start, header_marks, reading)
    lists = mailing_lists.list_addresses(headers, authors[0].email)
    author = mailing_lists.find_author(authors[0], lists, headers)
    message_id = parse_identifier(first(headers, "message-id"))
    parent = parse_parent(first(headers, "in-reply-to"))
    return Message(
        uid=uid,
        sent_at=sent_at,
        author=author,
        recipients=_read_recipients(headers),
        subject=_read_subject(headers, reading),
        message_id=message_id,
        in_reply_to=parent if parent != message_id else None,
        references=parse_references(first(headers, "references"), but=message_id),
        lists=lists,
        marks=header_marks | body.marks | _author_marks(headers, author) | _own_marks(message_id),
        folder=_read_labels(headers) if trusts_labels else Folder.OTHER,
        n_attachments=body.n_attachments,
        text=body.text,
        links=body.links,
        authentication=_read_authentication(headers),
    )


def _read_body(
    raw: bytes, headers: Headers, start: int, header_marks: frozenset[Mark], reading: Reading
) -> Body:
    if reading is not Reading.TEXT:
        kind = parse_content_type(first(headers, "content-type")).kind
        return Body("", (), structural_marks(kind), 0)
    is_bulk = not marks.BULK_LIKE.isdisjoint(header_marks)
    return read_body(raw, read_parts(raw, headers, start), is_bulk=is_bulk)


def _read_subject(headers: Headers, reading: Reading) -> str:
    if reading is Reading.HEADERS:
        return ""
    return scrub(decode_words(first(headers, "subject")), SUBJECT_LIMIT)


def _read_authors(headers: Headers) -> list[Address]:
    """List the addresses of the From fields; where there is none, the Sender's.

    A mail system that leaves its own host unsaid ("MAILER-DAEMON", as sendmail does) is at
    localhost: bounces should be read, not set aside.
    """
    authors = [one for value in headers.get("from", ()) for one in parse_addresses(value)]
    authors = authors or [*parse_addresses(first(headers, "sender"))]
    if not authors and _daemon.search(first(headers, "from")):
        return [Address("mailer-daemon@localhost")]
    if not authors:
        raise Unreadable("neither From nor Sender holds an address")
    return authors


def _author_marks(headers: Headers, author: Address) -> set[Mark]:
    """Mark the author a machine, and the From fields if they do not name just one author."""
    n_named = [len(parse_addresses(value)) for value in headers.get("from", ())]
    found = set() if n_named == [1] else {Mark.MANY_AUTHORS}
    return found | {Mark.NO_REPLY} if marks.has_machine_name(author.email) else found


def _own_marks(message_id: str | None) -> set[Mark]:
    """Mark what this program sent: where its fields are lost, its name may be left."""
    return {Mark.KITHD} if (message_id or "").lower().startswith("kithd.") else set()


def _read_date(headers: Headers, received_at: datetime | None) -> datetime:
    claimed = parse_date(first(headers, "date"))
    if received_at and claimed and is_believable(claimed, received_at):
        return claimed
    sent_at = settle_date(claimed, parse_received(first(headers, "received")), received_at)
    if sent_at is None:
        raise Unreadable("neither Date nor Received holds a date")
    return sent_at


def _read_recipients(headers: Headers) -> tuple[Recipient, ...]:
    """List who it was sent to, each once, under the first role of To, Cc, Bcc."""
    found: dict[str, Recipient] = {}
    for role in Role:
        for value in headers.get(role.value, ()):
            for address in parse_addresses(value):
                if address.email not in found:
                    found[address.email] = Recipient(address, role)
    return tuple(islice(found.values(), ADDRESSES_LIMIT))


def _read_labels(headers: Headers) -> Folder:
    """Read Gmail's labels; a draft, spam or sent mail is that though it be in the trash too."""
    labels = decode_words(first(headers, "x-gmail-labels")).lower()
    named = {_FOLDERS.get(label.strip().strip('"')) for label in labels.split(",")}
    return next((known for known in _LABELS if known in named), Folder.OTHER)


def _read_authentication(headers: Headers) -> tuple[str, ...]:
    """Take what servers say of who sent it, topmost first.

    A value that would have to be cut or scrubbed is left empty, in its place: what is left of
    it could name another domain.
    """
    values = headers.get("authentication-results", ())[:_N_AUTHENTICATIONS]
    lines = (" ".join(value.split()) for value in values)
    return tuple(one if scrub(one, AUTHENTICATION_LIMIT) == one else "" for one in lines)
