"""The past is as it was: what became known later changes nothing in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.memory import Account, MemoryConnector, MemorySettings
from connectors.observations import Address, Card, Observation
from daemon.commands.model import Undo
from daemon.interactions.model import Ego
from daemon.jobs.compose import compose
from daemon.jobs.look_back import look_back as look_back_from
from daemon.jobs.poll import poll
from daemon.jobs.refresh import derive, refresh
from daemon.people.model import Identity, Same
from daemon.store import decisions, offers, schema
from daemon.store.database import Database, open_scratch, writing
from daemon.store.ingest import Found
from daemon.store.offerings import shelve
from daemon.store.offers import Offer
from daemon.store.sources import Source
from daemon.suggestions.model import Never, Rules
from tests.jobs.world import (
    ANA,
    AT,
    BASIS,
    BEN,
    CEM,
    LIST,
    ME,
    days_ago,
    derived,
    know,
    letter,
    list_letter,
    meeting,
    n_days,
    open_world,
    people,
    rows,
)

THEN = days_ago(20)
OTHERS = (ANA, BEN, CEM)
ASKS = "Could you send me the floor plan by Friday?"
WORDS = (schema.observations, schema.said, schema.cues, schema.links, schema.offerings)


def known_then(found: list[Observation], at: datetime) -> Database:
    """A fresh database that was only ever told what was known at ``at``."""
    engine = open_world()
    connector = MemoryConnector(MemorySettings(Account(list(found))), since=days_ago(4000))
    poll(engine, "s", connector, ego=Ego(BASIS.addresses), at=at, until=at)
    derive(engine, BASIS, at=at)
    return engine


def look_back(engine: Database, *, at: datetime, sources: tuple[Source, ...] = ()) -> Database:
    return look_back_from(engine, BASIS, sources, at=at, now=AT)


@st.composite
def lives(draw: st.DrawFn) -> list[Observation]:
    found: list[Observation] = []
    for n in range(draw(st.integers(3, 12))):
        at = days_ago(draw(st.integers(0, 60)))
        who = draw(st.sampled_from(OTHERS))
        answers = [f"<{m}>" for m in draw(st.lists(st.integers(0, 12), max_size=2))]
        match draw(st.integers(0, 4)):
            case 0 | 1:
                found.append(letter(str(n), ME, (who,), at=at, answers=answers))
            case 2:
                found.append(letter(str(n), who, at=at, answers=answers, text=ASKS))
            case 3:
                found.append(list_letter(str(n), who, at=at, answers=answers))
            case _:
                known_at = days_ago(draw(st.integers(0, 60)))
                found.append(meeting(str(n), who, at=at, known_at=known_at))
    return found


@given(lives())
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_looking_back_equals_never_having_known_what_came_later(found: list[Observation]) -> None:
    now = know(*found)
    past = look_back(now, at=THEN)
    fresh = known_then(found, THEN)
    assert derived(past) == derived(fresh)
    for table in WORDS[1:]:
        assert rows(past, table) == rows(fresh, table)


def test_looking_back_leaves_the_present_alone() -> None:
    engine = know(letter("a", ME, (ANA,)), letter("b", ME, (ANA,), at=days_ago(30)))
    before = derived(engine), rows(engine, schema.progress)
    assert n_days(look_back(engine, at=THEN)) == {ANA.email: 1}
    assert (derived(engine), rows(engine, schema.progress)) == before


def test_decisions_are_as_they_stood_then() -> None:
    dee = Address("dee@example.net", "Dee")
    engine = know(*(letter(x.email, ME, (x,), at=days_ago(40)) for x in (ANA, BEN, dee)))
    early = Same(Identity(ANA.email), Identity(dee.email), days_ago(30))
    late = Same(Identity(BEN.email), Identity(dee.email), days_ago(5))
    undone = Undo(None, (Identity(ANA.email),), days_ago(6))
    for one in (early, undone, late):
        decisions.append(engine, repr(one), [one], at=one.decided_at)
    derive(engine, BASIS, at=AT)
    assert {BEN.email, dee.email} in people(engine).values()
    assert {ANA.email, dee.email} in people(look_back(engine, at=THEN)).values()


def test_a_digest_of_then_ignores_what_the_owner_said_later() -> None:
    engine = know(letter("a", ME, (ANA,), at=days_ago(30)), letter("b", at=days_ago(22), text=ASKS))
    never = Never(Identity(ANA.email), days_ago(3))
    decisions.append(engine, "n", [never], at=never.decided_at)
    past = look_back(engine, at=THEN)
    items = compose(past, BASIS, at=THEN, rules=Rules()).page.items
    assert [item.kind for item in items] == ["reply"]
    assert not compose(engine, BASIS, at=AT, rules=Rules()).page.items


def test_digests_of_that_day_and_later_are_left_out() -> None:
    engine = know(letter("a", ME, (ANA,), at=days_ago(30)))
    with writing(engine) as tx:
        for n in (19, 20, 21):
            on = days_ago(n).date()
            entry = Offer(on, 1, f"k{n}", "reply", (ANA.email,))
            offers.replace_offers(tx, on, [entry], now=AT)
    past = look_back(engine, at=THEN)
    assert [row.on for row in offers_of(past)] == [days_ago(21).date()]


def test_looking_ahead_counts_the_meetings_until_then_and_keeps_the_present() -> None:
    engine = know(letter("a", ME, (ANA,)), meeting("m", ANA, at=AT + timedelta(days=2)))
    ahead = look_back(engine, at=AT + timedelta(days=4))
    assert n_days(ahead) == {ANA.email: 2}
    assert n_days(engine) == {ANA.email: 1}


def test_cards_could_always_be_known() -> None:
    engine = know(
        letter("a", ME, (ANA,), at=days_ago(30)),
        letter("b", ME, (BEN,), at=days_ago(30)),
        Card("c", "Ana Diaz", (ANA.email, BEN.email)),
    )
    assert list(people(look_back(engine, at=THEN)).values()) == [{ANA.email, BEN.email}]


def test_the_list_itself_is_nobody_then_as_now() -> None:
    engine = know(letter("a", ME, (ANA, LIST), at=days_ago(30), through=(LIST.email,)))
    assert LIST.email not in people(look_back(engine, at=THEN))


MBOX = """\
From ana@example.com Tue Feb  1 08:00:00 2022
From: Mara Stein <mara@example.org>
To: Ana Diaz <ana@example.com>
Date: Tue, 1 Feb 2022 08:00:00 +0000
Message-ID: <1@example.org>
Subject: Floor plan

