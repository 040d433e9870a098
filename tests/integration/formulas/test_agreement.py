"""A formula gives the same in Python, on SQLite and on PostgreSQL, whatever stands in the row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, delete, insert, select

from engine.context import COMPANY_ZONE
from engine.formulas.compute import FUNCTIONS as COMPUTED
from engine.formulas.compute import compile_formula
from engine.formulas.expression import Program, expression, moment_values
from engine.formulas.moment import Moment
from engine.formulas.postgresql import FUNCTIONS_WRITTEN
from engine.formulas.values import decode
from engine.storage.database import Database
from engine.storage.types import column_type
from metadata.formula.check import check_formula
from metadata.formula.functions import FUNCTIONS
from metadata.formula.types import Formula
from tests.integration.formulas.making import FIELDS, RETURNS, ROWS, formulas

KINDS: Mapping[str, Any] = {
    "number": "integer", "text": "text", "boolean": "boolean", "date": "date",
    "datetime": "instant", "select": "text",
}  # fmt: skip
MOMENT = Moment(datetime(2026, 11, 23, 17, 30, tzinfo=UTC), COMPANY_ZONE)
SHELF = Table(
    "shelf",
    MetaData(),
    Column("id", column_type("integer"), primary_key=True),
    *(Column(key, column_type(KINDS[kind.kind])) for key, kind in FIELDS.items()),
)
BOTH = pytest.mark.parametrize("kind", sorted(RETURNS))


@pytest.fixture(scope="module")
def databases(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: Any
) -> Iterator[list[Database]]:
    """Both databases, each with an empty table of one column per kind of value."""
    with postgresql_server.fresh_database() as url:
        path = tmp_path_factory.mktemp("shelf") / "shelf.db"
        made = [Database(f"sqlite:///{path}"), Database(url)]
        for database in made:
            with database.write() as connection:
                SHELF.metadata.create_all(connection)
        yield made
        for database in made:
            database.close()


def read(text: str, kind: str) -> Formula:
    """Check a formula on the fields of the shelf."""
    return check_formula(text, FIELDS.get, FIELDS, RETURNS[kind])


def by_python(formula: Formula, row: Mapping[str, Any]) -> Any:
    """Compute a formula over a row as it is stored."""
    values = [decode(row[path], FIELDS[path]) for path in formula.paths]
    return compile_formula(formula)(values, MOMENT)


def by_query(database: Database, formula: Formula, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Compute a formula in a query over some rows."""
    program = Program(formula)
    kind = KINDS[formula.returns.kind]
    columns = [SHELF.c[path] for path in formula.paths]
    found = expression(program, columns, column_type(kind))
    with database.write() as connection:
        connection.execute(delete(SHELF))
        connection.execute(insert(SHELF), [{"id": at, **row} for at, row in enumerate(rows)])
        query = select(found).select_from(SHELF).order_by(SHELF.c.id)
        values = moment_values(MOMENT, str(COMPANY_ZONE))
        return list(connection.execute(query, values).scalars())


def test_every_function_of_the_language_is_computed_and_written() -> None:
    assert set(FUNCTIONS) == COMPUTED == FUNCTIONS_WRITTEN


@BOTH
@given(data=st.data())
@settings(max_examples=250, suppress_health_check=list(HealthCheck))
def test_all_three_agree(kind: str, databases: list[Database], data: st.DataObject) -> None:
    text = data.draw(formulas(kind))
    rows = data.draw(st.lists(ROWS, min_size=1, max_size=4))
    formula = read(text, kind)

    wanted = [by_python(formula, row) for row in rows]

    for database in databases:
        assert by_query(database, formula, rows) == wanted, (database.dialect, text)
