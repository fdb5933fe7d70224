"""The cast -> an address book: one vCard for each person the owner bothered to enter."""

from collections.abc import Iterable
from pathlib import Path

from daemon.demo.calendar import escape, fold
from daemon.demo.people import Alter

_BOTH_ADDRESSES = frozenset({"liz"})  # the other changed theirs without the owner noting it


def write_cards(path: Path, cast: Iterable[Alter]) -> None:
    """Write the address book, in the order of the cast.

    Source: RFC 6350 (vCard 4.0): FN and N, EMAIL, BDAY, CRLF and folding.
    """
    lines = [line for alter in cast for line in _card(alter)]
    path.write_bytes("".join(map(fold, lines)).encode())


def _card(alter: Alter) -> list[str]:
    first, _, last = alter.name.partition(" ")
    emails = alter.emails if alter.key in _BOTH_ADDRESSES else alter.emails[:1]
    birthday = [f"BDAY:{alter.birthday:%Y%m%d}"] if alter.birthday else []
    return [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:urn:card:{alter.key}",
        f"FN:{escape(alter.name)}",
        f"N:{escape(last)};{escape(first)};;;",
        *(f"EMAIL:{email}" for email in emails),
        *birthday,
        "END:VCARD",
    ]
