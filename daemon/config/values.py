"""The kinds of value that settings have -> each checked, and said right where it is wrong."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Strict, ValidationInfo

from connectors.credentials.secrets import SCHEMES


class Section(BaseModel):
    """A part of the settings: frozen, and strict about names and types."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def _email(text: str) -> str:
    local, at, domain = text.strip().partition("@")
    if not (local and at and domain) or "@" in domain or any(c.isspace() for c in text.strip()):
        raise ValueError(f"{text!r} is not an e-mail address")
    return text.strip().lower()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone, such as Europe/Berlin or UTC") from None
    return name


def _starts_at_the_file(path: Path | None, info: ValidationInfo) -> Path | None:
    folder: Path = (info.context or {}).get("folder", Path())
    return path and folder / path.expanduser()


def _refers(text: str, info: ValidationInfo) -> str:
    """Check a reference to a secret, and let a relative file start at the settings' folder."""
    scheme, colon, rest = text.partition(":")
    if scheme not in SCHEMES or not (colon and rest):
        raise ValueError(
            "say where the password is kept, such as file:mail.secret; never write it in here"
        )
    if scheme != "file":
        return text
    return f"file:{_starts_at_the_file(Path(rest), info)}"


def _web_address(text: str) -> str:
    parts = urlsplit(text)  # ValueError, for brackets that do not close, says why
    if parts.scheme not in ("https", "http"):
        raise ValueError("write the whole address, with https://")
    if "@" in parts.netloc:
        raise ValueError("leave name and password out of the address: there are user and secret")
    if not parts.hostname:
        raise ValueError("there is no host in this address")
    return text


def _host(text: str) -> str:
    name, colon, port = text.partition(":")
    if "://" in text or "/" in text or "@" in text:
        raise ValueError("the bare name of the server, such as imap.example.org")
    if colon and port.isdigit():
        raise ValueError(f"write host = {name!r} and port = {port}")
    if not text or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError(f"{text!r} is no name of a server")
    return text


Email = Annotated[str, AfterValidator(_email)]
FilePath = Annotated[
    # TOML has no paths: they are written as text.
    Annotated[Path, Strict(False)] | None,
    AfterValidator(_starts_at_the_file),
]
SecretReference = Annotated[str, AfterValidator(_refers)]
Security = Literal["tls", "starttls", "none"]
HostName = Annotated[str, AfterValidator(_host)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
ZoneName = Annotated[str, AfterValidator(_zone)]
