"""The sections of the settings that are opened by a sign-in -> their owner, signed in."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import cast

from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.protocol import Connector, Desk, SignsIn
from daemon.config.kinds import signs_in
from daemon.config.model import Settings
from daemon.config.open import DELIVERY, Account, list_beside, open_account
from daemon.config.sign_in import complete, tell_sign_in
from daemon.errors import ExitCode, UserError


@dataclass(frozen=True, slots=True)
class Entrance:
    """A section that is opened by a sign-in; ``name`` is what ``kithd sign-in`` calls it.

    ``beside`` are the other sections that use the same app at the service.
    """

    name: str
    account: Account
    beside: tuple[Account, ...] = ()

    @property
    def kind(self) -> str:
        """What the settings call the service."""
        return self.account.kind or ""

    @property
    def secret(self) -> Secret:
        """Where what the sign-in brings is kept."""
        return Secret(self.account.secret or "")

    @property
    def where(self) -> str:
        """The section, as it is headed in the settings."""
        return f"[{DELIVERY}]" if self.name == DELIVERY else f"[sources.{self.name}]"


def list_entrances(settings: Settings) -> tuple[Entrance, ...]:
    """Return the sections that are opened by a sign-in: sources in their order, then delivery."""
    accounts: dict[str, Account] = {**settings.sources, DELIVERY: settings.delivery}
    return tuple(
        Entrance(name, account, list_beside(account, accounts.values()))
        for name, account in accounts.items()
        if signs_in(account.kind)
    )


def is_signed_in(entrance: Entrance) -> bool:
    """Ask whether what a sign-in brings is there; whether the service still takes it, it says.

    Raises:
        UserError: Something else is kept there, or others may read it.
    """
    with _telling(entrance):
        try:
            Tokens(entrance.secret).read()
        except AccessDenied:
            return False
    return True


def list_permissions(entrance: Entrance) -> tuple[str, ...]:
    """Return what is asked for, as the service names it, sorted.

    Raises:
        UserError: The settings cannot be right.
    """
    with _telling(entrance), closing(_open(entrance)) as connector:
        return cast(SignsIn, connector).list_permissions()


def sign_in(entrance: Entrance, desk: Desk) -> str:
    """Let the owner at ``desk`` sign in; return who did, as the service's page knows them.

    Raises:
        UserError: Nobody did, or what the sign-in brings cannot be kept: nothing has changed.
    """
    if not Tokens(entrance.secret).can_be_written:
        scheme = entrance.secret.reference.partition(":")[0]
        raise UserError(
            f"What a sign-in brings cannot be kept behind {scheme}:, only read there.",
            entrance.where,
            f'secret = "file:{entrance.name}.tokens"',
            exit_code=ExitCode.CONFIG,
        )
    is_signed_in(entrance)  # what is no sign-in of kithd's must not be written over
    with _telling(entrance), closing(_open(entrance)) as connector:
        return cast(SignsIn, connector).sign_in(desk)


def _open(entrance: Entrance) -> Connector:
    return open_account(entrance.account, beside=entrance.beside)


@contextmanager
def _telling(entrance: Entrance) -> Iterator[None]:
    """Tell the owner in three lines what a connector says in one."""
    try:
        yield
    except ConnectorError as problem:
        remedy, exit_code = _find_remedy(entrance, problem)
        said = complete(str(problem), entrance.name)
        said = said.removesuffix(f"; type: {remedy}").rstrip(".")
        raise UserError(
            f"{said[:1].upper()}{said[1:]}.", entrance.where, remedy, exit_code=exit_code
        ) from None


def _find_remedy(entrance: Entrance, problem: ConnectorError) -> tuple[str, ExitCode]:
    again = tell_sign_in(entrance.name)
    match problem:
        case Unavailable():
            return again, ExitCode.UNAVAILABLE
        case Misconfigured():
            return f"put that right, and type: {again}", ExitCode.CONFIG
    return again, ExitCode.NO_PERMISSION
