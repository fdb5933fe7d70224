import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.digest import words
from daemon.digest.model import Funnel, Network, Quiet, SourceLine
from daemon.digest.render_text import COLUMNS, render_text
from tests.core.digest.pages import NETWORK, ON, article, full_day, page, reply
from tests.core.digest.payloads import PAYLOADS, in_every_field


def rows_of(text: str) -> list[str]:
    return [row for row in text.splitlines() if "http" not in row]


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_no_line_is_wider_than_72_columns_but_an_address_of_the_web() -> None:
    assert all(words.columns(row) <= COLUMNS for row in rows_of(render_text(page(*full_day()))))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nor_is_it_with_hostile_strings(payload: str) -> None:
    text = render_text(in_every_field(page(*full_day(), is_first=True), payload))
    assert all(words.columns(row) <= COLUMNS for row in rows_of(text))


def test_a_long_address_stands_whole_on_a_line_of_its_own() -> None:
    text = render_text(page(article()))
    url = "https://example.com/articles/2026/11/second-life-batteries-what-40-pilots-taught-us"
    assert f"\n   | {url}\n" in text


def test_quoting_it_leaves_it_readable() -> None:
    quoted = [f"> {row}" for row in rows_of(render_text(page(*full_day())))]
    assert max(words.columns(row) for row in quoted) <= 78


@given(st.text(max_size=400), st.integers(8, 72))
def test_wrapping_loses_no_word_and_no_letter(text: str, width: int) -> None:
    rows = words.wrap(text, width)

    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(words.columns(row) <= width for row in rows)


@pytest.mark.parametrize(
    ("text", "width"), [("Sana", 4), ("李小龍", 6), ("e\u0301", 1), ("Dvořák", 6)]
)
def test_width_is_what_a_terminal_takes(text: str, width: int) -> None:
    assert words.columns(text) == width


def test_lanes_stand_in_order_and_items_are_numbered_through() -> None:
    text = render_text(page(*full_day()))
    marks = ["\nSomething to bring\n", "\n1. Sana Iqbal\n", "\n2. Marek Dvořák and Joy Adeyemi\n",
             "\nYou owe\n", "\n3. Tomás Rey\n", "\n4. Ines Carvalho\n",
             "\nStay close\n", "\n5. Lena Fischer\n"]  # fmt: skip
    at = [text.index(mark) for mark in marks]
    assert at == sorted(at)


def test_a_lane_of_replies_says_so() -> None:
    text = render_text(page(reply()))
    assert "You owe a reply\n---------------\n" in text
    assert "Something to bring" not in text


def test_a_quote_that_the_reason_says_already_is_not_said_again() -> None:
    text = unwrapped(render_text(page(*full_day())))
    assert text.count("could you look at the tender before Friday?") == 1
    assert "“we have 400 packs coming back from the depots” (11 October)." in text


def test_a_quote_is_dated_in_the_owners_zone() -> None:
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # the 20th in Warsaw
    item = article()
    item = replace(item, evidence=(replace(item.evidence[0], at=late, quote="so it goes"),))
    assert "“so it goes” (yesterday)." in unwrapped(render_text(page(item)))


def test_an_empty_day_shows_the_network_and_the_funnel() -> None:
    text = render_text(page(funnel=Funnel(312, 36, 0, {"booked": 36})))
    assert text.startswith("Nothing to give today\nSaturday 21 November 2026\n")
    assert "cooling      9 (+2)" in text
    assert "312 ties, 36 due, 0 here, 36 held: 36 booked." in text
    assert "done" not in text


def test_the_funnel_is_one_sentence_with_every_reason() -> None:
    text = unwrapped(render_text(page(*full_day())))
    assert "312 ties, 41 due, 5 here, 36 held: 19 cool down, 12 booked, 5 budget." in text


