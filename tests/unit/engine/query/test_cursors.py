import base64
import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.fields.base import ColumnKind
from engine.query.cursors import Cursor, read_cursor, write_cursor

ORDER = "book -price id"
VALUES: dict[ColumnKind, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "integer": st.integers(-(2**63) + 1, 2**63 - 1),
    "boolean": st.booleans(),
    "date": st.dates(),
    "instant": st.datetimes(timezones=st.just(UTC)),
}
KINDS: list[ColumnKind] = list(VALUES)


@given(
    st.tuples(*(st.none() | values for values in VALUES.values())),
    st.integers(1, 2**63 - 1),
    st.booleans(),
)
def test_a_cursor_comes_back_as_it_went(
    values: tuple[Any, ...], record: int, backward: bool
) -> None:
    cursor = Cursor(values, record, backward)
    assert read_cursor(write_cursor(cursor, ORDER), ORDER, KINDS) == cursor


def test_a_cursor_of_another_order_is_refused() -> None:
    text = write_cursor(Cursor((12,), 7), ORDER)
    with pytest.raises(InvalidInput) as caught:
        read_cursor(text, "book price id", ["integer"])
    assert caught.value.errors[0].field == "cursor"


def _body(*values: Any) -> str:
    good = json.loads(base64.urlsafe_b64decode(write_cursor(Cursor((), 1), ORDER) + "=="))
    data = json.dumps([good[0], *values]).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%%%",
        "吗",
        "A" * 9000,
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        base64.urlsafe_b64encode(b"{}").decode(),
        _body(),
        _body(0),
        _body(0, None, 5),
        _body(2, 1, 5),
        _body(0, True, 5),
        _body(0, 2**63, 5),
        _body(0, 1, "5"),
        _body(0, 1, 2**70),
        _body(0, 1, True),
        _body(0, 1, 5, 6),
    ],
)
def test_anything_else_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_cursor(text, ORDER, ["integer"])
    assert caught.value.errors[0].code == "cursor_invalid"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "2026-02-30"),
        ("instant", "2026-11-23T09:00:00"),
        ("instant", "soon"),
        ("instant", "0001-01-01T00:00:00+14:00"),
        ("text", "a\0b"),
        ("text", "\ud800"),
        ("boolean", 1),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(kind: ColumnKind, value: Any) -> None:
    with pytest.raises(InvalidInput):
        read_cursor(_body(0, 1, value), ORDER, [kind])


@given(st.binary(max_size=60))
def test_random_bytes_never_break_it(data: bytes) -> None:
    text = base64.urlsafe_b64encode(data).decode()
    with pytest.raises(InvalidInput):
        read_cursor(text, ORDER, ["integer"])
