"""A house at an instant -> its replies obeyed, and what must be said back in the outbox."""

from datetime import datetime

from daemon.house import House
from daemon.jobs.answer import Answered, answer


def answer_replies(house: House, *, at: datetime) -> Answered:
    """Obey every reply that waits at ``at``; see ``answer``."""
    if house.trust is None:
        return Answered(0, 0)
    return answer(
        house.kept,
        house.basis,
        house.trust,
        at=at,
        rules=house.rules,
        orders=house.orders,
        keeps_at=str(house.state),
        delivery=house.settings.delivery,
        reply_to=house.reply_to,
    )
