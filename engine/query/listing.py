"""Lists. Every page is an id-only walk through an index, then one look at the rows it gave.

The walk (`_walk`) selects ids and sort keys alone, so that a covering index serves it and the
database never sorts wide rows; the rows, with the names of what they link to, are joined to its
few ids in the same statement. Where the first sort key can be empty, the list has two stretches,
filled and empty: each is a plain walk, in either direction, on both databases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Integer, Select, Table, bindparam, func, select, union

from engine.query.conditions import Conditions
from engine.query.cursors import Cursor, read_cursor, write_cursor
from engine.query.lists import is_one_of
from engine.query.names import with_late_names
from engine.query.ordering import Order, SortKey, Step, after_cursor, key_column, order_of
from engine.query.paths import Source
from engine.query.plans import Plan, plan_of
from engine.query.predicate import AccessPredicate
from engine.query.rows import ID_INDEX, VERSION_INDEX, Found, Layout, Row, Slot, lay_out
from engine.query.selection import ListRequest, Selection, Way, choose
from engine.query.shapes import Scope, scope_of
from engine.query.slow import now, watch
from engine.query.walks import goes_along, sorted_by
from engine.storage.snapshot import BoundObject, Snapshot, Unit

__all__ = [
    "Found", "ListRequest", "Page", "Row", "Slot", "read_one", "read_page", "read_rows"
]  # fmt: skip

Stretch = Literal["all", "filled", "empty"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, in its order.

    ``next_cursor`` and ``previous_cursor`` are None where the list ends; ``has_more``: more
    rows follow.
    """

    rows: Sequence[Row]
    slots: Mapping[str, Slot]
    next_cursor: str | None = None
    previous_cursor: str | None = None
    has_more: bool = False
    id_index: int = ID_INDEX
    version_index: int = VERSION_INDEX


def read_page(unit: Unit, predicate: AccessPredicate, request: ListRequest) -> Page:
    """Read one page of what ``predicate`` reaches.

    That the actor may read the fields in columns, sort and condition is the caller's check:
    see `engine.query.paths.uses_of`.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: a path leads nowhere.
        InvalidInput: the condition, the sort or the cursor does not fit.
    """
    if request.limit < 1:
        raise ValueError("a page holds at least one row")
    bound = unit.snapshot.object(request.object)
    order = order_of(unit.snapshot, bound, request.sort)
    # What the newest entries hold is met at once on the first page of the newest records; in
    # another order a walk may have to pass all others first.
    walking = order.newest_first and request.cursor is None and request.page in {None, 1}
    selection, values = choose(unit, predicate, request, walking=walking)
    cursor = read_cursor(request.cursor, order.name, order.kinds) if request.cursor else None
    owners = len(predicate.owner_ids)
    walk = _Walk(unit, bound, selection, request.columns, order, cursor, values, owners)
    began = now()
    rows = walk.rows(request)
    watch(unit, predicate, request, began, "page")
    backward = cursor is not None and cursor.backward
    more, rows = len(rows) > request.limit, rows[: request.limit]
    if backward:
        rows.reverse()
    shown = with_late_names(unit, walk.layout, rows)
    begun = cursor is not None or (request.page or 1) > 1
    before, after = (more, bool(rows)) if backward else (begun and bool(rows), more)
    return Page(
        shown,
        walk.layout.by_path,
        next_cursor=walk.cursor(rows[-1], backward=False) if after else None,
        previous_cursor=walk.cursor(rows[0], backward=True) if before else None,
        has_more=after,
    )


def read_rows(
    unit: Unit,
    predicate: AccessPredicate,
    object_key: str,
    ids: Sequence[int],
    columns: Sequence[str],
    *,
    bin: bool = False,
) -> Page:
    """Read the records with these ids, as many as are in reach, in the order of ``ids``.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: a path leads nowhere.
    """
    if predicate.object != object_key:
        raise ValueError(f"a predicate of {predicate.object} for {object_key}")
    bound = unit.snapshot.object(object_key)
    scope, values = scope_of(predicate, "owners")
    dialect = unit.connection.dialect.name
    paths = tuple(columns)
    plan = plan_of(
        unit,
        ("rows", object_key, scope, paths, bin),
        lambda: _rows_plan(unit.snapshot, bound, scope, paths, dialect=dialect, bin=bin),
    )
    rows = plan.run(unit, {**values, "ids": ids}).fetchall()
    found = {row[ID_INDEX]: row for row in with_late_names(unit, plan.layout, rows)}
    return Page([found[key] for key in dict.fromkeys(ids) if key in found], plan.layout.by_path)


