"""Lines of a body -> those a person wrote: patches, code, logs and tables dropped."""

import re

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_PATCH_HEAD = re.compile(
    r"(?:diff -|Index: \S|index [0-9a-f]{7,}\.\.|(?:---|\+\+\+|\*\*\*) \S+[\s/.]|={20,}$"
    r"|(?:new|deleted) file mode |old mode |new mode |similarity index |rename (?:from|to) "
    r"|RCS file:|retrieving revision |\\ No newline)"
)
_DIFFSTAT = re.compile(
    r"\s\S+ +\| +(?:\d+ ?[-+]*|Bin .*)$| \d+ files? changed|\s(?:create|delete) mode \d+ "
)
_TRAILER = re.compile(
    r"\s*(?:[A-Z][a-z]+(?:-[a-z]+){1,2}|Cc|CC|Bcc|To|From|Date|Fixes|Link|Subject|References"
    r"|Hash|Version|Message-I[dD]): \S"
)
_LOG = re.compile(
    r"\s*(?:\[ *\d+\.\d+\]|\[?<?[0-9a-fA-F]{8,}>?\]?\s|[\w.-]+\[\d+\]:|\S+:\d+(?::\d+)?:\s"
    r"|[#$%] \S|\S{1,60}[#$%] \S|#\s*(?:include|define|if|endif|else|undef)|/\*|\*/|\* "
    r"(?=.{0,80}\*/)|//|\w+\(\)?.{0,60}[;{]\s*$|-----BEGIN PGP|(?:https?|ftp)://\S+\s*$"
    r"|(?:gcc|cc|ld|make|In file included|Entering directory|Call Trace|Kernel panic"
    r"|Unable to handle|Oops)\b[^.?]*$)"
)
_PROSE = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,'\"?!()-:;`" + bytes(
    range(128, 256)
)
_INDENTS = (" ", "\t")
_TRAILER_LENGTH = 24  # characters up to the colon of "Signed-off-by: " and its kin
_JUDGED = 400  # characters at a line's start tell what it is
_DIGITS = b"0123456789"
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S.*\S(?:\t| {3,})\S")
_SENTENCE = re.compile(r"\s*(?:[-*•] |\d{1,2}[.)] )?[\"'(]?[A-Za-z][\w',-]*(?: +[\w'\",()-]+){3}")


def may_hold_patch(text: str) -> bool:
    """Whether ``text`` is worth searching for unified diffs."""
    return "@@ -" in text or "diff -" in text or "Index: " in text


def drop_patches(lines: list[str]) -> list[str]:
    """Return ``lines`` without unified diffs, a blank line standing for each.

    A hunk is as long as its header says, or shorter where a line cannot belong to it.
    """
    kept: list[str] = []
    n_left = 0
    for line in lines:
        hunk = _HUNK.match(line) if line.startswith("@@") else None
        if hunk is not None:
            n_left = int((hunk[1] or "1")[:6]) + int((hunk[2] or "1")[:6])
        elif n_left > 0 and line[:1] in _HUNK_INITIALS:
            n_left -= 1 if line[:1] in "+-" and line else 2
        else:
            n_left = 0
            is_head = line[:1] in _HEAD_INITIALS and _PATCH_HEAD.match(line) is not None
            kept.append("" if is_head else line)
    return kept


_HEAD_INITIALS = frozenset("diI-+*=nosrR\\")
_HUNK_INITIALS = frozenset(("", "+", "-", " ", "\t", "\\"))


def drop_machine_lines(lines: list[str]) -> list[str]:
    """Return ``lines`` with a blank one for each that holds code, a log, a trailer or a table."""
    return ["" if is_machine_line(line) else line for line in lines]


def is_machine_line(line: str) -> bool:
    """Whether a line was written for or by a machine, judged by its signs and shape alone.

    Source: thresholds set by reading 300 bodies of a public kernel mailing list.
    """
    line = line[:_JUDGED]
    odd = line.encode("utf-8", "replace").translate(None, _PROSE)
    if not odd and line[:1] not in _INDENTS and "   " not in line:
        return ": " in line[:_TRAILER_LENGTH] and _TRAILER.match(line) is not None
    n_signs = len(odd.translate(None, _DIGITS))
    if 2 * n_signs + len(odd) > 0.5 * len(line):  # signs weigh three times what digits do
        return True
    if (line[:1] in _INDENTS or "   " in line) and _is_laid_out(line):
        return True
    if ": " in line[:_TRAILER_LENGTH] and _TRAILER.match(line) is not None:
        return True
    if ("|" in line or line[:1] == " ") and _DIFFSTAT.match(line) is not None:
        return True
    return _LOG.match(line) is not None


def _is_laid_out(line: str) -> bool:
    if ("   " in line or "\t" in line) and _COLUMNS.search(line) is not None:
        return True
    is_deep = line[:1] == "\t" or line.startswith("    ")
    return is_deep and _SENTENCE.match(line) is None
