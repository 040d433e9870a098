"""Links that never lead back to where they start: who reports to whom, what lies below what.

A field says so with ``acyclic: true``. Nobody can make a circle alone that is not seen here; two
who would close one together take turns, from before they read what they change.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select, text

from engine.records.links import find_targets
from engine.records.reach import readable
from engine.records.shape import Shape, run
from engine.records.writing import Faults
from engine.storage.snapshot import Unit

ACYCLIC = "acyclic"
MOST_NAMED = 6
"""How many records of a circle a message names."""
UNSEEN = "…"
_TURN = text("SELECT pg_advisory_xact_lock(CAST(:field AS integer), 0)")
_INT = 1 << 31


def acyclic_links(unit: Unit, shape: Shape) -> frozenset[str]:
    """Give the links of an object to itself that must not go in a circle."""
    return unit.snapshot.once(
        ("acyclic links", shape.key),
        lambda: frozenset(
            key for key in shape.links if shape.fields[key].definition.props.get(ACYCLIC)
        ),
    )


def take_turn(unit: Unit, shape: Shape, keys: Collection[str]) -> None:
    """Hold back others who change the same such links, until this transaction ends.

    SQLite has one writer at a time anyway.
    """
    mine = acyclic_links(unit, shape) & set(keys)
    if mine and unit.connection.dialect.name == "postgresql":
        for number in sorted(shape.fields[key].id % _INT for key in mine):
            unit.connection.execute(_TURN, {"field": number})


def check_circles(
    unit: Unit,
    shape: Shape,
    record_id: int,
    new: Mapping[str, Any],
    changed: Collection[str],
    faults: Faults,
) -> None:
    """Refuse links of one record that would lead back to it.

    Args:
        unit: the transaction.
        shape: the object.
        record_id: the record; one that is new has nothing that leads to it.
        new: its stored values as they would be.
        changed: the fields that change.
        faults: gets ``link_to_itself``, or ``link_circle`` with the names of the chain.
    """
    asked = acyclic_links(unit, shape) & set(changed)
    take_turn(unit, shape, asked)
    for key in sorted(asked):
        start = new[key]
        if start is None or faults.has(key):
            continue
        if start == record_id:
            faults.add(key, "link_to_itself")
            continue
        chain = _chain(unit, shape, key, start, record_id)
        if chain:
            faults.add(key, "link_circle", chain=_told(unit, shape, [record_id, *chain]))


def _chain(unit: Unit, shape: Shape, key: str, start: int, wanted: int) -> list[int]:
    """Give the records from ``start`` up to ``wanted``; none when they do not lead there."""
    upwards = above(unit, shape, key, start)
    chain, at = [start], upwards.get(start)
    seen = {start}
    while at is not None and at not in seen:
        chain.append(at)
        if at == wanted:
            return chain
        seen.add(at)
        at = upwards.get(at)
    return []


def above(unit: Unit, shape: Shape, key: str, start: int) -> dict[int, int | None]:
    """Give a record and everything above it: id -> what stands directly above."""
    statement = unit.snapshot.once(("upwards", shape.key, key), lambda: _upwards(shape, key))
    return {row[0]: row[1] for row in run(unit, statement, {"start": start})}


def _told(unit: Unit, shape: Shape, chain: Sequence[int]) -> str:
    """Name the records of a circle; what the actor may not see, and the middle of many, is not."""
    shown = list(chain)
    if len(shown) > MOST_NAMED:
        half = MOST_NAMED // 2
        shown = [*shown[:half], 0, *shown[-half:]]
    found = find_targets(unit, {(shape.key, False): {one for one in shown if one}})
    name = shape.bound.name
    said = []
    for one in shown:
        record = found.get((shape.key, one))
        if record is None or not readable(unit, shape.key, one, record.owner):
            said.append(UNSEEN)
            continue
        stored = record.values.get(name.key)
        plain = not name.type.labelled
        said.append(
            name.type.text(stored, name.definition, unit.context.locale) if plain else f"#{one}"
        )
    return " → ".join(said)


def _upwards(shape: Shape, key: str) -> Select[Any]:
    """Find everything above a record; a circle that stood before ends it all the same."""
    table, column = shape.table, shape.fields[key].column
    first = select(table.c.id, column.label("above")).where(table.c.id == bindparam("start"))
    up = first.cte("up", recursive=True)
    up = up.union(select(table.c.id, column).join(up, table.c.id == up.c.above))
    return select(up.c.id, up.c.above)
