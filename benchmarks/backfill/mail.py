"""A seed and a count -> a Maildir of made-up mail as it arrives: long heads, threads, bulk."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

BEGINS = datetime(2011, 1, 3, 8, tzinfo=UTC)
ENDS = datetime(2026, 11, 20, 18, tzinfo=UTC)
EGO = "robin@example.org"
N_PEOPLE = 600
SHARE_SENT, SHARE_BULK, SHARE_ANSWERS = 0.25, 0.3, 0.6
_SUBJECTS = "tender schedule invoice harbour sensors concert draft budget visit contract".split()
_SENTENCES = (
    "Thanks for the notes on the harbour sensors, they arrived in good time.",
    "Could you look at the tender before Friday?",
    "I'll send you the contact of the coating people.",
    "The second batch of cells came back from the depot with better figures than expected.",
    "We moved the rehearsal to the smaller hall because of the heating.",
    "Nothing else is new here, the ferry was late again.",
)
_TRACE = (
    "Received: from mx{n}.example.net (mx{n}.example.net [192.0.2.{n}])\r\n"
    "\tby in.example.org with ESMTPS id {id}\r\n\tfor <robin@example.org>; {date}\r\n"
)


def write_maildir(folder: Path, count: int, *, seed: int = 1) -> None:
    """Write ``count`` messages over fifteen years into ``folder``, a quarter of them sent."""
    for part in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
        (folder / part).mkdir(parents=True)
    for n, (is_sent, message) in enumerate(_messages(count, random.Random(seed))):  # noqa: S311 -- made-up mail, no secret
        part = ".Sent/cur" if is_sent else "cur"
        (folder / part / f"{1300000000 + n}.M{n}P1.host:2,S").write_bytes(message)


def _messages(count: int, chance: random.Random) -> Iterator[tuple[bool, bytes]]:
    step = (ENDS - BEGINS) / count
    last: dict[int, str] = {}
    for n in range(count):
        at = BEGINS + step * n + timedelta(seconds=chance.random() * 3000)
        if chance.random() < SHARE_BULK:
            yield False, _bulk(n, at, chance)
            continue
        who = min(int(chance.expovariate(1 / 60)), N_PEOPLE - 1)
        is_sent = chance.random() < SHARE_SENT / (1 - SHARE_BULK)
        answers = last.get(who) if chance.random() < SHARE_ANSWERS else None
        yield is_sent, _letter(n, at, who, is_sent=is_sent, answers=answers, chance=chance)
        last[who] = f"{n}@example.org"


def _letter(
    n: int, at: datetime, who: int, *, is_sent: bool, answers: str | None, chance: random.Random
) -> bytes:
    name, email = f"Person {_spell(who)} Maier-{_spell(who * 7)}", f"person{who}@example.com"
    ego, alter = f"Robin Maier <{EGO}>", f"{name} <{email}>"
    subject = f"{'Re: ' if answers else ''}{chance.choice(_SUBJECTS)} {chance.randint(1, 99)}"
    head = _trace(n, at) if not is_sent else ""
    head += f"From: {ego if is_sent else alter}\r\nTo: {alter if is_sent else ego}\r\n"
    head += f"Subject: {subject}\r\n"
    if answers:
        head += f"In-Reply-To: <{answers}>\r\nReferences: <{answers}>\r\n"
    return _message(n, at, head, " ".join(chance.sample(_SENTENCES, 4)))


def _bulk(n: int, at: datetime, chance: random.Random) -> bytes:
    sender = chance.randint(1, 40)
    head = _trace(n, at) + f"From: News {_spell(sender)} <news{sender}@example.net>\r\n"
    head += f"To: {EGO}\r\nSubject: This week: {chance.choice(_SUBJECTS)}\r\n"
    head += f"List-Id: <news{sender}.example.net>\r\nPrecedence: bulk\r\n"
    head += f"List-Unsubscribe: <https://example.net/u/{sender}>\r\n"
    stories = [
        f"A story about {chance.choice(_SUBJECTS)} and {chance.choice(_SUBJECTS)}\r\n"
        f"https://news.example.net/{n}/{k}\r\n"
        for k in range(5)
    ]
    return _message(n, at, head, "\r\n".join(stories))


def _message(n: int, at: datetime, head: str, text: str) -> bytes:
    date = format_datetime(at)
    rest = (
        f"Date: {date}\r\nMessage-ID: <{n}@example.org>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nUser-Agent: Mail 102.1\r\n\r\n"
    )
    quote = "".join(f"> {sentence}\r\n" for sentence in _SENTENCES[:3])
    return (head + rest + f"{text}\r\n\r\n{quote}\r\n-- \r\nsent from a train\r\n").encode()


def _trace(n: int, at: datetime) -> str:
    date = format_datetime(at)
    return "".join(_TRACE.format(n=k, id=f"q{n}x{k}", date=date) for k in range(1, 5)) + (
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1;\r\n"
        f"\tbh={n:064x};\r\n\tb={n * 7:0172x}\r\n"
        "Authentication-Results: in.example.org; dkim=pass header.d=example.net\r\n"
    )


def _spell(n: int) -> str:
    """Letters only: a name with digits in it is no name."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(n)).capitalize()
