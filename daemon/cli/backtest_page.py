"""What a backtest found -> a page that needs no statistics to be read."""

import textwrap
from collections.abc import Iterator
from datetime import date

from daemon.cli.spans import say_day, say_length, say_span
from daemon.config.model import Ties
from daemon.digest.words import capitalise, count
from daemon.jobs.backtest import Report
from daemon.jobs.histories import Past
from daemon.ties.backtest import FIXED_DAYS, MIN_FLAGS, Backtest, Record
from daemon.ties.flags import AGAIN_DAYS
from daemon.ties.hindsight import (
    MIN_CASES,
    MIN_OF_EACH,
    Foresight,
    count_outcomes,
    find_enough_cases,
)
from daemon.ties.outcomes import Outcome

COLUMNS = 88
NAME_COLUMNS = 28
SHOWN = 5
"""Flags shown by name: the last of those whose outcome is known."""


def write_page(report: Report, settings: Ties, *, is_fitted: bool) -> list[str]:
    """Return the lines of the page."""
    result = report.result
    if not result.n_silences:
        return ["There is no contact to replay yet."]
    lasting = say_length(settings.dormant_days)
    parts = (
        _say_what_was_done(result, is_fitted=is_fitted),
        _say_flags(result, lasting),
        _say_examples(report.past, result.kithd, lasting),
        _say_foresight(report.foresight, report, lasting),
        _say_terms(settings, lasting),
    )
    return [line for part in parts for line in ("", *part)][1:]


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS)


def _say_what_was_done(result: Backtest, *, is_fitted: bool) -> Iterator[str]:
    span = capitalise(say_span(result.began, result.until))
    yield from _wrap(
        f"{span} of your contact, from {say_day(result.began)} to {say_day(result.until)}, gone "
        "through day by day, as if kithd had been running with your present settings: "
        f"{count(result.n_ties, 'person', 'people')}, {count(result.n_silences, 'silence')} "
        "between one contact and the next."
    )
    if is_fitted:
        yield from _wrap(
            "kithd now goes by numbers fitted to you. On the past they were fitted to they would "
            "look better than they are, so this goes by the numbers of the settings."
        )


def _say_flags(result: Backtest, lasting: str) -> Iterator[str]:
    kithd = result.kithd
    if kithd.n_known < MIN_FLAGS:
        yield from _say_too_few(result, lasting)
    else:
        lasted = kithd.count(Outcome.LASTED)
        yield f"Of {kithd.n_known:,} silences that kithd would have flagged and whose end is known,"
        yield f"{lasted:,} lasted {lasting};"
        yield f"{_say_rule(f'by a {FIXED_DAYS}-day rule', result.fixed)};"
        yield f"{_say_rule('by a rule of twice the usual gap', result.overdue)}."
        yield ""
        yield from _tabulate(result)
        yield ""
        yield f"Half of kithd's flags came by day {kithd.silent_days:.0f} of a silence."
        if kithd.days_before is not None:
            yield (
                f"Of those that lasted {lasting}, half were flagged at least "
                f"{kithd.days_before:.0f} days before that."
            )
    yield from _say_week(result)


def _say_rule(rule: str, record: Record) -> str:
    return f"{rule}: {record.n_known:,} flagged, {record.count(Outcome.LASTED):,} lasted"


def _tabulate(result: Backtest) -> Iterator[str]:
    yield "                        flagged   lasted  came back  not known  lasted of 100"
    for name, record in (
        ("kithd", result.kithd),
        (f"{FIXED_DAYS} days of silence", result.fixed),
        ("twice the usual gap", result.overdue),
    ):
        n_unknown = record.count(Outcome.OPEN) + record.count(Outcome.AWAY)
        n_forecast = len(record.flags) - record.count(None)
        share = "-" if record.share_lasted is None else f"{100 * record.share_lasted:.0f}"
        yield (
            f"  {name:<21} {n_forecast:>7,}  {record.count(Outcome.LASTED):>7,}"
            f"  {record.count(Outcome.CAME_BACK):>9,}  {n_unknown:>9,}  {share:>13}"
        )


def _say_too_few(result: Backtest, lasting: str) -> Iterator[str]:
    kithd = result.kithd
    yield "There is too little history to tell how often kithd is right."
    yield from _wrap(
        f"kithd would have flagged {count(len(kithd.flags), 'silence')}. Of {kithd.n_known} it is "
        f"known what came of them; {MIN_FLAGS} are needed. "
        + _say_when_enough(result.enough_on, lasting, MIN_FLAGS)
    )


