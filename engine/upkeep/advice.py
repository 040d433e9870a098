"""The index advisor: from slow lists to indexes, what each would cost, and having them built.

An index serves a list when its first columns are those that the list fixes to one value, then one
that it bounds or sorts by. It is proposed once, told with its cost, and built or dropped by a
person's click: the base set of an object stays as it is.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.types import Text

from engine.access.roles import rights_of
from engine.audit.deeds import log_deed
from engine.errors import FieldError, InvalidInput
from engine.publish.deferred import INDEX_DROP, start
from engine.queue.enqueue import enqueue
from engine.storage.kernel_tables import deferred, slow_list
from engine.storage.snapshot import BoundField, BoundObject, Unit
from engine.storage.tables import MOST_INDEXES

RIGHT = "metadata"
FIXED = frozenset({"eq", "is_me", "empty"})
BOUNDED = frozenset(
    {"gt", "gte", "lt", "lte", "between", "older_than_days", "within_days", "in", "starts_with"}
)
MOST_COLUMNS = 3
MOST_CHOSEN = 12
"""Indexes that administrators may add to one object; each slows every save."""
SAMPLE = 1_000
MEGABYTE = 1024 * 1024
ROW_BYTES = {"sqlite": 12, "postgresql": 28}
"""What an entry takes beside its values: header, id and mark of the bin."""
WIDTHS = {"sqlite": 6, "postgresql": 8}
WRITE_MICROSECONDS = 40
ROWS_A_SECOND = {"sqlite": 700_000, "postgresql": 350_000}


@dataclass(frozen=True, slots=True)
class Cost:
    """What an index would cost: rows in it, megabytes, seconds to build, time of every save."""

    rows: int
    megabytes: float
    seconds: float
    write_us: int = WRITE_MICROSECONDS


@dataclass(frozen=True, slots=True)
class SlowList:
    """A list that was slow. ``columns``: of the index that would serve it; none: no index does."""

    id: str
    object: str
    shape: Mapping[str, Any]
    seen: int
    average_ms: float
    longest_ms: float
    last_at: datetime
    columns: tuple[str, ...] = ()
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class ChosenIndex:
    """An index that an administrator added."""

    id: int
    object: str
    columns: tuple[str, ...]
    state: str
    job: int
    at: datetime


def slow_lists(unit: Unit, *, most: int = 50) -> list[SlowList]:
    """List what was slow, what took most time in all first.

    Raises:
        Forbidden: not granted.
    """
    rights_of(unit).require_admin(RIGHT)
    objects = {bound.id: bound for bound in unit.snapshot.objects.values()}
    rows = unit.connection.execute(
        select(slow_list).order_by(slow_list.c.total_us.desc()).limit(most)
    ).all()
    costs: dict[tuple[str, tuple[str, ...]], Cost] = {}
    found = []
    for row in rows:
        bound = objects.get(row.object_id)
        if bound is not None:
            found.append(_slow_list(unit, bound, row, costs))
    return found


def chosen_indexes(unit: Unit) -> list[ChosenIndex]:
    """List the indexes that administrators added.

    Raises:
        Forbidden: not granted.
    """
    rights_of(unit).require_admin(RIGHT)
    objects = {bound.id: bound.key for bound in unit.snapshot.objects.values()}
    rows = unit.connection.execute(_chosen().order_by(deferred.c.id)).all()
    return [
        ChosenIndex(
            row.id, objects.get(row.object_id, ""), tuple(row.columns), row.state,
            row.job_id or 0, row.at,
        )
        for row in rows
    ]  # fmt: skip


def add_index(unit: Unit, object_key: str, columns: Sequence[str]) -> int:
    """Order an index; gives the job's id.

    Raises:
        Forbidden: not granted.
        UnknownObject: there is none.
        InvalidInput: fields that no index takes, or too many indexes.
    """
    rights_of(unit).require_admin(RIGHT)
    bound = unit.snapshot.object(object_key)
    known = [bound.fields.get(path.lstrip("-")) for path in columns]
    if not 1 <= len(columns) <= MOST_COLUMNS or not all(one and _takes(one) for one in known):
        raise InvalidInput([FieldError("columns", "not_indexable")])
    mine = unit.connection.execute(_chosen().where(deferred.c.object_id == bound.id)).all()
    if len(mine) >= MOST_CHOSEN:
        raise InvalidInput([FieldError("columns", "too_many_indexes", {"most": MOST_CHOSEN})])
    place = {
        "kind": "index",
        "object_id": bound.id,
        "field_id": 0,
        "name": index_name(bound, columns),
    }
    details = {"columns": list(columns)}
    log_deed(unit.connection, unit.context, "index.ordered", object_key, details)
    return start(unit, object_key, "", place, columns)


def remove_index(unit: Unit, number: int) -> int | None:
    """Order an added index to be dropped; gives the job's id, None when there is none.

    Raises:
        Forbidden: not granted.
    """
    rights_of(unit).require_admin(RIGHT)
    row = unit.connection.execute(_chosen().where(deferred.c.id == number)).one_or_none()
    if row is None:
        return None
    unit.connection.execute(delete(deferred).where(deferred.c.id == number))
    keys = {bound.id: key for key, bound in unit.snapshot.objects.items()}
    payload = {
        "object": keys.get(row.object_id, ""), "field": "", "name": row.name, "chosen": True,
    }  # fmt: skip
    details = {"columns": list(row.columns)}
    log_deed(unit.connection, unit.context, "index.dropped", payload["object"], details)
    return enqueue(unit, INDEX_DROP, payload)


def index_name(bound: BoundObject, columns: Sequence[str]) -> str:
    """Give the name of an added index: the same columns, the same name."""
    ids = [f"{'-' if path.startswith('-') else ''}{bound.fields[path.lstrip('-')].id}"
           for path in columns]  # fmt: skip
    return f"{bound.table.name[:30]}_a{zlib.crc32(' '.join(ids).encode()):08x}"


def propose(bound: BoundObject, shape: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the columns of the index that would serve a list; none when no index helps much."""
    if shape["search"] or shape["bin"]:
        return ()
    columns = list(_fixed(bound, shape))[: MOST_COLUMNS - 1]
    last = next(_bounded(bound, shape, columns), "")
    if last:
        columns.append(last)
    if not columns or _served(bound, columns):
        return ()
    return tuple(columns)


