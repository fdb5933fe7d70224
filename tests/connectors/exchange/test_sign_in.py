"""How a mailbox is signed in to, and that a password goes nowhere else."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest
import spnego
from exchangelib.protocol import CachingProtocol
from spnego import NegotiateOptions

from connectors.errors import AccessDenied, Misconfigured
from tests.connectors.exchange.mailbox import Home, add_letter, keep, poll, seen, settings_at
from tests.servers.api import Call, Reply, running
from tests.servers.ews import PASSWORD, USER, Exchange
from tests.servers.ews_xsd import Schemas, require
from tests.servers.web import Authority

DOMAIN_USER = "EXAMPLE\\mara"


def signatures(home: Home) -> list[str]:
    return [call.headers.get("authorization", "") for call in home.served.calls]


def test_a_password_is_sent_in_the_way_that_the_server_offers(home: Home) -> None:
    add_letter(home.exchange, 1)
    assert len(seen(poll(home.settings()))) == 1
    first, *others = signatures(home)
    assert first == ""
    assert {one.partition(" ")[0] for one in others} == {"Basic"}


def test_the_owner_may_settle_the_way(home: Home) -> None:
    add_letter(home.exchange, 1)
    poll(home.settings(sign_in="basic"))
    assert all(one.startswith("Basic ") for one in signatures(home))


def test_an_access_token_signs_each_request(home: Home) -> None:
    home.exchange.token = "t0ken-canary"  # noqa: S105 -- of nobody
    add_letter(home.exchange, 1)
    secret = keep(home.folder, home.exchange.token)
    assert len(seen(poll(home.settings(sign_in="xoauth2", secret=secret)))) == 1
    assert {*signatures(home)} == {"Bearer t0ken-canary"}


@pytest.mark.parametrize("sign_in", ["password", "basic", "xoauth2"])
def test_a_wrong_secret_is_denied_access(home: Home, sign_in: str) -> None:
    home.exchange.token = "another" if sign_in == "xoauth2" else ""
    secret = keep(home.folder, "wrong-canary")
    with pytest.raises(AccessDenied, match="put both right") as caught:
        poll(home.settings(sign_in=sign_in, secret=secret))
    assert "canary" not in str(caught.value)
    assert len(home.served.calls) <= 2


def test_a_server_that_offers_nothing_known_is_named(home: Home) -> None:
    home.exchange.offers = "Negotiate"
    with pytest.raises(Misconfigured, match="takes no password by NTLM or basic"):
        poll(home.settings())
    assert signatures(home) == [""]


class Ntlm:
    """A service that signs people in by NTLM, one request at a time."""

    def __init__(self, inner: Exchange) -> None:
        self.inner = inner
        self.tokens: list[bytes] = []
        self._context: spnego.ContextProxy | None = None

    def answer(self, call: Call) -> Reply:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme != "NTLM":
            return Reply(401, b"", {"WWW-Authenticate": 'Negotiate, NTLM, Basic realm="x"'})
        self.tokens.append(base64.b64decode(token))
        if self._context is None:
            self._context = spnego.server(protocol="ntlm", options=NegotiateOptions.use_ntlm)
        challenge = self._context.step(self.tokens[-1])
        if not self._context.complete:
            said = base64.b64encode(challenge or b"").decode()
            return Reply(401, b"", {"WWW-Authenticate": f"NTLM {said}"})
        self._context = None
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return self.inner.answer(
            Call(call.method, call.path, call.query, {"authorization": f"Basic {pair}"}, call.body)
        )


@pytest.mark.parametrize("sign_in", ["password", "ntlm"])
def test_ntlm_is_preferred_and_never_shows_the_password(
    schemas: Schemas | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign_in: str
) -> None:
    people = tmp_path / "people"
    people.write_text(f"EXAMPLE:mara:{PASSWORD}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(people))
    service = Ntlm(Exchange(schemas))
    add_letter(service.inner, 1)
    authority = Authority(tmp_path)
    with running(service, context=authority.context("localhost")) as served:
        settings = settings_at(
            served, authority.file, tmp_path, user=DOMAIN_USER, address=USER, sign_in=sign_in
        )
        assert len(seen(poll(settings))) == 1
        sent = repr([(call.headers, call.body) for call in served.calls])
    assert service.tokens[0].startswith(b"NTLMSSP\x00\x01")
    assert service.tokens[1].startswith(b"NTLMSSP\x00\x03")
    assert PASSWORD not in sent
    assert base64.b64encode(PASSWORD.encode()).decode() not in sent
    assert service.inner.complaints == []


def test_nothing_of_the_environment_counts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = home.folder / "netrc"
    netrc.write_text("machine localhost login eve password other")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/dev/null")
    add_letter(home.exchange, 1)
    assert len(seen(poll(home.settings()))) == 1
    assert signatures(home)[0] == ""


def test_certificates_are_verified(home: Home) -> None:
    with pytest.raises(Misconfigured, match="certificate that is not trusted"):
        poll(home.settings(ca_file=None))
    assert home.served.calls == []


def test_nothing_is_kept_in_the_process_or_on_the_disk(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    poll(home.settings())
    assert CachingProtocol._protocol_cache == {}
    assert list(temporary.iterdir()) == []


def test_a_private_server_is_asked_only_where_the_owner_means_it(home: Home) -> None:
    with pytest.raises(Misconfigured, match="lies in a private network"):
        poll(home.settings(allow_private=False))
    assert home.served.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org/EWS/Exchange.asmx",
        "ftp://mail.example.org/",
        "https://u:p@h.example/",
    ],
    ids=["plain", "not the web", "with a password"],
)
def test_addresses_that_cannot_be_right_are_named(home: Home, url: str) -> None:
    with pytest.raises(Misconfigured):
        poll(home.settings(url=url, allow_private=False))


def test_a_mailbox_needs_an_address(home: Home) -> None:
    with pytest.raises(Misconfigured, match=r'address = "you@example.org"'):
        poll(home.settings(user=DOMAIN_USER))
    assert home.served.calls == []


@pytest.mark.parametrize(
    "others", [{"sign_in": "kerberos"}, {"parts": ("tasks",)}], ids=["way", "part"]
)
def test_unknown_words_are_named(home: Home, others: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match="write"):
        poll(home.settings(**others))
    assert home.served.calls == []


def test_opening_does_not_load_the_library() -> None:
    code = (
        "import sys, connectors.exchange.connector;"
        "print({'exchangelib', 'requests', 'lxml'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_schemas_were_there_to_compare_with(schemas: Schemas | None) -> None:
    assert require(schemas).complaints(b"<s:Envelope xmlns:s='urn:x'/>")
