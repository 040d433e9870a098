"""A list of values as ONE bound parameter: the SQL text is the same for any length."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class ListOf(TypeDecorator[list[Any]]):
    """Values of one type: a JSON array on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the carrier."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[Iterable[Any] | None], Any]:
        """Carry the values in the form that their column has."""
        carry = self.item.dialect_impl(dialect).bind_processor(dialect)
        postgresql = dialect.name == "postgresql"

        def bind(value: Iterable[Any] | None) -> Any:
            if value is None:
                raise ValueError("a list of values is never NULL")
            if postgresql:
                return list(value)
            return json.dumps([carry(item) for item in value] if carry else list(value))

        return bind


def is_one_of(column: ColumnElement[Any], slot: str, dialect: str) -> ColumnElement[bool]:
    """Compare a column with the list bound as ``slot``; an empty list matches nothing."""
    parameter: Any = bindparam(slot, type_=ListOf(column.type))
    if dialect == "postgresql":
        # Statements are planned with their values (no prepared ones), so this is as good as IN.
        return column == any_(parameter)
    values = func.json_each(parameter).table_valued("value", name=f"list_{slot}")
    return column.in_(select(values.c.value))
