"""Address books in files keep the contract."""

from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.document import Outcome
from connectors.formats.vcard import CardLines
from connectors.protocol import Connector
from connectors.vcf import VcfConnector, VcfSettings
from tests.contract.document_bench import DocumentBench


class AddressBookBench(DocumentBench):
    """Cards in one file."""

    is_dated = False

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench = self

        class Counting(VcfConnector):
            def _read(self, lines: CardLines) -> Outcome:
                bench.n_opened += 1
                return super()._read(lines)

        return Counting(VcfSettings(self.path, page=3), since=since)

    def item(self, number: int, at: datetime) -> tuple[str, str]:
        uid = f"card-{number}"
        return uid, (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Person {number}\r\n"
            f"BDAY:{at:%Y-%m-%d}\r\nEMAIL:person{number}@example.org\r\nEND:VCARD\r\n"
        )

    def malformed(self) -> str:
        return "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad\r\nBDAY:soon\r\nEND:VCARD\r\n"


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
    check(AddressBookBench(tmp_path))
