"""A house at an instant -> what lies in its outbox sent, and what was interrupted settled."""

from datetime import datetime

from daemon.delivery.transport import Transport, open_transport
from daemon.house import House
from daemon.jobs.deliver import Delivered, deliver_due
from daemon.jobs.look_for import look_in


def open_way(house: House) -> Transport | None:
    """Return the way that mail goes, as the settings have it; None where none is sent.

    Raises:
        UserError: A setting is missing without which there is no way.
    """
    return open_transport(house.settings.delivery, house.settings.sources.values())


def send_mail(house: House, transport: Transport, *, at: datetime) -> Delivered:
    """Send what is due at ``at``; see ``deliver_due``."""
    return deliver_due(
        house.kept,
        transport,
        at=at,
        sender=house.sender,
        to=house.owner,
        find=look_in(house.sources, house.basis),
    )
