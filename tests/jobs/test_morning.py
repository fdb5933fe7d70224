"""A morning has one mail, or none, and says each thing once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from daemon.config.model import Delivery
from daemon.digest.references import find_in_id, find_in_subject, is_genuine
from daemon.jobs import morning
from daemon.jobs.compose import compose, remember
from daemon.jobs.deliver import deliver_due
from daemon.jobs.obey import obey
from daemon.store import offers, outbox, sources
from daemon.store.database import Database
from daemon.store.outbox import Outgoing
from daemon.suggestions.model import Rules
from tests.jobs.posting import ASKED, KEY
from tests.jobs.world import AT, BASIS, ME, days_ago, know, letter, open_world

ON = AT.date()
DAY = timedelta(days=1)
REPLIES = "mara+kithd@example.org"
SHORT = Rules(person_cooldown_days=0)


def prepare(engine: Database, at: datetime = AT, *, pulse_days: int = 7, **changed: object) -> str:
    given = {"delivery": Delivery(), "reply_to": REPLIES, "rules": SHORT, "basis": BASIS}
    given |= changed
    return morning.prepare(
        engine,
        at=at,
        key=KEY,
        owner=ME.email,
        pulse_days=pulse_days,
        **given,  # type: ignore[arg-type]  # as above
    )


def row(engine: Database, on: date = ON) -> Outgoing | None:
    with engine.connect() as connection:
        return outbox.read_outgoing(connection, on)


def mail(engine: Database, on: date = ON) -> EmailMessage:
    found = row(engine, on)
    assert found is not None
    parsed = message_from_bytes(found.message, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def text(engine: Database, on: date = ON) -> str:
    part = mail(engine, on).get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


class Box:
    """A way on which everything arrives."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:
        assert message_id
        assert sender == to == ME.email
        self.mails.append(message)
        return True

    def check(self) -> None:
        return None


def send(engine: Database, at: datetime = AT) -> int:
    return deliver_due(engine, Box(), at=at, sender=ME.email, to=ME.email).n_sent


def test_a_digest_is_prepared_once_with_what_stands_in_it() -> None:
    engine = know(*ASKED)
    assert prepare(engine) == "digest"
    first = row(engine)
    assert prepare(engine, AT + timedelta(hours=2)) == "made"
    assert row(engine) == first
    with engine.connect() as connection:
        assert [o.who for o in offers.read_last(connection, ON)] == ["Ana Diaz"]


def test_its_links_its_headers_and_its_id_carry_the_token_of_the_day() -> None:
    engine = know(*ASKED)
    prepare(engine)
    message = mail(engine)
    [by_id] = find_in_id(message["Message-ID"])
    assert by_id.on == ON
    assert is_genuine(by_id, ME.email, key=KEY)
    assert not is_genuine(by_id, ME.email, key=b"x" * 32)
    html = message.get_body(("html",))
    assert html is not None
    assert f"kithd%20{ON}%20{by_id.token}" in html.get_content()
    assert message["Reply-To"] == REPLIES
    assert message["From"] == f"kithd <{ME.email}>"
    unsubscribe = str(message["List-Unsubscribe"])
    assert by_id.token in unsubscribe
    assert list(find_in_subject(f"Re: kithd {ON} {by_id.token}")) == [by_id]
    assert "Reply with “done 1”" in text(engine)


def test_it_goes_where_the_settings_say_and_is_from_whom_they_say() -> None:
    engine = know(*ASKED)
    elsewhere = Delivery(to="mara@example.net", sender="robot@example.net")
    prepare(engine, delivery=elsewhere)
    assert mail(engine)["To"] == "mara@example.net"
    assert mail(engine)["From"] == "kithd <robot@example.net>"
    assert morning.envelope(elsewhere, ME.email) == ("robot@example.net", "mara@example.net")


def test_the_day_is_the_owners() -> None:
    engine = know(*ASKED)
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    basis = replace(BASIS, zone=ZoneInfo("Europe/Warsaw"))
    assert prepare(engine, late, basis=basis) == "digest"
    assert row(engine) is None
    assert mail(engine, date(2026, 3, 3))["Date"] == "Tue, 03 Mar 2026 00:30:00 +0100"


def test_an_hour_that_comes_twice_brings_one_digest() -> None:
    engine = know(*ASKED, at=datetime(2026, 10, 25, tzinfo=UTC))
    basis = replace(BASIS, zone=ZoneInfo("Europe/Warsaw"))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, and an hour later 02:30 again
    assert prepare(engine, first, basis=basis) != "made"
    assert prepare(engine, first + timedelta(hours=1), basis=basis) == "made"


def test_nothing_to_say_is_kept_as_said_and_not_asked_again() -> None:
    engine = open_world()
    assert prepare(engine) == "quiet"
    assert prepare(engine) == "made"
    found = row(engine)
    assert found is not None
    assert (found.state, found.message) == ("quiet", b"")
    assert send(engine) == 0


def test_a_quiet_morning_stays_so_whatever_comes_in_the_day() -> None:
    engine = open_world()
    prepare(engine)
    know(*ASKED, engine=engine)
    assert prepare(engine, AT + timedelta(hours=1)) == "made"
    found = row(engine)
    assert found is not None
    assert found.state == "quiet"


