"""A mailbox's domain says where its server is; a password stays within it, and out of the cloud."""

import base64
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import AccessDenied, Misconfigured, Unavailable
from connectors.exchange import autodiscover
from connectors.exchange.hosts import is_online
from connectors.exchange.settings import ExchangeSettings
from tests.connectors.exchange.mailbox import Home, add_letter, keep, poll, seen, settings_at
from tests.servers.api import Call, Reply, Served, running
from tests.servers.ews import PASSWORD, PATH, USER, XML, Exchange
from tests.servers.ews_xsd import Schemas
from tests.servers.web import Authority

GRAPH = 'kind = "graph"'
WHERE = "/autodiscover/autodiscover.xml"
NAMES = ("autodiscover.example.org", "example.org", "mail.example.org", "mail.corp.example")
_RESPONSE = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
<Account>{inside}</Account></Response></Autodiscover>"""


def told(inside: str) -> Reply:
    return Reply(200, _RESPONSE.format(inside=inside).encode(), XML)


def protocols(**urls: str) -> Reply:
    inside = "".join(
        f"<Protocol><Type>{kind}</Type><EwsUrl>{url}</EwsUrl></Protocol>"
        for kind, url in urls.items()
    )
    return told(inside)


@dataclass
class Domain:
    """A domain whose every host is one server, and what each says of where mailboxes are."""

    exchange: Exchange
    answers: dict[str, Reply] = field(default_factory=dict)
    served: Served | None = None
    settings: ExchangeSettings | None = None
    looked_up: list[str] = field(default_factory=list)

    def answer(self, call: Call) -> Reply:
        if call.path != WHERE:
            return self.exchange.answer(call)
        if self.exchange.schemas is not None and b"Envelope" not in call.body:
            self.exchange.complaints += self.exchange.schemas.complaints(call.body)
        host = call.headers["host"].partition(":")[0]
        reply = self.answers.get(host, Reply(404))
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if reply.status == 200 and call.headers.get("authorization") != f"Basic {pair}":
            return Reply(401, b"", {"WWW-Authenticate": "Basic"})
        return reply

    def at(self, host: str, path: str = PATH) -> str:
        assert self.served is not None
        return f"https://{host}:{self.served.url.rpartition(':')[2]}{path}"

    def hosts(self, *, signed: bool = False) -> set[str]:
        """Return the hosts that were asked; those that were told the password, if ``signed``."""
        assert self.served is not None
        calls = [c for c in self.served.calls if not signed or "authorization" in c.headers]
        return {call.headers["host"].partition(":")[0] for call in calls}

    def poll(self, **others: Any) -> int:
        assert self.settings is not None
        return len(seen(poll(settings_with(self.settings, **others))))


def settings_with(settings: ExchangeSettings, **others: Any) -> ExchangeSettings:
    return type(settings)(**(vars(settings) | others))


@pytest.fixture
def domain(
    schemas: Schemas | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Domain]:
    found = Domain(Exchange(schemas))
    add_letter(found.exchange, 1)
    authority = Authority(tmp_path)
    with running(found, context=authority.context("localhost", *NAMES)) as served:
        found.served = served
        found.settings = settings_at(served, authority.file, tmp_path, url="")
        port = served.url.rpartition(":")[2]
        places = [place.replace("{domain}", f"{{domain}}:{port}") for place in autodiscover.PLACES]
        monkeypatch.setattr(autodiscover, "PLACES", places)
        system = socket.getaddrinfo

        def look_up(host: str, *rest: Any, **others: Any) -> Any:
            found.looked_up.append(str(host))
            return system("127.0.0.1", *rest, **others)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        yield found
    assert found.exchange.complaints == []


def test_the_server_is_found(domain: Domain) -> None:
    here = domain.at("mail.example.org")
    domain.answers["autodiscover.example.org"] = protocols(EXCH="https://x.example.org/", EXPR=here)
    assert domain.poll() == 1
    assert domain.hosts() == {"autodiscover.example.org", "mail.example.org"}


def test_the_way_in_from_inside_will_do(domain: Domain) -> None:
    domain.answers["autodiscover.example.org"] = protocols(EXCH=domain.at("mail.example.org"))
    assert domain.poll() == 1


def test_the_domain_itself_is_asked_where_nothing_else_answers(domain: Domain) -> None:
    domain.answers["example.org"] = protocols(EXPR=domain.at("mail.example.org"))
    assert domain.poll() == 1


@pytest.mark.parametrize("by", ["redirect", "answer"])
def test_one_answer_may_lead_to_another_within_the_domain(domain: Domain, by: str) -> None:
    there = domain.at("mail.example.org", WHERE)
    leads = Reply(302, b"", {"Location": there}) if by == "redirect" else redirect_by_answer(there)
    domain.answers["autodiscover.example.org"] = leads
    domain.answers["mail.example.org"] = protocols(EXPR=domain.at("mail.example.org"))
    assert domain.poll() == 1


def redirect_by_answer(url: str) -> Reply:
    return told(f"<Action>redirectUrl</Action><RedirectUrl>{url}</RedirectUrl>")


@pytest.mark.parametrize("by", ["redirect", "answer", "address"])
def test_the_password_stays_within_the_domain(domain: Domain, by: str) -> None:
    there = domain.at("mail.corp.example", WHERE)
    domain.answers["autodiscover.example.org"] = {
        "redirect": Reply(302, b"", {"Location": there}),
        "answer": redirect_by_answer(there),
        "address": protocols(EXPR=domain.at("mail.corp.example")),
    }[by]
    with pytest.raises(Misconfigured, match=r"outside of example.org; if that is yours, write url"):
        domain.poll()
    assert "mail.corp.example" not in domain.hosts()


def test_the_owner_may_name_a_server_elsewhere(domain: Domain) -> None:
    assert domain.poll(url=domain.at("mail.corp.example")) == 1


def test_a_plain_redirect_is_not_followed(domain: Domain) -> None:
    plain = {"Location": f"http://mail.example.org{WHERE}"}
    domain.answers["autodiscover.example.org"] = Reply(302, b"", plain)
    with pytest.raises(Misconfigured, match="not secure"):
        domain.poll()
    assert domain.hosts(signed=True) == set()


def test_a_server_that_redirects_is_not_followed(domain: Domain) -> None:
    assert domain.served is not None
    there = {"Location": domain.at("mail.corp.example")}
    domain.served.faults.append(lambda _: Reply(302, b"", there))
    with pytest.raises(Misconfigured, match=r"redirects to https://mail.corp.example"):
        domain.poll(url=domain.at("mail.example.org"))
    assert "mail.corp.example" not in domain.hosts()


def test_leading_round_in_circles_ends(domain: Domain) -> None:
    there = domain.at("autodiscover.example.org", WHERE)
    domain.answers["autodiscover.example.org"] = redirect_by_answer(there)
    with pytest.raises(Unavailable, match="circles"):
        domain.poll()


def test_where_nobody_says_it_the_owner_is_asked(domain: Domain) -> None:
    with pytest.raises(Misconfigured, match=r"example.org does not say .*write url = .*graph"):
        domain.poll()
    assert domain.hosts(signed=True) == set()


def test_where_nobody_says_it_now_a_later_poll_will(domain: Domain) -> None:
    domain.answers["autodiscover.example.org"] = Reply(503)
    with pytest.raises(Unavailable, match="503"):
        domain.poll()


def test_a_wrong_password_is_denied_access(domain: Domain, tmp_path: Path) -> None:
    domain.answers["autodiscover.example.org"] = protocols(EXPR=domain.at("mail.example.org"))
    with pytest.raises(AccessDenied, match="put both right"):
        domain.poll(secret=keep(tmp_path, "wrong"))


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b"<html>Welcome", XML),
        Reply(200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', XML),
        told("<Error/>"),
    ],
    ids=["page", "entity", "error"],
)
def test_what_makes_no_sense_is_no_address(domain: Domain, answer: Reply) -> None:
    domain.answers["autodiscover.example.org"] = answer
    with pytest.raises(Misconfigured, match="does not say"):
        domain.poll()


# Exchange Online.


@pytest.mark.parametrize(
    "host",
    ["outlook.office365.com", "OUTLOOK.office.com", "partner.outlook.cn", "outlook.office365.us"],
)
def test_exchange_online_is_told_apart_by_its_name(domain: Domain, host: str) -> None:
    with pytest.raises(Misconfigured, match=GRAPH):
        domain.poll(url=f"https://{host}/EWS/Exchange.asmx", allow_private=False)
    assert domain.looked_up == []
    assert domain.hosts() == set()


def test_an_address_of_outlook_com_is_at_exchange_online(domain: Domain) -> None:
    with pytest.raises(Misconfigured, match=GRAPH):
        domain.poll(address="mara@outlook.com")
    assert domain.looked_up == []


@pytest.mark.parametrize("by", ["redirect", "answer", "address", "flag", "mailbox"])
def test_where_autodiscovery_leads_to_exchange_online_nothing_is_sent_there(
    domain: Domain, by: str
) -> None:
    online = "https://autodiscover-s.outlook.com" + WHERE
    domain.answers["autodiscover.example.org"] = {
        "redirect": Reply(302, b"", {"Location": online}),
        "answer": redirect_by_answer(online),
        "address": protocols(EXPR="https://outlook.office365.com/EWS/Exchange.asmx"),
        "flag": told("<MicrosoftOnline>True</MicrosoftOnline>"),
        "mailbox": told("<RedirectAddr>mara@example.mail.onmicrosoft.com</RedirectAddr>"),
    }[by]
    with pytest.raises(Misconfigured, match=GRAPH):
        domain.poll()
    assert not [name for name in domain.looked_up if "outlook" in name or "office" in name]
    assert domain.hosts() == {"autodiscover.example.org"}


def test_where_a_server_leads_to_exchange_online_nothing_is_sent_there(home: Home) -> None:
    there = {"Location": "https://outlook.office365.com/EWS/Exchange.asmx"}
    home.served.faults.append(lambda _: Reply(302, b"", there))
    with pytest.raises(Misconfigured, match=GRAPH):
        poll(home.settings())
    assert len(home.served.calls) == 1


def test_a_mailbox_that_moved_to_another_domain_is_told(domain: Domain) -> None:
    moved = told("<RedirectAddr>mara@example.com</RedirectAddr>")
    domain.answers["autodiscover.example.org"] = moved
    with pytest.raises(Misconfigured, match="moved to another domain"):
        domain.poll()


def test_names_that_only_look_alike_are_not_exchange_online() -> None:
    assert is_online("outlook.office365.com.")
    assert not is_online("notoutlook.com")
    assert not is_online("outlook.com.example.org")