def read_one(
    unit: Unit,
    predicate: AccessPredicate,
    object_key: str,
    record_id: int,
    columns: Sequence[str] | None = None,
    *,
    bin: bool = False,
) -> Found | None:
    """Read one record, all of its fields unless ``columns`` says which; None: not in reach."""
    if columns is None:
        columns = tuple(unit.snapshot.object(object_key).fields)
    page = read_rows(unit, predicate, object_key, [record_id], columns, bin=bin)
    return Found(page.rows[0], page.slots) if page.rows else None


@dataclass(slots=True)
class _Walk:
    unit: Unit
    bound: BoundObject
    selection: Selection
    columns: tuple[str, ...]
    order: Order
    start: Cursor | None
    values: dict[str, Any]
    owners: int
    layout: Layout = field(init=False)

    @property
    def backward(self) -> bool:
        return self.start is not None and self.start.backward

    def rows(self, request: ListRequest) -> list[Row]:
        """Read up to one row more than the page holds, stretch by stretch."""
        skip = 0
        if self.start is None and request.page is not None:
            skip = (max(request.page, 1) - 1) * request.limit
        wanted = request.limit + 1
        found: list[Row] = []
        cursor = self.start
        stretches = self._stretches()
        for stretch in stretches:
            got = self._read(stretch, cursor, wanted - len(found), skip)
            found.extend(got)
            if len(found) >= wanted:
                break
            cursor = None
            if skip and stretch != stretches[-1]:
                skip = 0 if got else skip - self._size(stretch)
        return found

    def cursor(self, row: Row, *, backward: bool) -> str:
        """Give the cursor that continues after, or before, a row."""
        values = tuple(row[self.layout.width :])
        return write_cursor(Cursor(values, row[ID_INDEX], backward), self.order.name)

    def _stretches(self) -> tuple[Stretch, ...]:
        if not self.order.keys or not self.order.keys[0].nullable:
            return ("all",)
        both: tuple[Stretch, ...] = ("empty", "filled") if self.backward else ("filled", "empty")
        if self.start is None:
            return both
        here: Stretch = "empty" if self.start.values[0] is None else "filled"
        return both[both.index(here) :]

    def _read(self, stretch: Stretch, cursor: Cursor | None, limit: int, skip: int) -> list[Row]:
        empties = tuple(value is None for value in cursor.values) if cursor else None
        along = goes_along(
            self.unit, self.bound, self.selection, self.order, self.owners, limit + skip
        )
        shape = _PageShape(
            self.selection,
            self.columns,
            self.order,
            stretch,
            self.backward,
            empties,
            skip > 0,
            along,
        )
        dialect = self.unit.connection.dialect.name
        plan = plan_of(
            self.unit, shape, lambda: _page_plan(self.unit.snapshot, self.bound, shape, dialect)
        )
        self.layout = plan.layout
        values = {**self.values, "limit": limit}
        if skip:
            values["skip"] = skip
        if cursor is not None:
            values["after_id"] = cursor.id
            values.update({f"after{at}": value for at, value in enumerate(cursor.values)})
        return list(plan.run(self.unit, values).fetchall())

    def _size(self, stretch: Stretch) -> int:
        """Count a stretch: how far a numbered page reaches beyond it."""
        key, dialect = self.order.keys[0], self.unit.connection.dialect.name
        plan = plan_of(
            self.unit,
            ("stretch", self.selection, key, stretch),
            lambda: _size_plan(self.unit.snapshot, self.bound, self.selection, key, dialect),
        )
        return int(plan.run(self.unit, self.values).scalar_one())


@dataclass(frozen=True, slots=True)
class _PageShape:
    selection: Selection
    columns: tuple[str, ...]
    order: Order
    stretch: Stretch
    backward: bool
    empties: tuple[bool, ...] | None
    skip: bool
    along: bool


