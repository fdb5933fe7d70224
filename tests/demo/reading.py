"""The made-up year as the standard library reads it."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any


@dataclass(eq=False)
class Mail:
    """One message as the standard library reads it."""

    message: Message
    place: str

    @cache  # noqa: B019  # the messages live as long as the tests that read them
    def emails(self, *fields: str) -> list[str]:
        values = [value for field in fields for value in self.message.get_all(field, [])]
        return [email for _, email in getaddresses(values)]

    @cached_property
    def author(self) -> str:
        return self.emails("From")[0]

    @cached_property
    def sent_at(self) -> datetime:
        return parsedate_to_datetime(self.message["Date"])

    @property
    def at(self) -> float:
        return self.sent_at.timestamp()

    @property
    def is_personal(self) -> bool:
        marks = ("List-Id", "List-Unsubscribe", "Auto-Submitted", "Precedence")
        return not any(self.message[mark] for mark in marks)

    @cached_property
    def text(self) -> str:
        """The whole of a message that has but one part."""
        payload: Any = self.message.get_payload(decode=True)
        return str(payload.decode())

    @cached_property
    def new_text(self) -> str:
        """What was newly written: neither the quote nor the signature."""
        return self.text.split("\nOn ")[0].split("\n-- \n")[0]


def unpack(folder: Path) -> Iterator[tuple[bytes, str]]:
    archive = gzip.decompress((folder / "old.mbox.gz").read_bytes())
    for raw in (b"\n" + archive).split(b"\nFrom ")[1:]:
        yield raw.split(b"\n", 1)[1], "mbox"
    for path in sorted((folder / "mail").rglob("*.demo*")):
        yield path.read_bytes(), path.parent.parent.name
