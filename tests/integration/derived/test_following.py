"""Fields that take the value of another one until somebody overrides it, against a plain model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from engine.bulk.verb import Task
from engine.bulk.verbs import verb_of
from engine.errors import InvalidInput
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.records.encode import record_json
from engine.records.read import get
from tests.integration.derived.shop import (
    FREE,
    MONEY,
    Shop,
    a_field,
    an_object,
    formula,
    link,
    roll_up,
)
from tests.support.library import library_site, opened, publish
from tests.support.templates import fill

CENT = Decimal("0.01")
NET = "if(count > 0, round(sum * (100 - coalesce(discount, 0)) / 100, 2))"
EXPLAINED = {"discount": "if(sum > 0, round((sum - total) / sum * 100, 2))"}
ORDER = an_object(
    "x_order",
    {
        "lines": {"type": "line_items", "of": "x_line"},
        "discount": {"type": "percent", "scale": 2, "min": "0.00", "max": "100.00"},
        "count": roll_up("lines", "count"),
        "sum": roll_up("lines", "sum", "price"),
        "net": formula(NET),
        "total": {**MONEY, "min": "0.00", "follows": {"field": "net", "sets": EXPLAINED}},
        "amount": {**MONEY, "min": "0.00", "follows": "total"},
        "half": formula("amount / 2"),
    },
)  # fmt: skip
LINE = an_object("x_line", {"order": link("x_order", "lines", required=True), "price": {**MONEY}})
KEYS = ("discount", "sum", "net", "total", "amount", "half")
OWN = ("total_overridden", "amount_overridden")


def rounded(amount: Decimal) -> Decimal:
    """Round half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Model:
    """What an order must be, by the rules alone."""

    prices: list[Decimal] = field(default_factory=list)
    discount: Decimal | None = None
    total: Decimal | None = None
    amount: Decimal | None = None
    own: bool = False

    @property
    def net(self) -> Decimal | None:
        """Give the sum less the discount; nothing without lines."""
        if not self.prices:
            return None
        return rounded(sum(self.prices, Decimal(0)) * (100 - (self.discount or 0)) / 100)

    def set(self, values: Mapping[str, Any]) -> None:
        """Do what a save does; `total` wins over `discount`."""
        before = self.net
        if "prices" in values:
            self.prices = values["prices"]
        if "discount" in values:
            self.discount = values["discount"]
        total = values.get("total", self.total)
        if total is not None and total != self.total:
            whole = sum(self.prices, Decimal(0))
            if whole:
                self.discount = rounded((whole - total) / whole * 100)
            self.total = total
        elif self.net != before or ("total" in values and total is None):
            self.total = self.net
        if "amount" in values and values["amount"] != self.amount:
            self.own = values["amount"] not in (None, self.total)
            self.amount = values["amount"]
        if not self.own:
            self.amount = self.total


@pytest.fixture
def shop(new_database_url: str) -> Iterator[Shop]:
    fill(new_database_url, "following", _furnish)
    made = Shop(opened(new_database_url))
    try:
        yield made
        made.judge()
    finally:
        made.live.database.close()


def _furnish(url: str) -> None:
    live = library_site(url)
    publish(live, ORDER, LINE)
    live.database.close()


def read(shop: Shop, number: int) -> dict[str, Any]:
    """Read an order as the API gives it."""
    with shop.unit() as unit:
        return record_json(unit, "x_order", get(unit, "x_order", number))


def lines(*prices: str) -> list[dict[str, Any]]:
    """Give a table of lines to send."""
    return [{"name": "L", "price": price} for price in prices]


def values(shop: Shop, number: int, *keys: str) -> list[Any]:
    """Give values of an order."""
    found = read(shop, number)
    return [found[key] for key in keys]


