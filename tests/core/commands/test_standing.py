"""Taking back undoes the latest decision, and what was for good stays."""

from datetime import UTC, date, datetime, timedelta

from daemon.commands.model import Decision, Forgotten, Undo
from daemon.commands.standing import keep_standing
from daemon.people.model import Identity, Same
from daemon.suggestions.model import Done, Never, NotThis, Paused, Rest, Snoozed, SuggestionKey

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ANA, BOB = Identity("ana@example.org"), Identity("bob@example.org")
KEY, OTHER = SuggestionKey("k1"), SuggestionKey("k2")


def at(hour: int) -> datetime:
    return EPOCH + timedelta(hours=hour)


def undo(hour: int, key: SuggestionKey | None = KEY, *people: Identity) -> Undo:
    return Undo(key, people or (ANA,), at(hour))


def test_an_undo_takes_back_the_latest_and_then_the_one_before() -> None:
    snoozed, done = Snoozed(KEY, date(2026, 2, 1), at(1)), Done(KEY, at(2))
    assert keep_standing([snoozed, done, undo(3)]) == (snoozed,)
    assert keep_standing([snoozed, done, undo(3), undo(4)]) == ()
    assert keep_standing([snoozed, done, undo(3), undo(4), undo(5)]) == ()


def test_of_two_alike_only_the_later_is_taken_back() -> None:
    first, second = Snoozed(KEY, date(2026, 2, 1), at(1)), Snoozed(KEY, date(2026, 3, 1), at(2))
    assert keep_standing([first, second, undo(3)]) == (first,)


def test_what_one_command_decided_is_taken_back_together() -> None:
    both: list[Decision] = [NotThis(KEY, "introduction", who, at(1)) for who in (ANA, BOB)]
    assert keep_standing([*both, undo(2, KEY, ANA, BOB)]) == ()


def test_another_item_of_the_same_reply_stays() -> None:
    one, other = Done(KEY, at(1)), Done(OTHER, at(1))
    assert keep_standing([one, other, undo(2)]) == (other,)


def test_what_was_said_of_the_person_is_taken_back_too() -> None:
    rest, same = Rest(ANA, at(1)), Same(ANA, BOB, at(2))
    assert keep_standing([rest, same, undo(3, None, ANA)]) == (rest,)
    assert keep_standing([rest, same, undo(3, None, Identity("eve@example.org"))]) == (rest, same)


def test_what_was_asked_back_and_a_pause_stay() -> None:
    kept = (Never(ANA, at(1)), Forgotten(ANA, at(2)), Paused(date(2026, 2, 1), at(3)))
    assert keep_standing([*kept, undo(4)]) == kept


def test_a_decision_made_again_after_an_undo_stands() -> None:
    assert keep_standing([Done(KEY, at(1)), undo(2), Done(KEY, at(3))]) == (Done(KEY, at(3)),)
