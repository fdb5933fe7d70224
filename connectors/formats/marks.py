"""The headers machines write to marks."""

import re

from connectors.formats.headers import Headers, first
from connectors.observations import Mark

# Each of these fields is a mark by its mere presence.
_PRESENT = {
    "list-id": Mark.LIST,
    "list-post": Mark.LIST,
    "x-mailing-list": Mark.LIST,
    "x-beenthere": Mark.LIST,
    "list-unsubscribe": Mark.UNSUBSCRIBE,
    "x-auto-response-suppress": Mark.SUPPRESS,
    "x-autoreply": Mark.SUPPRESS,
    "x-autorespond": Mark.SUPPRESS,
    "x-failed-recipients": Mark.FAILED,
    "feedback-id": Mark.FEEDBACK,
    "x-kithd": Mark.KITHD,
}
_PRECEDENCE = {
    "list": Mark.LIST,
    "bulk": Mark.BULK,
    "junk": Mark.BULK,
    "auto_reply": Mark.SUPPRESS,  # what some vacation programs write
}

FIELDS = frozenset({*_PRESENT, "precedence", "auto-submitted", "return-path"})

BULK_LIKE = frozenset({Mark.LIST, Mark.UNSUBSCRIBE, Mark.BULK})
"""The marks of mail to many: newsletters, lists, announcements."""

_keyword_end = re.compile(r"[\s;(]")

# Source: RFC 2142 (postmaster), RFC 5321 section 4.5.1, and the local parts in a corpus of
# 370 bounces and reports, with what large senders write as their own.
_machine = re.compile(
    r"(?:.*[._+-])?(?:no[._-]?repl(?:y|ies)|do[._-]?not[._-]?reply|never[._-]?reply|bounces?)"
    r"(?:[._+=-].*)?"
    r"|(?:mailer|mail)[._-]?daemon|mail[._-]?delivery[._-]?(?:sub)?system|post[._-]?master|daemon|mailerdaemon|mdaemon|mmdf"
    r"|(?:auto)?notif(?:y|ier|ications?)|alerts?|auto[._-]?(?:mailer|reply|responder|confirm)"
    r"|listserv|majordomo|mailman|root|cron|nobody|abuse-?report|system"
)


def read_marks(headers: Headers) -> frozenset[Mark]:
    """Collect the marks that the headers bear, at least those named in ``FIELDS`` given."""
    marks = {_PRESENT[name] for name in headers if name in _PRESENT}
    if precedence := _PRECEDENCE.get(_keyword(first(headers, "precedence"))):
        marks.add(precedence)
    if (submitted := _keyword(first(headers, "auto-submitted"))) and submitted != "no":
        marks.add(Mark.AUTO_SUBMITTED)
    if first(headers, "return-path").replace(" ", "") == "<>":
        marks.add(Mark.NULL_SENDER)
    if "kithd" in first(headers, "list-id").lower():
        marks.add(Mark.KITHD)
    return frozenset(marks)


def has_machine_name(email: str) -> bool:
    """Ask whether the local part of an address names a machine, or a refusal to read."""
    return _machine.fullmatch(email.rpartition("@")[0]) is not None


def _keyword(value: str) -> str:
    """Take the first word, without comment or parameters (RFC 3834 section 5)."""
    return _keyword_end.split(value.lower(), maxsplit=1)[0] if value else ""