def _page_plan(snapshot: Snapshot, bound: BoundObject, shape: _PageShape, dialect: str) -> Plan:
    ids = _ids(snapshot, bound, shape, dialect).subquery("page")
    source = Source(snapshot, bound, bound.table.alias("t"), "f_")
    source.froms = ids.join(source.table, source.table.c.id == ids.c.id)
    columns, layout = lay_out(source, shape.columns)
    keys = [ids.c[f"sort{at}"] for at in range(len(shape.order.keys))]
    steps = _steps(shape, keys, ids.c.id)
    statement = (
        select(*columns, *keys)
        .select_from(source.froms)
        .order_by(*(term for step in steps for term in step.order(empty_first=shape.backward)))
    )
    return Plan(statement, layout)


def _ids(snapshot: Snapshot, bound: BoundObject, shape: _PageShape, dialect: str) -> Select[Any]:
    """Select the ids and sort keys of a page; two ways each give a whole one, to choose from."""
    ways = shape.selection.ways
    if len(ways) == 1:
        return _paged(_walk_ids(snapshot, bound, shape, ways[0], dialect), shape)
    most: Any = bindparam("limit", type_=Integer)
    if shape.skip:
        most = most + bindparam("skip", type_=Integer)
    walks = (_walk_ids(snapshot, bound, shape, way, dialect).limit(most) for way in ways)
    both = union(*(select(walk.subquery()) for walk in walks)).subquery("both")
    keys = [both.c[f"sort{at}"] for at in range(len(shape.order.keys))]
    steps = _steps(shape, keys, both.c.id)
    statement = select(both).order_by(
        *(term for step in steps for term in step.order(empty_first=shape.backward))
    )
    return _paged(statement, shape)


def _paged(statement: Select[Any], shape: _PageShape) -> Select[Any]:
    limited = statement.limit(bindparam("limit", type_=Integer))
    return limited.offset(bindparam("skip", type_=Integer)) if shape.skip else limited


def _walk_ids(
    snapshot: Snapshot, bound: BoundObject, shape: _PageShape, way: Way, dialect: str
) -> Select[Any]:
    source = Source(snapshot, bound, bound.table)
    terms = shape.selection.terms(source, Conditions(dialect), way, along=shape.along)
    keys = [sorted_by(key_column(source, key), way, dialect) for key in shape.order.keys]
    if shape.stretch != "all":
        filled = shape.stretch == "filled"
        terms.append(keys[0].is_not(None) if filled else keys[0].is_(None))
    steps = _steps(shape, keys, bound.table.c.id)
    if shape.empties is not None:
        empties = [*(shape.empties if shape.stretch != "empty" else shape.empties[1:]), False]
        terms.extend(after_cursor(steps, empties, empty_first=shape.backward))
    return (
        select(bound.table.c.id, *(key.label(f"sort{at}") for at, key in enumerate(keys)))
        .select_from(source.froms)
        .where(*terms)
        .order_by(*(term for step in steps for term in step.order(empty_first=shape.backward)))
    )


def _steps(shape: _PageShape, keys: Sequence[Any], id_: Any) -> list[Step]:
    """Give the keys as this stretch walks them; the one that is empty throughout is left out."""
    steps = []
    for at, (key, column) in enumerate(zip(shape.order.keys, keys, strict=True)):
        if at == 0 and shape.stretch == "empty":
            continue
        nullable = key.nullable and at > 0
        steps.append(Step(column, key.descending != shape.backward, nullable, f"after{at}"))
    return [*steps, Step(id_, shape.order.id_descending != shape.backward, slot="after_id")]


def _size_plan(
    snapshot: Snapshot, bound: BoundObject, selection: Selection, key: SortKey, dialect: str
) -> Plan:
    sizes = []
    for way in selection.ways:
        source = Source(snapshot, bound, bound.table)
        terms = selection.apart(source, Conditions(dialect), way)
        column = key_column(source, key)
        counted = select(func.count()).select_from(source.froms)
        sizes.append(counted.where(*terms, column.is_not(None)).scalar_subquery())
    return Plan(select(sum(sizes[1:], sizes[0])))


def _rows_plan(
    snapshot: Snapshot,
    bound: BoundObject,
    scope: Scope,
    paths: tuple[str, ...],
    *,
    dialect: str,
    bin: bool,
) -> Plan:
    table: Table = bound.table
    source = Source(snapshot, bound, table)
    columns, layout = lay_out(source, paths)
    deleted = table.c.deleted_at
    terms = [
        is_one_of(table.c.id, "ids", dialect),
        deleted.is_not(None) if bin else deleted.is_(None),
        Conditions(dialect).scope(source, scope),
    ]
    return Plan(select(*columns).select_from(source.froms).where(*terms), layout)
