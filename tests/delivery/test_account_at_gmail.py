"""The digest goes out through Gmail's own interface, and a lost answer brings no second one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from pathlib import Path

import pytest

from connectors.credentials.secrets import Secret
from daemon.config.model import Delivery
from daemon.delivery.transport import Refused, Transport, open_transport
from daemon.jobs.deliver import GRACE, Find
from daemon.jobs.look_for import look_in
from daemon.store.database import Database
from daemon.store.sources import Source
from tests.jobs.posting import ASKED, go, prepare, today
from tests.jobs.world import AT, BASIS, ME, know
from tests.servers.api import Call, Reply, Served
from tests.servers.gmail import SCOPES, Gmail, open_gmail
from tests.servers.google_accounts import Accounts, kept, open_accounts
from tests.servers.google_api import Hours

CUT = Reply(200, b"{" * 100, is_cut=True)


@dataclass(frozen=True)
class Post:
    """An account at Gmail: a way out, a look into its mailbox, and the service itself."""

    way: Transport
    find: Find
    gmail: Gmail
    served: Served
    accounts: Accounts

    @property
    def ids(self) -> list[str]:
        """The names that Gmail gave what lies in the inbox."""
        inbox = [one.raw for one in self.gmail.mailbox.newest_first() if "INBOX" in one.labels]
        return [str(message_from_bytes(raw)["Message-ID"]) for raw in inbox]

    def answer_is_lost(self, *, is_taken: bool) -> None:
        """Let the next mail be taken, or not, and its answer be lost."""

        def lose(call: Call) -> Reply | None:
            if not call.path.endswith("/send"):
                return None
            self.served.faults.clear()
            return replace(self.gmail.answer(call), is_cut=True) if is_taken else CUT

        self.served.faults.append(lose)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    clock = Hours()
    for name in ("sending", "reading"):
        (tmp_path / name).mkdir()
    with open_accounts(clock=clock) as accounts, open_gmail(accounts, clock) as (gmail, served):
        gmail.mailbox.address = ME.email
        place = {"url": f"{served.url}/", "allow_private": True}
        sending, client = kept(tmp_path / "sending", accounts, [f"{SCOPES}send"])
        said = {"kind": "gmail", "secret": sending.reference, "client_file": client, **place}
        way = open_transport(Delivery.model_validate(said))
        reading, client = kept(tmp_path / "reading", accounts, [f"{SCOPES}readonly"])
        given = {"secret": Secret(reading.reference), "client_file": client, **place}
        find = look_in([Source("gmail", "gmail", "gmail", "text", given=given)], BASIS)
        assert way is not None
        assert find is not None
        yield Post(way, find, gmail, served, accounts)


@pytest.fixture
def engine() -> Database:
    return know(*ASKED)


def test_the_digest_arrives_once_and_keeps_what_an_answer_is_known_by(
    post: Post, engine: Database
) -> None:
    prepared = prepare(engine)
    assert go(engine, post.way, find=post.find).n_sent == 1
    assert go(engine, post.way, find=post.find).n_sent == 0
    assert len(post.ids) == 1
    assert prepared.message_id not in post.ids
    [sent] = post.gmail.sent
    assert prepared.message_id in str(message_from_bytes(sent)["References"])
    post.way.check()


def test_a_digest_that_was_taken_is_found_though_gmail_gave_it_another_name(
    post: Post, engine: Database
) -> None:
    prepare(engine)
    post.answer_is_lost(is_taken=True)
    [problem] = go(engine, post.way, find=post.find).problems
    assert "may have been sent" in problem
    go(engine, post.way, at=AT + GRACE, find=post.find)
    assert (len(post.gmail.sent), today(engine).state) == (1, "sent")


def test_a_digest_that_was_not_taken_is_sent_after_a_while(post: Post, engine: Database) -> None:
    prepare(engine)
    post.answer_is_lost(is_taken=False)
    [problem] = go(engine, post.way, find=post.find).problems
    assert "may have been sent" in problem
    go(engine, post.way, at=AT + GRACE, find=post.find)
    assert (len(post.gmail.sent), today(engine).state) == (1, "sent")


def test_a_sign_in_that_was_taken_back_says_what_to_type(post: Post, engine: Database) -> None:
    prepare(engine)
    post.accounts.revoke_all()
    [problem] = go(engine, post.way, find=post.find).problems
    assert problem.endswith("; type: kithd sign-in delivery.")
    with pytest.raises(Refused, match="type: kithd sign-in delivery"):
        post.way.check()
    assert post.gmail.sent == []
