"""The letters read like letters: threaded, quoting, each its own, and few left open."""

import re
from collections import defaultdict

from daemon.demo.generate import DemoYear
from tests.demo.reading import Mail

PROMISES = re.compile(r"\b(I'll|I will|Let me)\b")
OWNER = {"robin@example.org", "r.maier@example.com"}


def personal(mail: list[Mail]) -> list[Mail]:
    return [it for it in mail if it.is_personal and "forge" not in it.author]


def threads(mail: list[Mail]) -> list[list[Mail]]:
    """Personal conversations, each in the order of time."""
    found: dict[str, list[Mail]] = defaultdict(list)
    for it in sorted(personal(mail), key=lambda it: it.at):
        first = str(it.message["References"] or it.message["Message-ID"]).split()[0]
        found[first].append(it)
    return [thread for thread in found.values() if not is_machine(thread[0])]


def is_machine(it: Mail) -> bool:
    return any(word in it.author for word in ("no-reply", "noreply", "spam"))


def test_an_answer_names_a_message_that_came_before_and_quotes_it(mail: list[Mail]) -> None:
    known = {it.message["Message-ID"]: it for it in mail}
    answers = [it for it in mail if it.message["In-Reply-To"]]
    assert len(answers) > 900
    for it in answers:
        references = it.message["References"].split()
        parent = known[it.message["In-Reply-To"]]
        older = str(parent.message["References"] or "").split()
        assert references == [*older, parent.message["Message-ID"]][-10:]
        assert all(known[reference].at < it.at for reference in references)
        said = parent.new_text.rstrip().splitlines()[2]
        assert f"> {said}".rstrip() in it.text


def test_no_two_letters_say_the_same(mail: list[Mail]) -> None:
    texts = [it.new_text for thread in threads(mail) for it in thread]
    assert len(texts) > 1_500
    assert len(set(texts)) == len(texts)


def test_letters_are_neither_notes_nor_essays(mail: list[Mail]) -> None:
    lengths = sorted(len(it.new_text.split()) for thread in threads(mail) for it in thread)
    assert lengths[0] >= 15
    assert lengths[-1] <= 120
    assert 40 <= lengths[len(lengths) // 2] <= 80
    assert not [it for thread in threads(mail) for it in thread if "{" in it.new_text]


def test_only_the_scripted_questions_to_the_owner_are_left_open(mail: list[Mail]) -> None:
    last = [thread[-1] for thread in threads(mail) if thread[-1].author not in OWNER]
    waiting = {it.author.split("@")[0] for it in last if "?" in it.new_text}
    assert waiting == {"tomas.rey", "meilin.zhou", "greta.lindqvist", "k.mensah", "joy.adeyemi"}


def test_only_one_person_leaves_questions_of_the_owner_open(mail: list[Mail]) -> None:
    last = [thread[-1] for thread in threads(mail) if thread[-1].author in OWNER]
    waiting = [it.emails("To")[0] for it in last if "?" in it.new_text]
    assert waiting == ["hugo.lambert@example.net"] * 2


def test_only_the_scripted_promises_of_the_owner_are_left_open(mail: list[Mail]) -> None:
    kept, broken = 0, []
    for thread in threads(mail):
        for position, it in enumerate(thread):
            if it.author in OWNER and PROMISES.search(it.new_text):
                later = thread[position + 1 :]
                is_kept = any("https://" in more.new_text for more in later)
                kept += is_kept
                broken += [] if is_kept else it.emails("To")
    assert kept >= 10
    assert sorted(broken) == ["aoife@example.net", "ines@example.net", "yusuf.demir@example.org"]


def test_the_owner_says_where_the_year_is_read_from(year: DemoYear) -> None:
    names = {source.name for source in year.sources}
    assert {"mail", "old.mbox.gz", "calendar.ics", "contacts.vcf"} <= names
