"""A page -> the sentences around its items, the same in text and in HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.digest import subject, words
from daemon.digest.model import Item, Network, Page, Quiet, SourceLine
from daemon.digest.safe import cut
from daemon.digest.subject import PREHEADER_CHARS, say_minutes
from daemon.suggestions.model import Evidence, Lane
from daemon.suggestions.wording import join_names
from daemon.ties.model import State

_QUOTES = 2
"""Two witnesses make a reason; more make a transcript."""

_MINUS = "\N{MINUS SIGN}"
"""A screen reader says "minus"; a hyphen it reads as "dash" or not at all."""

_NAMES = 5
"""More names in one sentence are a list that nobody reads."""

_SHOWN_STATES = (State.ACTIVE, State.COOLING, State.FADING)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many ties are in one state, and the change in a week: "+1", or empty where none."""

    label: str
    n: int
    change: str


def say_title(page: Page) -> str:
    """Return what stands over the page: its news, or that there was none."""
    if not page.pulse_days:
        return subject.say_title(page.items)
    return f"Nothing to give {words.say_period(page.pulse_days)}"


def say_pulse_subject(page: Page) -> str:
    """Return the subject of a sign of life, which says whether the owner has to do anything."""
    n = len(list_needs(page))
    rest = f"; {words.say_count(n, 'thing needs', 'things need')} you" if n else ", all is well"
    return f"kithd: nothing to give {words.say_period(page.pulse_days)}{rest}"


def say_proof(page: Page) -> str:
    """Return what shows that the service lives, in at most 90 characters: for the pre-header."""
    standings = [f"{s.n:,} {s.label}" for s in list_standings(page.network)]
    ties = f"Your ties: {', '.join(standings)}." if standings else ""
    reads = f"kithd reads {words.say_count(len(page.sources), 'source')}." if page.sources else ""
    return cut(" ".join(filter(None, (reads, ties))), PREHEADER_CHARS)


def say_pulse(page: Page) -> tuple[str, ...]:
    """Return what a sign of life says before the numbers; empty on any other page."""
    if not page.pulse_days:
        return ()
    needs = list_needs(page)
    state = "It runs, but something needs you: see below." if needs else "All is well."
    days = words.count(page.pulse_days, "day")
    return (
        f"kithd kept looking and found nothing worth your time. {state}",
        f"This short mail comes after {days} without a digest, so that you know it still looks.",
    )


def say_noted(page: Page) -> str:
    """Return "Noted since the last digest: 2 done, 1 put off."; empty where nothing was."""
    counts = ", ".join(f"{n:,} {what}" for what, n in page.noted.items() if n)
    return f"Noted since the last digest: {counts}." if counts else ""


def say_when(page: Page) -> str:
    """Return the line under the title: the date, the minutes, how the ties on it stand."""
    parts = [words.say_date(page.on)]
    if page.items:
        parts.append(say_minutes(page.items))
        parts.append(_say_states(page.items))
    return " · ".join(part for part in parts if part)


def say_state(item: Item) -> str:
    """Return "fading · you two usually talk every 9 days, it has been 41".

    Empty where something is owed on a warm tie: its rhythm is not why it is on the page.
    """
    if item.lane is Lane.OWE and item.state == words.STATE_WORDS[State.ACTIVE]:
        return ""
    return " · ".join(part for part in (item.state, item.says) if part)


def say_why(item: Item, page: Page) -> str:
    """Return the reason and the words it stands on, unless the item says them already."""
    said = _letters(f"{item.action} {item.why}")
    heard = {_letters(e.quote): e for e in item.evidence if e.quote}
    quotes = [_say_quote(e, page) for key, e in heard.items() if key not in said][:_QUOTES]
    return " ".join(part for part in (item.why, *quotes) if part)


def say_draft(item: Item, limit: int) -> str:
    """Return at most ``limit`` characters of the draft, and the address of what is given."""
    body = cut(item.draft.body, limit) if item.draft else ""
    return body if item.url in body else f"{body}\n\n{item.url}".strip()


