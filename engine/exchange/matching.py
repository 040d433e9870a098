"""Which records of the site the rows of a file mean: by the value of one field."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from engine.exchange.lookups import reach_of
from engine.query.lists import is_one_of
from engine.records.shape import Shape, Stored, shape_of
from engine.storage.snapshot import BoundField, Unit
from engine.storage.tables import unique_column


class Matcher:
    """Finds records by the key of a field: folded where the field is unique, else as stored."""

    def __init__(self, unit: Unit, object_key: str, match: str) -> None:
        """Prepare; nothing is read yet."""
        self._unit = unit
        self._shape = shape_of(unit, object_key)
        self._field = self._shape.bound.field(match)
        self._shadow = unique_column(self._field)

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """Give what a row is matched by; None when its cell is empty."""
        return unique_value(self._field, values.get(self._field.key))

    def find(self, keys: Iterable[Hashable]) -> dict[Hashable, list[Stored]]:
        """Read the living records that have these keys and that the actor may read."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        unit, shape = self._unit, self._shape
        reach = reach_of(unit, shape.bound)
        dialect = unit.connection.dialect.name
        statement = unit.snapshot.once(
            ("import match", shape.key, self._field.key, reach.shape, dialect),
            lambda: _statement(shape, self._column, reach.condition, dialect),
        )
        found: dict[Hashable, list[Stored]] = {}
        for row in unit.connection.execute(statement, {"keys": wanted, **reach.values}):
            found.setdefault(row[-1], []).append(shape.stored(row))
        return found

    @property
    def _column(self) -> ColumnElement[Any]:
        return self._field.column if self._shadow is None else self._shadow


def unique_value(field: BoundField, stored: Any) -> Hashable:
    """Give what of a value is compared; None when it is empty."""
    if stored is None or unique_column(field) is None:
        return stored  # type: ignore[no-any-return]  # stored values of such fields are hashable
    return field.type.unique_key(stored, field.definition)


def _statement(
    shape: Shape, column: ColumnElement[Any], reach: ColumnElement[bool], dialect: str
) -> Select[Any]:
    return select(*shape.columns, column.label("match_key")).where(
        is_one_of(column, "keys", dialect), reach
    )
