"""A kind of source or of delivery -> the settings it needs and takes.

What a source needs is its connector's to say: the fields of its settings. Only the
connectors of kinds that are asked for are imported.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

from connectors import registry
from connectors.errors import Misconfigured
from connectors.protocol import Reading, SignsIn
from daemon.config.accounts import Source

COMMON = ("kind", "read", "folder", "poll_minutes")
"""Settings that every source takes, whether or not its kind has a use for them."""

_NOT_FOR_OWNERS = frozenset({"memory"})


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings that a kind takes, besides those that all take, and those of them it needs.

    ``heeds`` are those that all take and that make a difference to this kind.
    """

    takes: tuple[str, ...]
    needs: tuple[str, ...]
    heeds: tuple[str, ...] = ("kind", "poll_minutes")


_LIVE = frozenset({"imap", "maildir", "gmail", "graph", "exchange"})
"""Where an answer to a digest arrives or is kept as sent, unless the settings say where."""

_SHUT = frozenset({"gmail", "graph"})
"""Services that give out no text at all, not even of an answer, where only heads are read.

Source: Google, gmail.metadata; Microsoft, Mail.ReadBasic. Other mailboxes open as a whole, and
an answer to a digest is read there whatever the reading level.
"""

_PLACE = ("url", "ca_file", "allow_private")

DELIVERIES: Mapping[str, Terms] = {
    "smtp": Terms(("host", "port", "security", "ca_file", "user", "secret"), ("host",)),
    "gmail": Terms(("client_file", "secret", "user", *_PLACE), ("client_file", "secret")),
    "graph": Terms(("client_id", "secret", "tenant", "user", *_PLACE), ("client_id", "secret")),
    "exchange": Terms(("user", "secret", "address", "sign_in", *_PLACE), ("user", "secret")),
    "maildir": Terms(("path",), ("path",)),
}
"""What each way to send needs and takes. Accounts send by their connectors: a test holds these
terms against the settings of those."""


def list_kinds() -> tuple[str, ...]:
    """Return the kinds of source an owner may name, sorted; nothing is imported for it."""
    return tuple(kind for kind in registry.names() if kind not in _NOT_FOR_OWNERS)


def terms_of(kind: str) -> Terms:
    """Return what a source of this kind takes and needs, by its connector, which is imported.

    Raises:
        Misconfigured: There is no such connector, or it cannot be imported.
    """
    # Other fields, such as the size of a batch, are the daemon's to give and no owner's.
    known = [f for f in fields(registry.load(kind).settings_type) if f.name in Source.model_fields]
    own = [field for field in known if field.name not in COMMON]
    without_default = [f for f in own if f.default is MISSING and f.default_factory is MISSING]
    return Terms(
        takes=tuple(field.name for field in own),
        needs=tuple(field.name for field in without_default),
        heeds=("kind", "poll_minutes", *(f.name for f in known if f.name in COMMON)),
    )


def reads_mail(source: Source) -> bool:
    """Ask whether mail is read there: some accounts hold a calendar and contacts as well."""
    return source.parts is None or "mail" in source.parts


def can_show_replies(source: Source) -> bool:
    """Ask whether the text of a reply that lies in this mailbox can be read."""
    return reads_mail(source) and (source.kind not in _SHUT or source.read is Reading.TEXT)


def may_hold_replies(source: Source) -> bool:
    """Ask whether replies are looked for in this source, where the settings do not say where."""
    return source.kind in _LIVE and can_show_replies(source)


def signs_in(kind: object) -> bool:
    """Ask whether an account of this kind is opened by ``kithd sign-in``, and not by a password."""
    if not isinstance(kind, str) or kind not in list_kinds():
        return False
    try:
        return issubclass(registry.load(kind), SignsIn)
    except Misconfigured:
        return False


def find_terms(kind: object) -> Terms | None:
    """Return the terms of a kind as somebody wrote it; None where it is none, or does not load."""
    if not isinstance(kind, str) or kind not in list_kinds():
        return None
    try:
        return terms_of(kind)
    except Misconfigured:
        return None
