"""A formula inside a query: one element for both databases.

On PostgreSQL it is written out as SQL. SQLite has neither exact decimals nor time zones, so there
it calls back: the Python function that also fills stored formulas computes each row.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Text, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import TypeEngine

from engine.formulas.compute import Compute, compile_formula
from engine.formulas.moment import Moment, zone_of
from engine.formulas.postgresql import Template, fill, write_formula
from engine.formulas.values import from_sqlite, to_sqlite
from metadata.documents import content_hash
from metadata.formula.types import Field, Formula, ValueType, walk

NOW = "formula_now"
ZONE = "formula_zone"
"""Names of the parameters that say when a query with formulas is run."""
SQLITE_FUNCTION = "heddle_formula"


class Program:
    """A formula that was compiled, under a name that its content gives."""

    def __init__(self, formula: Formula) -> None:
        """Keep a formula; its forms are made when they are needed."""
        self.formula = formula
        self.name = f"formula_{content_hash(repr(formula))[:32]}"

    @cached_property
    def compute(self) -> Compute:
        """Give the Python function."""
        return compile_formula(self.formula)

    @cached_property
    def template(self) -> Template:
        """Give the SQL of PostgreSQL."""
        return write_formula(self.formula)

    @cached_property
    def types(self) -> tuple[ValueType, ...]:
        """Give the type of each path."""
        return tuple(types_of(self.formula))


_PROGRAMS: WeakValueDictionary[str, Program] = WeakValueDictionary()
"""Programs that some metadata version still uses, for the callback of SQLite: a name says all of
its content, so that versions cannot take each other's."""


class FormulaCall(Function[Any]):
    """A formula over columns; its value is what the field would store."""

    inherit_cache = True
    program: Program
    columns_given: int


def types_of(formula: Formula) -> Sequence[ValueType]:
    """Give the type of each path of a formula."""
    found = {node.path: node.type for node in walk(formula.root) if isinstance(node, Field)}
    return [found[path] for path in formula.paths]


def expression(
    program: Program, columns: Sequence[ColumnElement[Any]], type_: TypeEngine[Any]
) -> ColumnElement[Any]:
    """Give the SQL expression of a formula.

    Args:
        program: the formula.
        columns: the stored form of each of its paths, in their order.
        type_: the SQL type of the field that it fills.
    """
    _PROGRAMS[program.name] = program
    moment = [bindparam(NOW, type_=Text), bindparam(ZONE, type_=Text)]
    texts = [literal(text, Text) for text in program.template.texts]
    call = FormulaCall(program.name, *columns, *moment, *texts, type_=type_)
    call.program = program
    call.columns_given = len(columns)
    return call


def moment_values(moment: Moment, zone: str) -> dict[str, str]:
    """Give the values of `NOW` and `ZONE`."""
    return {NOW: moment.now.isoformat(" ", "microseconds"), ZONE: zone}


@compiles(FormulaCall, "postgresql")
def _on_postgresql(element: FormulaCall, compiler: Any, **kw: Any) -> str:
    places = [compiler.process(clause, **kw) for clause in element.clauses]
    return fill(element.program.template.sql, places)


@compiles(FormulaCall, "sqlite")
def _on_sqlite(element: FormulaCall, compiler: Any, **kw: Any) -> str:
    count = element.columns_given
    clauses = list(element.clauses)
    given = [
        compiler.process(one, **kw) for one in (*clauses[count : count + 2], *clauses[:count])
    ]
    return f"{SQLITE_FUNCTION}('{element.program.name}', {', '.join(given)})"


def run_on_sqlite(name: str, now: str, zone: str, *raw: Any) -> Any:
    """Compute a formula for one row of SQLite."""
    program = _PROGRAMS[name]
    values = [from_sqlite(one, kind) for one, kind in zip(raw, program.types, strict=True)]
    moment = Moment(datetime.fromisoformat(now), zone_of(zone))
    return to_sqlite(program.compute(values, moment))
