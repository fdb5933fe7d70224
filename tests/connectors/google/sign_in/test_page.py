"""The owner says yes on Google's page, and exactly what is needed is kept."""

from pathlib import Path
from traceback import format_exception

import pytest

from connectors.credentials.google_sign_in import sign_in
from connectors.credentials.secrets import Secret
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.google.settings import GoogleSettings
from tests.connectors.google.letters import SCOPE, SEND, ask_for, bench_in
from tests.connectors.google.sign_in.owner import Browser, Elsewhere, Owner, kept_in, with_state
from tests.servers.api import Fault, Reply
from tests.servers.google_accounts import (
    CANARY,
    CLIENT_ID,
    CLIENT_SECRET,
    Accounts,
    client_file,
    open_accounts,
)
from tests.servers.web import Authority

OTHER = "https://www.googleapis.com/auth/calendar.events.readonly"


def at_the_end(reply: Reply) -> Fault:
    """Return a fault of the exchange, to which nothing but the page has come before."""
    return lambda call: reply if call.method == "POST" else None


def test_what_the_owner_granted_is_kept(
    desk: Browser | Elsewhere, settings: GoogleSettings
) -> None:
    who = sign_in(settings, (SCOPE,), desk)
    assert who.endswith("chosen on Google's page (Google was asked for owner@example.org)")
    kept = kept_in(settings)
    assert kept is not None
    assert kept["scopes"] == [SCOPE]
    assert kept["client_id"] == CLIENT_ID
    assert Path(settings.secret.reference[5:]).stat().st_mode & 0o777 == 0o600


def test_what_is_kept_lets_a_client_in(
    tmp_path: Path, accounts: Accounts, authority: Authority, owner: Owner
) -> None:
    with bench_in(tmp_path, accounts) as bench:
        bench.settings.ca_file = authority.file
        bench.tokens.unlink()
        sign_in(bench.settings, (SCOPE,), owner.here())
        client = bench.open()
        client.ask(ask_for(client))
        accounts.expire_all()
        assert client.ask(ask_for(client))["id"] == "a"
        assert accounts.n_refreshes == 1


def test_the_page_is_asked_for_what_is_needed_and_nothing_else(
    desk: Browser | Elsewhere, settings: GoogleSettings, accounts: Accounts
) -> None:
    sign_in(settings, (SCOPE, OTHER), desk)
    (asked,) = accounts.pages
    assert asked.pop("redirect_uri").startswith("http://127.0.0.1:")
    assert len(asked.pop("state")) >= 30
    assert len(asked.pop("code_challenge")) == 43
    assert asked == {
        "access_type": "offline",
        "client_id": CLIENT_ID,
        "code_challenge_method": "S256",
        "login_hint": "owner@example.org",
        "prompt": "consent",
        "response_type": "code",
        "scope": f"{SCOPE} {OTHER}",
    }


