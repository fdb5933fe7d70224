"""Turns a situation into every suggestion that could be made, of every kind."""

from daemon.suggestions.kinds.article import propose_articles
from daemon.suggestions.kinds.follow_up import propose_follow_ups
from daemon.suggestions.kinds.milestone import propose_milestones
from daemon.suggestions.kinds.news import propose_news
from daemon.suggestions.kinds.promise import propose_promises
from daemon.suggestions.kinds.reply import propose_replies
from daemon.suggestions.known import keep_known
from daemon.suggestions.model import Kind, Situation, Suggestion

KINDS: tuple[Kind, ...] = (
    propose_replies,
    propose_promises,
    propose_follow_ups,
    propose_articles,
    propose_milestones,
    propose_news,
)
"""A new kind is a new file and one more line here."""


def propose(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes all candidates, each key once, in an order that only the facts decide.

    Nothing after ``situation.at`` is looked at. What to hold back is for ``choose``.
    """
    known = keep_known(situation)
    found = sorted((one for kind in KINDS for one in kind(known)), key=_order)
    return tuple({one.key: one for one in found}.values())


def _order(one: Suggestion) -> tuple[str, str, float, str, str]:
    """Of two with one key, puts the better last, where it replaces the other."""
    return (one.kind, one.key, one.fit, one.action, one.why)
