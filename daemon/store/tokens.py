"""What is kept or exported -> the same without the tokens by which a reply proves what it answers.

They are needed while a message is in memory; kept, they would lie in every copy and export.
"""

import re
from dataclasses import replace

from connectors.observations import Message, Observation
from daemon.digest.references import find_in_subject

_ID = re.compile(r"(<?kithd\.\d{4}-\d\d-\d\d)\.[0-9a-f]{16}@", re.ASCII | re.IGNORECASE)


def without_tokens(observation: Observation) -> Observation:
    """Return ``observation`` as it may be kept.

    In Message-IDs the day stays, so that a thread is still one. The subject of an answer to
    a digest goes: it says nothing of its own, and was read whatever the reading level.
    """
    if not isinstance(observation, Message):
        return observation
    named = (observation.message_id, observation.in_reply_to, *observation.references)
    is_answer = any(map(_is_own, named[1:])) or any(find_in_subject(observation.subject))
    if not (is_answer or _is_own(named[0])):
        return observation
    return replace(
        observation,
        message_id=observation.message_id and cut_tokens(observation.message_id),
        in_reply_to=observation.in_reply_to and cut_tokens(observation.in_reply_to),
        references=tuple(map(cut_tokens, observation.references)),
        subject="" if is_answer else observation.subject,
    )


def cut_tokens(text: str) -> str:
    """Return ``text`` with no token in the Message-IDs of digests that it holds; the day stays."""
    return _ID.sub(r"\1@", text)


def _is_own(message_id: str | None) -> bool:
    return message_id is not None and message_id.lower().startswith(("kithd.", "<kithd."))
