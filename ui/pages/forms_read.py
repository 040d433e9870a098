"""Forms as handlers get them, and what they say as input for the write gateway."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from litestar.datastructures.multi_dicts import MultiMixin
from litestar.params import URLEncodedBody

from engine.errors import FieldError
from engine.records.line_plans import plan_of_field
from engine.storage.snapshot import BoundField, BoundObject, Unit
from ui.pages.follow_form import is_untouched, released
from ui.pages.layout import settable
from ui.pages.line_marks import marks_in
from ui.pages.lookups import found_records
from ui.widgets.base import ABSENT, last
from ui.widgets.base import Form as Filled
from ui.widgets.line_items import NUMBER, prefix_of
from ui.widgets.registry import widget_of

Form = URLEncodedBody[dict[str, Any]]
"""The type of a handler's ``data``: a name sent once gives a text, more often a list."""


class InputRefused(Exception):
    """What was entered names no record, or several; ``error`` says which."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.code)
        self.error = error


def form_of(given: Mapping[str, Any]) -> Filled:
    """Give a body or a query as widgets read it."""
    if isinstance(given, MultiMixin):
        return {
            str(name): [str(one) for one in given.getall(name)] for name in dict.fromkeys(given)
        }
    return {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in given.items()
    }


def all_of(given: Mapping[str, Any], name: str) -> list[str]:
    """Give every value of a name, in the order sent."""
    return list(form_of(given).get(name, ()))


def raw_value(unit: Unit, field: BoundField, form: Filled, name: str) -> Any:
    """Give the raw input that a form holds for a field; ABSENT where it holds none.

    Raises:
        InputRefused: a record was named by text, and not exactly one has that name.
    """
    raw = widget_of(field.definition).read(form, name)
    return found_records(unit, field, raw, InputRefused)


def raw_lines(
    unit: Unit, field: BoundField, form: Filled
) -> tuple[list[dict[str, Any]], list[FieldError]]:
    """Give the raw input of every line of a table, in order, and what names no record."""
    child = unit.snapshot.object(str(field.definition.props["of"]))
    plan = plan_of_field(unit.snapshot, field)
    rows: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    for at, mark in enumerate(marks_in(unit, plan, form)):
        prefix = prefix_of(field.key, mark)
        row: dict[str, Any] = {}
        if last(form, prefix + NUMBER):
            row["id"] = last(form, prefix + NUMBER)
        for key in sorted(settable(unit, child.key, new=True)):
            try:
                raw = raw_value(unit, child.fields[key], form, prefix + key)
            except InputRefused as refused:
                place = f"{field.key}/{at}/{key}"
                errors.append(replace(refused.error, field=place))
                continue
            if raw is not ABSENT:
                row[key] = raw
        rows.append(row)
    return rows, errors


def raw_values(
    unit: Unit, bound: BoundObject, keys: Iterable[str], form: Filled
) -> tuple[dict[str, Any], list[FieldError]]:
    """Give the raw input of several fields, and what names no record."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for key in keys:
        if bound.fields[key].type.lines:
            if widget_of(bound.fields[key].definition).read(form, key) is not ABSENT:
                values[key], wrong = raw_lines(unit, bound.fields[key], form)
                errors += wrong
            continue
        if is_untouched(bound.fields[key], form):
            continue
        if released(bound.fields[key], form):
            values[key] = ""
            continue
        try:
            raw = raw_value(unit, bound.fields[key], form, key)
        except InputRefused as refused:
            errors.append(refused.error)
            continue
        if raw is not ABSENT:
            values[key] = raw
    return values, errors
