"""Interactions become days, people by people, and nothing after the present counts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from daemon.interactions.model import Channel, Claim, Direction, Interaction
from daemon.people.model import Identity, PersonId
from daemon.ties.history import gather
from daemon.ties.model import ContactHistory

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
ANA, BOB = PersonId("ana@example.org"), PersonId("bob@example.net")
PEOPLE = {
    Identity("ana@example.org"): ANA,
    Identity("ana@work.example.com"): ANA,
    Identity("bob@example.net"): BOB,
}


def act(
    alter: str,
    days_ago: float,
    direction: Direction = Direction.OUTBOUND,
    **changes: object,
) -> Interaction:
    values = {"channel": Channel.EMAIL, "direction": direction, **changes}
    return Interaction(alter=alter, at=NOW - timedelta(days=days_ago), **values)  # type: ignore[arg-type]  # a builder


def look(*acts: Interaction, ego_threads: tuple[str, ...] = ()) -> dict[PersonId, ContactHistory]:
    return gather(acts, PEOPLE, at=NOW, zone=UTC, ego_threads=ego_threads)


def test_two_addresses_of_a_person_make_one_history() -> None:
    histories = look(act("ana@example.org", 9), act("ana@work.example.com", 2, Direction.INBOUND))
    wanted = ContactHistory(ANA, (date(2024, 5, 23), date(2024, 5, 30)), 1, 1, date(2024, 6, 1))
    assert histories == {ANA: wanted}


def test_a_day_counts_once_and_for_everybody_who_acted_on_it() -> None:
    writes = [act("bob@example.net", 3 + hour / 24) for hour in range(4)]
    history = look(*writes, act("bob@example.net", 3, Direction.INBOUND))[BOB]
    assert (len(history.days), history.n_out, history.n_in) == (1, 1, 1)


def test_a_meeting_is_an_act_of_both() -> None:
    meeting = act("bob@example.net", 3, Direction.MUTUAL, channel=Channel.MEETING)
    history = look(meeting)[BOB]
    assert (history.n_out, history.n_in) == (1, 1)


def test_a_booked_meeting_refreshes_nothing() -> None:
    booked = act("bob@example.net", -3, Direction.MUTUAL, channel=Channel.MEETING)
    assert look(act("bob@example.net", 9), booked) == look(act("bob@example.net", 9))


def test_ambient_contact_and_strangers_are_left_out() -> None:
    assert look(act("bob@example.net", 1, is_direct=False), act("eve@example.com", 1)) == {}


def test_a_letter_to_a_list_counts_once_the_owner_joins_the_thread() -> None:
    claimed = act("bob@example.net", 1, Direction.INBOUND, claim=Claim.IF_EGO_WROTE, thread="t")
    assert look(claimed) == {}
    assert BOB in look(claimed, ego_threads=("t",))


def test_a_day_is_the_owners_day() -> None:
    late = Interaction(
        BOB, datetime(2024, 5, 1, 23, 30, tzinfo=UTC), Channel.EMAIL, Direction.OUTBOUND
    )
    tokyo = gather([late], PEOPLE, at=NOW, zone=ZoneInfo("Asia/Tokyo"))
    assert tokyo[BOB].days == (date(2024, 5, 2),)


ACTS = st.builds(
    act,
    st.sampled_from(sorted(PEOPLE)),
    st.integers(-20, 60),
    st.sampled_from(Direction),
    is_direct=st.booleans(),
)


@given(
    st.lists(ACTS, max_size=20).flatmap(
        lambda acts: st.tuples(st.just(acts), st.permutations(acts))
    )
)
def test_the_order_of_arrival_changes_nothing(
    orders: tuple[list[Interaction], list[Interaction]],
) -> None:
    assert look(*orders[0]) == look(*orders[1])


@given(st.lists(ACTS, max_size=20))
def test_the_future_changes_nothing(acts: list[Interaction]) -> None:
    assert look(*acts) == look(*(one for one in acts if one.at <= NOW))
