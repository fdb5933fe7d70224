"""``kithd backtest`` as its user types it; on a real archive it agrees with a count by hand."""

import os
import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
import pytest

from daemon.house import open_kept
from daemon.store import contacts, passing
from daemon.store.contacts import Contact
from daemon.ties.estimate import stack
from daemon.ties.gaps import fold
from daemon.ties.models.renewal import Renewal
from tests.cli.conftest import KeptYear
from tests.cli.test_story import run

FADING_AT, UNUSUAL_AT, MIN_DAYS, AGAIN = 0.5, 0.5, 3, 30


def test_it_says_how_many_flagged_silences_lasted_and_how_two_simple_rules_did(
    kept_year: KeptYear,
) -> None:
    words = ("backtest", *kept_year.words)
    out, facts = " ".join(run(*words).out.split()), run(*words, "--json").facts
    told = [facts[rule] for rule in ("kithd", "fixed", "overdue")]
    known = [(one["n_lasted"] + one["n_came_back"], one["n_lasted"]) for one in told]
    assert known[0][0] >= 10
    assert f"Of {known[0][0]} silences that kithd would have flagged" in out
    assert f"{known[0][1]} lasted half a year" in out
    for rule, (n, lasted) in zip(("30-day rule", "usual gap"), known[1:], strict=True):
        assert f"{rule}: {n} flagged, {lasted} lasted" in out
    assert f"in {100 * facts['foresight']['auc']:.0f} of 100 cases" in out
    assert len(facts["flags"]) == facts["kithd"]["n_flags"]


def test_it_needs_no_statistics_to_be_read(kept_year: KeptYear) -> None:
    out = run("backtest", *kept_year.words).out
    assert not re.search(r"AUC|calibrat|interval|median|p_dormant|neglect|overdue|score", out)
    assert max(map(len, out.splitlines())) <= 90


def test_a_young_mailbox_is_told_what_is_missing_and_when_it_will_be_enough(
    kept_year: KeptYear,
) -> None:
    at = (kept_year.at - timedelta(days=200)).isoformat()
    words = ("backtest", *kept_year.words[:2], "--at", at)
    answer = run(*words)
    assert "too little history to tell how often kithd is right" in answer.out
    assert "too little history to tell how well kithd's chances hold" in answer.out
    facts = run(*words, "--json").facts
    assert facts["is_enough"] == {"flags": False, "cases": False}
    assert facts["foresight"] == {}


def test_no_mail_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.mbox").write_bytes(b"")
    words = ("--from", str(tmp_path / "empty.mbox"), "--me", "you@example.org")
    assert run("backtest", *words).out == "There is no contact to replay yet.\n"


