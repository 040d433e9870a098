"""What the measured database holds: people, departments and customers, the same at every run."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from engine.context import SYSTEM, Context, Locale
from engine.fields.base import SampleWorld
from engine.publish.apply import publish_draft
from engine.publish.draft import create_draft
from engine.publish.live import LiveSite
from engine.records.create_many import MOST_ROWS, create_many
from engine.records.writing import Writing
from engine.storage.snapshot import BoundObject

GENERATOR = 1
"""Raised whenever the content changes, so that no older database is taken for this one."""
USERS = 2000
DEPARTMENTS = 200
BRANCHES = 5
WITH_OWN_FIELDS = 10
"""One in so many customers has values in the fields that were added."""
NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
SEED = 20261102
TRUSTED = Writing(system_fields=True, via="imported", check_links=False)

OWN_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "x_area": {"type": "region", "label": "地区", "depth": 1},
    "x_trade": {"type": "text", "label": "所属行业"},
    "x_listed_on": {"type": "date", "label": "上市日期"},
    "x_stock_code": {"type": "text", "label": "股票代码", "max_length": 16},
}
SAMPLED = (
    "name", "source", "mobile", "industry", "level", "tags", "region", "street",
    "next_contact_at",
)  # fmt: skip


def acting(now: datetime = NOW) -> Context:
    """Give the context in which the content is made."""
    return Context(actor=SYSTEM, now=now)


def added_field(key: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Give the change that adds a field to customers."""
    path = f"fields/{key}"
    value = dict(definition)
    return {"op": "add", "document": "object/customer", "path": path, "value": value}


def publish(live: LiveSite, changes: Sequence[dict[str, Any]]) -> int:
    """Draft and publish changes."""
    with live.write(acting()) as unit:
        draft = create_draft(unit, changes)
    return publish_draft(live, acting(), draft)


def fill(live: LiveSite, customers: int) -> None:
    """Fill a site that holds nothing but the shipped packs."""
    publish(live, [added_field(key, field) for key, field in OWN_FIELDS.items()])
    departments = _departments(live)
    users = write(live, "user", _users(live, departments))
    write(live, "customer", customer_rows(live, users, customers))


def write(live: LiveSite, object_key: str, rows: Iterator[dict[str, Any]]) -> list[int]:
    """Create records, many in each transaction; gives their ids.

    Raises:
        ValueError: a row was refused.
    """
    made: list[int] = []
    at = NOW - timedelta(days=300)
    while chunk := [row for row, _ in zip(rows, range(MOST_ROWS), strict=False)]:
        at += timedelta(minutes=7)
        with live.write(acting(at)) as unit:
            for outcome in create_many(unit, object_key, chunk, writing=TRUSTED):
                if outcome.error is not None or outcome.id is None:
                    raise ValueError(f"{object_key}: {outcome.error!r}")
                made.append(outcome.id)
    return made


def customer_rows(
    live: LiveSite, owners: Sequence[int], count: int, *, first: int = 0
) -> Iterator[dict[str, Any]]:
    """Make customers with every column of their list filled."""
    bound = live.snapshot.object("customer")
    random = Random(SEED + first)  # noqa: S311 - samples
    for row in range(first, first + count):
        world = SampleWorld(random=random, locale=Locale(), now=NOW, row=row)
        values = {key: sample(bound, key, world) for key in SAMPLED}
        values["name"] = f"{values['name']}{row}"
        values["owner"] = owners[random.randrange(len(owners))]
        values["last_followed_up_at"] = _some_time(random)
        if row % WITH_OWN_FIELDS == 0:
            values |= {key: sample(bound, key, world) for key in OWN_FIELDS}
        yield values


def sample(bound: BoundObject, key: str, world: SampleWorld) -> Any:
    """Make a value for a field."""
    field = bound.fields[key]
    return field.type.sample(world, field.definition)


def _departments(live: LiveSite) -> list[int]:
    """Make a tree in which every department has `BRANCHES` below it."""
    made = write(live, "department", iter([{"name": "总部"}]))
    while len(made) < DEPARTMENTS:
        parent = made[(len(made) - 1) // BRANCHES]
        names = [f"部门{len(made) + at}" for at in range(BRANCHES)]
        rows = [{"name": name, "parent": parent} for name in names]
        made += write(live, "department", iter(rows[: DEPARTMENTS - len(made)]))
    return made


def _users(live: LiveSite, departments: Sequence[int]) -> Iterator[dict[str, Any]]:
    bound = live.snapshot.object("user")
    random = Random(SEED)  # noqa: S311 - samples
    for row in range(USERS):
        world = SampleWorld(random=random, locale=Locale(), now=NOW, row=row)
        yield {
            "name": sample(bound, "name", world),
            "mobile": f"13{row:09d}",
            "department": departments[row % len(departments)],
            "roles": ["superadmin" if row == 0 else "salesperson"],
            "state": "active",
        }


def _some_time(random: Random) -> str:
    day = NOW - timedelta(minutes=random.randrange(200 * 24 * 60))
    return day.isoformat(timespec="seconds")
