"""Questions as data -> answers typed at a terminal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import typer

from daemon.cli.setup_files import read_client
from daemon.setup.answers import Answers, check_answer
from daemon.setup.questions import NO, YES, Draft, Question

_NONE = frozenset({"-", "none"})
_YES_OR_NO = ((YES, ""), (NO, ""))
_LOOK: Mapping[str, Callable[[Any], object]] = {"client_file": read_client}
"""What looks at the machine to see whether an answer can be right; it raises ValueError if not."""


def ask_all(questions: Iterable[Question], draft: Draft) -> Draft:
    """Ask what applies, in order, and return the draft with the answers."""
    for question in questions:
        if question.is_asked(draft):
            draft = replace(draft, said={**draft.said, question.key: ask(question, draft)})
    return draft


def ask(question: Question, draft: Draft) -> Any:
    """Ask one question until its answer can be right."""
    if explained := question.explains(draft):
        typer.echo(f"\n{explained}", nl=False)
    if question.choices == _YES_OR_NO:
        return typer.confirm(question.asks, default=question.proposes(draft) == YES)
    _list_choices(question)
    return _until_right(lambda: _typed(question, draft), question)


def _until_right(typed: Callable[[], str], question: Question) -> Any:
    while True:
        text = typed()
        try:
            return _read(question, text)
        except ValueError as problem:
            typer.echo(f"  {problem}")


def _typed(question: Question, draft: Draft) -> str:
    proposal = question.proposes(draft)
    default = proposal or ("" if question.may_be_empty else None)
    text = typer.prompt(
        question.asks, default=default, show_default=bool(proposal), hide_input=question.is_hidden
    )
    return str(text).strip()


def _read(question: Question, text: str) -> Any:
    if question.may_be_empty and text.lower() in _NONE:
        text = ""
    if question.choices:
        return _choose(question, text)
    if question.key not in Answers.model_fields:
        return text
    value: Any = text.zfill(len("07:00")) if question.key == "digest_hour" else text
    if question.is_list:
        value = [part.strip() for part in text.split(",") if part.strip()]
    if question.key.endswith("_port"):
        value = int(text) if text.isascii() and text.isdigit() else text
    answer = check_answer(question.key, value)
    if look := _LOOK.get(question.key):
        look(answer)
    return answer


def _choose(question: Question, text: str) -> str:
    """Take a choice by its word, its beginning or its number."""
    words = [word for word, _ in question.choices]
    if text.isascii() and text.isdigit() and 0 < int(text) <= len(words):
        return words[int(text) - 1]
    meant = [word for word in words if text and word.startswith(text.lower())]
    if text.lower() in words:
        return text.lower()
    if len(meant) != 1:
        raise ValueError(f"one of {', '.join(words)}")
    return meant[0]


def _list_choices(question: Question) -> None:
    width = max((len(word) for word, _ in question.choices), default=0)
    for number, (word, says) in enumerate(question.choices, 1):
        if says:
            typer.echo(f"  {number}  {word:<{width}}  {says}")
