"""Owners who sign in at Google: at the machine that kithd runs on, or with a browser elsewhere."""

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    build_opener,
)

import pytest

from connectors.google.settings import GoogleSettings


class _Still(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        """Go nowhere: whoever looks wants to see where to."""


SOON = 5.0


@dataclass
class Browser:
    """An owner at this machine: opens the page, decides there, and is led back."""

    context: ssl.SSLContext
    before: Callable[[str], None] = lambda _: None
    led_to: str = ""
    shown: list[str] = field(default_factory=list)
    read: str = ""
    is_remote: bool = False

    def show(self, url: str, code: str = "") -> None:
        assert code == ""
        self.shown.append(url)
        self.led_to = self.open(url)
        self.before(self.led_to)
        self.come_back()

    def come_back(self) -> None:
        self.read = self._visit(self.led_to)

    def read_line(self) -> str:
        raise AssertionError("nothing is to be pasted here")

    def open(self, url: str) -> str:
        """Open Google's page, and return where it leads."""
        with pytest.raises(HTTPError) as led:
            self._opener(_Still).open(url)
        with led.value as answer:
            assert answer.code == 302, answer.read()
            return str(answer.headers["Location"])

    def _visit(self, url: str) -> str:
        with self._opener().open(url, timeout=SOON) as answer:
            return str(answer.read(), "utf-8")

    def _opener(self, *handlers: type[HTTPRedirectHandler]) -> OpenerDirector:
        return build_opener(ProxyHandler({}), HTTPSHandler(context=self.context), *handlers)


@dataclass
class Elsewhere:
    """An owner whose browser runs on another machine, and who pastes what comes of it."""

    context: ssl.SSLContext
    paste: Callable[[str], str] = lambda led_to: led_to
    shown: list[str] = field(default_factory=list)
    led_to: str = ""
    is_remote: bool = True

    def show(self, url: str, code: str = "") -> None:
        assert code == ""
        self.shown.append(url)
        self.led_to = Browser(self.context).open(url)

    def read_line(self) -> str:
        return f"{self.paste(self.led_to)}\n"


@dataclass
class Owner:
    """Whoever signs in, here or elsewhere, and trusts Google."""

    context: ssl.SSLContext

    def here(self, before: Callable[[str], None] = lambda _: None) -> Browser:
        return Browser(self.context, before)

    def elsewhere(self, paste: Callable[[str], str] = lambda led_to: led_to) -> Elsewhere:
        return Elsewhere(self.context, paste)


def kept_in(settings: GoogleSettings) -> dict[str, object] | None:
    path = Path(settings.secret.reference.partition(":")[2])
    return json.loads(path.read_text()) if path.exists() else None


def code_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["code"][0]


def with_state(url: str, state: str) -> str:
    head, _, query = url.partition("?")
    return f"{head}?{urlencode({**parse_qs(query), 'state': state}, doseq=True)}"
