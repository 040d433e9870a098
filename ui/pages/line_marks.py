"""Which lines a form sent: each has a mark; new ones that nobody touched mean nothing."""

from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidValue
from engine.records.line_plans import LinePlan
from engine.records.shape import shape_of
from engine.records.validate import first_values
from engine.storage.snapshot import BoundObject, Unit
from ui.pages.layout import settable
from ui.widgets.base import ABSENT, Form, Lookup, Lookups, last
from ui.widgets.line_items import NUMBER, ORDER, prefix_of
from ui.widgets.registry import widget_of


def marks_in(unit: Unit, plan: LinePlan, form: Form) -> list[str]:
    """Give the marks of the lines in a form, without new ones that nobody touched."""
    child = shape_of(unit, plan.child)
    blank = first_values(unit, child)
    keys = settable(unit, plan.child, new=True)
    return [
        mark
        for mark in form.get(plan.key + ORDER, ())
        if last(form, prefix_of(plan.key, mark) + NUMBER)
        or any(
            _is_touched(child.bound, key, form, prefix_of(plan.key, mark), blank) for key in keys
        )
    ]


def _is_touched(
    child: BoundObject, key: str, form: Form, prefix: str, blank: Mapping[str, Any]
) -> bool:
    """Tell whether somebody filled an input of a new line."""
    field = child.fields[key]
    raw = widget_of(field.definition).read(form, prefix + key)
    if raw is ABSENT or raw in ("", [], None):
        return False
    if isinstance(raw, Lookup | Lookups):
        return True
    try:
        return bool(field.type.parse(raw, field.definition) != blank.get(key))
    except InvalidValue:
        return True
