"""The truth beside the year names everybody in it and says what was done with each tie."""

import json
from collections import Counter
from datetime import date
from math import log
from typing import Any

import pytest

from daemon.demo.generate import DemoYear
from daemon.demo.people import Truth, load_cast
from tests.demo.reading import Mail

OWNER = {"robin@example.org", "r.maier@example.com"}
DIGEST_ON = date(2026, 11, 21)


@pytest.fixture(scope="session")
def truth(year: DemoYear) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(year.truth.read_text(encoding="utf-8"))
    return rows


def test_everybody_who_wrote_or_was_written_to_is_in_the_truth_once(
    truth: list[dict[str, Any]], mail: list[Mail]
) -> None:
    listed = [email for row in truth for email in row["addresses"]]
    assert len(listed) == len(set(listed))
    seen = {email for it in mail for email in it.emails("From", "To", "Cc")} - OWNER
    only_met = {"lena.fischer@example.com"}
    assert set(listed) == seen | only_met


def test_each_row_says_the_same_things_and_the_cast_is_mixed(truth: list[dict[str, Any]]) -> None:
    keys = {"address", "addresses", "name", "truth", "typical_gap_days", "last_on", "why"}
    assert all(set(row) == keys and row["why"] for row in truth)
    counts = Counter(row["truth"] for row in truth)
    assert set(counts) == {str(it) for it in Truth}
    assert counts["active"] >= 20
    assert min(counts["cooling"], counts["fading"], counts["dormant"], counts["new"]) >= 4


def test_two_people_have_two_addresses_and_two_share_a_first_name() -> None:
    cast = load_cast()
    assert [alter.key for alter in cast if len(alter.emails) == 2] == ["jakub", "liz"]
    firsts = Counter(alter.first_name for alter in cast)
    assert [name for name, n in firsts.items() if n > 1] == ["Anna"]


def test_the_last_day_of_contact_is_the_day_of_the_last_personal_letter_or_a_later_meeting(
    truth: list[dict[str, Any]], mail: list[Mail]
) -> None:
    last: dict[str, str] = {}
    for it in sorted((it for it in mail if it.is_personal), key=lambda it: it.at):
        if len(it.emails("To")) <= 10:
            on = it.sent_at.date().isoformat()
            last.update(dict.fromkeys(it.emails("From", "To"), on))
    for row in truth:
        if row["truth"] != Truth.NEVER and row["typical_gap_days"]:
            assert max(last[email] for email in row["addresses"] if email in last) <= row["last_on"]


def test_a_tie_said_to_be_ended_is_silent_long_against_its_own_law(
    truth: list[dict[str, Any]],
) -> None:
    spread = {alter.emails[0]: alter.log_sd for alter in load_cast()}
    for row in truth:
        if row["truth"] in ("cooling", "fading", "dormant"):
            silent_days = (DIGEST_ON - date.fromisoformat(row["last_on"])).days
            score = log(silent_days / row["typical_gap_days"]) / spread[row["address"]]
            # 97 and 99 in 100 of the gaps are shorter: quantiles of the normal law.
            assert score > {"cooling": 1.88, "fading": 2.33, "dormant": 2.33}[row["truth"]], row
            is_dormant = silent_days > max(180, 3 * row["typical_gap_days"])
            assert is_dormant == (row["truth"] == "dormant")


def test_a_rhythm_that_ended_did_so_on_the_day_the_script_says(mail: list[Mail]) -> None:
    for alter in load_cast():
        if alter.ended and alter.truth is Truth.DORMANT:
            days = [
                it.sent_at.date() for it in mail if it.author in alter.emails and it.is_personal
            ]
            days += [it.sent_at.date() for it in mail if it.emails("To") == [alter.emails[0]]]
            assert (DIGEST_ON - max(days)).days == alter.ended


def test_a_new_tie_began_within_two_weeks_or_is_one_exchange_or_one_way(
    truth: list[dict[str, Any]], mail: list[Mail]
) -> None:
    for row in truth:
        if row["truth"] == "new":
            wrote = [
                it for it in mail if it.author == row["address"] and "List-Id" not in it.message
            ]
            got = [it for it in mail if row["address"] in it.emails("To")]
            first = min((it.sent_at.date() for it in (*wrote, *got)), default=DIGEST_ON)
            assert (DIGEST_ON - first).days <= 14 or len(got) == 1, row


def test_the_owner_never_wrote_to_those_who_are_said_to_be_nobody(
    truth: list[dict[str, Any]], mail: list[Mail]
) -> None:
    nobody = {row["address"] for row in truth if row["truth"] == Truth.NEVER}
    got = {email for it in mail if it.author in OWNER for email in it.emails("To")}
    assert nobody & got == {"harbour-sensors@lists.example.net"}
    assert len(nobody) > 15
