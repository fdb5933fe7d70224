"""A section of the settings -> the connector that it describes, which has touched nothing yet."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeAlias

from connectors import registry
from connectors.credentials.secrets import Secret
from connectors.protocol import Connector, SignsIn
from daemon.config.accounts import Delivery, Source

Account: TypeAlias = Source | Delivery
"""A section that may name an account at a service."""

DELIVERY = "delivery"
"""What the section of the delivery is called where sources are called by their names."""

SINCE = datetime(1980, 1, 1, tzinfo=UTC)
"""Electronic mail older than this has a wrong date."""


def open_connector(
    kind: str, offered: Mapping[str, Any], *, beside: Iterable[Account] = ()
) -> Connector:
    """Return the connector of ``kind``.

    Args:
        kind: What the settings call it.
        offered: Settings by the connectors' names for them; those that this one knows are used.
        beside: Other sections that use the same app at the service. What they may do, this one
            may as well: services such as Microsoft's tell an app of all that it was ever let do.

    Raises:
        Misconfigured: There is no connector of that kind.
    """
    connector = registry.load(kind)
    known = {field.name for field in fields(connector.settings_type)}
    if "permissions_beside" in known:
        offered = {**offered, "permissions_beside": _list_permissions(beside)}
    chosen = {name: value for name, value in offered.items() if name in known}
    return connector(connector.settings_type(**chosen), since=SINCE)


def open_account(account: Account, *, beside: Iterable[Account] = ()) -> Connector:
    """Return the connector of a section alone, to let its owner sign in or to send.

    Raises:
        Misconfigured: There is no connector of that kind.
    """
    return open_connector(account.kind or "", offer(account), beside=beside)


def offer(account: Account) -> dict[str, Any]:
    """Return what a section says, by the names that connectors know it by."""
    said = {name: getattr(account, name) for name in type(account).model_fields}
    offered = {name: value for name, value in said.items() if value is not None}
    if account.secret:
        offered["secret"] = Secret(account.secret)
    return offered | {"sends": isinstance(account, Delivery)}


def list_beside(account: Account, others: Iterable[Account]) -> tuple[Account, ...]:
    """Return those of ``others``, without ``account``, that use the same app at the service."""
    if account.client_id is None:
        return ()
    app = (account.kind, account.client_id)
    return tuple(it for it in others if it is not account and (it.kind, it.client_id) == app)


def _list_permissions(accounts: Iterable[Account]) -> tuple[str, ...]:
    opened = [open_account(it) for it in accounts]
    found = (it.list_permissions() for it in opened if isinstance(it, SignsIn))
    return tuple(sorted({permission for some in found for permission in some}))
