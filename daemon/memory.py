"""Memory that work leaves behind -> given back to the system."""

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """Give back what the last piece of work no longer needs, where the C library can do that.

    Source: malloc_trim(3).
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
