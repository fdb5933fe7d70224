"""What an owner may do about an item -> mailto links, which open a mail and send nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from daemon.digest import words
from daemon.digest.model import Item, Page
from daemon.digest.safe import NAME_CHARS, cut
from daemon.suggestions.model import Draft

MAILTO_CHARS = 1800
"""Longer addresses are cut by some mail programs.

Source: ``INTERNET_MAX_URL_LENGTH`` of the Windows SDK is 2,083; the rest is room for a client.
"""

_TO_CHARS, _SUBJECT_CHARS, _ID_CHARS = 400, 500, 300

_DRAFT_LABELS: Mapping[str, str] = {"reply": "Answer", "promise": "Write"}
_SOON = frozenset({"reply", "promise", "follow_up"})
"""Kinds that lose their worth within days: they are put off by two days, others by two weeks."""


@dataclass(frozen=True, slots=True)
class Link:
    """A label to click, the address behind it, and what it does in words for a screen reader."""

    label: str
    address: str
    says: str


def mailto(to: Sequence[str], *, subject: str, body: str, in_reply_to: str | None = None) -> str:
    """Return a mailto address of at most ``MAILTO_CHARS`` characters; ``body`` is cut to fit.

    Everything is percent-encoded, so that nothing in it can add a recipient or a header.
    Source: RFC 6068, sections 2 and 5 (line feeds are CR LF).
    """
    # All addresses share the room for one: few drafts have two.
    room = _TO_CHARS // max(1, len(to))
    head = f"mailto:{','.join(_encode(address, room, safe='@') for address in to)}"
    head += f"?subject={_encode(subject, _SUBJECT_CHARS)}"
    if in_reply_to:
        head += f"&In-Reply-To={_encode(in_reply_to, _ID_CHARS)}"
    head += "&body="
    return head + _encode(body, MAILTO_CHARS - len(head))


def open_draft(item: Item) -> Link | None:
    """Return the link that opens the item's draft in the owner's own mail program."""
    if item.draft is None:
        return None
    label = _DRAFT_LABELS.get(item.kind, "Open draft")
    return Link(label, _draft_address(item.draft), f"{label}: write to {cut(item.who, NAME_CHARS)}")


def list_actions(item: Item, page: Page) -> tuple[Link, ...]:
    """Return done, later, not this and never for ``item``; empty if no mail is read for them."""
    if not page.reply_to:
        return ()
    when, later = ("2 days", "2d") if item.kind in _SOON else ("2 weeks", "2w")
    verbs = [("Done", "done {}"), (f"In {when}", "snooze {} " + later), ("Not this", "not {}")]
    if len(item.people) == 1:
        verbs.append((f"Never {words.call_names(item.people)[0]}", "never {}"))
    who = cut(item.who, NAME_CHARS)
    return tuple(
        Link(label, answer(page, verb.format(item.ref)), f"{label}: {item.ref}, {who}")
        for label, verb in verbs
    )


def answer(page: Page, command: str) -> str:
    """Return the address that answers ``page`` with ``command``."""
    subject = f"kithd {page.on.isoformat()} {page.token}".rstrip()
    return mailto((page.reply_to,), subject=subject, body=command)


def _draft_address(draft: Draft) -> str:
    return mailto(draft.to, subject=draft.subject, body=draft.body, in_reply_to=draft.in_reply_to)


def _encode(text: str, room: int, *, safe: str = "") -> str:
    """Percent-encode ``text`` up to ``room`` characters, never cutting a character in two."""
    encoded, size = [], 0
    for char in text:
        unit = "%0D%0A" if char == "\n" else quote(char, safe=safe, errors="replace")
        size += len(unit)
        if size > room:
            break
        encoded.append(unit)
    return "".join(encoded)
