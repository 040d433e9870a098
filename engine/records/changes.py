"""The differences of one save, as history keeps them."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from engine.context import Locale
from engine.fields.base import FieldType
from engine.fields.text import TextField
from engine.history.write import FieldChange, json_value, shown_text
from engine.records.labels import Labels, label_in
from engine.records.shape import Shape
from engine.storage.snapshot import BoundField, Unit

FEW_VALUES = 256
"""Values of one field whose text is remembered."""


def new_changes(
    unit: Unit, shape: Shape, values: Mapping[str, Any], labels: Labels
) -> list[FieldChange]:
    """Give the filled fields of a new record as changes from nothing."""
    locale = unit.context.locale
    tellers = unit.snapshot.once(("tellers", shape.key, locale), lambda: _tellers(shape, locale))
    made = []
    for key, number, tell in tellers:
        stored = values.get(key)
        if stored is None:
            continue
        if tell is not None:
            api, text = tell(stored)
            made.append(FieldChange(number, None, api, "", text))
            continue
        field = shape.fields[key]
        shown = shown_text(unit, field, stored, label_in(shape, labels, key, stored))
        made.append(FieldChange(number, None, json_value(field, stored), "", shown))
    return made


_Told = tuple[Any, str]
"""API form of a value, its text."""
_Teller = tuple[str, int, Callable[[Any], _Told] | None]
"""Field, its id, and what history tells of a value; None where names of records are needed."""


def _tellers(shape: Shape, locale: Locale) -> tuple[_Teller, ...]:
    """Compose how the fields of a new record are told; what follows from the rest is no news."""
    return tuple(
        (key, field.id, None if field.type.labelled else _teller(field, locale))
        for key, field in shape.fields.items()
        if key not in shape.computed
    )


def _teller(field: BoundField, locale: Locale) -> Callable[[Any], _Told]:
    type_, definition = field.type, field.definition
    if _is_plain(type_):
        return lambda stored: (stored, stored)

    def tell(stored: Any) -> _Told:
        return type_.kept(stored, definition), type_.trace(stored, definition, locale)

    return lru_cache(maxsize=FEW_VALUES)(tell) if _has_few(field) else tell


def _is_plain(type_: FieldType) -> bool:
    """Tell whether a value is its own text and its own API form."""
    own = type(type_)
    usual = own.api is FieldType.api and own.kept is FieldType.kept
    return usual and own.trace is FieldType.trace and own.text is TextField.text


def _has_few(field: BoundField) -> bool:
    """Tell whether the same few values come again and again; all of them can be looked up."""
    return field.type.has_options or field.type.columns(field.definition)[0].kind == "boolean"


def changes_between(
    unit: Unit,
    shape: Shape,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    keys: Iterable[str],
    labels: Labels,
) -> list[FieldChange]:
    """Give the changes of the fields ``keys``."""
    made = []
    for key in keys:
        field = shape.fields[key]
        before, after = old.get(key), new.get(key)
        made.append(
            FieldChange(
                field.id,
                json_value(field, before),
                json_value(field, after),
                shown_text(unit, field, before, label_in(shape, labels, key, before)),
                shown_text(unit, field, after, label_in(shape, labels, key, after)),
            )
        )
    return made