# A count by hand: the days of contact, and of being seen in passing, as they are stored, walked
# through one by one.


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder that a real archive was read into, and what backtest says of it."""
    data = os.environ.get("KITHD_DATA")
    if not data:
        pytest.skip("not run: no data")
    folder = tmp_path_factory.mktemp("archive") / "kept"
    mail = str(Path(data, "mailboxes", "maintainer.mbox.gz"))
    mine = ("--me", "macro@linux-mips.org", "--me", "macro@ds2.pg.gda.pl")
    began = monotonic()
    answer = run("backtest", "--from", mail, *mine, "--keep", str(folder), "--json")
    assert monotonic() - began < 30
    return folder, answer.facts


class Stored(NamedTuple):
    """All contact, and the days on which each person was seen in passing, ascending."""

    contact: tuple[Contact, ...]
    seen: dict[str, list[date]]


@pytest.fixture(scope="module")
def stored(archive: tuple[Path, Any]) -> Stored:
    engine = open_kept(archive[0])
    with engine.connect() as connection:
        contact = contacts.read_contacts_between(connection, after=0, until=2**40)
        seen = passing.read_passing(connection, until=2**40)
    engine.dispose()
    return Stored(contact, {who: [day_of(at) for at in theirs] for who, theirs in seen.items()})


def day_of(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def day(contact: Contact) -> date:
    return day_of(contact.at)


def count_by_hand(stored: Stored, person: str) -> list[tuple[str, int, str]]:
    """Return the flags of one person: the day, how old the silence was, and what came of it."""
    contact = stored.contact
    theirs = sorted((day(c), c.direction) for c in contact if c.person == person)
    wrote_on = {day(c) for c in contact if c.direction != "inbound"}
    known = {c.person for c in contact if c.direction != "inbound"}
    end = max(day(c) for c in contact if c.person in known) + timedelta(days=1)
    days = sorted({on for on, _ in theirs})
    flags: list[tuple[str, int, str]] = []
    last_flag = date.min
    for nth, (last, following) in enumerate(pairwise([*days, end]), start=1):
        ways = {way for on, way in theirs if on <= last}
        if nth < MIN_DAYS or not (ways & {"outbound", "mutual"} and ways & {"inbound", "mutual"}):
            continue
        is_fading, dormant_after = forecast(days[:nth], stored.seen[person])
        for age in range(1, min((following - last).days, dormant_after)):
            on = last + timedelta(days=age)
            if is_fading[age] and (on - last_flag).days >= AGAIN:
                dormant_on = last + timedelta(days=dormant_after)
                outcome = come_of(on, dormant_on, following, end, wrote_on)
                flags.append((on.isoformat(), age, outcome))
                last_flag = on
                break
    return flags


def forecast(days: list[date], seen: list[date]) -> tuple[list[bool], int]:
    """Whether it is fading on each day of the silence after ``days``, and how long that is."""
    model = Renewal()
    rhythms = [fold(days, model.forget, last_seen(seen, days[-1], age)) for age in range(1500)]
    found = model.forecast(stack(rhythms), np.arange(1500.0))
    is_fading = (found.p_dormant >= FADING_AT) & (found.unusual >= UNUSUAL_AT)
    dormant_at = found.dormant_at_days[0]
    return is_fading.tolist(), next(age for age in range(1500) if age >= dormant_at)


def last_seen(seen: list[date], last: date, age: int) -> date | None:
    """The last day on which they were seen in passing, so many days into the silence."""
    n_seen = bisect_right(seen, last + timedelta(days=age))
    return seen[n_seen - 1] if n_seen else None


def come_of(on: date, dormant_on: date, following: date, end: date, wrote_on: set[date]) -> str:
    if dormant_on > end:
        return "open"
    if following < dormant_on:
        return "came_back"
    left = [on + timedelta(days=n) for n in range((dormant_on - on).days)]
    return "lasted" if wrote_on & set(left[(len(left) + 1) // 2 :]) else "away"


def was_put_off(stored: Stored, person: str) -> bool:
    """Whether being seen in passing changed a flag of theirs."""
    unseen = Stored(stored.contact, {**stored.seen, person: []})
    return count_by_hand(stored, person) != count_by_hand(unseen, person)


def pick(facts: Any, stored: Stored, behaviour: str) -> str:
    """The first person, by address, of those who behaved so; nobody is named here."""
    contact = stored.contact
    by_person: dict[str, list[str]] = {}
    for flag in facts["flags"]:
        by_person.setdefault(min(flag["addresses"]), []).append(flag["outcome"])
    if behaviour == "put off":
        return next(who for who in sorted(by_person) if was_put_off(stored, who))
    if behaviour != "never flagged":
        return min(who for who, outcomes in by_person.items() if behaviour in outcomes)
    n_days = {c.person: 0 for c in contact} | {
        who: len({day(c) for c in contact if c.person == who})
        for who in {c.person for c in contact}
    }
    return min(who for who, n in n_days.items() if n >= MIN_DAYS and who not in by_person)


@pytest.mark.parametrize("behaviour", ["lasted", "came_back", "never flagged", "put off"])
def test_what_is_said_of_four_people_agrees_with_a_count_by_hand(
    archive: tuple[Path, Any], stored: Stored, behaviour: str
) -> None:
    _, facts = archive
    person = pick(facts, stored, behaviour)
    said = [
        (flag["on"], flag["silent_days"], flag["outcome"])
        for flag in facts["flags"]
        if min(flag["addresses"]) == person
    ]
    assert said == count_by_hand(stored, person)
    assert bool(said) is (behaviour != "never flagged")
