"""Links of a file: records found by name, by a unique field, or by id; a chunk at a time.

Only what the importing person may read is found, so that a file cannot tell what exists.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, bindparam, false, or_, select

from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.errors import InvalidValue
from engine.exchange.cells import Cells, Line
from engine.exchange.sheet import Cell
from engine.query.lists import is_one_of
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.tables import unique_column

LONGEST_ID = 18
NAME, ID = ".name", ".id"
"""Ways to find a record beside unique fields; no field key begins with a dot."""


def resolve_links(unit: Unit, cells: Cells, lines: Iterable[Line]) -> None:
    """Find the records that the link cells of lines name."""
    asking = [line for line in lines if line.asked]
    if not asking:
        return
    for key, field in cells.links.items():
        wanted = {line.asked[key] for line in asking if key in line.asked}
        target = unit.snapshot.object(field.type.target(field.definition))
        found = find_records(unit, target, wanted)
        for line in asking:
            if key in line.asked:
                cell = line.asked[key]
                ids = found.get(cell, frozenset())
                if len(ids) == 1:
                    line.values[key] = next(iter(ids))
                else:
                    code = "linked_several" if ids else "linked_not_found"
                    cells.refuse(line, key, code, {"value": str(cell)[:60]})


def find_records(
    unit: Unit, target: BoundObject, wanted: Collection[Cell]
) -> dict[Cell, frozenset[int]]:
    """Give, for each cell, the ids of the records that it may mean: by name, else further on."""
    found: dict[Cell, frozenset[int]] = {}
    if not wanted:
        return found
    for way in _ways(unit, target):
        rest = [cell for cell in wanted if cell not in found]
        if not rest:
            break
        found.update(_find(unit, target, way, rest))
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """The living records of an object that the actor may read, as SQL and its values."""

    shape: Hashable
    condition: ColumnElement[bool]
    values: Mapping[str, Any]


def reach_of(unit: Unit, bound: BoundObject) -> Reach:
    """Give what the actor may read of an object; himself he always may name."""
    table, me = bound.table, unit.context.actor.user_id
    live = table.c.deleted_at.is_(None)
    himself = table.c.id == bindparam("me") if bound.key == USER and me is not None else false()
    own: dict[str, Any] = {"me": me} if bound.key == USER and me is not None else {}
    rights = rights_of(unit)
    if not rights.allows(bound.key, "read"):
        return Reach(("none", bool(own)), live & himself, own)
    predicate = rights.predicate(bound.key, "read")
    if predicate.shape == "all":
        return Reach("all", live, {})
    if predicate.shape == "none":
        return Reach(("none", bool(own)), live & himself, own)
    owner = bound.field("owner").column
    owned = is_one_of(owner, "owners", unit.connection.dialect.name)
    values = {"owners": list(predicate.owner_ids), **own}
    return Reach(("owners", bool(own)), live & or_(owned, himself), values)


def _ways(unit: Unit, target: BoundObject) -> list[str]:
    """Give the ways to find a record, the likeliest first."""
    rights = rights_of(unit)
    unique = [
        field.key
        for field in target.fields.values()
        if unique_column(field) is not None
        and rights.field_level(target.key, field.key) != "hidden"
    ]
    named = [] if target.name.type.labelled else [NAME]
    return [*named, *unique, ID]


def _find(
    unit: Unit, target: BoundObject, way: str, cells: Iterable[Cell]
) -> dict[Cell, frozenset[int]]:
    asked: dict[Any, list[Cell]] = {}
    for cell in cells:
        value = _sought(unit, target, way, cell)
        if value is not None:
            asked.setdefault(value, []).append(cell)
    if not asked:
        return {}
    reach = reach_of(unit, target)
    dialect = unit.connection.dialect.name
    statement = unit.snapshot.once(
        ("import link", target.key, way, reach.shape, dialect),
        lambda: _statement(target, way, reach.condition, dialect),
    )
    values = {"sought": list(asked), **reach.values}
    ids: dict[Any, set[int]] = {}
    for value, record_id in unit.connection.execute(statement, values):
        ids.setdefault(value, set()).add(record_id)
    return {cell: frozenset(held) for value, held in ids.items() for cell in asked.get(value, ())}


def _sought(unit: Unit, target: BoundObject, way: str, cell: Cell) -> Any:
    """Give the value of the column that a cell means, None when it cannot mean any."""
    if way == ID:
        text = str(cell).strip().removeprefix("#")
        plain = text.isascii() and text.isdigit() and len(text) <= LONGEST_ID
        return int(text) if plain else None
    field = target.name if way == NAME else target.fields[way]
    try:
        stored = field.type.from_text(cell, field.definition, unit.context.locale)
    except InvalidValue:
        return None
    if way == NAME or stored is None:
        return stored
    return field.type.unique_key(stored, field.definition)


def _statement(
    target: BoundObject, way: str, scope: ColumnElement[bool], dialect: str
) -> Select[Any]:
    column = _column(target, way)
    return select(column, target.table.c.id).where(is_one_of(column, "sought", dialect), scope)


def _column(target: BoundObject, way: str) -> Column[Any]:
    """Give the column that a way to find records compares."""
    if way == ID:
        return target.table.c.id
    if way == NAME:
        return target.name.column
    shadow = unique_column(target.fields[way])
    if shadow is None:
        raise ValueError(f"{target.key}.{way} is not unique")
    return shadow
