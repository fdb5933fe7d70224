"""A path -> the sources that lie there, by what they are and not only by their name."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

from daemon.errors import ExitCode, UserError
from daemon.store.sources import Source

KINDS_BY_ENDING = {
    ".ics": "ics",
    ".ical": "ics",
    ".vcf": "vcf",
    ".vcard": "vcf",
    ".xml": "feed",
    ".rss": "feed",
    ".atom": "feed",
    ".eml": "eml",
    ".mbox": "mbox",
    ".mbx": "mbox",
}
_HEADS = (
    (b"From ", "mbox"),
    (b"BEGIN:VCALENDAR", "ics"),
    (b"BEGIN:VCARD", "vcf"),
    (b"<?xml", "feed"),
    (b"<rss", "feed"),
    (b"<feed", "feed"),
)
_FEED_ENDINGS = frozenset({".rss", ".atom"})
_MAX_LOOKED_AT = 2000
_MAX_DEPTH = 4


def recognise(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Return the sources at ``paths``, each with a name of its own.

    Raises:
        UserError: A path does not exist, or nothing that can be read lies there.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for kind, place in _kinds_at(path.expanduser()):
            name = _unused(f"{place.name or kind}", found)
            found[name] = Source(name, kind, str(place.resolve()), "text")
    return tuple(found.values())


def _kinds_at(path: Path) -> Iterator[tuple[str, Path]]:
    if not (path.is_file() or path.is_dir()):
        raise UserError(
            "There is nothing to read here.",
            f"--from {path}",
            "Name a file or a folder, for instance an exported mailbox: mail.mbox",
            exit_code=ExitCode.UNAVAILABLE,
        )
    kinds = _kinds_in(path) if path.is_dir() else ((kind, path) for kind in _kinds_of(path))
    found = list(kinds)
    if not found:
        raise UserError(
            "This is no mailbox, calendar, address book or feed that kithd can read.",
            f"--from {path}",
            "Name an mbox (also .gz), a Maildir, a folder of .eml files, an .ics, a .vcf "
            "or a feed file",
            exit_code=ExitCode.UNAVAILABLE,
        )
    yield from found


def _kinds_in(folder: Path, depth: int = 0, *, has_eml: bool = False) -> Iterator[tuple[str, Path]]:
    """A Maildir is one source; else each folder of letters, calendars and cards, each mailbox.

    A folder that holds nothing but Maildirs is one Maildir with folders of its own.
    """
    entries = sorted(folder.iterdir())[:_MAX_LOOKED_AT]
    below = [e for e in entries if e.is_dir() and not e.is_symlink()]
    files = [e for e in entries if e.is_file() and not e.is_symlink()]
    if _is_maildir(folder) or (below and not files and all(map(_is_maildir, below))):
        yield "maildir", folder
        return
    kinds = {KINDS_BY_ENDING.get(file.suffix.lower()) for file in files}
    if "eml" in kinds and not has_eml:
        yield "eml", folder  # with all .eml files below it
    yield from ((kind, folder) for kind in ("ics", "vcf") if kind in kinds)
    yield from (("mbox", file) for file in files if _kinds_of(file) == ["mbox"])
    yield from (("feed", file) for file in files if _is_feed(file))
    for entry in below if depth < _MAX_DEPTH else []:
        yield from _kinds_in(entry, depth + 1, has_eml=has_eml or "eml" in kinds)


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_feed(file: Path) -> bool:
    return file.suffix.lower() in _FEED_ENDINGS or _kinds_of(file) == ["feed"]


def _kinds_of(path: Path) -> list[str]:
    head = _head(path)
    for start, kind in _HEADS:
        if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(start):
            return [kind]
    named = KINDS_BY_ENDING.get(path.suffix.lower())
    return [named] if named else []


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(256)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(path) as unpacked:
                return unpacked.read(256)
    except (OSError, EOFError) as problem:
        raise UserError(
            "This cannot be read.",
            f"--from {path}: {getattr(problem, 'strerror', None) or problem}",
            "Check that the file is yours to read and not damaged",
            exit_code=ExitCode.NO_PERMISSION,
        ) from problem
    return start


def _unused(name: str, taken: Iterable[str]) -> str:
    names = set(taken)
    numbered = (f"{name}-{n}" for n in range(2, len(names) + 3))
    return name if name not in names else next(n for n in numbered if n not in names)
