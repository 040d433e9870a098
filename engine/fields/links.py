"""Links to several records of one object."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import (
    KEY_SCHEMA,
    ColumnKind,
    ColumnSpec,
    Label,
    Named,
    Names,
    SampleWorld,
    Schema,
    label_of,
)
from engine.fields.clean import lines
from engine.fields.link import CONDITION_SCHEMA, INVERSE_SCHEMA, LinkField, read_id
from engine.fields.multi_select import MANY_OPERATORS
from engine.fields.words import SEPARATORS, in_language
from metadata.model import FieldDef

MOST_LINKED = 200
"""A list beyond it is a related list, not a field."""
ON_DELETE_SCHEMA: Schema = {"enum": ["clear", "restrict"]}
"""A record is never deleted because one of several that it names is."""
_BETWEEN = str.maketrans("，;；、|\n", ",,,,,,")


class LinksField(LinkField):
    """Links to some records of one object.

    Input:   a list of ids or of ``{"id": 12}``; also one text with commas between ids. That
             each record exists and may be seen is checked by the write gateway.
    Stored:  tuple of ids in the order given, never empty; one row per id beside it.

    ``contains`` asks for one record (or, with a list, for all of them), ``in`` for any.
    """

    key = "links"
    widget = "links"
    formula_kind = ""
    operators = MANY_OPERATORS
    schema: ClassVar[Schema] = {
        "to": KEY_SCHEMA,
        "where": CONDITION_SCHEMA,
        "on_delete": ON_DELETE_SCHEMA,
        "inverse": INVERSE_SCHEMA,
    }
    needs = frozenset({"to"})
    smallest = {"to": "book"}
    groupable = False
    indexable = False
    many = True
    conversions = {"link": "single_value"}
    side_kind: ClassVar[ColumnKind] = "integer"

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text", suffix="_ids", width=20),)

    def parse(self, raw: object, field: FieldDef) -> Any:
        found = dict.fromkeys(read_id(item) for item in _items(raw))
        ids = tuple(one for one in found if one is not None)
        if len(ids) > MOST_LINKED:
            raise InvalidValue("too_many_values", most=MOST_LINKED)
        return ids or None

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        value = read_id(raw)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def named(self, stored: Any, field: FieldDef) -> Sequence[Named]:
        target = self.target(field)
        return tuple((target, one) for one in stored or ())

    def with_names(self, stored: Any, field: FieldDef, names: Names) -> Any:
        return tuple(label_of(place, names) for place in self.named(stored, field)) or None

    def without(self, stored: Any, field: FieldDef, gone: Collection[Named]) -> Any:
        return tuple(place[1] for place in self.named(stored, field) if place not in gone) or None

    def kept(self, stored: Any, field: FieldDef) -> Any:
        return list(stored or ())

    def api(self, stored: Any, field: FieldDef) -> Any:
        return [
            {"id": one.id, "label": one.text} for one in stored or () if isinstance(one, Label)
        ]

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return in_language(SEPARATORS, locale.language).join(_names(stored))

    def trace(self, value: Any, field: FieldDef, locale: Locale) -> str:
        return "\n".join(_names(value))

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return None


def _names(stored: Any) -> list[str]:
    return [one.text for one in stored or () if isinstance(one, Label)]


def _items(raw: object) -> Sequence[object]:
    """Give the single ids of raw input.

    Raises:
        InvalidValue: it is neither a list nor text.
    """
    if raw is None:
        return ()
    if isinstance(raw, str):
        return [part for part in lines(raw).translate(_BETWEEN).split(",") if part.strip()]
    if isinstance(raw, list | tuple):
        return list(raw)
    if isinstance(raw, int | dict) and not isinstance(raw, bool):
        return [raw]
    raise InvalidValue("not_a_list")
