"""The two ways out that looking for servers needs, as they are on a real machine."""

from connectors.discovery.autoconfig import SIZE_LIMIT
from connectors.discovery.find import find_servers
from connectors.discovery.model import Servers
from connectors.discovery.records import Dns
from connectors.errors import ConnectorError
from connectors.http import Bounds, Web

SECONDS = 4.0
"""For one web page: a domain without a web server should not keep its owner waiting."""


def look_up(address: str) -> Servers:
    """Return the servers of an account, asking DNS and the address's own domain at the most."""
    return find_servers(address, resolver=Dns(), fetch=fetch)


def fetch(url: str) -> bytes | None:
    """Return what is at an https address, or None where nothing is or nobody answers."""
    web = Web(bounds=Bounds(bytes=SIZE_LIMIT, seconds=SECONDS, redirects=3))
    try:
        answer = web.request("GET", url)
    except ConnectorError:
        return None
    finally:
        web.close()
    return answer.body if answer.status == 200 else None
