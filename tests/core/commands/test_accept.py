"""Only the owner is obeyed, whoever else claims to be."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.commands.accept import (
    EXPIRED,
    FORWARD,
    NO_TOKEN,
    NOT_ONE_AUTHOR,
    NOT_PROVEN,
    NOT_THE_OWNER,
    NOT_TO_SELF,
    Accepted,
    Refused,
)
from daemon.commands.authentication import vouches_for
from daemon.digest.references import Reference, find_in_id, find_in_subject, is_genuine, token_for
from tests.core.commands.forgeries import FORGERIES
from tests.core.commands.mails import (
    AT,
    DIGEST,
    KEY,
    ON,
    OWNER,
    TOKEN,
    TRUST,
    forge,
    in_sent,
)
from tests.core.commands.programs import GENUINE


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_not_accepted(name: str) -> None:
    assert not isinstance(FORGERIES[name].judge(), Accepted)


def test_the_table_of_forgeries_is_not_short() -> None:
    assert len(FORGERIES) >= 60


@pytest.mark.parametrize("name", GENUINE)
def test_a_reply_of_the_owners_is_accepted(name: str) -> None:
    verdict = GENUINE[name].judge()
    assert isinstance(verdict, Accepted), verdict
    assert verdict.on == ON
    assert verdict.words.casefold().replace(".", "").replace("; ", "\n") == "done 1\nsnooze 2 2w"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a second From field below", NOT_ONE_AUTHOR),
        ("the owner's address as a display name", NOT_THE_OWNER),
        ("no server's word at all", NOT_PROVEN),
        ("a label that says it was sent", NOT_PROVEN),
        ("replayed a month later", EXPIRED),
        ("another owner's token", NO_TOKEN),
        ("a forwarded digest", FORWARD),
        ("the owner shows somebody a digest", NOT_TO_SELF),
    ],
)
def test_the_reason_says_which_proof_is_missing(name: str, reason: str) -> None:
    assert FORGERIES[name].judge() == Refused(reason)


def test_a_reason_names_nobody() -> None:
    reasons = {v.reason for m in FORGERIES.values() if isinstance(v := m.judge(), Refused)}
    assert len(reasons) >= 10
    assert not any("@" in reason or "example" in reason for reason in reasons)


@pytest.mark.parametrize("name", ["no token", "a draft", "a digest that returns"])
def test_what_answers_no_digest_is_no_refused_reply_either(name: str) -> None:
    assert FORGERIES[name].judge() is None


def test_a_digest_takes_replies_for_as_many_days_as_the_owner_says() -> None:
    mail = forge()
    later = AT + timedelta(days=20)
    assert isinstance(replace(mail, at=AT + timedelta(days=14)).judge(), Accepted)
    assert replace(mail, at=later).judge() == Refused(EXPIRED)
    generous = replace(TRUST, days=30)
    assert isinstance(replace(mail, at=later, trust=generous).judge(), Accepted)


def test_a_machine_may_share_its_name_with_the_owner() -> None:
    trust = replace(TRUST, addresses=frozenset({"root@example.org"}), owner="root@example.org")
    token = token_for("root@example.org", ON, key=KEY)
    mail = in_sent(
        "done 1\n",
        From="root@example.org",
        To="root@example.org",
        Subject=f"kithd {ON} {token}",
        In_Reply_To="",
    )
    assert isinstance(replace(mail, trust=trust).judge(), Accepted)


@pytest.mark.parametrize(
    "field",
    [
        "mx.example.org; dmarc=pass header.from=example.org",
        "mx.example.org 1; dmarc=pass header.from=EXAMPLE.ORG",
        "mx.example.org; spf=none; dkim=pass header.i=@example.org header.s=k header.b=a=",
        "mx.example.org; dkim=fail header.d=example.com; dmarc=pass (p=NONE) "
        "header.from=example.org; compauth=pass reason=100",
        'mx.example.org; spf=pass smtp.mailfrom="a; b"@example.org; '
        "dkim=pass header.d=example.org header.i=@news.example.org",
        'mx.example.org; dkim=fail reason="a \\" b; c" header.d=example.com; '
        "dkim=pass header.d=example.org",
        "(first) mx.example.org (nested (comment; \\) ) here) ; dmarc=pass "
        "(p=NONE sp=NONE dis=NONE) header.from=example.org ;",
        '"mx.example.org"; dmarc=pass header.from="example.org"',
    ],
)
def test_a_server_may_put_it_in_any_way_the_standard_allows(field: str) -> None:
    assert vouches_for([field], "example.org", authserv_id="mx.example.org")


def test_a_domain_is_the_same_in_ascii() -> None:
    field = "mx.example.org; dmarc=pass header.from=xn--bcher-kva.example"
    assert vouches_for([field], "bücher.example", authserv_id="mx.example.org")


@given(st.text(alphabet='mx.example.org;=() "\\dkmarcpshef-@\u00e9\n', max_size=200))
def test_no_field_makes_the_reading_fail(field: str) -> None:
    assert vouches_for([field], "example.com", authserv_id="mx.example.org") in (True, False)


@given(st.text(alphabet='ab=;() "\\', max_size=60))
def test_what_stands_in_a_comment_or_in_quotes_counts_for_nothing(inside: str) -> None:
    quoted = inside.replace("\\", "\\\\").replace('"', '\\"')
    comment = quoted.replace("(", "\\(").replace(")", "\\)")
    for held in (f'reason="{quoted}"', f"({comment})"):
        said = (
            f"mx.example.org; spf=fail {held} smtp.mailfrom=x; dmarc={{}} header.from=example.org"
        )
        assert vouches_for([said.format("pass")], "example.org", authserv_id="mx.example.org")
        assert not vouches_for([said.format("fail")], "example.org", authserv_id="mx.example.org")


@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)), st.dates(), st.binary(min_size=1))
def test_a_token_is_good_for_its_owner_day_and_key_alone(on: date, other: date, key: bytes) -> None:
    token = token_for(OWNER, on, key=key)
    assert is_genuine(Reference(on, token), OWNER.upper(), key=key)
    assert is_genuine(Reference(other, token), OWNER, key=key) == (other == on)
    assert not is_genuine(Reference(on, token), "ben@example.org", key=key)
    assert not is_genuine(Reference(on, token), OWNER, key=key + b"x")


def test_a_reference_is_found_where_it_is_whole_and_nowhere_else() -> None:
    found = [Reference(ON, TOKEN)]
    assert list(find_in_id(DIGEST)) == list(find_in_id(DIGEST.strip("<>"))) == found
    assert list(find_in_subject(f"Re: KITHD {ON} {TOKEN.upper()} (fwd)")) == found
    assert not list(find_in_id(f"<x.kithd.{ON}.{TOKEN}@example.org>"))
    assert not list(find_in_subject(f"kithd {ON} {TOKEN}0"))
    assert not list(find_in_subject(f"kithd 2026-02-30 {TOKEN}"))
