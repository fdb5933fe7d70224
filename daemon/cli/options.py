"""The options that commands share, with one meaning and one help text each."""

from datetime import datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from daemon.errors import UserError

From = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        help="Read this: an mbox (also .gz), a Maildir, a folder of .eml files, an .ics "
        "calendar, a .vcf address book, or a feed file. May be given more than once.",
        show_default=False,
    ),
]
Me = Annotated[
    list[str] | None,
    typer.Option(
        "--me", help="An address of yours. May be given more than once.", show_default=False
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="Take this for the present: a date (its digest hour) or an instant "
        "such as 2026-11-20T09:30+01:00. Nothing later is used.",
        show_default=False,
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        help="Keep what is read in this folder, so that the next run reads only what is new.",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="Use these settings.", show_default=False),
]
Zone = Annotated[
    str | None,
    typer.Option("--zone", help="Your time zone, such as Europe/Berlin.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print facts as JSON, for programs.")]
Person = Annotated[
    str, typer.Argument(help="An address, or a name as kithd prints it.", show_default=False)
]


def parse_at(text: str | None, *, zone: ZoneInfo, hour: time, now: datetime) -> datetime:
    """Return the instant that ``--at`` means: a bare date means that day's digest hour.

    An instant without an offset is in ``zone``. Without ``--at`` it is ``now``.

    Raises:
        UserError: It is neither a date nor an instant.
    """
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"{text!r} is neither a date nor an instant.",
            "the --at option",
            "--at 2026-11-20 or --at 2026-11-20T09:30+01:00",
        ) from None
    if len(text) <= len("2026-11-20"):
        at = datetime.combine(at.date(), hour)
    return at if at.tzinfo else at.replace(tzinfo=zone)
