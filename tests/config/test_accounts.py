"""What is said of sources, delivery and replies is held against what their kinds can do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from daemon.config.consistency import find_contradictions, is_this_machine
from daemon.config.kinds import COMMON, DELIVERIES, list_kinds, signs_in, terms_of
from daemon.config.load import load
from daemon.config.render import show
from daemon.errors import UserError

OWNER = '[owner]\naddresses = ["robin@example.org"]\n'
IMAP = '[sources.mail]\nkind = "imap"\nhost = "imap.example.org"\nuser = "robin"\n'
REFERENCE = 'secret = "file:mail.secret"\n'
SMTP = '[delivery]\nkind = "smtp"\nhost = "smtp.example.org"\n'
CANARY = "kanarienvogel-7f3a"
GMAIL = '[sources.gmail]\nkind = "gmail"\nclient_file = "client.json"\nsecret = "file:a.tokens"\n'
GRAPH = '[sources.office]\nkind = "graph"\nclient_id = "1111"\nsecret = "file:b.tokens"\n'
SENDING = '[delivery]\nkind = "gmail"\nclient_file = "client.json"\nsecret = "file:c.tokens"\n'


def told(tmp_path: Path, text: str) -> list[str]:
    """Return the problems, one a line, without their lines' numbers where it is one."""
    path = tmp_path / "config.toml"
    path.write_text(OWNER + text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        load(path)
    lines = refused.value.problem.splitlines()
    return lines if len(lines) == 1 else [line.strip() for line in lines[1:]]


def test_a_misspelt_kind_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    assert told(tmp_path, '[sources.mail]\nkind = "imapp"\n') == [
        "sources.mail.kind: imapp: no such kind; did you mean imap?"
    ]
    known = ", ".join(list_kinds())
    assert told(tmp_path, '[sources.mail]\nkind = "memory"\n') == [
        f"sources.mail.kind: memory: no such kind; there are {known}"
    ]


def test_a_setting_of_another_kind_is_answered_with_those_of_this_one(tmp_path: Path) -> None:
    (said,) = told(tmp_path, f'{IMAP}{REFERENCE}path = "~/Mail"\n')
    assert said.startswith("sources.mail.path: imap takes no path; it takes host, ")
    assert "batch" not in said
    (said,) = told(tmp_path, '[sources.m]\nkind = "maildir"\npath = "m"\nhost = "example.org"\n')
    assert said == "sources.m.host: maildir takes no host; it takes path"


def test_a_misspelt_setting_is_answered_with_the_nearest_one_of_its_kind(tmp_path: Path) -> None:
    # Of all settings "pat" would be nearest to path too, but "users" only to user.
    assert told(tmp_path, '[sources.m]\nkind = "mbox"\npath = "m"\npot = 993\n') == [
        "sources.m.pot: no such setting; did you mean path?"
    ]


def test_every_kind_says_what_it_needs(tmp_path: Path) -> None:
    for kind in list_kinds():
        said = told(tmp_path, f'[sources.it]\nkind = "{kind}"\n')
        needs = terms_of(kind).needs
        wanted = [f"{name}: missing; {kind} needs it" for name in needs]
        assert len(said) == max(1, len(needs))
        assert all(any(want in line for line in said) for want in wanted)


def test_a_missing_setting_is_told_on_the_line_of_its_source(tmp_path: Path) -> None:
    said = told(tmp_path, '[sources.a]\nkind = "mbox"\n\n[sources.mail]\nkind = "imap"\n')
    assert said == [
        "line 3: sources.a.path: missing; mbox needs it",
        "line 6: sources.mail.host: missing; imap needs it",
        "line 6: sources.mail.secret: missing; imap needs it",
        "line 6: sources.mail.user: missing; imap needs it",
    ]


@pytest.mark.parametrize("kind", ["feed", "ics"])
def test_a_feed_or_a_calendar_lies_in_a_file_or_on_the_web_and_not_in_both(
    tmp_path: Path, kind: str
) -> None:
    head = f'[sources.it]\nkind = "{kind}"\n'
    assert told(tmp_path, head) == [f"sources.it.path: missing; {kind} needs it, or url"]
    both = 'path = "x"\nurl = "https://example.org/x"\n'
    assert told(tmp_path, head + both) == [
        "sources.it.url: there is a path as well; say one of them"
    ]


def test_user_and_secret_come_together(tmp_path: Path) -> None:
    source = '[sources.c]\nkind = "caldav"\nurl = "https://dav.example.org/"\n'
    assert told(tmp_path, f'{source}user = "robin"\n') == [
        "sources.c.secret: missing; user needs it"
    ]
    assert told(tmp_path, SMTP + REFERENCE) == ["delivery.user: missing; secret needs it"]


def test_a_sign_in_needs_no_user_and_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{OWNER}{GMAIL}{GRAPH}{SENDING}")
    settings = load(path)
    assert settings.sources["gmail"].secret == f"file:{tmp_path / 'a.tokens'}"
    assert settings.sources["gmail"].client_file == tmp_path / "client.json"
    assert settings.delivery.secret == f"file:{tmp_path / 'c.tokens'}"
    assert [kind for kind in list_kinds() if signs_in(kind)] == [
        *("gmail", "google_calendar", "google_contacts", "graph")
    ]


def test_what_a_sign_in_needs_is_told_with_where_to_get_it(tmp_path: Path) -> None:
    assert told(tmp_path, '[sources.work]\nkind = "graph"\n[delivery]\nkind = "gmail"\n') == [
        "line 3: sources.work.client_id: missing; graph needs it: "
        "docs/how-to/sign-in-with-microsoft.md shows how to get it",
        "line 3: sources.work.secret: missing; graph needs it: say where kithd sign-in is to keep "
        'your sign-in, such as "file:work.tokens"',
        "line 5: delivery.client_file: missing; gmail needs it: "
        "docs/how-to/sign-in-with-google.md shows how to get it",
        "line 5: delivery.secret: missing; gmail needs it: say where kithd sign-in is to keep your "
        'sign-in, such as "file:delivery.tokens"',
    ]


@pytest.mark.parametrize("kind", ["graph", "exchange"])
def test_an_account_of_which_no_part_is_read_is_refused(tmp_path: Path, kind: str) -> None:
    said = told(tmp_path, f'[sources.office]\nkind = "{kind}"\nparts = []\n')
    [line] = [each for each in said if "sources.office.parts" in each]
    assert "at least 1" in line


@pytest.mark.parametrize("tenant", ["", "my firm", "firm/x", "http://example.org", "https:///x"])
def test_a_tenant_that_is_none_is_told(tmp_path: Path, tenant: str) -> None:
    want = "tenant: write a domain, an ID, or the https:// address of the sign-in"
    (said,) = told(tmp_path, f'{GRAPH}tenant = "{tenant}"\n')
    assert said == f"sources.office.{want}"
    sending = GRAPH.replace("sources.office", "delivery")
    assert told(tmp_path, f'{sending}tenant = "{tenant}"\n') == [f"delivery.{want}"]


@pytest.mark.parametrize(
    "tenant", ["common", "example.org", "1111-22", "https://login.example.org/firm", "a"]
)
def test_a_tenant_is_a_domain_an_id_or_an_address(tmp_path: Path, tenant: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{OWNER}{GRAPH}tenant = "{tenant}"\n')
    assert load(path).sources["office"].tenant == tenant


@pytest.mark.parametrize("written", ["file:a.tokens", "file:./a.tokens", "file:x/../a.tokens"])
def test_what_lets_kithd_read_does_not_let_it_send(tmp_path: Path, written: str) -> None:
    (said,) = told(tmp_path, GMAIL + SENDING.replace("file:c.tokens", written))
    assert said == (
        "delivery.secret: sources.gmail has it too; a sign-in is for one purpose, and what lets "
        'kithd read does not let it send: name another place, such as "file:delivery.tokens"'
    )


def test_no_two_sign_ins_lie_in_one_place_nor_a_sign_in_where_a_password_lies(
    tmp_path: Path,
) -> None:
    (said,) = told(tmp_path, GMAIL + GRAPH.replace("b.tokens", "a.tokens"))
    assert said.startswith("sources.office.secret: sources.gmail has it too;")
    (said,) = told(tmp_path, IMAP + REFERENCE + GRAPH.replace("b.tokens", "mail.secret"))
    assert said.startswith("sources.office.secret: sources.mail has it too;")
    (said,) = told(
        tmp_path,
        (GMAIL + SENDING).replace("file:a.", "keyring:k/").replace("file:c.", "keyring:k/"),
    )
    assert said.startswith("delivery.secret: sources.gmail has it too;")


def test_a_password_may_be_for_reading_and_for_sending(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{OWNER}{IMAP}{REFERENCE}{SMTP}user = "robin"\n{REFERENCE}')
    assert load(path).delivery.secret == load(path).sources["mail"].secret


def test_a_source_with_a_sign_in_is_not_called_as_the_delivery_is(tmp_path: Path) -> None:
    (said,) = told(tmp_path, GMAIL.replace("sources.gmail", "sources.delivery"))
    assert said.startswith("sources.delivery: call it otherwise: kithd sign-in delivery is for")


@pytest.mark.parametrize("kind", sorted({*DELIVERIES} & {*list_kinds()} - {"maildir"}))
def test_what_an_account_takes_to_send_is_what_its_connector_knows(kind: str) -> None:
    terms, known = DELIVERIES[kind], terms_of(kind)
    assert set(terms.needs) == set(known.needs)
    assert set(terms.takes) <= {*known.takes, *COMMON}


def test_delivery_needs_what_its_kind_needs(tmp_path: Path) -> None:
    assert told(tmp_path, '[delivery]\nkind = "smtp"\n') == [
        "delivery.host: missing; smtp needs it"
    ]
    assert told(tmp_path, '[delivery]\nkind = "maildir"\nhost = "example.org"\n') == [
        "line 3: delivery.path: missing; maildir needs it",
        "line 5: delivery.host: maildir takes no host; it takes path",
    ]
    assert told(tmp_path, '[delivery]\nhost = "smtp.example.org"\n') == [
        "delivery.kind: missing; without it nothing is sent, and host has no effect"
    ]


def test_replies_are_looked_for_in_sources_that_exist(tmp_path: Path) -> None:
    text = f'{IMAP}{REFERENCE}[replies]\nsources = ["mail", "mial"]\n'
    assert told(tmp_path, text) == ["replies.sources.1: mial: no such source; did you mean mail?"]
    assert told(tmp_path, '[replies]\nsources = ["mail"]\n') == [
        "replies.sources.0: mail: no such source; there are none"
    ]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "LOCALHOST."])
def test_a_connection_to_this_machine_may_go_unprotected(tmp_path: Path, host: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{OWNER}[delivery]\nkind = "smtp"\nhost = "{host}"\nsecurity = "none"\n')
    assert load(path).delivery.security == "none"


@pytest.mark.parametrize(
    "host",
    ["smtp.example.org", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", "0.0.0.0"],  # noqa: S104  # nothing is bound to it
)
def test_no_other_connection_goes_unprotected(tmp_path: Path, host: str) -> None:
    assert not is_this_machine(host)
    (said,) = told(tmp_path, f'[delivery]\nkind = "smtp"\nhost = "{host}"\nsecurity = "none"\n')
    assert said.startswith("delivery.security: none is for this machine alone")


def test_plain_http_must_be_asked_for(tmp_path: Path) -> None:
    source = '[sources.n]\nkind = "feed"\nurl = "http://example.org/feed"\n'
    (said,) = told(tmp_path, source)
    assert said.startswith("sources.n.url: plain http can be read on its way; say https")
    path = tmp_path / "config.toml"
    path.write_text(f"{OWNER}{source}allow_private = true\n")
    assert load(path).sources["n"].url == "http://example.org/feed"


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ('host = "imaps://imap.example.org"', "the bare name of the server"),
        ('host = "imap.example.org:993"', "write host = 'imap.example.org' and port = 993"),
        ('host = "imap example"', "is no name of a server"),
        ('url = "example.org/feed"', "write the whole address"),
        ('url = "file:///etc/passwd"', "write the whole address"),
        ('url = "https:///feed"', "no host"),
    ],
)
def test_a_host_is_a_name_and_a_url_a_whole_address(
    tmp_path: Path, setting: str, says: str
) -> None:
    assert says in "".join(told(tmp_path, f'[sources.x]\nkind = "maildir"\n{setting}\n'))


@pytest.mark.parametrize(
    "text",
    [
        f'{IMAP}secret = "{CANARY}"\n',
        f'{IMAP}secret = "{CANARY}:x"\n',
        f'{IMAP}secret = ["{CANARY}"]\n',
        f'{IMAP}secret = {{ file = "{CANARY}" }}\n',
        f'{SMTP}user = "robin"\nsecret = "{CANARY}"\n',
        f'{SMTP}user = "robin"\npassword = "{CANARY}"\n',
        f'{IMAP}{REFERENCE}pass = "{CANARY}"\n',
        f'sources = ["{CANARY}"]\n',
        f'[[sources]]\nname = "mail"\nsecret = "{CANARY}"\n',
        f'[sources.mail]\nkind = {{ secret = "{CANARY}" }}\n',
        f'[sources.c]\nkind = "caldav"\nurl = "https://robin:{CANARY}@dav.example.org/"\n',
        f'[sources.c]\nkind = "caldav"\nurl = "imap://robin:{CANARY}@example.org"\n',
        f'{IMAP}host = "imaps://robin:{CANARY}@imap.example.org"\n',
        f'[sources.m]\nkind = "imap"\nhost = "imaps://robin:{CANARY}@imap.example.org"\n',
        f"{IMAP}secret = {CANARY}\n",
        f'{IMAP}secret = "{CANARY}\n',
    ],
)
def test_a_password_in_the_settings_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWNER + text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        load(path)
    assert CANARY not in f"{refused.value}{refused.value!r}{refused.value.__context__!r}"


def test_a_number_in_place_of_a_reference_is_not_repeated_either(tmp_path: Path) -> None:
    assert "73915" not in "".join(told(tmp_path, f"{IMAP}secret = 73915\n"))


def test_two_sources_of_one_name_are_told_apart_from_a_slip_in_the_syntax(tmp_path: Path) -> None:
    twice = '[sources.m]\nkind = "mbox"\npath = "a"\n' * 2
    assert told(tmp_path, twice) == ["sources.m: is there twice; give each a name of its own"]
    assert told(tmp_path, "[ties]\n[ties]\n") == ["ties: is there twice; put both into one"]


def test_what_is_wrong_together_is_told_beside_what_is_wrong_alone(tmp_path: Path) -> None:
    text = (
        '[delivery]\nkind = "smtp"\nport = 70000\n'
        '[replies]\nsources = ["mial"]\ndays = 0\n'
        '[sources.mail]\nkind = "maildir"\nread = "txt"\n'
    )
    assert [line.split(": ")[:2] for line in told(tmp_path, text)] == [
        ["line 3", "delivery.host"],
        ["line 5", "delivery.port"],
        ["line 7", "replies.sources.0"],
        ["line 8", "replies.days"],
        ["line 9", "sources.mail.path"],
        ["line 11", "sources.mail.read"],
    ]


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TREES = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "owner sources delivery replies kind host url path user secret security".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(["sources", "delivery", "replies"]), TREES))
def test_settings_of_whatever_shape_are_looked_at_without_a_fall(
    written: dict[str, object],
) -> None:
    for path, says in find_contradictions(written):
        assert path
        assert says


