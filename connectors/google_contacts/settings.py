"""What the owner says about their contacts at Google."""

from dataclasses import dataclass

from connectors.google.settings import GoogleSettings


@dataclass(kw_only=True)
class GoogleContactsSettings(GoogleSettings):
    """Whose contacts to read.

    Attributes:
        url: Where the service is reached.
        page: How many cards make a batch, at most 1,000.
    """

    url: str = "https://people.googleapis.com/"
    page: int = 200
