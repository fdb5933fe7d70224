"""The text of a web address to its parts, taken apart once and for all who look at them."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from connectors.errors import Misconfigured

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST = re.compile(r"[a-z0-9._:-]+")
_URL_SAFE = "%/:=&?~#+!$,;'@()*[]"  # What RFC 3986 section 2.2 reserves stays as it is.


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A web address that may be asked for, with everything in it encoded.

    ``path`` begins with a slash and holds the query, if there is one; ``host`` is in ASCII.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> "WebAddress":
        """Take an address apart, once: who checks it and who connects see the same parts.

        Raises:
            Misconfigured: It is none of the web, or holds a user or a password.
        """
        try:
            parts = urlsplit(text.strip())
            host = (parts.hostname or "").encode("idna").decode("ascii")
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            raise Misconfigured("the url cannot be read") from None
        if parts.scheme not in _PORTS:
            raise Misconfigured(f"{parts.scheme or 'no'}: is not the web; write https://")
        if _UNSAFE.search(text) or not _HOST.fullmatch(host):
            raise Misconfigured("the url holds what no url may hold")
        if parts.username is not None or parts.password is not None:
            raise Misconfigured(f"the url of {host} holds a user; write it as user and secret")
        path = quote(parts.path or "/", safe=_URL_SAFE)
        query = quote(parts.query, safe=_URL_SAFE)
        return cls(parts.scheme, host, port, f"{path}?{query}" if query else path)

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a password is given to."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def place(self) -> str:
        """What an error may say of it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def text(self) -> str:
        return self.place + self.path

    @property
    def url(self) -> httpcore.URL:
        return httpcore.URL(
            scheme=self.scheme.encode(),
            host=self.host.encode(),
            port=self.port,
            target=self.path.encode(),
        )

    def redirected(self, location: str) -> "WebAddress":
        """Return where a Location field points to.

        Raises:
            Misconfigured: Out of the web, or out of https.
        """
        try:
            if _UNSAFE.search(location):
                raise ValueError
            target = WebAddress.parse(urljoin(self.text, location))
        except (Misconfigured, ValueError):
            raise Misconfigured(f"{self.place} redirects to no web address") from None
        if self.is_secure and not target.is_secure:
            raise Misconfigured(f"{self.place} redirects to what is not secure")
        return target
