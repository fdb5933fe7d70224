"""A reply becomes decisions once, and an answer only where there is something to say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.observations import Mark
from daemon.interactions.model import Ego
from daemon.jobs.answer import MAX_A_DAY, NO_MORE, Answered
from daemon.jobs.compose import compose, remember
from daemon.jobs.glean import glean
from daemon.jobs.refresh import derive
from daemon.store import offers, replies, schema
from daemon.store.database import Database, open_copy, save_copy, writing
from daemon.suggestions.model import Done, NotThis, Rules, Snoozed
from tests.core.commands.forgeries import FORGERIES
from tests.core.commands.mails import (
    AT,
    DIGEST,
    HEAD,
    ON,
    OWNER,
    QUOTE,
    TOKEN,
    Mail,
    as_subject,
    forge,
    in_sent,
)
from tests.core.commands.programs import GENUINE
from tests.jobs.desk import (
    BASIS,
    MAREK,
    SANA,
    decided,
    obey_all,
    open_database,
    receive,
    states,
    stored,
    take,
    told,
)
from tests.jobs.world import ANA, BEN, CEM, ME, letter

WRITTEN_AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
ASKS = "Could you send me the floor plan by Friday?"


@pytest.fixture
def engine() -> Database:
    return open_database()


# --- Whom it obeys


def named_apart(mails: dict[str, Mail]) -> list[Mail]:
    """The same mails, each with a Message-ID and a second of its own."""

    def rename(n: int, raw: bytes) -> bytes:
        date = format_datetime(WRITTEN_AT + timedelta(seconds=n)).encode()
        return raw.replace(b"<reply-1@", b"<r%d@" % n).replace(HEAD["Date"].encode(), date)

    return [replace(one, raw=rename(n, one.raw)) for n, one in enumerate(mails.values())]


def test_of_all_forgeries_none_decides_anything_or_is_answered(engine: Database) -> None:
    receive(engine, *named_apart(FORGERIES))
    assert obey_all(engine) == Answered(0, 0)
    assert decided(engine) == []
    assert told(engine) == []
    assert set(states(engine)) == {("refused", "")}
    with engine.connect() as connection:
        counts = replies.count_refused(connection)
    assert sum(counts.values()) >= 60
    assert len(counts) >= 9
    assert not any("@" in reason for reason in counts)


def test_the_owners_replies_do_what_they_say(engine: Database) -> None:
    receive(engine, *named_apart(GENUINE))
    assert obey_all(engine) == Answered(len(GENUINE), 0)
    found = decided(engine)
    snoozed = [one for one in found if isinstance(one, Snoozed)]
    seconds = [WRITTEN_AT + timedelta(seconds=n) for n in range(len(GENUINE))]
    assert found[0::2] == [Done(SANA, second) for second in seconds]
    assert found[1::2] == snoozed
    assert {(one.key, one.until) for one in snoozed} == {(MAREK, ON + timedelta(weeks=2))}
    assert set(states(engine)) == {("obeyed", "")}


def test_an_item_that_is_not_in_the_digest_decides_nothing(engine: Database) -> None:
    receive(engine, in_sent("done 7\n"))
    assert obey_all(engine) == Answered(1, 1)
    assert decided(engine) == []
    assert "There is no item 7" in told(engine)[0].get_content()


def test_without_trust_no_reply_is_kept() -> None:
    message = in_sent("done 1\n").read()
    gleaned = glean([message], Ego(BASIS.addresses), at=AT, source="mail")
    assert gleaned.replies == ()


# --- Once


def test_two_copies_of_a_reply_act_once(engine: Database) -> None:
    receive(engine, in_sent("note 1 likes tea\n"), forge("note 1 likes tea\n"))
    assert obey_all(engine) == Answered(1, 0)
    receive(engine, in_sent("note 1 likes tea\n"))
    assert obey_all(engine) == Answered(0, 0)
    assert len(decided(engine)) == 1


REWRITTEN = "<0102-rewritten@relay.example.net>"


@pytest.mark.parametrize("first_name", [REWRITTEN, ""])
def test_two_copies_of_a_reply_act_once_whatever_a_relay_calls_one(
    engine: Database, first_name: str
) -> None:
    words = 'gave 1 "a book"\n'
    receive(engine, forge(words, Message_ID=first_name), in_sent(words))
    assert obey_all(engine) == Answered(1, 0)
    receive(engine, in_sent(words), forge(words, Message_ID=REWRITTEN))
    assert obey_all(engine) == Answered(0, 0)
    assert len(decided(engine)) == 1


def test_an_undo_of_which_there_are_two_copies_takes_one_thing_back(engine: Database) -> None:
    receive(engine, in_sent("note 1 likes tea\nnote 1 likes jam\n"))
    undo = {"Date": "Sat, 21 Nov 2026 09:40:00 +0100"}
    receive(engine, in_sent("undo 1\n", Message_ID="<undo@example.org>", **undo))
    receive(engine, forge("undo 1\n", Message_ID=REWRITTEN, **undo))
    assert obey_all(engine) == Answered(2, 0)
    assert [type(one).__name__ for one in decided(engine)].count("Undo") == 1


def test_the_same_words_in_another_mail_a_second_later_act_again(engine: Database) -> None:
    again = {"Message_ID": REWRITTEN, "Date": "Sat, 21 Nov 2026 09:30:01 +0100"}
    receive(engine, in_sent('gave 1 "a book"\n'), in_sent('gave 1 "a book"\n', **again))
    assert obey_all(engine) == Answered(2, 0)
    assert len(decided(engine)) == 2


def test_other_words_of_the_same_second_act_too(engine: Database) -> None:
    receive(engine, in_sent("done 1\n"), in_sent("not 2\n", Message_ID=REWRITTEN))
    assert obey_all(engine) == Answered(2, 0)


def test_copies_of_a_reply_from_a_wrong_clock_act_once_however_late_they_come(
    engine: Database,
) -> None:
    wrong = {"Date": "Sat, 21 Nov 2026 14:00:00 +0000"}
    receive(engine, in_sent('gave 1 "a book"\n', **wrong))
    late = forge('gave 1 "a book"\n', Message_ID=REWRITTEN, **wrong)
    receive(engine, replace(late, at=AT + timedelta(minutes=9)))
    assert obey_all(engine) == Answered(1, 0)


def test_a_copy_that_proves_nothing_does_not_stand_in_the_way(engine: Database) -> None:
    unproven = forge("done 1\n", Authentication_Results="")
    receive(engine, unproven)
    assert obey_all(engine) == Answered(0, 0)
    receive(engine, in_sent("done 1\n"), unproven)
    assert obey_all(engine) == Answered(1, 0)
    assert len(decided(engine)) == 1


def test_a_copy_without_a_name_acts_once_too(engine: Database) -> None:
    mail = in_sent("note 1 likes tea\nwhy 1\n", Message_ID="")
    receive(engine, mail, mail)
    assert obey_all(engine) == Answered(1, 1)
    receive(engine, mail)
    assert obey_all(engine) == Answered(0, 0)
    assert len(decided(engine)) == 1
    assert told(engine)[0]["In-Reply-To"] is None


def test_a_replay_after_a_month_changes_nothing(engine: Database) -> None:
    receive(engine, in_sent("done 1\n"))
    obey_all(engine)
    later = AT + timedelta(days=30)
    again = in_sent("not 2\n", Message_ID="<another@example.org>")
    receive(engine, *(replace(one, at=later) for one in (in_sent("done 1\n"), again)))
    assert obey_all(engine, at=later) == Answered(0, 0)
    assert [type(one) for one in decided(engine)] == [Done]


def test_of_two_who_obey_the_same_reply_one_answers_it(engine: Database) -> None:
    receive(engine, in_sent("why 1\n"))
    with writing(engine) as tx:
        assert replies.mark_obeyed(tx, "reply-1@example.org")
        assert not replies.mark_obeyed(tx, "reply-1@example.org")


def test_replies_are_obeyed_in_the_order_they_were_written(engine: Database) -> None:
    late = in_sent("undo 1\n", Message_ID="<b@x>", Date="Sat, 21 Nov 2026 09:40:00 +0000")
    early = in_sent("done 1\n", Message_ID="<c@x>", Date="Sat, 21 Nov 2026 09:35:00 +0000")
    receive(engine, late, early)
    obey_all(engine)
    assert [type(one).__name__ for one in decided(engine)] == ["Done", "Undo"]


def test_a_reply_from_a_wrong_clock_is_as_if_written_now(engine: Database) -> None:
    receive(engine, in_sent("done 1\n", Date="Sat, 21 Nov 2026 14:00:00 +0000"))
    obey_all(engine)
    (done,) = decided(engine)
    assert isinstance(done, Done)
    assert done.decided_at == AT


class _KilledError(Exception):
    """Stands for a power cut."""


def kill_at(engine: Database, n: int) -> Callable[[], None]:
    """Cut the power at the n-th statement that writes; return how to put it on again.

    Reads change nothing: to be killed at one is to be killed at the next write.
    """
    count = 0

    def count_down(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal count
        count += not statement.startswith("SELECT")
        if count == n and n:
            raise _KilledError

    sa.event.listen(engine, "before_cursor_execute", count_down)
    return lambda: sa.event.remove(engine, "before_cursor_execute", count_down)


SPOKEN = "done 1\nwhy 2\nnote 2 likes tea\nsnoze 2 2w\nnever 2\nmore\n"


def test_killed_at_any_statement_it_ends_as_if_it_had_not_been(
    engine: Database, tmp_path: Path
) -> None:
    receive(engine, in_sent(SPOKEN))
    derive(engine, BASIS, at=AT)
    save_copy(engine, tmp_path / "before.db")

    def run(n: int) -> tuple[bool, Any]:
        engine = open_copy(tmp_path / "before.db")
        revive, was_killed = kill_at(engine, n), False
        try:
            obey_all(engine)
        except _KilledError:
            was_killed = True
        revive()
        obey_all(engine)
        with engine.connect() as connection:
            sent = connection.execute(sa.select(schema.outbox)).all()
            kept = connection.execute(sa.select(schema.decisions)).all()
        return was_killed, (states(engine), [tuple(row) for row in (*kept, *sent)])

    _, undisturbed = run(0)
    n, was_killed = 0, True
    while was_killed:
        n += 1
        was_killed, end = run(n)
        assert end == undisturbed, n
    assert n > 15


# --- What is said


def test_a_plain_done_says_nothing(engine: Database) -> None:
    receive(engine, in_sent("done 1; not 2\n"))
    assert obey_all(engine) == Answered(1, 0)
    assert [type(one) for one in decided(engine)] == [Done, NotThis]
    assert told(engine) == []


def test_the_answer_is_one_short_mail_to_the_owner_in_the_thread(engine: Database) -> None:
    receive(engine, in_sent(f"why 1\ndoen 2\nnever 2\ndone 1\n{QUOTE}"))
    assert obey_all(engine) == Answered(1, 1)
    (mail,) = told(engine)
    assert mail["To"] == OWNER
    assert mail["Subject"] == "Re: kithd, Saturday 21 November 2026"
    assert mail["In-Reply-To"] == "<reply-1@example.org>"
    assert mail["References"].split() == [DIGEST, "<reply-1@example.org>"]
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Reply-To"] == OWNER
    text = " ".join(mail.get_content().split())
    assert "she asked." in text
    assert "Not understood: “doen 2”. The nearest command is: done 2" in text
    assert "never 2 yes" in text
    assert "Noted as done" not in text
    assert len(mail.get_content()) < 1000


def test_a_question_is_asked_back_once_and_its_answer_is_obeyed(engine: Database) -> None:
    receive(engine, in_sent("never 1\n"))
    assert obey_all(engine) == Answered(1, 1)
    assert decided(engine) == []
    (asked,) = told(engine)
    reply = {"In_Reply_To": asked["Message-ID"], "References": asked["References"]}
    receive(engine, in_sent("never 1 yes\n", Message_ID="<yes@example.org>", **reply))
    assert obey_all(engine) == Answered(1, 0)
    assert [type(one).__name__ for one in decided(engine)] == ["Never"]


def test_the_answer_is_known_for_the_daemons_own_and_answers_nothing(engine: Database) -> None:
    receive(engine, in_sent("why 1\n"))
    obey_all(engine)
    returned = Mail(told(engine)[0].as_bytes())
    assert Mark.KITHD in returned.read().marks
    receive(engine, returned)
    assert len(states(engine)) == 1
    assert obey_all(engine) == Answered(0, 0)


def test_whatever_answers_the_answers_is_not_answered_for_ever(engine: Database) -> None:
    for n in range(MAX_A_DAY + 6):
        date = format_datetime(WRITTEN_AT + timedelta(seconds=n))
        receive(engine, in_sent("I am away\n", Message_ID=f"<{n}@example.org>", Date=date))
        obey_all(engine)
    assert len(told(engine)) == MAX_A_DAY


def test_more_is_numbered_on_from_the_digest_and_can_be_answered(engine: Database) -> None:
    letters = [
        letter(f"{n}@example.com", by, to, at=AT - timedelta(days=days), text=text)
        for n, (by, to, days, text) in enumerate(
            exchange
            for friend in (ANA, BEN, CEM)
            for exchange in ((ME, [friend], 30, ""), (friend, [ME], 6, ASKS))
        )
    ]
    take(engine, letters, Mail(b""))
    derive(engine, BASIS, at=AT)
    wide = compose(engine, BASIS, at=AT, rules=Rules(budget=2))
    last = replace(wide.offers[1], ref=1)
    remember(engine, replace(wide, offers=(last,)), now=AT - timedelta(hours=5))

    receive(engine, in_sent("more\n"))
    assert obey_all(engine, budget=1) == Answered(1, 1)
    with engine.connect() as connection:
        shown, further = offers.read_last(connection, ON)
        shown_at = offers.last_shown_at(connection, before=ON + timedelta(days=1))
    assert shown_at == AT - timedelta(hours=5)  # so that decisions are confirmed from there on
    assert (shown.ref, shown.key) == (1, last.key)
    assert (further.ref, further.kind) == (2, "reply")
    text = told(engine)[0].get_content()
    assert f"2. {further.who}" in text
    assert shown.who not in text

    receive(engine, in_sent("done 2; not 1\n", Message_ID="<second@example.org>"))
    obey_all(engine, budget=1)
    done, refused = decided(engine)
    assert isinstance(done, Done)
    assert done.key == further.key
    assert isinstance(refused, NotThis)
    assert refused.key == shown.key


def test_there_may_be_nothing_more(engine: Database) -> None:
    receive(engine, in_sent("more\n"))
    assert obey_all(engine) == Answered(1, 1)
    assert NO_MORE in told(engine)[0].get_content()


# --- What is kept


def test_neither_text_nor_token_of_a_reply_is_kept(engine: Database) -> None:
    mails = named_apart(GENUINE | FORGERIES)
    receive(engine, *(replace(m, raw=m.raw.replace(b"Two things", b"canary")) for m in mails))
    obey_all(engine)
    kept = stored(engine)
    assert TOKEN not in kept
    assert "canary" not in kept
    assert "done 1" not in kept


def test_a_reply_is_no_contact_and_says_nothing_about_anybody(engine: Database) -> None:
    receive(engine, in_sent("note 1 could you send me the plan by Friday?\n"))
    obey_all(engine)
    with engine.connect() as connection:
        for table in (schema.interactions, schema.cues, schema.said):
            assert connection.execute(sa.select(table)).all() == []


def test_a_link_opens_a_mail_that_is_obeyed(engine: Database) -> None:
    receive(engine, in_sent("snooze 1 2d", **as_subject(TOKEN)))
    assert obey_all(engine) == Answered(1, 0)
