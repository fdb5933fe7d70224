"""Who wrote -> further addresses of the ego: those that write under the ego's full name."""

from collections.abc import Iterable
from dataclasses import dataclass

from daemon.people.evidence import mailbox_of
from daemon.people.names import name_key

MIN_WRITTEN = 3
"""Messages an address must have written under the ego's name before it is believed.

Source: a forged From with the owner's name comes once or twice; an address somebody
uses comes often.
"""

MAX_SHARE_TO_EGO = 0.5
"""People seldom write To themselves; those who pretend to be somebody write to them.

Source: in a list archive of twenty years the owner wrote from three further addresses, each
time with a copy to the usual one, and never To it.
"""


@dataclass(frozen=True, slots=True, order=True)
class Author:
    """One address and name that wrote: how many messages, how many of them To the ego."""

    email: str
    name: str
    n_written: int
    n_to_ego: int


def find_aliases(
    authors: Iterable[Author], owned: frozenset[str], *, name: str = ""
) -> frozenset[str]:
    """Return addresses not in ``owned`` that the ego seems to use as well.

    Suggesting the owner to the owner would be absurd, and a change of job would look like
    the death of every tie.

    Args:
        authors: Everybody who wrote.
        owned: The owner's addresses.
        name: The owner's name, where the owner gave it.
    """
    known = list(authors)
    keys = {name_key(a.name) for a in known if a.email in owned} | {name_key(name)}
    return frozenset(
        a.email for a in known if a.email not in owned and _is_egos(a, keys - {()}, owned)
    )


def _is_egos(author: Author, keys: set[tuple[str, ...]], owned: frozenset[str]) -> bool:
    if mailbox_of(author.email) in {mailbox_of(email) for email in owned}:
        return True
    return (
        name_key(author.name) in keys
        and author.n_written >= MIN_WRITTEN
        and author.n_to_ego <= MAX_SHARE_TO_EGO * author.n_written
    )
