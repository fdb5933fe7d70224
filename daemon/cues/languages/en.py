"""The English language pack."""

from daemon.cues.languages.en_asks import ASKS
from daemon.cues.languages.en_news import GOOD_NEWS, HARD_NEWS, THANKS
from daemon.cues.languages.en_not_asks import NOT_ASKS
from daemon.cues.languages.en_promises import OFFERS, PROMISES, SEEKS
from daemon.cues.languages.rules import build_pack
from daemon.cues.model import CueKind

ENGLISH = build_pack(
    "en",
    {
        CueKind.ASK: ASKS + NOT_ASKS,
        CueKind.PROMISE: PROMISES,
        CueKind.SEEKS: SEEKS,
        CueKind.OFFERS: OFFERS,
        CueKind.THANKS: THANKS,
        CueKind.GOOD_NEWS: GOOD_NEWS,
        CueKind.HARD_NEWS: HARD_NEWS,
    },
)