def test_a_code_is_exchanged_as_google_documents_it(
    settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    sign_in(settings, (SCOPE,), owner.here())
    form = accounts.served.calls[-1].form()
    assert form.pop("code_verifier")
    assert form.pop("code")
    assert form == {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": accounts.pages[0]["redirect_uri"],
    }


def test_nobody_is_guessed_where_the_settings_name_nobody(
    settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    settings.user = ""
    assert "chosen on Google's page" in sign_in(settings, (SCOPE,), owner.here())
    assert "login_hint" not in accounts.pages[0]


def test_googles_page_must_be_secure(
    tmp_path: Path, settings: GoogleSettings, owner: Owner
) -> None:
    with open_accounts() as accounts:
        settings.client_file = client_file(tmp_path, accounts)
        with pytest.raises(Misconfigured, match="opened by https only"):
            sign_in(settings, (SCOPE,), owner.here())


def test_a_certificate_of_nobodys_is_not_trusted(settings: GoogleSettings, owner: Owner) -> None:
    settings.ca_file = None
    with pytest.raises(Misconfigured, match="certificate that is not trusted"):
        sign_in(settings, (SCOPE,), owner.here())


def test_an_owner_who_says_no_is_taken_at_their_word(
    desk: Browser | Elsewhere, settings: GoogleSettings, accounts: Accounts
) -> None:
    accounts.decision = lambda _: None
    with pytest.raises(AccessDenied, match="you did not let kithd in"):
        sign_in(settings, (SCOPE,), desk)
    assert kept_in(settings) is None


@pytest.mark.parametrize(
    ("granted", "says"),
    [
        ({SCOPE}, r"does not permit gmail\.send,"),
        ({SCOPE, SEND, OTHER}, r"also permits calendar\.events\.readonly,"),
    ],
    ids=["less", "more"],
)
def test_what_is_not_exactly_needed_is_not_kept(
    granted: set[str],
    says: str,
    desk: Browser | Elsewhere,
    settings: GoogleSettings,
    accounts: Accounts,
    owner: Owner,
) -> None:
    sign_in(settings, (SCOPE,), owner.here())
    before = kept_in(settings)
    accounts.decision = lambda _: frozenset(granted)
    with pytest.raises(AccessDenied, match=f"{says}.*; type: kithd sign-in$"):
        sign_in(settings, (SCOPE, SEND), desk)
    assert kept_in(settings) == before


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b""),
        Reply(200, b"<html>Welcome</html>"),
        Reply(200, b'{"access_token": "x"}', is_cut=True),
        Reply(429, b"{}"),
        Reply(400, b'{"error": "internal_failure"}'),
    ],
    ids=["500", "html", "cut", "429", "internal"],
)
def test_a_sign_in_that_fails_at_the_end_can_be_tried_again(
    reply: Reply, settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    accounts.served.faults.append(at_the_end(reply))
    with pytest.raises(Unavailable, match=r"; type: kithd sign-in$"):
        sign_in(settings, (SCOPE,), owner.here())
    assert kept_in(settings) is None


def test_a_sign_in_for_an_hour_is_not_enough(
    settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    answer = Reply.of({"access_token": "x", "expires_in": 3599, "scope": SCOPE})
    accounts.served.faults.append(at_the_end(answer))
    with pytest.raises(AccessDenied, match="for one hour only"):
        sign_in(settings, (SCOPE,), owner.here())


def test_an_unknown_oauth_client_is_named(
    settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    answer = Reply.of({"error": "invalid_client"}, 401)
    accounts.served.faults.append(at_the_end(answer))
    with pytest.raises(Misconfigured, match="does not know this OAuth client"):
        sign_in(settings, (SCOPE,), owner.here())


@pytest.mark.parametrize("reference", ["credential:google", "command:pass google"])
def test_the_page_is_not_shown_where_nothing_can_be_kept(
    reference: str, settings: GoogleSettings, owner: Owner
) -> None:
    settings.secret = Secret(reference)
    browser = owner.here()
    with pytest.raises(Misconfigured, match=r"kept in a file: or a keyring:"):
        sign_in(settings, (SCOPE,), browser)
    assert browser.shown == []


def test_tokens_that_cannot_be_kept_are_not_lost_in_silence(
    settings: GoogleSettings, tmp_path: Path, owner: Owner
) -> None:
    (tmp_path / ".google.tokens.new").mkdir()
    with pytest.raises(Misconfigured, match="cannot be written"):
        sign_in(settings, (SCOPE,), owner.here())


def test_nothing_that_is_printed_or_logged_shows_a_secret(
    settings: GoogleSettings,
    accounts: Accounts,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    owner: Owner,
) -> None:
    caplog.set_level("DEBUG")
    shown: list[str] = []
    sign_in(settings, (SCOPE,), owner.here())
    replies = [Reply(500, b""), Reply.of({"error": "invalid_client"}, 401), Reply(200, b"<html>")]
    for reply in replies:
        accounts.served.faults[:] = [at_the_end(reply)]
        with pytest.raises(ConnectorError) as caught:
            sign_in(settings, (SCOPE,), owner.here())
        shown.extend(format_exception(caught.value))
    with pytest.raises(AccessDenied) as denied:
        sign_in(settings, (SCOPE,), owner.elsewhere(lambda led_to: with_state(led_to, "x")))
    shown.extend(format_exception(denied.value))
    text = "".join([caplog.text, *capfd.readouterr(), *shown])
    assert "kithd sign-in" in text
    assert CANARY not in text
