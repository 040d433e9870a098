"""Virtual formulas are computed by the query: shown, filtered, sorted, summed."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.query.aggregates import Measure
from engine.query.listing import ListRequest
from engine.records.encode import page_json
from engine.records.read import page, totals
from metadata.conditions import parse_condition
from tests.integration.derived.shop import Shop

DAYS = {"old": "2025-11-23", "new": "2026-11-22", "next": "2026-11-30", "none": None}


@pytest.fixture
def filled(shop: Shop) -> Shop:
    for name, day in DAYS.items():
        shop.make("x_order", name=name, ordered_on=day)
    return shop


def listed(shop: Shop, **more: Any) -> Sequence[Any]:
    with shop.unit() as unit:
        where = parse_condition(more.pop("where", None))
        columns = ("name", "days", "late")
        request = ListRequest(object="x_order", columns=columns, where=where, **more)
        rows = page_json(unit, "x_order", page(unit, request))
        return [(row["name"], row["days"], row["late"]) for row in rows]


def test_it_is_shown_and_sorted_with_empty_values_last(filled: Shop) -> None:
    assert listed(filled, sort=("-days",)) == [
        ("old", 365, True), ("new", 1, True), ("next", -7, False), ("none", None, False),
    ]  # fmt: skip
    assert [name for name, _, _ in listed(filled, sort=("days",), limit=2)] == ["next", "new"]


def test_it_is_filtered_as_its_type(filled: Shop) -> None:
    due = listed(filled, where={"field": "days", "op": "between", "value": [0, 400]})
    assert {name for name, _, _ in due} == {"old", "new"}
    empty = listed(filled, where={"field": "days", "op": "empty"})
    assert [name for name, _, _ in empty] == ["none"]
    late = listed(filled, where={"field": "late", "op": "eq", "value": True})
    assert {name for name, _, _ in late} == {"old", "new"}


def test_pages_go_on_where_the_last_one_ended(filled: Shop) -> None:
    with filled.unit() as unit:
        request = ListRequest(object="x_order", columns=("name",), sort=("-days",), limit=2)
        first = page(unit, request)
        rest = page(unit, ListRequest(object="x_order", columns=("name",), sort=("-days",),
                                      limit=2, cursor=first.next_cursor))  # fmt: skip
        names = [row["name"] for row in page_json(unit, "x_order", rest)]
    assert names == ["next", "none"]


def test_it_is_summed(filled: Shop) -> None:
    with filled.unit() as unit:
        request = ListRequest(object="x_order")
        assert totals(unit, request, [Measure("sum", "days"), Measure("max", "days")]) == (
            359, 365,
        )  # fmt: skip


def test_it_is_read_over_a_link(filled: Shop) -> None:
    order = filled.make("x_order", name="linked", ordered_on="2026-11-20")
    filled.make("x_line", order=order)
    with filled.unit() as unit:
        columns = ("order.days", "order.name")
        request = ListRequest(object="x_line", columns=columns, sort=("order.days",))
        assert page_json(unit, "x_line", page(unit, request))[0]["order.days"] == 3
