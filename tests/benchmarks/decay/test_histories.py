"""Networks -> ties: a pair once, seen from one side, direct and ambient apart."""

from benchmarks.decay.histories import Ambient, trace_ties
from benchmarks.decay.networks import DAY_SECONDS
from benchmarks.decay.rows import Past
from tests.benchmarks.decay.builders import named, network_of, on_days, only_tie, talk

CROWD = tuple(f"x{k:02}" for k in range(10))


def test_a_pair_is_one_tie_with_the_smaller_as_its_owner() -> None:
    tie = only_tie(on_days("2", "1", [1, 4]), on_days("1", "2", [2]))
    assert (tie.owner.person, tie.contact) == (0, 1)
    assert tie.days.tolist() == [1, 2, 4]
    assert tie.is_out.tolist() == [False, True, False]
    assert tie.mutual_from == 2


def test_two_messages_of_a_day_are_one_interaction() -> None:
    assert not trace_ties(network_of(talk("1", "2", [3, 3, 9])))


def test_one_way_is_no_tie() -> None:
    assert not trace_ties(network_of(on_days("1", "2", [1, 2, 3, 4])))


def test_a_message_to_more_than_ten_is_ambient() -> None:
    circular = [(5 * DAY_SECONDS, "a", ("b", *CROWD)), (6 * DAY_SECONDS, "b", ("a", *CROWD))]
    to_ten = [(7 * DAY_SECONDS, "a", ("b", *CROWD[:9]))]
    network = network_of(talk("a", "b", [1, 2, 3]), circular, to_ten)
    tie = named(trace_ties(network), network)["a", "b"]
    assert tie.days.tolist() == [1, 2, 3, 7]
    assert tie.ambient_kind.tolist() == [Ambient.OUT, Ambient.IN]
    assert tie.ambient_recipients.tolist() == [11, 11]


def test_being_written_to_together_is_ambient_whatever_the_size() -> None:
    shared = [(9 * DAY_SECONDS, "c", ("a", "b"))]
    network = network_of(talk("a", "b", [1, 2, 3]), shared)
    tie = named(trace_ties(network), network)["a", "b"]
    assert tie.ambient_kind.tolist() == [Ambient.SHARED]
    assert tie.ambient_at.tolist() == [9 * DAY_SECONDS]


def test_an_owner_is_active_whoever_he_writes_to() -> None:
    network = network_of(talk("a", "b", [1, 2, 3]), on_days("a", "c", [3, 8]))
    assert named(trace_ties(network), network)["a", "b"].owner.days.tolist() == [1, 3, 8]


def test_a_past_ends_where_its_day_begins() -> None:
    tie = only_tie(talk("a", "b", [1, 2, 3, 5]), [(4 * DAY_SECONDS, "c", ("a", "b"))])
    past = Past(tie, 4)
    assert past.days.tolist() == [1, 2, 3]
    assert past.is_out.tolist() == [True, False, True]
    assert past.n_recipients.tolist() == [1, 1, 1]
    assert not len(past.ambient_at) + len(past.ambient_kind) + len(past.ambient_recipients)
    assert past.owner_days.tolist() == [1, 3]
    assert Past(tie, 5).ambient_at.tolist() == [4 * DAY_SECONDS]
