"""The texts made of the settings say the same as the settings."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.kinds import DELIVERIES, terms_of
from daemon.config.load import build, load
from daemon.config.model import CircleRule, Owner, PersonRule, Settings, Source
from daemon.config.render import example_toml, schema_json, show, toml_value
from daemon.interactions.infer import Limits
from daemon.suggestions.model import Rules
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds

CONFIG = Path(__file__).parents[2] / "config"
OF_MANY = {"circles": CircleRule, "people": PersonRule, "sources": Source}
NO_SETTINGS = {
    # The owner's days are names there and numbers in the core; circles are a section each.
    *("workdays", "circles"),
    # Learnt, from public networks and then from the owner's own past: no owner has a view of them.
    *("odds_base", "odds_scale", "odds_per_recent", "odds_per_seen"),
    # The owner's unit of time is the day.
    "day",
}
DEFAULTS = Settings(owner=Owner(addresses=("you@example.org",)))


def test_the_example_file_is_the_one_the_settings_make() -> None:
    assert (CONFIG / "example.toml").read_text(encoding="utf-8") == example_toml()


def test_the_example_file_loads_to_the_defaults() -> None:
    assert load(CONFIG / "example.toml") == DEFAULTS


def test_each_setting_of_the_example_is_explained_where_it_first_stands() -> None:
    explained: set[tuple[str, str]] = set()
    for section, name, comment in settings_in(example_toml()):
        is_new = (section, name) not in explained
        assert bool(comment) == is_new, f"{section}.{name}"
        explained.add((section, name))
    assert explained == {
        (name, setting)
        for name, section in Settings.model_fields.items()
        for setting in (OF_MANY.get(name) or section.annotation).model_fields  # type: ignore[union-attr]  # a section
    }


def settings_in(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield for each setting its section's first name, its own, and the comment above it."""
    section, above = "", ""
    for line in text.splitlines():
        bare = line.removeprefix("# ")
        if is_header := re.match(r"\[(\w+)", bare):
            section = is_header[1]
        elif is_setting := re.match(r"([a-z_]+) = ", bare):
            yield section, is_setting[1], above
        above = line if line.startswith("# ") and not (is_header or is_setting) else ""


def uncommented(text: str, *, without: Sequence[str] = ()) -> str:
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    wanted = [it for it in lines if re.match(r"\[\w|[a-z_]+ = ", it)]
    return "\n".join(it for it in wanted if it.partition(" =")[0] not in without)


def test_what_the_example_has_commented_out_is_right_too(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    head, sources = example_toml().split("# One place to read", 1)
    others = {name for kind, it in DELIVERIES.items() if kind != "smtp" for name in it.takes}
    head = uncommented(head, without=[*others - {*DELIVERIES["smtp"].takes}])
    path.write_text(f"{head}\n{uncommented(sources)}", encoding="utf-8")
    settings = load(path)
    assert settings.people["ana@example.org"].cadence_days == 30
    assert settings.circles == {"close": CircleRule(longest_days=30, ideal_days=14)}
    assert settings.delivery.kind == "smtp"
    assert settings.replies.sources == ("mail",)
    kinds = {name: source.kind for name, source in settings.sources.items()}
    assert list(kinds.values()) == (
        "imap caldav carddav gmail google_calendar google_contacts graph exchange "
        "feed ics maildir".split()
    )
    assert settings.sources["mail"].secret == f"file:{tmp_path / 'mail.secret'}"
    path.write_text(show(settings), encoding="utf-8")
    assert load(path) == settings


def test_each_kind_in_the_example_shows_all_that_its_connector_needs() -> None:
    _, sources = example_toml().split("# One place to read", 1)
    shown = tomllib.loads(uncommented(sources))["sources"]
    for table in shown.values():
        terms = terms_of(table["kind"])
        assert set(terms.needs) <= set(table) <= {*terms.takes, *terms.heeds}


def test_the_minimal_file_loads() -> None:
    settings = load(CONFIG / "minimal.toml")
    assert {s.kind for s in settings.sources.values()} == {"imap", "caldav"}
    assert settings.delivery.kind == "smtp"


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
    assert list(schema["properties"]) == [
        "owner",
        "delivery",
        "replies",
        "ties",
        "suggestions",
        "circles",
        "people",
        "sources",
    ]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("kind", [Rules, Renewal, Thresholds, Limits])
def test_the_settings_have_every_rule_of_the_core_with_the_same_default(kind: type[Any]) -> None:
    names = {field.name for field in fields(kind)}
    sections = (DEFAULTS.suggestions, DEFAULTS.ties)
    known = {name for section in sections for name in type(section).model_fields}
    assert names - NO_SETTINGS <= known
    assert build(kind, *sections) == kind()


def test_no_setting_of_the_suggestions_is_without_effect() -> None:
    names = {field.name for field in fields(Rules)}
    assert set(type(DEFAULTS.suggestions).model_fields) <= names


def test_a_changed_setting_reaches_the_rules() -> None:
    changed = DEFAULTS.suggestions.model_copy(update={"budget": 2})
    assert build(Rules, changed, DEFAULTS.ties) == Rules(budget=2)
