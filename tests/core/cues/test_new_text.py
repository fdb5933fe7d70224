"""What an author wrote now, cut out of bodies as mail programs write them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cues.machine_text import is_machine_line
from daemon.cues.new_text import cut_new_text


def test_replies_between_quotes_survive_in_order_and_quotes_do_not() -> None:
    body = (
        "On Mon, 3 Mar 2025, Ana Silva wrote:\n\n> Could you send the plan?\n\n"
        " Yes, attached.\n\n> And the budget?\n>> old\n Not before Friday.\n"
    )
    assert cut_new_text(body) == "Yes, attached.\n\nNot before Friday."


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 3 Mar 2025 at 10:01, Ana Silva <ana@example.org> wrote:",
        "On 3 Mar 2025, at 10:01, Ana Silva\n<ana@example.org>\nwrote:",
        ">>>>> On Mon, 3 Mar 2025, Ana Silva <ana@example.org> said:",
        "Ana Silva <ana@example.org> writes:",
        "Am 3.3.2025 10:01 schrieb Ana Silva <ana@example.org>:",
        "Le lun. 3 mars 2025 à 10:01, Ana Silva <ana@example.org>\na écrit :",
        "Ana wrote:",
    ],
)
def test_the_line_that_introduces_a_quote_goes_with_it(introduction: str) -> None:
    assert cut_new_text(f"Agreed.\n\n{introduction}\n\n> Shall we?\n") == "Agreed."


def test_a_quote_without_marks_below_a_reply_is_cut() -> None:
    body = "Agreed.\n\nOn Mon, 3 Mar 2025 10:01 Ana <ana@example.org> wrote:\n\nShall we meet?"
    assert cut_new_text(body) == "Agreed."


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nAna Silva\nExample Ltd",
        "-----Original Message-----\nFrom: Bo\nShall we?",
        "---------- Forwarded message ----------\nShall we?",
        "________________________________\nFrom: Bo\nSent: Monday\nTo: Al\nSubject: x\n\nShall we?",
        "From: Bo <bo@example.org>\nDate: 3 Mar\nTo: Ana\nSubject: x\n\nShall we?",
        "Begin forwarded message:\n\nShall we?",
        "Sent from my iPhone",
        "Best regards,\nAna Silva",
        "This message is confidential and intended solely for the addressee.",
        "-----BEGIN PGP SIGNATURE-----\nabcdefgh\n-----END PGP SIGNATURE-----",
    ],
)
def test_what_follows_the_author_s_own_words_is_cut(tail: str) -> None:
    body = cut_new_text(f"The plan is ready.\n\n{tail}\n")
    assert body.startswith("The plan is ready.")
    assert "Shall we" not in body
    assert "Ana" not in body
    assert "confidential" not in body


def test_a_patch_is_cut_by_the_length_its_hunks_declare() -> None:
    body = (
        "The following patch helps.\n\n--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@\n one\n"
        "-could you?\n+please do\n two\n\n Any news from Lyon?\n"
    )
    assert cut_new_text(body) == "The following patch helps.\n\nAny news from Lyon?"


@pytest.mark.parametrize(
    "line",
    [
        "\tif (x == 3) return foo->bar;",
        "drivers/net/a.c:34: error: syntax",
        "Signed-off-by: Ana Silva <ana@example.org>",
        "[    0.123456] CPU0 started",
        " drivers/net/a.c | 12 ++++----",
        "Name      Depot      Km",
        "https://example.org/a/b/c",
    ],
)
def test_code_logs_trailers_and_tables_are_no_prose(line: str) -> None:
    assert is_machine_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "Could you look at the tender (no. 12) before Friday?",
        " It's due on 12 March at 10:30; is that fine?",
        "    Indented words can still be a sentence.",
        "See https://example.org/tender for what we asked.",
    ],
)
def test_prose_with_numbers_addresses_and_indents_is_kept(line: str) -> None:
    assert not is_machine_line(line)


@given(st.text(max_size=2000))
def test_any_text_is_cut_to_no_more_than_itself(text: str) -> None:
    assert len(cut_new_text(text)) <= len(text)


def test_replies_that_break_parsers_are_cut_at_the_author_s_last_word() -> None:
    folder = Path(os.environ.get("KITHD_DATA", "")) / "corpora" / "replies"
    if "KITHD_DATA" not in os.environ or not folder.is_dir():
        pytest.skip("not run: no data")
    first, last = "Fusce bibendum", "nec nec nibh."
    bodies = [path.read_bytes().decode("utf-8", "replace") for path in sorted(folder.glob("*.txt"))]
    bodies = [body for body in bodies if body.startswith(first)]
    n_right = sum(1 for body in bodies if cut_new_text(body).endswith(last))
    assert len(bodies) == 42
    assert n_right >= 39  # three quote without marks in ways no rule should guess
