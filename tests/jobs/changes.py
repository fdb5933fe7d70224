"""An account whose changes do something when they are read: break, wait, or meet another."""

from collections.abc import Callable
from typing import Any


class Log(list[Any]):
    """An account's changes that do something on the way: each is asked for when it is read."""

    def __init__(self, found: list[Any], on_read: Callable[[int], None]) -> None:
        super().__init__(found)
        self._on_read = on_read

    def __getitem__(self, key: Any) -> Any:
        self._on_read(key.start if isinstance(key, slice) else key)
        return super().__getitem__(key)
