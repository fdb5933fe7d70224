"""Answers: what is wrong with them is told at once; what follows of them is right."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from connectors.discovery.model import Server, Servers
from daemon.config.load import load
from daemon.errors import ExitCode, UserError
from daemon.setup.answers import Answers, check_answer, read_answers
from daemon.setup.questions import BACK, READING, SECRET, WHERE, WHO, Draft
from daemon.setup.render import render
from daemon.setup.settle import Unsettled, settle
from tests.docs.pages import ROOT, blocks

ALL = (*WHO, *WHERE, *SECRET, *READING, *BACK)
FOUND = Servers(
    found_by="known to kithd",
    imap=Server("imap.example.org", 993, "tls", "robin"),
    smtp=Server("smtp.example.org", 587, "starttls", "robin@example.org"),
    caldav="https://dav.example.org/",
    carddav="https://dav.example.org/",
)
PAGE = (ROOT / "docs/how-to/connect-your-accounts.md").read_text("utf-8")


def answers(**said: object) -> Answers:
    return Answers.model_validate({"addresses": ["robin@example.org"], **said})


def kept(reference: str) -> dict[str, str]:
    return {"secret": reference}


def test_an_address_and_a_secret_are_all_that_is_needed() -> None:
    settings = settle(answers(**kept("command:pass mail")), FOUND, zone="Europe/Berlin")
    mail = settings.sources["mail"]
    assert (mail.kind, mail.host, mail.user) == ("imap", "imap.example.org", "robin")
    assert mail.port is None
    assert settings.owner.zone == "Europe/Berlin"
    assert {it.secret for it in settings.sources.values()} == {"command:pass mail"}
    assert settings.sources["calendar"].user == "robin@example.org"
    assert (settings.delivery.kind, settings.delivery.security) == ("smtp", "starttls")


def test_what_was_answered_goes_before_what_was_found() -> None:
    said = answers(
        **kept("file:mail.secret"),
        zone="UTC",
        mail_host="localhost",
        mail_port=1143,
        mail_security="starttls",
        mail_user="rm",
        calendar="https://calendar.example.net/private.ics?key=1",
        contacts="",
        deliver="none",
        newsletters=False,
        feeds=["https://a.example.org/", "https://b.example.org/"],
    )
    settings = settle(said, FOUND, zone="Europe/Berlin")
    mail = settings.sources["mail"]
    assert (mail.host, mail.port, mail.security, mail.user) == ("localhost", 1143, "starttls", "rm")
    assert mail.newsletters is None
    assert settings.owner.zone == "UTC"
    assert list(settings.sources) == ["mail", "calendar", "feed", "feed-2"]
    assert (settings.sources["calendar"].kind, settings.sources["calendar"].secret) == ("ics", None)
    assert settings.delivery.kind is None


def test_tls_on_a_port_of_its_own_is_not_left_to_be_guessed() -> None:
    said = answers(**kept("command:x"), smtp_host="smtp.example.org", smtp_port=2465)
    assert settle(said, FOUND, zone="UTC").delivery.security == "tls"


def test_a_server_that_takes_tokens_is_signed_in_to_with_one() -> None:
    found = Servers(imap=FOUND.imap, smtp=FOUND.smtp, sign_in="xoauth2")
    settings = settle(answers(**kept("command:token")), found, zone="UTC")
    assert settings.sources["mail"].sign_in == "xoauth2"


def test_all_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(Unsettled) as caught:
        settle(answers(deliver="mail"), Servers(), zone="UTC")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "mail_host",
        "smtp_host",
        "password_file or secret",
    ]


def test_all_that_is_wrong_is_told_at_once_with_its_line() -> None:
    text = 'adresses = []\nzone = "Europe/Berlinn"\nmail_port = 0\nsecret = "hunter2"\n'
    with pytest.raises(UserError) as caught:
        read_answers(text, "answers.toml", folder=Path())
    told = str(caught.value)
    assert caught.value.exit_code == ExitCode.CONFIG
    assert "5 answers cannot be right" in told
    assert "line 1: adresses: no such question; did you mean addresses?" in told
    assert "line 3: mail_port" in told
    assert "hunter2" not in told


def test_a_file_that_is_not_toml_is_told_as_such() -> None:
    with pytest.raises(UserError, match="not TOML"):
        read_answers("addresses = [", "answers.toml", folder=Path())


def test_relative_paths_start_at_the_file_of_answers(tmp_path: Path) -> None:
    read = read_answers(
        'addresses = ["robin@example.org"]\npassword_file = "pw"', "a", folder=tmp_path
    )
    assert read.password_file == tmp_path / "pw"


@pytest.mark.parametrize(
    ("key", "value"),
    [("mail_port", 70000), ("digest_hour", "25:00"), ("zone", "Mars"), ("addresses", ["robin"])],
)
def test_a_wrong_answer_is_refused_when_it_is_given(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        check_answer(key, value)


SAID = st.fixed_dictionaries(
    {"secret": st.just("file:mail.secret")},
    optional={
        "name": st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        "read": st.sampled_from(["headers", "subjects", "text"]),
        "newsletters": st.booleans(),
        "mail_user": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
        "mail_port": st.integers(1, 65535),
        "deliver": st.sampled_from(["mail", "none"]),
        "digest_hour": st.times().map(lambda t: f"{t:%H:%M}"),
        "contacts": st.sampled_from(["", "https://x.example.org/"]),
        "feeds": st.lists(st.just("https://f.example.org/feed"), max_size=3),
    },
)


@of_hypothesis(max_examples=40, deadline=None)
@given(said=SAID)
def test_what_is_written_loads_to_the_same_settings(
    said: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = settle(answers(**said), FOUND, zone="Europe/Berlin")
    file = tmp_path_factory.mktemp("settings") / "config.toml"
    file.write_text(render(settings), encoding="utf-8")
    loaded = load(file)
    assert loaded.owner == settings.owner
    assert loaded.sources["mail"].user == settings.sources["mail"].user
    assert loaded.sources["mail"].secret == f"file:{file.parent / 'mail.secret'}"
    assert loaded.sources.keys() == settings.sources.keys()
    assert loaded.ties == settings.ties


def test_only_what_differs_from_the_defaults_is_written() -> None:
    written = tomllib.loads(render(settle(answers(**kept("command:x")), FOUND, zone="UTC")))
    assert written.keys() == {"owner", "sources", "delivery"}
    assert written["sources"]["mail"].keys() == {"kind", "host", "user", "secret", "newsletters"}


def test_every_question_is_one_that_a_file_can_answer() -> None:
    of_setup_itself = {"found_is_right", "password"}
    assert {it.key for it in ALL} - of_setup_itself <= set(Answers.model_fields)


def test_each_proposal_is_an_answer_that_can_be_right() -> None:
    draft = Draft(said={"addresses": ("robin@example.org",)}, found=FOUND, zone="Europe/Berlin")
    for question in ALL:
        proposal = question.proposes(draft)
        if proposal and question.key in Answers.model_fields and not question.choices:
            number_or_text = int(proposal) if proposal.isdigit() else proposal
            check_answer(question.key, proposal.split(", ") if question.is_list else number_or_text)
        if proposal and question.choices:
            assert proposal in {word for word, _ in question.choices}


def test_no_screen_is_longer_than_a_screen() -> None:
    draft = Draft(said={"addresses": ("robin@example.org",)}, found=FOUND)
    for question in ALL:
        lines = [*question.explains(draft).splitlines(), *question.choices, question.asks]
        assert len(lines) <= 16
        assert all(len(line) <= 100 for line in lines if isinstance(line, str))


def test_the_page_lists_every_answer_and_its_example_is_right(tmp_path: Path) -> None:
    assert [key for key in Answers.model_fields if f"`{key}`" not in PAGE] == []
    example = next(body for body in blocks(PAGE, "toml"))
    assert read_answers(example, "page", folder=tmp_path).feeds
