"""The owner lets kithd in with a code, for what the settings need and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.credentials.secrets import Secret
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.graph.settings import GraphSettings
from connectors.protocol import Account as KnowsAddresses
from connectors.protocol import Mailbox, Outbox, Reading, SignsIn
from tests.servers.api import Reply
from tests.servers.microsoft import Account, Desk
from tests.servers.microsoft_login import OWNER, Owner

READ_ALL = {"Calendars.ReadBasic", "Contacts.Read", "Mail.Read"}


def test_the_connector_can_do_all_that_an_account_may(nobodys: Account) -> None:
    connector = nobodys.connector()
    assert isinstance(connector, Mailbox)
    assert isinstance(connector, Outbox)
    assert isinstance(connector, KnowsAddresses)
    assert isinstance(connector, SignsIn)


def test_a_page_and_a_code_are_shown_and_the_tokens_kept(nobodys: Account) -> None:
    desk = Desk()
    assert nobodys.connector().sign_in(desk) == OWNER
    assert desk.shown == [(f"{nobodys.login.url}/device", "ABCD-EFGH")]
    place = nobodys.folder / "tokens"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.read_text().count("\n") == 1
    assert nobodys.read() == []


def test_the_owner_may_take_their_time(nobodys: Account) -> None:
    nobodys.login.n_pending = 7
    nobodys.sign_in()
    assert nobodys.clock.slept == [5] * 8


@pytest.mark.parametrize(
    ("changes", "permissions"),
    [
        ({}, READ_ALL),
        ({"read": Reading.SUBJECTS}, READ_ALL - {"Mail.Read"} | {"Mail.ReadBasic"}),
        ({"read": Reading.HEADERS, "parts": ("mail",)}, {"Mail.ReadBasic"}),
        ({"parts": ("calendar",)}, {"Calendars.ReadBasic"}),
        ({"parts": ("contacts",)}, {"Contacts.Read"}),
        ({"sends": True}, {"Mail.Send"}),
    ],
    ids=["all", "subjects", "headers", "calendar", "contacts", "sending"],
)
def test_the_least_that_is_needed_is_asked_for(
    changes: dict[str, Any], permissions: set[str], nobodys: Account
) -> None:
    nobodys.sign_in(**changes)
    assert nobodys.login.consented == permissions
    listed = nobodys.connector(**changes).list_permissions()
    assert listed == tuple(sorted(permissions | {"openid", "profile", "offline_access"}))


def test_an_owner_who_says_no_is_taken_at_their_word(nobodys: Account) -> None:
    nobodys.login.owner = Owner.DECLINES
    with pytest.raises(AccessDenied, match="declined"):
        nobodys.sign_in()
    assert not (nobodys.folder / "tokens").exists()


def test_microsoft_is_asked_once_for_its_addresses(nobodys: Account) -> None:
    nobodys.login.n_pending = 7
    nobodys.sign_in()
    assert sum(call.method == "GET" for call in nobodys.signing.calls) == 1


def test_nobody_is_waited_for_longer_than_the_code_is_good_for(nobodys: Account) -> None:
    nobodys.login.owner = Owner.STAYS_AWAY
    with pytest.raises(Unavailable, match="nobody signed in within 15 minutes"):
        nobodys.sign_in()
    assert 900 <= nobodys.clock.now() <= 905


@pytest.mark.parametrize("error", ["expired_token", "bad_verification_code"])
def test_a_code_that_is_no_longer_good_ends_the_wait(error: str, nobodys: Account) -> None:
    nobodys.signing.fail_at(3, Reply.of({"error": error}, 400))
    with pytest.raises(Unavailable, match="nobody signed in"):
        nobodys.sign_in()


def test_more_than_is_needed_is_refused_with_what_it_is_and_how_to_take_it_back(
    nobodys: Account,
) -> None:
    nobodys.login.consented = {"Mail.ReadWrite", "Files.Read"}
    with pytest.raises(AccessDenied) as caught:
        nobodys.sign_in()
    told = str(caught.value)
    assert "Files.Read, Mail.ReadWrite" in told
    assert "https://myapps.microsoft.com" in told
    assert "https://account.live.com/consent/Manage" in told
    assert told.endswith("; then type: kithd sign-in")
    assert not (nobodys.folder / "tokens").exists()


def test_more_than_is_needed_is_refused_whenever_it_is_found(account: Account) -> None:
    kept = json.loads(account.tokens())
    for token in kept["AccessToken"].values():
        token["target"] += " Mail.ReadWrite"
    (account.folder / "tokens").write_text(json.dumps(kept))
    with pytest.raises(AccessDenied, match=r"Mail\.ReadWrite"):
        account.poll()


def test_more_that_comes_with_a_renewal_is_refused(account: Account) -> None:
    account.login.consented.add("Mail.ReadWrite")
    account.login.expire()
    account.mailbox["inbox"].put({})
    with pytest.raises(AccessDenied, match=r"Mail\.ReadWrite"):
        account.poll()


def test_reading_less_than_before_is_refused_until_the_rest_is_taken_back(
    account: Account,
) -> None:
    with pytest.raises(AccessDenied, match=r"granted Calendars\.ReadBasic, Contacts\.Read"):
        account.sign_in(parts=("mail",))


def test_reading_more_than_before_is_let_pass(nobodys: Account) -> None:
    nobodys.sign_in(parts=("mail",), read=Reading.SUBJECTS)
    nobodys.sign_in(parts=("mail",), read=Reading.TEXT)
    assert nobodys.login.consented == {"Mail.ReadBasic", "Mail.Read"}


def test_what_other_sections_need_is_let_pass(account: Account) -> None:
    account.sign_in(name="sending", sends=True, permissions_beside=tuple(READ_ALL))
    account.connector(
        name="sending", sends=True, permissions_beside=tuple(READ_ALL)
    ).check_sending()


@pytest.mark.parametrize("prefix", ["", "https://graph.microsoft.com/"])
def test_permissions_may_be_named_with_their_resource(prefix: str, nobodys: Account) -> None:
    nobodys.login.prefix = prefix
    nobodys.login.consented = {"User.Read"}
    nobodys.sign_in()
    assert nobodys.read() == []
    assert nobodys.login.n_refreshed == 0


def test_less_than_is_needed_is_refused(nobodys: Account) -> None:
    granted = {"access_token": "a", "refresh_token": "r", "scope": "Mail.Read openid"}
    nobodys.signing.fail_at(3, Reply.of(granted))
    with pytest.raises(AccessDenied, match=r"did not grant Calendars\.ReadBasic, Contacts\.Read"):
        nobodys.sign_in()


@pytest.mark.parametrize("reference", ["credential:graph", "command:cat tokens"])
def test_tokens_that_change_are_kept_where_they_can(reference: str, nobodys: Account) -> None:
    with pytest.raises(Misconfigured, match="where kithd can write"):
        nobodys.sign_in(secret=Secret(reference))
    with pytest.raises(Misconfigured, match="where kithd can write"):
        nobodys.poll(secret=Secret(reference))


def test_nobody_has_signed_in_before_anybody_did(nobodys: Account) -> None:
    with pytest.raises(AccessDenied, match="nobody has signed in"):
        nobodys.poll()
    assert not nobodys.signing.calls
    assert not nobodys.graph.calls


@pytest.mark.parametrize("kept", [{}, {"refresh_token": "r"}, {"Account": []}, {"Account": {}}])
def test_a_sign_in_to_another_service_is_none_here(kept: dict[str, Any], nobodys: Account) -> None:
    place = nobodys.folder / "tokens"
    place.touch(mode=0o600)
    place.write_text(json.dumps(kept))
    with pytest.raises(Misconfigured, match="no sign-in at Microsoft"):
        nobodys.poll()


def test_a_sign_in_with_another_app_is_none_here(account: Account) -> None:
    with pytest.raises(AccessDenied, match="no sign-in for this client_id"):
        account.poll(client_id="99999999-2222-3333-4444-555555555555")


def test_an_app_that_microsoft_does_not_know_is_a_wrong_setting(nobodys: Account) -> None:
    with pytest.raises(Misconfigured, match="check client_id"):
        nobodys.sign_in(client_id="99999999-2222-3333-4444-555555555555")


def test_a_tenant_that_microsoft_does_not_know_is_a_wrong_setting(nobodys: Account) -> None:
    with pytest.raises(Misconfigured, match="check tenant"):
        nobodys.sign_in(tenant=f"{nobodys.signing.url}/nowhere")


def test_a_tenant_that_is_no_name_is_a_wrong_setting(tmp_path: Path) -> None:
    settings = GraphSettings(Secret(f"file:{tmp_path / 'tokens'}"), "id", tenant="my tenant/x")
    with pytest.raises(Misconfigured, match="tenant = 'my tenant/x'"):
        _ = settings.authority


def test_a_tenant_is_a_name_or_an_address(tmp_path: Path) -> None:
    secret = Secret(f"file:{tmp_path / 'tokens'}")
    assert GraphSettings(secret, "id").authority == "https://login.microsoftonline.com/common"
    china = GraphSettings(secret, "id", tenant="https://login.partner.microsoftonline.cn/common/")
    assert china.authority == "https://login.partner.microsoftonline.cn/common"


def test_a_part_that_there_is_not_is_a_wrong_setting(nobodys: Account) -> None:
    with pytest.raises(Misconfigured, match="'tasks' is none of mail, calendar, contacts"):
        nobodys.sign_in(parts=("mail", "tasks"))


def test_an_authority_that_points_elsewhere_is_not_followed(nobodys: Account) -> None:
    nobodys.login.url = "https://login.example.net"
    with pytest.raises(Misconfigured, match="sends elsewhere to sign in"):
        nobodys.sign_in()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, b"{}", {"Retry-After": "7"}),
        Reply(503, b"<html>Later</html>"),
        Reply(200, b"<html>Sign in to this network</html>"),
        Reply(200, b'{"token_type": "Bea'),
    ],
    ids=["too many", "unavailable", "a portal", "cut short"],
)
@pytest.mark.parametrize("n", range(1, 4))
def test_a_sign_in_survives_an_answer_that_is_none(n: int, reply: Reply, nobodys: Account) -> None:
    nobodys.signing.fail_at(n, reply)
    assert nobodys.sign_in() == OWNER
    if reply.status == 429:
        assert 7 in nobodys.clock.slept


def test_a_sign_in_is_not_led_away(nobodys: Account) -> None:
    elsewhere = Reply(302, b"", {"Location": f"{nobodys.graph.url}/v1.0/me/messages"})
    nobodys.signing.fail_at(3, elsewhere)
    with pytest.raises(Unavailable, match="redirects"):
        nobodys.sign_in()
    assert not nobodys.graph.calls


def test_an_id_token_that_is_none_is_not_understood(nobodys: Account) -> None:
    odd = {"access_token": "canary", "scope": "openid", "id_token": "x", "client_info": "y"}
    nobodys.signing.fail_at(3, Reply.of(odd))
    nobodys.login.owner = Owner.DECLINES
    with pytest.raises(AccessDenied, match="declined"):
        nobodys.sign_in()


def test_the_address_of_the_account_is_the_name_it_signs_in_with(account: Account) -> None:
    account.login.username = "Owner@Example.ORG"
    account.sign_in()
    n_calls = len(account.graph.calls)
    assert account.connector().list_addresses() == ("owner@example.org",)
    assert len(account.graph.calls) == n_calls


def test_a_name_that_is_no_address_is_none(nobodys: Account) -> None:
    nobodys.login.username = "live.com#owner"
    nobodys.sign_in()
    assert nobodys.connector().list_addresses() == ()


@pytest.mark.parametrize(
    ("error", "number", "n", "expected", "sentence"),
    [
        ("invalid_client", 7000218, 3, Misconfigured, "allows public client flows"),
        ("invalid_request", 50194, 2, Misconfigured, "check client_id and tenant"),
        ("unauthorized_client", 700016, 2, Misconfigured, "check client_id and tenant"),
        ("invalid_request", 9002331, 2, Misconfigured, "check client_id and tenant"),
        ("consent_required", 90094, 3, AccessDenied, "perhaps an administrator"),
        ("invalid_grant", 65001, 3, AccessDenied, "somebody must agree"),
        ("invalid_grant", 53003, 3, AccessDenied, "your organization blocks this"),
        ("access_denied", 53003, 3, AccessDenied, "was declined"),
        ("unheard_of", 99, 3, AccessDenied, "refuses the sign-in"),
    ],
)
def test_what_stops_a_first_sign_in_is_told_with_microsofts_number(
    error: str,
    number: int,
    n: int,
    expected: type[ConnectorError],
    sentence: str,
    nobodys: Account,
) -> None:
    wrong = {"error": error, "error_codes": [number], "error_description": "canary"}
    nobodys.signing.fail_at(n, Reply.of(wrong, 400))
    with pytest.raises(expected, match=sentence) as caught:
        nobodys.sign_in()
    told = str(caught.value)
    assert f"(AADSTS{number})" in told
    assert "no longer" not in told
    assert "canary" not in told


@pytest.mark.parametrize(
    "codes", [None, "65001", {}, [], ["canary"], [True], [-1], [10**40]], ids=str
)
def test_a_number_that_is_none_is_not_told(codes: object, nobodys: Account) -> None:
    nobodys.signing.fail_at(3, Reply.of({"error": "invalid_grant", "error_codes": codes}, 400))
    with pytest.raises(AccessDenied) as caught:
        nobodys.sign_in()
    assert "AADSTS" not in str(caught.value)
    assert "canary" not in str(caught.value)
