"""Who was seen in passing, by real mail and meetings: when it counts, and when no more."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from connectors.observations import Address, Event, Folder, Gone, Mark, Message, Observation
from daemon.interactions.infer import Limits
from daemon.jobs.look_back import look_back
from daemon.jobs.network import estimate_before
from daemon.jobs.recover import find_recoveries
from daemon.jobs.refresh import derive
from daemon.jobs.situate import estimate_ties
from daemon.people.model import Identity, NotSame, PersonId, Same
from daemon.store import decisions, ties
from daemon.store.database import Database
from daemon.store.instants import to_seconds
from daemon.store.rebuild import empty_derived
from daemon.ties.gaps import GapState
from daemon.ties.model import Tie
from tests.jobs.world import (
    ANA,
    ANA_HOME,
    AT,
    BASIS,
    BEN,
    CEM,
    LIST,
    ME,
    days_ago,
    derived,
    know,
    letter,
    list_letter,
    meeting,
    people,
)

CROWD = tuple(Address(f"guest{n}@example.net") for n in range(Limits().max_attendees))
KNOWN = (letter("to", ME, (ANA,), at=days_ago(50)), letter("by", ANA, at=days_ago(50)))


def gaps(engine: Database, who: Address = ANA) -> GapState:
    with engine.connect() as connection:
        (found,) = (t.gaps for t in ties.read_ties(connection) if t.person == who.email)
    return found


@cache
def unseen() -> GapState:
    """The two, with nothing but their contact."""
    return gaps(know(*KNOWN))


def seen_ago(engine: Database, who: Address = ANA) -> int | None:
    """How many days before the present the two were last seen in passing."""
    on = gaps(engine, who).seen_on
    return None if on is None else (AT.date() - on).days


def post(
    uid: str,
    by: Address = ANA,
    *to: Address,
    at: datetime,
    marks: tuple[Mark, ...] = (),
    folder: Folder = Folder.OTHER,
) -> Message:
    """A message through the list, to the list and to whom else it says."""
    said, through = (Mark.LIST, *marks), (LIST.email,)
    return letter(uid, by, (LIST, *to), at=at, through=through, marks=said, folder=folder)


def large(uid: str, *others: Address, at: datetime) -> Event:
    return meeting(uid, *others, *CROWD, at=at)


SIGHTS: dict[str, Message | Event] = {
    "a mail of a third person to both": letter("x", BEN, (ME, ANA), at=days_ago(9)),
    "a mail of a third person to her, the owner by blind copy": letter(
        "x", BEN, (ANA,), at=days_ago(9)
    ),
    "a mail of the owner to a crowd": letter("x", ME, (ANA, *CROWD, BEN, CEM), at=days_ago(9)),
    "a mail of hers to a crowd": letter("x", ANA, (ME, *CROWD, BEN, CEM), at=days_ago(9)),
    "a post of hers to the list alone": post("x", at=days_ago(9)),
    "a post of hers to the list and the owner": list_letter("x", ANA, at=days_ago(9)),
    "a post of a third person to the list, the owner and her": post(
        "x", BEN, ME, ANA, at=days_ago(9)
    ),
    "a large meeting": large("x", ANA, at=days_ago(9)),
}


@pytest.mark.parametrize("name", SIGHTS)
def test_it_is_seen_in_passing_and_no_day_of_contact(name: str) -> None:
    engine = know(*KNOWN, SIGHTS[name])
    assert (gaps(engine).n_days, gaps(engine).seen_days) == (1, 41)


NO_SIGHTS: dict[str, Message | Event] = {
    "a machine's post in her name": post("x", at=days_ago(9), marks=(Mark.AUTO_SUBMITTED,)),
    "an out-of-office note of hers": letter("x", at=days_ago(9), marks=(Mark.AUTO_SUBMITTED,)),
    "an out-of-office note of the owner": letter(
        "x", ME, (ANA,), at=days_ago(9), marks=(Mark.AUTO_SUBMITTED,)
    ),
    "a machine's mail to both": letter("x", BEN, (ME, ANA), at=days_ago(9), marks=(Mark.NO_REPLY,)),
    "a post of a third person to the list": post("x", BEN, at=days_ago(9)),
    "a post of a third person to the list, and a copy to her": post("x", BEN, ANA, at=days_ago(9)),
    "a mail of a third person": letter("x", BEN, at=days_ago(9)),
    "what was thrown away": letter("x", BEN, (ME, ANA), at=days_ago(9), folder=Folder.TRASH),
    "a post that was thrown away": post("x", at=days_ago(9), folder=Folder.SPAM),
    "a large meeting that was cancelled": replace(
        large("x", ANA, at=days_ago(9)), is_cancelled=True
    ),
    "a large meeting without her": large("x", at=days_ago(9)),
}


@pytest.mark.parametrize("name", NO_SIGHTS)
def test_it_is_no_sight_of_her(name: str) -> None:
    assert gaps(know(*KNOWN, NO_SIGHTS[name])) == unseen()


def test_the_owners_own_mail_to_her_is_contact_and_adds_nothing_beside() -> None:
    engine = know(*KNOWN, letter("a", ME, (ANA,), at=days_ago(9)), letter("b", at=days_ago(8)))
    assert (gaps(engine).n_days, gaps(engine).seen_days) == (3, 0)


def test_what_was_before_the_last_contact_says_nothing() -> None:
    engine = know(*KNOWN, post("x", at=days_ago(30)), letter("a", ME, (ANA,), at=days_ago(20)))
    assert gaps(engine).seen_days == 0
    assert stand(engine) == stand(know(*KNOWN, letter("a", ME, (ANA,), at=days_ago(20))))


def test_it_makes_a_silence_less_likely_to_last_and_leaves_it_as_long() -> None:
    unseen, seen = stand(know(*KNOWN)), stand(know(*KNOWN, post("x", at=days_ago(9))))
    assert seen.p_dormant < unseen.p_dormant
    assert seen.p_contact_30 > unseen.p_contact_30
    assert (seen.silent_days, seen.unusual) == (unseen.silent_days, unseen.unusual)


def stand(engine: Database) -> Tie:
    with engine.connect() as connection:
        return estimate_ties(connection, BASIS, on=AT.date())[PersonId(ANA.email)]


AHEAD = AT + timedelta(days=2)


@pytest.mark.parametrize(
    "sight",
    [
        large("x", ANA, at=AHEAD),
        post("x", at=AHEAD),
        letter("x", BEN, (ME, ANA), at=AHEAD),
        letter("x", ME, (ANA, *CROWD, BEN, CEM), at=AHEAD),
    ],
    ids=["meeting", "post", "letter", "crowd"],
)
def test_what_lies_ahead_counts_from_its_instant_on_and_not_before(sight: Observation) -> None:
    engine = know(*KNOWN, sight)
    assert seen_ago(engine) == 50
    derive(engine, BASIS, at=AHEAD - timedelta(seconds=1))
    assert seen_ago(engine) == 50
    derive(engine, BASIS, at=AHEAD)
    assert seen_ago(engine) == -2
    derive(engine, BASIS, at=AT)
    assert seen_ago(engine) == 50


@pytest.mark.parametrize("name", SIGHTS)
def test_it_is_seen_once_it_is_told_and_no_more_when_it_is_taken_back(name: str) -> None:
    engine = know(*KNOWN)
    know(SIGHTS[name], engine=engine)
    assert seen_ago(engine) == 9
    know(Gone("x"), engine=engine)
    assert gaps(engine) == unseen()


@pytest.mark.parametrize("name", NO_SIGHTS)
def test_what_is_told_otherwise_counts_as_it_was_told_last(name: str) -> None:
    engine = know(*KNOWN, SIGHTS["a post of hers to the list alone"])
    know(NO_SIGHTS[name], engine=engine)
    assert derived(engine) == derived(know(*KNOWN, NO_SIGHTS[name]))


def test_one_that_is_dated_anew_moves_the_day_back_and_forth() -> None:
    engine = know(*KNOWN, post("x", at=days_ago(9)))
    for ago in (20, 3):
        know(post("x", at=days_ago(ago)), engine=engine)
        assert seen_ago(engine) == ago


def test_older_mail_that_is_read_later_moves_nothing_back() -> None:
    engine = know(*KNOWN, post("x", at=days_ago(9)))
    know(post("y", at=days_ago(30)), letter("z", BEN, (ME, ANA), at=days_ago(40)), engine=engine)
    assert seen_ago(engine) == 9
    know(Gone("x"), engine=engine)
    assert seen_ago(engine) == 30


def test_a_sight_that_is_read_before_any_contact_counts_once_there_is_some() -> None:
    engine = know(post("x", at=days_ago(9)))
    know(*KNOWN, engine=engine)
    assert seen_ago(engine) == 9


def test_a_sight_at_one_address_counts_for_the_person_who_has_several() -> None:
    dee = Address("dee@example.net", "Dee")
    engine = know(*KNOWN, letter("d", ME, (dee,), at=days_ago(60)), post("x", dee, at=days_ago(9)))
    assert (seen_ago(engine), seen_ago(engine, dee)) == (50, 9)
    decide(engine, Same(Identity(ANA.email), Identity(dee.email), days_ago(2)))
    assert seen_ago(engine) == 9
    decide(engine, NotSame(Identity(ANA.email), Identity(dee.email), days_ago(1)))
    assert (seen_ago(engine), seen_ago(engine, dee)) == (50, 9)


def test_an_address_known_by_its_posts_alone_is_nobody_until_it_is_met() -> None:
    engine = know(*KNOWN, post("x", ANA_HOME, at=days_ago(9)), post("y", BEN, at=days_ago(9)))
    assert people(engine) == {ANA.email: {ANA.email}}
    assert seen_ago(engine) == 50
    know(letter("z", CEM, (ME, ANA_HOME), at=days_ago(30)), engine=engine)
    assert seen_ago(engine) == 9  # of the same name: the same person


def decide(engine: Database, decision: Same | NotSame) -> None:
    decisions.append(engine, repr(decision), [decision], at=decision.decided_at)
    derive(engine, BASIS, at=AT)


def as_uid(uid: str, one: Message | Event) -> Message | Event:
    return replace(one, uid=uid)


def test_a_rebuild_gives_the_same_ties() -> None:
    engine = know(*KNOWN)
    for n, name in enumerate(SIGHTS):
        know(as_uid(f"x{n}", SIGHTS[name]), engine=engine)
    before = derived(engine)
    empty_derived(engine)
    derive(engine, BASIS, at=AT)
    assert derived(engine) == before


WEEK_AGO = days_ago(7).date()
LATER: list[Message | Event] = [
    post("x", at=days_ago(6)),
    letter("x", BEN, (ME, ANA), at=days_ago(6)),
    large("x", ANA, at=days_ago(6)),
]
KINDS = ["post", "letter", "meeting"]


def before(engine: Database, on: date = WEEK_AGO) -> Tie:
    with engine.connect() as connection:
        found = estimate_before(connection, BASIS, on=on, now=to_seconds(AT))
    return found[PersonId(ANA.email)]


@pytest.mark.parametrize("sight", LATER, ids=KINDS)
def test_a_week_ago_nothing_was_known_of_what_was_seen_since(sight: Observation) -> None:
    engine = know(*KNOWN, sight)
    assert before(engine) == before(know(*KNOWN))
    assert before(engine, days_ago(6).date()) != before(know(*KNOWN), days_ago(6).date())


def test_a_week_ago_what_was_seen_earlier_was_known() -> None:
    earlier = post("e", at=days_ago(7))
    engine = know(*KNOWN, earlier, LATER[0])
    assert before(engine) == before(know(*KNOWN, earlier)) != before(know(*KNOWN))


@pytest.mark.parametrize("sight", LATER, ids=KINDS)
def test_looking_back_nothing_is_known_of_what_was_seen_since(sight: Observation) -> None:
    engine = know(*KNOWN, sight)
    past = look_back(engine, BASIS, (), at=days_ago(7), now=AT)
    assert gaps(past) == unseen()
    assert gaps(engine).seen_days == 44


def test_looking_ahead_a_large_meeting_until_then_is_seen() -> None:
    engine = know(*KNOWN, large("x", ANA, at=AHEAD))
    ahead = look_back(engine, BASIS, (), at=AHEAD + timedelta(days=1), now=AT)
    assert (seen_ago(ahead), seen_ago(engine)) == (-2, 50)


LONG = [letter(f"o{n}", ME, (ANA,), at=days_ago(51 + 9 * n)) for n in range(30)]
LONG += [letter(f"i{n}", at=days_ago(51 + 9 * n)) for n in range(30)]
BACK = letter("back", at=days_ago(3))


def recoveries(*found: Observation) -> list[int]:
    engine = know(*LONG, BACK, *found)
    with engine.connect() as connection:
        standing = estimate_ties(connection, BASIS, on=AT.date())
        back = find_recoveries(connection, BASIS, standing, on=AT.date(), now=to_seconds(AT))
    return [one.after_days for one in back.values()]


def test_a_silence_is_judged_by_what_had_been_seen_before_it_ended() -> None:
    assert recoveries() == [48]
    assert recoveries(post("x", at=days_ago(4))) == []
    assert recoveries(post("x", at=BACK.sent_at - timedelta(hours=2))) == [48]
    assert recoveries(post("x", at=days_ago(2))) == [48]
