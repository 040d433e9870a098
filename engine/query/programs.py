"""Formulas of a metadata version, read once: what their fields are, and how values go in."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from engine.context import Locale
from engine.fields.computed import value_type_of
from engine.formulas.expression import Program
from engine.formulas.values import decode
from engine.storage.snapshot import BoundField
from metadata.formula.check import check_formula
from metadata.formula.types import REGION, SELECT, ValueType
from metadata.model import say

Find = Callable[[str], BoundField | None]


def make_program(
    field: BoundField, expr: str, find: Find, known: Collection[str], language: str
) -> Program:
    """Read a formula.

    Args:
        field: what its values are stored as.
        expr: the formula.
        find: looks up a path from the field's object.
        known: the fields of the object.
        language: in which options are shown where a formula makes a text of them.
    """

    def type_at(path: str) -> ValueType | None:
        found = find(path)
        return None if found is None else value_type(found, language)

    returns = value_type(field, language)
    return Program(check_formula(expr, type_at, known, returns))


def value_type(field: BoundField, language: str) -> ValueType:
    """Give what a formula sees in a field."""
    found = value_type_of(field.type, field.definition.props)
    if found.kind != SELECT:
        return found
    options = field.definition.options.values()
    return replace(found, options=tuple((one.key, say(one.label, language)) for one in options))


def decoder(field: BoundField, language: str) -> Callable[[Any], Any]:
    """Give the function that makes a formula's value of a stored one."""
    seen = value_type(field, language)
    if seen.kind == REGION:
        definition, text = field.definition, field.type.text
        locale = Locale(language=language)
        return lambda stored: text(stored, definition, locale) or None
    return lambda stored: decode(stored, seen)