@pytest.mark.parametrize(
    ("funnel", "said"),
    [
        (Funnel(1, 0, 0), "1 tie, none due."),
        (Funnel(312, 2, 2), "312 ties, 2 due, 2 here."),
        (
            Funnel(1200, 3, 1, {"never": 2, "budget": 0}),
            "1,200 ties, 3 due, 1 here, 2 held: 2 never.",
        ),
    ],
)
def test_a_short_funnel_is_a_short_sentence(funnel: Funnel, said: str) -> None:
    assert said in render_text(page(reply(), funnel=funnel))


def test_sources_say_when_they_were_read_and_what_they_need() -> None:
    text = unwrapped(render_text(page(*full_day())))
    assert (
        "Read: work mail 06:58 (12,034 items, 2 unreadable, set aside), private mail 06:59" in text
    )
    assert "calendar 18 November 07:00 (310 items)." in text
    assert "Calendar: its password was refused; type kithd sign-in calendar." in text


def test_a_source_never_read_says_so() -> None:
    text = render_text(page(reply(), sources=(SourceLine("feeds", None, 0),)))
    assert "Read: feeds not yet." in text


def test_the_foot_tells_how_to_answer_with_numbers_that_exist() -> None:
    text = unwrapped(render_text(page(*full_day())))
    assert "Reply with “done 1”, “snooze 5 2w”, “not 5” or “pause 1w”; “help” lists" in text
    bare = unwrapped(render_text(page(*full_day(), reply_to="")))
    assert "run this again with --keep" in bare
    here = {"reply_to": "", "keeps_at": "/srv/kithd", "answer_with": "--keep k"}
    kept = unwrapped(render_text(page(reply(), **here)))
    assert 'To answer, type: kithd do "done 1; snooze 1 2w" --keep k' in kept
    assert "Reply with" not in bare


def test_a_first_digest_says_what_is_read_where_it_lies_and_how_to_stop() -> None:
    text = unwrapped(render_text(page(reply(), is_first=True, keeps_at="/srv/kithd")))
    assert "kithd reads work mail, private mail and calendar" in text
    assert "in /srv/kithd; the text of your mail is not stored." in text
    assert "To stop for a while, reply “pause 4w”" in text
    assert "Welcome" not in render_text(page(reply()))


def test_nothing_kept_is_said_as_well() -> None:
    text = unwrapped(render_text(page(reply(), is_first=True, reply_to="")))
    assert "Nothing is kept" in text
    assert "To stop, do nothing" in text


@pytest.mark.parametrize(
    ("came_back", "said"),
    [
        ((), "Given 5 · received 3."),
        ((("Ravi", 94),), "Given 5 · received 3 · one tie came back: Ravi, after 94 days."),
        ((("Ravi", 94), ("Ana", 1)), "two ties came back: Ravi, after 94 days; Ana, after 1 day."),
    ],
)
def test_ties_that_came_back_are_named(came_back: tuple[tuple[str, int], ...], said: str) -> None:
    network = replace(NETWORK, came_back=came_back, recovering=())
    assert said in unwrapped(render_text(page(reply(), network=network)))


def test_those_who_came_back_before_are_still_recovering_the_first_few_by_name() -> None:
    many = tuple(f"Bo{n}" for n in range(7))
    text = unwrapped(render_text(page(reply(), network=replace(NETWORK, recovering=many))))
    assert "after 94 days · still recovering: Bo0, Bo1, Bo2, Bo3, Bo4, and 2 more." in text
    alone = Network({"active": 7}, {}, recovering=("Aoife Brennan",))
    assert "Still recovering: Aoife Brennan." in unwrapped(
        render_text(page(reply(), network=alone))
    )


def test_whoever_is_named_beside_the_items_has_a_paragraph_that_says_why() -> None:
    text = render_text(page(reply(), network=NETWORK))
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    assert (
        "Fading, and nothing found to bring yet: Karsten Brandt (usually every 44 days, now 138; "
        "you talked about depot cells). What you put on the shelf is matched to them."
    ) in paragraphs
    assert "Fading, but you meet: Isabel Moreno (on Friday)." in paragraphs
    assert (
        "Long quiet, and worth waking some day: Yuki Tanaka (you used to talk every 9 days, last "
        "in April). Old trust keeps, and the time apart brings news."
    ) in paragraphs


