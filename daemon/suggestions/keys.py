"""Turns what a suggestion stands on into the key that names it for good."""

from hashlib import blake2s

from daemon.people.model import PersonId
from daemon.suggestions.model import Done, NotThis, Situation, Spoken, SuggestionKey

_KEY_BYTES = 6
"""48 bits: among a million suggestions, one clash in 500 owners."""


def name_key(kind: str, person: PersonId, *facts: str) -> SuggestionKey:
    """Names one thing to do, in 12 hexadecimal digits: the same facts give the same key."""
    told = "\x1f".join((kind, person, *facts))
    return SuggestionKey(blake2s(told.encode(), digest_size=_KEY_BYTES).hexdigest())


def name_message(spoken: Spoken) -> str:
    """Names the message of a cue: by Message-ID, as two sources may hold the same mail."""
    return spoken.message_id or f"{spoken.source}\x1f{spoken.uid}"


def name_thread(spoken: Spoken) -> str:
    """Names the conversation of a cue; a message in no thread is one of its own."""
    return spoken.thread or name_message(spoken)


def find_settled(situation: Situation) -> frozenset[SuggestionKey]:
    """Finds the keys that the owner has done, or does not want."""
    return frozenset(d.key for d in situation.decisions if isinstance(d, Done | NotThis))
