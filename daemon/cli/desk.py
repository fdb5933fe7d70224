"""A terminal -> the desk at which the owner signs in: a page is opened, or its address told."""

import sys
import webbrowser
from collections.abc import Mapping
from threading import Thread

import typer

_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def has_browser(environ: Mapping[str, str], platform: str) -> bool:
    """Ask whether the owner sits before this machine's own screen: never over SSH."""
    if any(environ.get(name) for name in _REMOTE):
        return False
    return platform == "darwin" or any(environ.get(name) for name in _SCREENS)


class Terminal:
    """The owner's terminal; all that is said goes to standard error.

    Without a browser here the owner opens the page elsewhere, and brings back what it shows.
    """

    def __init__(self, *, is_remote: bool) -> None:
        """Take whether the owner's browser runs on another machine than this."""
        self._is_remote = is_remote

    @property
    def is_remote(self) -> bool:
        """Whether the owner's browser runs on another machine than this."""
        return self._is_remote

    def show(self, url: str, code: str = "") -> None:
        """Tell which page to open and what to type there, and open it where there is a browser."""
        opens = "Open this page" if self._is_remote else "This page opens in your browser"
        _say(f"{opens}:\n\n  {url}\n")
        if code:
            _say(f"Type this code there: {code}\n")
        if not self._is_remote:
            # Some browsers keep whoever opened them waiting until they are closed.
            Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    def read_line(self) -> str:
        """Return what the owner pastes: the address that the browser was led to in the end.

        Raises:
            typer.Abort: There is nothing to be read any more.
        """
        _say(
            "When you have agreed there, your browser is led to a page that it cannot open. Copy\n"
            "its address out of the address bar, paste it here, and press Enter:"
        )
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        return line.strip()


def _say(text: str) -> None:
    typer.echo(text, err=True)