def test_a_gap_the_owner_asked_for_is_told_from_a_forecast() -> None:
    asked = Quiet("Bo Li", "you asked for contact at least every 30 days, now 41", (), True)
    text = unwrapped(render_text(page(reply(), network=replace(NETWORK, quiet=(asked,)))))
    assert "Fading or past the gap you want, and nothing found to bring yet: Bo Li (you asked" in (
        text
    )


def test_a_network_nobody_knows_yet_takes_no_room() -> None:
    assert "Your network" not in render_text(page(reply(), network=Network({}, {})))


def test_without_last_week_there_is_no_change_to_show() -> None:
    text = render_text(page(reply(), network=Network({"active": 7}, {})))
    assert "warm         7\n" in text


@pytest.mark.parametrize(
    ("days_ago", "said"),
    [
        (0, "today"),
        (1, "yesterday"),
        (-1, "tomorrow"),
        (3, "18 November"),
        (364, "22 November"),
        (365, "21 November 2025"),
        (3000, "4 September 2018"),
    ],
)
def test_days_are_said_as_people_say_them(days_ago: int, said: str) -> None:
    assert words.say_day(ON - timedelta(days=days_ago), today=ON) == said


def test_a_day_near_the_years_turn_needs_no_year() -> None:
    assert words.say_day(date(2025, 12, 30), today=date(2026, 1, 4)) == "30 December"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "no things"), (1, "one thing"), (2, "two things"), (12, "twelve things"),
                    (13, "13 things"), (1204, "1,204 things")],
)  # fmt: skip
def test_numbers_agree_with_their_nouns(n: int, said: str) -> None:
    assert words.say_count(n, "thing") == said


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (["Sana Iqbal", "Joy Adeyemi"], ("Sana", "Joy")),
        (["Ana Diaz", "Ana Pereira", "Joy Adeyemi"], ("Ana Diaz", "Ana Pereira", "Joy")),
        (["J. Random", "ana@example.org"], ("J. Random", "ana@example.org")),
    ],
)
def test_people_are_called_by_given_names_where_these_are_clear(
    names: list[str], called: tuple[str, ...]
) -> None:
    assert words.call_names(names) == called


def test_the_local_date_is_the_owners() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert page(reply(), at=late).on == date(2026, 11, 21)
    assert "Saturday 21 November 2026" in render_text(page(reply(), at=late))


def test_the_text_carries_a_draft_line_by_line() -> None:
    text = render_text(page(*full_day()))
    assert "   A draft to sana@example.org:\n   | Sana, this made me think" in text
    assert re.search(r"No need to reply\.\n   \|\n   \| https", text)


def test_an_address_the_draft_lacks_is_given_all_the_same() -> None:
    bare = replace(article(), draft=None, url="https://example.com/a")
    assert "   It is here:\n   | https://example.com/a\n" in render_text(page(bare))
    had = replace(article(), url="https://example.com/articles/2026/11")
    assert render_text(page(had)) == render_text(page(article()))


def test_sums_its_minutes() -> None:
    assert "about 12 minutes · 1 tie fading, 1 cooling, 1 new" in unwrapped(
        render_text(page(*full_day()))
    )


def test_who_is_fading_without_anything_to_bring_is_named_with_what_was_talked_about() -> None:
    quiet = (Quiet("Joy Adeyemi", "usually every 6 days, now 138", ("cold chain", "choir")),)
    text = unwrapped(render_text(page(reply(), network=replace(NETWORK, quiet=quiet))))
    assert (
        "Fading, and nothing found to bring yet: Joy Adeyemi (usually every 6 days, now 138; "
        "you talked about cold chain and choir)."
    ) in text
