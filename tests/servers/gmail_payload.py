"""The bytes of a message -> the payload that Gmail's API makes of it.

Parsed by the standard library and not by kithd, so that the two can be held against each other.

Source: Gmail API, MessagePart and MessagePartBody; that texts come in UTF-8 whatever charset
their part names, openclaw/gogcli issue 446; that attachments (parts with a file name) are not in
``data`` but behind an ``attachmentId``, the guide "Uploading and downloading attachments".
"""

import base64
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from typing import Any

Part = dict[str, Any]


def payload_of(raw: bytes, *, decodes_words: bool = True) -> Part:
    """Return a message as ``format=full`` shows it.

    Args:
        raw: The message.
        decodes_words: Whether encoded words in its header fields are decoded, as Gmail does.
    """
    return _part(message_from_bytes(raw, policy=compat32), "", decodes_words)


def head_of(payload: Part, wanted: list[str]) -> Part:
    """Return a payload as ``format=metadata`` shows it, with ``metadataHeaders`` if any."""
    names = {name.lower() for name in wanted}
    headers = [one for one in payload["headers"] if not names or one["name"].lower() in names]
    return {"partId": "", "mimeType": payload["mimeType"], "headers": headers}


def _part(message: Message, path: str, decodes_words: bool) -> Part:
    part: Part = {
        "partId": path,
        "mimeType": message.get_content_type(),
        "filename": _filename(message),
        "headers": list(_headers(message, decodes_words)),
    }
    inner = message.get_payload() if message.is_multipart() else []
    if isinstance(inner, list) and inner:
        part["body"] = {"size": 0}
        part["parts"] = [
            _part(one, f"{path}.{n}".lstrip("."), decodes_words)
            for n, one in enumerate(inner)
            if isinstance(one, Message)
        ]
        return part
    part["body"] = _body(message, part["filename"])
    return part


def _filename(message: Message) -> str:
    try:
        return _clean(message.get_filename() or "")
    except (LookupError, ValueError, TypeError, IndexError):
        return "noname"


def _body(message: Message, filename: str) -> Part:
    data = _bytes(message)
    if filename:
        return {"attachmentId": f"ANGjdJ_{len(data)}", "size": len(data)}
    if message.get_content_maintype() == "text":
        data = _in_utf8(data, message)
    return {"size": len(data), "data": base64.urlsafe_b64encode(data).decode()}


def _bytes(message: Message) -> bytes:
    try:
        found = message.get_payload(decode=True)
    except (LookupError, ValueError, TypeError, AssertionError):
        found = None
    return found if isinstance(found, bytes) else b""


def _in_utf8(data: bytes, message: Message) -> bytes:
    try:
        return data.decode(str(message.get_content_charset("utf-8"))).encode()
    except (LookupError, ValueError):
        return data


def _headers(message: Message, decodes_words: bool) -> Iterator[dict[str, str]]:
    for name, value in message.raw_items():
        text = _clean("".join(str(value).splitlines()))
        yield {"name": _clean(name), "value": _decode(text) if decodes_words else text}


def _decode(text: str) -> str:
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
        return "".join(
            piece.decode(charset or "ascii", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in pieces
        )
    except (LookupError, ValueError):
        return text


def _clean(text: str) -> str:
    """Return text without the surrogates by which the library keeps bytes that are no ASCII."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
