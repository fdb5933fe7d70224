"""A file of who wrote whom and when -> a Network of messages, whatever the file holds."""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TypeAlias

import numpy as np

from benchmarks.decay.arrays import Bools, Ints

SUFFIX = ".csv.gz"
DAY_SECONDS = 86400
_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799  # the years 1 to 9999
_LONGEST_LINE = 100_000

Row: TypeAlias = tuple[int, str, tuple[str, ...]]
"""When, in seconds; who wrote; who received it."""


@dataclass(frozen=True, slots=True)
class Network:
    """Messages as arcs: one entry a message and recipient, in the order of time.

    Attributes:
        name: The file's name without its ending.
        people: Who is meant by each number in ``src`` and ``dst``.
        at: When, in seconds, ascending.
        src: Who wrote.
        dst: Who received it; never ``src``, and once a message.
        message: The number of the message; all its recipients share it.
        n_recipients: How many recipients the message has.
        n_rows: Rows read, without the heading.
        n_broken: Rows left out because they could not be understood.
        trouble: Why the file could not be read to its end, empty if it could.
    """

    name: str
    people: tuple[str, ...]
    at: Ints
    src: Ints
    dst: Ints
    message: Ints
    n_recipients: Ints
    n_rows: int
    n_broken: int
    trouble: str

    @property
    def is_list(self) -> bool:
        """Whether it is a mailing list, which all read: its file is named ``list...``."""
        return self.name.startswith("list")

    @property
    def n_messages(self) -> int:
        """How many messages there are."""
        return int(self.message[-1]) + 1 if len(self.message) else 0

    @property
    def first_day(self) -> int:
        """The day of the first message, in whole days since the second 0."""
        return int(self.at[0]) // DAY_SECONDS if len(self.at) else 0

    @property
    def end_day(self) -> int:
        """The day after the last message."""
        return int(self.at[-1]) // DAY_SECONDS + 1 if len(self.at) else 0


def find_files(folder: Path, only: str | None = None) -> list[Path]:
    """Return the network files of ``folder`` by name; ``only`` keeps names that hold it."""
    found = sorted(folder.glob(f"*{SUFFIX}"))
    return [path for path in found if only is None or only in path.name]


def read_network(path: Path) -> Network:
    """Return the messages of ``path``: gzipped CSV with ``t``, ``src`` and ``dst`` or ``dsts``.

    ``t`` is in seconds; rows may be in any order; rows of equal (t, src) are one message.
    Ids may be anything without a comma, and in ``dsts`` without a space. Nothing about a
    file's content raises: what cannot be understood is counted, and what cannot be read
    is named in ``trouble``.
    """
    rows: list[Row] = []
    n_rows, trouble = 0, ""
    try:
        for row in _read_rows(path):
            n_rows += 1
            if row is not None:
                rows.append(row)
    except (OSError, EOFError, zlib.error) as error:
        trouble = f"not readable to its end: {error}"
    except _NoColumns as error:
        trouble = str(error)
    name = path.name.removesuffix(SUFFIX)
    return assemble(name, rows, n_broken=n_rows - len(rows), trouble=trouble)


def assemble(name: str, rows: Sequence[Row], *, n_broken: int = 0, trouble: str = "") -> Network:
    """Return the network of ``rows``, which may be in any order and may repeat themselves.

    Who writes to himself has not written to anybody. People are numbered in the order of
    their names, those that are numbers first and by their value.
    """
    arcs = [(t, src, dst) for t, src, dsts in rows for dst in dsts if dst != src]
    people = _order({person for _, src, dst in arcs for person in (src, dst)})
    number = {person: k for k, person in enumerate(people)}
    flat = ((t, number[src], number[dst]) for t, src, dst in arcs)
    columns = np.array(list(flat), dtype=np.int64).reshape(-1, 3)
    at, src, dst = np.unique(columns, axis=0).T
    message = _number_messages(at, src)
    n_recipients = np.bincount(message)[message] if len(message) else message
    n_rows = len(rows) + n_broken
    return Network(name, people, at, src, dst, message, n_recipients, n_rows, n_broken, trouble)


class _NoColumns(ValueError):
    """The file's first line names no columns that could be used."""


def _read_rows(path: Path) -> Iterator[Row | None]:
    with gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline=None) as lines:
        heading = [name.strip().strip('"').lower() for name in lines.readline().split(",")]
        places = _find_columns(heading)
        is_many = "dsts" in heading
        # Ids need no quoting; a quotation mark out of place must not swallow the rest.
        for fields in csv.reader(_bound(lines), quoting=csv.QUOTE_NONE):
            if fields:
                yield _parse(fields, places, is_many=is_many)


def _bound(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that ``csv`` can take; an endless one becomes a row that is broken."""
    return (line.replace("\0", "") if len(line) < _LONGEST_LINE else "?" for line in lines)


def _find_columns(heading: list[str]) -> tuple[int, int, int]:
    recipients = "dsts" if "dsts" in heading else "dst"
    missing = [name for name in ("t", "src", recipients) if name not in heading]
    if missing:
        raise _NoColumns(f"no column {' and no column '.join(missing)}")
    return heading.index("t"), heading.index("src"), heading.index(recipients)


def _parse(fields: list[str], places: tuple[int, int, int], *, is_many: bool) -> Row | None:
    if len(fields) <= max(places):
        return None
    t, src, dst = (fields[place].strip().strip('"') for place in places)
    seconds = _parse_seconds(t)
    if seconds is None or not src or not dst:
        return None
    return seconds, src, tuple(dst.split()) if is_many else (dst,)


def _parse_seconds(text: str) -> int | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    is_in_range = isfinite(seconds) and _FIRST_SECOND <= seconds <= _LAST_SECOND
    return int(seconds // 1) if is_in_range else None


def _order(people: set[str]) -> tuple[str, ...]:
    return tuple(sorted(people, key=_rank_name))


def _rank_name(person: str) -> tuple[bool, int, str]:
    """Numbers come first, by their value; who else there is changes nobody's rank."""
    is_number = person.isdecimal()
    digits = person.lstrip("0") if is_number else ""
    return not is_number, len(digits), digits or person


def _number_messages(at: Ints, src: Ints) -> Ints:
    is_new: Bools = np.ones(len(at), dtype=bool)
    is_new[1:] = (np.diff(at) != 0) | (np.diff(src) != 0)
    numbers: Ints = np.cumsum(is_new) - 1
    return numbers
