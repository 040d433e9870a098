"""Write what changed: one row per record and save, in the transaction of the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.storage.fixed_insert import FixedInsert
from engine.storage.kernel_tables import history
from engine.storage.snapshot import BoundField, BoundObject, Unit

TEAM = 0
"""Stands for the id of a field where somebody's place in the team of a record changed."""


class FieldChange(NamedTuple):
    """One field of one change: values in API form (of a link: the id), and as people saw them.

    A tuple, as it is stored: an import makes twenty of them for each row.
    """

    field_id: int
    old: Any
    new: Any
    old_text: str = ""
    new_text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What one action did to one record; ``version`` is the record's version after it."""

    record_id: int
    action: str
    version: int
    changes: Sequence[FieldChange] = ()


_INSERT = FixedInsert(
    history,
    (
        "object_id", "record_id", "at", "by", "by_name", "address", "action", "version",
        "request_id", "changes",
    ),
)  # fmt: skip


def write_history(
    unit: Unit,
    bound: BoundObject,
    record_id: int,
    action: str,
    version: int,
    changes: Sequence[FieldChange] = (),
) -> None:
    """Write one entry."""
    entry = HistoryEntry(record_id, action, version, changes)
    _INSERT.one(unit.connection, _row(unit, bound, entry))


def write_histories(unit: Unit, bound: BoundObject, entries: Sequence[HistoryEntry]) -> None:
    """Write many entries of one object at once, in their order."""
    _INSERT.many(unit.connection, [_row(unit, bound, entry) for entry in entries])


def json_value(field: BoundField, stored: Any) -> Any:
    """Give a stored value as history keeps it: API form, of a link the id alone."""
    return None if stored is None else field.type.kept(stored, field.definition)


def shown_text(unit: Unit, field: BoundField, stored: Any, label: Any = None) -> str:
    """Give a stored value as the acting person sees it now; a link by its record's name."""
    if stored is None:
        return ""
    kind, definition = field.type, field.definition
    value = stored
    if kind.labelled:
        value = label or kind.with_names(stored, definition, {})
    return kind.trace(value, definition, unit.context.locale)


def _row(unit: Unit, bound: BoundObject, entry: HistoryEntry) -> dict[str, Any]:
    context = unit.context
    return {
        "object_id": bound.id,
        "record_id": entry.record_id,
        "at": context.now,
        "by": context.actor.user_id,
        "by_name": context.actor.name,
        "address": context.address,
        "action": entry.action,
        "version": entry.version,
        "request_id": context.request_id,
        "changes": list(entry.changes),
    }
