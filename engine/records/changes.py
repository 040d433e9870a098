"""The differences of one save, as history keeps them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.context import Locale
from engine.history.write import FieldChange, json_value, shown_text
from engine.records.labels import Labels, label_in
from engine.records.shape import Shape
from engine.storage.snapshot import BoundField, Unit


def new_changes(
    unit: Unit, shape: Shape, values: Mapping[str, Any], labels: Labels
) -> list[FieldChange]:
    """Give the filled fields of a new record as changes from nothing."""
    locale = unit.context.locale
    tellers = unit.snapshot.once(("tellers", shape.key, locale), lambda: _tellers(shape, locale))
    made = []
    for key, stored in values.items():
        if stored is None or key in shape.computed:  # what follows from the rest is no news
            continue
        teller = tellers.get(key)
        if teller is not None:
            number, api, text = teller
            made.append(FieldChange(number, None, api(stored), "", text(stored)))
            continue
        field = shape.fields[key]
        shown = shown_text(unit, field, stored, label_in(shape, labels, key, stored))
        made.append(FieldChange(field.id, None, json_value(field, stored), "", shown))
    return made


_Teller = tuple[int, Callable[[Any], Any], Callable[[Any], str]]
"""Field id, API form of a value, its text."""


def _tellers(shape: Shape, locale: Locale) -> dict[str, _Teller]:
    """Compose how fields are told that name no records: they are most of every import."""
    return {
        key: _teller(field, locale)
        for key, field in shape.fields.items()
        if not field.type.labelled
    }


def _teller(field: BoundField, locale: Locale) -> _Teller:
    type_, definition = field.type, field.definition

    def api(stored: Any) -> Any:
        return type_.kept(stored, definition)

    def text(stored: Any) -> str:
        return type_.trace(stored, definition, locale)

    return field.id, api, text


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
