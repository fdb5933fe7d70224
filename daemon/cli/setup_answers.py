"""Somebody at a terminal, or a file of answers -> all that setup must be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from connectors.credentials.secrets import Secret
from connectors.discovery.live import look_up
from connectors.discovery.model import Servers
from connectors.errors import AccessDenied, ConnectorError
from daemon.cli.setup_files import is_of_machine, name_of_user, read_client
from daemon.cli.setup_questions import ask_all
from daemon.errors import ExitCode, UserError
from daemon.setup import screens
from daemon.setup.answers import Answers, read_answers
from daemon.setup.questions import BACK, READING, SECRET, WHERE, WHO, Draft
from daemon.setup.settle import mail_account, smtp_account


@dataclass(frozen=True, slots=True)
class Told:
    """All that setup was told: answers, the servers found, a password or an OAuth client."""

    answers: Answers
    found: Servers
    password: str = ""
    client: str = ""


def take_by_asking(place: Path, zone: str) -> Told:
    """Ask at the terminal all that settings at ``place`` need; ``zone`` is the machine's."""
    typer.echo(screens.HELLO)
    keep = "credential" if is_of_machine(place) else "file"
    draft = Draft(zone=zone, name=name_of_user(), keep=keep)
    draft = ask_all(WHO, draft)
    typer.echo(f"\nLooking for the servers of {draft.address} ...")
    draft = replace(draft, found=look_up(draft.address))
    draft = ask_all((*WHERE, *SECRET, *READING, *BACK), draft)
    said = {key: it for key, it in draft.said.items() if key in Answers.model_fields}
    password = str(draft.said.get("password", ""))
    if password:
        said["password_file"] = Path("typed")
    is_used = draft.is_found_right() or draft.account != "imap"
    answers = Answers.model_validate(said)
    found = draft.found if is_used else Servers()
    return Told(answers, found, password, _take_client(answers, "the answers"))


def take_from_file(file: Path) -> Told:
    """Take the answers from a file; only what they leave open is looked up.

    Raises:
        UserError: It cannot be read, answers in it cannot be right, or a file that it names.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(
            f"The answers cannot be read ({type(problem).__name__}).",
            str(file),
            "kithd setup --answers answers.toml",
            exit_code=ExitCode.CONFIG,
        ) from problem
    answers = read_answers(text, str(file), folder=file.absolute().parent)
    client = _take_client(answers, str(file))
    found = look_up(answers.addresses[0]) if _is_open(answers) else Servers()
    with tell_of_secrets(file):
        given = answers.password_file
        return Told(answers, found, Secret(f"file:{given}").reveal() if given else "", client)


def _is_open(answers: Answers) -> bool:
    """Whether the answers leave anything to be looked up."""
    nowhere = Servers()
    if answers.account != "imap":
        return answers.account == "microsoft" and answers.tenant is None
    sends = answers.deliver != "mail" or smtp_account(answers, nowhere)
    return not (mail_account(answers, nowhere) and sends)


def _take_client(answers: Answers, where: str) -> str:
    if answers.client_file is None:
        return ""
    try:
        return read_client(answers.client_file)
    except ValueError as problem:
        raise UserError(
            f"{problem}.",
            where,
            "docs/how-to/sign-in-with-google.md shows how to get the file",
            exit_code=ExitCode.CONFIG,
        ) from problem


@contextmanager
def tell_of_secrets(where: Path) -> Iterator[None]:
    """Tell the owner of what a keeper of secrets refuses.

    Raises:
        UserError: In place of a ConnectorError or an OSError.
    """
    try:
        yield
    except (ConnectorError, OSError) as problem:
        is_denied = isinstance(problem, AccessDenied | PermissionError)
        raise UserError(
            f"{problem}.",
            str(where),
            "kithd setup, and keep the password another way",
            exit_code=ExitCode.NO_PERMISSION if is_denied else ExitCode.CONFIG,
        ) from problem
