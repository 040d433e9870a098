"""DDL of planned steps: run inside the publish transaction, or written out for the plan."""

import io
from collections.abc import Callable, Iterable

from alembic.ddl.impl import DefaultImpl
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Dialect

from engine.publish.steps import Step
from engine.storage.snapshot import BoundObject
from engine.storage.tables import base_indexes, unique_index

Bind = Callable[[str], BoundObject]
"""Makes a bound object anew: indexes are attached to it here and must not reach a snapshot."""


def run(
    connection: Connection, steps: Iterable[Step], bind: Bind, reached: Callable[[str], None]
) -> None:
    """Run the steps; ``reached`` is told before each, so that tests can stop there."""
    impl = MigrationContext.configure(connection).impl
    for number, step in enumerate(steps):
        reached(f"ddl:{number}")
        _emit(impl, step, bind(step.object))


def preview(dialect: Dialect, steps: Iterable[Step], bind: Bind) -> list[str]:
    """Write the SQL of each step, without a database; one text per step."""
    written = []
    for step in steps:
        buffer = io.StringIO()
        context = MigrationContext.configure(
            dialect=dialect, opts={"as_sql": True, "output_buffer": buffer}
        )
        _emit(context.impl, step, bind(step.object))
        written.append(buffer.getvalue().strip())
    return written


def _emit(impl: DefaultImpl, step: Step, bound: BoundObject) -> None:
    if step.kind == "create_table":
        base_indexes(bound)  # attaches them to the table
        impl.create_table(bound.table)
        return
    if step.kind == "create_index":
        made = {str(index.name): index for index in base_indexes(bound)}
        impl.create_index(made[step.name], if_not_exists=True)
        return
    field = bound.fields[step.field]
    if step.kind == "add_column":
        column = bound.table.c[step.name.partition(".")[2]]
        impl.add_column(bound.table.name, Column(column.name, column.type, nullable=True))
    elif step.kind == "create_side_table" and field.side is not None:
        impl.create_table(field.side)
    elif step.kind == "create_unique":
        impl.create_index(unique_index(field), if_not_exists=True)
