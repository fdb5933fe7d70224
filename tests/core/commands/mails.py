"""Raw mails that answer a digest, and how they are read and judged.

Mara's digest is that of Saturday 21 November 2026; she lives at example.org, where her own
server is mx.example.org. Mallory lives at example.com and would like to be Mara.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors.formats.rfc5322 import read_message
from connectors.observations import Folder, Message
from connectors.protocol import Reading
from daemon.commands.accept import Trust, Verdict, accept
from daemon.digest.references import token_for

OWNER = "mara@example.org"
KEY = b"a key of thirty-two bytes, or so"
ON = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKEN = token_for(OWNER, ON, key=KEY)
DIGEST = f"<kithd.{ON}.{TOKEN}@example.org>"
TRUST = Trust(
    owner=OWNER,
    addresses=frozenset({OWNER, "mara.stein@example.net"}),
    key=KEY,
    authserv_id="mx.example.org",
    sources=frozenset({"mail"}),
)
VOUCHED = "mx.example.org; dmarc=pass (p=none) header.from=example.org"

HEAD = {
    "Authentication-Results": VOUCHED,
    "From": "Mara Stein <mara@example.org>",
    "To": "kithd <mara@example.org>",
    "Subject": "Re: Sana and Marek: two things you could give",
    "Date": "Sat, 21 Nov 2026 09:30:00 +0100",
    "Message-ID": "<reply-1@example.org>",
    "In-Reply-To": DIGEST,
    "References": DIGEST,
}
QUOTE = """\

On Sat, 21 Nov 2026 at 07:00, kithd <mara@example.org> wrote:

> Two things you could give today
>
> 1. Sana Iqbal
> snooze 2 2w
> done all
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it lies in a mailbox, and when and with whose trust it is read."""

    raw: bytes
    folder: Folder = Folder.OTHER
    source: str = "mail"
    at: datetime = AT
    trust: Trust = TRUST

    def read(self) -> Message:
        """Read it as a connector to a mailbox does, told to look at no text."""
        return read_message(
            self.raw,
            uid="1",
            received_at=self.at,
            reading=Reading.HEADERS,
            folder=self.folder,
        )

    def judge(self) -> Verdict:
        return accept(self.read(), self.trust, source=self.source, at=self.at)


def compose(body: str = f"done 1\n{QUOTE}", /, *below: str, **fields: str) -> bytes:
    """Write a reply; a field set to "" is left out, underscores stand for dashes.

    ``below`` are whole header lines that come after the others.
    """
    head = HEAD | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [*(f"{name}: {value}" for name, value in head.items() if value), *below]
    return ("\n".join(lines) + "\n\n" + body).replace("\n", "\r\n").encode()


def forge(body: str = f"done 1\n{QUOTE}", /, *below: str, **fields: str) -> Mail:
    return Mail(compose(body, *below, **fields))


def in_sent(body: str, /, *below: str, **fields: str) -> Mail:
    """A mail that the owner sent; there is no server's word in that folder."""
    fields = {"Authentication_Results": ""} | fields
    return Mail(compose(body, *below, **fields), Folder.SENT)


def as_subject(token: str, on: date = ON) -> dict[str, str]:
    """The fields of a mail that a link in the digest opened."""
    return {"Subject": f"kithd {on} {token}", "In_Reply_To": "", "References": ""}


def as_parent(token: str, on: date = ON) -> dict[str, str]:
    """The fields of a reply to a digest with this token."""
    parent = f"<kithd.{on}.{token}@example.org>"
    return {"In_Reply_To": parent, "References": parent}


def pass_for(domain: str) -> str:
    """The word of the owner's own server for mail from this domain."""
    return f"mx.example.org; dmarc=pass header.from={domain}"
