"""Address book files, polled: what changes is told, a folder is one book."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from connectors.observations import Card
from connectors.protocol import Batch, Cursor
from connectors.vcf import VcfConnector, VcfSettings

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def card(uid: str, name: str) -> str:
    return f"BEGIN:VCARD\nUID:{uid}\nFN:{name}\nEND:VCARD\n"


def poll(path: Path, cursor: Cursor | None = None) -> list[Batch]:
    with closing(VcfConnector(VcfSettings(path), since=SINCE)) as connector:
        return list(connector.poll(cursor))


def test_of_a_changed_book_only_the_changed_card_is_told_again(tmp_path: Path) -> None:
    path = tmp_path / "book.vcf"
    path.write_text(card("a", "Ada") + card("b", "Ben"))
    (first,) = poll(path)
    path.write_text(card("a", "Ada") + card("b", "Benjamin"))
    (second,) = poll(path, first.cursor)
    assert second.observations == (Card("b", "Benjamin"),)
    assert poll(path, second.cursor) == []


def test_a_folder_is_one_book_and_a_link_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(card("a", "Ada"))
    (tmp_path / "b.vcf").write_text(card("b", "Ben"))
    (tmp_path / "c.vcf").symlink_to(tmp_path / "a.vcf")
    (batch,) = poll(tmp_path)
    assert {one.uid for one in batch.observations} == {"a", "b"}
    assert [(one.uid, one.reason) for one in batch.rejected] == [("c.vcf", "not a regular file")]


def test_ten_thousand_cards_need_a_cursor_of_three_kilobytes(tmp_path: Path) -> None:
    path = tmp_path / "book.vcf"
    path.write_text("".join(card(str(number), f"Person {number}") for number in range(10_000)))
    batches = poll(path)
    assert sum(len(batch.observations) for batch in batches) == 10_000
    assert max(len(batch.cursor) for batch in batches) < 3_100
    path.write_text(path.read_text() + card("new", "New"))
    (again,) = poll(path, batches[-1].cursor)
    assert Card("new", "New") in again.observations
    assert len(again.observations) < 50  # The new one's part: a 768th of all.
