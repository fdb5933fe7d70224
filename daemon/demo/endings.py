"""The script -> the letters and meetings that happen on purpose, put into the year."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ConfigDict, Field, TypeAdapter

from daemon.demo.people import OWNER, Alter, read_script
from daemon.demo.story import Correspondence, Meeting, instant

_RECENT_DAYS = 20  # a scripted letter as recent as this ends the chance part of a story


@dataclass(frozen=True, slots=True)
class Beat:
    """A scripted letter. Without a ``subject`` it answers the last one of the two.

    ``also`` are further people it is addressed to, ``cc`` those who get a copy.
    """

    who: str
    ago: int
    at: str
    by: Literal["alter", "owner"]
    text: str
    subject: str = ""
    cc: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Date:
    """A scripted meeting; ``ago`` is negative for one that is booked."""

    ago: int
    at: str
    minutes: int
    title: str
    place: str
    people: tuple[str, ...]
    declined_by: str = ""
    status: str = "CONFIRMED"
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens on purpose, in the order of the file."""

    letter: tuple[Beat, ...]
    event: tuple[Date, ...]
