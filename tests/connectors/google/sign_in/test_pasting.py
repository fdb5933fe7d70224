"""An owner whose browser is elsewhere pastes where it was led to, and nothing else is taken."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from connectors.credentials.google_sign_in import N_PASTES, NOWHERE, sign_in
from connectors.errors import AccessDenied
from connectors.google.settings import GoogleSettings
from tests.connectors.google.letters import SCOPE
from tests.connectors.google.sign_in.owner import (
    Owner,
    code_of,
    kept_in,
    with_state,
)
from tests.servers.google_accounts import (
    Accounts,
)

FORBIDDEN = {
    *(0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
    *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179),
    *(389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601),
    *(636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566),
    *(6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
}
"""Ports that no browser opens. Source: Fetch standard, "Port blocking"."""


def test_the_browser_shows_where_it_was_led_to() -> None:
    place = urlsplit(NOWHERE)
    assert place.hostname == "127.0.0.1"
    assert place.port is not None
    assert place.port < 1024, "a program of a user's may listen there"
    assert place.port not in FORBIDDEN


@pytest.mark.parametrize(("word", "shown"), [("org_internal", "org_internal"), ("<b>", "no")])
def test_another_no_of_the_page_is_told(
    word: str, shown: str, settings: GoogleSettings, owner: Owner
) -> None:
    def replace(led_to: str) -> str:
        state = parse_qs(urlsplit(led_to).query)["state"][0]
        return f"{NOWHERE}?{urlencode({'error': word, 'state': state})}"

    with pytest.raises(AccessDenied, match=f"Google's page says {shown} instead"):
        sign_in(settings, (SCOPE,), owner.elsewhere(replace))


@pytest.mark.parametrize(
    "paste",
    [
        lambda led_to: f"  {led_to}  ",
        code_of,
        lambda led_to: urlencode({"": code_of(led_to)}).lstrip("="),
        lambda led_to: f"{led_to}#",
        lambda led_to: led_to.removeprefix("http://"),
    ],
    ids=["address", "code", "encoded", "fragment", "bare"],
)
def test_an_address_or_a_code_may_be_pasted(
    paste: Callable[[str], str], settings: GoogleSettings, owner: Owner
) -> None:
    sign_in(settings, (SCOPE,), owner.elsewhere(paste))
    assert kept_in(settings) is not None


def test_nonsense_may_be_pasted_twice(settings: GoogleSettings, owner: Owner) -> None:
    desk = owner.elsewhere()
    pastes = iter(["what?", "https://example.org/?code=4/0abcdefgh&state=x"])
    desk.paste = lambda led_to: next(pastes, led_to)
    sign_in(settings, (SCOPE,), desk)
    assert len(desk.shown) == N_PASTES
    assert len(set(desk.shown)) == 1


@pytest.mark.parametrize(
    "paste",
    [
        lambda _: "",
        lambda _: "no idea",
        lambda _: "x" * 10_000,
        lambda led_to: with_state(led_to, "of somebody else"),
        lambda led_to: with_state(led_to, "é"),
        lambda led_to: with_state(led_to, "").replace("state=", "st="),
    ],
    ids=["nothing", "words", "long", "other state", "odd state", "no state"],
)
def test_nonsense_is_not_taken_for_ever(
    paste: Callable[[str], str], settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    desk = owner.elsewhere(paste)
    with pytest.raises(AccessDenied, match=r"begins with http://127\.0\.0\.1:2/; type: kithd"):
        sign_in(settings, (SCOPE,), desk)
    assert len(desk.shown) == N_PASTES
    assert {call.method for call in accounts.served.calls} == {"GET"}


def test_a_code_that_google_does_not_take_is_too_old(
    settings: GoogleSettings, owner: Owner
) -> None:
    with pytest.raises(AccessDenied, match="was used, or is too old; type: kithd sign-in"):
        sign_in(settings, (SCOPE,), owner.elsewhere(lambda _: "4/0of-yesterday"))


def test_a_code_that_another_page_gave_is_worth_nothing(
    settings: GoogleSettings, owner: Owner
) -> None:
    codes: list[str] = []

    def keep_for_later(led_to: str) -> str:
        codes.append(code_of(led_to))
        return "I will not tell"

    with pytest.raises(AccessDenied):
        sign_in(settings, (SCOPE,), owner.elsewhere(keep_for_later))
    with pytest.raises(AccessDenied, match="does not take this code"):
        sign_in(settings, (SCOPE,), owner.elsewhere(lambda _: codes[0]))
    assert kept_in(settings) is None
