"""The calls of Microsoft Graph, one by one: what each demands, and what it tells."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from tests.servers.api import Call, Reply
from tests.servers.graph_items import OWNER, copy_of, message
from tests.servers.graph_store import Group, Item, Shelf, removed, whole
from tests.servers.graph_telling import Telling, Wrong, only, preferences

Fields = tuple[str, ...] | None
Scopes = frozenset[str]

WIDEST = timedelta(days=1825)
_TEXT = 'outlook.body-content-type="text"'
_FILTER = re.compile(r"internetMessageId eq '((?:[^']|'')*)'")
_NOT_BASIC = frozenset({"body", "bodyPreview", "uniqueBody"})


class MailPages:
    """Source: see ``tests.servers.graph``.

    What is sent is kept in ``sent``, and a copy of it among the sent items. If it ``renames``
    it, as is reported of Microsoft's SMTP service, it has another Message-ID there, and arrives
    in the inbox with the first one in a field of its own.
    """

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.shelves: dict[str, Shelf] = {}
        self.sent: list[bytes] = []
        self.renames = False

    def list_folders(self, call: Call, _: Scopes, parent: str | None) -> Reply:
        shelves = [one for one in self.shelves.values() if one.parent == (parent or "")]
        shown = [self._folder(one) for one in shelves if not one.facts.get("isHidden")]
        return self.telling.listed(call, shown)

    def folder(self, call: Call, _: Scopes, name: str) -> Reply:
        shelf = self._shelf(name)
        return Reply.of(only(self._folder(shelf), call.one("$select").split(",")))

    def delta(self, call: Call, scopes: Scopes, key: str) -> Reply:
        def order(query: dict[str, str]) -> Iterable[str]:
            is_ordered = query.get("$orderby", "receivedDateTime desc") == "receivedDateTime desc"
            if query.keys() - {"$select", "$orderby"} or not is_ordered:
                raise Wrong(400, "ErrorInvalidUrlQuery")
            items = shelf.items
            return sorted(items, key=lambda one: str(items[one]["receivedDateTime"]), reverse=True)

        def render(shelf: Shelf, key: str, fields: Fields, query: dict[str, str]) -> Group:
            item = whole(shelf, key, fields)
            if item is None:
                return [removed(key)]
            if fields is not None:
                return [item | {"parentFolderId": shelf.key}]
            return [_permitted(only(item, query["$select"].split(",")), scopes)]

        shelf = _found(self.shelves, key)
        return self.telling.delta(call, shelf, order, render)

    def message(self, call: Call, scopes: Scopes, key: str) -> Reply:
        item = _item(self.shelves, key)
        found = _permitted(only(item, call.one("$select").split(",")), scopes)
        if "body" in found:
            kind = "text" if _TEXT in preferences(call) else "html"
            content = item["body"]["text" if kind == "text" else "content"]
            found["body"] = {"contentType": kind, "content": content}
        if expand := call.one("$expand"):
            if "Mail.Read" not in scopes:
                raise Wrong(403, "ErrorAccessDenied")
            wanted = re.findall(r"id eq '([^']+)'", expand)
            mapi = item.get("mapi", {})
            known = {name.lower(): name for name in mapi}
            asked = [known[name.lower()] for name in wanted if name.lower() in known]
            told = [{"id": name, "value": mapi[name]} for name in asked]
            found["singleValueExtendedProperties"] = told
        self.telling.n_told += 1
        return Reply.of(found)

    def find(self, call: Call, _: Scopes) -> Reply:
        wanted = _FILTER.fullmatch(call.one("$filter"))
        if not wanted:
            raise Wrong(400, "ErrorInvalidUrlQueryFilter")
        name = wanted[1].replace("''", "'")
        items = (item for shelf in self.shelves.values() for item in shelf.items.values())
        found = [{"id": item["id"]} for item in items if item["internetMessageId"] == name]
        return Reply.of({"value": found[:1]})

    def newest(self, call: Call, _: Scopes, name: str) -> Reply:
        if call.one("$orderby") != "receivedDateTime desc":
            raise Wrong(400, "ErrorInvalidUrlQuery")
        items = [*self._shelf(name).items.values()]
        items.sort(key=lambda one: str(one["receivedDateTime"]), reverse=True)
        return self.telling.listed(call, items)

    def send(self, call: Call, scopes: Scopes) -> Reply:
        if "Mail.Send" not in scopes:
            raise Wrong(403, "ErrorAccessDenied")
        if call.headers.get("content-type") != "text/plain":
            raise Wrong(400, "RequestBodyRead")
        try:
            raw = base64.b64decode(call.body, validate=True)
        except binascii.Error:
            raise Wrong(400, "ErrorMimeContentInvalidBase64String") from None
        self.sent.append(raw)
        copy = copy_of(raw, **({"message_id": ""} if self.renames else {}))
        self._shelf("sentitems").put(copy)
        if self.renames:
            first, last = (str(one["internetMessageId"]) for one in (copy_of(raw), copy))
            fields = {"X-Microsoft-Original-Message-ID": first}
            came = message(datetime.now(UTC), by=OWNER, headers=fields, message_id=last)
            self._shelf("inbox").put(came)
        return Reply(202)

    def _shelf(self, name: str) -> Shelf:
        found = [one for one in self.shelves.values() if name in (one.key, one.kind)]
        if not found:
            raise Wrong(404, "ErrorItemNotFound")
        return found[0]

    def _folder(self, shelf: Shelf) -> Item:
        return {
            "id": shelf.key,
            "displayName": shelf.name,
            "parentFolderId": shelf.parent,
            "childFolderCount": sum(one.parent == shelf.key for one in self.shelves.values()),
            "unreadItemCount": 0,
            "totalItemCount": len(shelf.items),
            "isHidden": False,
            **shelf.facts,
        }


class CalendarPages:
    """Source: see ``tests.servers.graph``."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.shelves: dict[str, Shelf] = {}

    def list_all(self, call: Call, _: Scopes) -> Reply:
        shown = [{"id": one.key, "name": one.name, **one.facts} for one in self.shelves.values()]
        return self.telling.listed(call, shown)

    def delta(self, call: Call, _: Scopes, key: str) -> Reply:
        def order(query: dict[str, str]) -> Iterable[str]:
            if query.keys() != {"startDateTime", "endDateTime"}:
                raise Wrong(400, "ErrorInvalidUrlQuery")
            if _window(query)[1] - _window(query)[0] > WIDEST:
                raise Wrong(400, "ErrorInvalidRequest")
            return [one for one in shelf.items if _told_in_window(shelf, one, query)]

        def render(shelf: Shelf, key: str, fields: Fields, query: dict[str, str]) -> Group:
            item = whole(shelf, key, fields)
            if item is None or not (told := _told_in_window(shelf, key, query)):
                return [removed(key)]
            return [item, *(one for one in told if one["id"] != key)]

        if 'outlook.timezone="UTC"' not in preferences(call):
            raise Wrong(400, "ErrorInvalidRequest")
        shelf = _found(self.shelves, key)
        return self.telling.delta(call, shelf, order, render)

    def event(self, call: Call, _: Scopes, key: str) -> Reply:
        return self.telling.one(call, _item(self.shelves, key))


