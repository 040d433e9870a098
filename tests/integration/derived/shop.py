"""Orders of customers with lines: a small trade whose sums depend on each other."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.context import SYSTEM, Context, Locale
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.create import create
from engine.records.remove import remove
from engine.records.restore import restore
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from engine.worker.recompute import recompute_handlers
from engine.worker.runner import JobRunner
from tests.invariants import check_all
from tests.support.library import library_site, opened, publish
from tests.support.templates import fill

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
FREE = Writing(unversioned=True)
MONEY = {"type": "money", "scale": 2, "currency": "CNY"}
STATES = {"open": {"label": "Open"}, "paid": {"label": "Paid"}, "void": {"label": "Void"}}


def an_object(key: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give the change that adds an object."""
    named = {"name": {"type": "text", "label": "Name", "required": True, "search": True}}
    body = {
        "kind": "object", "key": key, "label": key, "name_field": "name",
        "abilities": {"history": True, "recycle_bin": True, "search": True},
        "fields": {**named, **{k: {"label": k, **one} for k, one in fields.items()}},
    }  # fmt: skip
    return {"op": "add", "document": f"object/{key}", "path": "", "value": body}


def a_field(object_key: str, key: str, **definition: Any) -> dict[str, Any]:
    """Give the change that adds a field."""
    definition.setdefault("label", key)
    path = f"fields/{key}"
    return {"op": "add", "document": f"object/{object_key}", "path": path, "value": definition}


def formula(expr: str, returns: str = "money", **more: Any) -> dict[str, Any]:
    """Give the definition of a formula."""
    money = {"scale": 2, "currency": "CNY"} if returns == "money" else {}
    return {"type": "formula", "returns": returns, "expr": expr, **money, **more}


def roll_up(lines: str, agg: str, field: str = "", **more: Any) -> dict[str, Any]:
    """Give the definition of a roll-up."""
    summed = {"field": field} if field else {}
    return {"type": "roll_up", "list": lines, "agg": agg, **summed, **more}


def link(to: str, inverse: str, on_delete: str = "cascade", **more: Any) -> dict[str, Any]:
    """Give the definition of a link."""
    back = {"key": inverse, "label": inverse}
    return {"type": "link", "to": to, "on_delete": on_delete, "inverse": back, **more}


PAID = {"field": "state", "op": "eq", "value": "paid"}
BUYER = an_object(
    "x_buyer",
    {
        "level": {"type": "integer"},
        "ordered": roll_up("x_orders", "sum", "total", where=PAID),
        "orders": roll_up("x_orders", "count"),
        "largest": roll_up("x_orders", "max", "total"),
        "first_on": roll_up("x_orders", "min", "ordered_on"),
        "usual": roll_up("x_orders", "avg", "total"),
        "score": formula("orders * coalesce(level, 0)", "integer"),
    },
)
ORDER = an_object(
    "x_order",
    {
        "buyer": link("x_buyer", "x_orders"),
        "state": {"type": "select", "options": STATES, "default": "open"},
        "ordered_on": {"type": "date"},
        "discount": {"type": "percent", "scale": 2},
        "lines_total": roll_up("x_lines", "sum", "subtotal"),
        "total": formula("round(lines_total * (100 - coalesce(discount, 0)) / 100, 2)"),
        "title": formula('concat(name, " / ", buyer.name, " ", buyer.level)', "text"),
        "late": formula("ordered_on < today()", "boolean", virtual=True),
        "days": formula("days_between(ordered_on, today())", "integer", virtual=True),
    },
)
LINE = an_object(
    "x_line",
    {
        "order": link("x_order", "x_lines"),
        "price": {**MONEY},
        "quantity": {"type": "decimal", "scale": 3},
        "subtotal": formula("round(price * quantity, 2)"),
    },
)


@dataclass(slots=True)
class Shop:
    """A site with the objects above."""

    live: LiveSite

    @contextmanager
    def unit(self, now: datetime = NOW) -> Iterator[Unit]:
        """Open a transaction of the platform."""
        with self.live.write(Context(actor=SYSTEM, now=now, request_id="r-1")) as unit:
            yield unit

    def make(self, object_key: str, **values: Any) -> int:
        """Create a record; gives its id."""
        with self.unit() as unit:
            return create(unit, object_key, {"name": object_key, **values}).id

    def change(self, object_key: str, record_id: int, **values: Any) -> None:
        """Change a record."""
        with self.unit() as unit:
            change(unit, object_key, record_id, values, version=None, writing=FREE)

    def remove(self, object_key: str, record_id: int) -> None:
        """Move a record to the bin."""
        with self.unit() as unit:
            remove(unit, object_key, record_id)

    def restore(self, object_key: str, record_id: int) -> None:
        """Bring a record back."""
        with self.unit() as unit:
            restore(unit, object_key, record_id)

    def api(self, object_key: str, record_id: int, *keys: str) -> Sequence[Any]:
        """Give values of a record as the API says them."""
        with self.unit() as unit:
            bound = unit.snapshot.object(object_key)
            row = (
                unit.connection.execute(bound.table.select().where(bound.table.c.id == record_id))
                .one()
                ._mapping
            )
            found = [bound.field(key) for key in keys]
            return [f.type.api(row[f.column.key], f.definition) for f in found]

    def run_jobs(self) -> int:
        """Run every waiting job; gives how many."""
        return JobRunner(self.live, recompute_handlers(Locale())).run_waiting()

    def judge(self) -> None:
        """Hold the database against everything that must be true."""
        with self.live.database.read() as connection:
            check_all(connection, self.live.snapshot)


def open_shop(url: str) -> Shop:
    """Publish the objects on a site of another trade."""
    fill(url, "derived", _furnish)
    return Shop(opened(url))


def _furnish(url: str) -> None:
    live = library_site(url)
    publish(live, BUYER, ORDER, LINE)
    live.database.close()
