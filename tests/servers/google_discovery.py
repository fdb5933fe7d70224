"""Google's own description of an API -> what is wrong with a call to it, or with an answer.

The descriptions are the discovery documents that ship with google-api-python-client.
Source: Google API Discovery Service, "Reference: RestDescription" and "Type and Format Summary".
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import googleapiclient

from tests.servers.api import Call, Reply
from tests.servers.google_fields import Mask, apply_fields, apply_mask, parse_fields
from tests.servers.google_formats import check_text, check_value

__all__ = ["Checked", "Guard", "apply_fields"]

_DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
_BRACED = re.compile(r"\{(\+?)(\w+)\}")

Json = Any
Method = dict[str, Any]


@lru_cache
def _document(api: str, version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_DOCUMENTS / f"{api}.{version}.json").read_bytes())
    return found


def _methods(resource: Mapping[str, Any]) -> Iterator[Method]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


class Checked:
    """One API as Google describes it; every check raises AssertionError with what is wrong."""

    def __init__(self, api: str, version: str) -> None:
        """Load the description, for example of ``calendar`` and ``v3``."""
        self._document = _document(api, version)
        self._methods = tuple(_methods(self._document))

    def check_call(self, call: Call) -> Method:
        """Return the method that ``call`` is for, having checked its parameters and its body."""
        method, in_path = self._find(call)
        name = method["id"]
        for key, text in in_path.items():
            check_text(method["parameters"][key], text, f"{name}: {key}")
        self._check_query(method, call)
        self._check_body(method, call)
        self.mask_of(call)
        return method

    def check_reply(self, call: Call, value: Json) -> None:
        """Check what is answered to ``call``: a JSON value, None where nothing is."""
        method, _ = self._find(call)
        if "response" not in method:
            assert not value, f"{method['id']}: it answers nothing, not {value!r}"
            return
        self.check_value(method["response"]["$ref"], value)
        mask = self.mask_of(call)
        beyond = mask is not None and apply_mask(value, mask) != value
        assert not beyond, f"{method['id']}: it answers what fields={call.one('fields')} leaves out"

    def check_value(self, schema: str, value: Json) -> None:
        """Check a JSON value against a schema by its name."""
        check_value(self._schemas, {"$ref": schema}, value, schema)

    def params_of(self, call: Call) -> dict[str, str]:
        """Return the parameters that lie in the path."""
        return self._find(call)[1]

    def scopes_of(self, call: Call) -> frozenset[str]:
        """Return the scopes each of which allows ``call``."""
        return frozenset(self._find(call)[0].get("scopes", ()))

    def mask_of(self, call: Call) -> Mask | None:
        """Return which fields of the answer are asked for, None for all; each is a known one."""
        if "fields" not in call.query:
            return None
        method, _ = self._find(call)
        assert "response" in method, f"{method['id']}: it answers nothing that has fields"
        mask = parse_fields(call.one("fields"))
        self._check_mask(method["response"], mask, f"{method['id']}: fields")
        return mask

    def properties_of(self, schema: str) -> frozenset[str]:
        """Return the names of the fields of a schema."""
        return frozenset(self._schemas[schema].get("properties", {}))

    @property
    def _schemas(self) -> dict[str, Any]:
        schemas: dict[str, Any] = self._document["schemas"]
        return schemas

    def _find(self, call: Call) -> tuple[Method, dict[str, str]]:
        """Return the method that a call is for, and what lies in its path: there is but one."""
        matched = [(m, found) for m in self._methods if (found := self._match(m, call)) is not None]
        assert matched, f"{self._document['id']}: there is no {call.path}"
        offered = [each for each in matched if each[0]["httpMethod"] == call.method]
        verbs = sorted({method["httpMethod"] for method, _ in matched})
        assert offered, f"{self._document['id']}: {call.path} takes {verbs}, not {call.method}"
        return offered[0]

    def _match(self, method: Method, call: Call) -> dict[str, str] | None:
        found = _pattern_of(self._document["servicePath"] + method["path"]).fullmatch(call.path)
        if found is None:
            return None
        for key, text in found.groupdict().items():
            pattern = method["parameters"][key].get("pattern")
            if pattern and not re.fullmatch(pattern, text):
                return None
        return found.groupdict()

    def _check_query(self, method: Method, call: Call) -> None:
        own = method.get("parameters", {})
        known = {key: it for key, it in own.items() if it["location"] == "query"}
        for key, it in known.items():
            is_there = not it.get("required") or key in call.query
            assert is_there, f"{method['id']}: it needs {key}"
        known = self._document["parameters"] | known
        for key, values in call.query.items():
            what = f"{method['id']}: {key}"
            assert key in known, f"{what}: there is no such parameter"
            is_one = len(values) == 1 or known[key].get("repeated")
            assert is_one, f"{what}: it is given {len(values)} times"
            for text in values:
                check_text(known[key], text, what)

    def _check_body(self, method: Method, call: Call) -> None:
        name = method["id"]
        if "request" not in method:
            assert not call.body, f"{name}: it takes no body"
            return
        kind = call.headers.get("content-type", "").partition(";")[0].strip()
        assert kind == "application/json", f"{name}: its body is JSON, not {kind!r}"
        try:
            value = json.loads(call.body)
        except ValueError:
            value = None
        assert value is not None, f"{name}: its body is no JSON"
        check_value(self._schemas, method["request"], value, name, asked=name)

    def _check_mask(self, schema: Mapping[str, Any], mask: Mask, what: str) -> None:
        schema = self._schemas[schema["$ref"]] if "$ref" in schema else schema
        if schema.get("type") == "array":
            return self._check_mask(schema["items"], mask, what)
        known = schema.get("properties", {})
        others = {} if schema.get("type") == "any" else schema.get("additionalProperties")
        for name, below in mask.items():
            chosen = list(known.values()) if name == "*" else [known.get(name, others)]
            assert None not in chosen, f"{what}: there is no {name}"
            for each in chosen if below else []:
                self._check_mask(each, below or {}, f"{what}: {name}")
        return None


@lru_cache(maxsize=1_000)
def _pattern_of(template: str) -> re.Pattern[str]:
    """Return a template, ``a/{b}`` or ``a/{+b}``, as a pattern; the second takes slashes too."""
    pieces = ["/"]
    end = 0
    for found in _BRACED.finditer(template):
        pieces.append(re.escape(template[end : found.start()]))
        pieces.append(f"(?P<{found[2]}>{'.+' if found[1] else '[^/]+'})")
        end = found.end()
    return re.compile("".join([*pieces, re.escape(template[end:])]))


@dataclass
class Guard:
    """Stands before a fake: nothing wrong goes in or out of it unseen.

    ``problems`` is what was wrong so far; whoever runs a fake asserts at the end that it is empty.
    """

    checked: Checked
    problems: list[str] = field(default_factory=list)

    def answer(self, call: Call, respond: Callable[[Call], Reply]) -> Reply:
        """Return what ``respond`` answers, or 400 with what is wrong with the call or with it."""
        try:
            self.checked.check_call(call)
            reply = respond(call)
            if reply.status < 400:
                self.checked.check_reply(call, reply.json() if reply.body else None)
        except AssertionError as problem:
            self.problems.append(str(problem))
            return Reply.of({"error": {"code": 400, "message": str(problem)}}, 400)
        return reply
