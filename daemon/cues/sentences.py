"""New text -> its sentences, white space folded."""

import re
from collections.abc import Iterator

from daemon.cues.languages.words import STOP_WORDS

MAX_SENTENCES = 300  # of one message; more is a document, not a letter
MAX_SENTENCE = 600  # characters; longer ones lack punctuation and are no sentences
EVIDENCE_LENGTH = 240  # characters kept of a sentence, as the model says

_END = re.compile(
    r"[.!?]{1,8}[\"')\]\u201d\u2019]{0,3}(?: [:;]-?[()DP])?"
    r"\s+(?=[\"'(\[\u201c\u2018*]{0,2}[A-Z0-9])"
)
_BULLET = re.compile(r"\n(?=(?:[-*\u2022o]|\d{1,2}[.)]|\(?[a-z]\)) )")
_ABBREVIATIONS = frozenset(
    "e.g i.e etc mr mrs ms dr prof st vs cf no nr fig inc ltd co corp jr sr approx dept est "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun p pp ca al "
    "viz resp incl excl ext tel u.s a.m p.m".split()
)
_GREETING = re.compile(
    r"(?:hi|hello|dear|hey|good (?:morning|afternoon|evening)|hallo)\b[^,.!?:]{0,40}[,!:.-]+\s+"
    r"|[-*\u2022]\s+|\(?\d{1,2}[.)]\s+",
    re.IGNORECASE,
)


def split_sentences(text: str) -> Iterator[str]:
    """Yield the sentences of ``text`` in order, at most 300, none above 600 characters.

    Each is a substring of ``text`` with its white space folded; greetings and list marks in
    front of a sentence are left out.
    """
    n_sentences = 0
    for paragraph in text.split("\n\n"):
        for part in _BULLET.split(paragraph) if "\n" in paragraph else (paragraph,):
            for sentence in _split_paragraph(" ".join(part.split())):
                n_sentences += 1
                if n_sentences > MAX_SENTENCES:
                    return
                yield sentence


def _split_paragraph(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(paragraph):
        if not _is_abbreviation(paragraph, start, end.start()):
            yield from _trimmed(paragraph[start : end.end()])
            start = end.end()
    yield from _trimmed(paragraph[start:])


def _is_abbreviation(paragraph: str, start: int, at: int) -> bool:
    if paragraph[at] != ".":
        return False
    word = paragraph[max(start, at - 12) : at].rsplit(" ", 1)[-1].lstrip("(\"'").lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i")


def _trimmed(sentence: str) -> Iterator[str]:
    greeting = _GREETING.match(sentence)
    sentence = (sentence[greeting.end() :] if greeting else sentence).strip()
    if 3 <= len(sentence) <= MAX_SENTENCE:
        yield sentence


def cut_evidence(sentence: str, at: int = 0) -> str:
    """Return at most 240 characters of ``sentence`` that show the words at position ``at``.

    What is left out is cut at a word, and an ellipsis stands for it.
    """
    if len(sentence) <= EVIDENCE_LENGTH:
        return sentence
    if at > EVIDENCE_LENGTH // 2:
        return _cut_front(sentence, at)
    return _cut_back(sentence)


def _cut_front(sentence: str, at: int) -> str:
    room = EVIDENCE_LENGTH - 1
    start = min(len(sentence) - room, max(0, at - 40))
    space = sentence.find(" ", start, at)
    tail = sentence[(space + 1 if space >= 0 else start) :]
    return "…" + (tail if len(tail) <= room else _cut_back(tail, room))


def _cut_back(sentence: str, room: int = EVIDENCE_LENGTH) -> str:
    space = sentence.rfind(" ", 1, room)
    return sentence[: space if space > 0 else room - 1].rstrip(" ,;:-") + "…"


def count_content(lowered: str) -> int:
    """Return how many words of a lower-case sentence say what it is about."""
    n_words = 0
    for token in lowered.split():
        word = token.strip(".,;:!?()'\"")
        if len(word) > 2 and word not in STOP_WORDS:
            n_words += 1
    return n_words
