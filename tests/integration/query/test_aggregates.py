"""Sums, counts, smallest and largest, by group and by right."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import InvalidInput, UnknownField
from engine.fields.base import Label
from engine.query.aggregates import Measure, aggregate, parse_measures
from engine.query.listing import ListRequest
from metadata.conditions import Test
from tests.integration.query.bookshop import everything, open_shop, owned_by
from tests.support.worlds import Rows

MEASURES = (
    Measure("count"),
    Measure("count", "price"),
    Measure("sum", "price"),
    Measure("min", "weight"),
    Measure("max", "due_on"),
    Measure("sum", "sequel_of.pages"),
)


def _expected(records: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    books = {book["id"]: book for book in records["book"]}
    prices = [row["price"] for row in rows if row["price"] is not None]
    weights = [row["weight"] for row in rows if row["weight"] is not None]
    days = [row["due_on"] for row in rows if row["due_on"] is not None]
    far = [books[row["sequel_of"]]["pages"] for row in rows if row["sequel_of"] is not None]
    pages = [value for value in far if value is not None]
    return (
        len(rows),
        len(prices),
        sum(prices) if prices else None,
        min(weights, default=None),
        max(days, default=None),
        sum(pages) if pages else None,
    )


def _living(records: dict[str, Any]) -> list[dict[str, Any]]:
    return [record for record in records["book"] if record["deleted_at"] is None]


def test_measures_agree_with_the_records(database_url: str) -> None:
    rows, records = open_shop(database_url)
    with rows.unit() as unit:
        told = aggregate(unit, everything("book"), ListRequest(object="book"), MEASURES)
        assert [group.keys for group in told.groups] == [()]
        assert told.groups[0].values == _expected(records, _living(records))
        red = ListRequest(object="book", where=Test("level", "eq", "red"))
        told = aggregate(unit, owned_by("book", 1, 2), red, MEASURES)
        chosen = [
            record
            for record in _living(records)
            if record["level"] == "red" and record["owner"] in (1, 2)
        ]
        assert told.groups[0].values == _expected(records, chosen)
    rows.database.close()


def test_sums_stay_exact_beyond_63_bits(database_url: str) -> None:
    rows, _ = open_shop(database_url, books=1)
    huge = 10**18 - 1
    rows.add("book", *({"id": 100 + at, "price": huge, "level": "blue"} for at in range(12)))
    rows.add("book", {"id": 200, "price": -7, "level": "blue"})
    with rows.unit() as unit:
        blue = ListRequest(object="book", where=Test("level", "eq", "blue"), search="")
        more = ListRequest(object="book", where=Test("id", "gte", 100))
        told = aggregate(unit, everything("book"), more, [Measure("sum", "price")])
        assert told.groups[0].values == (12 * huge - 7,)
        assert aggregate(unit, everything("book"), blue, [Measure("sum", "price")]).groups
    rows.database.close()


@pytest.mark.parametrize("paths", [("level",), ("writer",), ("open", "level"), ("writer.name",)])
def test_groups_agree_with_the_records(database_url: str, paths: tuple[str, ...]) -> None:
    rows, records = open_shop(database_url)
    users = {user["id"]: user["name"] for user in records["user"]}

    def key(record: dict[str, Any], path: str) -> Any:
        if path == "writer.name":
            return users.get(record["writer"])
        value = record[path]
        return Label(value, users[value]) if path == "writer" and value else value

    expected: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for record in _living(records):
        expected.setdefault(tuple(key(record, path) for path in paths), []).append(record)
    with rows.unit() as unit:
        told = aggregate(unit, everything("book"), ListRequest(object="book"), MEASURES, paths)
    assert [slot.path for slot in told.slots] == list(paths)
    assert {group.keys: group.values for group in told.groups} == {
        keys: _expected(records, chosen) for keys, chosen in expected.items()
    }
    firsts = [group.keys[0] for group in told.groups]
    assert None not in firsts[: len(firsts) - firsts.count(None)]  # empty ones last
    rows.database.close()


def test_groups_are_cut_off_and_say_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.query.aggregates.MOST_GROUPS", 2)
    rows, _ = open_shop(database_url)
    with rows.unit() as unit:
        request = ListRequest(object="book")
        told = aggregate(unit, everything("book"), request, [Measure("count")], ["level"])
        assert (len(told.groups), told.more) == (2, True)
    rows.database.close()


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Rows]:
    rows, _ = open_shop(sqlite_url, books=3)
    yield rows
    rows.database.close()


@pytest.mark.parametrize(
    ("measures", "group_by", "field"),
    [
        ([Measure("sum", "name")], [], "name"),
        ([Measure("sum", "writer")], [], "writer"),
        ([Measure("min", "level")], [], "level"),
        ([Measure("count")], ["tags"], "tags"),
        ([Measure("count")], ["price"], "price"),
        ([Measure("count")], ["level", "open", "writer", "room"], "group_by"),
        ([], [], "measures"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    shop: Rows, measures: list[Measure], group_by: list[str], field: str
) -> None:
    with shop.unit() as unit, pytest.raises(InvalidInput) as caught:
        aggregate(unit, everything("book"), ListRequest(object="book"), measures, group_by)
    assert [error.field for error in caught.value.errors] == [field]


def test_an_unknown_field_is_told(shop: Rows) -> None:
    with shop.unit() as unit, pytest.raises(UnknownField):
        aggregate(unit, everything("book"), ListRequest(object="book"), [Measure("sum", "nope")])


def test_measures_are_read_from_text() -> None:
    assert parse_measures("sum:price, count,max:due_on") == (
        Measure("sum", "price"),
        Measure("count"),
        Measure("max", "due_on"),
    )
    for text in ("avg:price", "sum", "price", "count:price,drop:x"):
        with pytest.raises(InvalidInput):
            parse_measures(text)
