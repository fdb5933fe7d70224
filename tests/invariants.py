"""What every observation promises, whoever made it, as one assertion."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from connectors.observations import (
    Address,
    Article,
    Attendee,
    Birthday,
    Card,
    Event,
    Gone,
    Link,
    Message,
    Observation,
)

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
LONGEST_LINE = 2_000
LONGEST_TEXT = 64 * 1024
_unclean = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_address = re.compile(r"\S+@\S+")


def assert_wholesome(observation: Observation) -> None:
    """Fail unless the observation keeps every promise of ``connectors.observations``."""
    check: Callable[..., None] = _CHECKS[type(observation)]
    assert_line(observation.uid, 1_000)
    assert observation.uid, "an observation without uid"
    check(observation)


def assert_line(value: str, limit: int = LONGEST_LINE) -> None:
    """Fail unless ``value`` is one clean line of at most ``limit`` characters."""
    assert isinstance(value, str), value
    assert len(value) <= limit, f"{len(value)} characters, {limit} allowed"
    assert not _unclean.search(value), f"unclean: {value!r}"
    assert value == value.strip(), f"white space at the ends: {value!r}"


def assert_utc(at: datetime, earliest: datetime | None = EARLIEST) -> None:
    """Fail unless ``at`` is aware and at offset zero, and not before ``earliest``."""
    assert at.tzinfo is not None, f"{at} is naive"
    assert at.utcoffset() == timedelta(0), f"{at} is not in UTC"
    assert earliest is None or at >= earliest, f"{at} is before {earliest}"


def assert_email(email: str) -> None:
    """Fail unless ``email`` is a lower-cased addr-spec without white space."""
    assert_line(email, 320)
    assert email == email.lower(), f"not lower-cased: {email!r}"
    assert _address.fullmatch(email), f"not an address: {email!r}"


def _assert_address(address: Address) -> None:
    assert_email(address.email)
    assert_line(address.name, 200)


def _assert_link(link: Link) -> None:
    assert_line(link.url, 2_000)
    assert link.url.startswith(("http://", "https://")), link.url
    assert_line(link.title)
    assert_line(link.sentence)


def _assert_message(message: Message) -> None:
    assert_utc(message.sent_at)
    _assert_address(message.author)
    assert len(message.recipients) <= 2_000, "too many recipients"
    for recipient in message.recipients:
        _assert_address(recipient.address)
    emails = [recipient.address.email for recipient in message.recipients]
    assert len(emails) == len(set(emails)), "a recipient is named twice"
    assert_line(message.subject, 998)
    _assert_thread(message)
    for email in message.lists:
        assert_email(email)
    assert message.n_attachments >= 0, "a negative number of attachments"
    assert len(message.text) <= LONGEST_TEXT, "too much text"
    assert not _unclean.search(message.text.replace("\n", "")), "unclean text"
    assert len(message.links) <= 200, "too many links"
    for link in message.links:
        _assert_link(link)


def _assert_thread(message: Message) -> None:
    known = (message.message_id, message.in_reply_to)
    identifiers = [*message.references, *(one for one in known if one is not None)]
    for identifier in identifiers:
        assert_line(identifier, 998)
        assert identifier, "an empty message identifier"
        assert not set("<> ") & set(identifier), f"brackets or spaces: {identifier!r}"
    assert len(message.references) <= 20, "too many references"
    assert len(message.references) == len(set(message.references)), "a reference twice"
    assert message.message_id is None or message.message_id not in message.references


def _assert_event(event: Event) -> None:
    assert_utc(event.starts_at, None)
    assert_utc(event.ends_at, None)
    assert_utc(event.known_at, None)
    assert event.starts_at <= event.ends_at, "it ends before it starts"
    if event.organizer is not None:
        _assert_address(event.organizer)
    for attendee in event.attendees:
        _assert_attendee(attendee)
    assert_line(event.summary)
    assert_line(event.location)


def _assert_attendee(attendee: Attendee) -> None:
    _assert_address(attendee.address)


def _assert_card(card: Card) -> None:
    assert_line(card.name)
    assert_line(card.organization)
    for email in card.emails:
        assert_email(email)
    assert len(card.emails) == len(set(card.emails)), "an address twice"
    if card.birthday is not None:
        _assert_birthday(card.birthday)


def _assert_birthday(birthday: Birthday) -> None:
    leap_year = 2000
    datetime(birthday.year or leap_year, birthday.month, birthday.day, tzinfo=UTC)


def _assert_article(article: Article) -> None:
    assert_utc(article.published_at)
    assert_line(article.url)
    assert article.url.startswith(("http://", "https://")), article.url
    assert_line(article.title)
    assert_line(article.summary, LONGEST_TEXT)
    assert_line(article.publisher)


def _assert_gone(gone: Gone) -> None:
    assert gone.uid


_CHECKS: dict[type, Callable[..., None]] = {
    Message: _assert_message,
    Event: _assert_event,
    Card: _assert_card,
    Article: _assert_article,
    Gone: _assert_gone,
}
