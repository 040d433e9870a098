"""Links of a file: records found by name, by a unique field, or by id; a chunk at a time.

Only what the importing person may read is found, so that a file cannot tell what exists.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, bindparam, false, or_, select

from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.errors import InvalidValue
from engine.exchange.cells import Cells, Line
from engine.exchange.sheet import Cell
from engine.fields.choices import joined, pieces
from engine.fields.clean import cell_text, folded
from engine.query.conditions import Conditions
from engine.query.lists import is_one_of
from engine.query.paths import Source
from engine.query.shapes import scope_of
from engine.storage.snapshot import BoundField, BoundObject, Unit
from engine.storage.tables import unique_column

LONGEST_ID = 18
MOST_JOINED = 8
"""Pieces of a cell among which names with commas of their own are looked for."""
NAME, ID = ".name", ".id"
"""Ways to find a record beside unique fields; no field key begins with a dot."""


def resolve_links(unit: Unit, cells: Cells, lines: Iterable[Line]) -> None:
    """Find the records that the link cells of lines name."""
    asking = [line for line in lines if line.asked]
    if not asking:
        return
    for key, field in cells.links.items():
        concerned = [line for line in asking if key in line.asked]
        if not field.type.target(field.definition):
            look_up_any(unit, cells, field, concerned)
        elif field.many:
            _look_up_many(unit, cells, field, concerned)
        else:
            _look_up_one(unit, cells, field, concerned)


def look_up_any(unit: Unit, cells: Cells, field: BoundField, lines: Sequence[Line]) -> None:
    """Find records of several objects: ``book: Emma``, or a name that only one of them has."""
    objects = [
        unit.snapshot.object(key)
        for key in field.type.objects(field.definition)
        if key in unit.snapshot.objects
    ]
    said = {line.number: _said(field, line.asked[field.key]) for line in lines}
    wanted: dict[str, set[str]] = {}
    for piece in {piece for found in said.values() for piece in found}:
        for bound, name in _meant(objects, piece):
            wanted.setdefault(bound.key, set()).add(name)
    found = {
        bound.key: find_records(unit, bound, wanted[bound.key])
        for bound in objects
        if bound.key in wanted
    }
    for line in lines:
        places = []
        for piece in said[line.number]:
            meant = {
                (bound.key, number)
                for bound, name in _meant(objects, piece)
                for number in found[bound.key].get(name, ())
            }
            if len(meant) == 1:
                places.append(next(iter(meant)))
            else:
                code = "linked_several" if meant else "linked_not_found"
                cells.refuse(line, field.key, code, {"value": piece[:60]})
        if field.key not in line.bad:
            raw = [{"object": kind, "id": number} for kind, number in places]
            given = raw if field.many else raw[0] if raw else None
            line.values[field.key] = field.type.parse(given, field.definition)


def _said(field: BoundField, cell: Cell) -> list[str]:
    text = str(cell_text(cell)).strip()
    return list(pieces(text)) if field.many else [text]


def _meant(objects: Sequence[BoundObject], text: str) -> list[tuple[BoundObject, str]]:
    """Give the objects that a text may mean a record of, with the name it gives there."""
    head, between, name = text.replace("：", ":").partition(":")
    if between:
        wanted = folded(head)
        for bound in objects:
            texts = {bound.key, *bound.definition.label.values()}
            if wanted in {folded(one) for one in texts}:
                return [(bound, name.strip())]
    return [(bound, text) for bound in objects]


def _look_up_one(unit: Unit, cells: Cells, field: BoundField, lines: Sequence[Line]) -> None:
    target = unit.snapshot.object(field.type.target(field.definition))
    found = find_records(unit, target, {line.asked[field.key] for line in lines})
    for line in lines:
        record = _only(cells, line, field.key, line.asked[field.key], found)
        if record is not None:
            line.values[field.key] = record


def _look_up_many(unit: Unit, cells: Cells, field: BoundField, lines: Sequence[Line]) -> None:
    """Find the records of cells that name several, with commas and the like between them."""
    target = unit.snapshot.object(field.type.target(field.definition))
    texts = {line.number: str(cell_text(line.asked[field.key])) for line in lines}
    wanted = {part for text in set(texts.values()) for part in _parts(text)}
    found = find_records(unit, target, wanted)
    known = {folded(str(cell)): cell for cell in found}
    for line in lines:
        said = pieces(texts[line.number], known)
        records = [_only(cells, line, field.key, piece, found) for piece in said]
        if field.key not in line.bad and records:
            line.values[field.key] = tuple(dict.fromkeys(r for r in records if r is not None))


def _only(
    cells: Cells, line: Line, key: str, cell: Cell, found: Mapping[Cell, frozenset[int]]
) -> int | None:
    """Give the one record that a cell means; notes when there is none, or several."""
    ids = found.get(cell, frozenset())
    if len(ids) == 1:
        return next(iter(ids))
    code = "linked_several" if ids else "linked_not_found"
    cells.refuse(line, key, code, {"value": str(cell)[:60]})
    return None


def _parts(text: str) -> set[str]:
    """Give all that a cell may name: its pieces, and neighbours whose name holds a comma."""
    between = list(pieces(text))
    if len(between) > MOST_JOINED:
        return {*between, text.strip()}
    return set(joined(text))


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
    scope, values = scope_of(predicate, "owners")
    source = Source(unit.snapshot, bound, table)
    inside = Conditions(unit.connection.dialect.name).scope(source, scope)
    return Reach((scope, bool(own)), live & or_(inside, himself), {**values, **own})


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
