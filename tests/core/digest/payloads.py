"""What a hostile mail may put into a name, a subject or a sentence, and into which fields."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from daemon.digest.model import Page

ALL_AT_ONCE = "</td></table><script>x</script>\"><img src=x onerror='y'>{{7*7}}\r\nX-Evil: 1"
"""Short enough to survive the cut of every field."""

PAYLOADS = (
    ALL_AT_ONCE,
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table></body></html>",
    "</title></style><style>*{display:none}</style>",
    "javascript:alert(1)",
    "<!-- --><![CDATA[<b>",
    "&lt;script&gt;&#60;script&#62;",
    "evil\u202etxt.exe\u2066\u200b\ufeff\u00ad",
    "nul\x00esc\x1b[31mbell\x07c1\x9b",
    "a\r\nBcc: mallory@example.net\r\n\r\nbody",
    "=?utf-8?q?=0D=0ABcc:_mallory=40example.net?=",
    "=?utf-8?b?DQpCY2M6IG1hbGxvcnlAZXhhbXBsZS5uZXQNCg==?=",
    "{{7*7}}{% for x in y %}${7*7}",
    "\udc80 lone surrogate",
    "“<b>bold</b>”",
    "x" * 10_000,
    "<b>" * 3_400,
    "http://" + "y" * 10_000,
)


def in_each_field(page: Page, payload: str) -> Iterator[tuple[str, Page]]:
    """Yield ``page`` once a string in it, that string being ``payload``, and where it stands."""
    for target, path in enumerate(_paths(page)):
        yield path, _change(page, _only(target, payload))


def in_every_field(page: Page, payload: str) -> Page:
    return _change(page, lambda _, __: payload)


def _paths(page: Page) -> list[str]:
    paths: list[str] = []

    def note(path: str, text: str) -> str:
        paths.append(path)
        return text

    _walk(page, "page", note)
    return paths


def _only(target: int, payload: str) -> Callable[[int, str], str]:
    return lambda n, text: payload if n == target else text


def _change(page: Page, change: Callable[[int, str], str]) -> Page:
    seen = iter(range(10_000))
    changed: Page = _walk(page, "", lambda _, text: change(next(seen), text))
    return changed


def _walk(value: Any, path: str, visit: Callable[[str, str], str]) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return visit(path, value)
    if isinstance(value, tuple):
        return tuple(_walk(each, f"{path}[{i}]", visit) for i, each in enumerate(value))
    if isinstance(value, Mapping):
        return {_walk(key, f"{path}.{key}", visit): each for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            f.name: _walk(getattr(value, f.name), f"{path}.{f.name}", visit) for f in fields(value)
        }
        return replace(value, **changed)
    return value
