"""A parent of a hundred thousand children: when one changes, the same commit has the sum."""

from collections.abc import Iterator

import pytest

from engine.derived.affected import MOST_NOW
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.records.remove import remove
from tests.integration.derived.shop import FREE, Shop, open_shop

pytestmark = pytest.mark.deep

CHILDREN = 100_000


@pytest.fixture
def shop(new_database_url: str) -> Iterator[Shop]:
    made = open_shop(new_database_url)
    try:
        yield made
    finally:
        made.live.database.close()


def test_one_of_many_children_changes(shop: Shop) -> None:
    buyer = shop.make("x_buyer", name="Ann")
    order = shop.make("x_order", buyer=buyer, state="paid", discount="10")
    line = {"name": "n", "order": order, "price": "1.25", "quantity": "2"}
    for _ in range(CHILDREN // MOST_NOW):
        with shop.unit() as unit:
            create_many(unit, "x_line", [line] * MOST_NOW)
    assert shop.api("x_order", order, "lines_total", "total") == ["250000.00", "225000.00"]

    with shop.unit() as unit:
        table = unit.snapshot.object("x_line").table
        first, last = 1, CHILDREN
        assert unit.connection.execute(table.select().where(table.c.id == last)).one()
        change(unit, "x_line", first, {"price": "3.25"}, version=None, writing=FREE)
        remove(unit, "x_line", last)
        create(unit, "x_line", {**line, "price": "0.01", "quantity": "1"})

    assert shop.api("x_order", order, "lines_total", "total") == ["250001.51", "225001.36"]
    assert shop.api("x_buyer", buyer, "ordered", "largest") == ["225001.36", "225001.36"]
    assert shop.run_jobs() == 0
    shop.judge()
