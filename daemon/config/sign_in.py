"""Why a service lets nobody in -> the same with what its owner types, for one section."""

import shlex

_TYPED = "kithd sign-in"
_ENDINGS = {_TYPED: "", "nobody has signed in yet": f"; type: {_TYPED}"}
"""How connectors end a reason that a sign-in mends, and what is still to be said after it.

They do not know what their section is called.
"""


def tell_sign_in(name: str) -> str:
    """Return what to type to sign in for the section called ``name``."""
    return f"{_TYPED} {shlex.quote(name)}"


def complete(reason: str, name: str) -> str:
    """Return ``reason`` with all that is to be typed, where it asks for a sign-in."""
    for ending, missing in _ENDINGS.items():
        if reason.endswith(ending):
            return f"{reason}{missing} {shlex.quote(name)}"
    return reason


def asks_to_sign_in(reason: str, name: str) -> bool:
    """Ask whether a reason that was completed says to sign in."""
    return reason.endswith(tell_sign_in(name))
