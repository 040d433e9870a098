"""Links to one record."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import (
    KEY_SCHEMA,
    ColumnSpec,
    FieldType,
    Label,
    Named,
    Names,
    SampleWorld,
    Schema,
    label_of,
)
from metadata.model import FieldDef

LARGEST_ID = 2**63 - 1
_ID_DIGITS = 19

LINK_OPERATORS = frozenset({"eq", "ne", "in", "not_in", "empty", "not_empty"})
CONDITION_SCHEMA: Schema = {"$ref": "common.schema.json#/$defs/condition"}
ON_DELETE_SCHEMA: Schema = {"$ref": "common.schema.json#/$defs/on_delete"}
ACYCLIC_SCHEMA: Schema = {"type": "boolean"}
INVERSE_SCHEMA: Schema = {"$ref": "common.schema.json#/$defs/inverse"}


class LinkField(FieldType):
    """A link to a record of one object.

    Input:   an id, or ``{"id": 12}``. That the record exists and may be seen is checked by the
             write gateway; names are found there too, and by the importer.
    Stored:  the id.
    """

    key = "link"
    widget = "link"
    formula_kind = "link"
    operators = LINK_OPERATORS
    schema: ClassVar[Schema] = {
        "to": KEY_SCHEMA,
        "where": CONDITION_SCHEMA,
        "on_delete": ON_DELETE_SCHEMA,
        "acyclic": ACYCLIC_SCHEMA,
        "inverse": INVERSE_SCHEMA,
        "copies": {
            "type": "object",
            "propertyNames": KEY_SCHEMA,
            "additionalProperties": {"$ref": "common.schema.json#/$defs/path"},
        },
    }
    needs = frozenset({"to", "on_delete"})
    fixed = frozenset({"to"})
    smallest = {"to": "book", "on_delete": "clear"}
    sortable = False
    groupable = True
    labelled = True
    conversions = {"links": "one_of_several"}

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("integer", suffix="_id"),)

    def target(self, field: FieldDef) -> str:
        return str(field.props["to"])

    def parse(self, raw: object, field: FieldDef) -> Any:
        return read_id(raw)

    def named(self, stored: Any, field: FieldDef) -> Sequence[Named]:
        return () if stored is None else ((self.target(field), stored),)

    def with_names(self, stored: Any, field: FieldDef, names: Names) -> Any:
        return None if stored is None else label_of((self.target(field), stored), names)

    def without(self, stored: Any, field: FieldDef, gone: Collection[Named]) -> Any:
        return None if (self.target(field), stored) in gone else stored

    def kept(self, stored: Any, field: FieldDef) -> Any:
        return stored

    def api(self, stored: Any, field: FieldDef) -> Any:
        return {"id": stored.id, "label": stored.text} if isinstance(stored, Label) else None

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return stored.text if isinstance(stored, Label) else ""

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return None


def read_id(raw: object) -> int | None:
    """Read an id, as a number, as text or as ``{"id": 12}``; empty input gives None.

    Raises:
        InvalidValue: it is none.
    """
    if isinstance(raw, dict):
        raw = raw.get("id")
    if isinstance(raw, str):
        raw = _digits(raw.strip())
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw <= LARGEST_ID:
        raise InvalidValue("not_an_id")
    return raw


def _digits(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > _ID_DIGITS:
        raise InvalidValue("not_an_id")
    return int(text)
