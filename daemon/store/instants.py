"""Instants -> whole seconds since 1970 in UTC, and back."""

from datetime import UTC, datetime


def to_seconds(at: datetime) -> int:
    """Return the whole seconds from 1970 to ``at`` (aware), rounded down."""
    return int(at.timestamp() // 1)


def to_instant(seconds: int) -> datetime:
    """Return the aware UTC instant ``seconds`` after 1970."""
    return datetime.fromtimestamp(seconds, UTC)
