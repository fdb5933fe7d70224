"""The worker is killed over what takes too long or too much, and nothing else is lost."""

import subprocess
import time
from collections.abc import Iterator

import pytest

from connectors.worker import Unanswered, Worker

HERE = "tests.connectors.test_worker"


def echo(question: object) -> object:
    return question


def spin(question: object) -> object:
    while question == "spin":
        pass
    return question


def swell(question: object) -> object:
    return len(b"x" * 2**30) if question == "swell" else question


def crash(question: object) -> object:
    print("what a library prints is no answer")
    if question == "crash":
        raise SystemExit(3)
    return question


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    with Worker(f"{HERE}:{request.param}", seconds=0.2) as one:
        yield one


@pytest.mark.parametrize("worker", ["echo"], indirect=True)
def test_one_process_answers_many_questions_and_none_is_started_for_none(worker: Worker) -> None:
    assert worker.n_started == 0
    questions = ["é\n", {"a": [1, None, 2.5]}, "x" * 3_000_000]
    assert [worker.ask(question) for question in questions] == questions
    assert worker.n_started == 1
    worker.close()
    worker.close()


@pytest.mark.parametrize(
    ("worker", "question", "reason"),
    [
        ("spin", "spin", "took too long to compute"),
        ("swell", "swell", "needed more than 300 MB"),
        ("crash", "crash", r"brought its reader down \(3\)"),
    ],
    indirect=["worker"],
)
def test_a_killed_worker_is_replaced(worker: Worker, question: str, reason: str) -> None:
    assert worker.ask("before") == "before"
    with pytest.raises(Unanswered, match=reason):
        worker.ask(question)
    assert worker.ask("after") == "after"
    assert worker.n_started == 2


@pytest.mark.parametrize("worker", ["echo"], indirect=True)
def test_a_worker_that_was_killed_by_somebody_else_is_replaced(worker: Worker) -> None:
    assert worker.ask(1) == 1
    process = worker._process
    assert isinstance(process, subprocess.Popen)
    process.kill()
    process.wait()
    with pytest.raises(Unanswered):
        worker.ask(2)
    assert worker.ask(3) == 3


def test_a_worker_starts_fast_enough_to_be_started_for_one_file() -> None:
    started = time.monotonic()
    with Worker("connectors.formats.recurrence:expand") as worker:
        worker.ask({"key": "", "parts": [], "zones": []})
    assert time.monotonic() - started < 3  # 0.2 s, on a machine that has nothing else to do.
