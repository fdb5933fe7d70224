"""A message's text and subject -> all that is kept of what it said."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from daemon.cues.asks import weigh_ask
from daemon.cues.due import find_due
from daemon.cues.languages.en import ENGLISH
from daemon.cues.languages.rules import Pack, Rule, Weighed
from daemon.cues.model import Cue, CueKind, Said
from daemon.cues.new_text import cut_new_text
from daemon.cues.promises import weigh_promise
from daemon.cues.seeks import weigh_offer, weigh_search
from daemon.cues.sentences import cut_evidence, split_sentences
from daemon.cues.thanks import weigh_news, weigh_thanks
from daemon.cues.topics import count_terms, guess_language

MAX_CUES = 12  # of one message, the surest; a message that asks more is a questionnaire
MIN_CONFIDENCE = 0.6  # below it, half of a sample of a public archive was wrong
_PACKS = {pack.code: pack for pack in (ENGLISH,)}
_DUE_KINDS = frozenset((CueKind.ASK, CueKind.PROMISE))
_PREFIX = re.compile(
    r"(?:\s*(?:re|fwd?|aw|wg|sv|antw|tr|rif)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE
)
_TAG = re.compile(r"\s*\[[^\]]{0,60}\]\s*")
_APOSTROPHES = str.maketrans("\u2019\u2018\u02bc", "'''")

_Weigh: TypeAlias = Callable[[str, Sequence[Rule]], Weighed | None]
_WEIGH: Mapping[CueKind, _Weigh] = {
    CueKind.ASK: weigh_ask,
    CueKind.PROMISE: weigh_promise,
    CueKind.SEEKS: weigh_search,
    CueKind.OFFERS: weigh_offer,
    CueKind.THANKS: weigh_thanks,
    CueKind.GOOD_NEWS: weigh_news,
    CueKind.HARD_NEWS: weigh_news,
}


def read_cues(text: str, *, subject: str, written_on: date, language: str | None = None) -> Said:
    """Return the cues, the key words and the language of one message.

    ``text`` is the body, quotes included; only what its author wrote now is read.
    ``written_on`` is the author's local day, against which "by Friday" is resolved.
    ``language`` is a code such as "en" where it is known; else it is guessed, and "" in the
    result means that it could not be. Cues are read in English only; key words always.

    Cues come in the order of the text, at most 12, each with a confidence of 0.6 or more.
    Pure, raises nothing, and linear in the length of ``text``.
    """
    new_text = cut_new_text(text)
    topic = _strip_subject(subject)
    language = guess_language(new_text or topic) if language is None else language[:2].lower()
    pack = _PACKS.get(language)
    terms = count_terms(f"{topic}\n{new_text}")
    if pack is None:
        return Said(terms=terms, language=language)
    passages = [new_text]
    if topic and not _is_reply(subject):
        passages.insert(0, topic)
    cues = _read_passages(passages, pack, written_on)
    return Said(cues=tuple(cues), terms=terms, language=language)


def _read_passages(passages: Sequence[str], pack: Pack, written_on: date) -> list[Cue]:
    found: dict[tuple[CueKind, str], Cue] = {}
    for passage in passages:
        for sentence in split_sentences(passage):
            for cue in _read_sentence(sentence, pack, written_on):
                found.setdefault((cue.kind, cue.sentence), cue)
    if len(found) <= MAX_CUES:
        return list(found.values())
    surest = set(sorted(found, key=lambda key: -found[key].confidence)[:MAX_CUES])
    return [cue for key, cue in found.items() if key in surest]


def _read_sentence(sentence: str, pack: Pack, written_on: date) -> Iterator[Cue]:
    if sentence.count('"') % 2:
        return  # a quotation was cut in two: what is left would not stand alone
    lowered = _lower(sentence)
    sure: dict[CueKind, Weighed] = {}
    for kind, rules in pack.candidates(lowered).items():
        found = _WEIGH[kind](lowered, rules)
        if found is not None and found.confidence >= MIN_CONFIDENCE:
            sure[kind] = found
    if CueKind.SEEKS in sure:  # "does anyone know a forwarder?" is not asked of the reader alone
        sure.pop(CueKind.ASK, None)
    for kind in sorted(sure):
        due_on = find_due(lowered, written_on) if kind in _DUE_KINDS else None
        yield Cue(kind, cut_evidence(sentence, sure[kind].at), sure[kind].confidence, due_on)


def _lower(text: str) -> str:
    lowered = text.lower()
    return lowered if lowered.isascii() else lowered.translate(_APOSTROPHES)


def _strip_subject(subject: str) -> str:
    """Return a subject without "Re:" and list tags."""
    return _TAG.sub(" ", _PREFIX.sub("", subject[:400])).strip()


def _is_reply(subject: str) -> bool:
    """Whether somebody else wrote the subject: that of a reply is its thread's first author's."""
    return _PREFIX.match(subject) is not None or subject.lstrip().startswith("[")
