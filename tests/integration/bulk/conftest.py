"""Tasks of two clerks, and bulk actions on them; every test ends at the judge."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from engine.bulk.order import BulkOrder, order_bulk
from engine.bulk.rows import RowOutcome, read_outcomes
from engine.bulk.run import bulk_handlers
from engine.bulk.undo import undo_bulk
from engine.context import SYSTEM, Actor, Context, Locale
from engine.publish.live import LiveSite
from engine.queue.job import Job, read_job
from engine.records.change import change
from engine.records.create_many import create_many
from engine.records.writing import Writing
from engine.worker.runner import JobRunner
from tests.integration.records.world import World, make_world

EACH = 250


class Office:
    """The world of the records' tests, with what bulk actions need."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def live(self) -> LiveSite:
        return self.world.live

    def context(self, actor: Actor = SYSTEM) -> Context:
        return Context(actor=actor, now=self.live.clock(), locale=Locale("en"), request_id="r")

    def set_state(self, actor: Actor, state: str) -> None:
        """Let a clerk sign in, or not any more."""
        with self.world.unit() as unit:
            trusted = Writing(system_fields=True, unversioned=True)
            values = {"state": state}
            change(unit, "user", actor.user_id or 0, values, version=None, writing=trusted)

    def tasks(self, count: int, owner: Actor | None = None) -> list[int]:
        """Create tasks; gives their ids."""
        made: list[int] = []
        for first in range(0, count, EACH):
            rows = [{"name": f"Task {n}"} for n in range(first, min(count, first + EACH))]
            with self.world.unit() as unit:
                by = Writing(owner=owner.user_id if owner else None)
                made += [out.id or 0 for out in create_many(unit, "x_task", rows, writing=by)]
        return made

    def order(self, verb: str, actor: Actor = SYSTEM, **asked: Any) -> int:
        order = BulkOrder(
            object="x_task", verb=verb, values=asked.pop("values", {}), language="en", **asked
        )
        return order_bulk(self.live, self.context(actor), order)

    def run(self, number: int) -> Job:
        """Run everything that waits; gives this job after it."""
        JobRunner(self.live, bulk_handlers(Locale())).run_waiting()
        return self.job(number)

    def job(self, number: int) -> Job:
        with self.live.database.read() as connection:
            return read_job(connection, number)

    def undo(self, number: int, actor: Actor = SYSTEM) -> Job:
        return self.run(undo_bulk(self.live, self.context(actor), number))

    def outcomes(self, number: int, *states: str) -> list[RowOutcome]:
        with self.live.database.read() as connection:
            return read_outcomes(connection, number, states=states, limit=10_000)

    def reasons(self, number: int) -> dict[int, tuple[str, str]]:
        return {one.record: (one.state, one.code) for one in self.outcomes(number)}

    def stored(self, *keys: str) -> dict[int, tuple[Any, ...]]:
        """Give what stands in live tasks, by id."""
        with self.live.read(self.context()) as unit:
            bound = unit.snapshot.object("x_task")
            table = bound.table
            columns = [bound.fields[key].column for key in keys]
            query = select(table.c.id, *columns).where(table.c.deleted_at.is_(None))
            return {row[0]: tuple(row[1:]) for row in unit.connection.execute(query)}


@pytest.fixture
def office(new_database_url: str) -> Iterator[Office]:
    world = make_world(new_database_url)
    made = Office(world)
    try:
        for actor in (world.ann, world.bob):
            made.set_state(actor, "active")
        yield made
        world.judge()
    finally:
        world.live.database.close()