def _say_when_enough(on: date | None, lasting: str, needed: int) -> str:
    if on is None:
        return f"Each takes {lasting} to be known, so this takes its time."
    return f"{needed} will be known on {say_day(on)}."


def _say_week(result: Backtest) -> Iterator[str]:
    n, limits = len(result.kithd.flags), result.kithd.count(None)
    if n:
        yield from _wrap(
            f"That is {say_pace(n / result.n_weeks)}, and {len(result.last_year.flags)} in the "
            f"last year. With at most {result.per_week} a week you would have seen "
            f"{result.n_seen:,} of {n:,}."
        )
    if limits:
        yield from _wrap(
            f"{limits:,} of these came at a longest gap that you set: your wish and no forecast, "
            "so not judged."
        )


def say_pace(per_week: float) -> str:
    """Return "1.2 flags a week", or in months and years where that reads better."""
    for pace, unit in ((per_week, "week"), (per_week * 52.18 / 12, "month")):
        if pace >= 0.95:
            return f"about {pace:.1f} flags a {unit}"
    return f"about {per_week * 52.18:.1f} flags a year"


def _say_examples(past: Past, kithd: Record, lasting: str) -> Iterator[str]:
    known = [o for o in kithd.flags if o.outcome in (Outcome.LASTED, Outcome.CAME_BACK)][-SHOWN:]
    if not known:
        yield "What came of a flag is not known of any yet."
        return
    yield f"The last {len(known)} of those known (--json has all):"
    names = [past.people[one.flag.alter].name[:NAME_COLUMNS] for one in known]
    width = max(map(len, names))
    for one, name in zip(known, names, strict=True):
        came = f"lasted {lasting}" if one.outcome is Outcome.LASTED else "came back"
        flag = one.flag
        yield f"  {name:<{width}}  {say_day(flag.on)}, silent {flag.silent_days} days: {came}"


def _say_foresight(found: Foresight | None, report: Report, lasting: str) -> Iterator[str]:
    if found is None:
        yield from _say_too_few_cases(report, lasting)
        return
    yield from _wrap(
        "Of two silences, one of which was to last, kithd gave the right one the higher chance in "
        f"{_of_100(found.auc)} of 100 cases (a coin: 50; whichever silence is longer: "
        f"{_of_100(found.auc_silence)}; whichever is longer in view of its usual gap: "
        f"{_of_100(found.auc_overdue)}). With other people much like yours it might have been "
        f"anything from {_of_100(found.auc_low)} to {_of_100(found.auc_high)}."
    )
    yield ""
    yield from _wrap(
        "On the first of each month kithd put a chance on each silence, "
        f"{count(found.n, 'time')} in all, on {count(found.n_ties, 'person', 'people')}."
    )
    for one in found.bins:
        said, share = f"{100 * one.p_mean:.0f}", _of_100(one.share_lasted)
        yield (
            f"  When it said about {said:>2} %, {share:>3} of 100 lasted ({count(one.n, 'time')})."
        )
    yield f"On average it was {_say_points(100 * found.error)} off."


def _say_too_few_cases(report: Report, lasting: str) -> Iterator[str]:
    n_lasted, n_came_back = count_outcomes(report.cases)
    yield "There is too little history to tell how well kithd's chances hold."
    on = find_enough_cases(report.cases, report.result.until)
    when = "" if on == report.result.until else f" {_say_when_enough(on, lasting, MIN_CASES)}"
    yield from _wrap(
        "On the first of each month kithd put a chance on each silence. Of "
        f"{count(n_lasted + n_came_back, 'such case')} it is known what came of them: {n_lasted} "
        f"lasted, {n_came_back} came back. {MIN_CASES} are needed, and at least {MIN_OF_EACH} of "
        f"either kind.{when}"
    )


def _say_terms(settings: Ties, lasting: str) -> Iterator[str]:
    yield from _wrap(
        f'"Lasted": no contact for {lasting}, or for {settings.dormant_gaps:g} of the usual gaps '
        'with that person where this is longer. "Not known": that time is not over, or you wrote '
        "to nobody in its second half. All three rules leave new ties alone, flag a silence once, "
        f"and a person at most once in {AGAIN_DAYS} days. That somebody came back speaks for no "
        "rule and against none: it may have been your letter."
    )


def _of_100(share: float) -> str:
    return f"{100 * share:.0f}"


def _say_points(points: float) -> str:
    return "less than a point" if points < 0.5 else count(round(points), "point")
