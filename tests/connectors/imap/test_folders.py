"""Which folders are read, in which order, and what happens to odd and to vanishing ones."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import Misconfigured, Unavailable
from connectors.imap.connector import ImapConnector
from connectors.imap.folders import Listed, choose
from connectors.imap.place import Mark, Place, key_of, read_cursor
from connectors.observations import Folder
from tests.connectors.imap.mailbox import SINCE, letter, messages, poll, settings_at, settings_for
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import ScriptedImap, ok


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


def fill(server: Dovecot, user: str, *folders: str) -> None:
    """Put one message, which bears the folder's name, into each folder."""
    client = server.signed_in(user)
    for number, folder in enumerate(folders):
        client.create(f'"{folder}"')
        raw = letter(number).replace(b"Subject: Note", f"Subject: {folder}".encode())
        assert client.append(f'"{folder}"', "", "", raw)[0] == "OK"
    client.logout()


def test_sent_mail_comes_first_and_drafts_spam_and_trash_never(
    server: Dovecot, tmp_path: Path
) -> None:
    user = server.new_user()
    fill(server, user, "Archive/Work", "INBOX", "Trash", "Junk", "Drafts", "Sent", "Trash/old")
    found = messages(poll(settings_at(server, user, tmp_path)))
    assert [m.subject.split()[0] for m in found] == ["Sent", "INBOX", "Archive/Work"]
    assert [m.folder for m in found] == [Folder.SENT, Folder.OTHER, Folder.OTHER]


def test_without_special_use_the_names_tell_in_any_language(tmp_path: Path) -> None:
    # Entwürfe, in modified UTF-7.
    names = ["Zeitung", "INBOX", "Entw&APw-rfe", "Papierkorb", "Gesendet", "mr.trash"]
    folders = {name: [letter(number)] for number, name in enumerate(names)}
    with ScriptedImap(folders) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
        opened = [line.split(b'"')[1].decode() for line in server.heard if b"EXAMINE" in line]
    assert opened == ["Gesendet", "INBOX", "Zeitung", "mr.trash"]
    assert found[0].folder is Folder.SENT


@pytest.fixture(scope="module")
def sharing() -> Iterator[Dovecot]:
    with dovecot.running(folders="", namespaces=dovecot.SHARED) as running:
        yield running


def test_what_others_share_is_not_read_and_least_of_all_as_sent_by_the_owner(
    sharing: Dovecot, tmp_path: Path
) -> None:
    user = sharing.new_user()
    fill(sharing, user, "INBOX", "Sent", "shared/ben/Sent", "shared/Notes", "sharedwithnobody")
    settings = settings_at(sharing, user, tmp_path)
    found = {m.subject.split()[0]: m.folder for m in messages(poll(settings))}
    assert found == {
        "Sent": Folder.SENT,
        "INBOX": Folder.OTHER,
        "sharedwithnobody": Folder.OTHER,
    }


def opened(server: ScriptedImap) -> list[str]:
    return [line.split(b'"')[1].decode() for line in server.heard if b"EXAMINE" in line]


@pytest.mark.parametrize(
    ("namespaces", "own"),
    [
        (b'(("" "/")) (("user/" "/")) (("" "/"))', ["Sent", "INBOX", "INBOX/Sent2", "user2"]),
        (b'(("INBOX/" "/")) (("user/" "/")) (("" "/"))', ["INBOX", "INBOX/Sent2"]),
        (b'(("" "/")("INBOX/" "/")) NIL NIL', ["Sent", "user/ben/Sent", "INBOX"]),
        (b"NIL NIL NIL", ["Sent", "user/ben/Sent", "INBOX"]),
    ],
    ids=["own without prefix", "shared without prefix", "own alone", "none"],
)
def test_the_longest_prefix_says_whose_a_folder_is(
    namespaces: bytes, own: list[str], tmp_path: Path
) -> None:
    """Source: RFC 2342 section 6; the second is how Cyrus names them by default."""
    names = ["INBOX", "Sent", "user/ben/Sent", "user/ben", "INBOX/Sent2", "user2", "user"]
    folders = {name: [letter(number)] for number, name in enumerate(names)}
    script = {"NAMESPACE": ok(b"* NAMESPACE " + namespaces)}
    with ScriptedImap(folders, script, "IMAP4rev1 NAMESPACE") as server:
        poll(settings_for(server.port, tmp_path))
    assert opened(server)[: len(own)] == own
    assert len(opened(server)) == (len(own) if b"user" in namespaces else len(names))


