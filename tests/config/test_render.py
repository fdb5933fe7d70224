"""The texts made of the settings say the same as the settings."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.load import build, load
from daemon.config.model import Owner, Settings
from daemon.config.render import example_toml, schema_json, show, toml_value
from daemon.interactions.infer import Limits
from daemon.suggestions.model import Rules
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds

CONFIG = Path(__file__).parents[2] / "config"
DEFAULTS = Settings(owner=Owner(addresses=("you@example.org",)))


def test_the_example_file_is_the_one_the_settings_make() -> None:
    assert (CONFIG / "example.toml").read_text(encoding="utf-8") == example_toml()


def test_the_example_file_loads_to_the_defaults() -> None:
    assert load(CONFIG / "example.toml") == DEFAULTS


def test_each_setting_of_the_example_is_explained() -> None:
    blocks = example_toml().split("\n\n")
    settings = [block for block in blocks if " = " in block.splitlines()[-1]]
    assert len(settings) >= 40
    assert all(block.startswith("# ") and len(block.splitlines()) > 1 for block in settings)


def test_what_the_example_has_commented_out_is_right_too(tmp_path: Path) -> None:
    tail = example_toml().split("# What you say of one person", 1)[1]
    lines = [line.removeprefix("# ") for line in tail.splitlines()]
    wanted = [line for line in lines if line.startswith("[") or " = " in line]
    path = tmp_path / "config.toml"
    path.write_text('[owner]\naddresses = ["a@example.org"]\n' + "\n".join(wanted))
    settings = load(path)
    assert settings.people["ana@example.org"].cadence_days == 30
    assert settings.sources["mail"].kind == "maildir"


def test_the_minimal_file_loads() -> None:
    assert set(load(CONFIG / "minimal.toml").sources) == {"mail", "calendar"}


def test_the_settings_shown_load_to_the_same_settings(tmp_path: Path) -> None:
    settings = load(CONFIG / "minimal.toml")
    path = tmp_path / "shown.toml"
    path.write_text(show(settings), encoding="utf-8")
    assert load(path) == settings


@given(
    st.recursive(
        st.text(st.characters(exclude_categories=["Cs"]))
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda values: st.lists(values, max_size=3),
        max_leaves=5,
    )
)
def test_a_value_survives_being_written_as_toml(value: Any) -> None:
    assert tomllib.loads(f"it = {toml_value(value)}\n")["it"] == value


def test_the_schema_knows_every_section_and_refuses_other_names() -> None:
    schema = json.loads(schema_json())
    assert list(schema["properties"]) == ["owner", "ties", "suggestions", "people", "sources"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("kind", [Rules, Renewal, Thresholds, Limits])
def test_the_settings_have_every_rule_of_the_core_with_the_same_default(kind: type[Any]) -> None:
    names = {field.name for field in fields(kind)}
    sections = (DEFAULTS.suggestions, DEFAULTS.ties)
    known = {name for section in sections for name in type(section).model_fields}
    assert names - {"workdays"} <= known  # days of the owner: names there, numbers in the core
    assert build(kind, *sections) == kind()


def test_no_setting_of_the_suggestions_is_without_effect() -> None:
    names = {field.name for field in fields(Rules)}
    assert set(type(DEFAULTS.suggestions).model_fields) <= names


def test_a_changed_setting_reaches_the_rules() -> None:
    changed = DEFAULTS.suggestions.model_copy(update={"budget": 2})
    assert build(Rules, changed, DEFAULTS.ties) == Rules(budget=2)
