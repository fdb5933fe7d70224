"""The units of a minute are used up, and never exceeded."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.gmail.connector import GmailConnector
from connectors.gmail.quota import GET_UNITS, LIST_UNITS, size_batch
from connectors.protocol import Reading
from tests.connectors.gmail.mailroom import NOON, Mailroom, uids_of
from tests.connectors.gmail.test_sending import send
from tests.servers.google_accounts import kept


def most_in_a_minute(room: Mailroom) -> int:
    """Return the most units that were used in any 60 seconds, however they lie."""
    spent = room.gmail.spent
    ends = {at for at, _ in spent}
    return max(sum(n for at, n in spent if end - 60 < at <= end) for end in ends)


@pytest.mark.parametrize(
    ("read", "n_messages", "slack"),
    [(Reading.TEXT, 5_000, 0.5), (Reading.SUBJECTS, 1_500, 1.5)],
    ids=["readonly", "metadata"],
)
def test_a_large_mailbox_is_read_as_fast_as_the_quota_allows_and_no_faster(
    room: Mailroom, read: Reading, n_messages: int, slack: float
) -> None:
    room.fill(n_messages // 5, "SENT")
    room.fill(n_messages - n_messages // 5)
    begun_at = room.clock.now()
    uids = uids_of(room.poll(read=read))
    assert sorted(uids) == sorted(room.box.kept)
    assert not room.gmail.breaches
    assert most_in_a_minute(room) <= room.gmail.limit
    minutes = (room.clock.now() - begun_at) / 60
    # Of what the messages alone cost, the first minute's units are there at once. The lists, and
    # what is too little of a minute for a batch, cost the rest.
    fewest = n_messages * GET_UNITS / room.gmail.limit - 1
    assert fewest < minutes < fewest + slack


def test_polls_one_after_another_share_the_units_of_a_minute(room: Mailroom) -> None:
    room.fill(400)
    cursor = None
    for _ in range(6):
        batch = next(room.open().poll(cursor))
        cursor = batch.cursor
    while room.poll(cursor):
        cursor = room.poll(cursor)[-1].cursor
    assert most_in_a_minute(room) <= room.gmail.limit


def test_sending_takes_its_units_of_the_same_minute(room: Mailroom, tmp_path: Path) -> None:
    room.fill(400)
    user = "owner@example.org"
    poll = room.open(user=user).poll(None)
    while sum(units for _, units in room.gmail.spent) < room.gmail.limit - 100:
        next(poll)
    (tmp_path / "out").mkdir()
    settings = replace(room.settings, sends=True, user=user)
    secret, _ = kept(tmp_path / "out", room.accounts, settings.permissions)
    with closing(GmailConnector(replace(settings, secret=secret), since=NOON)) as outbox:
        send(outbox)
    assert len(room.gmail.sent) == 1
    assert not room.gmail.breaches


@pytest.mark.parametrize("user", ["owner@example.org", ""], ids=["named", "nobody"])
def test_the_smaller_of_two_quotas_of_one_account_counts_for_both(
    room: Mailroom, tmp_path: Path, user: str
) -> None:
    room.gmail.limit = 3_000
    room.fill(400)
    (tmp_path / "out").mkdir()
    settings = replace(room.settings, sends=True, user=user, units_per_minute=6_000)
    secret, _ = kept(tmp_path / "out", room.accounts, settings.permissions)
    with closing(GmailConnector(replace(settings, secret=secret), since=NOON)) as outbox:
        send(outbox)
        poll = room.open(user=user, units_per_minute=3_000).poll(None)
        for _ in range(8):
            next(poll)
        send(outbox)
    assert most_in_a_minute(room) <= 3_000
    assert not room.gmail.breaches


def test_a_smaller_quota_is_kept_as_well(room: Mailroom) -> None:
    room.gmail.limit = 250
    room.fill(30)
    assert len(uids_of(room.poll(units_per_minute=250))) == 30
    assert most_in_a_minute(room) <= 250


@pytest.mark.parametrize("units", [200, 250, 1_000, 6_000, 15_000, 1_000_000])
def test_the_size_of_a_batch_uses_most_of_a_minute(units: int) -> None:
    size = size_batch(units, 50)
    cost = LIST_UNITS + 2 + GET_UNITS * size
    assert 1 <= size <= 50
    assert size * (units // cost) >= 0.9 * (units // GET_UNITS)
    assert all(n * (units // (7 + 20 * n)) <= size * (units // cost) for n in range(1, 51))
