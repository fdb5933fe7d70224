"""Derive letters, threads, sightings and interactions from observations not yet looked at."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from connectors.observations import Address, Card, Event, Message
from daemon.interactions.automated import Origin, classify, is_contact
from daemon.interactions.infer import count_recipients, infer_event, infer_message, is_by, is_to
from daemon.interactions.model import Ego, Interaction
from daemon.interactions.threads import Joined, join_threads, thread_ids
from daemon.jobs.basis import Basis
from daemon.people.aliases import find_aliases
from daemon.store import contacts, letters, observed, people, progress, sources
from daemon.store.database import Connection, Database, clear, writing
from daemon.store.instants import to_seconds
from daemon.store.letters import Letter
from daemon.store.observed import Kept
from daemon.store.people import Seen, Shown
from daemon.store.schema import DERIVED

CHUNK = 2000
"""Observations a transaction: a crash repeats at most so many."""


OnStep = Callable[[], None]


def ignore() -> None:
    """Tell nobody."""


def infer(engine: Database, basis: Basis, *, on_step: OnStep = ignore) -> Ego:
    """Derive from all that is new, or from everything if the basis changed.

    Args:
        engine: The database.
        basis: The owner and the settings.
        on_step: Told after each transaction.

    Returns:
        The ego: the owner's addresses and those found to be the owner's as well.
    """
    ego = _settle_ego(engine, basis)
    while _infer_some(engine, basis, ego):
        on_step()
    return ego


def _settle_ego(engine: Database, basis: Basis) -> Ego:
    """Find the owner's further addresses; if they or the basis changed, begin anew."""
    with writing(engine) as tx:
        owned = basis.addresses | read_told(tx, basis)
        grounds = [observed.last_seq(tx), sorted(owned), basis.name]
        if progress.recall(tx, "grounds") == grounds:
            aliases = frozenset(progress.recall(tx, "aliases", []))
        else:
            aliases = find_aliases(observed.read_authors(tx, owned), owned, name=basis.name)
        fingerprint = basis.fingerprint(owned | aliases)
        if progress.recall(tx, "basis") != fingerprint:
            clear(tx, DERIVED)
        for key, value in (
            ("grounds", grounds),
            ("aliases", sorted(aliases)),
            ("basis", fingerprint),
        ):
            progress.keep(tx, key, value)
    return Ego(owned | aliases)


def read_told(connection: Connection, basis: Basis) -> frozenset[str]:
    """Return the addresses that the owner's accounts say are theirs."""
    told = sources.read_addresses(connection, basis.sources)
    return frozenset(address for some in told.values() for address in some)


def _infer_some(engine: Database, basis: Basis, ego: Ego) -> bool:
    with writing(engine) as tx:
        kept = observed.read_after(tx, progress.recall(tx, "inferred", 0), limit=CHUNK)
        if not kept:
            return False
        _derive(tx, kept, basis, ego)
        progress.keep(tx, "inferred", kept[-1].seq)
    return True


def _derive(tx: Connection, kept: Sequence[Kept], basis: Basis, ego: Ego) -> None:
    kept = [*kept, *_take_apart(tx, kept)]
    messages = [k for k in kept if isinstance(k.item, Message) and is_contact(k.item)]
    joined = _join(tx, messages)
    for source, mine in _by_source(kept).items():
        uids = [k.uid for k in mine]
        people.save_sightings(tx, source, uids, [_sight(k, ego) for k in mine])
        found = [pair for k in mine for pair in _interactions(k, joined, basis, ego)]
        contacts.save_interactions(tx, source, uids, found)
    letters.save_letters(tx, [_letter(k, joined, ego) for k in messages])


def _take_apart(tx: Connection, kept: Sequence[Kept]) -> list[Kept]:
    """Undo the threads of messages that changed or are gone; return the rest of those threads."""
    undone: set[tuple[str, str]] = set()
    for source, mine in _by_source(kept).items():
        undone |= letters.take_apart(tx, source, [k.uid for k in mine])
    return list(observed.read_kept(tx, undone - {(k.source, k.uid) for k in kept}))


def _by_source(kept: Iterable[Kept]) -> dict[str, list[Kept]]:
    found: defaultdict[str, list[Kept]] = defaultdict(list)
    for one in kept:
        found[one.source].append(one)
    return dict(sorted(found.items()))


def _join(tx: Connection, messages: Iterable[Kept]) -> Joined:
    ids = [thread_ids(k.item, k.source) for k in messages if isinstance(k.item, Message)]
    known = letters.threads_of(tx, {i for some in ids for i in some})
    joined = join_threads(ids, known)
    letters.save_threads(tx, joined, known)
    return joined


def _interactions(
    kept: Kept, joined: Joined, basis: Basis, ego: Ego
) -> Iterable[tuple[str, Interaction]]:
    match kept.item:
        case Message() as message if is_contact(message):
            thread = joined.thread_of[thread_ids(message, kept.source)[0]]
            found = infer_message(message, ego, thread=thread, limits=basis.limits)
        case Event() as event:
            found = infer_event(event, ego, limits=basis.limits)
        case _:
            found = ()
    return ((kept.uid, one) for one in found)


def _letter(kept: Kept, joined: Joined, ego: Ego) -> Letter:
    message = kept.item
    assert isinstance(message, Message)  # noqa: S101  # messages only, by the caller's filter
    own = thread_ids(message, kept.source)[0]
    return Letter(
        source=kept.source,
        uid=kept.uid,
        at=to_seconds(message.sent_at),
        thread=joined.thread_of[own],
        message_id=own,
        parent=message.in_reply_to,
        author=message.author.email,
        by_ego=is_by(message, ego),
        n_recipients=count_recipients(message),
        is_to_ego=is_to(message, ego),
    )


def _sight(kept: Kept, ego: Ego) -> tuple[str, int | None, Shown]:
    """Count the names seen beside addresses, in mail the ego has a part in.

    Who wrote to a list that the ego is on is seen as well, with nothing counted.
    """
    seen: defaultdict[tuple[str, str], Seen] = defaultdict(Seen)
    at: int | None = None
    match kept.item:
        case Message() as message if is_contact(message):
            at = to_seconds(message.sent_at)
            _sight_message(message, ego, seen)
        case Event() as event:
            for address in _invited(event):
                seen[_pair(address)].n_seen += 1
        case Card() as card:
            for email in card.emails:
                seen[email, card.name].n_seen += 1
                seen[email, card.name].n_own += 1
        case _:
            pass
    return kept.uid, at, seen


def _sight_message(message: Message, ego: Ego, seen: dict[tuple[str, str], Seen]) -> None:
    for email in message.lists:
        seen[email, ""].n_list += 1
    if not _involves(message, ego):
        if classify(message) is Origin.LIST:
            # Seen in passing, but by a name that the list may have changed.
            seen.setdefault((message.author.email, ""), Seen())
        return
    author = seen[_pair(message.author)]
    author.n_seen += 1
    author.n_own += 1
    for recipient in message.recipients:
        if recipient.address.email in ego:
            continue
        one = seen[_pair(recipient.address)]
        one.n_seen += 1
        one.n_from_others += message.author.email not in ego


def _invited(event: Event) -> list[Address]:
    organizer = [event.organizer] if event.organizer else []
    return organizer + [a.address for a in event.attendees if a.is_person]


def _involves(message: Message, ego: Ego) -> bool:
    if is_by(message, ego):
        return True
    is_named = any(r.address.email in ego for r in message.recipients)
    return classify(message) is not Origin.MACHINE and (is_named or not message.lists)


def _pair(address: Address) -> tuple[str, str]:
    return address.email, address.name
