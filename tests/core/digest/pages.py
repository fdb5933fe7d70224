"""Builders: a day in the life of an owner who knows Sana, Marek, Joy, Lena, Tomás and Ines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.digest.compose import compose
from daemon.digest.model import Funnel, Network, Page, Quiet, SourceLine
from daemon.people.model import Identity, Person, PersonId
from daemon.suggestions.model import Draft, Evidence, Lane, Suggestion, SuggestionKey, Value, Way
from daemon.ties.model import State, Tie

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ON = AT.date()
ZONE = ZoneInfo("Europe/Warsaw")
OWNER = "you@example.org"

NAMES = {
    "sana": "Sana Iqbal",
    "marek": "Marek Dvořák",
    "joy": "Joy Adeyemi",
    "lena": "Lena Fischer",
    "tomas": "Tomás Rey",
    "ines": "Ines Carvalho",
}


def person_id(who: str) -> PersonId:
    return PersonId(f"{who}@example.org")


def person(who: str, name: str | None = None) -> Person:
    name = NAMES.get(who, who) if name is None else name
    return Person(person_id(who), name, (name,), frozenset({Identity(person_id(who))}))


def tie(who: str, state: State, *, silent_days: int = 41, gap: float = 9, n_days: int = 60) -> Tie:
    last_on = ON - timedelta(days=silent_days)
    return Tie(
        alter=person_id(who),
        as_of=ON,
        first_on=last_on - timedelta(days=round(gap) * n_days),
        last_on=last_on,
        n_days=n_days,
        n_out=n_days // 2,
        n_in=n_days // 2,
        is_mutual=True,
        silent_days=silent_days,
        typical_gap_days=gap,
        dormant_at_days=180,
        p_dormant=0.6,
        p_contact_30=0.2,
        unusual=0.97,
        state=state,
    )


def contact_days(*, gap: int, until_days_ago: int) -> tuple[date, ...]:
    """Days of contact: bunched and uneven, about every ``gap`` days, none since."""
    ago, days = until_days_ago, []
    for step in range(60):
        days.append(ON - timedelta(days=ago))
        ago += max(1, (gap * (1, 3, 5, 2, 9, 1, 4)[step % 7]) // 4)
    return tuple(days)


def evidence(quote: str = "", *, days_ago: int = 3) -> Evidence:
    return Evidence("work mail", f"uid-{days_ago}", AT - timedelta(days=days_ago), quote)


def suggestion(kind: str, *who: str, lane: Lane = Lane.BRING, **changed: object) -> Suggestion:
    given = {
        "key": SuggestionKey(f"{kind}:{'+'.join(who)}"),
        "kind": kind,
        "value": Value.INFORMATION,
        "way": Way.GIVE,
        "lane": lane,
        "people": tuple(person_id(each) for each in who),
        "action": f"Send {NAMES.get(who[0], who[0])} the report.",
        "why": "the report came up in three of your threads.",
        "evidence": (evidence(),),
        "minutes": 2,
        "fit": 0.8,
        "draft": None,
    }
    return Suggestion(**(given | changed))  # type: ignore[arg-type]  # a builder's defaults


def article() -> Suggestion:
    return suggestion(
        "article",
        "sana",
        action="Send Sana “Second-life batteries: what 40 pilots taught us”.",
        why="battery re-use came up in 6 of your threads, last on 11 October. The piece is from"
        " the grid-storage newsletter you received on Thursday.",
        evidence=(evidence("we have 400 packs coming back from the depots", days_ago=41),),
        draft=Draft(
            (Identity("sana@example.org"),),
            "Second-life batteries",
            "Sana, this made me think of your depot pilot: the section on ageing cells is close"
            " to what you described. No need to reply.\n\n"
            "https://example.com/articles/2026/11/second-life-batteries-what-40-pilots-taught-us",
        ),
    )


def introduction() -> Suggestion:
    return suggestion(
        "introduction",
        "marek",
        "joy",
        value=Value.CONNECTION,
        action="Offer to introduce them: Joy asked who knows “refrigerated last-mile”; Marek runs"
        " exactly that.",
        why="Joy's question is from 4 November and nobody on that thread answered. In all your"
        " mail and meetings they have never met. Ask each of them first.",
        minutes=4,
        draft=Draft((Identity("joy@example.org"),), "Refrigerated last-mile", "Joy, may I?"),
    )


def follow_up() -> Suggestion:
    return suggestion(
        "follow_up",
        "lena",
        lane=Lane.STAY_CLOSE,
        action="You met three days ago and have not written since. Send the slide deck you"
        " mentioned.",
        why="a first meeting that gets something useful within a week is the one that is"
        " remembered.",
        draft=Draft((Identity("lena@example.org"),), "The slides", "Lena, here are the slides."),
    )


def reply() -> Suggestion:
    return suggestion(
        "reply",
        "tomas",
        lane=Lane.OWE,
        value=Value.HELP,
        action="Answer Tomás: “could you look at the tender before Friday?”",
        why="Tomás asked on 18 November, and you usually answer within a day.",
        evidence=(evidence("could you look at the tender before Friday?"),),
        draft=Draft(
            (Identity("tomas@example.org"),), "Re: Tender", "Tomás,\n\n", "<t1@example.org>"
        ),
    )


def promise() -> Suggestion:
    return suggestion(
        "promise",
        "ines",
        lane=Lane.OWE,
        value=Value.HELP,
        action="Send Ines the contact you promised.",
        why="you wrote it on 13 November.",
        evidence=(evidence("I'll send you the contact", days_ago=8),),
        draft=Draft((Identity("ines@example.org"),), "The contact", "Ines,\n\n"),
    )


TIES: Mapping[PersonId, Tie] = {
    t.alter: t
    for t in (
        tie("sana", State.FADING),
        tie("marek", State.COOLING, gap=21, silent_days=42),
        tie("joy", State.ACTIVE, silent_days=17),
        tie("lena", State.NEW, n_days=1, silent_days=3),
        tie("tomas", State.ACTIVE, silent_days=3),
        tie("ines", State.ACTIVE, silent_days=8, gap=6),
    )
}
DAYS: Mapping[PersonId, Sequence[date]] = {
    person_id("sana"): contact_days(gap=9, until_days_ago=41),
    person_id("marek"): contact_days(gap=21, until_days_ago=42),
    person_id("lena"): (ON - timedelta(days=3),),
}
NETWORK = Network(
    states={"active": 42, "cooling": 9, "fading": 4, "new": 12, "dormant": 245},
    before={"active": 41, "cooling": 7, "fading": 5, "new": 12, "dormant": 245},
    came_back=(("Ravi Menon", 94),),
    n_given=5,
    n_received=3,
    quiet=(Quiet("Karsten Brandt", "usually every 44 days, now 138", ("depot cells",)),),
    recovering=("Aoife Brennan",),
    meeting=(Quiet("Isabel Moreno", "on Friday"),),
    asleep=(Quiet("Yuki Tanaka", "you used to talk every 9 days, last in April"),),
)
FUNNEL = Funnel(312, 41, 5, {"booked": 12, "cool-down": 19, "budget": 5})
SOURCES = (
    SourceLine("work mail", AT - timedelta(minutes=2), 12034, n_quarantined=2),
    SourceLine("private mail", AT - timedelta(minutes=1), 4120),
    SourceLine(
        "calendar",
        AT - timedelta(days=3),
        310,
        needs="its password was refused; type kithd sign-in calendar",
    ),
)


def full_day() -> tuple[Suggestion, ...]:
    return (reply(), article(), introduction(), follow_up(), promise())


def page(*suggestions: Suggestion, **changed: object) -> Page:
    """The page of ``suggestions`` with all there is to know around them."""
    given = {
        "at": AT,
        "zone": ZONE,
        "people": {person_id(who): person(who) for who in NAMES},
        "ties": TIES,
        "days": DAYS,
        "network": NETWORK,
        "funnel": FUNNEL,
        "sources": SOURCES,
        "is_first": False,
        "reply_to": "you+kithd@example.org",
        "token": "0123456789abcdef",
    }
    return compose(suggestions, **(given | changed))  # type: ignore[arg-type]  # as above
