"""``kithd split``: two addresses that were taken for one person."""

from daemon.cli import options
from daemon.cli.do_command import run as do


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
    do(f"not-same {one} {other}", keep=keep, config=config, as_json=as_json)
