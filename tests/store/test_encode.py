"""What is stored comes back as it was, without what is only for memory."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.observations import (
    Address,
    Answer,
    Article,
    Attendee,
    Birthday,
    Card,
    Event,
    Folder,
    Link,
    Mark,
    Message,
    Recipient,
    Role,
)
from daemon.store.encode import decode, encode
from daemon.store.instants import to_instant

instants = st.integers(315532800, 4102444800).map(to_instant)
texts = st.text(max_size=20)
addresses = st.builds(Address, st.just("ana@example.org"), texts)
messages = st.builds(
    Message,
    uid=st.just("u"),
    sent_at=instants,
    author=addresses,
    recipients=st.lists(st.builds(Recipient, addresses, st.sampled_from(Role)), max_size=3).map(
        tuple
    ),
    subject=texts,
    message_id=st.none() | texts.filter(bool),
    in_reply_to=st.none() | texts.filter(bool),
    references=st.lists(texts, max_size=3).map(tuple),
    lists=st.lists(texts, max_size=2).map(tuple),
    marks=st.frozensets(st.sampled_from(Mark)),
    folder=st.sampled_from(Folder),
    n_attachments=st.integers(0, 9),
)
events = st.builds(
    Event,
    uid=st.just("u"),
    starts_at=instants,
    ends_at=instants,
    known_at=instants,
    organizer=st.none() | addresses,
    attendees=st.lists(
        st.builds(Attendee, addresses, st.sampled_from(Answer), st.booleans()), max_size=3
    ).map(tuple),
    summary=texts,
    location=texts,
    is_cancelled=st.booleans(),
    is_all_day=st.booleans(),
    is_free=st.booleans(),
    is_private=st.booleans(),
)
birthdays = st.builds(
    Birthday, st.integers(1, 12), st.integers(1, 28), st.none() | st.integers(1900, 2020)
)
cards = st.builds(
    Card,
    uid=st.just("u"),
    name=texts,
    emails=st.lists(texts, max_size=3).map(tuple),
    birthday=st.none() | birthdays,
    organization=texts,
)
articles = st.builds(
    Article, uid=st.just("u"), url=texts, title=texts, published_at=instants, summary=texts
)


@given(messages | events | cards | articles)
def test_an_observation_comes_back_as_it_was(item: Message | Event | Card | Article) -> None:
    assert decode(type(item).__name__, "u", encode(item)) == item


def test_text_and_links_are_left_behind() -> None:
    secret = Message(
        "u",
        datetime(2024, 1, 1, tzinfo=UTC),
        Address("ana@example.org"),
        text="my secret words",
        links=(Link("https://example.org/secret"),),
    )
    assert "secret" not in str(encode(secret))
    assert decode("Message", "u", encode(secret)) == replace(secret, text="", links=())
