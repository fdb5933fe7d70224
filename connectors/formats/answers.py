"""The head of a message to whether it answers one of this program's own mails."""

import re

from connectors.formats.headers import Headers, first
from connectors.formats.text import decode_words

FIELDS = frozenset({"in-reply-to", "references", "subject"})
"""The fields that :func:`is_answer` looks at."""

_own_id = re.compile(r"<\s*kithd\.", re.IGNORECASE)
_own_subject = re.compile(r"(?<!\w)kithd \d{4}-\d\d-\d\d [0-9a-f]{16}(?!\w)", re.IGNORECASE)


def is_answer(headers: Headers) -> bool:
    """Say whether the message claims to answer a digest: by an identifier or by its subject.

    Anybody can claim it. It decides only that the text is looked at, whatever the reading
    level, because the owner's commands stand there; whether it is obeyed is decided where
    the key is known.

    Source: design notes, digest (replies are commands).
    """
    for name in ("in-reply-to", "references"):
        if any(_own_id.search(value) for value in headers.get(name, ())):
            return True
    subject = first(headers, "subject")
    if "=?" in subject:
        subject = decode_words(subject)
    return _own_subject.search(" ".join(subject.split())) is not None
