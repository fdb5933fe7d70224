"""The domain of a mailbox -> where its server takes EWS, by Microsoft's autodiscovery.

Only the two well-known addresses of the mailbox's own domain are asked, by https. Where they
lead to, a password is sent only if that lies in the same domain; the owner names any other
server in the settings. exchangelib's own search would follow plain redirects and records of
the DNS anywhere, and keep what it finds in a file that all programs of the user share.
"""

from xml.sax.saxutils import escape

from lxml import etree

from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.exchange.account import open_session
from connectors.exchange.hosts import ONLINE_REFUSED, Elsewhere, is_within, refuse_online
from connectors.exchange.settings import ExchangeSettings
from connectors.exchange.troubles import RAISED
from connectors.exchange.wire import Adapter, Wire
from connectors.http import Answer
from connectors.pace import Busy
from connectors.web_address import WebAddress

PLACES = (
    "https://autodiscover.{domain}/autodiscover/autodiscover.xml",
    "https://{domain}/autodiscover/autodiscover.xml",
)
"""Where a domain says where its mailboxes are.

Source: Microsoft, "Autodiscover for Exchange"; MS-OXDISCO section 3.1.5. The other way round:
the second is most often a web site, which need not see anybody's password.
"""
N_STEPS = 4
"""How often one answer may lead to the next question. Source: MS-OXDISCO has it at ten."""

_REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
<Request><EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>\
http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\
</AcceptableResponseSchema></Request></Autodiscover>"""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK, _UNAUTHORIZED, _TOO_MANY, _INTERNAL_ERROR = 200, 401, 429, 500
_ONLINE_DOMAIN = "onmicrosoft.com"


class _Leads(Exception):
    """An answer leads to another address."""

    def __init__(self, url: str) -> None:
        super().__init__("leads elsewhere")
        self.url = url


def find_url(settings: ExchangeSettings, wire: Wire) -> str:
    """Return the address of EWS for the mailbox of ``settings``.

    Raises:
        AccessDenied: The server refuses the user or the secret.
        Misconfigured: It is Exchange Online, lies in another domain, or is not to be found.
        Unavailable: It is not to be found now.
    """
    troubles: list[ConnectorError] = []
    for place in PLACES:
        try:
            return _search(place.format(domain=settings.domain), settings, wire)
        except Elsewhere:
            raise
        except (AccessDenied, Misconfigured, Unavailable) as trouble:
            troubles.append(trouble)
    denials = (trouble for trouble in troubles if isinstance(trouble, AccessDenied))
    raise next(denials, None) or _not_found(settings.domain, troubles) from None


def _not_found(domain: str, troubles: list[ConnectorError]) -> ConnectorError:
    kind = Unavailable if any(isinstance(t, Unavailable) for t in troubles) else Misconfigured
    return kind(
        f"{domain} does not say where its Exchange server is ({troubles[0]}); write url = "
        '"https://YOUR.SERVER/EWS/Exchange.asmx", or if the mailbox is at Microsoft 365, '
        'kind = "graph"'
    )


def _search(url: str, settings: ExchangeSettings, wire: Wire) -> str:
    for _ in range(N_STEPS):
        _require_own(url, settings.domain)
        try:
            found = _read(_ask(url, settings, wire), url)
        except _Leads as led:
            url = led.url
        else:
            _require_own(found, settings.domain)
            return found
    raise Unavailable(f"{WebAddress.parse(url).place} leads round in circles")


def _require_own(url: str, domain: str) -> None:
    """Return if ``url`` may be given the password of a mailbox in ``domain``."""
    place = WebAddress.parse(url)
    refuse_online(place.host)
    if not (place.is_secure and is_within(place.host, domain)):
        raise Elsewhere(
            f"{domain} names {place.place} as its Exchange server, which lies outside of "
            f'{domain}; if that is yours, write url = "https://{place.authority}'
            '/EWS/Exchange.asmx"'
        )


def _ask(url: str, settings: ExchangeSettings, wire: Wire) -> bytes:
    place = WebAddress.parse(url).place
    question = _REQUEST.format(address=escape(settings.mailbox)).encode()
    try:
        with open_session(settings, url, Adapter(wire, _check)) as session:
            response = session.post(url, data=question, allow_redirects=False)
    except Busy as busy:
        raise Unavailable(str(busy), retry_after=busy.retry_after) from None
    except RAISED as problem:
        raise Unavailable(f"{place} is not understood ({type(problem).__name__})") from None
    if response.status_code == _UNAUTHORIZED:
        raise AccessDenied(f"{place} refuses the user or the secret; put both right")
    return response.content


def _check(answer: Answer) -> None:
    """Return if the answer says something, or asks who we are."""
    if answer.status in _REDIRECTS:
        place = WebAddress.parse(answer.url)
        raise _Leads(place.redirected(answer.headers.get("location", "")).text)
    if answer.status >= _INTERNAL_ERROR or answer.status == _TOO_MANY:
        raise Unavailable(f"{answer.place} answers {answer.status}")
    if answer.status not in (_OK, _UNAUTHORIZED):
        raise Misconfigured(f"{answer.place} answers {answer.status}")


def _read(answer: bytes, url: str) -> str:
    """Return the address in an answer.

    Source: Microsoft, "POX autodiscover response". EXPR is the way in from outside, EXCH the one
    from inside the network.
    """
    root = _parse(answer, url)
    if leads_to := root.findtext(".//{*}RedirectUrl"):
        raise _Leads(leads_to.strip())
    if root.findtext(".//{*}MicrosoftOnline", "").strip().lower() == "true":
        raise Elsewhere(ONLINE_REFUSED)
    if address := root.findtext(".//{*}RedirectAddr"):
        raise _moved_to(address.strip().rpartition("@")[2])
    by_kind = {
        protocol.findtext("{*}Type", "").strip(): protocol.findtext("{*}EwsUrl", "").strip()
        for protocol in root.iterfind(".//{*}Protocol")
    }
    found = by_kind.get("EXPR") or by_kind.get("EXCH")
    if not found:
        raise Misconfigured(f"{WebAddress.parse(url).place} knows no EWS for this mailbox")
    return found


def _moved_to(domain: str) -> Elsewhere:
    """Source: Microsoft, "Autodiscover in a hybrid deployment": to the address in the cloud."""
    if is_within(domain, _ONLINE_DOMAIN):
        return Elsewhere(ONLINE_REFUSED)
    return Elsewhere("the mailbox has moved to another domain; write its address there as address")


def _parse(answer: bytes, url: str) -> etree._Element:
    try:
        if b"<!DOCTYPE" in answer:
            raise ValueError
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(answer, parser)
    except (ValueError, etree.XMLSyntaxError):
        place = WebAddress.parse(url).place
        raise Misconfigured(f"{place} answers with something else than an address") from None
