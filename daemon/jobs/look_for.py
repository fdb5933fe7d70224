"""The owner's live mailboxes -> whether a mail that was sent lies in one of them."""

from collections.abc import Iterable

from connectors.errors import ConnectorError
from daemon.jobs.basis import Basis
from daemon.jobs.deliver import Find
from daemon.jobs.watch import holds, list_live
from daemon.store.sources import Source


def look_in(sources: Iterable[Source], basis: Basis) -> Find | None:
    """Return what looks for a ``Message-ID`` in those of ``sources`` that can be asked.

    None where none can be: then nobody can tell what became of a mail. A mailbox is opened
    for each question, which is seldom: after a delivery that was interrupted. One that does
    not answer matters only if no other holds the mail.
    """
    live = list_live(tuple(sources))
    if not live:
        return None

    def find(message_id: str) -> bool:
        problem: ConnectorError | None = None
        for source in live:
            try:
                if holds(source, basis, message_id):
                    return True
            except ConnectorError as trouble:
                problem = trouble
        if problem:
            # It may lie in the one that did not answer: "not there" would be a guess.
            raise problem
        return False

    return find
