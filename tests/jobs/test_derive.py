"""Observations become people and ties, and change with what becomes known of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from connectors.observations import Folder, Gone, Mark, Recipient, Role
from daemon.commands.model import Undo
from daemon.jobs.refresh import derive
from daemon.people.model import Identity, NotSame, Same
from daemon.store import decisions, progress, schema
from daemon.store.database import Database
from tests.jobs.world import (
    ANA,
    ANA_HOME,
    AT,
    BASIS,
    BEN,
    CEM,
    LIST,
    ME,
    basis,
    days_ago,
    derived,
    know,
    letter,
    list_letter,
    meeting,
    n_days,
    people,
    rows,
)

OLD_ME = type(ME)("mara.stein@example.net", "Mara Stein")


def test_whoever_the_owner_never_wrote_to_is_no_tie() -> None:
    engine = know(letter("a", ANA), letter("b", ME, (BEN,)))
    assert n_days(engine) == {BEN.email: 1}


def test_a_list_message_counts_once_the_owner_joins_its_thread() -> None:
    engine = know(letter("w", ME, (ANA,), at=days_ago(30)), list_letter("a", ANA, at=days_ago(9)))
    assert n_days(engine) == {ANA.email: 1}
    know(
        letter("b", ME, (LIST,), at=days_ago(8), answers=("<a>",), through=(LIST.email,)),
        engine=engine,
    )
    assert n_days(engine) == {ANA.email: 2}


def test_a_message_that_links_two_threads_lets_both_count() -> None:
    engine = know(
        letter("w", ME, (ANA,), at=days_ago(30)),
        list_letter("x", ANA, at=days_ago(9)),
        letter("m", ME, (BEN,), at=days_ago(8), answers=("<b>",)),
    )
    assert n_days(engine)[ANA.email] == 1
    know(letter("l", BEN, at=days_ago(7), answers=("<x>", "<b>")), engine=engine)
    assert n_days(engine)[ANA.email] == 2


def test_an_answer_that_is_gone_takes_the_claim_of_its_thread_along() -> None:
    first = letter("w", ME, (ANA,), at=days_ago(30)), list_letter("a", ANA, at=days_ago(9))
    answer = letter("b", ME, (LIST,), answers=("<a>",), through=(LIST.email,))
    engine = know(*first, answer)
    assert n_days(engine) == {ANA.email: 2}
    know(Gone("b"), engine=engine)
    assert n_days(engine) == {ANA.email: 1}


def test_an_out_of_office_note_is_no_answer() -> None:
    engine = know(
        letter("a", ANA),
        letter("b", ME, (ANA,), answers=("<a>",), marks=(Mark.AUTO_SUBMITTED,)),
    )
    assert n_days(engine) == {}
    assert not any(row.by_ego for row in letters_of(engine))


def test_what_is_gone_is_no_contact_and_leaves_nobody_behind() -> None:
    engine = know(letter("a", ME, (ANA,)), letter("b", ME, (BEN,)))
    know(Gone("a"), engine=engine)
    assert n_days(engine) == {BEN.email: 1}
    assert set(people(engine)) == {BEN.email}


def test_what_is_thrown_away_later_is_no_contact() -> None:
    engine = know(letter("a", ME, (ANA,)))
    know(letter("a", ME, (ANA,), folder=Folder.TRASH), engine=engine)
    assert n_days(engine) == {}


def test_a_meeting_told_many_times_is_seen_once() -> None:
    engine = know(meeting("m", ANA, at=days_ago(5)))
    for hours in range(3):
        know(meeting("m", ANA, at=days_ago(4) + timedelta(hours=hours)), engine=engine)
    seen = {row[2]: row[4] for row in rows(engine, schema.sightings)}
    assert seen == {ANA.email: 1, ME.email: seen[ME.email]}
    assert n_days(engine) == {ANA.email: 1}


def test_a_cancelled_meeting_stops_counting() -> None:
    engine = know(meeting("m", ANA, at=days_ago(5)))
    know(meeting("m", ANA, at=days_ago(5), is_cancelled=True), engine=engine)
    assert n_days(engine) == {}


def test_a_meeting_counts_only_once_it_has_taken_place() -> None:
    engine = know(meeting("m", ANA, at=AT + timedelta(days=2)), letter("a", ME, (ANA,)))
    assert n_days(engine) == {ANA.email: 1}
    derive(engine, BASIS, at=AT + timedelta(days=3))
    assert n_days(engine) == {ANA.email: 2}


def test_a_clock_put_back_uncounts_what_has_not_happened_yet() -> None:
    engine = know(meeting("m", ANA, at=AT + timedelta(days=2)), letter("a", ME, (ANA,)))
    before = derived(engine)
    derive(engine, BASIS, at=AT + timedelta(days=3))
    derive(engine, BASIS, at=AT)
    assert derived(engine) == before


def test_deriving_when_nothing_is_new_touches_nothing() -> None:
    engine = know(letter("a", ME, (ANA,)))
    before = derived(engine), rows(engine, schema.progress)
    derive(engine, BASIS, at=AT)
    assert (derived(engine), rows(engine, schema.progress)) == before


def test_another_zone_moves_contact_to_another_day() -> None:
    late = AT.replace(hour=23, minute=30)
    sent = letter("a", ME, (ANA,), at=late), letter("b", ME, (ANA,), at=late + timedelta(hours=1))
    engine = know(*sent, at=late + timedelta(days=1))
    assert n_days(engine) == {ANA.email: 2}
    derive(engine, basis(zone="Europe/Berlin"), at=late + timedelta(days=1))
    assert n_days(engine) == {ANA.email: 1}


def test_another_limit_of_recipients_decides_anew_what_is_direct() -> None:
    engine = know(letter("a", ME, (ANA, BEN, CEM)), letter("b", ME, (ANA,), at=days_ago(3)))
    assert n_days(engine) == {ANA.email: 2, BEN.email: 1, CEM.email: 1}
    derive(engine, basis(max_recipients=2), at=AT)
    assert n_days(engine) == {ANA.email: 1}


def test_another_address_of_the_owner_is_nobody_else_from_then_on() -> None:
    engine = know(letter("a", ME, (ANA, CEM)), letter("b", CEM, (BEN,)))
    assert CEM.email in n_days(engine)
    derive(engine, basis(ME.email, CEM.email), at=AT)
    assert n_days(engine) == {ANA.email: 1, BEN.email: 1}
    assert derived(engine) == derived(
        know(letter("a", ME, (ANA, CEM)), letter("b", CEM, (BEN,)), on=basis(ME.email, CEM.email))
    )


def test_an_address_that_writes_under_the_owners_name_is_the_owners() -> None:
    sent = [letter(f"o{n}", OLD_ME, (ANA,), at=days_ago(20 - n)) for n in range(3)]
    engine = know(letter("a", ME, (OLD_ME, BEN)), *sent)
    assert n_days(engine) == {ANA.email: 3, BEN.email: 1}


def test_the_owners_name_given_later_finds_the_owners_addresses_without_new_mail() -> None:
    me = type(ME)(ME.email)  # writes under no name
    sent = [letter(f"o{n}", OLD_ME, (ANA,), at=days_ago(20 - n)) for n in range(3)]
    engine = know(letter("a", me, (OLD_ME, BEN)), *sent)
    assert OLD_ME.email in n_days(engine)
    derive(engine, basis(name="Mara Stein"), at=AT)
    assert n_days(engine) == {ANA.email: 3, BEN.email: 1}


def test_an_owners_address_given_later_brings_its_aliases_without_new_mail() -> None:
    work = type(ME)("stein@example.com", "Mara Stein")
    me = type(ME)(ME.email)
    sent = [letter(f"o{n}", OLD_ME, (ANA,), at=days_ago(20 - n)) for n in range(3)]
    engine = know(letter("a", me, (BEN,)), letter("w", work, (BEN,)), *sent)
    derive(engine, basis(ME.email, work.email), at=AT)
    with engine.connect() as connection:
        assert progress.recall(connection, "aliases") == [OLD_ME.email]
    assert n_days(engine) == {ANA.email: 3, BEN.email: 1}


def test_an_owner_who_copies_in_the_usual_address_is_still_found() -> None:
    sent = [
        replace(
            letter(f"o{n}", OLD_ME, at=days_ago(20 - n)),
            recipients=(Recipient(ANA, Role.TO), Recipient(ME, Role.CC)),
        )
        for n in range(3)
    ]
    engine = know(letter("a", ME, (OLD_ME, BEN)), *sent)
    assert n_days(engine) == {ANA.email: 3, BEN.email: 1}


def test_who_pretends_to_be_the_owner_is_not() -> None:
    forger = type(ME)("prize@example.net", "Mara Stein")
    engine = know(letter("a", ME, (BEN,)), *(letter(f"f{n}", forger) for n in range(9)))
    with engine.connect() as connection:
        assert progress.recall(connection, "aliases") == []


def test_the_owner_joins_and_parts_people_and_ties_follow() -> None:
    dee = type(ME)("dee@example.net", "Dee")
    engine = know(
        letter("a", ME, (ANA,), at=days_ago(9)),
        letter("b", ME, (dee,), at=days_ago(8)),
        letter("c", ME, (ANA_HOME,), at=days_ago(7)),
    )
    assert people(engine) == {ANA.email: {ANA.email, ANA_HOME.email}, dee.email: {dee.email}}
    decide(engine, Same(Identity(ANA.email), Identity(dee.email), days_ago(2)))
    assert n_days(engine) == {ANA.email: 3}
    decide(engine, NotSame(Identity(ANA.email), Identity(ANA_HOME.email), days_ago(1)))
    assert n_days(engine) == {ANA.email: 2, ANA_HOME.email: 1}
    decide(engine, Undo(None, (Identity(ANA_HOME.email),), days_ago(0.5)))
    assert n_days(engine) == {ANA.email: 3}


def decide(engine: Database, decision: Same | NotSame | Undo) -> None:
    decisions.append(engine, repr(decision), [decision], at=decision.decided_at)
    derive(engine, BASIS, at=AT)


def letters_of(engine: Database) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(schema.letters.select()))
