"""Which lines a form sent: each has a mark; new ones that nobody touched mean nothing.

Without JavaScript the buttons of the table send the form: it comes back with a row more, one less,
or in another order, and with everything that was typed.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import count
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

EDIT = "_lines"
"""The name of those buttons; their value: what is done, with which table, to which row."""
DONE = {"add", "remove", "copy", "up", "down"}


def edited(form: Form) -> Form | None:
    """Give the form as a button of a table made it; None when it was sent to be saved."""
    done, _, rest = str(last(form, EDIT)).partition(" ")
    key, _, mark = rest.partition(" ")
    marks = list(form.get(key + ORDER, ()))
    if done not in DONE or (mark not in marks and done != "add"):
        return None if EDIT not in form else form
    at = marks.index(mark) if mark in marks else len(marks) - 1
    fresh = _unused(marks)
    if done in {"add", "copy"}:
        marks.insert(at + 1, fresh)
    elif done == "remove":
        del marks[at]
    else:
        other = max(at - 1, 0) if done == "up" else min(at + 1, len(marks) - 1)
        marks[at], marks[other] = marks[other], marks[at]
    made = {**form, key + ORDER: marks}
    if done == "copy":
        made |= _twins(form, prefix_of(key, mark), prefix_of(key, fresh))
    return made


def _unused(marks: Collection[str]) -> str:
    return next(mark for at in count(len(marks)) if (mark := f"n{at}") not in marks)


def _twins(form: Form, source: str, target: str) -> dict[str, Sequence[str]]:
    """Give the inputs of a line under the names of another, its number aside."""
    found = {n.removeprefix(source): given for n, given in form.items() if n.startswith(source)}
    found.pop(NUMBER, None)
    return {target + name: given for name, given in found.items()}


def shown_marks(unit: Unit, plan: LinePlan, form: Form) -> Sequence[str]:
    """Give the marks of the lines to show again: all of them while the table is being edited."""
    if EDIT in form:
        return form.get(plan.key + ORDER, ())
    return marks_in(unit, plan, form)


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
