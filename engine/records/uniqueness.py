"""Unique fields: a folded copy in a shadow column, under a unique index that ignores the bin.

The index decides, so of two people who save the same value at once exactly one succeeds. An
insert that meets another record writes nothing; an update is tried inside a savepoint. While a
job still builds the index, a look at the live records decides; PostgreSQL holds everybody else
who writes the same value until the end of the transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, null, select, text

from engine.access.roles import rights_of
from engine.records.labels import labels_of
from engine.records.reach import readable
from engine.records.shape import Shape, run
from engine.records.writing import Faults
from engine.storage.snapshot import Unit


def add_conflicts(
    unit: Unit, shape: Shape, values: Mapping[str, Any], faults: Faults, *, but: int | None = None
) -> None:
    """Note every unique field whose value another live record has.

    Args:
        unit: the transaction.
        shape: the object.
        values: stored values; those of other fields are ignored.
        faults: gets ``not_unique``, with ``id`` and ``name`` of the other if it may be read.
        but: the record that is being changed.
    """
    for key in shape.shadows.keys() & values.keys():
        wanted = shape.unique_key(key, values[key])
        if wanted is None:
            continue
        hold(unit, shape, key, [wanted])
        for row in run(unit, holders(unit, shape, key), {"keys": [wanted]}):
            if row.id != but:
                note_taken(unit, shape, key, (row.id, row.owner), faults, named=True)


def taken_keys(
    unit: Unit, shape: Shape, key: str, wanted: Collection[str]
) -> dict[str, tuple[int, int | None]]:
    """Give, of many folded values, those that live records have: folded -> (id, owner)."""
    hold(unit, shape, key, wanted)
    found = run(unit, holders(unit, shape, key), {"keys": list(wanted)})
    return {row.folded: (row.id, row.owner) for row in found}


def hold(unit: Unit, shape: Shape, key: str, wanted: Collection[str]) -> None:
    """Keep other writers of these values out where no index does so yet."""
    if key not in shape.unproven or unit.connection.dialect.name != "postgresql":
        return
    field_id = shape.fields[key].id
    for value in sorted(wanted):
        unit.connection.execute(_HOLD, {"field": field_id % _INT, "value": value})


def note_taken(
    unit: Unit,
    shape: Shape,
    key: str,
    holder: tuple[int, int | None],
    faults: Faults,
    *,
    named: bool = False,
) -> None:
    """Note that another record holds the value of a unique field; by its name if it is wanted."""
    told: dict[str, Any] = {}
    if readable(unit, shape.key, *holder):
        told["id"] = holder[0]
        name = shape.bound.definition.name_field
        if named and rights_of(unit).field_level(shape.key, name) != "hidden":
            place = (shape.key, holder[0])
            told["name"] = labels_of(unit, [place]).get(place, "")
    faults.add(key, "not_unique", **told)


def holders(unit: Unit, shape: Shape, key: str) -> Select[Any]:
    """Give the prepared look-up of who holds given folded values of a unique field."""
    return unit.snapshot.once(("holders", shape.key, key), lambda: _holders(shape, key))


def is_unique_violation(error: BaseException) -> bool:
    """Tell whether a database refused a row because of a unique index."""
    code = getattr(error, "sqlstate", None)
    if code is not None:
        return bool(code == "23505")
    return getattr(error, "sqlite_errorname", "") in _SQLITE_UNIQUE


_HOLD = text("SELECT pg_advisory_xact_lock(CAST(:field AS integer), hashtext(:value))")
_INT = 1 << 31
_SQLITE_UNIQUE: Sequence[str] = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def _holders(shape: Shape, key: str) -> Select[Any]:
    table = shape.table
    shadow = table.c[shape.shadows[key]]
    owner = shape.bound.fields.get("owner")
    return select(
        table.c.id,
        shadow.label("folded"),
        (owner.column if owner else null()).label("owner"),
    ).where(shadow.in_(bindparam("keys", expanding=True)), table.c.deleted_at.is_(None))
