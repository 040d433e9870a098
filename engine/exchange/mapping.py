"""Which column of a file goes into which field: by key, by label in any language, or as told.

A field of lines has no column of its own but one for each field of its lines, called
``<field>.<field of the line>`` or by both labels.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.access.roles import rights_of
from engine.records.line_plans import line_plans
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.errors import PlatformError
from metadata.model import say

OWNER = "owner"
SEPARATOR = " · "
SIGNS = (SEPARATOR, "·", ".", "/", "-")
"""What may stand between the names of a table and of a field of its lines."""


class MappingUnclear(PlatformError):
    """Columns that need a person: an unknown field named, a field twice, or a label twice."""

    code = "mapping_unclear"
    status = 422


@dataclass(frozen=True, slots=True)
class Target:
    """What a column may fill: a field of the record, or with ``table`` one of its lines."""

    field: BoundField
    table: BoundField | None = None

    @property
    def path(self) -> str:
        """Name it in an order."""
        return self.field.key if self.table is None else f"{self.table.key}.{self.field.key}"

    def label(self, language: str) -> str:
        """Name it for people."""
        said = say(self.field.definition.label, language)
        if self.table is None:
            return said
        return f"{say(self.table.definition.label, language)}{SEPARATOR}{said}"

    def names(self) -> set[str]:
        """Give all that a header may call it."""
        own = {self.field.key, *self.field.definition.label.values()}
        if self.table is None:
            return own
        tables = {self.table.key, *self.table.definition.label.values()}
        return {f"{one}{sign}{name}" for one in tables for name in own for sign in SIGNS}


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the file: its place, its header, and what it fills (None: left out).

    ``computed``: it is called like a field that nobody fills.
    """

    position: int
    header: str
    target: Target | None
    unclear: Sequence[str] = ()  # paths of fields that share the header's label
    computed: bool = False

    @property
    def path(self) -> str:
        """Give what it fills as an order says it; "" for nothing."""
        return "" if self.target is None else self.target.path


def targets(unit: Unit, bound: BoundObject) -> dict[str, Target]:
    """Give what the actor may fill by import, by its path, in the object's order."""
    found = []
    plans = {plan.key: plan for plan in line_plans(unit.snapshot, bound.key)}
    for field in importable(unit, bound):
        if field.key not in plans:
            found.append(Target(field))
            continue
        plan = plans[field.key]
        child = unit.snapshot.object(plan.child)
        found += [
            Target(one, field)
            for one in importable(unit, child)
            if one.key != plan.link and not one.definition.system
        ]
    return {target.path: target for target in found}


def importable(unit: Unit, bound: BoundObject) -> list[BoundField]:
    """Give the fields that the actor may fill by import, in the object's order."""
    rights = rights_of(unit)
    return [
        field
        for field in bound.fields.values()
        if (not field.definition.readonly or field.key == OWNER)
        and not (field.definition.system and field.definition.type == "integer")
        and rights.field_level(bound.key, field.key) == "edit"
    ]


def map_columns(
    unit: Unit,
    bound: BoundObject,
    header: Sequence[str],
    told: Mapping[str, str],
    *,
    strict: bool = True,
) -> list[MappedColumn]:
    """Match the header of a file with fields.

    Args:
        unit: who imports: only fields he may edit are offered.
        bound: the object to import into.
        header: the texts of the first row.
        told: header -> field key, as a person said; "" leaves the column out.
        strict: a field that two columns would fill is an error; else the first one fills it.

    Raises:
        MappingUnclear: ``told`` names a field that is not there or that is computed, or a field
            is filled twice.
    """
    by_path = targets(unit, bound)
    by_name = _by_name(by_path.values())
    computed = {_folded(name) for one in _computed(unit, bound) for name in one.names()}
    columns = []
    for position, text in enumerate(header):
        if text in told:
            path = told[text]
            if path and path not in by_path:
                raise refused(unit, bound, path, text)
            columns.append(MappedColumn(position, text, by_path.get(path)))
            continue
        found = by_name.get(_folded(text), [])
        if len(found) == 1:
            columns.append(MappedColumn(position, text, found[0]))
        else:
            paths = [one.path for one in found]
            is_computed = not found and _folded(text) in computed
            columns.append(MappedColumn(position, text, None, paths, is_computed))
    if strict:
        _refuse_twice(columns)
        return columns
    filled: set[str] = set()
    for at, column in enumerate(columns):
        if column.path in filled:
            columns[at] = MappedColumn(column.position, column.header, None)
        elif column.path:
            filled.add(column.path)
    return columns


def refused(unit: Unit, bound: BoundObject, path: str, header: str) -> MappingUnclear:
    """Say why nobody, or not the actor, fills a field by import."""
    computed = {one.path for one in _computed(unit, bound)}
    reason = "computed" if path in computed else "unknown_field"
    return MappingUnclear(reason=reason, header=header, field=path)


def _computed(unit: Unit, bound: BoundObject) -> list[Target]:
    """Give the fields, of lines too, that the engine computes and the actor may read."""
    found = [Target(bound.fields[key]) for key in visible_fields(unit, bound.key)]
    for plan in line_plans(unit.snapshot, bound.key):
        child, table = unit.snapshot.object(plan.child), bound.fields[plan.key]
        found += [Target(child.fields[key], table) for key in visible_fields(unit, child.key)]
    return [one for one in found if one.field.definition.computed is not None]


def _by_name(found: Iterable[Target]) -> dict[str, list[Target]]:
    names: dict[str, list[Target]] = {}
    for target in found:
        for text in {_folded(name) for name in target.names()}:
            names.setdefault(text, []).append(target)
    return names


def _refuse_twice(columns: Iterable[MappedColumn]) -> None:
    seen: dict[str, str] = {}
    for column in columns:
        if not column.path:
            continue
        if column.path in seen:
            first = seen[column.path]
            raise MappingUnclear(
                reason="field_twice", header=column.header, other=first, field=column.path
            )
        seen[column.path] = column.header


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return plain.rstrip("*").rstrip()  # our own template marks required columns with a star
