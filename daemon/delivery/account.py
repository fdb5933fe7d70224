"""A message -> the service of the owner's own account, which sends it: Google's or Microsoft's."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Timer

from connectors import errors
from connectors.errors import AccessDenied, Misconfigured, Unavailable
from connectors.protocol import Outbox
from daemon.config.model import Delivery
from daemon.config.open import DELIVERY, Account, open_account
from daemon.config.sign_in import complete
from daemon.delivery.addresses import for_envelope
from daemon.delivery.errors import InDoubt, NotNow, Refused

SEND_SECONDS = 90.0
"""How long a service may take, waiting for it to be less busy included: as a mail server may."""


@dataclass(frozen=True, slots=True)
class AccountTransport:
    """An account that sends mail, by the connector that its kind names.

    Each mail has a connector of its own: who signs in anew is believed at once. ``beside`` are
    the other sections that use the same app at the service.
    """

    delivery: Delivery
    beside: tuple[Account, ...] = ()
    seconds: float = SEND_SECONDS

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:  # noqa: ARG002 -- the protocol's; a service does not tell a mail it has seen
        """Hand ``message`` over; the answer is always True, a service does not know it again.

        Raises:
            NotNow, Refused, InDoubt: As ``Transport.send`` says.
        """
        try:
            by, whom = for_envelope(sender), for_envelope(to)
        except ValueError as problem:
            raise Refused(str(problem)) from None
        with self._open() as outbox:
            outbox.send(message, sender=by, to=whom)
        return True

    def check(self) -> None:
        """Try everything but the sending.

        Raises:
            NotNow, Refused: As ``Transport.send`` says.
        """
        with self._open() as outbox:
            outbox.check_sending()

    @contextmanager
    def _open(self) -> Iterator[Outbox]:
        try:
            with closing(open_account(self.delivery, beside=self.beside)) as connector:
                if not isinstance(connector, Outbox):
                    raise Misconfigured(f"the connector {self.delivery.kind} cannot send")
                # What waits for a service that is busy ends when the connector is closed.
                with _within(self.seconds, connector.close):
                    yield connector
        except Unavailable as problem:
            raise NotNow(str(problem)) from None
        except (AccessDenied, Misconfigured) as problem:
            raise Refused(complete(str(problem), DELIVERY)) from None
        except errors.InDoubt as problem:
            raise InDoubt(str(problem)) from None


@contextmanager
def _within(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """Call ``end`` once ``seconds`` have passed, unless what is done here ends before."""
    watch = Timer(seconds, end)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
