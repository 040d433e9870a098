"""Lines of the logs as their reader may see them.

The data log reaches every record, whoever may see it: that is what it is for. What a field held
is told as the reader's roles have it: nothing of an object that he may not read or of a field
that is hidden from him, and covered where his lists cover it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.access.roles import Rights, rights_of
from engine.access.scope import USER
from engine.history.said import said
from engine.history.write import FieldChange
from engine.records.encode import covered
from engine.records.labels import labels_of
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import say


@dataclass(frozen=True, slots=True)
class LineChange:
    """A field that changed; key and label are those of today."""

    key: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of any log.

    Attributes:
        id: its number in its log.
        at: when.
        by: who, None: the platform, or nobody who is known.
        by_name: his name.
        address: from where.
        action: code of what was done, or of what came of it.
        about: whom or what it concerns.
        request_id: of the call.
        object: key of the object; "" for one that is gone.
        object_label: its name, its number where it is gone.
        record: id of the record.
        changes: what may be seen of the fields.
        hidden: how many fields may not be seen.
        details: more of a deed.
        marked: administrators should look at it.
    """

    id: int
    at: datetime
    by: int | None
    by_name: str
    address: str
    action: str
    about: str = ""
    request_id: str = ""
    object: str = ""
    object_label: str = ""
    record: int | None = None
    changes: Sequence[LineChange] = ()
    hidden: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    marked: bool = False


def sign_in_lines(unit: Unit, rows: Sequence[Any]) -> list[LogLine]:
    """Make lines of the sign-in log."""
    names = labels_of(unit, [(USER, row.user_id) for row in rows if row.user_id is not None])
    return [
        LogLine(
            id=row.id,
            at=row.at,
            by=row.user_id,
            by_name=names.get((USER, row.user_id), ""),
            address=row.address,
            action=row.outcome,
            about=row.account,
            details={"agent": row.agent} if row.agent else {},
        )
        for row in rows
    ]


def system_lines(_unit: Unit, rows: Sequence[Any]) -> list[LogLine]:
    """Make lines of the system log."""
    return [
        LogLine(
            id=row.id,
            at=row.at,
            by=row.by,
            by_name=row.by_name,
            address=row.address,
            action=row.deed,
            about=row.about,
            request_id=row.request_id,
            details=row.details,
            marked=bool(row.marked),
        )
        for row in rows
    ]


def data_lines(unit: Unit, rows: Sequence[Any]) -> list[LogLine]:
    """Make lines of the data log."""
    objects = {bound.id: bound for bound in unit.snapshot.objects.values()}
    known = {row.object_id: _Reading(unit, objects.get(row.object_id)) for row in rows}
    return [known[row.object_id].line(row) for row in rows]


class _Reading:
    """What the actor may see of the lines of one object."""

    def __init__(self, unit: Unit, bound: BoundObject | None) -> None:
        self._locale, self._bound, self._rights = unit.context.locale, bound, rights_of(unit)
        self._seen = _visible(self._rights, bound)

    def line(self, row: Any) -> LogLine:
        """Make a line."""
        bound = self._bound
        label = say(bound.definition.label, self._locale.language) if bound else ""
        changes = [
            self._change(self._seen[change[0]], FieldChange(*change))
            for change in row.changes
            if change[0] in self._seen
        ]
        return LogLine(
            id=row.id,
            at=row.at,
            by=row.by,
            by_name=row.by_name,
            address=row.address,
            action=row.action,
            request_id=row.request_id,
            object=bound.key if bound else "",
            object_label=label or f"#{row.object_id}",
            record=row.record_id,
            changes=changes,
            hidden=len(row.changes) - len(changes),
        )

    def _change(self, field: BoundField, change: FieldChange) -> LineChange:
        old = said(field, change.old, self._locale) or change.old_text
        new = said(field, change.new, self._locale) or change.new_text
        if self._bound is not None and self._rights.field_mask(self._bound.key, field.key):
            old, new = covered(old, field), covered(new, field)
        return LineChange(field.key, say(field.definition.label, self._locale.language), old, new)


def _visible(rights: Rights, bound: BoundObject | None) -> dict[int, BoundField]:
    if bound is None or not rights.allows(bound.key, "read"):
        return {}
    return {
        field.id: field
        for field in bound.fields.values()
        if rights.field_level(bound.key, field.key) != "hidden"
    }
