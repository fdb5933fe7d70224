"""A document at a web address to its present edition, if that is a new one."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote

from connectors.errors import Unavailable
from connectors.http import Answer, Bounds, Login, Web, raise_for_trouble, read_http_date
from connectors.origins import Edition, Kind, Located, Sheet

_NAMED_LIMIT = 180  # Characters of an entity tag or a date; more would not fit a cursor.
_BEGINNING, _END = 65_536, 1_024  # Bytes in which a document must say what it is.
_WEBCAL = re.compile(r"webcals?://", re.IGNORECASE)


def open_page(settings: Located, kind: Kind) -> "Page":
    """Return the page that ``settings`` name; it is not asked for yet."""
    login = Login(settings.user, settings.secret) if settings.secret else None
    web = Web(settings.allow_private, login, settings.ca_file, Bounds(bytes=kind.limit))
    return Page(_WEBCAL.sub("https://", settings.url.strip(), count=1), kind, web)


@dataclass(frozen=True, slots=True)
class Page:
    """One document at a web address, sent only if it has changed (RFC 9110 section 13.1)."""

    url: str = field(repr=False)
    kind: Kind
    web: Web

    @property
    def name(self) -> str:
        """The address."""
        return self.url

    def look(self, stamp: str) -> Edition | None:
        """Return what is there; servers that do not say whether it changed send it each time."""
        answer = self.web.request("GET", self.url, headers=_conditions(stamp))
        raise_for_trouble(answer)
        digest = sha256(answer.body).hexdigest()[:16]
        if stamp and (answer.status == 304 or digest == stamp.partition("|")[0]):
            return None
        beginning = answer.body[:_BEGINNING].replace(b"\0", b"")  # It may be in UTF-16.
        if answer.status != 200 or not self.kind.opening.search(beginning):
            raise Unavailable(f"{answer.place} does not answer with a {self.kind.noun}")
        now = datetime.now(UTC)
        sheet = Sheet("the document", _changed_at(answer, now), now, lambda: answer.body)
        whole = self._is_whole(answer)
        return Edition(_stamp(digest, answer) if whole else "", (sheet,))

    def close(self) -> None:
        """Close the connection."""
        self.web.close()

    def _is_whole(self, answer: Answer) -> bool:
        """Return whether nothing can be missing at its end; else it is looked at again.

        Source: RFC 9112 section 8: an answer that ends with its connection may be incomplete.
        """
        is_measured = not answer.headers.keys().isdisjoint({"content-length", "transfer-encoding"})
        return is_measured and bool(self.kind.closing.search(answer.body[-_END:]))


def _conditions(stamp: str) -> dict[str, str]:
    _, etag, modified, *_ = [*stamp.split("|"), "", "", ""]
    conditions = {"if-none-match": unquote(etag), "if-modified-since": unquote(modified)}
    return {name: value for name, value in conditions.items() if value}


def _stamp(digest: str, answer: Answer) -> str:
    """Return a name of an edition that holds what the server calls it, where that is short."""
    modified = answer.headers.get("last-modified", "") if _is_settled(answer) else ""
    names = (quote(one, safe='"/:;,+=') for one in (answer.headers.get("etag", ""), modified))
    return "|".join((digest, *(one if len(one) <= _NAMED_LIMIT else "" for one in names)))


def _is_settled(answer: Answer) -> bool:
    """Return whether the second of the last change was over when the answer was sent.

    Otherwise another change in that second would go unseen. Source: RFC 9110 section 8.8.2.2.
    """
    sent_at = read_http_date(answer.headers.get("date", ""))
    changed_at = read_http_date(answer.headers.get("last-modified", ""))
    return bool(sent_at and changed_at and sent_at - changed_at >= timedelta(seconds=1))


def _changed_at(answer: Answer, now: datetime) -> datetime:
    """Return when the server says a document was changed, ``now`` if it does not say."""
    said = read_http_date(answer.headers.get("last-modified", ""))
    return min(said, now) if said else now