def test_a_quiet_day_that_has_news_later_can_still_be_sent_by_hand() -> None:
    engine = open_world()
    prepare(engine)
    know(*ASKED, engine=engine)
    composed = compose(engine, BASIS, at=AT, rules=SHORT)
    outgoing = morning.render(composed, delivery=Delivery(), key=KEY, owner=ME.email)
    assert remember(engine, composed, outgoing, now=AT)
    assert send(engine) == 1


def test_after_a_quiet_week_one_short_mail_shows_that_it_lives() -> None:
    engine = open_world()
    said = [prepare(engine, AT + n * DAY) for n in range(7)]
    assert said == ["quiet"] * 7
    assert prepare(engine, AT + 7 * DAY) == "pulse"
    assert send(engine, AT + 7 * DAY) == 1
    message = mail(engine, ON + 7 * DAY)
    assert message["Subject"] == "kithd: nothing to give this week, all is well"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [prepare(engine, AT + n * DAY) for n in range(8, 15)] == [*["quiet"] * 6, "pulse"]


def test_a_digest_makes_the_week_begin_anew() -> None:
    engine = know(*ASKED)
    prepare(engine)
    send(engine)
    obey(engine, "done 1", origin="<r@example.org>", at=AT, today=ON)
    said = [prepare(engine, AT + n * DAY) for n in range(1, 8)]
    assert said == [*["quiet"] * 6, "pulse"]


def test_no_sign_of_life_where_none_is_wanted() -> None:
    engine = open_world()
    assert {prepare(engine, AT + n * DAY, pulse_days=0) for n in range(20)} == {"quiet"}


def test_a_sign_of_life_says_what_needs_the_owner_and_what_to_type() -> None:
    engine = open_world("calendar")
    prepare(engine)
    sources.stop(engine, "calendar", needs="its password was refused")
    assert prepare(engine, AT + 7 * DAY) == "pulse"
    assert mail(engine, ON + 7 * DAY)["Subject"] == (
        "kithd: nothing to give this week; one thing needs you"
    )
    said = text(engine, ON + 7 * DAY)
    assert "something needs you: see below" in said
    assert (
        "Calendar: its password was refused. When that is put right, type: kithd poll calendar."
    ) in said


@pytest.mark.parametrize(("words", "days"), [("pause 1w", 7), ("pause 3d", 3)])
def test_a_pause_is_kept_and_ends_by_itself(words: str, days: int) -> None:
    engine = know(*ASKED)
    obey(engine, words, origin="<p@example.org>", at=AT, today=ON)
    said = [prepare(engine, AT + n * DAY) for n in range(days + 1)]
    assert said == [*["paused"] * days, "digest"]
    assert prepare(engine, AT) == "made"


def test_a_pause_that_was_ended_is_over() -> None:
    engine = know(*ASKED)
    obey(engine, "pause 1w", origin="<p@example.org>", at=AT, today=ON)
    soon = AT + timedelta(minutes=1)
    obey(engine, "resume", origin="<q@example.org>", at=soon, today=ON)
    assert prepare(engine, soon) == "digest"


def test_what_was_answered_is_noted_in_the_next_digest_and_only_there() -> None:
    engine = know(*ASKED, letter("c", text="Could you send me the rent?", at=days_ago(5)))
    prepare(engine)
    send(engine)
    assert "Noted" not in text(engine)
    later = AT + timedelta(hours=3)
    obey(engine, "snooze 1 1d", origin="<r@example.org>", at=later, today=ON)
    assert prepare(engine, AT + DAY) == "digest"
    assert "Noted since the last digest: 1 put off." in text(engine, ON + DAY)
    send(engine, AT + DAY)
    assert prepare(engine, AT + 2 * DAY) == "digest"
    assert "Noted" not in text(engine, ON + 2 * DAY)


def test_what_was_taken_back_is_not_noted() -> None:
    engine = know(*ASKED)
    prepare(engine)
    later = AT + timedelta(hours=3)
    for n, words in enumerate(("done 1", "undo 1")):
        at = later + timedelta(minutes=n)
        obey(engine, words, origin=f"<{n}@example.org>", at=at, today=ON)
    prepare(engine, AT + DAY)
    assert "Noted" not in text(engine, ON + DAY)


def test_a_digest_that_failed_is_told_by_the_next_one() -> None:
    engine = know(*ASKED)
    prepare(engine)
    found = row(engine)
    assert found is not None
    outbox.give_up(engine, found.message_id, problem="it was refused", at=AT, before="ready")
    prepare(engine, AT + DAY)
    assert "Monday 2 March 2026 may not have reached you: it was refused." in text(engine, ON + DAY)
    send(engine, AT + DAY)
    prepare(engine, AT + 2 * DAY)
    assert "may not have reached you" not in text(engine, ON + 2 * DAY)


def test_the_first_one_says_what_is_read() -> None:
    engine = know(*ASKED)
    prepare(engine, keeps_at="/srv/kithd")
    assert "Welcome. kithd reads s to see whom you are in touch with" in text(engine)
    assert "in /srv/kithd" in text(engine)


def test_the_mail_and_the_numbers_in_it_are_kept_together_or_not_at_all() -> None:
    engine = know(*ASKED)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON offers BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(IntegrityError, match="full"):
        prepare(engine)
    assert row(engine) is None
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert prepare(engine) == "digest"
