"""What a read gives: rows as tuples, and slots that say what stands where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import null
from sqlalchemy.sql.elements import ColumnElement

from engine.context import Locale
from engine.fields.base import Label
from engine.query.paths import Path, Source, resolve, target_of
from engine.storage.snapshot import BoundField

ID_INDEX = 0
VERSION_INDEX = 1

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the value of ``path`` stands in a row; a link's label stands at ``label_index``.

    ``late``: that label is no joined name but what `FieldType.with_names` gives, read after the
    rows: see `engine.query.names`.
    """

    path: str
    field: BoundField
    index: int
    label_index: int | None = None
    label_field: BoundField | None = None
    late: bool = False

    def value(self, row: Row) -> Any:
        """Give the stored value, or a `Label` for a link; None when empty."""
        if self.late:
            return row[self.label_index or 0]
        if self.label_index is not None:
            record = row[self.index]
            return None if record is None else Label(record, self._label(row[self.label_index]))
        return self.stored(row)

    def stored(self, row: Row) -> Any:
        """Give the stored value; of a link that its row holds no name of, too."""
        count = len(self.field.columns)
        if count <= 1:  # none: computed by the query
            return row[self.index]
        parts = tuple(row[self.index : self.index + count])
        return None if all(part is None for part in parts) else parts

    def _label(self, name: Any) -> str:
        if name is None or isinstance(name, str):
            return name or ""
        if self.label_field is None:
            return str(name)
        return self.label_field.type.text(name, self.label_field.definition, Locale())


@dataclass(frozen=True)
class Layout:
    """The slots of a statement's rows; ``width`` columns come before those of the order."""

    slots: tuple[Slot, ...]
    width: int

    @cached_property
    def by_path(self) -> Mapping[str, Slot]:
        """Give the slots by path, in the order they were asked for."""
        return {slot.path: slot for slot in self.slots}


@dataclass(frozen=True, slots=True)
class Found:
    """One record that was read."""

    row: Row
    slots: Mapping[str, Slot]

    @property
    def id(self) -> int:
        """Give the record's id."""
        return int(self.row[ID_INDEX])

    @property
    def version(self) -> int:
        """Give the record's version."""
        return int(self.row[VERSION_INDEX])

    def value(self, path: str) -> Any:
        """Give the value at a path that was asked for; see `Slot.value`."""
        return self.slots[path].value(self.row)


def lay_out(source: Source, paths: Iterable[str]) -> tuple[list[ColumnElement[Any]], Layout]:
    """Choose the columns of a SELECT: id, version, then each path, with the labels of links.

    Raises:
        UnknownField: a path leads nowhere.
    """
    table = source.table
    columns: list[ColumnElement[Any]] = [table.c.id, table.c.version]
    slots = []
    for text in dict.fromkeys(paths):
        path = resolve(source.snapshot, source.bound, text)
        if text in _FIXED:
            slots.append(Slot(text, path.field, _FIXED[text]))
            continue
        at = len(columns)
        columns.extend(source.columns(path))
        slots.append(_slot(source, path, at, columns))
    return columns, Layout(tuple(slots), len(columns))


def lay_out_groups(
    source: Source, paths: Iterable[str]
) -> tuple[list[ColumnElement[Any]], Layout]:
    """Choose the columns of a grouped SELECT: each path, with the labels of links."""
    columns: list[ColumnElement[Any]] = []
    slots = []
    for text in paths:
        path = resolve(source.snapshot, source.bound, text)
        columns.append(source.column(path))
        slots.append(_slot(source, path, len(columns) - 1, columns))
    return columns, Layout(tuple(slots), len(columns))


def _slot(source: Source, path: Path, at: int, columns: list[ColumnElement[Any]]) -> Slot:
    if not path.field.type.labelled:
        return Slot(path.text, path.field, at)
    if path.field.named_late:
        columns.append(null())
        return Slot(path.text, path.field, at, len(columns) - 1, late=True)
    columns.append(source.label(path))
    named = target_of(source.snapshot, path.field).name
    return Slot(path.text, path.field, at, len(columns) - 1, named)


_FIXED = {"id": ID_INDEX, "version": VERSION_INDEX}