class ContactPages:
    """Source: see ``tests.servers.graph``. The first shelf is the default folder."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.shelves: dict[str, Shelf] = {}

    def list_folders(self, call: Call, _: Scopes) -> Reply:
        others = [*self.shelves.values()][1:]
        return self.telling.listed(
            call, [{"id": one.key, "displayName": one.name} for one in others]
        )

    def delta(self, call: Call, _: Scopes, key: str) -> Reply:
        def order(query: dict[str, str]) -> Iterable[str]:
            if query.keys() != {"$select"}:
                raise Wrong(400, "ErrorInvalidUrlQuery")
            return [*shelf.items]

        def render(shelf: Shelf, key: str, fields: Fields, query: dict[str, str]) -> Group:
            item = whole(shelf, key, fields)
            if item is None or fields is not None:
                return [item or removed(key)]
            return [only(item, query["$select"].split(","))]

        shelf = _found(self.shelves, key or next(iter(self.shelves)))
        return self.telling.delta(call, shelf, order, render)

    def contact(self, call: Call, _: Scopes, key: str) -> Reply:
        return self.telling.one(call, _item(self.shelves, key))


Page = Callable[..., Reply]


def _found(shelves: dict[str, Shelf], key: str) -> Shelf:
    if key not in shelves:
        raise Wrong(404, "ErrorItemNotFound")
    return shelves[key]


def _item(shelves: dict[str, Shelf], key: str) -> Item:
    for shelf in shelves.values():
        if key in shelf.items:
            return shelf.items[key]
    raise Wrong(404, "ErrorItemNotFound")


def _permitted(item: Item, scopes: Scopes) -> Item:
    """Source: "Permissions reference": ReadBasic gives no body."""
    kept = frozenset() if "Mail.Read" in scopes else _NOT_BASIC
    return {name: value for name, value in item.items() if name not in kept}


def _window(query: dict[str, str]) -> tuple[datetime, datetime]:
    since, until = (datetime.fromisoformat(query[f"{name}DateTime"]) for name in ("start", "end"))
    return since, until


def _told_in_window(shelf: Shelf, key: str, query: dict[str, str]) -> list[Item]:
    """Return which of an event, or of the occurrences of a series, lie in the window."""
    since, until = _window(query)
    item = shelf.items.get(key)
    parts = shelf.within.get(key, [item] if item else [])
    return [one for one in parts if _at(one, "start") < until and _at(one, "end") > since]


def _at(item: Item, name: str) -> datetime:
    return datetime.fromisoformat(f"{item[name]['dateTime'][:19]}+00:00")
