"""Made-up mail in a real Dovecot -> how fast it is read, and what a poll costs without news.

Usage: python -m benchmarks.backfill --imap [--messages N] [--runs N]
"""

import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from imaplib import IMAP4_SSL
from statistics import median

from benchmarks.backfill.mail import write_maildir
from connectors.credentials.secrets import Secret
from connectors.imap.connector import ImapConnector
from connectors.imap.settings import ImapSettings
from connectors.observations import Message
from connectors.protocol import Cursor, Reading
from tests.servers import dovecot
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.proxy import Proxy

SINCE = datetime(1980, 1, 1, tzinfo=UTC)
N_POLLS = 30
_FIELDS = ("from", "to", "cc", "date", "subject", "message-id", "in-reply-to", "references")
_FOLDERS = ("Sent", "INBOX")


def measure(count: int, runs: int) -> None:
    """Print the rate beside a bare fetch with parsing, in turn, and the cost of an idle poll."""
    with dovecot.running() as server:
        user = server.new_user()
        write_maildir(server.maildir(user), count)
        server.adopt(user)
        settings = _settings(server, user)
        _read_bare(server, user)  # the server builds its caches
        pairs = [
            (_time(lambda: _read_bare(server, user)), _time(lambda: len(_read(settings))))
            for _ in range(runs)
        ]
        bare, ours = ([pair[side] for pair in pairs] for side in (0, 1))
        _print_rates("imaplib, heads and parsing", bare)
        _print_rates("kithd, headers", ours)
        ratios = [mine[0] / mine[1] / (base[0] / base[1]) for base, mine in pairs]
        print(f"kithd / imaplib: {_spread(ratios, '.2f')} (wanted: 0.33)")
        text = replace(settings, read=Reading.TEXT)
        _print_rates(
            "kithd, text of people", [_time(lambda: len(_read(text))) for _ in range(runs)]
        )
        _print_idle(server, settings)


def _settings(server: Dovecot, user: str) -> ImapSettings:
    secret = server.home / "secret"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    return ImapSettings(
        host="localhost",
        port=server.tls_port,
        user=user,
        secret=Secret(f"file:{secret}"),
        ca_file=server.ca_file,
        read=Reading.HEADERS,
    )


def _read(settings: ImapSettings) -> list[str]:
    with closing(ImapConnector(settings, since=SINCE)) as connector:
        found = (one for batch in connector.poll(None) for one in batch.observations)
        return [message.uid for message in found if isinstance(message, Message)]


def _read_bare(server: Dovecot, user: str) -> int:
    """Fetch the same heads with the standard library, and parse them with it."""
    context = ssl.create_default_context(cafile=server.ca_file)
    client = IMAP4_SSL("localhost", server.tls_port, ssl_context=context)
    client.login(f'"{user}"', PASSWORD)
    parser, count = BytesHeaderParser(), 0
    for folder in _FOLDERS:
        n_messages = int(client.select(folder, readonly=True)[1][-1] or 0)
        for low in range(1, n_messages + 1, 500):
            _, lines = client.fetch(
                f"{low}:{min(low + 499, n_messages)}",
                "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])",
            )
            for line in lines:
                if isinstance(line, tuple):
                    head = parser.parsebytes(line[1])
                    count += any(str(head[name]) for name in _FIELDS)
    client.logout()
    return count


def _print_idle(server: Dovecot, settings: ImapSettings) -> None:
    with closing(ImapConnector(settings, since=SINCE)) as connector:
        cursor = [batch.cursor for batch in connector.poll(None)][-1]
    _poll(settings, cursor)
    milliseconds = []
    for _ in range(N_POLLS):
        began = time.process_time()
        _poll(settings, cursor)
        milliseconds.append((time.process_time() - began) * 1000)
    print(f"a poll without news, CPU in ms: {_spread(milliseconds, '.1f')} (wanted: 10)")
    for security, port in (("none", server.port), ("tls", server.tls_port)):
        with Proxy(("127.0.0.1", port)) as proxy:
            _poll(replace(settings, port=proxy.port, security=security), cursor)
            print(f"a poll without news, round trips, security {security}: {proxy.n_turns}")


def _poll(settings: ImapSettings, cursor: Cursor) -> None:
    with closing(ImapConnector(settings, since=SINCE)) as connector:
        assert not list(connector.poll(cursor))


def _time(run: Callable[[], int]) -> tuple[int, float]:
    began = time.perf_counter()
    return run(), time.perf_counter() - began


def _print_rates(name: str, timed: Sequence[tuple[int, float]]) -> None:
    rates = [count / seconds for count, seconds in timed]
    print(f"{name}: {timed[0][0]} messages, a second: {_spread(rates, ',.0f')}", flush=True)


def _spread(values: Sequence[float], form: str) -> str:
    low, middle, high = (format(v, form) for v in (min(values), median(values), max(values)))
    return f"n {len(values)}, {low} / {middle} / {high} (min / median / max)"
