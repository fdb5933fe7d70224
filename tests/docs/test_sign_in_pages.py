"""What the pages on signing in say to write, to permit and to type is what kithd takes and asks."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.config.load import load
from daemon.jobs.sign_in import list_entrances, list_permissions
from daemon.setup.answers import read_answers
from tests.docs.pages import ROOT, blocks
from tests.systemd.analyze import UNITS, install, needs_systemd_analyze, verify
from tests.systemd.settings import settings_of

HOW_TO = ROOT / "docs" / "how-to"
OWNER = '[owner]\naddresses = ["you@example.org"]\n'
SHOWN = [
    (page, number, body)
    for page in ("sign-in-with-google", "sign-in-with-microsoft", "exchange-server")
    for number, body in enumerate(blocks((HOW_TO / f"{page}.md").read_text("utf-8"), "toml"))
]
GOOGLE = (HOW_TO / "sign-in-with-google.md").read_text("utf-8")
MICROSOFT = (HOW_TO / "sign-in-with-microsoft.md").read_text("utf-8")
CONNECT = (HOW_TO / "connect-your-accounts.md").read_text("utf-8")
INSTALL = (HOW_TO / "install.md").read_text("utf-8")
OF_NOBODY = {"openid", "profile"}
"""What every sign-in at Microsoft has, and no page has to name."""


def permissions_of(text: str, folder: Path) -> set[str]:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    entrances = list_entrances(load(file))
    return {asked for entrance in entrances for asked in list_permissions(entrance)}


@pytest.mark.parametrize(
    ("page", "number", "body"), SHOWN, ids=[f"{page}-{number}" for page, number, _ in SHOWN]
)
def test_settings_on_a_page_are_taken(page: str, number: int, body: str, tmp_path: Path) -> None:
    file = tmp_path / f"{page}-{number}.toml"
    file.write_text(body if "[owner]" in body else OWNER + body, encoding="utf-8")
    assert load(file).sources


def test_google_s_page_lists_the_scopes_that_its_settings_ask_for(tmp_path: Path) -> None:
    settings = blocks(GOOGLE, "toml")[0]
    pasted = next(body for body in blocks(GOOGLE, "") if "auth/" in body)
    assert set(pasted.split()) == permissions_of(settings, tmp_path)
    lower = settings.replace('kind = "gmail"\n', 'kind = "gmail"\nread = "subjects"\n', 1)
    for scope in permissions_of(lower.replace("newsletters = true", ""), tmp_path):
        assert f"`{scope.rpartition('/')[2]}`" in GOOGLE


@pytest.mark.parametrize("read", ["headers", "subjects", "text"])
def test_microsoft_s_page_names_all_that_is_asked_for(read: str, tmp_path: Path) -> None:
    settings = blocks(MICROSOFT, "toml")[0].replace('kind = "graph"\n', "", 1)
    with_reading = settings.replace(
        "[sources.work]", f'[sources.work]\nkind = "graph"\nread = "{read}"'
    )
    asked = permissions_of(with_reading, tmp_path)
    assert "Mail.Send" in asked
    assert [it for it in asked - OF_NOBODY if f"`{it}`" not in MICROSOFT] == []


def test_every_file_of_answers_shown_is_right(tmp_path: Path) -> None:
    shown = blocks(CONNECT, "toml")
    accounts = {read_answers(body, "page", folder=tmp_path).account for body in shown}
    assert accounts == {"imap", "google"}


def words_of_the_machine() -> list[str]:
    line = next(line for line in INSTALL.splitlines() if line.startswith("systemd-run "))
    return shlex.split(line)


def test_the_sign_in_of_a_service_is_done_as_that_service() -> None:
    words = words_of_the_machine()
    given = dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "-p")
    unit = settings_of(UNITS / "kithd.service")
    assert {name: unit[name] for name in given} == {name: [it] for name, it in given.items()}
    assert {"DynamicUser", "User", "StateDirectory", "SupplementaryGroups"} <= given.keys()
    started = next(iter(unit["ExecStart"])).replace(" run ", " sign-in ")
    assert " ".join(words).endswith(started)


def test_systemd_has_nothing_to_say_of_the_drop_in_without_a_password(tmp_path: Path) -> None:
    needs_systemd_analyze()
    written = re.search(r"printf '([^']*)' > \S*/kithd\.service\.d/no-password\.conf", INSTALL)
    assert written is not None
    for unit in ("kithd.service", "kithd-check.service"):
        drop_ins = install(tmp_path / unit) / f"{unit}.d"
        drop_ins.mkdir()
        (drop_ins / "no-password.conf").write_text(written[1].replace("\\n", "\n"))
        assert verify(tmp_path / unit, unit) == ""
