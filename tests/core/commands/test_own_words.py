"""Of a reply, only what its writer put above the quote is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.commands.grammar import MAX_CHARACTERS, VERBS, parse
from daemon.commands.model import NotUnderstood
from daemon.commands.own_words import find_own_words

COMMANDS = [verb.usage for verb in VERBS]


def obeyed(text: str) -> list[object]:
    """The commands that ``text`` makes."""
    return [one for one in parse(find_own_words(text)) if not isinstance(one, NotUnderstood)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_heard(command: str) -> None:
    assert find_own_words(f"\n\n{command}\n\n-- \nMara\n") == command


def test_all_commands_are_heard_at_once_in_lines_and_in_paragraphs() -> None:
    lines = "\n".join(COMMANDS)
    assert find_own_words(lines) == lines
    assert find_own_words("\n\n".join(COMMANDS)) == lines


@pytest.mark.parametrize(
    "below",
    [
        "> done all",
        ">done all",
        "\xa0> done all",
        "| done all",
        "» done all",
        "MS> done all",
        "-- \ndone all",
        "--\ndone all",
        "__\ndone all",
        "________________________________\nFrom: kithd\nSent: today\nTo: Mara\n\ndone all",
        "-----Original Message-----\ndone all",
        "---------- Forwarded message ---------\ndone all",
        "Begin forwarded message:\n\ndone all",
        "Sent from my iPhone\ndone all",
        "Get Outlook for iOS<https://aka.ms/o0ukef>\ndone all",
        "Von: kithd\nGesendet: heute\nAn: Mara\nBetreff: x\n\ndone all",
        "On Sat, Nov 21, 2026 at 7:00 AM kithd <mara@example.org> wrote:\n\ndone all",
        "On Sat, Nov 21, 2026 at 7:00 AM kithd\n<mara@example.org> wrote:\n> x\ndone all",
        "Am 21.11.2026 um 07:00 schrieb kithd:\n> done all",
        "\nTwo things you could give today\n\ndone all",
        "Mara\ndone all",
        "Best regards, Mara Stein\nHead of Things\ndone all",
        "\nI thought about it; done all",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_what_stands_below_the_reply_is_not_heard(below: str, gap: str) -> None:
    assert find_own_words(f"done 1{gap}{below}") == "done 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\n",
        "> done 1",
        "-- \ndone 1",
        "On 21 Nov 2026, at 07:00, kithd <mara@example.org> wrote:\n\n> x\n\ndone 1",
        "Begin forwarded message:\n\nFrom: kithd\nSubject: x\nDate: y\n\ndone 1",
        "From: kithd\nSent: today\nTo: Mara\nSubject: x\n\ndone 1",
    ],
)
def test_there_may_be_nothing_to_hear(text: str) -> None:
    assert obeyed(text) == []


def test_a_mistyped_line_is_kept_to_be_told_of_and_what_follows_is_heard() -> None:
    assert find_own_words("doen 1\nsnooze 2 2w\n\nMara") == "doen 1\nsnooze 2 2w"


def test_prose_is_kept_to_be_told_of_and_ends_what_is_heard() -> None:
    said = "Thank you for these; I will write to Sana on Monday and then\ndone all\n"
    assert find_own_words(said) == "Thank you for these, I will write to Sana on Monday and then"
    assert obeyed(said) == []


def test_prose_below_a_command_is_kept_to_be_told_of() -> None:
    said = "done 1\nplease put number 2 off by two weeks\n\nMara"
    assert find_own_words(said) == "done 1\nplease put number 2 off by two weeks"


def test_a_long_reply_is_cut_where_it_shows_that_it_was() -> None:
    words = find_own_words(f"note 2 {'a ' * 100}\n" * 500)
    assert MAX_CHARACTERS < len(words) <= MAX_CHARACTERS + 210
    assert any(isinstance(one, NotUnderstood) and one.is_left_out for one in parse(words))


_line = st.sampled_from([*COMMANDS, "", "x", "Mara", "-- ", "On Sat kithd wrote:"])
_quoted = st.builds(
    lambda mark, line: f"{mark}{line}",
    st.sampled_from([">", "> ", " > ", ">> ", "|", "» ", "AB> "]),
    st.sampled_from(COMMANDS),
)


@given(st.lists(_line), _quoted, st.lists(_line | _quoted))
def test_nothing_below_a_quoted_line_changes_what_is_heard(
    above: list[str], quoted: str, below: list[str]
) -> None:
    text = "\n".join([*above, quoted])
    assert find_own_words("\n".join([text, *below])) == find_own_words(text)


@given(_quoted, st.lists(_line | _quoted))
def test_a_reply_that_begins_with_a_quote_says_nothing(quoted: str, below: list[str]) -> None:
    assert find_own_words("\n".join(["", quoted, *below])) == ""


@given(st.text(max_size=400))
def test_only_lines_of_the_text_are_heard(text: str) -> None:
    lines = {line.strip() for line in text.splitlines()}
    heard = find_own_words(text).splitlines()
    assert all(line in {one.replace(";", ",") for one in lines} | lines for line in heard)
