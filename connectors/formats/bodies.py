"""The parts of a message to what its author wrote: text, links, number of attachments."""

from dataclasses import dataclass

from connectors.formats.charsets import decode_bytes
from connectors.formats.links import find_links
from connectors.formats.markup import LINKS_LIMIT, read_html
from connectors.formats.mime import Part
from connectors.formats.text import scrub_lines
from connectors.formats.transfer import decode_body
from connectors.observations import Link, Mark

TEXT_LIMIT = 64 * 1024
"""Characters of text kept. Source: the promise of ``Message.text``."""
_PLAIN_BYTES = 4 * TEXT_LIMIT
_HTML_BYTES = 8 * TEXT_LIMIT

PLAIN = "text/plain"
HTML = "text/html"
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7")
_MARKS = {
    "multipart/report": Mark.REPORT,
    "message/delivery-status": Mark.REPORT,
    "message/feedback-report": Mark.FEEDBACK,
}


@dataclass(frozen=True, slots=True)
class Body:
    """What a message says, and what its structure gives away."""

    text: str
    links: tuple[Link, ...]
    marks: frozenset[Mark]
    n_attachments: int


def read_body(raw: bytes, root: Part, *, is_bulk: bool) -> Body:
    """Read the author's own text, attachments and forwarded messages left out.

    Plain text is preferred to HTML (RFC 2046 section 5.1.4). Links come from the text, but
    from the HTML where the text does, and in bulk mail, where the HTML is the original.
    """
    leaves = list_leaves(root)
    chosen = _choose(raw, root)
    pages = {leaf.start: _read_page(raw, leaf) for leaf in _pages(chosen, leaves, is_bulk)}
    texts = (
        pages[leaf.start][0] if leaf.content.kind == HTML else _read_plain(raw, leaf)
        for leaf in chosen
    )
    text = scrub_lines("\n".join(texts), TEXT_LIMIT).strip("\n")
    linked = [link for _, links in pages.values() for link in links]
    return Body(
        text=text,
        links=tuple(linked[:LINKS_LIMIT]) if pages else find_links(text),
        marks=frozenset(_MARKS[one.content.kind] for one in leaves if one.content.kind in _MARKS),
        n_attachments=sum(map(_counts_as_attachment, leaves)),
    )


def structural_marks(kind: str) -> frozenset[Mark]:
    """Say what the outermost content type alone gives away."""
    return frozenset({_MARKS[kind]} if kind in _MARKS else ())


def list_leaves(root: Part) -> list[Part]:
    """List the parts that hold no parts, in their order."""
    leaves: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.parts:
            waiting.extend(reversed(part.parts))
        else:
            leaves.append(part)
    return leaves


def _pages(chosen: list[Part], leaves: list[Part], is_bulk: bool) -> list[Part]:
    """Say which HTML must be parsed: what was chosen, and in bulk mail the first of all."""
    pages = [leaf for leaf in chosen if leaf.content.kind == HTML]
    if is_bulk and not pages:
        shown = (one for one in leaves if one.content.kind == HTML and not _is_attachment(one))
        pages = [*shown][:1]
    return pages


def _choose(raw: bytes, part: Part) -> list[Part]:
    """Choose the leaves that make up the text, in their order."""
    kind = part.content.kind
    if not part.parts:
        is_text = kind in (PLAIN, HTML) and not _is_attachment(part)
        return [part] if is_text and not raw[part.start : part.end].isspace() else []
    if kind == "multipart/alternative":
        return _best([_choose(raw, child) for child in part.parts])
    children = part.parts[:1] if kind == "multipart/report" else part.parts
    return [leaf for child in children for leaf in _choose(raw, child)]


def _best(choices: list[list[Part]]) -> list[Part]:
    for choice in choices:
        if any(leaf.content.kind == PLAIN for leaf in choice):
            return choice
    return next(filter(None, choices), [])


def _is_attachment(part: Part) -> bool:
    return part.disposition.startswith("attachment") or "filename" in part.disposition


def _counts_as_attachment(part: Part) -> bool:
    """Count what is attached; not signatures, nor the pictures a page is made of."""
    kind = part.content.kind
    if kind in _SIGNATURES or (kind.startswith("image/") and part.has_content_id):
        return False
    is_named = "name" in part.content.parameters and not kind.startswith("text/")
    return _is_attachment(part) or is_named


def _read_page(raw: bytes, leaf: Part) -> tuple[str, tuple[Link, ...]]:
    return read_html(_decode(raw, leaf, _HTML_BYTES))


def _read_plain(raw: bytes, leaf: Part) -> str:
    text = _decode(raw, leaf, _PLAIN_BYTES)
    if leaf.content.parameters.get("format", "").lower() == "flowed":
        return join_flowed(text, leaf.content.parameters.get("delsp", "").lower() == "yes")
    return text


def _decode(raw: bytes, leaf: Part, limit: int) -> str:
    end = min(leaf.end, leaf.start + limit)
    payload = decode_body(raw[leaf.start : end], leaf.encoding)
    if end < leaf.end:  # A character cut in two would make the whole look wrongly encoded.
        payload = payload[: payload.rfind(b"\n") + 1] or payload
    return decode_bytes(payload, leaf.content.parameters.get("charset"))


def join_flowed(text: str, is_space_deleted: bool) -> str:
    """Join the lines of format=flowed text to the paragraphs they were.

    Source: RFC 3676 sections 4.1 to 4.5 (quotes, stuffing, signatures, DelSp).
    """
    paragraphs: list[str] = []
    pending: list[str] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if pending and (depth != open_depth or is_signature):
            paragraphs.append("".join(pending))
            pending.clear()
        if not pending and depth:
            pending.append(">" * depth + " ")
        is_open = content.endswith(" ") and not is_signature
        pending.append(content[:-1] if is_open and is_space_deleted else content)
        open_depth = depth
        if not is_open:
            paragraphs.append("".join(pending))
            pending.clear()
    return "\n".join([*paragraphs, "".join(pending)] if pending else paragraphs)
