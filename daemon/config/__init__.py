"""The owner's settings: their models, the file they come from, and the texts made of them."""

from daemon.config.load import build, find_config, load
from daemon.config.model import Owner, PersonRule, Settings, Source, Suggestions, Ties
from daemon.config.render import example_toml, schema_json, show

__all__ = [
    "Owner",
    "PersonRule",
    "Settings",
    "Source",
    "Suggestions",
    "Ties",
    "build",
    "example_toml",
    "find_config",
    "load",
    "schema_json",
    "show",
]
