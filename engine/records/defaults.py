"""Values that a new record gets where nobody gave one.

A default is a value of the field's type, or one of the moment: ``{me: true}``,
``{my_department: true}``, ``{now: true}``, ``{period: today}``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.storage.snapshot import BoundField, Unit


def default_maker(field: BoundField, default: Any) -> Callable[[Unit], Any]:
    """Give a function that makes a value that a document names, in stored form."""
    if isinstance(default, Mapping):
        if default.get("me") is True:
            return lambda unit: unit.context.actor.user_id
        if default.get("my_department") is True:
            return lambda unit: unit.context.actor.department_id
        if default.get("now") is True or default.get("period") == "today":
            return _moment(field)
    stored = field.type.parse(default, field.definition)
    return lambda unit: stored


def _moment(field: BoundField) -> Callable[[Unit], Any]:
    if field.type.columns(field.definition)[0].kind == "date":
        return lambda unit: unit.context.today
    return lambda unit: unit.context.now
