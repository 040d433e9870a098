"""Fields that the engine fills: what their documents say.

The value itself is one of a plain type, that which the formula returns or the roll-up sums; it is
stored, shown, filtered and exported as such. See `metadata.computed` and `engine.formulas`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.fields.base import KEY_SCHEMA, FieldType, Schema
from engine.fields.decimal import SCALE
from engine.fields.money import CURRENCY
from metadata.computed import AGGREGATES, FORMULA, RETURNS, ROLL_UP
from metadata.formula.tokens import LONGEST
from metadata.formula.types import ValueType

_SCALE_SCHEMA: Schema = {"type": "integer", "minimum": 0, "maximum": 6}


@dataclass(frozen=True, slots=True)
class ComputedType:
    """The document's part of a computed field.

    ``traits``: what its definition may ask for. ``smallest``: own properties of a valid one.
    """

    key: str
    schema: Schema
    needs: frozenset[str]
    smallest: Mapping[str, Any]
    traits: frozenset[str] = field(default=frozenset())


def value_type_of(kind: FieldType, definition: Mapping[str, Any]) -> ValueType:
    """Give what a formula sees in a field of this definition; options are not told here."""
    scale = int(definition.get("scale", SCALE)) if "scale" in kind.schema else 0
    currency = str(definition.get("currency", CURRENCY)) if "currency" in kind.schema else ""
    return ValueType(kind.formula_kind, currency, scale)


def computed_types(plain: Sequence[str]) -> tuple[ComputedType, ...]:
    """Give the computed types; ``plain``: the types that there are to return."""
    formula = ComputedType(
        key=FORMULA,
        schema={
            "returns": {"enum": [name for name in RETURNS if name in plain]},
            "expr": {"type": "string", "minLength": 1, "maxLength": LONGEST},
            "virtual": {"type": "boolean"},
            "scale": _SCALE_SCHEMA,
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        },
        needs=frozenset({"returns", "expr"}),
        smallest={"returns": "integer", "expr": "1 + 1"},
        traits=frozenset({"search", "sortable", "options"}),
    )
    roll_up = ComputedType(
        key=ROLL_UP,
        schema={
            "list": KEY_SCHEMA,
            "agg": {"enum": list(AGGREGATES)},
            "field": KEY_SCHEMA,
            "where": {"$ref": "common.schema.json#/$defs/condition"},
            "scale": _SCALE_SCHEMA,
        },
        needs=frozenset({"list", "agg"}),
        smallest={"list": "children", "agg": "count"},
        traits=frozenset({"sortable"}),
    )
    return formula, roll_up
