"""Few are announced, the strongest first, and nobody twice in one silence."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.flags import choose_flags
from daemon.ties.model import State, Tie

ON = date(2024, 6, 1)
TIE = Tie(
    alter=PersonId("ana@example.org"),
    as_of=ON,
    first_on=ON - timedelta(400),
    last_on=ON - timedelta(46),
    n_days=16,
    n_out=9,
    n_in=9,
    is_mutual=True,
    silent_days=46,
    typical_gap_days=9.0,
    dormant_at_days=180.0,
    p_dormant=0.71,
    p_contact_30=0.22,
    unusual=0.99,
    state=State.FADING,
)
ANA = TIE.alter


def tie_of(name: str, **changes: object) -> Tie:
    alter = PersonId(f"{name}@example.org")
    return replace(TIE, alter=alter, **changes)  # type: ignore[arg-type]  # a builder


def days_ago(n: int) -> date:
    return ON - timedelta(n)


def test_a_fading_tie_is_announced_and_no_other() -> None:
    others = [tie_of(state, state=state) for state in State if state is not State.FADING]
    assert choose_flags([*others, TIE], {}, 0, on=ON) == (ANA,)


def test_a_tie_is_announced_once_in_a_silence() -> None:
    assert choose_flags([TIE], {ANA: days_ago(40)}, 0, on=ON) == ()


def test_after_contact_it_is_left_alone_for_thirty_days() -> None:
    back = replace(TIE, last_on=days_ago(20), silent_days=20)
    assert choose_flags([back], {ANA: days_ago(29)}, 0, on=ON) == ()
    assert choose_flags([back], {ANA: days_ago(30)}, 0, on=ON) == (ANA,)


def test_contact_on_the_day_of_the_flag_ended_that_silence() -> None:
    assert choose_flags([TIE], {ANA: TIE.last_on}, 0, on=ON) == (ANA,)


def test_the_week_holds_three() -> None:
    ties = [tie_of(name) for name in "abcde"]
    assert len(choose_flags(ties, {}, 0, on=ON)) == 3
    assert len(choose_flags(ties, {}, 2, on=ON)) == 1
    assert choose_flags(ties, {}, 7, on=ON) == ()


def test_the_strongest_tie_comes_first_then_the_surest_to_end() -> None:
    weak, strong, sure = tie_of("w", n_days=4), tie_of("s", n_days=90), tie_of("z", p_dormant=0.9)
    assert choose_flags([weak, TIE, sure, strong], {}, 0, on=ON) == (
        strong.alter,
        sure.alter,
        TIE.alter,
    )


def test_a_booked_meeting_holds_a_flag() -> None:
    assert choose_flags([TIE], {}, 0, on=ON, held={ANA}) == ()


def test_the_owners_longest_gap_rules_over_the_forecast() -> None:
    active = replace(TIE, state=State.ACTIVE)
    assert choose_flags([active], {}, 0, on=ON, longest_days={ANA: 46}) == (ANA,)
    assert choose_flags([TIE], {}, 0, on=ON, longest_days={ANA: 47}) == ()


def test_who_rests_is_not_announced_until_contact_resumes_by_itself() -> None:
    assert choose_flags([TIE], {}, 0, on=ON, resting={ANA: days_ago(10)}) == ()
    assert choose_flags([TIE], {}, 0, on=ON, resting={ANA: TIE.last_on}) == ()
    assert choose_flags([TIE], {}, 0, on=ON, resting={ANA: days_ago(47)}) == (ANA,)


TIES = st.lists(
    st.builds(
        tie_of,
        st.text("abcdefgh", min_size=1, max_size=3),
        n_days=st.integers(1, 5),
        p_dormant=st.sampled_from([0.5, 0.6, 0.9]),
        state=st.sampled_from(State),
    ),
    unique_by=lambda tie: tie.alter,
)


@given(TIES.flatmap(lambda ties: st.tuples(st.just(ties), st.permutations(ties))))
def test_the_choice_does_not_hang_on_the_order_of_the_ties(
    orders: tuple[list[Tie], list[Tie]],
) -> None:
    assert choose_flags(orders[0], {}, 0, on=ON) == choose_flags(orders[1], {}, 0, on=ON)


@given(TIES, st.integers(0, 9), st.integers(0, 9))
def test_the_weekly_cap_is_never_exceeded(ties: list[Tie], recent: int, per_week: int) -> None:
    chosen = choose_flags(ties, {}, recent, on=ON, per_week=per_week)
    assert recent + len(chosen) <= max(recent, per_week)
    assert len(set(chosen)) == len(chosen)
