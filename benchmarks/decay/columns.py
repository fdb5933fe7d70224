"""Networks -> the columns of the table: what is asked, on which rows, learnt from which."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.decay.cuts import (
    HORIZONS,
    MIN_HORIZONS,
    Examples,
    all_cuts,
    examples_at,
    is_too_short,
    join_examples,
    test_cuts,
    training_cuts,
)
from benchmarks.decay.histories import History, trace_ties
from benchmarks.decay.metrics import is_decidable
from benchmarks.decay.networks import Network


@dataclass(frozen=True, eq=False)
class Field:
    """A network and its ties."""

    network: Network
    ties: tuple[History, ...]


@dataclass(frozen=True, eq=False)
class Column:
    """One question to one network.

    Attributes:
        network: Its name.
        question: What is asked, as the table heads it.
        test: The rows that are judged.
        training: What may be learnt from.
        trouble: Why there is nothing to judge, empty if there is.
    """

    network: str
    question: str
    test: Examples
    training: Examples
    trouble: str = ""

    @property
    def name(self) -> str:
        """The network and the question."""
        return f"{self.network} {self.question}"


def survey(network: Network) -> Field:
    """Return ``network`` with its ties."""
    return Field(network, trace_ties(network))


def lay_out(field: Field, horizon: int, others: Sequence[Field] | None) -> Column:
    """Return the column of ``field`` at ``horizon`` days.

    ``others`` are the networks to learn from with a cold start, None for a warm one: then
    the field's own past teaches, as far as it was known at the first test cut.
    """
    network, question = field.network, str(horizon)
    trouble = _find_trouble(network, horizon)
    if trouble:
        return Column(network.name, question, join_examples([]), join_examples([]), trouble)
    test = examples_at(field.ties, test_cuts(network, horizon), horizon)
    training = _gather(field, horizon, others)
    return Column(network.name, question, test, training, judge_test(test))


def lay_out_all(fields: Sequence[Field], judged: Sequence[Field], *, is_cold: bool) -> list[Column]:
    """Return all columns of the ``judged`` among ``fields``."""
    return [
        lay_out(field, horizon, [f for f in fields if f is not field] if is_cold else None)
        for field in judged
        for horizon in HORIZONS
    ]


def judge_test(test: Examples) -> str:
    """Return why ``test`` cannot be judged, empty if it can."""
    if not len(test):
        return "no live tie to judge"
    if not is_decidable(test.is_silent):
        return f"{len(test)} rows, all of one outcome"
    return ""


def _gather(field: Field, horizon: int, others: Sequence[Field] | None) -> Examples:
    if others is None:
        return examples_at(field.ties, training_cuts(field.network, horizon), horizon)
    return join_examples(
        [examples_at(f.ties, all_cuts(f.network, horizon), horizon) for f in others]
    )


def _find_trouble(network: Network, horizon: int) -> str:
    if not network.n_messages:
        return network.trouble or "no message"
    if is_too_short(network, horizon):
        span = network.end_day - network.first_day
        return f"too short: {span} days, {MIN_HORIZONS * horizon} needed"
    return ""
