"""Random edits of tables against a plain model: order, prices, discounts, sums to the cent."""

from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from engine.records.line_plans import line_plans
from engine.records.line_sums import sums_of
from engine.records.lines import children
from engine.records.shape import load_live, shape_of
from tests.integration.lines.shop import Shop

CENT = Decimal("0.01")
PRICES = ("29.99", "0.01", "1234.56", "0.00")
STEPS = 12


def rounded(amount: Decimal) -> Decimal:
    """Round half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


class Model:
    """What a table must be, by the rules alone."""

    def __init__(self, prices: dict[int, Decimal], random: Random) -> None:
        self.prices = prices
        self.random = random
        self.lines: list[dict[str, Any]] = []
        self.discount = Decimal(0)

    def edit(self) -> list[dict[str, Any]]:
        """Edit at random; gives the table to send."""
        self.discount = Decimal(self.random.randint(0, 10_000)) / 100
        sent = [self._kept(line) for line in self.lines if self.random.random() > 0.2]
        sent += [self._made() for _ in range(self.random.randint(0, 2))]
        self.random.shuffle(sent)
        self.lines = [line for line, _ in sent]
        return [row for _, row in sent]

    def _made(self) -> tuple[dict[str, Any], dict[str, Any]]:
        book = self.random.choice(list(self.prices))
        line = {"id": None, "book": book, "quantity": Decimal(1), "discount": Decimal(0)}
        line["price"] = self.prices[book]
        row = {"book": book} | self._set(line)
        return line, row

    def _kept(self, line: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return line, {"id": line["id"]} | self._set(line)

    def _set(self, line: dict[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        listed = self.prices[line["book"]]
        kind = self.random.choice(["quantity", "price", "discount", "nothing"])
        amount = Decimal(self.random.randint(1, 9999)) / 100
        if kind == "quantity":
            line["quantity"] = amount
            row["quantity"] = str(amount)
        elif kind == "price" and amount != line["price"]:
            follows = rounded(listed * (100 - line["discount"]) / 100)
            line["price"] = amount
            row["unit_price"] = str(amount)
            if amount != follows:
                share = (listed - amount) / listed * 100 if listed else Decimal(0)
                line["discount"] = rounded(share)
        elif kind == "discount" and amount != line["discount"]:
            line["discount"] = amount
            line["price"] = rounded(listed * (100 - amount) / 100)
            row["discount"] = str(amount)
        return row

    @property
    def total(self) -> Decimal:
        """Give the sum of what the lines cost, each rounded to cents."""
        return sum((rounded(line["price"] * line["quantity"]) for line in self.lines), Decimal(0))


@pytest.mark.parametrize("seed", range(4))
def test_table_is_what_the_model_says_after_every_edit(shop: Shop, seed: int) -> None:
    prices = {shop.book(f"B{at}", price): Decimal(price) for at, price in enumerate(PRICES)}
    model = Model(prices, Random(seed))  # noqa: S311 - repeatable is what it must be
    number, version = shop.order([]), 1

    for _ in range(STEPS):
        table = model.edit()
        version = shop.save(number, version, lines=table, discount=str(model.discount))
        rows = shop.read(number)["lines"]
        for line, row in zip(model.lines, rows, strict=True):
            line["id"] = line["id"] or row["id"]
        assert [
            (
                row["id"], row["book"]["id"], Decimal(row["quantity"]),
                Decimal(row["unit_price"]), Decimal(row["discount"]),
            )
            for row in rows
        ] == [
            (line["id"], line["book"], line["quantity"], line["price"], line["discount"])
            for line in model.lines
        ]  # fmt: skip
        sums = [rounded(Decimal(row["unit_price"]) * Decimal(row["quantity"])) for row in rows]
        assert [Decimal(row["subtotal"]) for row in rows] == sums
        found = shop.read(number)
        assert Decimal(found["lines_sum"]) == sum(sums, Decimal(0)) == model.total
        assert Decimal(found["total"]) == rounded(model.total * (100 - model.discount) / 100)
        assert_reckoned_as_stored(shop, number)


def assert_reckoned_as_stored(shop: Shop, number: int) -> None:
    """Hold what the database adds up against the same roll-ups reckoned of lines at hand."""
    with shop.unit() as unit:
        (plan,) = line_plans(unit.snapshot, "x_order")
        order = load_live(unit, shape_of(unit, "x_order"), number)
        lines = [line.whole for line in children(unit, plan, [number])]
        made = sums_of(unit, plan, lines)
        assert made.keys() == {"lines_sum", "reduced", "mean", "least", "most"}
        assert made == {key: order.values[key] for key in made}
