"""What can go wrong when a mail is handed over, named by what follows for the mail.

A reason is one clause for the owner. It holds no address, no secret and no subject: it is
shown, logged and kept.
"""


class DeliveryError(Exception):
    """Root of all that can go wrong; ``str()`` is the reason."""


class NotNow(DeliveryError):
    """The mail was surely not taken; it may be offered again later."""


class Refused(DeliveryError):
    """The mail was surely not taken, and will not be until the owner changes something."""


class InDoubt(DeliveryError):
    """The mail was handed over whole and the answer was lost: nobody knows if it was taken."""
