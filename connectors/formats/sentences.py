"""A place in a paragraph to the sentence that stands there."""

import re

SENTENCE_LIMIT = 500
"""Characters of a sentence kept."""

_end = re.compile(r"[.!?…][\"')\]]*\s")


def sentence_around(paragraph: str, start: int, end: int) -> str:
    """Cut out the sentence that holds characters ``start`` to ``end`` of ``paragraph``.

    A sentence ends at ".", "!", "?" or "…" before white space. At most 500 characters are
    returned, stripped; ``paragraph`` must be scrubbed already.
    """
    floor = max(0, start - SENTENCE_LIMIT // 2)
    for stop in _end.finditer(paragraph, floor, start):
        floor = stop.end()
    after = _end.search(paragraph, end, floor + SENTENCE_LIMIT)
    ceiling = after.end() if after else floor + SENTENCE_LIMIT
    return paragraph[floor:ceiling].strip()