Hello Ana, here is the plan.

From ana@example.com Wed Feb  2 08:00:00 2022
From: Ana Diaz <ana@example.com>
To: Mara Stein <mara@example.org>
Date: Wed, 2 Feb 2022 08:00:00 +0000
Message-ID: <2@example.com>
In-Reply-To: <1@example.org>
Subject: Re: Floor plan

Could you send me the other floor plan, please?

From ana@example.com Sun Mar  6 08:00:00 2022
From: Mara Stein <mara@example.org>
To: Ana Diaz <ana@example.com>
Date: Sun, 6 Mar 2022 08:00:00 +0000
Message-ID: <3@example.org>
In-Reply-To: <2@example.com>
Subject: Re: Floor plan

Here it is.
"""


def test_what_was_said_long_ago_is_read_again_and_nothing_after_it(tmp_path: Path) -> None:
    (tmp_path / "old.mbox").write_text(MBOX)
    sources = (Source("old", "mbox", str(tmp_path / "old.mbox"), "text"),)
    engine, at = open_scratch(), datetime(2022, 2, 20, 7, tzinfo=UTC)
    refresh(engine, BASIS, sources, at=AT)
    shelve(engine, Found("https://example.org/a", "Plans", {"plan": 1}, "shelf", at))
    past = look_back(engine, at=at, sources=sources)
    page = compose(past, BASIS, at=at, rules=Rules()).page
    assert [item.kind for item in page.items] == ["reply"]
    assert n_days(past) == {ANA.email: 2}
    assert n_days(engine) == {ANA.email: 3}
    assert [row[2] for row in rows(past, schema.offerings)] == ["https://example.org/a"]


def offers_of(engine: Database) -> tuple[Offer, ...]:
    with engine.connect() as connection:
        return offers.read_offers(connection, before=(AT + timedelta(days=1)).date())
