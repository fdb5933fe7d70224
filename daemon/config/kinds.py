"""A kind of source or of delivery -> the settings it needs and takes.

What a source needs is its connector's to say: the fields of its settings. Only the
connectors of kinds that are asked for are imported.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

from connectors import registry
from connectors.errors import Misconfigured
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


DELIVERIES: Mapping[str, Terms] = {
    "smtp": Terms(("host", "port", "security", "ca_file", "user", "secret"), ("host",)),
    "maildir": Terms(("path",), ("path",)),
}


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


def find_terms(kind: object) -> Terms | None:
    """Return the terms of a kind as somebody wrote it; None where it is none, or does not load."""
    if not isinstance(kind, str) or kind not in list_kinds():
        return None
    try:
        return terms_of(kind)
    except Misconfigured:
        return None