@pytest.mark.parametrize("refusal", [b" NO not now\r\n", b" BAD what?\r\n"])
def test_namespaces_that_are_refused_are_none(refusal: bytes, tmp_path: Path) -> None:
    script = {"NAMESPACE": lambda tag, _: tag + refusal}
    with ScriptedImap({"INBOX": [letter(1)]}, script, "IMAP4rev1 NAMESPACE") as server:
        assert len(messages(poll(settings_for(server.port, tmp_path)))) == 1


@pytest.mark.parametrize("kind", ["own", "odd"])
def test_namespaces_that_are_not_understood_end_the_poll(kind: str, tmp_path: Path) -> None:
    """What may be somebody else's is not read as the owner's."""
    told = {"own": b"* NAMESPACE ((", "odd": b"* NAMESPACE 7 (8) 9"}[kind]
    script = {"NAMESPACE": ok(told)}
    with (
        ScriptedImap({"INBOX": [letter(1)]}, script, "IMAP4rev1 NAMESPACE") as server,
        pytest.raises(Unavailable),
    ):
        poll(settings_for(server.port, tmp_path))


def test_where_the_server_says_which_is_sent_no_name_does(tmp_path: Path) -> None:
    listed = ok(
        b'* LIST () "/" "INBOX"',
        b'* LIST (\\Sent) "/" "Post"',
        b'* LIST () "/" "Post/2024"',
        b'* LIST () "/" "from/ben/Sent"',
    )
    names = ["INBOX", "Post", "Post/2024", "from/ben/Sent"]
    folders = {name: [letter(number)] for number, name in enumerate(names)}
    with ScriptedImap(folders, {"LIST": listed}) as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
    assert opened(server) == ["Post", "Post/2024", "INBOX", "from/ben/Sent"]
    assert [m.folder for m in found] == [Folder.SENT] * 2 + [Folder.OTHER] * 2


def test_a_poll_without_news_takes_five_round_trips(sharing: Dovecot, tmp_path: Path) -> None:
    settings = settings_at(sharing, user := sharing.new_user(), tmp_path)
    fill(sharing, user, "INBOX")
    cursor = poll(settings)[-1].cursor
    with Proxy(("127.0.0.1", sharing.tls_port)) as proxy:
        assert not messages(poll(replace(settings, port=proxy.port), cursor))
        assert proxy.n_turns <= 5


def test_what_the_owner_names_is_left_out_with_all_below_it(
    server: Dovecot, tmp_path: Path
) -> None:
    user = server.new_user()
    fill(server, user, "Archive", "Archive/Work", "Archives", "B&APw-cher")
    skipping = settings_at(server, user, tmp_path, skip=("archive", "Bücher"))
    assert [m.subject.split()[0] for m in messages(poll(skipping))] == ["Archives"]


def test_a_folder_with_all_mail_stands_for_the_others(tmp_path: Path) -> None:
    """Gmail: labels are folders, and what was sent lies in two of them."""
    listed = ok(
        b'* LIST (\\HasNoChildren) "/" "INBOX"',
        b'* LIST (\\Noselect \\HasChildren) "/" "[Gmail]"',
        b'* LIST (\\All \\HasNoChildren) "/" "[Gmail]/All Mail"',
        b'* LIST (\\Sent \\HasNoChildren) "/" "[Gmail]/Sent Mail"',
        b'* LIST (\\Flagged \\HasNoChildren) "/" "[Gmail]/Starred"',
    )
    heads = [letter(1), letter(2)]

    def fetch(tag: bytes, line: bytes) -> bytes:
        if b"X-GM-LABELS" not in line:
            return tag + b" OK done\r\n"
        told = b""
        for uid, (raw, label) in enumerate(zip(heads, (b'"\\\\Sent"', b"Friends"), strict=True), 1):
            head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            told += b"* %d FETCH (X-GM-LABELS (%s) UID %d " % (uid, label, uid)
            told += b'INTERNALDATE "03-Jun-2024 09:30:00 +0000" BODY[HEADER]<0> {%d}\r\n' % len(
                head
            )
            told += head + b")\r\n"
        return told + tag + b" OK done\r\n"

    folders = {"[Gmail]/All Mail": heads, "[Gmail]/Sent Mail": heads[:1]}
    script = {"LIST": listed, "UID FETCH": fetch}
    with ScriptedImap(folders, script, "IMAP4rev1 X-GM-EXT-1") as server:
        found = messages(poll(settings_for(server.port, tmp_path)))
    assert [m.subject for m in found] == ["Note 2"]


