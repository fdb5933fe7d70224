"""Twenty years of a kernel developer's list mail: real people, one each, and nothing of later."""

import gzip
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.formats import mbox
from connectors.mbox import MboxConnector, MboxSettings
from connectors.observations import Message, Role
from connectors.protocol import Reading
from daemon.interactions.automated import Origin, classify
from daemon.jobs.basis import Basis
from daemon.jobs.compose import compose
from daemon.jobs.refresh import SINCE, refresh
from daemon.jobs.situate import estimate_ties
from daemon.people.model import Person, PersonId
from daemon.people.names import name_key
from daemon.store import people, progress
from daemon.store.database import Database, open_scratch
from daemon.store.sources import Source
from daemon.suggestions.model import Lane, Rules
from daemon.ties.model import Tie

ME = Basis(frozenset({"macro@linux-mips.org", "macro@ds2.pg.gda.pl"}))
AT = datetime(2008, 6, 1, 7, tzinfo=UTC)
LAST = datetime(2020, 1, 1, tzinfo=UTC)
START = re.compile(rb"^From ", re.MULTILINE)


@dataclass(frozen=True)
class Stand:
    """What was known at one instant: the ties, and who they are with."""

    ties: dict[PersonId, Tie]
    people: dict[PersonId, Person]
    aliases: frozenset[str]

    @property
    def addresses(self) -> set[str]:
        return {email for person in self.people.values() for email in person.identities}


@pytest.fixture(scope="module")
def archive() -> Path:
    folder = os.environ.get("KITHD_DATA")
    if not folder:
        pytest.skip("not run: no data")
    return Path(folder, "mailboxes", "maintainer.mbox.gz")


@pytest.fixture(scope="module")
def messages(archive: Path) -> list[Message]:
    settings = MboxSettings(path=archive, read=Reading.HEADERS)
    found = [o for b in MboxConnector(settings, since=SINCE).poll(None) for o in b.observations]
    return [o for o in found if isinstance(o, Message)]


@pytest.fixture(scope="module")
def at_last(archive: Path) -> Stand:
    return stand(archive, LAST)


@pytest.fixture(scope="module")
def then(archive: Path) -> Stand:
    return stand(archive, AT)


def stand(path: Path, at: datetime) -> Stand:
    engine = open_scratch()
    source = Source("archive", "mbox", str(path), Reading.HEADERS.value)
    assert refresh(engine, ME, [source], at=at, until=at) == ()
    found = look(engine, at)
    engine.dispose()
    return found


def look(engine: Database, at: datetime) -> Stand:
    with engine.connect() as connection:
        return Stand(
            ties=estimate_ties(connection, ME, on=ME.day_of(at)),
            people=people.read_people(connection),
            aliases=frozenset(progress.recall(connection, "aliases")),
        )


def cut(path: Path, messages: list[Message], at: datetime) -> Iterator[bytes]:
    """Yield, as they stand in the archive, the messages that were written by ``at``."""
    written = {message.uid: message.sent_at for message in messages}
    raw = gzip.decompress(path.read_bytes())
    starts = [match.start() for match in START.finditer(raw)] + [len(raw)]
    for start, end in pairwise(starts):
        piece = raw[start:end]
        if written[mbox.name(mbox.content(piece))] <= at:
            yield piece


def addresses_by_name(messages: list[Message]) -> dict[tuple[str, ...], Counter[str]]:
    found: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for message in messages:
        found[name_key(message.author.name)][message.author.email] += 1
    return found


def test_the_lists_maintainer_is_one_person_with_every_address(
    at_last: Stand, messages: list[Message]
) -> None:
    by_name = addresses_by_name([m for m in messages if m.author.email not in ME.addresses])
    own = {name_key(m.author.name) for m in messages if m.author.email in ME.addresses}
    name = max(by_name.keys() - own, key=lambda key: by_name[key].total())
    theirs = set(by_name[name])
    assert len(theirs) >= 3
    [person] = [p for p in at_last.people.values() if p.identities & theirs]
    assert person.identities >= theirs
    assert name_key(person.name) == name


def test_no_list_and_no_robot_is_a_tie(then: Stand, messages: list[Message]) -> None:
    lists = {email for message in messages for email in message.lists}
    robots = {m.author.email for m in messages if classify(m) is Origin.MACHINE}
    wrote = {message.author.email for message in messages}
    named = {e for e in then.addresses - wrote if re.search(r"\blists?\b|vger|majordomo|bugz", e)}
    assert len(then.ties) > 100
    assert not then.addresses & (lists | robots)
    assert not named


@pytest.mark.parametrize("when", ["then", "at_last"])
def test_the_owner_is_no_tie_under_any_address(
    when: str, messages: list[Message], request: pytest.FixtureRequest
) -> None:
    found: Stand = request.getfixturevalue(when)
    by_name = addresses_by_name(messages)
    [own] = [key for key, emails in by_name.items() if ME.addresses & set(emails) and key]
    assert len(by_name[own]) > len(ME.addresses)
    assert not found.addresses & set(by_name[own])
    assert own not in {name_key(person.name) for person in found.people.values()}


def test_nothing_that_was_written_later_touches_a_tie(
    archive: Path, messages: list[Message], then: Stand, tmp_path: Path
) -> None:
    early = tmp_path / "early.mbox"
    early.write_bytes(b"".join(cut(archive, messages, AT)))
    assert early.stat().st_size > 1_000_000
    assert stand(early, AT) == then
    assert {m.sent_at > AT for m in messages} == {True, False}


@pytest.mark.parametrize("on", ["2008-06-01", "2014-11-18", "2015-09-10"])
def test_what_is_owed_was_put_to_the_owner_and_a_page_always_names_somebody(
    archive: Path, messages: list[Message], on: str
) -> None:
    at = datetime.fromisoformat(f"{on}T07:00+00:00")
    engine = open_scratch()
    source = Source("m", "mbox", str(archive), "text")
    refresh(engine, ME, [source], at=at, until=at)
    page = compose(engine, ME, at=at, rules=Rules()).page
    by_uid = {message.uid: message for message in messages}
    for item, evidence in ((it, shown) for it in page.items for shown in it.evidence):
        assert evidence.at <= at
        message = by_uid[evidence.uid]
        # The last contact with somebody may be a copy; what is owed may not.
        roles = (Role.TO,) if item.lane is Lane.OWE else tuple(Role)
        reached = {r.address.email for r in message.recipients if r.role in roles}
        assert message.author.email in ME.addresses or reached & ME.addresses
    named = {one.name for one in page.network.quiet} | {n for i in page.items for n in i.people}
    assert named
    assert not any("list" in name.lower() or "@" in name for name in named)
