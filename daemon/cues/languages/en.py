"""The English language pack: its rules, and the words that tell English apart."""

from daemon.cues.languages.en_asks import ASKS
from daemon.cues.languages.en_news import GOOD_NEWS, HARD_NEWS, THANKS
from daemon.cues.languages.en_promises import OFFERS, PROMISES, SEEKS
from daemon.cues.languages.rules import Pack

ENGLISH = Pack(
    code="en",
    asks=ASKS,
    promises=PROMISES,
    thanks=THANKS,
    good_news=GOOD_NEWS,
    hard_news=HARD_NEWS,
    seeks=SEEKS,
    offers=OFFERS,
)
