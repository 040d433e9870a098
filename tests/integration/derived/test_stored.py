"""Stored formulas and roll-ups follow every write, in its own transaction."""

import pytest
from sqlalchemy import select

from engine.errors import InvalidInput
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.records.writing import USUAL, Writing
from engine.storage.kernel_tables import history
from tests.integration.derived.shop import NOW, Shop


@pytest.fixture
def order(shop: Shop) -> dict[str, int]:
    """A buyer with one paid order of two lines: 3 × 1.005 and 2 × 10."""
    buyer = shop.make("x_buyer", name="Ann", level=3)
    made = shop.make("x_order", name="A1", buyer=buyer, state="paid", ordered_on="2026-11-01")
    one = shop.make("x_line", order=made, price="1.01", quantity="2.500")
    two = shop.make("x_line", order=made, price="10", quantity="2")
    return {"buyer": buyer, "order": made, "one": one, "two": two}


def test_a_new_record_has_its_formulas_and_empty_sums(shop: Shop) -> None:
    buyer = shop.make("x_buyer", level=2)
    line = shop.make("x_line", price="1.01", quantity="2.500")

    assert shop.api("x_buyer", buyer, "ordered", "orders", "largest", "usual", "score") == [
        "0.00", 0, None, None, 0,
    ]  # fmt: skip
    assert shop.api("x_line", line, "subtotal") == ["2.53"]  # 2.525, half up


def test_sums_climb_from_the_lines_to_the_buyer(shop: Shop, order: dict[str, int]) -> None:
    assert shop.api("x_order", order["order"], "lines_total", "total", "title") == [
        "22.53", "22.53", "A1 / Ann 3",
    ]  # fmt: skip
    assert shop.api(
        "x_buyer", order["buyer"], "ordered", "orders", "largest", "first_on", "usual", "score"
    ) == ["22.53", 1, "22.53", "2026-11-01", "22.53", 3]


def test_a_changed_line_is_in_every_sum_above_it(shop: Shop, order: dict[str, int]) -> None:
    shop.change("x_line", order["two"], quantity="3")
    shop.change("x_order", order["order"], discount="10")

    assert shop.api("x_order", order["order"], "lines_total", "total") == ["32.53", "29.28"]
    assert shop.api("x_buyer", order["buyer"], "ordered", "largest") == ["29.28", "29.28"]


def test_the_condition_decides_what_counts(shop: Shop, order: dict[str, int]) -> None:
    shop.change("x_order", order["order"], state="void")

    assert shop.api("x_buyer", order["buyer"], "ordered", "largest") == ["0.00", "22.53"]


def test_a_child_that_moves_leaves_one_sum_and_joins_the_other(
    shop: Shop, order: dict[str, int]
) -> None:
    other = shop.make("x_buyer", name="Bo")

    shop.change("x_order", order["order"], buyer=other)

    assert shop.api("x_buyer", order["buyer"], "ordered", "orders") == ["0.00", 0]
    assert shop.api("x_buyer", other, "ordered", "orders") == ["22.53", 1]
    assert shop.api("x_order", order["order"], "title") == ["A1 / Bo "]


def test_the_bin_takes_out_and_gives_back(shop: Shop, order: dict[str, int]) -> None:
    shop.remove("x_line", order["two"])
    assert shop.api("x_buyer", order["buyer"], "ordered") == ["2.53"]

    shop.remove("x_order", order["order"])
    assert shop.api("x_buyer", order["buyer"], "ordered", "orders") == ["0.00", 0]

    shop.restore("x_order", order["order"])
    shop.restore("x_line", order["two"])
    assert shop.api("x_buyer", order["buyer"], "ordered", "orders") == ["22.53", 1]


def test_what_came_back_with_its_parent_is_summed_anew(shop: Shop, order: dict[str, int]) -> None:
    shop.remove("x_buyer", order["buyer"])
    shop.restore("x_buyer", order["buyer"])

    assert shop.api("x_buyer", order["buyer"], "ordered", "orders") == ["22.53", 1]


def test_a_formula_over_a_link_follows_the_other_side(shop: Shop, order: dict[str, int]) -> None:
    shop.change("x_buyer", order["buyer"], name="Anna", level=None)

    assert shop.api("x_order", order["order"], "title") == ["A1 / Anna "]


def test_many_at_once_are_summed_once(shop: Shop, order: dict[str, int]) -> None:
    rows = [{"name": "L", "order": order["order"], "price": "1", "quantity": "1"}] * 300
    with shop.unit() as unit:
        create_many(unit, "x_line", rows)

    assert shop.api("x_buyer", order["buyer"], "ordered") == ["322.53"]


def test_derived_writes_are_neither_version_nor_history(shop: Shop, order: dict[str, int]) -> None:
    shop.change("x_line", order["two"], quantity="3")

    with shop.unit() as unit:
        buyer = unit.snapshot.object("x_buyer")
        row = unit.connection.execute(buyer.table.select()).one()
        assert (row.version, row.updated_at) == (1, NOW)
        seen = unit.connection.execute(
            select(history.c.changes).where(history.c.object_id == buyer.id)
        ).scalar_one()
        computed = {field.id for field in buyer.fields.values() if field.definition.computed}
        assert not computed & {entry[0] for entry in seen}


def test_a_stale_save_of_another_field_is_no_conflict(shop: Shop, order: dict[str, int]) -> None:
    with shop.unit() as unit:
        change(unit, "x_line", order["one"], {"price": "2"}, version=1)
    with shop.unit() as unit:
        change(unit, "x_line", order["one"], {"quantity": "4"}, version=1)

    assert shop.api("x_line", order["one"], "subtotal") == ["8.00"]


@pytest.mark.parametrize("writing", [USUAL, Writing(system_fields=True)])
@pytest.mark.parametrize("key", ["subtotal", "late"])
def test_nobody_fills_what_is_computed(shop: Shop, key: str, writing: Writing) -> None:
    target = "x_line" if key == "subtotal" else "x_order"
    with shop.unit() as unit, pytest.raises(InvalidInput) as refused:
        create(unit, target, {"name": "x", key: "5"}, writing=writing)

    assert [(error.field, error.code) for error in refused.value.errors] == [(key, "computed")]


def test_division_by_zero_and_what_does_not_fit_are_empty(shop: Shop) -> None:
    line = shop.make("x_line", price="9999999999999999.00", quantity="99999999999.000")

    assert shop.api("x_line", line, "subtotal") == [None]
