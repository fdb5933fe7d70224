"""exchangelib's services, made to give out elements as they came, and errors where they belong.

exchangelib turns an answer into objects of its own: one that it cannot make takes all others
with it, and whole days and birthdays get the time zone of the machine. So what is read here are
the elements; what is asked, and how errors are told, is left to the library.
"""

from typing import Any

from exchangelib.errors import ErrorAccessDenied, ErrorInternalServerError
from exchangelib.properties import FolderId
from exchangelib.services import CreateItem as CreateItem  # used as it is
from exchangelib.services import FindFolder, FindItem, GetFolder, GetItem, ResolveNames
from exchangelib.services.sync_folder_hierarchy import SyncFolder
from exchangelib.services.sync_folder_items import SyncFolderItems
from exchangelib.util import create_element
from lxml import etree

FAILURES = (ErrorAccessDenied, ErrorInternalServerError)
"""What a single corrupt item is answered with; and every item, where the server has a problem."""


class GetFolders(GetFolder):  # type: ignore[misc]  # untyped library
    """Folders by their identifiers, in that order; an exception stands for one that is missing."""

    def _elems_to_objs(self, elems: Any) -> Any:
        return elems


class FindFolders(FindFolder):  # type: ignore[misc]  # untyped library
    """All folders below one."""

    def below(self, folder: FolderId, fields: list[Any]) -> Any:
        """Yield them. (``call`` wants a folder object with a tree of folders about it.)"""
        return self._paged_call(
            payload_func=self.get_payload,
            max_items=None,
            folders=[folder],
            additional_fields=fields,
            restriction=None,
            shape="IdOnly",
            depth="Deep",
            page_size=self.page_size,
            offset=0,
        )


class SyncItems(SyncFolderItems):  # type: ignore[misc]  # untyped library
    """What has changed in a folder; its state is ``sync_state`` when all was taken."""

    def _get_element_container(self, message: etree._Element, name: str | None = None) -> Any:
        """Raise what an answer without a state says; exchangelib 5.6 stumbles over its absence."""
        if message.get("ResponseClass") == "Error":
            return super(SyncFolder, self)._get_element_container(message=message, name=name)
        return super()._get_element_container(message=message, name=name)

    def _elem_to_obj(self, elem: etree._Element) -> etree._Element:
        return elem


class GetItems(GetItem):  # type: ignore[misc]  # untyped library
    """Items by their identifiers, in that order; an exception stands for one with a problem."""

    ERRORS_TO_CATCH_IN_RESPONSE = (*GetItem.ERRORS_TO_CATCH_IN_RESPONSE, *FAILURES)

    def _elem_to_obj(self, elem: etree._Element) -> etree._Element:
        return elem


class FindItems(FindItem):  # type: ignore[misc]  # untyped library
    """Items that match."""

    def _elem_to_obj(self, elem: etree._Element) -> etree._Element:
        return elem


class Resolve(ResolveNames):  # type: ignore[misc]  # untyped library
    """Whom a name stands for."""

    def _elem_to_obj(self, elem: etree._Element) -> etree._Element:
        return elem


class HasMessageId:
    """The restriction to one Message-ID, as a service writes it."""

    def __init__(self, message_id: str) -> None:
        """Take it with its angle brackets, as Exchange keeps it."""
        self._message_id = message_id

    def to_xml(self, **_: Any) -> Any:
        """Return the restriction as an element."""
        equals = create_element("t:IsEqualTo")
        equals.append(create_element("t:FieldURI", attrs={"FieldURI": "message:InternetMessageId"}))
        wanted = create_element("t:FieldURIOrConstant")
        wanted.append(create_element("t:Constant", attrs={"Value": self._message_id}))
        equals.append(wanted)
        restriction = create_element("m:Restriction")
        restriction.append(equals)
        return restriction
