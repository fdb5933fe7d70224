"""A seed -> a made-up year in a folder: mail, meetings, cards, feeds, and the truth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from pathlib import Path

from daemon.demo.calendar import write_calendar
from daemon.demo.cards import write_cards
from daemon.demo.endings import add_letters, load_script, rhythm_until, scripted_meetings
from daemon.demo.feeds import write_feed
from daemon.demo.mail import Letter
from daemon.demo.mailbox import write_maildir, write_mbox
from daemon.demo.noise import be_away, make_noise
from daemon.demo.people import OWNER, OWNER_ALIAS, load_cast
from daemon.demo.story import ZONE, Correspondence, Meeting, correspond
from daemon.demo.supply import print_feeds, print_newsletters
from daemon.demo.truth import write_truth

_BEGINS_AGO = 442  # days before the digest
_ARCHIVED_AGO = 160  # older mail lies in the mbox, newer in the Maildir
_AWAY = ("thabo", "marta", "hugo")


@dataclass(frozen=True, slots=True)
class DemoYear:
    """Where the made-up year lies, whose it is, and when to look at it.

    ``sources`` are what a digest is made from; ``at``, in UTC, is seven in the morning
    after the last day, where the owner lives; ``truth`` is a JSON file.
    """

    sources: tuple[Path, ...]
    owner: tuple[str, ...]
    at: datetime
    truth: Path


def write_year(folder: Path, *, seed: int = 7, ends_on: date = date(2026, 11, 20)) -> DemoYear:
    """Write fourteen months of one person's mail, meetings, cards and feeds into ``folder``.

    The same ``seed`` and ``ends_on`` give the same bytes. The folder is made if need be.

    Raises:
        FileExistsError: There is a year in it already.
    """
    digest_on = ends_on + timedelta(days=1)
    begins_on = digest_on - timedelta(days=_BEGINS_AGO)
    stories, scripted = _tell(seed, digest_on)
    personal = [letter for story in stories.values() for letter in story.letters]
    others = [
        *make_noise(seed, begins_on, digest_on),
        *print_newsletters(seed, begins_on, digest_on),
    ]
    (folder / "feeds").mkdir(parents=True)
    mail = _write_mail(folder, [*personal, *others, *_absences(stories)], digest_on)
    meetings = [*scripted, *(it for story in stories.values() for it in story.meetings)]
    cast = [story.alter for story in stories.values()]
    write_calendar(folder / "calendar.ics", meetings, cast, digest_on)
    write_cards(folder / "contacts.vcf", cast)
    feeds = [write_feed(folder / "feeds", channel) for channel in print_feeds(seed, digest_on)]
    write_truth(folder / "truth.json", stories, meetings, others, digest_on)
    return DemoYear(
        sources=(*mail, folder / "calendar.ics", folder / "contacts.vcf", *feeds),
        owner=(OWNER.email, OWNER_ALIAS.email),
        at=datetime.combine(digest_on, time(7), ZONE).astimezone(UTC),
        truth=folder / "truth.json",
    )


def _tell(seed: int, digest_on: date) -> tuple[dict[str, Correspondence], tuple[Meeting, ...]]:
    """Return everybody's year by key, and the meetings that were scripted."""
    script = load_script()
    stories = {
        alter.key: correspond(alter, seed, digest_on, rhythm_until(script, alter.key))
        for alter in load_cast()
    }
    add_letters(script, stories)
    return stories, scripted_meetings(script, stories)


def _absences(stories: Mapping[str, Correspondence]) -> list[Letter]:
    """Return the automatic replies of those who were away when the owner last wrote."""
    letters = [letter for story in stories.values() for letter in story.letters]
    absences = []
    for who in (stories[key].alter.who for key in _AWAY):
        got = [letter for letter in letters if who in letter.to]
        absences.append(be_away(max(got, key=attrgetter("at")), who))
    return absences


def _write_mail(folder: Path, letters: Iterable[Letter], digest_on: date) -> tuple[Path, Path]:
    """Write the older letters as an mbox and the newer as a Maildir; return both."""
    ordered = sorted(letters, key=attrgetter("at", "message_id"))
    newer_from = digest_on - timedelta(days=_ARCHIVED_AGO)
    maildir, mbox = folder / "mail", folder / "old.mbox.gz"
    write_maildir(maildir, [letter for letter in ordered if letter.at.date() >= newer_from])
    write_mbox(mbox, (letter for letter in ordered if letter.at.date() < newer_from))
    return maildir, mbox
