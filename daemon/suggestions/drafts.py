"""Turns a suggestion's facts into a few honest words for the owner to start from."""

from datetime import date

from daemon.people.model import Identity, Person, PersonId
from daemon.suggestions.model import Draft, Offering, Situation, Spoken
from daemon.suggestions.wording import MAX_TITLE, first_name, quote, say_date

_REPLY_PREFIXES = ("re:", "aw:", "sv:", "antw:")


def draft_answer(spoken: Spoken, situation: Situation) -> Draft:
    """Opens an answer in the thread; what to answer is the owner's."""
    return _in_thread(spoken, situation, f"you asked: {quote(spoken.sentence)}\n\n")


def draft_kept_promise(spoken: Spoken, situation: Situation) -> Draft:
    """Opens the mail that keeps a promise, in the thread where it was made."""
    return _in_thread(spoken, situation, f"I wrote: {quote(spoken.sentence)} Here it is.\n\n")


def draft_article(offering: Offering, topic: str, when: str, who: PersonId, s: Situation) -> Draft:
    """Passes a piece on, says why in one sentence, and frees the reader from answering.

    ``topic`` came up ``when`` ("in October"), as ``wording.say_month`` puts it: a draft may
    be read long after "yesterday".
    """
    reason = f"{topic} came up between us {when}, and this piece is about it:"
    body = f"{reason}\n\n{quote(offering.title, MAX_TITLE)}\n{offering.url}\n\nNo need to reply."
    return write_draft(who, s, offering.title, body)


def draft_notes(met_on: date, summary: str, who: PersonId, situation: Situation) -> Draft:
    """Opens the mail that sends what was noted when two met."""
    about = f" ({summary})" if summary else ""
    met = f"from {say_date(met_on, situation.today)}{about}"
    return write_draft(who, situation, summary or "My notes", f"here is what I noted {met}:\n\n")


def draft_on_topic(topic: str, who: PersonId, situation: Situation) -> Draft:
    """Opens a mail on what somebody cares about."""
    body = f"{topic} came up when we were last in touch. One thing that may be of use to you:\n\n"
    return write_draft(who, situation, topic, body)


def draft_birthday(who: PersonId, situation: Situation) -> Draft:
    """Wishes a happy birthday."""
    return write_draft(who, situation, "Happy birthday", "happy birthday, and a good year to you.")


def draft_memory(years: str, said: str, who: PersonId, situation: Situation) -> Draft:
    """Recalls words that were said some years ago today."""
    body = f"{years} ago today you wrote: {said}\n\n"
    return write_draft(who, situation, f"{years} ago today", body)


def draft_first_contact(years: str, who: PersonId, situation: Situation) -> Draft:
    """Opens a mail on the day two people were first in touch."""
    body = f"it is {years} since we were first in touch. What I remember best:\n\n"
    return write_draft(who, situation, f"{years.capitalize()}", body)


def write_draft(who: PersonId, situation: Situation, subject: str, body: str) -> Draft:
    """Puts words under a greeting, to the address at which the person was last reached."""
    person = situation.people[who]
    return Draft((_reach(person, situation),), subject, f"{_greet(person)}{body}")


def _in_thread(spoken: Spoken, situation: Situation, body: str) -> Draft:
    person = situation.people[spoken.person]
    subject = spoken.subject.strip()
    if not subject.casefold().startswith(_REPLY_PREFIXES):
        subject = f"Re: {subject}" if subject else "Re: your mail"
    to = (_reach(person, situation),)
    return Draft(to, subject, f"{_greet(person)}{body}", spoken.message_id)


def _reach(person: Person, situation: Situation) -> Identity:
    return situation.reach.get(person.id, Identity(person.id))


def _greet(person: Person) -> str:
    return f"{first_name(person.name)},\n\n"
