"""Empty what is derived, so that it is derived anew."""

from daemon.store.database import Database, clear, writing
from daemon.store.schema import DERIVED


def empty_derived(engine: Database) -> None:
    """Empty every derived table; what is primary stays."""
    with writing(engine) as tx:
        clear(tx, DERIVED)
