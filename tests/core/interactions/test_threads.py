"""Conversations come out the same in whatever order and pieces their messages are read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.observations import Address, Message
from daemon.interactions.threads import join_threads, thread_ids

IDS = st.sampled_from([f"<{n}>" for n in range(12)])
LETTERS = st.lists(st.lists(IDS, min_size=1, max_size=3).map(tuple), max_size=12)
AT = datetime(2026, 3, 2, tzinfo=UTC)


def partition(thread_of: dict[str, str]) -> set[frozenset[str]]:
    threads: defaultdict[str, set[str]] = defaultdict(set)
    for name, thread in thread_of.items():
        threads[thread].add(name)
    return {frozenset(some) for some in threads.values()}


def join_in_pieces(pieces: Iterable[Sequence[tuple[str, ...]]]) -> dict[str, str]:
    """Join batch after batch as a store does: what is known is only looked up, and carried over."""
    stored: dict[str, str] = {}
    for piece in pieces:
        met = {name for ids in piece for name in ids}
        known = {name: stored[name] for name in met if name in stored}
        joined = join_threads(piece, known)
        stored = {name: joined.merged.get(t, t) for name, t in stored.items()} | dict(
            joined.thread_of
        )
    return stored


@given(LETTERS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_and_pieces_give_the_same_threads(
    letters: list[tuple[str, ...]], chance: object, size: int
) -> None:
    at_once = dict(join_threads(letters, {}).thread_of)
    shuffled = letters.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    pieces = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]
    stored = join_in_pieces(pieces)
    assert partition(stored) == partition(at_once)
    assert stored == at_once  # the names too: each is the first id of its thread


@given(LETTERS, LETTERS)
def test_every_thread_that_ceased_is_named_with_what_it_became(
    before: list[tuple[str, ...]], after: list[tuple[str, ...]]
) -> None:
    stored = dict(join_threads(before, {}).thread_of)
    met = {name for ids in after for name in ids}
    joined = join_threads(after, {n: t for n, t in stored.items() if n in met})
    whole = dict(join_threads([*before, *after], {}).thread_of)
    ceased = {t for n, t in stored.items() if whole[n] != t}
    assert dict(joined.merged) == {t: whole[t] for t in ceased}
    assert not set(joined.merged) & set(joined.merged.values())


def test_ids_are_the_messages_own_then_its_parents_each_once() -> None:
    one = Message(
        "u",
        AT,
        Address("ana@example.com"),
        message_id="<c>",
        in_reply_to="<b>",
        references=("<a>", "<b>"),
    )
    assert thread_ids(one, "s") == ("<c>", "<b>", "<a>")


def test_a_message_without_an_id_is_known_by_its_place() -> None:
    one = Message("7", AT, Address("ana@example.com"))
    assert thread_ids(one, "s") != thread_ids(one, "t")
