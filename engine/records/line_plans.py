"""Which objects are lines of which, composed once per metadata version."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.errors import PlatformError

ORDER = "sort_order"


class EditedWithParent(PlatformError):
    """A line is written with the record that it belongs to, never alone."""

    code = "edited_with_parent"
    status = 409


@dataclass(frozen=True, slots=True)
class LinePlan:
    """A field of lines: ``child`` holds them, its ``link`` names their record."""

    key: str
    parent: str
    child: str
    link: str
    order: str  # "" where the child has no field for the order
    pricing: Mapping[str, str]


def line_plans(snapshot: Snapshot, object_key: str) -> tuple[LinePlan, ...]:
    """Give the fields of lines of an object."""
    return snapshot.once(
        ("line plans", object_key),
        lambda: tuple(_plans(snapshot, snapshot.object(object_key))),
    )


def line_plan(snapshot: Snapshot, object_key: str, key: str) -> LinePlan:
    """Give one field of lines."""
    return next(plan for plan in line_plans(snapshot, object_key) if plan.key == key)


def plan_of_field(snapshot: Snapshot, field: BoundField) -> LinePlan:
    """Give the plan of a field of lines whose object is not at hand."""
    return next(
        plan
        for key, bound in snapshot.objects.items()
        if bound.fields.get(field.key) is field
        for plan in line_plans(snapshot, key)
        if plan.key == field.key
    )


def parent_of_lines(snapshot: Snapshot, object_key: str) -> str | None:
    """Give the object whose records hold an object's records as lines; None: they stand alone."""
    return snapshot.once("line objects", lambda: _children(snapshot)).get(object_key)


def refuse_alone(unit: Unit, object_key: str) -> None:
    """Refuse to write a line without its record.

    Raises:
        EditedWithParent: the object holds lines.
    """
    parent = parent_of_lines(unit.snapshot, object_key)
    if parent is not None:
        raise EditedWithParent(object=object_key, parent=parent)


def _children(snapshot: Snapshot) -> dict[str, str]:
    return {
        plan.child: plan.parent for key in snapshot.objects for plan in line_plans(snapshot, key)
    }


def _plans(snapshot: Snapshot, bound: BoundObject) -> list[LinePlan]:
    found = []
    for field in bound.fields.values():
        child = snapshot.objects.get(str(field.definition.props.get("of", "")))
        if not field.type.lines or child is None:
            continue
        inverse = snapshot.site.related.get(bound.key, {}).get(field.key)
        if inverse is None or inverse.object != child.key:
            continue
        order = ORDER if ORDER in child.fields else ""
        pricing = field.definition.props.get("pricing") or {}
        found.append(LinePlan(field.key, bound.key, child.key, inverse.field, order, pricing))
    return found
