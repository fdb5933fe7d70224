"""The made-up year is the same for a seed, and readable by anybody's parser."""

import re
import xml.etree.ElementTree as ElementTree  # the file is our own: nothing hostile in it
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject

from daemon.demo.generate import DemoYear, write_year
from tests.demo.reading import Mail

OWNER = {"robin@example.org", "r.maier@example.com"}
AT_HOME = re.compile(r"(^|[.@])example\.(org|com|net)$")


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        write_year(tmp_path / name, seed=seed)
    one, two, three = (snapshot(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_a_year_is_never_written_over_another(year: DemoYear) -> None:
    with pytest.raises(FileExistsError):
        write_year(year.truth.parent)


def test_the_digest_is_due_on_the_morning_after_the_last_day(year: DemoYear) -> None:
    assert year.at == datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert set(year.owner) == OWNER
    assert all(source.exists() for source in year.sources)


def test_a_year_may_end_on_any_day(tmp_path: Path) -> None:
    leap = write_year(tmp_path / "leap", ends_on=date(2028, 2, 29))
    assert leap.at == datetime(2028, 3, 1, 6, tzinfo=UTC)


def test_every_message_parses_without_defect_and_has_a_name_of_its_own(mail: list[Mail]) -> None:
    assert 2_300 <= len(mail) <= 3_100
    assert not [it.message for it in mail if any(part.defects for part in it.message.walk())]
    names = [it.message["Message-ID"] for it in mail]
    assert len(set(names)) == len(names)


def test_nothing_is_dated_after_the_digest_and_no_line_is_too_long(
    year: DemoYear, mail: list[Mail]
) -> None:
    assert max(it.at for it in mail) < year.at.timestamp()
    for it in mail:
        assert max(map(len, it.message.as_bytes().splitlines())) <= 998


def test_the_mailbox_holds_sent_junk_and_unread_mail(year: DemoYear, mail: list[Mail]) -> None:
    maildir = year.truth.parent / "mail"
    assert len(list((maildir / "new").iterdir())) == 3
    sent = [it for it in mail if it.place == ".Sent"]
    assert len(sent) > 300
    assert all(it.author in OWNER for it in sent)
    assert all(it.author not in OWNER for it in mail if it.place in ("mail", ".Junk"))


def test_every_address_and_host_is_an_example(year: DemoYear, mail: list[Mail]) -> None:
    fields = ("From", "To", "Cc", "Reply-To", "Sender")
    found = {email for it in mail for email in it.emails(*fields)}
    for source in year.sources:
        if source.suffix in (".ics", ".vcf", ".xml"):
            text = source.read_bytes().replace(b"\r\n ", b"").decode()
            found |= set(re.findall(r"[\w.+'-]+@[\w.-]+", text))
            hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"www.w3.org"}
            assert all(AT_HOME.search(host) for host in hosts)
    assert len(found) > 60
    assert not [email for email in found if not AT_HOME.search(email)]


def test_the_calendar_parses_and_holds_every_kind_of_event(year: DemoYear) -> None:
    text = (year.truth.parent / "calendar.ics").read_bytes()
    calendar = icalendar.Calendar.from_ical(text)
    assert all(len(row) <= 75 for row in text.split(b"\r\n"))
    events: dict[str, Any] = {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}
    assert not [event for event in events.values() if event.errors]
    assert "RRULE" in events["Consortium stand-up"]
    assert len(events["Consortium stand-up"]["ATTENDEE"]) > 9
    assert events["Sail loft visit"]["STATUS"] == "CANCELLED"
    assert events["Port contract with Isabel"]["DTSTART"].dt > year.at
    answers = {str(it): it.params["PARTSTAT"] for it in events["Micro depot tour"]["ATTENDEE"]}
    assert answers["mailto:leila.haddad@example.com"] == "DECLINED"


def test_the_address_book_parses_and_knows_a_birthday_tomorrow(year: DemoYear) -> None:
    text = (year.truth.parent / "contacts.vcf").read_bytes().decode()
    cards = list(vobject.readComponents(text))
    assert len(cards) == 46
    birthdays = {card.fn.value: card.bday.value for card in cards if hasattr(card, "bday")}
    assert birthdays["Camille Girard"][4:] == "1122"
    assert len({str(card.email_list) for card in cards}) == len(cards)


def test_the_feeds_parse_and_hold_about_forty_articles(year: DemoYear) -> None:
    feeds = [source for source in year.sources if source.suffix == ".xml"]
    roots = [ElementTree.parse(path).getroot() for path in feeds]  # noqa: S314  # our own file
    atom = "{http://www.w3.org/2005/Atom}"
    assert sorted(root.tag for root in roots) == ["rss", f"{atom}feed", f"{atom}feed"]
    links = [it.text for root in roots for it in (*root.iter("guid"), *root.iter(f"{atom}id"))]
    assert len(links) == len(set(links))
    assert 35 <= len(links) <= 50