def test_no_connector_is_imported_but_those_of_the_kinds_that_are_configured(
    tmp_path: Path,
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{OWNER}[sources.m]\nkind = "maildir"\npath = "m"\n')
    code = (
        "import sys, pathlib; from daemon.config.load import load; "
        f"load(pathlib.Path({str(path)!r})); "
        "print(*sorted(name for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    others = {f"connectors.{kind}" for kind in registry.names()} - {"connectors.maildir"}
    assert "connectors.maildir" in imported
    assert not imported & (others | {"imapclient", "httpx", "icalendar", "feedparser", "keyring"})


def test_a_connector_of_somebody_else_that_does_not_load_is_named(tmp_path: Path) -> None:
    installed = tmp_path / "broken-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[kithd.connectors]\nbroken = no_such_module:It\n")
    path = tmp_path / "config.toml"
    path.write_text(f'{OWNER}[sources.b]\nkind = "broken"\n')
    code = f"import pathlib; from daemon.config.load import load; load(pathlib.Path({str(path)!r}))"
    environ = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert "sources.b.kind: the connector broken cannot be loaded" in done.stderr


def test_what_is_shown_holds_the_reference_and_loads_to_the_same(tmp_path: Path) -> None:
    (tmp_path / "mail.secret").write_text(CANARY)
    path = tmp_path / "config.toml"
    path.write_text(f'{OWNER}{SMTP}user = "robin"\n{REFERENCE}{IMAP}{REFERENCE}skip = ["A", "B"]\n')
    settings = load(path)
    shown = show(settings)
    assert CANARY not in shown
    assert f'secret = "file:{tmp_path / "mail.secret"}"' in shown
    path.write_text(shown)
    assert load(path) == settings
