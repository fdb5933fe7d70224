"""The owner is told in plain words what was understood."""

from datetime import UTC, date, datetime

import pytest

from daemon.commands.grammar import parse
from daemon.commands.model import Decision, Forgotten, NotUnderstood, Undo
from daemon.commands.say import confirm, quote_back
from daemon.people.model import Identity, NotSame, Same
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Done,
    Helped,
    Never,
    Note,
    NotThis,
    Paused,
    Rest,
    Snoozed,
    SuggestionKey,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 2, 1)
ANA, BOB, KEY = Identity("ana@example.org"), Identity("bob@example.org"), SuggestionKey("k")


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Done(KEY, AT), "Noted as done."),
        (Snoozed(KEY, DAY, AT), "Put off until 2026-02-01."),
        (
            NotThis(KEY, "article", ANA, AT),
            "Not this one, and nothing like it for ana@example.org for a while.",
        ),
        (Undo(KEY, (ANA,), AT), "The last decision about it is taken back."),
        (Never(ANA, AT), "No more suggestions about ana@example.org."),
        (Forgotten(ANA, AT), "All that was kept about ana@example.org is deleted."),
        (Rest(ANA, AT), "The tie with ana@example.org may rest until contact resumes by itself."),
        (Circle(ANA, "close", AT), "ana@example.org is in your close circle."),
        (Cadence(ANA, 30, AT), "The longest gap you want with ana@example.org is 30 days."),
        (Cadence(ANA, 1, AT), "The longest gap you want with ana@example.org is 1 day."),
        (
            Cadence(ANA, 30, AT, 14),
            "You would like contact with ana@example.org every 14 days, and at least every "
            "30 days.",
        ),
        (
            Cadence(ANA, None, AT, 1),
            "You would like contact with ana@example.org every day.",
        ),
        (Helped(ANA, True, "a view", AT), "You gave ana@example.org: “a view”."),
        (Helped(ANA, False, "a view", AT), "ana@example.org gave you: “a view”."),
        (Note(ANA, "has a dog", AT), "Remembered about ana@example.org: “has a dog”."),
        (Same(ANA, BOB, AT), "ana@example.org and bob@example.org are one person."),
        (NotSame(ANA, BOB, AT), "ana@example.org and bob@example.org are different people."),
        (Paused(DAY, AT), "No digest before 2026-02-01."),
        (Paused(None, AT), "Digests are back."),
    ],
)
def test_a_decision_is_said_back(decision: Decision, words: str) -> None:
    assert confirm(decision) == words


def test_a_line_not_understood_is_quoted_with_the_nearest_command() -> None:
    (line,) = parse("snoze 2 2w")
    assert isinstance(line, NotUnderstood)
    assert quote_back(line) == ("Not understood: “snoze 2 2w”. The nearest command is: snooze 2 2w")


def test_a_long_line_is_cut_when_it_is_quoted() -> None:
    assert len(quote_back(NotUnderstood("x" * 2_000, "y" * 2_000))) < 300


def test_what_was_too_much_is_said() -> None:
    line = parse("help\n" * 20 + "done 9")[-1]
    assert isinstance(line, NotUnderstood)
    assert quote_back(line) == (
        "Left out from “done 9” on: one reply holds 20 commands and 2,000 characters."
    )
