"""A fitted model -> plain values that say which it is, and back."""

from collections.abc import Mapping
from typing import Any

from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal

MODELS: Mapping[str, type[FittedDecay]] = {"renewal": Renewal}
"""Every model that may be kept, by the name it is kept under: a name is for good."""


def dump(model: FittedDecay) -> dict[str, Any]:
    """Return ``model`` as JSON-able values: its name and its parameters.

    Raises:
        ValueError: It is no model that may be kept.
    """
    for name, kind in MODELS.items():
        if type(model) is kind:
            return {"model": name, "parameters": dict(model.to_dict())}
    raise ValueError(f"no model to be kept: {type(model).__name__}")


def load(facts: Mapping[str, Any]) -> FittedDecay:
    """Return the model that :func:`dump` described.

    Raises:
        ValueError: There is no such model, or none with such parameters.
    """
    name = facts["model"]
    if name not in MODELS:
        raise ValueError(f"no such model: {name}")
    return MODELS[name].from_dict(facts["parameters"])
