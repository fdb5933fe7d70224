"""The grammar reads what people really type, and acts on nothing else."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.commands.grammar import MAX_CHARACTERS, MAX_COMMANDS, VERBS, list_verbs, parse
from daemon.commands.model import (
    AskHelp,
    AskMore,
    AskWhy,
    Command,
    Forbid,
    Forget,
    Join,
    LetRest,
    MarkDone,
    NotUnderstood,
    Part,
    Pause,
    PlaceInCircle,
    Refuse,
    ReportHelp,
    Resume,
    SetCadence,
    Snooze,
    Span,
    TakeBack,
    Unit,
    Weekday,
    WriteNote,
)
from daemon.people.model import Identity

ANA, BOB = Identity("ana@example.org"), Identity("bob@example.net")

SAYINGS: list[tuple[str, Command]] = [
    ("done 1", MarkDone((1,))),
    ("done all", MarkDone(())),
    ("done 1 3", MarkDone((1, 3))),
    ("done 1, 3 and 3", MarkDone((1, 3))),
    ("Done 1.", MarkDone((1,))),
    ("done #1", MarkDone((1,))),
    ("DONE: 1", MarkDone((1,))),
    ("snooze 2 2w", Snooze(2, Span(2, Unit.WEEK))),
    ("snooze 2 3d", Snooze(2, Span(3, Unit.DAY))),
    ("snooze 2 1m", Snooze(2, Span(1, Unit.MONTH))),
    ("snooze 2 for 2 weeks", Snooze(2, Span(2, Unit.WEEK))),
    ("snooze 2 until friday", Snooze(2, Weekday(4))),
    ("snooze 2 until Mon.", Snooze(2, Weekday(0))),
    ("snooze 2 tomorrow", Snooze(2, Span(1, Unit.DAY))),
    ("snooze 2 until 2026-12-01", Snooze(2, date(2026, 12, 1))),
    ("not 1", Refuse(1)),
    ("never 3", Forbid(3)),
    ("never 3 yes", Forbid(3, True)),
    ("Never Ana@Example.org, yes.", Forbid(ANA, True)),
    ("forget 3", Forget(3)),
    ("rest 2", LetRest(2)),
    ("rest <ana@example.org>", LetRest(ANA)),
    ("rest ana@example.org<mailto:ana@example.org>", LetRest(ANA)),
    ("circle 2 close", PlaceInCircle(2, "close")),
    ("Circle ana@example.org Wide", PlaceInCircle(ANA, "wide")),
    ("cadence 2 30d", SetCadence(2, 30)),
    ("cadence ana@example.org 2w", SetCadence(ANA, 14)),
    ("cadence 2 14d to 30d", SetCadence(2, 30, 14)),
    ("cadence 2 2w-1m.", SetCadence(2, 30, 14)),
    ("cadence 2 2 weeks to 1 month", SetCadence(2, 30, 14)),
    ('gave 4 "the contact"', ReportHelp(4, True, "the contact")),
    ("gave 4 \u201cthe contact\u201d.", ReportHelp(4, True, "the contact")),
    ("got 4 feedback on the Talk", ReportHelp(4, False, "feedback on the Talk")),
    ("got ana@example.org 'a view'", ReportHelp(ANA, False, "a view")),
    ("same 2 5", Join(2, 5)),
    ("same ana@example.org bob@example.net", Join(ANA, BOB)),
    ("same 2 and bob@example.net", Join(2, BOB)),
    ("not-same 2 5", Part(2, 5)),
    ("Not same 2 5", Part(2, 5)),
    ("note 2 met the new baby", WriteNote(2, "met the new baby")),
    ("note ana@example.org Moved to Graz.", WriteNote(ANA, "Moved to Graz.")),
    ("why 2", AskWhy(2)),
    ("More.", AskMore()),
    ("pause 1w", Pause(Span(1, Unit.WEEK))),
    ("pause until 2026-12-01", Pause(date(2026, 12, 1))),
    ("resume", Resume()),
    ("help", AskHelp()),
    ("undo 1", TakeBack(1)),
]


@pytest.mark.parametrize(("line", "command"), SAYINGS, ids=[line for line, _ in SAYINGS])
def test_a_saying_is_understood(line: str, command: Command) -> None:
    assert parse(line) == (command,)


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("agree 2", "help"),
        ("Thanks, that was useful!", "help"),
        ("> done 1", "help"),
        ("snoze 2 2w", "snooze 2 2w"),
        ("dnoe 1", "done 1"),
        ("snooze 2", "snooze 2 2w"),
        ("snooze 2 0d", "snooze 2 2w"),
        ("snooze 2 until 2026-02-30", "snooze 2 2w"),
        ("done", "done 1"),
        ("done 1 tomorrow", "done 1"),
        ("not this one please", "not 1"),
        ("never again", "never 3"),
        ("never 3 no", "never 3"),
        ("circle 2 dear", "circle 2 close"),
        ("cadence 2 30d to 14d", "cadence 2 30d"),
        ("cadence 2 7d to 14d to 30d", "cadence 2 30d"),
        ("cadence 2 to 30d", "cadence 2 30d"),
        ("gave 4", 'gave 4 "the contact"'),
        ('gave 4 ""', 'gave 4 "the contact"'),
        ("same 2", "same 2 5"),
        ("more of this", "more"),
        ("pause", "pause 1w"),
    ],
)
def test_any_other_line_is_given_back_with_the_nearest_command(line: str, nearest: str) -> None:
    assert parse(line) == (NotUnderstood(line, nearest),)


def test_several_commands_stand_on_lines_or_between_semicolons() -> None:
    text = "done 1; snooze 2 2w\n\n  not 3 ;;\r\nhelp"
    assert parse(text) == (
        MarkDone((1,)),
        Snooze(2, Span(2, Unit.WEEK)),
        Refuse(3),
        AskHelp(),
    )


def test_a_semicolon_in_quotes_divides_nothing() -> None:
    assert parse('gave 4 "a; done 2"; done 1') == (
        ReportHelp(4, True, "a; done 2"),
        MarkDone((1,)),
    )


def test_a_quote_that_never_ends_swallows_nothing() -> None:
    assert parse('note 2 a 5" disk; done 1') == (WriteNote(2, 'a 5" disk'), MarkDone((1,)))


def test_nothing_invisible_gets_into_what_is_kept() -> None:
    assert parse("note 2 tidy\u202e\u200b\x07 words\u00a0here") == (
        WriteNote(2, "tidy words here"),
    )


def test_no_more_than_twenty_commands_are_read() -> None:
    *read, last = parse("\n".join(f"done {n}" for n in range(1, 30)))
    assert read == [MarkDone((n,)) for n in range(1, MAX_COMMANDS + 1)]
    assert last == NotUnderstood("done 21", "help", is_left_out=True)


def test_a_command_at_the_limit_is_whole_or_left_out() -> None:
    padding = "note 1 " + "x" * (MAX_CHARACTERS - 7 - len("\ndone 1"))
    *read, last = parse(f"{padding}\ndone 12")
    assert [type(one) for one in read] == [WriteNote]
    assert last == NotUnderstood("done 12", "help", is_left_out=True)
    assert parse(f"{padding}\ndone 1")[1] == MarkDone((1,))


def test_no_text_says_nothing() -> None:
    assert parse(" \n;;\n\t") == ()


def test_every_usage_in_the_help_is_itself_understood() -> None:
    for verb in VERBS:
        (command,) = parse(verb.usage)
        assert not isinstance(command, NotUnderstood), verb
    assert len(list_verbs().splitlines()) == len(VERBS)
    assert max(map(len, list_verbs().splitlines())) <= 72


@given(st.text(max_size=3_000))
def test_whatever_is_written_is_read_without_fail(text: str) -> None:
    assert len(parse(text)) <= MAX_COMMANDS + 1


FRAGMENTS = st.sampled_from(
    [
        "done",
        "not",
        "never",
        "note",
        "1",
        "#2",
        "yes",
        "2w",
        "until",
        '"',
        ";",
        "\n",
        "ana@example.org",
    ]
)


@given(st.lists(FRAGMENTS, max_size=12).map(" ".join))
def test_case_and_spacing_make_no_difference(text: str) -> None:
    commands = [one for one in parse(text) if not isinstance(one, NotUnderstood | WriteNote)]
    shouted = parse(text.upper().replace(" ", "  "))
    assert commands == [one for one in shouted if not isinstance(one, NotUnderstood | WriteNote)]


def test_letters_of_real_people_hold_no_commands_by_chance() -> None:
    folder = os.environ.get("KITHD_DATA")
    if folder is None:
        pytest.skip("not run: no data")
    found = []
    corpora = Path(folder, "corpora")
    for path in sorted([*corpora.glob("replies/*"), *corpora.glob("bounces/*")]):
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
        # Each line alone: the worst case, were quoting never cut.
        found += [one for line in lines for one in parse(line)]
    acts = [one for one in found if not isinstance(one, NotUnderstood)]
    assert len(found) > 1_000
    assert acts == []
