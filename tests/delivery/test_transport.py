"""The settings name one way for mail to go, and say so where they do not."""

import os
from pathlib import Path

import pytest

from connectors.credentials.secrets import Secret
from daemon.config.model import Delivery
from daemon.delivery.maildir import MaildirTransport
from daemon.delivery.smtp import SmtpTransport
from daemon.delivery.transport import Memory, Refused, open_transport
from daemon.errors import ExitCode, UserError


def smtp(**given: object) -> SmtpTransport:
    way = open_transport(
        Delivery.model_validate({"kind": "smtp", "host": "m.example.org", **given})
    )
    assert isinstance(way, SmtpTransport)
    return way


def test_without_a_kind_nothing_is_sent() -> None:
    assert open_transport(Delivery()) is None


@pytest.mark.parametrize(
    ("given", "port", "security"),
    [
        ({}, 465, "tls"),
        ({"port": 587}, 587, "starttls"),
        ({"port": 2525}, 2525, "starttls"),
        ({"security": "starttls"}, 587, "starttls"),
        ({"security": "tls", "port": 2465}, 2465, "tls"),
        ({"security": "none"}, 25, "none"),
    ],
)
def test_a_port_and_its_protection_go_together(
    given: dict[str, object], port: int, security: str
) -> None:
    way = smtp(**given)
    assert (way.port, way.security) == (port, security)


def test_the_password_is_handed_on_by_reference() -> None:
    way = smtp(user="robin", secret="credential:smtp")  # noqa: S106 -- a reference, which is no secret
    assert way.secret == Secret("credential:smtp")
    assert not isinstance(way, Memory)


@pytest.mark.parametrize(("kind", "setting"), [("smtp", "host"), ("maildir", "path")])
def test_what_is_missing_is_named(kind: str, setting: str) -> None:
    with pytest.raises(UserError) as raised:
        open_transport(Delivery.model_validate({"kind": kind}))
    assert raised.value.remedy.startswith(f"{setting} = ")
    assert raised.value.exit_code is ExitCode.CONFIG


def test_a_maildir_is_made_and_remembers(tmp_path: Path) -> None:
    way = open_transport(Delivery(kind="maildir", path=tmp_path / "Mail"))
    assert isinstance(way, MaildirTransport)
    assert isinstance(way, Memory)
    assert not way.holds("<1@example.org>")
    way.check()
    assert way.send(b"x", "<1@example.org>", sender="", to="")
    assert not way.send(b"x", "<1@example.org>", sender="", to="")
    assert way.holds("<1@example.org>")
    [new] = (tmp_path / "Mail" / "new").iterdir()
    assert new.stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "Mail" / "tmp").iterdir())


def test_a_maildir_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    way = MaildirTransport(tmp_path / "file" / "Mail")
    for attempt in (way.check, lambda: way.send(b"x", "<1@example.org>")):
        with pytest.raises(Refused, match="cannot be written to"):
            attempt()
    assert not way.holds("<1@example.org>")


@pytest.mark.skipif(os.geteuid() == 0, reason="not run: nothing is forbidden to root")
def test_a_maildir_of_somebody_else_is_refused(tmp_path: Path) -> None:
    way = MaildirTransport(tmp_path / "Mail")
    way.check()
    (tmp_path / "Mail" / "new").chmod(0o500)
    with pytest.raises(Refused):
        way.check()
