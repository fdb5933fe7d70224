"""Who was in contact with the owner, which way, and whether it was direct."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.observations import (
    Address,
    Answer,
    Attendee,
    Event,
    Folder,
    Mark,
    Message,
    Recipient,
    Role,
)
from daemon.interactions.automated import MACHINE_MARKS, Origin, classify
from daemon.interactions.infer import Limits, infer_event, infer_message, is_by
from daemon.interactions.model import Channel, Claim, Direction, Ego, Interaction

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
ME = Address("mara@example.org", "Mara Stein")
WORK = Address("stein@example.com", "Mara Stein")
ANA = Address("ana@example.com", "Ana Diaz")
BEN = Address("ben@example.com", "Ben Okafor")
LIST = Address("talk@lists.example.org")
EGO = Ego(frozenset({ME.email, WORK.email}))


def crowd(n: int) -> list[Address]:
    return [Address(f"p{i}@example.net") for i in range(n)]


def message(
    by: Address,
    *to: Address,
    cc: Iterable[Address] = (),
    marks: Iterable[Mark] = (),
    through: Iterable[Address] = (),
    folder: Folder = Folder.OTHER,
) -> Message:
    return Message(
        uid="m",
        sent_at=AT,
        author=by,
        recipients=(
            *(Recipient(one, Role.TO) for one in to),
            *(Recipient(one, Role.CC) for one in cc),
        ),
        marks=frozenset(marks),
        lists=tuple(one.email for one in through),
        folder=folder,
    )


def infer(found: Message) -> tuple[Interaction, ...]:
    return infer_message(found, EGO, thread="t")


def event(*others: Address, answer: Answer = Answer.ACCEPTED, mine: Answer | None = None) -> Event:
    attendees = [Attendee(one, answer) for one in others]
    if mine is not None:
        attendees.append(Attendee(ME, mine))
    return Event("e", AT, AT + timedelta(hours=1), AT, organizer=ME, attendees=tuple(attendees))


def alters(found: Iterable[Interaction]) -> set[str]:
    return {one.alter for one in found}


def test_what_the_owner_writes_reaches_out_to_everybody_named_but_the_owner() -> None:
    found = infer(message(ME, ANA, WORK, cc=[BEN]))
    assert alters(found) == {ANA.email, BEN.email}
    assert {(i.direction, i.channel, i.is_direct, i.claim, i.thread, i.at) for i in found} == {
        (Direction.OUTBOUND, Channel.EMAIL, True, Claim.ALWAYS, "t", AT)
    }


def test_what_others_write_to_the_owner_comes_in_from_the_author_alone() -> None:
    [one] = infer(message(ANA, ME, BEN))
    assert (one.alter, one.direction, one.is_direct) == (ANA.email, Direction.INBOUND, True)


def test_every_address_of_the_owner_is_the_owner() -> None:
    assert infer(message(WORK, ME)) == ()
    assert [i.direction for i in infer(message(ANA, WORK))] == [Direction.INBOUND]
    assert alters(infer(message(WORK, ANA, ME))) == {ANA.email}


@pytest.mark.parametrize(("n", "is_direct"), [(1, True), (10, True), (11, False)])
def test_mail_to_more_than_ten_is_ambient(n: int, is_direct: bool) -> None:
    assert {i.is_direct for i in infer(message(ME, *crowd(n)))} == {is_direct}
    assert {i.is_direct for i in infer(message(ANA, ME, *crowd(n - 1)))} == {is_direct}


def test_the_limit_of_recipients_can_be_set_and_counts_each_address_once() -> None:
    three = message(ANA, ME, BEN, BEN, cc=[BEN, *crowd(1)])
    assert [
        infer_message(three, EGO, thread="t", limits=Limits(max_recipients=n))[0].is_direct
        for n in (2, 3)
    ] == [False, True]


def test_a_list_among_the_recipients_is_no_recipient() -> None:
    found = infer(message(ME, *crowd(10), LIST, through=[LIST]))
    assert LIST.email not in alters(found)
    assert all(i.is_direct for i in found)


def test_mail_the_owner_got_unnamed_is_ambient() -> None:
    assert [i.is_direct for i in infer(message(ANA, BEN))] == [False]


def test_list_mail_that_names_the_owner_counts_if_the_owner_wrote_in_the_thread() -> None:
    [one] = infer(message(ANA, LIST, ME, marks=[Mark.LIST], through=[LIST]))
    assert one.claim is Claim.IF_EGO_WROTE
    [bulk] = infer(message(ANA, ME, marks=[Mark.UNSUBSCRIBE]))
    assert bulk.claim is Claim.IF_EGO_WROTE


def test_list_mail_that_names_nobody_is_no_contact() -> None:
    assert infer(message(ANA, LIST, marks=[Mark.LIST], through=[LIST])) == ()


def test_a_list_that_writes_under_its_own_address_is_nobody() -> None:
    assert infer(message(LIST, ME, through=[LIST])) == ()
    assert classify(message(LIST, ME, through=[LIST])) is Origin.LIST


@pytest.mark.parametrize("mark", sorted(MACHINE_MARKS))
def test_machines_make_no_contact(mark: Mark) -> None:
    assert classify(message(ANA, ME, marks=[mark])) is Origin.MACHINE
    assert infer(message(ANA, ME, marks=[mark, Mark.LIST])) == ()


def test_more_than_one_author_is_no_mark_of_a_machine() -> None:
    assert classify(message(ANA, ME, marks=[Mark.MANY_AUTHORS])) is Origin.PERSON


def test_the_owners_out_of_office_note_is_not_the_owner_writing() -> None:
    note = message(ME, ANA, marks=[Mark.AUTO_SUBMITTED])
    assert infer(note) == ()
    assert not is_by(note, EGO)


def test_the_owners_mail_through_a_list_or_a_bulk_service_is_the_owners() -> None:
    assert alters(infer(message(ME, ANA, LIST, marks=[Mark.LIST], through=[LIST]))) == {ANA.email}
    assert alters(infer(message(ME, ANA, marks=[Mark.SUPPRESS]))) == {ANA.email}


@pytest.mark.parametrize("folder", [Folder.DRAFTS, Folder.SPAM, Folder.TRASH])
def test_drafts_spam_and_what_was_thrown_away_are_no_contact(folder: Folder) -> None:
    assert infer(message(ME, ANA, folder=folder)) == ()
    assert infer(message(ANA, ME, folder=folder)) == ()


def test_kithds_own_digest_is_no_contact() -> None:
    assert infer(message(ME, ANA, marks=[Mark.KITHD])) == ()


def test_a_meeting_is_mutual_and_names_the_event() -> None:
    [one] = infer_event(event(ANA, mine=Answer.ACCEPTED), EGO)
    assert (one.alter, one.direction, one.channel, one.at, one.thread) == (
        ANA.email,
        Direction.MUTUAL,
        Channel.MEETING,
        AT,
        "e",
    )


@pytest.mark.parametrize(("n", "is_direct"), [(8, True), (9, False)])
def test_a_meeting_of_more_than_eight_with_the_owner_is_ambient(n: int, is_direct: bool) -> None:
    found = infer_event(event(*crowd(n - 1), mine=Answer.ACCEPTED), EGO)
    assert len(found) == n - 1
    assert {i.is_direct for i in found} == {is_direct}


def test_who_declined_was_not_there_and_takes_no_seat() -> None:
    absent = Attendee(BEN, Answer.DECLINED)
    full = event(*crowd(7), mine=Answer.ACCEPTED)
    found = infer_event(replace(full, attendees=(*full.attendees, absent)), EGO)
    assert BEN.email not in alters(found)
    assert all(i.is_direct for i in found)


@pytest.mark.parametrize("answer", [Answer.TENTATIVE, Answer.NONE, Answer.ACCEPTED])
def test_who_did_not_decline_may_have_been_there(answer: Answer) -> None:
    assert alters(infer_event(event(ANA, answer=answer), EGO)) == {ANA.email}


def test_a_meeting_the_owner_declined_is_none() -> None:
    assert infer_event(event(ANA, mine=Answer.DECLINED), EGO) == ()


def test_what_is_cancelled_lasts_all_day_or_is_free_time_is_no_meeting() -> None:
    full = event(ANA)
    for changed in (
        replace(full, is_cancelled=True),
        replace(full, is_all_day=True),
        replace(full, is_free=True),
    ):
        assert infer_event(changed, EGO) == ()


def test_rooms_are_nobody_even_where_they_organize() -> None:
    room = Address("room4@example.com", "Room 4")
    full = event(ANA, mine=Answer.ACCEPTED)
    booked = replace(
        full, attendees=(*full.attendees, Attendee(room, is_person=False)), organizer=room
    )
    assert alters(infer_event(booked, EGO)) == {ANA.email}


def test_the_organizer_is_there_unless_alone_or_declined() -> None:
    invited = replace(event(mine=Answer.ACCEPTED), organizer=ANA)
    assert alters(infer_event(invited, EGO)) == {ANA.email}
    assert infer_event(replace(invited, attendees=()), EGO) == ()
    declined = replace(invited, attendees=(*invited.attendees, Attendee(ANA, Answer.DECLINED)))
    assert infer_event(declined, EGO) == ()


def test_a_meeting_with_oneself_is_no_contact() -> None:
    assert infer_event(event(WORK, mine=Answer.ACCEPTED), EGO) == ()
