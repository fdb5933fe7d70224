"""What other settings would change -> a page: today by name, and the past in numbers."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from daemon.cli.spans import say_day, say_span
from daemon.digest.words import count
from daemon.jobs.simulate import Change, Simulation, Standing
from daemon.ties.backtest import Backtest, Record
from daemon.ties.flags import WEEK_DAYS
from daemon.ties.model import State
from daemon.ties.outcomes import Outcome
from daemon.ties.sentence import say

COLUMNS = 88
SHOWN = 12
"""Names shown in one group: --json has all."""

STALE_DAYS = 60
"""A last contact so long ago says that the mail was read long ago, and not that all is silent."""

Figure = Callable[[Backtest], str]


def write_page(found: Simulation, changes: Sequence[str], *, is_fitted: bool = False) -> list[str]:
    """Return the lines of the page; ``is_fitted``: numbers fitted to this past are in use."""
    wanted = ", ".join(changes)
    parts = (
        _say_today(found, wanted),
        *_say_changes(found),
        _say_past(found),
        *([textwrap.wrap(_FITTED, COLUMNS)] if is_fitted else []),
        ["Nothing is set yet. To set it, have in config.toml:", *write_settings(changes)],
    )
    return [line for part in parts for line in ("", *part)][1:]


_FITTED = (
    "Both sides use the numbers of the settings, and not those fitted to your own past, "
    "which would look better on it than they are."
)


def write_settings(changes: Sequence[str]) -> list[str]:
    """Return the lines of a settings file that say what ``ties.fading_at=0.6`` does."""
    lines: dict[str, list[str]] = {}
    for change in changes:
        place, _, value = change.partition("=")
        section, _, name = place.strip().rpartition(".")
        part, _, whom = section.partition(".")
        header = f'[{part}."{whom.strip(chr(34))}"]' if part == "people" else f"[{section}]"
        lines.setdefault(header, []).append(f"{name} = {value.strip()}")
    return [f"  {line}" for header, said in lines.items() for line in (header, *said)]


def _say_today(found: Simulation, wanted: str) -> Iterator[str]:
    past = found.now.replayed.past
    n_now, n_then = found.now.n_flagged, found.then.n_flagged
    yield f"With {wanted}, on {say_day(past.today)}:"
    yield f"{count(n_then, 'person', 'people')} flagged. With your present settings: {n_now:,}."
    if not found.changes:
        yield "Nobody would stand otherwise than now."
    if _is_stale(past.until, past.today):
        yield from textwrap.wrap(
            f"What was read ends on {say_day(past.until)}, and nobody can be fading so long after. "
            f"To ask for that day: --at {past.until.isoformat()}",
            COLUMNS,
        )


def _is_stale(until: date, today: date) -> bool:
    return (today - until).days > STALE_DAYS


def _say_changes(found: Simulation) -> Iterator[list[str]]:
    new = [change for change in found.changes if change.is_flag_new]
    gone = [change for change in found.changes if change.is_flag_gone]
    rest = [c for c in found.changes if not (c.is_flag_new or c.is_flag_gone)]
    for heading, group in (
        ("Flagged that are not now", new),
        ("Flagged now that would not be", gone),
        ("No flag before or after, but another state", rest),
    ):
        if group:
            yield list(_list(heading, group))


def _list(heading: str, group: Sequence[Change]) -> Iterator[str]:
    yield f"{heading} ({len(group)}):"
    for change in group[:SHOWN]:
        yield f"  {change.person.name}: {_say_standing(change.now)} -> {_say_standing(change.then)}"
        if change.then:
            indent = "    "
            sentence = say(change.then.tie)
            yield from textwrap.wrap(
                sentence, COLUMNS, initial_indent=indent, subsequent_indent=indent
            )
    if len(group) > SHOWN:
        yield f"  and {len(group) - SHOWN} more (--json has all)"


def _say_standing(standing: Standing | None) -> str:
    if standing is None:
        return "no tie"
    state = standing.tie.state
    if standing.is_flagged == (state is State.FADING):
        return state.value
    return f"{state.value}, {'at your longest gap' if standing.is_flagged else 'no flag'}"


def _say_past(found: Simulation) -> Iterator[str]:
    now, then = found.now.replayed.result, found.then.replayed.result
    yield f"{'':<34}{'now':>20}{'with it':>20}"
    yield f"In the year to {say_day(now.until)}"
    yield from _rows(now, then, _YEARS)
    yield f"In all {say_span(now.began, now.until)}"
    yield from _rows(now, then, _ALL)


def _rows(now: Backtest, then: Backtest, figures: Sequence[tuple[str, Figure]]) -> Iterator[str]:
    for name, figure in figures:
        yield f"  {name:<32}{figure(now):>20}{figure(then):>20}"


def _say_lasted(record: Record) -> str:
    if record.share_lasted is None:
        return "none known yet"
    lasted = record.count(Outcome.LASTED)
    return f"{lasted:,} of {record.n_known:,} ({100 * record.share_lasted:.0f} %)"


def _say_a_week(result: Backtest) -> str:
    n_weeks = min(result.n_weeks, 365 / WEEK_DAYS)
    return f"{len(result.last_year.flags) / n_weeks:.1f}"


def _say_silence(result: Backtest) -> str:
    days = result.kithd.silent_days
    return "-" if days is None else f"{days:.0f} days"


_YEARS: tuple[tuple[str, Figure], ...] = (
    ("silences flagged", lambda it: f"{len(it.last_year.flags):,}"),
    ("a week", _say_a_week),
    ("lasted, of those known", lambda it: _say_lasted(it.last_year)),
)
_ALL: tuple[tuple[str, Figure], ...] = (
    ("silences flagged", lambda it: f"{len(it.kithd.flags):,}"),
    ("seen under the weekly cap", lambda it: f"{it.n_seen:,} ({it.per_week} a week)"),
    ("lasted, of those known", lambda it: _say_lasted(it.kithd)),
    ("half were flagged by day", _say_silence),
)
