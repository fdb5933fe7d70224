"""Pieces of what an Exchange Server answers, as text: items, mailboxes, envelopes, errors."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"

_ORDER = (
    "ItemClass Subject Sensitivity Body Attachments DateTimeReceived Size InReplyTo DateTimeSent"
    " DateTimeCreated HasAttachments ExtendedProperty TextBody Sender ToRecipients CcRecipients"
    " BccRecipients From InternetMessageId References UID Start End OriginalStart IsAllDayEvent"
    " LegacyFreeBusyStatus Location IsCancelled CalendarItemType MyResponseType Organizer"
    " RequiredAttendees OptionalAttendees Resources FirstOccurrence LastOccurrence DisplayName"
    " GivenName CompanyName EmailAddresses Birthday Surname"
).split()
"""The order in which the schema has the properties of an item."""
_FOLDER_ORDER = ("ParentFolderId", "FolderClass", "DisplayName", "TotalCount")

_EMPTY = {"GetItem": "<m:Items/>", "CreateItem": "<m:Items/>", "GetFolder": "<m:Folders/>"}
"""What an answer holds even where it says what is wrong."""


def element(name: str, value: str | int | bool | datetime) -> str:
    """Return a simple element."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, datetime):
        value = stamp(value)
    return f"<t:{name}>{escape(str(value))}</t:{name}>"


def stamp(at: datetime) -> str:
    """Return an instant as Exchange writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def mailbox(email: str, name: str = "") -> str:
    """Return a mailbox: a name, an address, and of which kind it is."""
    routing = "SMTP" if "@" in email else "EX"
    shown = element("Name", name) if name else ""
    return (
        f"<t:Mailbox>{shown}{element('EmailAddress', email)}"
        f"{element('RoutingType', routing)}</t:Mailbox>"
    )


def one(name: str, email: str, shown: str = "") -> str:
    """Return a property that is one mailbox."""
    return f"<t:{name}>{mailbox(email, shown)}</t:{name}>"


def many(name: str, people: Iterable[tuple[str, str]]) -> str:
    """Return a property that is several mailboxes."""
    inner = "".join(mailbox(email, shown) for email, shown in people)
    return f"<t:{name}>{inner}</t:{name}>"


def attendees(name: str, people: Iterable[tuple[str, str, str]]) -> str:
    """Return a property that is several people, what they are called, and what they answered."""
    inner = "".join(
        f"<t:Attendee>{mailbox(email, shown)}{element('ResponseType', answer)}</t:Attendee>"
        for email, shown, answer in people
    )
    return f"<t:{name}>{inner}</t:{name}>"


def occurrence(name: str, start: datetime, end: datetime) -> str:
    """Return the property that is the first or the last occurrence."""
    span = element("Start", start) + element("End", end) + element("OriginalStart", start)
    return f'<t:{name}><t:ItemId Id="{name}"/>{span}</t:{name}>'


def entries(emails: Iterable[str]) -> str:
    """Return the addresses of a contact."""
    inner = "".join(
        f'<t:Entry Key="EmailAddress{n}">{escape(email)}</t:Entry>'
        for n, email in enumerate(emails, start=1)
    )
    return f"<t:EmailAddresses>{inner}</t:EmailAddresses>"


def extended(tag: int, value: str) -> str:
    """Return an extended property of text."""
    uri = f'<t:ExtendedFieldURI PropertyTag="{tag:#x}" PropertyType="String"/>'
    return f"<t:ExtendedProperty>{uri}<t:Value>{escape(value)}</t:Value></t:ExtendedProperty>"


def item(kind: str, name: str, properties: Mapping[str, str]) -> str:
    """Return an item: its identifier, and its properties in the schema's order."""
    assert properties.keys() <= {*_ORDER}, properties.keys()
    inner = "".join(properties[key] for key in _ORDER if key in properties)
    return f'<t:{kind}><t:ItemId Id={quoteattr(name)} ChangeKey="AQ=="/>{inner}</t:{kind}>'


def folder(kind: str, name: str, properties: Mapping[str, str]) -> str:
    """Return a folder likewise."""
    inner = "".join(properties[key] for key in _FOLDER_ORDER if key in properties)
    return f'<t:{kind}><t:FolderId Id={quoteattr(name)} ChangeKey="AQ=="/>{inner}</t:{kind}>'


def response(operation: str, messages: Iterable[str], version: str) -> bytes:
    """Return a whole answer."""
    inner = "".join(messages)
    body = (
        f"<m:{operation}Response><m:ResponseMessages>{inner}</m:ResponseMessages>"
        f"</m:{operation}Response>"
    )
    return envelope(body, version)


def success(operation: str, content: str) -> str:
    """Return one message of an answer."""
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError'
        f"</m:ResponseCode>{content}</m:{operation}ResponseMessage>"
    )


def failure(operation: str, code: str) -> str:
    """Return one message of an answer, which says what is wrong."""
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>No.</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode>{_EMPTY.get(operation, '')}"
        f"</m:{operation}ResponseMessage>"
    )


def envelope(body: str, version: str = "Exchange2013") -> bytes:
    """Return SOAP about ``body``."""
    info = (
        '<t:ServerVersionInfo MajorVersion="15" MinorVersion="0" MajorBuildNumber="1497" '
        f'MinorBuildNumber="2" Version="{version}"/>'
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:t="{TYPES}" '
        f'xmlns:m="{MESSAGES}"><s:Header>{info}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def fault(code: str, back_off: int | None = None) -> bytes:
    """Return a fault, as Exchange sends it with status 500; ``back_off`` is in milliseconds."""
    wish = (
        f'<t:MessageXml xmlns:t="{TYPES}"><t:Value Name="BackOffMilliseconds">{back_off}'
        "</t:Value></t:MessageXml>"
        if back_off is not None
        else ""
    )
    return envelope(
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>No.</faultstring><detail>"
        f'<e:ResponseCode xmlns:e="{ERRORS}">{code}</e:ResponseCode>'
        f'<e:Message xmlns:e="{ERRORS}">No.</e:Message>{wish}</detail></s:Fault>'
    )
