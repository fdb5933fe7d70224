"""Message-ids that name one another -> threads, whatever the order of arrival."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.observations import Message


@dataclass(frozen=True, slots=True)
class Joined:
    """What a batch of messages does to the threads.

    ``thread_of`` maps every message-id met to its thread. ``merged`` maps the name of
    each thread that ceased to the thread it is now part of.
    """

    thread_of: Mapping[str, str]
    merged: Mapping[str, str]


def thread_ids(message: Message, source: str) -> tuple[str, ...]:
    """Return the message-ids that tie ``message`` to others, its own first.

    A message without an id of its own is known by its source and its uid there.
    """
    own = message.message_id or f"uid:{source}/{message.uid}"
    parent = (message.in_reply_to,) if message.in_reply_to else ()
    return tuple(dict.fromkeys((own, *parent, *message.references)))


def join_threads(messages: Iterable[tuple[str, ...]], known: Mapping[str, str]) -> Joined:
    """Join the ids of each message into one thread, and with the threads known before.

    Args:
        messages: For each message the ids that belong together.
        known: The thread of each id met earlier.
    """
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        root = name
        while parent.setdefault(root, root) != root:
            root = parent[root]
        while parent[name] != root:
            parent[name], name = root, parent[name]
        return root

    members: dict[str, str] = {}
    for ids in messages:
        roots = [find(known.get(i, i)) for i in ids]
        first = min(roots)
        for root in roots:
            parent[root] = first
        members.update((i, known.get(i, i)) for i in ids)
    ceased = {name for name in known.values() if name in parent and find(name) != name}
    return Joined(
        thread_of={i: find(name) for i, name in members.items()},
        merged={name: find(name) for name in ceased},
    )