def _slow_list(
    unit: Unit,
    bound: BoundObject,
    row: Row[Any],
    costs: dict[tuple[str, tuple[str, ...]], Cost],
) -> SlowList:
    columns = propose(bound, row.shape)
    if columns:
        name = index_name(bound, columns)
        if unit.connection.execute(_chosen().where(deferred.c.name == name)).first():
            columns = ()
    if columns and (bound.key, columns) not in costs:
        costs[(bound.key, columns)] = cost_of(unit, bound, columns)
    return SlowList(
        id=row.id,
        object=bound.key,
        shape=row.shape,
        seen=row.seen,
        average_ms=row.total_us / row.seen / 1000,
        longest_ms=row.longest_us / 1000,
        last_at=row.last_at,
        columns=columns,
        cost=costs.get((bound.key, columns)),
    )


def cost_of(unit: Unit, bound: BoundObject, columns: Sequence[str]) -> Cost:
    """Reckon what an index would cost, from the number of rows and some of their values."""
    dialect = unit.connection.dialect.name
    rows: int = unit.connection.scalar(select(func.count()).select_from(bound.table)) or 0
    width = ROW_BYTES[dialect] + sum(
        _width(unit, bound.fields[path.lstrip("-")], dialect) for path in columns
    )
    return Cost(rows, rows * width / MEGABYTE, rows / ROWS_A_SECOND[dialect])


def _width(unit: Unit, field: BoundField, dialect: str) -> float:
    if not isinstance(field.column.type, Text):
        return WIDTHS[dialect]
    some = select(field.column.label("value")).limit(SAMPLE).subquery()
    found = unit.connection.scalar(select(func.avg(func.length(some.c.value))))
    return float(found or 1) * 2  # most of it is not ASCII


def _fixed(bound: BoundObject, shape: Mapping[str, Any]) -> Iterator[str]:
    """Give the fields that the list holds to one value, the owner's scope first."""
    keys = ["owner"] if shape["scope"] == "owners" else []
    keys += [path for path, op in shape["tests"] if op in FIXED]
    for key in dict.fromkeys(keys):
        if key in bound.fields and _takes(bound.fields[key]):
            yield key


def _bounded(bound: BoundObject, shape: Mapping[str, Any], fixed: Sequence[str]) -> Iterator[str]:
    """Give a field that the list bounds, or else the first one that it sorts by."""
    paths = [path for path, op in shape["tests"] if op in BOUNDED]
    for path in (*paths, *shape["sort"][:1]):
        key = path.lstrip("-")
        if key in fixed or key == "id" or key not in bound.fields:
            continue
        if _takes(bound.fields[key]):
            yield path


def _takes(field: BoundField) -> bool:
    return not field.type.many and len(field.columns) == 1 and field.key != "id"


def _served(bound: BoundObject, columns: Sequence[str]) -> bool:
    """Tell whether the base set of the object has such an index already."""
    wanted = [path.lstrip("-") for path in columns]
    base = [["updated_at"], ["owner", "updated_at"]]
    links = [f for f in bound.fields.values() if f.type.labelled and not f.definition.system]
    sorts = [
        f
        for f in bound.fields.values()
        if f.definition.sortable and f.type.sortable and not f.type.labelled
    ]
    base += [[field.key] for field in (*links, *sorts)][: MOST_INDEXES - 3]
    return any(wanted == one[: len(wanted)] for one in base)


def _chosen() -> Any:
    return select(deferred).where(deferred.c.kind == "index", deferred.c.columns.is_not(None))
