"""A digest's items -> the news in its subject, its title and its pre-header."""

from collections.abc import Sequence

from daemon.digest import words
from daemon.digest.model import Item
from daemon.digest.safe import cut
from daemon.suggestions.model import Lane
from daemon.suggestions.wording import join_names

NOTHING = "Nothing to give today"
PREHEADER_CHARS = 90
"""What the narrowest lists of mail still show. Source: design notes, the digest."""

_NAMED = 3
"""More names than this and the news after them is cut off on a phone."""

_OWED = {
    "reply": ("answer you owe", "answers you owe"),
    "promise": ("promise to keep", "promises to keep"),
}


def say_subject(items: Sequence[Item]) -> str:
    """Return who and how many: "Sana, Marek and Joy: three things you could give".

    The count equals ``len(items)``, in one part or in two.
    """
    if not items:
        return NOTHING
    return f"{_say_names(items)}: {_say_news(items)}"


def say_title(items: Sequence[Item]) -> str:
    """Return the same news without names: "Three things you could give today, two you owe"."""
    return words.capitalise(_say_news(items, " today")) if items else NOTHING


def say_preheader(items: Sequence[Item]) -> str:
    """Return what adds to the subject, in at most 90 characters; empty without items."""
    if not items:
        return ""
    first = items[0]
    name = words.call_names(first.people)[0] if first.people else first.who
    fact = f"{name}: {first.says}." if first.says else first.action
    if len(first.people) > 1 and first.says:
        fact = words.capitalise(f"{first.says}.")
    minutes = f" {words.capitalise(say_minutes(items))} in all."
    whole = fact + minutes
    return whole if len(whole) <= PREHEADER_CHARS else cut(fact, PREHEADER_CHARS)


def say_minutes(items: Sequence[Item]) -> str:
    """Return how long all items take: "about 8 minutes"."""
    return f"about {words.count(sum(item.minutes for item in items), 'minute')}"


def _say_names(items: Sequence[Item]) -> str:
    people = list(dict.fromkeys(name for item in items for name in item.people))
    names = words.call_names(people)
    if len(names) <= _NAMED:
        return join_names(names)
    others = words.say_count(len(names) - _NAMED, "other")
    return f"{', '.join(names[:_NAMED])} and {others}"


def _say_news(items: Sequence[Item], when: str = "") -> str:
    owed = [item for item in items if item.lane is Lane.OWE]
    n_gifts = len(items) - len(owed)
    if not n_gifts:
        return _say_owed(owed)
    gifts = f"{words.say_count(n_gifts, 'thing')} you could give{when}"
    return f"{gifts}, {words.say_number(len(owed))} you owe" if owed else gifts


def _say_owed(owed: Sequence[Item]) -> str:
    if any(item.kind not in _OWED for item in owed):
        return words.say_count(len(owed), "thing you owe", "things you owe")
    counts = {kind: sum(item.kind == kind for item in owed) for kind in _OWED}
    return ", ".join(words.say_count(n, *_OWED[kind]) for kind, n in counts.items() if n)
