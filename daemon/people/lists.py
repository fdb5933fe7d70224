"""One sighting -> whether the address is a mailing list, where no header says so."""

import re

from daemon.people.model import Sighting
from daemon.people.names import name_key

MIN_SHARED = 3
"""Messages of others that a nameless address must be in to be taken for everybody's."""

_LISTS_DOMAIN = re.compile(
    r"(^|\.)(lists?|listserv|mailman|groups|googlegroups|yahoogroups|vger)\."
)
_LISTS_LOCAL = re.compile(
    r"(^|[._-])(list|lists|devel|dev|users|user|announce|patches|discuss|commits|bugs|ml|l)$"
)
_LISTS_NAME = re.compile(r"\b(mailing list|mailinglist|list|ml)\b", re.IGNORECASE)


def is_mailing_list(sighting: Sighting) -> bool:
    """Return whether ``sighting`` is of a mailing list.

    An address that wrote is somebody's, unless headers call it a list. One that never
    wrote is a list if it is named like one, or if it has no full name and others write to
    it too. Source: in a list archive of twenty years, other lists in Cc are addressed by
    many, answer to none, and are the only such addresses without a full name.
    """
    if sighting.is_list or sighting.own_names:
        return sighting.is_list
    local, _, domain = sighting.identity.partition("@")
    if _LISTS_DOMAIN.search(domain) or _LISTS_LOCAL.search(local):
        return True
    if any(_LISTS_NAME.search(name) for name in sighting.names):
        return True
    return sighting.n_from_others >= MIN_SHARED and not any(map(name_key, sighting.names))
