"""A message that answers a digest -> the owner's words, or the reason why they are not obeyed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from connectors.observations import Folder, Mark, Message
from daemon.commands.authentication import vouches_for
from daemon.commands.own_words import find_own_words
from daemon.digest import references
from daemon.digest.references import Reference
from daemon.people.evidence import mailbox_of


@dataclass(frozen=True, slots=True)
class Trust:
    """What a reply must show to be obeyed.

    ``owner`` is the address that digests are sent to, ``addresses`` all that are the owner's,
    ``key`` what tokens are made with. ``authserv_id`` is the name of the owner's own mail
    server, empty where only the Sent folder is proof. ``sources`` names the sources in which
    replies are looked for. A digest takes replies for ``days``.
    """

    owner: str
    addresses: frozenset[str]
    key: bytes = field(repr=False)
    authserv_id: str = ""
    sources: frozenset[str] = frozenset()
    days: int = 14


@dataclass(frozen=True, slots=True)
class Accepted:
    """The owner answers the digest of ``on`` with these ``words``, commands or not."""

    on: date
    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a message that names a digest is not obeyed, in words without names or addresses."""

    reason: str


Verdict: TypeAlias = Accepted | Refused | None

NOT_ONE_AUTHOR = "it does not have exactly one author"
NOT_THE_OWNER = "you are not its author"
AUTOMATIC = "a program wrote it, or a list passed it on"
FORWARD = "it forwards a digest"
UNWANTED = "it lies among spam"
NOT_TO_SELF = "it is addressed to other people"
NO_TOKEN = "its reference to a digest is not genuine"  # noqa: S105 - says what is wrong with one
EXPIRED = "the digest it answers takes no more replies"
NOT_PROVEN = "nothing proves that you sent it"
NOTHING_SAID = "nothing stands above the quote"

_HARMLESS = frozenset({Mark.NO_REPLY})
"""Marks that an owner's own mail may bear: the address can be called system@ or alerts@."""

_ANSWERS = r"\s*(?:(?:re|aw|sv|r\u00e9f?|antw|odp) ?: ?)*"
_FORWARD = re.compile(
    rf"{_ANSWERS}(?:fwd?|fw|wg|tr|rv|enc|doorst|vb|i|pd|vl|továbbítás|пересл?|转发|轉寄|転送)\s*(?:\[\d+\])?\s*[:\uff1a]"
    r"|.*\((?:fwd|forwarded)\)\s*$|\s*\[fwd:",
    re.IGNORECASE,
)
_AUTOMATIC = re.compile(
    rf"{_ANSWERS}(?:auto(?:matic(?:al)?)?[ -]?(?:reply|response|antwort)|auto ?:"
    r"|ooo ?:|out of (?:the )?office|automatische antwort|abwesen|r\u00e9ponse automatique"
    r"|absence|respuesta autom|risposta autom|resposta autom|automatisch antwoord|afwezig"
    r"|vacation\b|away\b|on (?:leave|holiday)|(?:un)?deliver|mail deliver|returned mail"
    r"|failure notice|delivery status|read: )",
    re.IGNORECASE,
)


def accept(message: Message, trust: Trust, *, source: str, at: datetime) -> Verdict:
    """Return whether ``message`` is the owner's answer to a digest, and what it says.

    All must hold: one author, who is the owner; no mark of a machine or a list; addressed to
    nobody but the owner; the token of a digest of the last ``trust.days``, in the subject or in
    what is answered; and proof, which is the owner's Sent folder, or the word of the owner's
    own server. A name beside an address proves nothing, nor does any other header.

    Args:
        message: With its text, and what servers say of it.
        trust: Whose replies are obeyed, and what proves them.
        source: Where it was read; only the folders of ``trust.sources`` are believed.
        at: The present, aware.

    Returns:
        None for mail that answers no digest: drafts, and this program's own mail, among it.

    Source: design notes, digest (accept only the owner); reliability notes, threats T2 to T5.
    """
    if source not in trust.sources or message.folder is Folder.DRAFTS:
        return None
    named = tuple(_find_references(message))
    if not named or Mark.KITHD in message.marks:
        return None
    reason = _find_fault(message, trust)
    if reason:
        return Refused(reason)
    genuine = [one for one in named if references.is_genuine(one, trust.owner, key=trust.key)]
    if not genuine:
        return Refused(NO_TOKEN)
    on = genuine[0].on
    if not _is_open(on, trust, at):
        return Refused(EXPIRED)
    if not _is_proven(message, trust):
        return Refused(NOT_PROVEN)
    words = find_own_words(message.text)
    return Accepted(on, words) if words else Refused(NOTHING_SAID)


def is_answer(message: Message) -> bool:
    """Return whether ``message`` claims to answer a digest, or what was said to a reply."""
    answered = (message.in_reply_to or "", *message.references)
    return any(map(_is_own_id, answered)) or any(_find_references(message))


def _is_own_id(message_id: str) -> bool:
    return message_id.lower().removeprefix("<").startswith("kithd.")


def _find_references(message: Message) -> Iterator[Reference]:
    """The digests it names, what it answers most directly first."""
    yield from references.find_in_subject(message.subject)
    yield from references.find_in_id(message.in_reply_to or "")
    for one in reversed(message.references):
        yield from references.find_in_id(one)


def _find_fault(message: Message, trust: Trust) -> str:
    """Name the first fault of who wrote it, how, and to whom; nothing where there is none."""
    faults = {
        NOT_ONE_AUTHOR: Mark.MANY_AUTHORS in message.marks,
        NOT_THE_OWNER: message.author.email not in trust.addresses,
        AUTOMATIC: message.marks - _HARMLESS or _AUTOMATIC.match(message.subject),
        FORWARD: _FORWARD.match(message.subject),
        UNWANTED: message.folder is Folder.SPAM,
        NOT_TO_SELF: not _is_to_self(message, trust),
    }
    return next((reason for reason, is_so in faults.items() if is_so), "")


def _is_to_self(message: Message, trust: Trust) -> bool:
    """Whether only the owner is addressed, by whatever name before the "+"."""
    own = {mailbox_of(email) for email in trust.addresses}
    others = [r for r in message.recipients if mailbox_of(r.address.email) not in own]
    return not others and not message.lists


def _is_open(on: date, trust: Trust, at: datetime) -> bool:
    """Whether the digest takes replies still. When one was written, only its writer says.

    A day more on either side, because the digest's date is the owner's, and this is UTC's.
    """
    day = timedelta(days=1)
    return on - day <= at.date() <= on + trust.days * day + day


def _is_proven(message: Message, trust: Trust) -> bool:
    if message.folder is Folder.SENT:
        return True
    domain = message.author.email.rpartition("@")[2]
    return vouches_for(message.authentication, domain, authserv_id=trust.authserv_id)