@pytest.mark.parametrize(
    "name", [b"{14}\r\nA\r\nX1 DELETE B", b"{3}\r\nA\0B", b"{0}\r\n"], ids=["line", "nul", "none"]
)
def test_a_name_that_smuggles_in_commands_is_left_out(name: bytes, tmp_path: Path) -> None:
    listed = ok(b'* LIST () "/" ' + name, b'* LIST () "/" INBOX')
    with ScriptedImap({"INBOX": [letter(1)]}, {"LIST": listed}) as server:
        assert len(messages(poll(settings_for(server.port, tmp_path)))) == 1
        assert not [line for line in server.heard if b"DELETE" in line or b"\0" in line]


@pytest.mark.parametrize("name", ['qu"ote', "back\\slash", "2024", "007", "NIL", "[x]", "a(b", "%"])
def test_odd_names_are_names(name: str, server: Dovecot, tmp_path: Path) -> None:
    user = server.new_user()
    client = server.signed_in(user)
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert client.create(quoted)[0] == "OK"
    assert client.append(quoted, "", "", letter(1))[0] == "OK"
    client.logout()
    assert len(messages(poll(settings_at(server, user, tmp_path)))) == 1


@pytest.mark.parametrize("change", ["delete", "rename"])
def test_a_folder_that_vanishes_in_mid_poll_is_passed_over(
    change: str, server: Dovecot, tmp_path: Path
) -> None:
    user = server.new_user()
    fill(server, user, "INBOX", "a", "b", "c")
    client = server.signed_in(user)
    for number in range(10, 14):
        client.append("a", "", "", letter(number))
    with closing(
        ImapConnector(settings_at(server, user, tmp_path, batch_size=2), since=SINCE)
    ) as c:
        reading = c.poll(None)
        batches = [next(reading), next(reading)]
        for name in ("a", "b"):
            assert (client.delete(name) if change == "delete" else client.rename(name, name * 2))[0]
        batches += reading
    client.logout()
    subjects = {m.subject.split()[0] for m in messages(batches)}
    assert subjects >= {"INBOX", "c"}
    later = {m.uid for m in messages(poll(settings_at(server, user, tmp_path), batches[-1].cursor))}
    assert bool(later) is (change == "rename")


def test_a_folder_that_does_not_open_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    def examine(tag: bytes, line: bytes) -> bytes:
        if b'"locked"' in line:
            return tag + b" NO [NOPERM] not yours\r\n"
        return (
            b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] \r\n* OK [UIDNEXT 2] \r\n" + tag + b" OK done\r\n"
        )

    folders = {"INBOX": [letter(1)], "locked": [letter(2)]}
    with ScriptedImap(folders, {"EXAMINE": examine}) as server:
        batches = poll(settings_for(server.port, tmp_path))
    told = [item.reason for batch in batches for item in batch.rejected]
    assert told == ["the server does not open this folder"]


def test_the_innermost_name_that_says_something_counts() -> None:
    folders = [
        Listed(b"Muell", "Muell", Folder.TRASH),
        Listed(b"INBOX", "INBOX"),
        Listed(b"Friends", "Friends"),
    ]
    assert [folder.path for folder in choose(folders)] == ["INBOX", "Friends"]


def test_a_cursor_holds_four_hundred_folders_and_says_so_of_more() -> None:
    def place(count: int) -> Place:
        marks = {
            key_of(b"folder %d" % n, 1_700_000_000): Mark(1, 900_000 + n) for n in range(count)
        }
        return Place({**marks, key_of(b"begun", 1): Mark(400, 70_000)}, 3)

    cursor = place(400).as_cursor()
    assert len(cursor) <= 4096
    assert read_cursor(cursor) == place(400)
    with pytest.raises(Misconfigured, match="skip"):
        place(450).as_cursor()


def test_too_many_folders_are_told_of_before_anything_is_read(tmp_path: Path) -> None:
    folders = {f"folder {number}": [letter(number)] for number in range(600)}
    with ScriptedImap(folders) as server:
        with pytest.raises(Misconfigured, match="skip"):
            poll(settings_for(server.port, tmp_path))
        assert not [line for line in server.heard if line.startswith(b"UID FETCH")]
