"""Turns a fading tie with nothing better to bring into one piece of news of the owner's own."""

from daemon.suggestions.drafts import write_draft
from daemon.suggestions.holds import UNANSWERED, Past, read_past
from daemon.suggestions.keys import name_key
from daemon.suggestions.known import find_day
from daemon.suggestions.match import find_telling
from daemon.suggestions.model import Evidence, Lane, Situation, Suggestion, Value, Way
from daemon.suggestions.need import is_flagged, is_overdue, read_wishes
from daemon.suggestions.wording import MAX_TITLE, first_name, quote, say_day, say_month
from daemon.ties.model import State, Tie

KIND = "news"

MIN_DAYS = 10
"""Fewer days of contact are no ground to speak of oneself."""

MINUTES = 5
FIT = 0.25
"""Below anything that was found for a person: it is what is left when nothing was."""


def propose_news(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes for one fading tie a day, the longest known, a real piece of the owner's news.

    A tie past the longest gap the owner wants is as good as fading; one that has not come
    to it is not. The owner chooses the news; what is suggested is to whom, and on what the
    two have talked about. Passed over is who was in a digest of late, has a meeting booked,
    stopped answering, or is to be left alone: the next one has a turn.

    Source: design notes, table of kinds ("news": never "just checking in").
    """
    past = read_past(situation, read_wishes(situation))
    passed = _find_passed(past)
    fading = [tie for tie in situation.ties.values() if _is_ripe(tie, past)]
    ordered = sorted(fading, key=lambda t: (-t.n_days, t.alter))
    free = [tie for tie in ordered if tie.alter not in passed]
    return tuple(_suggest(tie, situation) for tie in free[:1])


def _is_ripe(tie: Tie, past: Past) -> bool:
    situation = past.situation
    return (
        is_flagged(tie, past.wishes)
        and (tie.state is State.FADING or is_overdue(tie, past.wishes))
        and tie.is_mutual
        and tie.n_days >= MIN_DAYS
        and tie.alter in situation.people
        and tie.alter in situation.last_letters
    )


def _find_passed(past: Past) -> frozenset[str]:
    lately = past.offered_lately.keys() | past.flagged_lately.keys()
    quiet = {person for person, n in past.situation.unanswered.items() if n >= UNANSWERED}
    return past.never | past.resting | past.booked | lately | quiet


def _suggest(tie: Tie, situation: Situation) -> Suggestion:
    last = situation.last_letters[tie.alter]
    name = first_name(situation.people[tie.alter].name)
    telling = find_telling(situation.topics.get(tie.alter, ()), situation)
    topic = next((t.term for t in telling if t.n_threads > 1 and " " in t.term), "")
    about = f" on {topic}" if topic else ""
    said_on, today = find_day(last.at, situation), situation.today
    where = f", about {quote(last.quote, MAX_TITLE)}" if last.quote else ""
    since = f"since {quote(last.quote, MAX_TITLE)} " if last.quote else "since we last wrote "
    return Suggestion(
        key=name_key(KIND, tie.alter, last.source, last.uid),
        kind=KIND,
        value=Value.INFORMATION,
        way=Way.GIVE,
        lane=Lane.STAY_CLOSE,
        people=(tie.alter,),
        action=f"Tell {name} one thing that is new with you{about}.",
        why=f"the last between you was {say_day(said_on, today)}{where}; "
        "nothing else was found to bring, so it is yours to choose.",
        evidence=(Evidence(last.source, last.uid, last.at, last.quote),),
        minutes=MINUTES,
        fit=FIT,
        draft=write_draft(
            tie.alter,
            situation,
            topic.capitalize() or "News",
            f"{since}{say_month(said_on, today)}, this is new here:\n\n",
        ),
    )
