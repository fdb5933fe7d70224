"""What Gmail's methods cost, and how many messages one batch takes of a minute's units."""

GET_UNITS = 20
"""Quota units of messages.get, whatever its format.

Source: Gmail API, "Usage limits", for projects made since 2026-05-01; older ones pay 5.
"""
LIST_UNITS = 5
"""Quota units of messages.list. Source: as above."""
HISTORY_UNITS = 2
"""Quota units of history.list. Source: as above."""
PROFILE_UNITS = 1
"""Quota units of getProfile. Source: as above."""
ALIASES_UNITS = 1
"""Quota units of settings.sendAs.list. Source: as above."""
SEND_UNITS = 100
"""Quota units of messages.send. Source: as above."""

LARGEST_LIST = 500
"""Items of one page of messages.list and history.list. Source: Gmail API, messages.list."""


def size_batch(units_per_minute: int, page: int) -> int:
    """Return how many messages to get at once so that most are got in a minute.

    A batch is paid for as a whole, before it is sent. Of 6,000 units a minute, five batches of 50
    can be paid (250 messages), but eight of 37 (296 messages).

    Args:
        units_per_minute: Enough for one message at least.
        page: Messages in one batch, at the most.
    """
    return max(range(1, page + 1), key=lambda n: (n * (units_per_minute // _cost_of(n)), n))


def _cost_of(n_messages: int) -> int:
    """Return what a page of the first reading costs: its list, the news, and its messages."""
    return LIST_UNITS + HISTORY_UNITS + GET_UNITS * n_messages
