"""An e-mail address -> the servers behind it: the bundled table, then DNS, then the provider."""

from dataclasses import replace

from connectors.discovery.autoconfig import Fetch, fetch_servers
from connectors.discovery.model import Server, Servers
from connectors.discovery.providers import find_by_domain, find_by_exchangers, servers_of
from connectors.discovery.records import Records, find_dav, find_mail


def find_servers(address: str, *, resolver: Records, fetch: Fetch) -> Servers:
    """Return the servers of the account with this address, as far as they can be found.

    The order is: the provider's own domain in the bundled table, which needs no network; the
    domain's mail exchangers in that table; the domain's service records; its description for
    mail programs. What comes from DNS is not proven: show it to the owner before a password
    goes there.

    Args:
        address: An e-mail address.
        resolver: What DNS is asked through.
        fetch: What web pages are read with.

    Returns:
        What was found; without a ``found_by`` and servers where nothing was.

    Source: RFC 6186, section 6, for the warning.
    """
    address = address.strip()
    domain = address.rpartition("@")[2].lower()
    row = find_by_domain(domain)
    if row is not None:
        return servers_of(row, address)
    row = find_by_exchangers(resolver.exchangers(domain))
    found = servers_of(row, address) if row else _ask(address, domain, resolver, fetch)
    return replace(
        found,
        imap=_sign_in_as(address, found.imap),
        smtp=_sign_in_as(address, found.smtp),
        caldav=found.caldav or find_dav("caldav", domain, resolver),
        carddav=found.carddav or find_dav("carddav", domain, resolver),
    )


def _ask(address: str, domain: str, records: Records, fetch: Fetch) -> Servers:
    imap, smtp = find_mail(domain, records)
    if imap:
        return Servers(found_by=f"named by the DNS of {domain}", imap=imap, smtp=smtp)
    return fetch_servers(address, fetch)


def _sign_in_as(address: str, server: Server | None) -> Server | None:
    """Source: RFC 6186, section 4: the whole address first."""
    return server and replace(server, user=server.user or address)
