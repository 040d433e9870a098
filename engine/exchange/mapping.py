"""Which column of a file goes into which field: by key, by label in any language, or as told."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.access.roles import rights_of
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.errors import PlatformError

OWNER = "owner"


class MappingUnclear(PlatformError):
    """Columns that need a person: an unknown field named, a field twice, or a label twice."""

    code = "mapping_unclear"
    status = 422


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the file: its place, its header, and its field (None: left out)."""

    position: int
    header: str
    field: BoundField | None
    unclear: Sequence[str] = ()  # keys of fields that share the header's label


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
        MappingUnclear: ``told`` names a field that is not there, or a field is filled twice.
    """
    fields = importable(unit, bound)
    by_key = {field.key: field for field in fields}
    by_name = _by_name(fields)
    columns = []
    for position, text in enumerate(header):
        if text in told:
            key = told[text]
            if key and key not in by_key:
                raise MappingUnclear(reason="unknown_field", header=text, field=key)
            columns.append(MappedColumn(position, text, by_key.get(key)))
            continue
        found = by_name.get(_folded(text), [])
        if len(found) == 1:
            columns.append(MappedColumn(position, text, found[0]))
        else:
            keys = [field.key for field in found]
            columns.append(MappedColumn(position, text, None, unclear=keys))
    if strict:
        _refuse_twice(columns)
        return columns
    filled: set[str] = set()
    for at, column in enumerate(columns):
        if column.field is not None and column.field.key in filled:
            columns[at] = MappedColumn(column.position, column.header, None)
        elif column.field is not None:
            filled.add(column.field.key)
    return columns


def _by_name(fields: Iterable[BoundField]) -> dict[str, list[BoundField]]:
    names: dict[str, list[BoundField]] = {}
    for field in fields:
        texts = {field.key, *field.definition.label.values()}
        for text in {_folded(text) for text in texts}:
            names.setdefault(text, []).append(field)
    return names


def _refuse_twice(columns: Iterable[MappedColumn]) -> None:
    seen: dict[str, str] = {}
    for column in columns:
        if column.field is None:
            continue
        if column.field.key in seen:
            first = seen[column.field.key]
            raise MappingUnclear(
                reason="field_twice", header=column.header, other=first, field=column.field.key
            )
        seen[column.field.key] = column.header


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return plain.rstrip("*").rstrip()  # our own template marks required columns with a star
