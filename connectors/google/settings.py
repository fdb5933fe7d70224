"""What the owner says about an account at Google, whichever of its services is read."""

from dataclasses import dataclass, field
from pathlib import Path

from connectors.credentials.secrets import Secret
from connectors.pace import Clock, Waiting


@dataclass(kw_only=True)
class GoogleSettings:
    """Whose account it is, and by which OAuth client kithd is let in.

    Attributes:
        secret: Where the tokens of the sign-in are kept.
        client_file: The file of an OAuth client of the type "Desktop app", as Google's console
            lets it be downloaded.
        user: The account's address, which Google's page then proposes.
        ca_file: The certificates to trust, instead of those that the system trusts.
        allow_private: Whether the services may lie in a private network, or be plain http there.
        clock: Tells how time passes, and lets it.
    """

    secret: Secret
    client_file: Path
    user: str = ""
    ca_file: Path | None = None
    allow_private: bool = False
    clock: Clock = field(default_factory=Waiting)
