"""An error that nobody foresaw -> its kind and place, and nothing of what it says."""

from pathlib import Path
from traceback import extract_tb


def locate(error: BaseException) -> str:
    """Return the kind of ``error`` and the last line of ours that it was raised through.

    Its text stays out: it may quote a message, an address or a secret.
    """
    frames = extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    own = [f for f in frames if {"daemon", "connectors"} & set(Path(f.filename).parts)]
    last = (own or frames)[-1]
    return f"{type(error).__name__} at {'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"
