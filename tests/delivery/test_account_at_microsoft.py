"""The digest goes out through Microsoft Graph, by a sign-in that may do nothing else."""

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from daemon.config.model import Delivery
from daemon.config.model import Source as SourceSetting
from daemon.delivery.transport import Transport, open_transport
from daemon.jobs.deliver import GRACE
from daemon.store.database import Database
from tests.jobs.posting import ASKED, go, prepare, today
from tests.jobs.world import AT, know
from tests.servers.api import Reply
from tests.servers.microsoft import Account, account
from tests.servers.web import Authority


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Account]:
    """An account to which its owner has signed in twice: to read, and to send."""
    authority = Authority(tmp_path)
    with account(tmp_path, authority, authority.context("localhost")) as opened:
        opened.sign_in(name="reading")
        # Microsoft's second answer holds what was granted before.
        reading = opened.connector(name="reading").list_permissions()
        opened.sign_in(name="sending", sends=True, permissions_beside=reading)
        yield opened


def said(work: Account, name: str) -> dict[str, object]:
    settings = work.settings(name=name)
    return {
        "kind": "graph",
        "client_id": settings.client_id,
        "tenant": settings.tenant,
        "secret": settings.secret.reference,
        "url": settings.url,
        "ca_file": settings.ca_file,
        "allow_private": True,
    }


@pytest.fixture
def way(work: Account) -> Transport:
    source = SourceSetting.model_validate(said(work, "reading"))
    found = open_transport(Delivery.model_validate(said(work, "sending")), [source])
    assert found is not None
    return found


@pytest.fixture
def engine() -> Database:
    return know(*ASKED)


def test_the_digest_is_handed_over_once_as_it_was_written(
    work: Account, way: Transport, engine: Database
) -> None:
    prepared = prepare(engine)
    way.check()
    assert go(engine, way).n_sent == 1
    assert go(engine, way).n_sent == 0
    [sent] = work.mailbox.mail.sent
    assert message_from_bytes(sent)["Message-ID"] == prepared.message_id


def test_what_reading_was_granted_is_no_surprise_only_where_it_is_known_of(
    work: Account, engine: Database
) -> None:
    work.login.expire()
    alone = open_transport(Delivery.model_validate(said(work, "sending")))
    assert alone is not None
    prepare(engine)
    [problem] = go(engine, alone).problems
    assert "Mail.Read" in problem
    assert problem.endswith("type: kithd sign-in delivery.")
    assert work.mailbox.mail.sent == []


def test_in_doubt_where_no_mailbox_can_be_asked_nothing_is_sent_again(
    work: Account, way: Transport, engine: Database
) -> None:
    prepare(engine)
    work.graph.fail_at(1, Reply(202, b"x" * 100, is_cut=True))
    [problem] = go(engine, way).problems
    assert "may have been sent" in problem
    go(engine, way, at=AT + GRACE)
    assert work.mailbox.mail.sent == []
    assert today(engine).state == "failed"


def test_a_sign_in_that_was_ended_says_what_to_type(
    work: Account, way: Transport, engine: Database
) -> None:
    prepare(engine)
    work.login.withdrawn = True
    [problem] = go(engine, way).problems
    assert problem.endswith("; type: kithd sign-in delivery.")
    assert work.mailbox.mail.sent == []
