"""Addresses become people: a partition, whatever arrived first, and as the owner decides."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.people.evidence import gather, mailbox_of
from daemon.people.lists import is_mailing_list
from daemon.people.model import (
    Identity,
    IdentityDecision,
    NotSame,
    Person,
    Same,
    Sighting,
)
from daemon.people.resolve import resolve

AT = datetime(2026, 3, 2, tzinfo=UTC)


def at(hour: int) -> datetime:
    return AT + timedelta(hours=hour)


def seen(email: str, *own: str, given: Mapping[str, int] | None = None) -> Sighting:
    """An address whose holder writes under ``own``, and is called ``given`` by others."""
    mine = dict.fromkeys(own, 1)
    return Sighting(Identity(email), names={**(given or {}), **mine}, own_names=mine)


def same(one: str, other: str, hour: int = 0) -> Same:
    return Same(Identity(one), Identity(other), at(hour))


def apart(one: str, other: str, hour: int = 0) -> NotSame:
    return NotSame(Identity(one), Identity(other), at(hour))


def groups(
    *sightings: Sighting,
    cards: Iterable[tuple[str, ...]] = (),
    decisions: Iterable[IdentityDecision] = (),
) -> set[frozenset[str]]:
    found = resolve(sightings, cards=[tuple(map(Identity, c)) for c in cards], decisions=decisions)
    return {frozenset(map(str, person.identities)) for person in found}


def test_three_addresses_under_one_name_are_one_person() -> None:
    [ana] = resolve(
        [
            seen("ana@example.org", "Ana Diaz"),
            seen("ana.diaz@example.com", "Diaz, Ana"),
            seen("x77@example.net", "ANA DIAZ"),
        ]
    )
    assert ana == Person(
        ana.id,
        "Ana Diaz",
        ("Ana Diaz",),
        frozenset(map(Identity, ("ana@example.org", "ana.diaz@example.com", "x77@example.net"))),
    )
    assert ana.id == "ana.diaz@example.com"


def test_two_people_with_one_first_name_stay_two() -> None:
    assert len(groups(seen("ana@example.org", "Ana"), seen("ana@example.com", "Ana"))) == 2


def test_functions_tie_nobody() -> None:
    team = seen("info@example.org", "Sales Team"), seen("a@example.com", "Sales Team")
    assert len(groups(*team)) == 2
    shared = [("ana@example.org", "info@example.com"), ("ben@example.org", "info@example.com")]
    found = groups(
        seen("ana@example.org"), seen("ben@example.org"), seen("info@example.com"), cards=shared
    )
    assert len(found) == 3


def test_a_card_ties_the_addresses_it_lists() -> None:
    card = ("ana@example.org", "a77@example.com")
    assert groups(seen("ana@example.org"), seen("a77@example.com"), cards=[card]) == {
        frozenset(card)
    }


def test_a_card_brings_in_no_address_that_was_never_met() -> None:
    card = ("ana@example.org", "unmet@example.com")
    assert groups(seen("ana@example.org"), cards=[card]) == {frozenset({"ana@example.org"})}


def test_the_name_others_give_ties_to_the_name_one_writes_under() -> None:
    found = groups(
        seen("ana@example.org", "Ana Diaz"), seen("a77@example.com", given={"Ana Diaz": 3})
    )
    assert len(found) == 1


def test_a_name_spelled_in_an_address_ties_it_to_who_writes_under_it() -> None:
    assert len(groups(seen("x@example.org", "Ana Diaz"), seen("ana.diaz@example.com"))) == 1
    assert len(groups(seen("ana.diaz@example.org"), seen("ana_diaz@example.com"))) == 2


def test_a_name_on_too_many_addresses_is_no_name_of_one_person() -> None:
    many = [seen(f"u{n}@example.org", "Example Person") for n in range(13)]
    assert len(groups(*many)) == 13
    assert len(groups(*many[:12])) == 1


def test_tags_and_the_dots_of_gmail_are_one_mailbox() -> None:
    assert mailbox_of("a.n.a+x@gmail.com") == mailbox_of("ana@googlemail.com") == "ana@gmail.com"
    assert mailbox_of("a.na@example.org") != mailbox_of("ana@example.org")
    assert mailbox_of("+x@example.org") == "+x@example.org"
    found = groups(seen("ana@example.org"), seen("ana+shop@example.org"))
    assert found == {frozenset({"ana@example.org", "ana+shop@example.org"})}


def test_the_owner_joins_what_no_evidence_would() -> None:
    found = groups(
        seen("a@example.org", "Ana"),
        seen("b@example.org", "Ben"),
        decisions=[same("a@example.org", "b@example.org")],
    )
    assert len(found) == 1


def test_the_owner_parts_what_all_evidence_joins() -> None:
    two = seen("a@example.org", "Ana Diaz"), seen("b@example.org", "Ana Diaz")
    card = ("a@example.org", "b@example.org")
    no = apart("b@example.org", "a@example.org")
    assert len(groups(*two, cards=[card], decisions=[no])) == 2


def test_the_later_of_two_words_on_one_pair_holds() -> None:
    two = seen("a@example.org"), seen("b@example.org")
    yes, no = same("a@example.org", "b@example.org", 1), apart("b@example.org", "a@example.org", 2)
    assert len(groups(*two, decisions=[no, yes])) == 2
    again = same("a@example.org", "b@example.org", 3)
    assert len(groups(*two, decisions=[again, no, yes])) == 1


def test_those_kept_apart_do_not_meet_through_a_third() -> None:
    three = [seen(f"{x}@example.org", "Ana Diaz") for x in "abc"]
    found = groups(*three, decisions=[apart("a@example.org", "b@example.org")])
    assert len(found) == 2
    assert {"a@example.org", "b@example.org"} not in found
    assert not any({"a@example.org", "b@example.org"} <= group for group in found)


def test_the_stronger_evidence_goes_first_where_only_one_can_hold() -> None:
    for x in "abcdefgh":
        one, other, between = f"{x}@example.org", f"{x}@example.com", f"{x}@example.net"
        found = groups(
            seen(one, "Ana Diaz"),
            seen(other),
            seen(between, "Ana Diaz"),
            cards=[(other, between)],
            decisions=[apart(one, other)],
        )
        assert frozenset({other, between}) in found


def test_evidence_is_in_order_whatever_arrived_first() -> None:
    some = [seen(f"{x}@example.{y}", "Ana Diaz") for x in "abc" for y in ("org", "com")]
    found = gather(some, [])
    assert list(found) == sorted(found)
    assert gather(some[::-1], []) == found


def test_of_two_joins_that_cannot_both_hold_the_later_does() -> None:
    three = [seen(f"{x}@example.org") for x in "abc"]
    no = apart("a@example.org", "c@example.org")
    early = same("a@example.org", "b@example.org", 1)
    late = same("b@example.org", "c@example.org", 2)
    found = groups(*three, decisions=[no, early, late])
    assert frozenset({"b@example.org", "c@example.org"}) in found


def test_of_several_names_the_full_one_that_is_written_most_is_printed() -> None:
    [ana] = resolve(
        [
            Sighting(
                Identity("ana@example.org"),
                names={"ana": 90, "Ana Diaz": 2, "Ana Diaz-Rey": 5, "Anita Diaz": 7},
                own_names={"ana": 90, "Ana Diaz": 2, "Ana Diaz-Rey": 5},
            )
        ]
    )
    assert ana.names == ("Ana Diaz-Rey", "Ana Diaz", "Anita Diaz", "ana")


def test_a_list_is_nobody() -> None:
    lists = Sighting(Identity("talk@example.org"), names={"Ana Diaz": 9}, is_list=True)
    assert groups(seen("ana@example.org", "Ana Diaz"), lists) == {frozenset({"ana@example.org"})}


def test_lists_that_no_header_names_are_known_by_how_they_are_used() -> None:
    def to(email: str, *names: str, n: int = 0) -> Sighting:
        return Sighting(Identity(email), names=dict.fromkeys(names, 1), n_from_others=n)

    for email in ("talk@lists.example.org", "linux-dev@example.org", "x@vger.example.org"):
        assert is_mailing_list(to(email)), email
    assert is_mailing_list(to("x@example.org", "Example mailing list"))
    assert is_mailing_list(to("x@example.org", n=3))
    assert not is_mailing_list(to("x@example.org", n=2))
    assert not is_mailing_list(to("x@example.org", "Ana Diaz", n=30))
    assert not is_mailing_list(seen("talk@lists.example.org", "Ana Diaz"))
    assert not is_mailing_list(to("michael@example.org", "Michael"))


EMAILS = [
    f"{x}@example.{tld}" for x in ("ana", "ana+t", "ana.diaz", "ben") for tld in ("org", "com")
]
NAMES = ["Ana Diaz", "Diaz, Ana", "ANA", "Ben Okafor", "Ana Okafor", "Sales Team"]


@st.composite
def worlds(
    draw: st.DrawFn,
) -> tuple[list[Sighting], list[tuple[str, ...]], list[IdentityDecision]]:
    emails = draw(st.lists(st.sampled_from(EMAILS), unique=True))
    sightings = []
    for email in emails:
        own = draw(st.lists(st.sampled_from(NAMES), max_size=2))
        called = draw(st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), max_size=2))
        one = seen(email, *own, given=called)
        sightings.append(one)
    pair = st.lists(st.sampled_from(EMAILS), min_size=2, max_size=2, unique=True)
    cards = [tuple(some) for some in draw(st.lists(pair, max_size=2))]
    kinds: list[type[Same] | type[NotSame]] = draw(
        st.lists(st.sampled_from((Same, NotSame)), max_size=4)
    )
    decisions: list[IdentityDecision] = []
    for hour, kind in enumerate(kinds):
        one_email, other = draw(pair)
        decisions.append(kind(Identity(one_email), Identity(other), at(hour)))
    return sightings, cards, decisions


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_people_are_a_partition_whatever_arrived_first(
    world: tuple[list[Sighting], list[tuple[str, ...]], list[IdentityDecision]], chance: object
) -> None:
    sightings, cards, decisions = world
    keyed = [tuple(map(Identity, card)) for card in cards]
    first = resolve(sightings, cards=keyed, decisions=decisions)
    for some in (sightings, keyed, decisions):
        chance.shuffle(some)  # type: ignore[attr-defined]  # hypothesis' own Random
    assert resolve(sightings, cards=keyed, decisions=decisions) == first
    members = [identity for person in first for identity in person.identities]
    assert len(members) == len(set(members))
    assert set(members) >= {s.identity for s in sightings}
    assert all(str(person.id) == min(person.identities) for person in first)


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_no_two_whom_the_owner_last_kept_apart_are_one(
    world: tuple[list[Sighting], list[tuple[str, ...]], list[IdentityDecision]],
) -> None:
    sightings, cards, decisions = world
    person_of = {
        identity: person.id
        for person in resolve(
            sightings, cards=[tuple(map(Identity, c)) for c in cards], decisions=decisions
        )
        for identity in person.identities
    }
    last = {frozenset({d.one, d.other}): d for d in decisions}
    for decision in last.values():
        if isinstance(decision, NotSame):
            parts = {person_of.get(decision.one, "?"), person_of.get(decision.other, "!")}
            assert len(parts) == 2
        elif not any(isinstance(d, NotSame) for d in last.values()):
            assert person_of[decision.one] == person_of[decision.other]


def test_of_two_forms_the_one_without_a_row_of_initials_is_what_people_say() -> None:
    seen = Sighting(
        Identity("karel@example.org"),
        names={"Houten K.H.C. van": 9, "Karel van Houten": 2},
        own_names={"Houten K.H.C. van": 9, "Karel van Houten": 2},
    )
    (person,) = resolve([seen])
    assert person.name == "Karel van Houten"