def say_welcome(page: Page) -> tuple[str, ...]:
    """Return what a first digest explains: what is read, where the data lie, how to stop."""
    if not page.is_first:
        return ()
    names = join_names([source.name for source in page.sources])
    reads = f"Welcome. kithd reads {names or 'your mail and calendars'} to see whom you are in"
    return (
        f"{reads} touch with, and what you could give them. It changes nothing there.",
        _say_where(page),
        _say_how_to_stop(page),
    )


def list_standings(network: Network) -> tuple[Standing, ...]:
    """Return how many ties are warm, cooling and fading, and how that changed in a week."""
    if not network.states:
        return ()
    return tuple(
        Standing(
            words.STATE_WORDS[state],
            network.states.get(state, 0),
            _say_change(state, network),
        )
        for state in _SHOWN_STATES
    )


def list_network(network: Network) -> tuple[str, ...]:
    """Return what is to be said of the network, a paragraph each: what was given and what came
    back, who is flagged without an item, and who could be woken; empty if there is nothing."""
    said = (
        _say_returns(network),
        _say_quiet(network),
        _say_meeting(network),
        _say_asleep(network),
    )
    return tuple(filter(None, said))


def _say_returns(network: Network) -> str:
    parts = []
    if network.n_given or network.n_received:
        parts.append(f"given {network.n_given} · received {network.n_received}")
    if network.came_back:
        many = words.say_count(len(network.came_back), "tie")
        names = [f"{name}, after {words.count(days, 'day')}" for name, days in network.came_back]
        parts.append(f"{many} came back: {_list_some(names, '; ')}")
    if network.recovering:
        parts.append(f"still recovering: {_list_some(network.recovering, ', ')}")
    return words.capitalise(" · ".join(parts)) + "." if parts else ""


def _list_some(names: Sequence[str], mark: str) -> str:
    """Name the first few, and count the rest."""
    shown = mark.join(names[:_NAMES])
    left = len(names) - _NAMES
    return f"{shown}{mark}and {left:,} more" if left > 0 else shown


def _say_quiet(network: Network) -> str:
    """Name who is fading while there is nothing to bring: the owner may know of something."""
    if not network.quiet:
        return ""
    asked_for = " or past the gap you want" if any(q.is_asked_for for q in network.quiet) else ""
    return (
        f"Fading{asked_for}, and nothing found to bring yet: {_describe(network.quiet)}. "
        "What you put on the shelf is matched to them."
    )


def _say_meeting(network: Network) -> str:
    """Name who is fading but will be met: what is held is never held in silence."""
    return f"Fading, but you meet: {_describe(network.meeting)}." if network.meeting else ""


def _say_asleep(network: Network) -> str:
    """Name a few of those gone quiet. Nothing is asked: it is a thought, not a duty.

    Source: Levin, Walter and Murnighan (2011), Organization Science 22(4), 923-939.
    """
    if not network.asleep:
        return ""
    return (
        f"Long quiet, and worth waking some day: {_describe(network.asleep)}. "
        "Old trust keeps, and the time apart brings news."
    )


def _describe(people: Sequence[Quiet]) -> str:
    said = []
    for one in people:
        talk = f"; you talked about {join_names(one.topics)}" if one.topics else ""
        said.append(f"{one.name} ({one.says}{talk})")
    return "; ".join(said)


def say_funnel(page: Page) -> str:
    """Return how many ties were looked at, and why each that was due is not on the page."""
    funnel = page.funnel
    ties = words.count(funnel.n_ties, "tie")
    if not funnel.n_due:
        return f"{ties}, none due."
    held = sorted(((n, why) for why, n in funnel.held.items() if n), key=lambda h: (-h[0], h[1]))
    here = f"{ties}, {funnel.n_due:,} due, {funnel.n_offered:,} here"
    if not held:
        return f"{here}."
    reasons = ", ".join(f"{n:,} {why.replace('-', ' ').replace('_', ' ')}" for n, why in held)
    return f"{here}, {sum(n for n, _ in held):,} held: {reasons}."


