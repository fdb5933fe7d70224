"""Turns matches between the owner's shelf and people's topics into pieces to send."""

from daemon.suggestions.drafts import draft_article
from daemon.suggestions.keys import name_key
from daemon.suggestions.known import find_day
from daemon.suggestions.match import Match, Shelf, match_person, stock_shelf
from daemon.suggestions.model import Evidence, Lane, Situation, Suggestion, Topic, Value, Way
from daemon.suggestions.need import Wishes, is_due, read_wishes
from daemon.suggestions.wording import MAX_TITLE, first_name, quote, say_day, say_month
from daemon.ties.model import State, Tie

KIND = "article"

EXTRAORDINARY = 0.75
"""A match so good that it is worth sending to somebody the ego talks with anyway."""

MINUTES = 2

_MAX_TOPICS = 2


def propose_articles(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes to each person the best-fitting piece on the shelf.

    It goes to ties that are cooling, fading, new, or to which the ego owes help; to any
    other only when the match is extraordinary. Only to people who have reached the ego:
    nobody is sent reading who never answered.

    Source: design notes, table of kinds.
    """
    shelf, wishes = stock_shelf(situation), read_wishes(situation)
    best = (_best(tie, situation, shelf, wishes) for tie in situation.ties.values())
    return tuple(suggest_piece(match, situation) for match in best if match is not None)


def _best(tie: Tie, situation: Situation, shelf: Shelf, wishes: Wishes) -> Match | None:
    if tie.alter not in situation.people or not tie.is_mutual:
        return None
    is_wanted = is_due(tie, wishes) or tie.state is State.DORMANT
    least = situation.rules.min_match
    if not is_wanted:
        least = max(least, EXTRAORDINARY)
    matches = match_person(tie.alter, situation.topics.get(tie.alter, ()), shelf)
    return next((m for m in matches if m.fit >= least), None)


def suggest_piece(match: Match, situation: Situation) -> Suggestion:
    """Words the suggestion to send a piece, with where its topic came up as the reason."""
    offering, today = match.offering, situation.today
    topic = match.topics[0]
    last = say_month(find_day(topic.last_at, situation), today)
    return Suggestion(
        key=name_key(KIND, match.person, offering.url),
        kind=KIND,
        value=Value.INFORMATION,
        way=Way.GIVE,
        lane=Lane.BRING,
        people=(match.person,),
        action=f"Send {first_name(situation.people[match.person].name)} {say_piece(match)}.",
        why=explain_match(match, situation),
        evidence=(Evidence(offering.source, offering.uid, offering.received_at),),
        minutes=MINUTES,
        fit=match.fit,
        draft=draft_article(offering, topic.term, last, match.person, situation),
        url=offering.url,
    )


def say_piece(match: Match) -> str:
    """Says a piece's title, or where it lies if it has none."""
    return quote(match.offering.title.strip() or match.offering.url, MAX_TITLE)


def explain_match(match: Match, situation: Situation) -> str:
    """Says where the topics came up, and where the piece is from."""
    first, *others = match.topics[:_MAX_TOPICS]
    today, offering = situation.today, match.offering
    came_up = f"{first.term} came up {_say_where(first, situation)}"
    if others:
        came_up += f", and so did {others[0].term}"
    received = say_day(find_day(offering.received_at, situation), today)
    return f"{came_up}. The piece came {received} from {offering.origin}."


def _say_where(topic: Topic, situation: Situation) -> str:
    last = say_day(find_day(topic.last_at, situation), situation.today)
    if topic.n_threads == 1:
        return f"in one of your threads, {last}"
    return f"in {topic.n_threads} of your threads, last {last}"
