"""The only place that reads the time: everything else is handed an instant."""

from datetime import UTC, datetime


class Clock:
    """The machine's clock, or one that stands still, for ``--at`` and for tests."""

    def __init__(self, fixed_at: datetime | None = None) -> None:
        """Take the instant to stand still at (timezone-aware), or None to run.

        Raises:
            ValueError: ``fixed_at`` says nothing of its time zone.
        """
        if fixed_at is not None and fixed_at.tzinfo is None:
            raise ValueError("a clock can stand still only at an instant with a time zone")
        self._fixed_at = fixed_at

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return (self._fixed_at or datetime.now(UTC)).astimezone(UTC)
