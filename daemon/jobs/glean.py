"""A batch in memory -> what is kept of its text: cues, terms, offerings, hashes of links,
and what the owner answered to a digest.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2s

from connectors.observations import Article, Link, Mark, Message, Observation
from daemon.commands.accept import Accepted, Trust, accept, is_answer
from daemon.cues.links import clean_url, is_offerable
from daemon.cues.model import Said
from daemon.cues.read import read_cues
from daemon.cues.topics import count_terms
from daemon.interactions.automated import Origin, classify, is_contact
from daemon.interactions.model import Ego
from daemon.store.ingest import Found, Gleaned, hash_url
from daemon.store.replies import Reply, fingerprint_of

MIN_NEWSLETTER_LINKS = 3
"""Titled links from which on a bulk mail that answers nothing is taken for a newsletter."""

MAX_OFFERINGS = 30
"""Offerings taken from one newsletter."""


SAID = timedelta(days=1100)
"""How far back it is read what was said: topics are forgotten after two years.

Source: design notes, cues: what asks or promises is let go within 60 days, a topic's
half-life is a year. Of fifteen years of mail, twelve need not be read for it.
"""

OFFERED = timedelta(days=400)
"""How far back articles are taken: what is older is no news to anybody."""


def glean(
    found: Iterable[Observation],
    ego: Ego,
    *,
    at: datetime,
    source: str = "",
    trust: Trust | None = None,
) -> Gleaned:
    """Return what is to be kept of what ``found`` says; the text itself goes no further.

    Args:
        found: Observations with their text.
        ego: Whose mail it is.
        at: The present; what is too old to matter then is not read.
        source: The name of the source they were read from.
        trust: What a reply must show to be obeyed; None where none are looked for.
    """
    said: dict[str, Said] = {}
    offerings: dict[str, tuple[Found, ...]] = {}
    links: dict[str, tuple[str, ...]] = {}
    replies: list[Reply] = []
    for observation in found:
        match observation:
            case Article() as article if article.published_at >= at - OFFERED:
                offerings[article.uid] = _of_article(article)
            case Message() as message if is_answer(message):
                # Read beyond what the reading level allows, and so for its commands alone.
                replies += _reply(message, source, trust, at)
            case Message() as message if _may_matter(message, ego, at):
                said[message.uid] = read_cues(
                    message.text, subject=message.subject, written_on=message.sent_at.date()
                )
                links[message.uid] = tuple(hash_url(clean_url(k.url)) for k in message.links)
            case Message() as message if message.sent_at >= at - OFFERED and _is_newsletter(
                message
            ):
                offerings[message.uid] = _of_newsletter(message)
            case _:
                pass
    return Gleaned(said=said, offerings=offerings, links=links, replies=tuple(replies))


def _reply(message: Message, source: str, trust: Trust | None, at: datetime) -> Iterator[Reply]:
    verdict = accept(message, trust, source=source, at=at) if trust else None
    match verdict:
        case None:
            return
        case Accepted(on, words):
            written_at = _settle_time(message.sent_at, on, at)
            mark = fingerprint_of(on, message.sent_at, words)
            yield Reply(_name(message), on, written_at, words=words, fingerprint=mark)
        case _:
            yield Reply(_name(message), None, min(message.sent_at, at), reason=verdict.reason)


def _settle_time(sent_at: datetime, on: date, at: datetime) -> datetime:
    """Return when it was written: between the digest's day and the present, else the present."""
    earliest = datetime.combine(on, time(), UTC) - timedelta(days=1)
    return sent_at if earliest <= sent_at <= at else at


def _name(message: Message) -> str:
    """Return what names this reply in every copy of it."""
    if message.message_id:
        return message.message_id
    says = f"{message.author.email}\n{message.sent_at.isoformat()}\n{message.text}"
    return f"unnamed.{blake2s(says.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"


def _may_matter(message: Message, ego: Ego, at: datetime) -> bool:
    return message.sent_at >= at - SAID and _is_between_people(message, ego)


def _is_between_people(message: Message, ego: Ego) -> bool:
    """Mail by the ego, mail to the ego that a person may have written."""
    if not is_contact(message) or not (message.text or message.subject):
        return False
    if message.author.email in ego:
        return True
    is_named = any(r.address.email in ego for r in message.recipients)
    match classify(message):
        case Origin.PERSON:
            return True
        case Origin.LIST:
            return is_named and not _is_newsletter(message)
        case Origin.MACHINE:
            return False


def _is_newsletter(message: Message) -> bool:
    """Bulk mail with titled links that starts no conversation.

    What is addressed to a list is a person talking to people: the links in it are part of
    that talk, not pieces to pass on.
    """
    if not is_contact(message) or message.in_reply_to or message.references:
        return False
    is_talk = any(r.address.email in message.lists for r in message.recipients)
    is_bulk = classify(message) is Origin.LIST and Mark.UNSUBSCRIBE in message.marks
    return is_bulk and not is_talk and len(message.links) >= MIN_NEWSLETTER_LINKS


def _of_newsletter(message: Message) -> tuple[Found, ...]:
    origin = message.author.name or message.author.email.partition("@")[2]
    found = (_offering(link, origin, message.sent_at) for link in message.links)
    by_url = {one.url: one for one in found if one}
    return tuple(by_url.values())[:MAX_OFFERINGS]


def _offering(link: Link, origin: str, received_at: datetime) -> Found | None:
    if not is_offerable(link.url, link.title):
        return None
    return Found(
        url=clean_url(link.url),
        title=link.title,
        terms=count_terms(f"{link.title}. {link.title}. {link.sentence}"),
        origin=origin,
        received_at=received_at,
    )


def _of_article(article: Article) -> tuple[Found, ...]:
    if not is_offerable(article.url, article.title):
        return ()
    found = Found(
        url=clean_url(article.url),
        title=article.title,
        terms=count_terms(f"{article.title}. {article.title}. {article.summary}"),
        origin=article.publisher,
        received_at=article.published_at.astimezone(UTC),
    )
    return (found,)
