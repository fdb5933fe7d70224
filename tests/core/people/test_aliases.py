"""The owner's further addresses are found, and nobody becomes the owner by claiming to be."""

from daemon.people.aliases import Author, find_aliases

OWNED = frozenset({"mara@example.org"})
MARA = Author("mara@example.org", "Mara Stein", 9, 0)


def test_an_address_that_writes_often_under_the_owners_name_is_the_owners() -> None:
    work = Author("ms@example.com", "STEIN, Mara", 3, 1)
    assert find_aliases([MARA, work], OWNED) == {"ms@example.com"}


def test_the_name_the_owner_gave_is_enough() -> None:
    work = Author("ms@example.com", "Mara Stein", 3, 0)
    assert find_aliases([work], OWNED) == frozenset()
    assert find_aliases([work], OWNED, name="Mara Stein") == {"ms@example.com"}


def test_twice_is_not_often() -> None:
    assert find_aliases([MARA, Author("ms@example.com", "Mara Stein", 2, 0)], OWNED) == frozenset()


def test_who_writes_to_the_owner_as_the_owner_is_a_forger() -> None:
    forger = Author("prize@example.com", "Mara Stein", 40, 21)
    assert find_aliases([MARA, forger], OWNED) == frozenset()


def test_a_first_name_makes_nobody_the_owner() -> None:
    plain = Author("mara@example.org", "Mara", 9, 0)
    other = Author("mara@example.com", "Mara", 9, 0)
    assert find_aliases([plain, other], OWNED, name="Mara") == frozenset()


def test_an_owner_without_a_name_has_no_nameless_aliases() -> None:
    nameless = Author("mara@example.org", "", 9, 0)
    assert find_aliases([nameless, Author("x@example.com", "", 9, 0)], OWNED) == frozenset()


def test_a_tag_at_the_owners_own_mailbox_is_the_owners() -> None:
    assert find_aliases([Author("mara+x@example.org", "", 1, 1)], OWNED) == {"mara+x@example.org"}
