"""Accounts that are opened by a browser, or by EWS: the settings that follow, and what is asked."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.discovery.model import Server, Servers
from daemon.cli.setup_files import folder_of_tokens, read_client
from daemon.config.load import load
from daemon.config.model import Settings
from daemon.setup.answers import Answers, check_answer
from daemon.setup.questions import BACK, READING, SECRET, WHERE, Draft
from daemon.setup.render import render
from daemon.setup.settle import Unsettled, settle

ID = "11111111-2222-3333-4444-555555555555"
GOOGLE: dict[str, Any] = {"account": "google", "client_file": "client_secret.json"}
MICROSOFT: dict[str, Any] = {"account": "microsoft", "client_id": ID}
EXCHANGE: dict[str, Any] = {"account": "exchange", "secret": "file:mail.secret"}
AT_GOOGLE = Servers(
    found_by="known to kithd",
    imap=Server("imap.example.net", 993),
    smtp=Server("smtp.example.net", 465),
    service="google",
    is_personal=True,
)
AT_MICROSOFT = replace(AT_GOOGLE, service="microsoft", sign_in="xoauth2", is_personal=False)
NOWHERE = Servers()
FOUND = Servers(
    found_by="named by DNS", imap=AT_GOOGLE.imap, smtp=AT_GOOGLE.smtp, caldav="https://x.example/"
)


def settled(found: Servers = NOWHERE, *, tokens: str = "", **said: Any) -> Settings:
    answers = Answers.model_validate({"addresses": ["robin@example.org"], **said})
    return settle(answers, found, zone="UTC", tokens=tokens)


def problems(**said: Any) -> list[str]:
    with pytest.raises(Unsettled) as caught:
        settled(**said)
    return [problem.partition(":")[0] for problem in caught.value.problems]


def secrets_of(settings: Settings) -> dict[str, str | None]:
    found = {name: source.secret for name, source in settings.sources.items()}
    return found | {"delivery": settings.delivery.secret}


def test_google_is_three_sources_and_a_delivery_each_with_a_sign_in_of_its_own() -> None:
    settings = settled(**GOOGLE)
    kinds = {name: source.kind for name, source in settings.sources.items()}
    assert kinds == {
        "gmail": "gmail",
        "calendar": "google_calendar",
        "contacts": "google_contacts",
    }
    assert settings.delivery.kind == "gmail"
    assert secrets_of(settings) == {
        "gmail": "file:gmail.tokens",
        "calendar": "file:calendar.tokens",
        "contacts": "file:contacts.tokens",
        "delivery": "file:sending.tokens",
    }
    assert {source.client_file for source in settings.sources.values()} == {
        Path("google-client.json")
    }
    assert settings.sources["gmail"].newsletters is True


def test_microsoft_is_one_source_and_a_delivery() -> None:
    settings = settled(**MICROSOFT)
    assert [source.kind for source in settings.sources.values()] == ["graph"]
    assert settings.delivery.kind == "graph"
    assert secrets_of(settings) == {
        "microsoft": "file:microsoft.tokens",
        "delivery": "file:sending.tokens",
    }
    assert settings.sources["microsoft"].parts is None


def test_a_directory_is_the_address_s_own_or_that_of_all_personal_accounts() -> None:
    assert settled(**MICROSOFT).sources["microsoft"].tenant == "example.org"
    personal = Servers(service="microsoft", is_personal=True)
    assert settled(personal, **MICROSOFT).sources["microsoft"].tenant == "consumers"
    assert settled(personal, tenant="a.example", **MICROSOFT).delivery.tenant == "a.example"


def test_an_exchange_server_takes_a_password_for_all_it_does() -> None:
    url = "https://mail.example.org/EWS/Exchange.asmx"
    settings = settled(exchange_url=url, mail_user="EXAMPLE\\robin", **EXCHANGE)
    source, delivery = settings.sources["exchange"], settings.delivery
    assert (source.kind, source.user, source.url) == ("exchange", "EXAMPLE\\robin", url)
    assert (delivery.kind, delivery.user, delivery.url) == ("exchange", "EXAMPLE\\robin", url)
    assert source.address == delivery.address == "robin@example.org"
    assert secrets_of(settings) == {"exchange": "file:mail.secret", "delivery": "file:mail.secret"}


def test_an_exchange_server_is_looked_for_by_the_address_that_is_the_name() -> None:
    source = settled(**EXCHANGE).sources["exchange"]
    assert (source.user, source.address, source.url) == ("robin@example.org", None, None)


def test_only_the_parts_that_were_chosen_are_read() -> None:
    assert list(settled(parts=["mail"], **GOOGLE).sources) == ["gmail"]
    source = settled(parts=["mail", "contacts"], **MICROSOFT).sources["microsoft"]
    assert source.parts == ("mail", "contacts")


def test_feeds_stand_beside_any_account() -> None:
    assert list(settled(feeds=["https://f.example.org/"], **MICROSOFT).sources) == [
        "microsoft",
        "feed",
    ]


def test_a_digest_can_come_another_way_or_not_at_all() -> None:
    assert settled(deliver="none", **GOOGLE).delivery.kind is None
    into = settled(deliver="maildir", maildir="Digests", **MICROSOFT)
    assert (into.delivery.kind, into.delivery.secret) == ("maildir", None)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"account": "google"}, ["client_file"]),
        ({"account": "microsoft"}, ["client_id"]),
        ({"account": "exchange"}, ["password_file or secret"]),
        (
            {**GOOGLE, "secret": "file:mail.secret", "mail_host": "imap.example.org"},
            ["mail_host", "secret"],
        ),
        ({**MICROSOFT, "client_file": "x.json", "calendar": ""}, ["client_file", "calendar"]),
        (
            {"parts": ["mail"], "mail_host": "a.example.org", "smtp_host": "a.example.org"}
            | {"secret": "file:mail.secret"},
            ["parts"],
        ),
    ],
    ids=["google", "microsoft", "exchange", "a password", "others'", "imap"],
)
def test_what_is_missing_or_of_no_use_is_told(said: dict[str, Any], told: list[str]) -> None:
    assert problems(**said) == told


def test_an_id_and_an_address_are_checked_when_they_are_given() -> None:
    assert check_answer("client_id", ID.upper()) == ID.upper().lower()
    with pytest.raises(ValueError, match="looks like 11111111"):
        check_answer("client_id", "my-app")
    with pytest.raises(ValueError, match="https"):
        check_answer("exchange_url", "mail.example.org")


@pytest.mark.parametrize(
    "said", [GOOGLE, MICROSOFT, EXCHANGE], ids=["google", "microsoft", "exchange"]
)
def test_what_is_written_loads(said: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    settings = settled(**said)
    file.write_text(render(settings), encoding="utf-8")
    loaded = load(file)
    assert loaded.sources.keys() == settings.sources.keys()
    assert loaded.delivery.kind == settings.delivery.kind
    assert all(str(tmp_path) in str(secret) for secret in secrets_of(loaded).values())


def test_a_service_of_the_machine_keeps_sign_ins_where_it_may_write() -> None:
    assert folder_of_tokens(Path("/etc/kithd/config.toml")) == "/var/lib/kithd/"
    assert folder_of_tokens(Path("/etc/kithd/robin.toml")) == "/var/lib/kithd-robin/"
    assert folder_of_tokens(Path("/srv/robin/kithd/config.toml")) == ""
    settings = settled(tokens="/var/lib/kithd/", **MICROSOFT)
    assert secrets_of(settings)["microsoft"] == "file:/var/lib/kithd/microsoft.tokens"


NAMED = ("mail_user", "password", "keep", "parts")


def asked(found: Servers, **said: Any) -> list[str]:
    """The keys of the questions for one account, with these answers and else the proposals."""
    draft = Draft(said={"addresses": ("robin@example.org",)}, found=found)
    keys = []
    for question in (*WHERE, *SECRET, *READING, *BACK):
        if question.is_asked(draft):
            keys.append(question.key)
            answer = said.get(question.key, question.proposes(draft))
            answer = answer == "yes" if question.key == "found_is_right" else answer
            draft = Draft(said={**draft.said, question.key: answer}, found=found)
    return keys


def of_account(keys: Iterable[str]) -> list[str]:
    others = {"read", "newsletters", "feeds", "deliver"}
    return [key for key in keys if key not in others]


FOUND = Servers(
    "named by DNS", imap=Server("i.example.org", 993), smtp=Server("s.example.org", 465)
)


@pytest.mark.parametrize(
    ("found", "said", "keys"),
    [
        (FOUND, {}, ["found_is_right", "password", "keep", "calendar", "contacts"]),
        (AT_GOOGLE, {"account": "google"}, ["account", "client_file", "parts"]),
        (AT_MICROSOFT, {}, ["account", "client_id", "tenant", "parts"]),
        (
            AT_MICROSOFT,
            {"account": "exchange"},
            ["account", "exchange_url", "allow_private", *NAMED],
        ),
        (
            AT_MICROSOFT,
            {"account": "imap"},
            ["account", "found_is_right", "secret", "calendar", "contacts"],
        ),
        (NOWHERE, {"account": "google"}, ["account", "client_file", "parts"]),
        (
            FOUND,
            {"found_is_right": "no", "account": "exchange"},
            ["found_is_right", "account", "exchange_url", "allow_private", *NAMED],
        ),
    ],
    ids=["imap", "google", "microsoft", "exchange", "token", "unknown", "otherwise"],
)
def test_nothing_is_asked_that_the_account_does_not_need(
    found: Servers, said: dict[str, Any], keys: list[str]
) -> None:
    assert of_account(asked(found, **said)) == keys


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        ("{", "not the file of an OAuth client"),
        ("[]", "not the file of an OAuth client"),
        ('{"installed": []}', "not the file of an OAuth client"),
        ('{"web": {"client_id": "1"}}', "Desktop app"),
    ],
)
def test_a_file_that_is_no_client_of_a_desktop_app_is_refused(
    content: str | None, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "client_secret.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match=says):
        read_client(file)
