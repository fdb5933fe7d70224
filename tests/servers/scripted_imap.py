"""A small IMAP server that says exactly what a test wants, odd things included.

It keeps folders of messages and answers as RFC 3501 asks, unless a line of the script says
otherwise::

    with ScriptedImap(folders={"INBOX": [raw]}, script={"EXAMINE": b"* BYE bored\\r\\n"}) as server:
        ...
"""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Answer = bytes | Callable[[bytes, bytes], bytes]
"""What is sent for a command: bytes as they are, or what is made of the tag and the line.

Bytes are followed by nothing: to complete a command, use :func:`ok`, or a callable. Where they
are empty the server hangs up.
"""


def ok(*lines: bytes) -> Answer:
    """Return an answer of untagged ``lines``, completed with OK."""
    return lambda tag, _: b"".join(line + b"\r\n" for line in lines) + tag + b" OK done\r\n"


@dataclass
class ScriptedImap:
    """Listens on 127.0.0.1 from the beginning of the context to its end.

    Attributes:
        folders: The messages of each folder; UIDs count from 1.
        script: What to answer to a command (LIST, EXAMINE, "UID FETCH", GREETING ...).
        capabilities: What it offers.
        validity: The UIDVALIDITY of each folder; a callable is asked each time.
        context: For TLS from the first byte.
        heard: The command lines it was sent, without their tags, in order.
    """

    folders: Mapping[str, list[bytes]] = field(default_factory=dict)
    script: Mapping[str, Answer] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1"
    validity: Callable[[], int] = lambda: 7
    context: ssl.SSLContext | None = None
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)
    _listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept, self._listener)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.set()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        if self._listener:
            self._listener.close()

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._ends.is_set():
            with suppress(TimeoutError):
                plain, _ = listener.accept()
                self._open.append(plain)
                self._start(self._serve, plain)

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError):
            client = self.context.wrap_socket(plain, server_side=True) if self.context else plain
            with client:
                _Conversation(self, client).run()


class _Conversation:
    """What is said on one connection."""

    def __init__(self, server: ScriptedImap, client: socket.socket) -> None:
        self._server, self._client = server, client
        self._folder: list[bytes] = []

    def run(self) -> None:
        greeting = self._server.script.get("GREETING", b"* OK hello\r\n")
        self._client.sendall(greeting if isinstance(greeting, bytes) else greeting(b"", b""))
        with self._client.makefile("rb") as lines:
            for line in lines:
                tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
                self._server.heard.append(rest)
                answer = self._answer(tag, rest)
                if not answer:
                    return
                self._client.sendall(answer)
                if b"* BYE" in answer[-200:]:
                    return

    def _answer(self, tag: bytes, line: bytes) -> bytes:
        words = line.decode("latin-1").split(" ")
        name = " ".join(words[:2] if words[0] == "UID" else words[:1]).upper()
        scripted = self._server.script.get(name)
        if isinstance(scripted, bytes):
            return scripted
        if scripted is not None:
            return scripted(tag, line)
        return self._usual(name, line.decode("latin-1")) + tag + b" OK done\r\n"

    def _usual(self, name: str, line: str) -> bytes:
        server = self._server
        match name:
            case "CAPABILITY":
                return f"* CAPABILITY {server.capabilities}\r\n".encode()
            case "LIST":
                return "".join(f'* LIST () "/" "{f}"\r\n' for f in server.folders).encode()
            case "STATUS":
                return self._status(line)
            case "EXAMINE":
                return self._examine(line)
            case "UID SEARCH":
                found = " ".join(map(str, _between(self._folder, line)))
                return f"* SEARCH {found}\r\n".encode()
            case "UID FETCH":
                return fetched(self._folder, line.encode("latin-1"))
            case "LOGOUT":
                return b"* BYE so long\r\n"
        return b""

    def _status(self, line: str) -> bytes:
        name = line.split('"')[1]
        count = len(self._server.folders[name])
        items = f"MESSAGES {count} UIDNEXT {count + 1} UIDVALIDITY {self._server.validity()}"
        return f'* STATUS "{name}" ({items})\r\n'.encode()

    def _examine(self, line: str) -> bytes:
        self._folder = self._server.folders[line.split('"')[1]]
        count = len(self._folder)
        return (
            f"* {count} EXISTS\r\n* OK [UIDVALIDITY {self._server.validity()}] valid\r\n"
            f"* OK [UIDNEXT {count + 1}] next\r\n"
        ).encode()


def fetched(folder: list[bytes], line: bytes) -> bytes:
    """Return the usual untagged answers to a UID FETCH, for scripts that only sometimes differ."""
    text = line.decode("latin-1")
    return b"".join(_fetched(folder[uid - 1], uid, text) for uid in _between(folder, text))


def _between(folder: list[bytes], line: str) -> list[int]:
    wanted: list[int] = []
    for low, high in re.findall(r"(?<![\w.<])(\d+)(?::(\d+))?(?=[ ,]|$)", line):
        wanted += range(int(low), min(int(high or low), len(folder)) + 1)
    return [uid for uid in wanted if 1 <= uid <= len(folder)]


def _fetched(raw: bytes, uid: int, line: str) -> bytes:
    head, gap, text = raw.partition(b"\r\n\r\n")
    name, part = ("HEADER", head + gap) if "[HEADER]" in line else ("TEXT", text)
    told = (
        f'* {uid} FETCH (UID {uid} INTERNALDATE "03-Jun-2024 09:30:00 +0000" '
        f"RFC822.SIZE {len(raw)} BODY[{name}]<0> {{{len(part)}}}\r\n"
    )
    return told.encode() + part + b")\r\n"
