"""Display names as people and programs write them -> a name to print and a key to compare."""

import re
import unicodedata
from functools import lru_cache

TITLES = frozenset(
    "dr prof professor mr mrs ms mx sir dame herr frau ing dipl mag phd md esq jr sr ii iii".split()
)
ROLES = frozenset(
    """account accounts admin administrator alert alerts announce billing bot bugs bugzilla build
    bureau client contact customer daemon delivery desk digest editor events feedback group hello
    help helpdesk hostmaster info information invoice jobs kundenservice list lists mail mailer
    mailing marketing master member members membership news newsletter newsletters noreply
    notification notifications office office365 online orders owner postmaster press registration
    reply request root sales security server service services shop store subscriptions support
    system team undisclosed unlisted update updates user users webmaster""".split()
)
"""Words that name a function, not a person."""

_SUFFIX = re.compile(r"\s+(?:via|on behalf of|/|\|)\s+.*$", re.IGNORECASE)
_BRACKETS = re.compile(r"[\(\[\{<][^\)\]\}>]*[\)\]\}>]?")
_ODD = re.compile(r"[\"“”„*_~`]+")
_PARTICLES = frozenset(
    "van von de der den del della di da du la le ten ter zu zur af av al el".split()
)


@lru_cache(maxsize=16384)
def clean_name(written: str) -> str:
    """Return ``written`` as one would say it: "Houten, Karel van (KPN)" -> "Karel van Houten".

    Empty where what is written is no name: an address, or nothing but brackets.
    """
    name = _ODD.sub("", written).strip(" '.,;:-")
    name = _SUFFIX.sub("", _BRACKETS.sub(" ", name))
    name = " ".join(name.replace(" .", ".").split()).strip(" '.,;:-")
    if "@" in name or not any(c.isalpha() for c in name):
        return ""
    return _calm(_in_speaking_order(name))


@lru_cache(maxsize=16384)
def name_key(written: str) -> tuple[str, ...]:
    """Return what stays the same however one full name is written; () if it is not one.

    Case, accents, titles, initials and order are dropped. At least two words of two
    letters must remain, none of which names a function: "Ana" and "Sales Team" tie
    nobody to anybody.
    """
    words = [_fold(word) for word in re.split(r"[\s.,\-]+", clean_name(written))]
    words = [w for w in words if len(w) >= 2 and w not in TITLES]
    if len(words) < 2 or any(w in ROLES for w in words):
        return ()
    return tuple(sorted(words))


def is_role(words: str) -> bool:
    """Return whether any word of ``words`` names a function."""
    return any(_fold(w) in ROLES for w in re.split(r"[\s.,\-_+]+", words))


def name_of_address(email: str) -> str:
    """Return what to call somebody known by an address alone: "ana.diaz@x" -> "Ana Diaz"."""
    local = email.partition("@")[0].partition("+")[0]
    words = [w for w in re.split(r"[._\-]+", local) if w]
    if len(words) >= 2 and all(w.isalpha() and len(w) >= 2 for w in words):
        return " ".join(w.capitalize() for w in words)
    return local


def _in_speaking_order(name: str) -> str:
    last, comma, first = name.partition(",")
    first = first.strip()
    if not comma or not first or "," in first or len(first.split()) > 3:
        return name if not comma else name.replace(",", "")
    if _fold(first.rstrip(".")) in TITLES:
        return last
    return f"{first} {last.strip()}"


def _calm(name: str) -> str:
    """SHOUTED names are lowered; short ones may be initials and stay ("HJ Lu")."""
    if not name.isupper() or len(name) <= 4:
        return name
    return " ".join(_calm_word(word) for word in name.split())


def _calm_word(word: str) -> str:
    lowered = word.lower()
    return (
        lowered if lowered in _PARTICLES else "-".join(p.capitalize() for p in lowered.split("-"))
    )


@lru_cache(maxsize=16384)
def _fold(word: str) -> str:
    """Lower case without accents. Source: Unicode Standard Annex 15, form NFKD."""
    flat = unicodedata.normalize("NFKD", word.replace("ł", "l").replace("Ł", "L").casefold())
    return "".join(c for c in flat if c.isalnum())
