"""The settings of what lies elsewhere: what is read, how a digest is sent, how replies return."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from connectors.observations import Folder
from connectors.protocol import Reading
from daemon.config.values import (
    Email,
    FilePath,
    HostName,
    SecretReference,
    Section,
    Security,
    WebAddress,
)

# What is said alike of what is read and of how the digest is sent. A class below them would
# bring these before all that is their own, in every file that is made of the settings.
_Url: TypeAlias = Annotated[
    WebAddress | None,
    Field(
        examples=["https://dav.example.org/"],
        description="Where it is on the web: a calendar, an address book, a feed, an Exchange "
        "server.",
    ),
]
_Host: TypeAlias = Annotated[
    HostName | None, Field(examples=["imap.example.org"], description="The mail server.")
]
_Port: TypeAlias = Annotated[
    int | None,
    Field(ge=1, le=65535, examples=[993], description="The server's port, if unusual."),
]
_Security: TypeAlias = Annotated[
    Security | None,
    Field(
        examples=["tls"],
        description="How the connection is protected; none only on this machine itself.",
    ),
]
_CaFile: TypeAlias = Annotated[
    FilePath,
    Field(
        examples=["~/my-ca.pem"],
        description="The certificate authority of a server of your own.",
    ),
]
_User: TypeAlias = Annotated[
    str | None, Field(examples=["you@example.org"], description="The name to sign in with.")
]
_Secret: TypeAlias = Annotated[
    SecretReference | None,
    Field(
        examples=["file:mail.secret"],
        description="Where the password is kept, never the password itself: file:PATH (mode "
        "0600), credential:NAME (systemd), keyring:SERVICE/NAME or command:WORDS. Of Google and "
        "Microsoft: where kithd sign-in keeps what lets kithd in, a file or a keyring entry of "
        "this section's own.",
    ),
]
_SignIn: TypeAlias = Annotated[
    Literal["password", "basic", "ntlm", "xoauth2"] | None,
    Field(
        examples=["password"],
        description="How to sign in; with xoauth2 the secret is an access token. An Exchange "
        "server may be told which way it takes a password: basic or ntlm.",
    ),
]
_Address: TypeAlias = Annotated[
    Email | None,
    Field(
        examples=["you@example.org"],
        description="The mailbox's own address, where the name to sign in with is another.",
    ),
]
_ClientFile: TypeAlias = Annotated[
    FilePath,
    Field(
        examples=["google-client.json"],
        description="Of Google: the file of your OAuth client, as Google lets you download it.",
    ),
]
_ClientId: TypeAlias = Annotated[
    str | None,
    Field(
        examples=["11111111-2222-3333-4444-555555555555"],
        description="Of Microsoft: the application (client) ID of your app registration.",
    ),
]
_Tenant: TypeAlias = Annotated[
    str | None,
    Field(
        examples=["example.org"],
        description="Of Microsoft: your organization's domain or ID; organizations for any, "
        "consumers for outlook.com; common, where not said.",
    ),
]
_AllowPrivate: TypeAlias = Annotated[
    bool | None,
    Field(
        examples=[True],
        description="Whether the address may lie in your own network, or be plain http there.",
    ),
]


class Source(Section):
    """One place to read. Which kinds there are, and what each needs, is the connectors' to say."""

    kind: str = Field(
        min_length=1,
        examples=["imap"],
        description="What it is: imap, gmail, graph, caldav, google_calendar, feed, maildir, ...",
    )
    path: FilePath = Field(
        default=None,
        examples=["~/Mail"],
        description="Where it lies; a relative path starts at this file's folder.",
    )
    url: _Url = None
    host: _Host = None
    port: _Port = None
    security: _Security = None
    ca_file: _CaFile = None
    user: _User = None
    secret: _Secret = None
    sign_in: _SignIn = None
    address: _Address = None
    client_file: _ClientFile = None
    client_id: _ClientId = None
    tenant: _Tenant = None
    parts: tuple[Literal["mail", "calendar", "contacts"], ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        examples=[("mail", "calendar")],
        description="What is read of an account that holds all three; all, where not said.",
    )
    units_per_minute: int | None = Field(
        default=None,
        ge=200,
        le=1_000_000,
        examples=[6000],
        description="Of Gmail: the quota units that may be used in a minute; one message takes "
        "20. What your project has stands in Google's console.",
    )
    read: Reading = Field(
        default=Reading.TEXT,
        strict=False,
        description="How far to look into messages. Text is never stored.",
    )
    newsletters: bool | None = Field(
        default=None,
        examples=[True],
        description="Whether the text of newsletters is fetched too: their articles can be given.",
    )
    folder: Folder | None = Field(
        default=None,
        strict=False,
        examples=[Folder.SENT],
        description="What it holds, where the files themselves do not say.",
    )
    skip: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        examples=[("Archive/Work",)],
        description="Folders of a mailbox that are not read.",
    )
    calendars: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        examples=[("Home", "Work")],
        description="The calendars or address books to read, by name; all, where not said.",
    )
    allow_private: _AllowPrivate = None
    poll_minutes: int = Field(
        default=15, ge=1, le=10080, description="Minutes between two looks at it."
    )


