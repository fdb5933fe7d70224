"""A decision that was written down is the same when it is read."""

import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.commands.encode import decode, encode
from daemon.commands.model import Decision
from daemon.people.model import Identity
from daemon.suggestions.model import Cadence, Done, SuggestionKey

TYPES = get_args(Decision)
DECISIONS = st.one_of(
    *(st.builds(made, decided_at=st.datetimes(timezones=st.just(UTC))) for made in TYPES)
)
AT = datetime(2026, 1, 1, tzinfo=UTC)


@given(DECISIONS)
def test_every_decision_survives_being_written(decision: Decision) -> None:
    assert decode(json.loads(json.dumps(encode(decision)))) == decision


@given(st.data())
def test_no_decision_is_left_out(data: st.DataObject) -> None:
    for made in TYPES:
        decision: Decision = data.draw(st.builds(made, decided_at=st.just(AT)))
        assert type(decode(encode(decision))) is made


def test_the_record_is_written_as_documented() -> None:
    assert encode(Done(SuggestionKey("k"), AT)) == {
        "version": 1,
        "decision": "done",
        "key": "k",
        "decided_at": "2026-01-01T00:00:00+00:00",
    }


def test_a_record_written_before_a_field_came_is_still_read() -> None:
    cadence = Cadence(Identity("ana@example.org"), 30, AT)
    record = encode(cadence)
    del record["ideal_days"]
    assert decode(record) == cadence
    del record["longest_days"]
    with pytest.raises(ValueError, match="other fields"):
        decode(record)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"decision": "dine"},
        {"decision": "never"},
        {"surprise": 1},
        {"decided_at": "soon"},
    ],
)
def test_a_record_that_is_no_decision_is_refused(changes: dict[str, object]) -> None:
    record = encode(Done(SuggestionKey("k"), AT)) | changes
    with pytest.raises(ValueError, match=r"."):
        decode(record)
