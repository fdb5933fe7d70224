"""A message as Gmail's API gives it, in JSON -> the bytes that it was, as far as they are read.

So there is one reader of messages, ``connectors.formats.rfc5322``, whatever they came by.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from connectors.formats import answers, mailing_lists, marks
from connectors.formats.mime import CONTENT_FIELDS, DEPTH_LIMIT
from connectors.formats.rfc5322 import read_message
from connectors.observations import Folder, Mark, Message
from connectors.protocol import Reading

_SUBJECT = "subject"
_ENCODING = "content-transfer-encoding"
_READ = (
    marks.FIELDS
    | mailing_lists.FIELDS
    | CONTENT_FIELDS
    | answers.FIELDS
    | {"to", "cc", "bcc", "date", "received", "message-id", "authentication-results"}
) - {_ENCODING}
"""The header fields that are asked for; no others are read."""

_PART = "mimeType,headers,body/data"
_LEVELS = 8
_PARTS = reduce(lambda inner, _: f"parts({_PART},{inner})", range(_LEVELS - 1), f"parts({_PART})")
_KNOWN = "id,labelIds,internalDate"
HEAD_MASK = f"{_KNOWN},payload(mimeType,headers)"
"""What is asked for of a message whose text is not read."""
TEXT_MASK = f"{_KNOWN},payload({_PART},{_PARTS})"
"""What is asked for of a message whose text is read, parts within parts for eight levels.

So nobody can write a message whose answer is nested too deeply to be taken in.

Source: Gmail API, MessagePartBody: attachments are not in ``data`` but behind an
``attachmentId``, which is neither asked for nor followed.
"""

_FOLDERS = {
    "DRAFT": Folder.DRAFTS,
    "SPAM": Folder.SPAM,
    "TRASH": Folder.TRASH,
    "SENT": Folder.SENT,
}
_PASSED_OVER = frozenset({"DRAFT", "SPAM", "TRASH", "CHAT"})

_line_end = re.compile(r"[\r\n]+")
_kind = re.compile(r"[A-Za-z0-9.+-]{1,100}/[A-Za-z0-9.+-]{1,100}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it was got: what Gmail says of it, and its bytes."""

    uid: str
    labels: frozenset[str]
    received_at: datetime | None
    raw: bytes

    @property
    def is_passed_over(self) -> bool:
        """Ask whether it lies where nothing is read: among drafts, spam, trash or chats."""
        return not _PASSED_OVER.isdisjoint(self.labels)

    def read(self, reading: Reading, text_since: datetime | None) -> Message:
        """Read it; see ``read_message``.

        Raises:
            Unreadable: It cannot be understood.
        """
        folder = next((f for label, f in _FOLDERS.items() if label in self.labels), Folder.OTHER)
        message = read_message(
            self.raw,
            uid=self.uid,
            received_at=self.received_at,
            reading=reading,
            text_since=text_since,
            folder=folder,
        )
        # Google's own verdict that a mail was written to many, to sell them something.
        if "CATEGORY_PROMOTIONS" in self.labels and folder is not Folder.SENT:
            return replace(message, marks=message.marks | {Mark.BULK})
        return message


def list_fields(*, is_with_subject: bool) -> list[str]:
    """Return the header fields to ask for where a message's text is not read."""
    wanted = _READ if is_with_subject else _READ - {_SUBJECT}
    # RFC 5322 writes Message-ID so, and some look for just that.
    return sorted(name.title().replace("-Id", "-ID") for name in wanted)


def is_passed_over(found: object) -> bool:
    """Ask whether a message, as the history names it, lay where nothing is read."""
    labels = found.get("labelIds") if isinstance(found, dict) else None
    return isinstance(labels, list) and any(one in labels for one in _PASSED_OVER)


def read_letter(uid: str, found: Mapping[str, Any]) -> Letter:
    """Take a message apart, as messages.get answers it; what is not as it should be is left out.

    Args:
        uid: The id that was asked for.
        found: The answer, in whatever format.
    """
    labels = found.get("labelIds")
    named = [one for one in labels if isinstance(one, str)] if isinstance(labels, list) else []
    payload = found.get("payload")
    raw = _write(payload) if isinstance(payload, dict) else b""
    return Letter(uid, frozenset(named), _read_instant(found.get("internalDate")), raw)


def _read_instant(milliseconds: object) -> datetime | None:
    with suppress(ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    return None


def _write(payload: Mapping[str, Any]) -> bytes:
    """Write a message: the header fields that are read, and the texts of its parts."""
    head = [
        f"{name}: {value}\r\n"
        for name, value in _fields(payload)
        if name.lower() not in CONTENT_FIELDS
    ]
    return _encode("".join(head)) + b"".join(_write_part(payload, "0"))


def _write_part(part: Mapping[str, Any], path: str) -> Iterator[bytes]:
    """Write a part's own header fields, an empty line, and what it holds."""
    kind, parameters = _read_kind(part)
    yield _encode("".join(f"{name}: {value}\r\n" for name, value in _own_fields(part)))
    inner = [one for one in _list(part.get("parts")) if isinstance(one, dict)]
    if kind.startswith("multipart/") and inner and path.count(".") < DEPTH_LIMIT:
        yield from _write_parts(kind, inner, path)
        return
    data = _read_data(part) if kind.startswith("text/") else b""
    charset = "charset=utf-8; " if _is_utf8(data) else ""
    yield _encode(f"Content-Type: {kind}; {charset}{parameters}\r\n")
    yield b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(data)


def _write_parts(kind: str, parts: Sequence[Mapping[str, Any]], path: str) -> Iterator[bytes]:
    # No line of base64 and no header field that is read begins like this.
    boundary = f"=_{path}"
    yield _encode(f'Content-Type: {kind}; boundary="{boundary}"\r\n\r\n')
    for n, part in enumerate(parts):
        yield _encode(f"--{boundary}\r\n")
        yield from _write_part(part, f"{path}.{n}")
        yield b"\r\n"
    yield _encode(f"--{boundary}--\r\n")


def _own_fields(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    rewritten = ("content-type", _ENCODING)
    for name, value in _fields(part):
        if name.lower() in CONTENT_FIELDS and name.lower() not in rewritten:
            yield name, value


def _read_kind(part: Mapping[str, Any]) -> tuple[str, str]:
    """Return the media type of a part and its parameters, as the part itself says it."""
    named = (value for name, value in _fields(part) if name.lower() == "content-type")
    kind, _, parameters = next(named, str(part.get("mimeType") or "")).partition(";")
    kind = kind.strip().lower()
    return (kind if _kind.fullmatch(kind) else "text/plain"), parameters.strip()


def _fields(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List the header fields that are read. Gmail decodes encoded words, line ends and all."""
    for one in _list(part.get("headers")):
        name, value = (one.get("name"), one.get("value")) if isinstance(one, dict) else ("", "")
        if isinstance(name, str) and isinstance(value, str) and name.lower() in _READ:
            yield name, _line_end.sub(" ", value)


def _read_data(part: Mapping[str, Any]) -> bytes:
    body = part.get("body")
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, str):
        return b""
    with suppress(binascii.Error, ValueError):
        return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    return b""


def _is_utf8(data: bytes) -> bool:
    """Ask whether a text is UTF-8, whatever charset its part names.

    Gmail gives texts in UTF-8 and the header fields as they were; texts it cannot convert stay
    as they were. Only escapes of ISO 2022 are ASCII and yet another charset.

    Source: openclaw/gogcli, issue 446 and pull request 511, of 2026.
    """
    with suppress(UnicodeDecodeError):
        return b"\x1b" not in data and data.decode("utf-8") is not None
    return False


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
