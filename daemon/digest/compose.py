"""Chosen suggestions, and how things stand -> a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from daemon.digest import rhythm, sentences, subject, words
from daemon.digest.model import Funnel, Item, Network, Page, SourceLine, Undelivered
from daemon.digest.safe import NAME_CHARS, line
from daemon.people.model import Person, PersonId
from daemon.suggestions.model import Lane, Suggestion
from daemon.suggestions.wording import join_names
from daemon.ties.model import State, Tie
from daemon.ties.sentence import say_short


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the people on the page, on the owner's local date ``on``."""

    on: date
    people: Mapping[PersonId, Person]
    ties: Mapping[PersonId, Tie]
    days: Mapping[PersonId, Sequence[date]]

    def name(self, person: PersonId) -> str:
        known = self.people.get(person)
        return line(known.name if known else person, NAME_CHARS)


def compose(
    suggestions: Sequence[Suggestion],
    *,
    at: datetime,
    zone: ZoneInfo,
    people: Mapping[PersonId, Person],
    ties: Mapping[PersonId, Tie],
    days: Mapping[PersonId, Sequence[date]],
    network: Network,
    funnel: Funnel,
    sources: Sequence[SourceLine],
    is_first: bool,
    keeps_at: str = "",
    answer_with: str = "",
    reply_to: str = "",
    token: str = "",
    noted: Mapping[str, int] | None = None,
    undelivered: Sequence[Undelivered] = (),
    numbers: Mapping[str, int] | None = None,
) -> Page:
    """Return the page that offers ``suggestions`` on the owner's local date.

    Items are numbered from 1 in the order they are read, lane by lane, and keep the given
    order within a lane; ``numbers`` are those that keys have already, and keep, in a mail of
    that day. ``at`` is aware; ``days`` holds the days of contact with each person, in any
    order; ``token`` is what replies prove by (see ``references``), empty for none.
    """
    on = at.astimezone(zone).date()
    known = _Known(on, people, ties, days)
    items = tuple(_make_item(ref, s, known) for ref, s in _number(suggestions, numbers or {}))
    return Page(
        at=at,
        on=on,
        zone=zone,
        subject=subject.say_subject(items),
        preheader=subject.say_preheader(items),
        items=items,
        network=network,
        funnel=funnel,
        sources=tuple(sources),
        is_first=is_first,
        keeps_at=keeps_at,
        answer_with=answer_with,
        reply_to=reply_to,
        token=token,
        noted=noted or {},
        undelivered=tuple(undelivered),
    )


def as_pulse(page: Page, days: int) -> Page:
    """Return a page without items as the sign of life that is sent after ``days`` without one."""
    pulse = replace(page, pulse_days=days)
    return replace(
        pulse, subject=sentences.say_pulse_subject(pulse), preheader=sentences.say_proof(pulse)
    )


def _number(
    suggestions: Sequence[Suggestion], mailed: Mapping[str, int]
) -> list[tuple[int, Suggestion]]:
    """A number in a mail means one thing: what is new gets the numbers after it."""
    last = max(mailed.values(), default=0)
    in_order = sorted(
        suggestions, key=lambda s: (words.LANES.index(s.lane), mailed.get(s.key, last + 1))
    )
    fresh = count(last + 1)
    return [(mailed[s.key] if s.key in mailed else next(fresh), s) for s in in_order]


def _make_item(ref: int, suggestion: Suggestion, known: _Known) -> Item:
    names = tuple(known.name(person) for person in suggestion.people)
    tie = _telling_tie(suggestion, known)
    return Item(
        ref=ref,
        key=suggestion.key,
        kind=suggestion.kind,
        value=suggestion.value.value,
        direction=suggestion.way.value,
        lane=suggestion.lane,
        people=names,
        who=join_names(names),
        state=words.STATE_WORDS[tie.state] if tie else "",
        says=_say_tie(tie, names, suggestion.people) if tie else "",
        action=suggestion.action,
        why=suggestion.why,
        evidence=suggestion.evidence,
        minutes=suggestion.minutes,
        draft=suggestion.draft,
        url=suggestion.url,
        rhythm=rhythm.trace(known.days.get(tie.alter, ()), on=known.on) if tie else None,
    )


def _telling_tie(suggestion: Suggestion, known: _Known) -> Tie | None:
    """Of several people, the one whose tie stands worst: that is what the page should tell.

    What is owed is owed whatever the tie: there it would only read as a reproach.
    """
    if suggestion.lane is Lane.OWE:
        return None
    ties = [known.ties[person] for person in suggestion.people if person in known.ties]
    return max(ties, key=lambda tie: list(State).index(tie.state)) if ties else None


def _say_tie(tie: Tie, names: Sequence[str], people: Sequence[PersonId]) -> str:
    said = say_short(tie)
    if len(names) == 1 or not said:
        return said
    return f"{words.call_names(names)[people.index(tie.alter)]}: {said}"
