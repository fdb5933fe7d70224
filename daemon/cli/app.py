"""Words on the command line -> one command, loading only that command's file."""

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

import typer
from typer.exceptions import TyperException

from daemon.errors import ExitCode, UserError

COMMANDS: dict[str, str] = {
    "demo": "Run the main job on a made-up year of mail, meetings, cards and feeds.",
    "setup": "Set kithd up, from your e-mail address to a first digest.",
    "sign-in": "Sign in at Google or Microsoft, so that kithd may read there, or send your digest.",
    "check": "Check the settings, and with --connect every account, and say what to type.",
    "digest": "Read the sources and print what you could give today, to whom, and why.",
    "ties": "List the people you are in touch with and how each tie stands.",
    "why": "Explain one tie: its rhythm, its numbers, and the contact behind them.",
    "simulate": "Try other settings: who would be flagged, and how often, before you set them.",
    "backtest": "Replay your own past, and say how often kithd would have been right.",
    "poll": "Read what is new at the sources, now.",
    "run": "Run as a service: read, notice, and send one digest a day.",
    "status": "Show what is read, what was held and why, and what needs you.",
    "do": "Answer a digest: the same words as in a reply.",
    "shelf": "Put something on the shelf that could be given to somebody.",
    "merge": "Say that two addresses are one person.",
    "split": "Say that two addresses are different people.",
    "forget": "Erase a person: what was read of them, and every trace of it.",
    "rebuild": "Derive interactions, people and ties anew from what was read.",
    "config": "Print an example of the settings, their schema, or those in force.",
    "export": "Write all that is stored about your network as JSON.",
}
"""Every command and its first line of help, in the order of the help.

Commands are loaded by name when they are run, so that ``kithd --help`` and light commands
need not wait for what heavy ones import. Source: decision record on start-up time.
"""


def build(words: Sequence[str]) -> typer.Typer:
    """Return an application that knows all commands and has loaded the one in ``words``."""
    app = typer.Typer(
        help="Keep your network alive by giving: what, to whom, and why. "
        "Nothing leaves this machine but your own digest.\n\nExample: kithd demo",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    wanted = next((word for word in words if not word.startswith("-")), None)
    for name, says in COMMANDS.items():
        _add(app, name, says, is_wanted=name == wanted)
    return app


def load_command(name: str) -> ModuleType:
    """Import and return the module of the command ``name``: a function ``run``, or a group."""
    return import_module(f"daemon.cli.{name.replace('-', '_')}_command")


def main() -> None:
    """Run the command on the command line; tell the owner's errors in three lines."""
    words = sys.argv[1:] or ["--help"]
    try:
        build(words)(words, prog_name="kithd", standalone_mode=False)
    except (UserError, TyperException) as error:
        told = error if isinstance(error, UserError) else _explain(error, words)
        print(told, file=sys.stderr)
        sys.exit(told.exit_code)
    except typer.Abort:
        sys.exit(ExitCode.TEMPORARY)
    except BrokenPipeError:
        # The reader went away ("kithd ties | head"): nobody is left to tell.
        sys.stderr.close()
        sys.exit(ExitCode.OK)


def _add(app: typer.Typer, name: str, says: str, *, is_wanted: bool) -> None:
    if not is_wanted:
        app.command(name, help=says)(_stand_for)
        return
    module = load_command(name)
    if isinstance(group := getattr(module, "group", None), typer.Typer):
        app.add_typer(group, name=name, help=says)
    else:
        app.command(name)(module.run)


def _explain(error: TyperException, words: Sequence[str]) -> UserError:
    """What is wrong with the words typed, told like every other error."""
    known = [word for word in words[:1] if word in COMMANDS]
    problem = " ".join(str(error).replace("Value error, ", "").split())
    return UserError(problem, "the command line", " ".join(["kithd", *known, "--help"]))


def _stand_for() -> None:
    """Stand in the list of commands for one that is not being run."""
