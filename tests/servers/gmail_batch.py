"""One HTTP request that holds several <-> those, and their answers in one.

Source: Gmail API, "Batching requests": each part is of application/http and may have a
Content-ID, which comes back with ``response-`` before it; the header fields of the batch go for
all of its parts, unless a part has its own.
"""

from collections.abc import Sequence
from email import message_from_bytes
from http import HTTPStatus

from tests.servers.api import Call, Reply

_BOUNDARY = "batch_of-a-friend"


def read_batch(call: Call) -> list[tuple[str, Call]]:
    """Return the requests, each with its Content-ID."""
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + call.body)
    assert message.get_content_type() == "multipart/mixed", call.headers["content-type"]
    outer = {name: text for name, text in call.headers.items() if not name.startswith("content-")}
    parts = []
    for part in message.walk():
        if part.is_multipart():
            continue
        assert part.get_content_type() == "application/http", part.get_content_type()
        inner = part.get_payload(decode=True)
        assert isinstance(inner, bytes)
        parts.append((str(part["Content-ID"]), _read_one(inner, outer)))
    return parts


def write_batch(answers: Sequence[tuple[str, Reply]]) -> Reply:
    """Return the answers as one, in their order."""
    parts = [
        b"--%s\r\nContent-Type: application/http\r\nContent-ID: %s\r\n\r\n%s\r\n"
        % (_BOUNDARY.encode(), name.replace("<", "<response-", 1).encode(), _write_one(reply))
        for name, reply in answers
    ]
    body = b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
    return Reply(200, body, {"Content-Type": f"multipart/mixed; boundary={_BOUNDARY}"})


def _read_one(raw: bytes, outer: dict[str, str]) -> Call:
    line, _, rest = raw.replace(b"\r\n", b"\n").partition(b"\n")
    method, target, version = line.decode().split(" ")
    assert version == "HTTP/1.1", line
    message = message_from_bytes(rest)
    body = message.get_payload(decode=True)
    headers = outer | {name.lower(): str(value) for name, value in message.items()}
    return Call.of(method, target, headers, body if isinstance(body, bytes) else b"")


def _write_one(reply: Reply) -> bytes:
    headers = {**reply.headers, "Content-Length": str(len(reply.body))}
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + reply.body
