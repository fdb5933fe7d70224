"""An export lays open what is kept, and gives nobody what a reply is proven by."""

import json
from datetime import timedelta
from quopri import decodestring

import pytest

from daemon.config.model import Delivery
from daemon.delivery.message import build_answer, message_id_for
from daemon.digest.references import token_for
from daemon.jobs.compose import compose, remember
from daemon.jobs.morning import render
from daemon.store import outbox
from daemon.store.database import Database, writing
from daemon.store.export import read_tables
from daemon.store.outbox import ANSWER, Outgoing
from daemon.suggestions.model import Rules
from tests.jobs.world import ANA, AT, BASIS, ME, days_ago, know, letter

KEY = b"k" * 32
ON = AT.date()
TOKEN = token_for(ME.email, ON, key=KEY)
DIGEST = message_id_for(ME.email, ON, key=KEY)


@pytest.fixture
def engine() -> Database:
    """A database in whose outbox a digest, an answer and a quiet day lie."""
    engine = know(
        letter("a", ME, (ANA,), at=days_ago(30)),
        letter("b", text="Could you send me the floor plan?", at=days_ago(6)),
    )
    composed = compose(engine, BASIS, at=AT, rules=Rules(), reply_to=ME.email, token=TOKEN)
    digest = render(composed, delivery=Delivery(), key=KEY, owner=ME.email)
    remember(engine, composed, digest, now=AT)
    name = "<kithd.answer.0123456789abcdef@example.org>"
    answer = build_answer(
        "Ana asked on 24 February.",
        subject="Re: kithd, Monday 2 March 2026",
        to=ME.email,
        sender=ME.email,
        message_id=name,
        in_reply_to=DIGEST,
        references=(DIGEST,),
        date=AT,
    )
    quiet = message_id_for(ME.email, ON + timedelta(days=1), key=KEY)
    with writing(engine) as tx:
        outbox.put(tx, Outgoing(name, answer, kind=ANSWER), at=AT)
        outbox.put(tx, Outgoing(quiet, b"", on=ON + timedelta(days=1), state="quiet"), at=AT)
        outbox.put(
            tx,
            Outgoing("<kithd.x@example.org>", b"no mail\xff", kind=ANSWER, problem=DIGEST),
            at=AT,
        )
    return engine


def test_an_export_holds_no_token_that_a_reply_could_be_proven_by(engine: Database) -> None:
    with engine.connect() as connection:
        kept = b"".join(one.message for one in outbox.read_unsent(connection, at=AT))
    assert decodestring(kept).count(TOKEN.encode()) > 3  # links, identifiers: it is a real digest
    exported = json.dumps(read_tables(engine), default=str)
    following = token_for(ME.email, ON + timedelta(days=1), key=KEY)
    for written in (exported, decodestring(exported.encode()).decode()):
        assert TOKEN not in written.lower()
        assert following not in written.lower()
        assert TOKEN[:8] not in written.lower()  # nor a half, broken over two lines
        assert TOKEN[8:] not in written.lower()


def test_an_export_says_which_mails_there_were_and_what_they_were_about(engine: Database) -> None:
    by_id = {row["message_id"]: row for row in read_tables(engine)["outbox"]}
    assert "Ana" in by_id[f"<kithd.{ON}@example.org>"]["subject"]
    told = by_id["<kithd.answer.0123456789abcdef@example.org>"]
    assert told["subject"] == "Re: kithd, Monday 2 March 2026"
    assert by_id[f"<kithd.{ON + timedelta(days=1)}@example.org>"]["subject"] == ""
    assert not any("message" in row for row in by_id.values())
