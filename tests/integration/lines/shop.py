"""The world of these tests: orders with lines of books, and two clerks who see their own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.context import SYSTEM, Actor, Context
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.create import create
from engine.records.encode import record_json
from engine.records.read import get
from engine.storage.snapshot import Unit
from tests.invariants import check_all
from tests.support.library import library_site, opened, publish
from tests.support.templates import fill

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
PRICING = {"list": "list_price", "price": "unit_price", "discount": "discount"}


def _object(key: str, fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    body = {"kind": "object", "key": key, "label": key, "fields": fields, **more}
    return {"op": "add", "document": f"object/{key}", "path": "", "value": body}


def money(label: str, **more: Any) -> dict[str, Any]:
    """Give a field of money."""
    return {"type": "money", "label": label, "scale": 2, "currency": "CNY", **more}


def roll_up(agg: str, summed: str = "", **more: Any) -> dict[str, Any]:
    """Give a roll-up over the lines."""
    of = {"field": summed} if summed else {}
    return {"type": "roll_up", "label": agg, "list": "lines", "agg": agg, **of, **more}


ORDER = _object(
    "x_order",
    {
        "name": {"type": "text", "label": "Name", "required": True},
        "lines": {"type": "line_items", "label": "Lines", "of": "x_line", "pricing": PRICING},
        "discount": {"type": "percent", "label": "Off", "scale": 2, "default": "0.00"},
        "lines_sum": roll_up("sum", "subtotal"),
        "total": {
            **money("Total"),
            "type": "formula",
            "returns": "money",
            "expr": "round(lines_sum * (100 - coalesce(discount, 0)) / 100, 2)",
        },
        "reduced": roll_up("count", where={"field": "discount", "op": "gt", "value": "0"}),
        "mean": roll_up("avg", "unit_price"),
        "least": roll_up("min", "quantity"),
        "most": roll_up("max", "subtotal"),
    },
    name_field="name",
    abilities={
        "owner": True,
        "recycle_bin": True,
        "export": True,
        "import": True,
        "history": True,
    },
)
LINE = _object(
    "x_line",
    {
        "order": {
            "type": "link", "label": "Order", "to": "x_order", "required": True,
            "on_delete": "cascade", "inverse": {"key": "lines", "label": "Lines"},
        },
        "book": {
            "type": "link", "label": "Book", "to": "book", "required": True,
            "on_delete": "restrict", "copies": {"list_price": "price"},
        },
        "list_price": money("List price", readonly=True),
        "unit_price": money("Price", required=True, min="0.00"),
        "quantity": {
            "type": "decimal", "label": "Quantity", "scale": 2, "required": True,
            "min": "0.01", "default": "1.00",
        },
        "discount": {"type": "percent", "label": "Discount", "scale": 2, "default": "0.00"},
        "subtotal": {
            **money("Subtotal"), "type": "formula", "returns": "money",
            "expr": "round(unit_price * quantity, 2)",
        },
        "sort_order": {"type": "integer", "label": "Order", "readonly": True},
    },
    name_field="book",
)  # fmt: skip
CLERK = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role", "key": "x_clerk", "label": "Clerk",
        "objects": {
            "book": {"read": "all"},
            "x_order": {
                "read": "own", "create": True, "update": "own", "delete": "own",
                "restore": "own", "purge": "own",
            },
        },
    },
}  # fmt: skip


@dataclass(slots=True)
class Shop:
    """One site. Ann and Bob sell books, and see their own orders alone."""

    live: LiveSite
    ann: Actor
    bob: Actor

    @contextmanager
    def unit(self, actor: Actor = SYSTEM) -> Iterator[Unit]:
        """Open a transaction of ``actor``."""
        with self.live.write(Context(actor=actor, now=NOW, request_id="r")) as unit:
            yield unit

    def book(self, title: str, price: str) -> int:
        """Create a book."""
        values = {"title": title, "author": "A", "price": price}
        with self.unit() as unit:
            return create(unit, "book", values).id

    def order(self, lines: Sequence[Any], actor: Actor | None = None) -> int:
        """Create an order."""
        with self.unit(actor or self.ann) as unit:
            return create(unit, "x_order", {"name": "First", "lines": lines}).id

    def save(self, number: int, version: int, actor: Actor | None = None, **values: Any) -> int:
        """Change an order from a version; gives its version now."""
        with self.unit(actor or self.ann) as unit:
            return change(unit, "x_order", number, values, version=version).version

    def read(self, number: int, actor: Actor | None = None) -> dict[str, Any]:
        """Read an order as the API gives it."""
        with self.unit(actor or self.ann) as unit:
            return record_json(unit, "x_order", get(unit, "x_order", number))

    def judge(self) -> None:
        """Hold the database against everything that must be true."""
        with self.live.database.read() as connection:
            check_all(connection, self.live.snapshot)


def make_shop(url: str) -> Shop:
    """Install the library with orders, and hire two clerks."""
    ann, bob = fill(url, "lines", _furnish)
    return Shop(opened(url), ann, bob)


def _furnish(url: str) -> tuple[Actor, Actor]:
    live = library_site(url)
    publish(live, ORDER, LINE, CLERK)
    shop = Shop(live, SYSTEM, SYSTEM)
    with shop.unit() as unit:
        desk = create(unit, "department", {"name": "Desk"}).id
        people = []
        for name, mobile in (("Ann", "13900000001"), ("Bob", "13900000002")):
            values = {"name": name, "mobile": mobile, "department": desk, "roles": ["x_clerk"]}
            made = create(unit, "user", values)
            people.append(Actor(made.id, name, roles=frozenset({"x_clerk"})))
    live.database.close()
    ann, bob = people
    return ann, bob
