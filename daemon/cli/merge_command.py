"""``kithd merge``: two addresses, one person."""

from daemon.cli import options
from daemon.cli.do_command import run as do
from daemon.cli.find_person import find_addresses


def run(
    one: options.Person,
    other: options.Person,
    keep: options.Keep = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Say that two addresses are one person.

    Example: kithd merge ana@example.org ana.diaz@example.com --keep ~/kithd
    """
    left, right = find_addresses(one, other, keep=keep, config=config)
    do(f"same {left} {right}", keep=keep, config=config, as_json=as_json)
