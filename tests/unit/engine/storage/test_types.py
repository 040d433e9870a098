from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from engine.storage.types import Instant

DIALECT = sqlite.dialect()
INSTANTS = (
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(2026, 11, 23, 9, 42, tzinfo=UTC),
    datetime(2026, 11, 23, 9, 42, 1, 5, tzinfo=timezone(timedelta(hours=8))),
    datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
)


@pytest.mark.parametrize("value", INSTANTS)
def test_an_instant_is_the_text_that_sqlalchemy_writes_and_comes_back_in_utc(
    value: datetime,
) -> None:
    plain = DateTime(timezone=True).dialect_impl(DIALECT).bind_processor(DIALECT)
    ours: Any = Instant().dialect_impl(DIALECT)
    text = ours.bind_processor(DIALECT)(value)
    assert plain is not None
    assert text == plain(value.astimezone(UTC))
    read = ours.result_processor(DIALECT, None)(text)
    assert (read, read.tzinfo) == (value, UTC)


def test_no_instant_stays_none_and_one_without_zone_is_a_bug() -> None:
    ours: Any = Instant().dialect_impl(DIALECT)
    assert ours.bind_processor(DIALECT)(None) is None
    assert ours.result_processor(DIALECT, None)(None) is None
    with pytest.raises(ValueError, match="time zone"):
        ours.bind_processor(DIALECT)(datetime(2026, 11, 23))  # noqa: DTZ001
