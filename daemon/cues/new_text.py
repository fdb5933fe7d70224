"""A message's body -> what its author wrote now: quotes, forwards, signatures, dumps cut.

Segmenting mail into zones before reading it cuts a request classifier's errors by 41 %.
Source: Lampert, Dale & Paris, "Detecting emails containing requests for action" (2010).
"""

import re

from daemon.cues.machine_text import drop_machine_lines, drop_patches, may_hold_patch

MAX_LINES = 2_000  # longer bodies are dumps; what a person wrote lies before
_QUOTE = re.compile(r"\s*(?:[>|»]|[A-Za-z]{1,10}>)")
_QUOTE_SIGNS = (">", "|", "»")
_INTRODUCTION_ENDS = (":", ": ", "wrote")
_SIGNATURE = re.compile(r"\s*(?:--|—|__)\s*$|(?:-- |—)\S{0,20}$")
_SENT_FROM = re.compile(
    r"\s*(?:sent from (?:my|the|outlook|yahoo|mail\b|typeapp|a\b)[\w .]{0,40}(?:<[^>]*>)?\.?$"
    r"|sent from \w+<|get outlook for|(?:envoyé|gesendet|enviado|inviato|verzonden) .{0,40}"
    r"(?:iphone|outlook|android|samsung))",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"\s*(?:[-_*]{2,60} ?[\w'\u2019 -]{0,40}(?:original|forwarded|message|nachricht|besked|mensaje"
    r"|messaggio|bericht|mensagem)[\w'\u2019 -]{0,40}[-_:*]{2}|begin forwarded message:"
    r"|-----begin pgp (?:signature|public|message))",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"[\s*]{0,12}(?:from|sent|date|to|cc|subject|reply-to|de|envoyé(?: le)?|à|objet|copie à"
    r"|von|gesendet|an|betreff|datum|van|verzonden|aan|onderwerp|da|inviato|a|oggetto"
    r"|message du|enviado|para|asunto|assunto|fra|til|emne)[ *]{0,3}:",
    re.IGNORECASE,
)
_HEADER_START = re.compile(
    r"[\s*]{0,12}(?:from|sent|date|to|subject|de|von|van|da|fra|message du)[ *]{0,3}:",
    re.IGNORECASE,
)
_TAIL_INITIALS = frozenset("-_—* FfSsDdTtVvMmBbGgEeIi")
_WROTE = re.compile(
    r"\b(?:wrote|writes|write|said|says|schrieb|schreef|skrev|escribió|escreveu|écrit|scritto"
    r"|kirjoitti|napisał|írta|написал)\b.{0,90}$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"\s*(?:(?:on|at|in|le|am|op|el|em|den|dnia|il|pe|tir|\u0441\u0440|quoting|thus spake"
    r"|also sprach|(?:mon|tue|wed|thu|fri|sat|sun)\w{0,6}|[^\W\d]{2,3}[.,])\s|>|\d|\*{2,})",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"[^.!?]{0,80}<[^<>\s]+@")
_STAMP = re.compile(r"\d.{0,120}(?:@|\d[:.]\d\d)", re.DOTALL)
_BROKEN_ADDRESS = re.compile(r"\d:\d\d\b.{0,120}<(?:[^<>\s]+@[^<>\s]+)? ?$")
_MAX_INTRODUCTION = 400  # characters of "On Monday, Ana wrote:"; bounds what the rules search
_CLOSING = re.compile(
    r"\s*(?:(?:best|kind|warm|many|with)? ?(?:regards|wishes|greetings|thanks)|best|cheers"
    r"|thanks|thank you|thx|sincerely|yours|bye|ciao|rgds|br|mfg|take care)"
    r"[\w ]{0,24}[,.!]*\s*$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"intended (?:recipient|solely|only|for the (?:use|addressee|named|person|individual))"
    r"|confidential(?:ity)? (?:notice|and|information)|legally privileged"
    r"|privileged (?:and|or|information)|e-?mail (?:and|or) any (?:attachments?|files)"
    r"|received this (?:e-?mail|message|communication|transmission) in error"
    r"|(?:scanned|checked) (?:for|by) .{0,40}virus|before printing this"
    r"|unsubscribe|mailing list\b.{0,200}https?://",
    re.IGNORECASE | re.DOTALL,
)
_NOTICE_WORDS = (
    "intended", "confidential", "privileged", "attachment", "in error", "virus", "printing",
    "unsubscribe", "mailing list",
)  # fmt: skip
_PHONE = re.compile(
    r"\s*(?:(?:tel|phone|fax|mobile|mob|cell|office|direct|ph|skype|icq|e-?mail|web|gpg|pgp)"
    r"\b[^a-z]{0,4}[.:]|[tfmp][.:] ?[+(\d])",
    re.IGNORECASE,
)
_ODD_SPACES = str.maketrans(
    {"\xa0": " ", "\u200b": None, "\ufeff": None, "\u2028": "\n", "\x0c": "\n"}
)


def cut_new_text(text: str) -> str:
    """Return only what this author wrote now, in paragraphs separated by a blank line.

    Cut are quotes with the line that introduces them, forwarded parts, signatures,
    disclaimers, patches, code, logs, tables and PGP blocks. Replies written between quotes
    stay, in order. Linear in the length of ``text``, of which 2,000 lines are read.

    Source: RFC 3676 section 4.3 and 4.5 (signature line, quotes); "wrote" lines as measured
    over a public archive and reply-parser fixtures.
    """
    text = _normalise(text)
    lines = text.split("\n", MAX_LINES)[:MAX_LINES]
    lines = _before_tail(_drop_quotes(lines))
    if may_hold_patch(text):
        lines = drop_patches(lines)
    return _join(_drop_closing(drop_machine_lines(lines)))


def _normalise(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() or "\x0c" in text:
        text = text.translate(_ODD_SPACES)
    return _fold_blanks(text)


def _fold_blanks(text: str) -> str:
    """Leave one blank line where there were several; each round folds a third away."""
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _before_tail(lines: list[str]) -> list[str]:
    """Cut from the first line that ends what the author wrote."""
    for at, line in enumerate(lines):
        if line and line[0] in _TAIL_INITIALS and _ends_text(lines, at, line):
            return lines[:at]
    return lines


def _ends_text(lines: list[str], at: int, line: str) -> bool:
    if line[0] in "-_—* ":
        if _SIGNATURE.match(line) or _ORIGINAL.match(line):
            return True
    elif _SENT_FROM.match(line) or (line[1:5] == "egin" and _ORIGINAL.match(line)):
        return True
    is_header = ":" in line[:28] and _HEADER_START.match(line) is not None
    return is_header and _is_header_block(lines, at)


def _is_header_block(lines: list[str], at: int) -> bool:
    """Whether a forwarded message's headers start here: three of the next five lines are."""
    following = [line for line in lines[at : at + 7] if line.strip()][:5]
    return sum(1 for line in following if _HEADER.match(line)) >= 3


def _drop_quotes(lines: list[str]) -> list[str]:
    """Drop quoted lines and the lines that introduce them."""
    last_quote = next((at for at in range(len(lines) - 1, -1, -1) if _is_quote(lines[at])), -1)
    kept: list[str] = []
    is_in_quote = False
    for at, line in enumerate(lines):
        if at <= last_quote and (line[:1] in _QUOTE_SIGNS or _is_quote(line)):
            if not is_in_quote:
                _drop_introduction(kept)
            is_in_quote = True
        elif at > last_quote and line.endswith(_INTRODUCTION_ENDS) and _is_reply(kept, line):
            break
        else:
            is_in_quote = is_in_quote and not line
            kept.append(line)
    return kept


def _is_quote(line: str) -> bool:
    return line[:1] in _QUOTE_SIGNS or (">" in line[:12] and _QUOTE.match(line) is not None)


def _is_reply(kept: list[str], line: str) -> bool:
    """Whether ``kept`` is a reply, and what follows ``line`` the mail it answers, unmarked."""
    paragraph = _last_paragraph([*kept[-2:], line])
    joined = " ".join(paragraph)
    if len(joined) > _MAX_INTRODUCTION:
        return False
    opens = _OPENS.match(paragraph[0]) or _ADDRESSED.match(paragraph[0])
    if not (opens and _STAMP.search(joined)):
        return False
    if not (_WROTE.search(joined) or "@" in joined):
        return False
    del kept[len(kept) + 1 - len(paragraph) :]
    return any(line.strip() for line in kept)


def _drop_introduction(kept: list[str]) -> None:
    """Drop "On Monday, Ana wrote:" from the end of ``kept``, over at most three lines."""
    while kept and not kept[-1].strip():
        kept.pop()
    paragraph = _last_paragraph(kept)
    n_lines = _count_introduction(paragraph)
    if n_lines:
        del kept[-n_lines:]
    kept.append("")


def _count_introduction(paragraph: list[str]) -> int:
    """How many of the last lines say who wrote what is quoted next; the fewest that open so."""
    if not paragraph or not _introduces(" ".join(paragraph[-3:])):
        return 0
    for n_lines in range(1, len(paragraph) + 1):
        if _OPENS.match(paragraph[-n_lines]):
            return n_lines
    last = paragraph[-1]
    return 1 if _introduces(last) and (_ADDRESSED.match(last) or len(last) < 80) else 0


def _introduces(joined: str) -> bool:
    joined = joined[-_MAX_INTRODUCTION:]
    if _BROKEN_ADDRESS.search(joined):
        return True
    if not joined.rstrip().endswith((":", "wrote", ">", "...", ",")):
        return False
    return _WROTE.search(joined) is not None or "@" in joined


def _last_paragraph(lines: list[str]) -> list[str]:
    """The last lines up to a blank one, at most three."""
    start = len(lines)
    while start > 0 and len(lines) - start < 3 and lines[start - 1].strip():
        start -= 1
    return lines[start:]


def _drop_closing(lines: list[str]) -> list[str]:
    """Cut "Best regards, Ana" and what follows it, among the last eight lines."""
    while lines and not lines[-1].strip():
        lines.pop()
    for at in range(max(1, len(lines) - 8), len(lines)):
        if len(lines[at]) < 50 and _CLOSING.match(lines[at]):
            return lines[:at]
    return lines


def _join(lines: list[str]) -> str:
    kept = [line.strip() for line in lines if not _is_contact_line(line)]
    paragraphs = _fold_blanks("\n".join(kept)).strip("\n")
    lowered = paragraphs.lower()
    if not any(word in lowered for word in _NOTICE_WORDS):
        return paragraphs
    return "\n\n".join(part for part in paragraphs.split("\n\n") if not _NOTICE.search(part))


def _is_contact_line(line: str) -> bool:
    return ":" in line[:12] and len(line) < 80 and _PHONE.match(line) is not None
