"""``kithd split``: two addresses that were taken for one person."""

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
    """Say that two addresses are different people.

    Example: kithd split ana@example.org a.diaz@example.net --keep ~/kithd
    """
    left, right = find_addresses(one, other, keep=keep, config=config)
    do(f"not-same {left} {right}", keep=keep, config=config, as_json=as_json)
