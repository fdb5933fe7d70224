"""Folder names in many languages and spellings say what a folder is for."""

import pytest

from connectors.formats.folder_names import folder_named
from connectors.observations import Folder


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Sent", Folder.SENT),
        (".Sent", Folder.SENT),
        (".INBOX.Sent Items", Folder.SENT),
        ("INBOX/[Gmail]/Sent Mail", Folder.SENT),
        (".Gesendete Objekte", Folder.SENT),
        (".&AMk-l&AOk-ments envoy&AOk-s", Folder.SENT),
        (".&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", Folder.SENT),
        ("Entw&APw-rfe", Folder.DRAFTS),
        ("Junk", Folder.SPAM),
        (".Trash.2023.Friends", Folder.TRASH),
        (".Trash.Sent", Folder.SENT),
        ("Papierkorb", Folder.TRASH),
        ("", None),
        ("Friends", None),
        ("Sent to Ben", None),
        ("R&-D", None),
        ("&broken", None),
        ("&AMk", None),
        ("&!!!-", None),
        ("&A-", None),
    ],
)
def test_a_name_says_what_a_folder_is_for(path: str, expected: Folder | None) -> None:
    assert folder_named(path) is expected
