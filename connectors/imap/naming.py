"""The head of a message -> a name that it keeps wherever it is moved."""

import re
from hashlib import blake2b

from connectors.formats.headers import read_headers
from connectors.observations import Folder

# What the author's program wrote. Lists and gateways that change any of it make another text.
_AUTHORED = ("message-id", "date", "from", "to", "cc", "subject", "content-type")
_WANTED = frozenset(_AUTHORED)
# What mail programs write into a message after it was delivered.
_VOLATILE = re.compile(
    rb"(?i)\n(?:x-)?(?:status|keywords|uid|imap|imapbase|mozilla-\w+|evolution\S*|content-length"
    rb"|lines):[^\n]*(?:\n[ \t][^\n]*)*"
)


def name_message(head: bytes, size: int, folder: Folder) -> str:
    """Name a message after its head and the length of its body, not after where it lies.

    So moving it to another folder, a new UIDVALIDITY, or even another server brings no
    duplicate; two messages that share a Message-ID but not their content are two; and a
    message without Message-ID has a name as well, made from all of its head. Copies in the
    sent folder have names of their own: what came in from outside cannot replace the proof
    that the owner wrote something.

    Args:
        head: The header block with the empty line that ends it.
        size: The size of the whole message in bytes (RFC822.SIZE), 0 where it is not told.
        folder: What kind of folder it lies in.
    """
    headers = read_headers(head, _WANTED)
    n_body = max(0, size - len(head))
    if "message-id" in headers:
        told = "\n".join(_tidy(headers.get(name, ())) for name in _AUTHORED)
        digest = blake2b(told.encode("utf-8", "surrogateescape"), digest_size=16)
    else:
        lines = b"\n" + head.replace(b"\r\n", b"\n")
        digest = blake2b(_VOLATILE.sub(b"", lines), digest_size=16)
    digest.update(b"\n%d" % n_body)
    return f"{'sent' if folder is Folder.SENT else 'mail'}-{digest.hexdigest()}"


def _tidy(values: "list[str] | tuple[()]") -> str:
    """Undo other folding: servers and gateways fold long lines anew."""
    return "\r".join(" ".join(value.split()) for value in values)
