"""Addresses as people write them -> addresses as they travel."""

import re
from email.utils import parseaddr

from daemon.digest.safe import line

_ENVELOPE = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s<>@\"\\,;:()\[\]\x00-\x1f\x7f]{1,255}"
)
"""No blank, no angle bracket, no quote, no control character: nothing can end the command.

Narrower than RFC 5321, section 4.1.2, which allows quoted local parts that nobody has.
"""


def bare(written: str) -> str:
    """Return the address in ``written``, without its name, its domain as it travels.

    Raises:
        ValueError: Mail cannot be sent to it.

    Source: RFC 5891 (IDNA).
    """
    local, at, domain = parseaddr(line(written))[1].rpartition("@")
    try:
        local.encode("ascii")
        travels = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        travels = ""
    if not local or not travels:
        raise ValueError(f"not an address that mail can be sent to: {line(written)!r}")
    return f"{local}{at}{travels}"


def for_envelope(address: str) -> str:
    """Return ``address`` as a command to a mail server may hold it.

    Raises:
        ValueError: It is more or less than one plain address; the error does not repeat it.
    """
    try:
        if _ENVELOPE.fullmatch(address):
            return bare(address)
    except ValueError:
        pass  # told below, without the address
    raise ValueError("an address in the settings is none that mail can be sent to")