@pytest.mark.parametrize("seed", range(3))
def test_orders_are_what_the_model_says_after_every_edit(shop: Shop, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - repeatable is what it must be
    model, number = Model(), 0
    for _ in range(20):
        edit = _edit(random, model)
        sent = {key: _raw(value) for key, value in edit.items()}
        if "prices" in sent:
            sent["lines"] = lines(*sent.pop("prices"))
        if number:
            shop.change("x_order", number, **sent)
        else:
            number = shop.make("x_order", **sent)
        model.set(edit)
        found = read(shop, number)
        half = None if model.amount is None else rounded(model.amount / 2)
        wanted = (model.discount, sum(model.prices, Decimal(0)), model.net, model.total)
        assert [_read(found[key]) for key in KEYS] == [*wanted, model.amount, half]
        assert found["amount_overridden"] is model.own


def _raw(value: Any) -> Any:
    if isinstance(value, list):
        return [str(one) for one in value]
    return None if value is None else str(value)


def _read(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _edit(random: Random, model: Model) -> dict[str, Any]:
    """Choose what somebody does; a total is never more than its lines come to."""

    def cents(most: int) -> Decimal:
        return Decimal(random.randint(0, most)) / 100

    edit: dict[str, Any] = {}
    if random.random() < 0.4:
        edit["prices"] = [cents(100_000) for _ in range(random.randint(0, 3))]
    if random.random() < 0.3:
        edit["discount"] = cents(10_000)
    whole = sum(edit.get("prices", model.prices), Decimal(0))
    if whole and random.random() < 0.3:
        edit["total"] = random.choice([None, rounded(whole * random.randint(0, 100) / 100)])
    if random.random() < 0.3:
        edit["amount"] = random.choice([None, cents(1_000_000), model.total, model.amount])
    return edit


def test_history_tells_what_followed_and_what_was_overridden(shop: Shop) -> None:
    number = shop.make("x_order", lines=lines("300.00"))
    with shop.unit() as unit:
        written = change(unit, "x_order", number, {"total": "100.00"}, version=None, writing=FREE)
        keys = {one.id: one.key for one in unit.snapshot.object("x_order").fields.values()}
    told = {keys[one.field_id]: (one.old, one.new) for one in written.changes}
    assert told == {
        "discount": (None, "66.67"),
        "total": ("300.00", "100.00"),
        "total_overridden": (False, True),
        "amount": ("300.00", "100.00"),
    }
    shop.change("x_order", number, discount="10")
    assert values(shop, number, "total", "amount", *OWN) == ["270.00", "270.00", False, False]


def test_what_was_overridden_survives_other_edits_and_follows_when_emptied(shop: Shop) -> None:
    number = shop.make("x_order", lines=lines("300.00"), amount="5000.00")
    shop.change("x_order", number, lines=lines("5000.00"))
    shop.change("x_order", number, lines=lines("10.00"), amount="5000.00")  # sent back as read
    assert values(shop, number, "amount", "amount_overridden") == ["5000.00", True]
    shop.change("x_order", number, amount=None)
    assert values(shop, number, "amount", "amount_overridden") == ["10.00", False]


def test_total_beyond_its_lines_is_refused_at_what_it_would_mean(shop: Shop) -> None:
    number = shop.make("x_order", lines=lines("300.00"))
    with pytest.raises(InvalidInput) as caught:
        shop.change("x_order", number, total="301.00")
    assert [one.field for one in caught.value.errors] == ["discount"]


def test_many_at_once_agree_with_one_by_one(shop: Shop) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "a", "lines": lines("1.00", "2.00")},
        {"name": "b", "lines": lines("9.00"), "amount": "5.00"},
        {"name": "c", "amount": "7.00"},
        {"name": "d", "lines": lines("4.00"), "total": "1.00"},
        {"name": "e", "lines": lines("4.00"), "amount": "4.00"},
    ]
    with shop.unit() as unit:
        many = [one.id for one in create_many(unit, "x_order", rows)]
        single = [create(unit, "x_order", row).id for row in rows]
    wanted = [
        ["3.00", "3.00", False], ["9.00", "5.00", True], [None, "7.00", True],
        ["1.00", "1.00", False], ["4.00", "4.00", False],
    ]  # fmt: skip
    for ids in (many, single):
        got = [values(shop, int(one or 0), "total", "amount", "amount_overridden") for one in ids]
        assert got == wanted


def test_bulk_edit_taken_back_follows_again(shop: Shop) -> None:
    number = shop.make("x_order", lines=lines("300.00"))
    verb = verb_of("edit")
    for edit in ({"amount": "5.00"}, {"total": "100.00"}):
        task = Task("x_order", "edit", edit, "b")
        with shop.unit() as unit:
            done = verb.do(unit, task, number)
            assert verb.undo is not None
            verb.undo(unit, task, number, done)
        assert values(shop, number, "discount", "total", "amount", *OWN) == [
            None, "300.00", "300.00", False, False,
        ]  # fmt: skip


def test_bin_and_back_keeps_who_decided(shop: Shop) -> None:
    number = shop.make("x_order", lines=lines("300.00"), total="100.00", amount="7.00")
    shop.remove("x_order", number)
    shop.restore("x_order", number)
    assert values(shop, number, "total", "amount", *OWN) == ["100.00", "7.00", True, True]


def test_following_a_sum_of_other_records_moves_with_them(shop: Shop) -> None:
    publish(
        shop.live,
        an_object("x_fee", {"order": link("x_order", "x_fees"), "price": {**MONEY}}),
        a_field("x_order", "x_fees_sum", **roll_up("x_fees", "sum", "price")),
        a_field("x_order", "x_charged", **MONEY, follows="x_fees_sum"),
    )
    number = shop.make("x_order")
    fee = shop.make("x_fee", order=number, price="5.00")
    assert values(shop, number, "x_charged") == ["5.00"]
    shop.change("x_order", number, x_charged="4.00")
    shop.change("x_fee", fee, price="6.00")
    assert values(shop, number, "x_fees_sum", "x_charged") == ["6.00", "4.00"]
    shop.change("x_order", number, x_charged=None)
    shop.remove("x_fee", fee)
    assert values(shop, number, "x_charged", "x_charged_overridden") == ["0.00", False]


def test_values_older_than_the_rule_are_somebodys(shop: Shop) -> None:
    publish(shop.live, a_field("x_order", "x_kept", **MONEY))
    held = shop.make("x_order", lines=lines("3.00"), x_kept="8.00")
    empty = shop.make("x_order", lines=lines("3.00"))
    change_ = {"op": "add", "document": "object/x_order", "path": "fields/x_kept/follows"}
    publish(shop.live, {**change_, "value": "net"})
    assert values(shop, held, "x_kept", "x_kept_overridden") == ["8.00", True]
    assert values(shop, empty, "x_kept", "x_kept_overridden") == ["3.00", False]
