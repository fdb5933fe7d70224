"""A settings file is read whole or refused with everything that is wrong with it."""

from datetime import time
from pathlib import Path

import pytest

from connectors.observations import Folder
from connectors.protocol import Reading
from daemon.config.load import WrongSettings, find_config, load
from daemon.errors import ExitCode, UserError

OWNER = '[owner]\naddresses = ["Robin@Example.org"]\n'


def refusal(tmp_path: Path, text: str) -> UserError:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        load(path)
    return refused.value


def test_what_the_file_says_is_what_is_set(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        OWNER
        + 'digest_hour = "06:30"\nzone = "Europe/Berlin"\n'
        + "[ties]\nfading_at = 0.6\n"
        + '[people."Ana@example.org"]\ncircle = "close"\ncadence_days = 30\n'
        + '[sources.mail]\nkind = "maildir"\npath = "mail"\nread = "subjects"\nfolder = "sent"\n',
        encoding="utf-8",
    )
    settings = load(path)
    assert settings.owner.addresses == ("robin@example.org",)
    assert settings.owner.digest_hour == time(6, 30)
    assert settings.ties.fading_at == 0.6
    assert settings.people["ana@example.org"].cadence_days == 30
    source = settings.sources["mail"]
    assert (source.read, source.folder) == (Reading.SUBJECTS, Folder.SENT)


def test_a_relative_path_starts_at_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWNER + '[sources.m]\nkind = "mbox"\npath = "old.mbox"\n', encoding="utf-8")
    assert load(path).sources["m"].path == tmp_path / "old.mbox"


def test_all_problems_are_told_at_once_each_with_its_line_and_the_nearest_name(
    tmp_path: Path,
) -> None:
    text = (
        "# line 1\n"
        '[owner]\naddresses = [\n  "a@example.org",\n  "nobody",\n]\n'
        'zone = "Europe/Berln"\ndigets_hour = "07:00"\n'
        "[suggestion]\nbudget = 3\n"
        '[ties]\ncooling_at = 0.6\nmin_day = 3\ndormant_days = "x"\n'
        '[sources.mail]\npaht = "x"\n'
    )
    said = str(refusal(tmp_path, text)).splitlines()
    assert said[0] == "9 settings cannot be right:"
    assert said[1:-2] == [
        "  line 3: owner.addresses.1: 'nobody' is not an e-mail address",
        "  line 7: owner.zone: 'Europe/Berln' is not a time zone, such as Europe/Berlin or UTC"
        "; did you mean Europe/Berlin?",
        "  line 8: owner.digets_hour: no such setting; did you mean digest_hour?",
        "  line 9: suggestion: no such setting; did you mean suggestions?",
        "  line 11: ties.fading_at: 0.5 must lie above cooling_at (0.6)",
        "  line 13: ties.min_day: no such setting; did you mean min_days?",
        "  line 14: ties.dormant_days: should be a valid number, not 'x'",
        "  line 15: sources.mail.kind: missing, and there is no default for it",
        "  line 16: sources.mail.paht: no such setting; did you mean path?",
    ]


def test_one_problem_is_told_in_three_lines(tmp_path: Path) -> None:
    error = refusal(tmp_path, OWNER + "digets = 1\n")
    assert str(error).splitlines() == [
        "owner.digets: no such setting; did you mean digest_hour?",
        f"Where: {tmp_path / 'config.toml'}, line 3",
        "Try: kithd config example",
    ]
    assert error.exit_code is ExitCode.CONFIG


def test_a_name_near_nothing_is_answered_with_the_names_there_are(tmp_path: Path) -> None:
    error = refusal(tmp_path, OWNER + "[xyzzy]\n")
    assert error.problem == (
        "xyzzy: no such setting; there are "
        "owner, delivery, replies, ties, suggestions, circles, people, sources"
    )


def test_an_ideal_gap_above_the_longest_and_a_circle_there_is_not_are_refused(
    tmp_path: Path,
) -> None:
    error = refusal(
        tmp_path,
        f"{OWNER}[circles.dear]\nideal_days = 9\n[circles.close]\nideal_days = 31\n"
        'longest_days = 30\n[people."ana@example.org"]\nideal_days = 31\ncadence_days = 30\n',
    )
    assert isinstance(error, WrongSettings)
    assert [says for _, says in error.problems] == [
        "circles.dear: should be 'close', 'regular' or 'wide', not 'dear'",
        "circles.close.ideal_days: 31 must not lie above longest_days (30)",
        'people."ana@example.org".ideal_days: 31 must not lie above cadence_days (30)',
    ]


@pytest.mark.parametrize("value", ["1.5", "nan", "inf", "0", '"0.5"', "true"])
def test_a_chance_outside_its_range_or_of_another_type_is_refused(
    tmp_path: Path, value: str
) -> None:
    error = refusal(tmp_path, f"{OWNER}[ties]\nfading_at = {value}\n")
    assert error.problem.startswith("ties.fading_at: ")
    assert error.where.endswith("line 4")


@pytest.mark.parametrize(
    ("text", "line"),
    [("[owner\n", 1), ("[owner]\naddresses = \n", 2), ('[owner]\nname = "', 2)],
)
def test_text_that_is_not_toml_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    error = refusal(tmp_path, text)
    assert error.problem.startswith("not TOML: ")
    assert error.where.endswith(f"line {line}")


def test_a_file_without_an_owner_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "").problem.startswith("owner: missing")


def test_days_named_twice_and_hours_with_seconds_are_refused(tmp_path: Path) -> None:
    text = OWNER + 'workdays = ["mon", "mon"]\ndigest_hour = "07:00:30"\n'
    assert refusal(tmp_path, text).problem.startswith("2 settings cannot be right")


@pytest.mark.parametrize("make", ["nothing", "folder", "latin"])
def test_a_file_that_cannot_be_read_is_an_error_the_owner_can_mend(
    tmp_path: Path, make: str
) -> None:
    path = tmp_path / "config.toml"
    if make == "folder":
        path.mkdir()
    elif make == "latin":
        path.write_bytes(b'[owner]\nname = "J\xfcrgen"\n')
    with pytest.raises(UserError) as refused:
        load(path)
    assert refused.value.exit_code is ExitCode.CONFIG
    assert refused.value.where == str(path)


def test_the_file_named_by_hand_comes_before_the_environment_and_both_before_the_usual_ones(
    tmp_path: Path,
) -> None:
    usual = tmp_path / ".config" / "kithd" / "config.toml"
    system = tmp_path / "etc.toml"
    named = {"KITHD_CONFIG": "/named/by/environment"}
    assert find_config(Path("/by/hand"), named, tmp_path, system=system) == Path("/by/hand")
    assert find_config(None, named, tmp_path, system=system) == Path("/named/by/environment")
    assert find_config(None, {}, tmp_path, system=system) is None
    system.touch()
    assert find_config(None, {}, tmp_path, system=system) == system
    usual.parent.mkdir(parents=True)
    usual.touch()
    assert find_config(None, {}, tmp_path, system=system) == usual
