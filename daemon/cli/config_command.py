"""``kithd config``: the settings, as an example, as a schema, and as they are in force."""

import os
from pathlib import Path

import typer

from daemon.cli import options
from daemon.config.load import find_config, load
from daemon.config.render import example_toml, schema_json
from daemon.config.render import show as show_settings
from daemon.errors import ExitCode, UserError

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@group.command()
def example() -> None:
    """Print every setting with its meaning, range and default.

    Example: kithd config example > ~/.config/kithd/config.toml
    """
    typer.echo(example_toml(), nl=False)


@group.command()
def schema() -> None:
    """Print the JSON schema of the settings, for editors and programs.

    Example: kithd config schema > kithd.schema.json
    """
    typer.echo(schema_json(), nl=False)


@group.command()
def show(keep: options.Keep = None, config: options.Config = None) -> None:
    """Print the settings in force, defaults included.

    Example: kithd config show --keep ~/kithd
    """
    kept = keep / "config.toml" if keep else None
    path = find_config(config or kept, os.environ, Path.home())
    if path is None:
        raise UserError(
            "There are no settings yet.",
            "no --config, $KITHD_CONFIG, ~/.config/kithd/config.toml or /etc/kithd/config.toml",
            "kithd config example > ~/.config/kithd/config.toml, and put your address in",
            exit_code=ExitCode.CONFIG,
        )
    typer.echo(f"# {path}\n{show_settings(load(path))}", nl=False)
