"""New text -> the key words it is about, in a form that can be shown to a person."""

import re
from functools import lru_cache

from daemon.cues.languages.words import MARKERS, STOP_WORDS

MAX_TERM_LENGTH = 32
_PHRASE_SHARE = 3  # at most one term in three is a phrase of two words
_WORD = re.compile(r"[^\W\d_](?:[\w'-]*\w)?(?:\+\+|#)?$")
_AROUND = ".,;:!?()[]{}<>\"'`*_/\\|=+-~#$%&^\u201c\u201d\u2018\u2019\xab\xbb\u2026"
_BREAKS = frozenset('.,;:!?)]}>"\u201d\xbb\u2026')
_HEX = re.compile(r"[0-9a-f]{6,}$")
_SHORTEST_PLURAL = 5  # letters; shorter words in s are as often names (MIPS, AWS)
_SINGULAR_S = ("ss", "us", "is", "ous", "ics")
_IRREGULAR = {
    "aliases": "alias", "buses": "bus", "statuses": "status", "viruses": "virus",
    "indices": "index", "indexes": "index", "series": "series", "lens": "lens",
    "alias": "alias", "bias": "bias", "atlas": "atlas", "canvas": "canvas",
    "atlases": "atlas", "biases": "bias",
}  # fmt: skip


def count_terms(text: str, limit: int = 24) -> dict[str, int]:
    """Return at most ``limit`` key words of ``text`` and how often each occurs, most first.

    Words are in lower case and in the singular; two that stand side by side also count as
    a phrase, joined by a space, in at most a third of the places. Left out are numbers,
    addresses, names of memory, and words that any mail may hold. Among equals the longer
    word comes first, then the one that came first, so that the choice never varies.
    """
    words: dict[str, int] = {}
    phrases: dict[str, int] = {}
    before = ""
    for token in text.lower().split():
        term, is_end = _normalise(token)
        if term:
            words[term] = words.get(term, 0) + 1
            if before and before != term:
                phrase = f"{before} {term}"
                phrases[phrase] = phrases.get(phrase, 0) + 1
        before = "" if is_end else term
    n_phrases = min(len(phrases), limit // _PHRASE_SHARE)
    chosen = _most(words, limit - n_phrases)
    chosen.update(_most(phrases, limit - len(chosen)))
    return chosen


def _most(counts: dict[str, int], limit: int) -> dict[str, int]:
    if len(counts) <= limit:
        return counts
    ranked = sorted(counts, key=lambda term: (-counts[term], -len(term)))
    return {term: counts[term] for term in ranked[:limit]}


@lru_cache(maxsize=16_384)
def _normalise(token: str) -> tuple[str, bool]:
    """Return the term in a lower-case token, or "", and whether a phrase ends at it."""
    is_end = token[-1] in _BREAKS
    word = token.strip(_AROUND)
    if word in STOP_WORDS or not 3 <= len(word) <= MAX_TERM_LENGTH or _WORD.match(word) is None:
        return "", is_end
    word = word.replace("\u2019", "'").removesuffix("'s")
    term = _singular(word)
    if len(term) < 3 or term in STOP_WORDS or "'" in term or _is_number(term):
        return "", is_end
    return term, is_end


def _is_number(term: str) -> bool:
    """Whether a word is a number in disguise: hexadecimal, or mostly digits."""
    n_digits = sum(map(str.isdigit, term)) if not term.isalpha() else 0
    if n_digits * 2 > len(term):
        return True
    return n_digits > 0 and _HEX.match(term) is not None


def _singular(word: str) -> str:
    """Return the singular of an English plural, or the word itself; the result is a word."""
    if not word.endswith("s") or len(word) < _SHORTEST_PLURAL:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-1] if word.endswith("aches") else word[:-2]
    return word if word.endswith(_SINGULAR_S) else word[:-1]


_SAMPLE = 100  # words are enough to tell a language
_MIN_SHARE = 0.08  # of the words; English runs at .25 to .45, identifiers and names at 0
_SURE_SHARE = 0.2


def guess_language(text: str) -> str:
    """Return "en", "de", "fr" or "es" by its small words, or "" where they do not tell."""
    words = text[: _SAMPLE * 8].lower().split()[:_SAMPLE]
    if not words:
        return ""
    best, most = "", _MIN_SHARE * len(words)
    for code, markers in MARKERS.items():
        count = sum(map(markers.__contains__, words))
        if count > most:
            best, most = code, float(count)
        if most > _SURE_SHARE * len(words):
            break
    return best