def say_sources(page: Page) -> str:
    """Return what was read and when, in the owner's zone: "Read: work mail 06:58"."""
    return f"Read: {', '.join(_say_source(s, page) for s in page.sources)}." if page.sources else ""


def list_needs(page: Page) -> tuple[str, ...]:
    """Return what the owner must see to, one sentence a source, and digests that failed."""
    return tuple(
        f"{words.capitalise(source.name)}: {source.needs.rstrip('.')}."
        for source in page.sources
        if source.needs
    ) + _list_undelivered(page)


def _list_undelivered(page: Page) -> tuple[str, ...]:
    return tuple(
        f"The digest of {words.say_date(one.on)} may not have reached you: {one.problem}."
        for one in page.undelivered
    )


def say_answers(page: Page) -> str:
    """Return how to answer, with numbers that stand on this page."""
    refs = [item.ref for item in page.items]
    examples = ["pause 1w"]
    if refs:
        examples = [f"done {refs[0]}", f"snooze {refs[-1]} 2w", f"not {refs[-1]}", *examples]
    if page.reply_to:
        quoted = ", ".join(f"“{example}”" for example in examples[:-1])
        return f"Reply with {quoted}{' or ' * bool(quoted)}“{examples[-1]}”; “help” lists the rest."
    if not page.keeps_at:
        return "To answer it, keep what is read: run this again with --keep and a folder."
    where = f" {page.answer_with}" if page.answer_with else ""
    return (
        f'To answer, type: kithd do "{"; ".join(examples[:2])}"{where} '
        '("help" lists what can be said).'
    )


def say_closing(page: Page) -> str:
    """Return why this came, and what left the machine."""
    if page.reply_to:
        return "You get this because kithd runs for you; nothing leaves it but this mail to you."
    return "kithd read all this on your own machine, and nothing left it."


def _say_states(items: Sequence[Item]) -> str:
    order = [words.STATE_WORDS[state] for state in reversed(State)]
    counts = [(word, sum(item.state == word for item in items)) for word in order]
    shown = [(word, n) for word, n in counts if n and word != words.STATE_WORDS[State.ACTIVE]]
    if not shown:
        return ""
    (word, n), *rest = shown
    return ", ".join([f"{words.count(n, 'tie')} {word}", *(f"{n} {word}" for word, n in rest)])


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _say_quote(evidence: Evidence, page: Page) -> str:
    day = words.say_day(evidence.at.astimezone(page.zone).date(), today=page.on)
    return f"“{evidence.quote.strip('“”')}” ({day})."


def _say_where(page: Page) -> str:
    if not page.keeps_at:
        return "Nothing is kept: what was read is gone once this is printed."
    return (
        "It keeps names, dates, subjects, key words and single sentences that a reason may "
        f"stand on, in {page.keeps_at}; the text of your mail is not stored."
    )


def _say_how_to_stop(page: Page) -> str:
    if page.reply_to:
        return "To stop for a while, reply “pause 4w”; to stop for good, stop the service."
    return "To stop, do nothing: kithd runs when you call it."


def _say_change(state: State, network: Network) -> str:
    if not network.before:
        return ""
    change = network.states.get(state, 0) - network.before.get(state, 0)
    return f"+{change}" if change > 0 else f"{_MINUS}{-change}" if change else ""


def _say_source(source: SourceLine, page: Page) -> str:
    notes = []
    if source.n_observations:
        notes.append(words.count(source.n_observations, "item"))
    if source.n_quarantined:
        notes.append(f"{source.n_quarantined:,} unreadable, set aside")
    if source.read_at is None and not notes:
        return f"{source.name} not yet"
    when = f" {_say_instant(source.read_at, page)}" if source.read_at else ""
    said = f" ({', '.join(notes)})" if notes else ""
    return f"{source.name}{when}{said}"


def _say_instant(at: datetime, page: Page) -> str:
    local = at.astimezone(page.zone)
    clock = f"{local:%H:%M}"
    if local.date() == page.on:
        return clock
    return f"{words.say_day(local.date(), today=page.on)} {clock}"
