"""The platform's own tables as a whole: all of them, and their making in a database."""

from sqlalchemy import (
    Connection,
    Table,
    inspect,
    text,
)
from sqlalchemy.schema import CreateColumn

from engine.storage.audit_tables import seal, system_log
from engine.storage.kernel_tables import KERNEL, history
from engine.storage.people_tables import sign_in_log
from engine.storage.search_index import INDEX, create_search_index
from engine.storage.team_tables import team  # noqa: F401 - declares its tables

__all__ = ["KERNEL", "create_kernel"]  # here, where every table of it has been declared

APPEND_ONLY = (history.name, sign_in_log.name, system_log.name, seal.name)
"""Tables whose rows can never be changed or removed; triggers refuse it."""


def create_kernel(connection: Connection) -> None:
    """Create the kernel tables, columns and triggers that are not there yet."""
    existing = _tables(connection)
    for name in existing & KERNEL.tables.keys():
        _add_columns(connection, KERNEL.tables[name])
    KERNEL.create_all(connection)
    for name in APPEND_ONLY:
        if name not in existing:
            _guard(connection, name)
    if INDEX not in existing:
        create_search_index(connection)


def _tables(connection: Connection) -> set[str]:
    return set(connection.dialect.get_table_names(connection))


def _add_columns(connection: Connection, made: Table) -> None:
    """Add the columns that a table of an older program lacks; all of them may be empty."""
    held = {found["name"] for found in inspect(connection).get_columns(made.name)}
    for column in made.columns:
        if column.name not in held:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {made.name} ADD COLUMN {definition}"))


def _guard(connection: Connection, table: str) -> None:
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
                )
            )
        return
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION heddle_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION heddle_append_only()"
        )
    )