class Delivery(Section):
    """How the digest reaches you. Without a kind it is not sent, only printed."""

    kind: Literal["smtp", "maildir", "gmail", "graph", "exchange"] | None = Field(
        default=None,
        examples=["smtp"],
        description="By mail, through an account at Google (gmail) or Microsoft (graph, "
        "exchange), or into a Maildir.",
    )
    to: Email | None = Field(
        default=None,
        examples=["you@example.org"],
        description="Where it is sent; the first of your addresses, where not said.",
    )
    sender: Email | None = Field(
        default=None,
        examples=["you@example.org"],
        description="Whom it comes from; the same as to, where not said.",
    )
    host: _Host = Field(
        default=None, examples=["smtp.example.org"], description="The mail server that sends it."
    )
    port: _Port = Field(default=None, examples=[465])
    security: _Security = None
    ca_file: _CaFile = None
    user: _User = None
    secret: _Secret = Field(
        default=None,
        description="Where the password is kept, as for a source. What lets kithd read does not "
        "let it send: of Google and Microsoft this is another file than any source's.",
    )
    url: _Url = Field(
        default=None,
        examples=["https://mail.example.org/EWS/Exchange.asmx"],
        description="Of an Exchange server: where it is, if it is not found by the address.",
    )
    sign_in: _SignIn = None
    address: _Address = None
    client_file: _ClientFile = None
    client_id: _ClientId = None
    tenant: _Tenant = None
    allow_private: _AllowPrivate = None
    path: FilePath = Field(
        default=None,
        examples=["~/Maildir"],
        description="The Maildir, where the kind is maildir.",
    )
    pulse_days: int = Field(
        default=7,
        ge=0,
        le=90,
        description="Days without a digest after which a short sign of life is sent; 0 for never.",
    )


class Replies(Section):
    """Which answers to a digest are obeyed. A reply counts only if it is proven to be yours."""

    sources: tuple[str, ...] | None = Field(
        default=None,
        strict=False,
        examples=[("mail",)],
        description="The sources in which your replies are looked for; every live mailbox and "
        "Maildir, where not said.",
    )
    address: Email | None = Field(
        default=None,
        examples=["you+kithd@example.org"],
        description="Where replies go: an address of yours that one of those sources receives; "
        "the address the digest is sent to, where not said.",
    )
    authserv_id: str = Field(
        default="",
        max_length=255,
        examples=["mx.example.org"],
        description="The name your mail server signs its Authentication-Results with. Empty: "
        "only mail that lies in your Sent folder is proof.",
    )
    days: int = Field(
        default=14, ge=1, le=90, description="Days after which a digest takes no more replies."
    )
