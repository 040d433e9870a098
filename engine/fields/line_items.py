"""Rows of a child object, edited as a table inside the record that they belong to."""

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import KEY_SCHEMA, ColumnSpec, FieldType, SampleWorld, Schema
from metadata.model import FieldDef

MOST_LINES = 200


class LineItemsField(FieldType):
    """The lines of a record.

    Input:   the whole table in order: a list of objects, each with the child's fields, and with
             ``id`` where the line is there already. A line that is left out is removed.
    Stored:  how many lines there are, None for none: a list shows and filters by it. The lines
             are records of the child object ``of``; the write gateway keeps both in step.
    """

    key = "line_items"
    widget = "line_items"
    operators = frozenset({"empty", "not_empty"})
    schema: ClassVar[Schema] = {
        "of": KEY_SCHEMA,
        "pricing": {
            "type": "object",
            "properties": {"list": KEY_SCHEMA, "price": KEY_SCHEMA, "discount": KEY_SCHEMA},
            "required": ["list", "price", "discount"],
            "additionalProperties": False,
        },
    }
    needs = frozenset({"of"})
    fixed = frozenset({"of"})
    smallest = {"of": "book_line"}
    sortable = False
    indexable = False
    lines = True

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("integer"),)

    def parse(self, raw: object, field: FieldDef) -> int | None:
        if isinstance(raw, str) and not raw.strip():
            return None
        if raw is None or raw == []:
            return None
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= MOST_LINES:
            return raw
        if not isinstance(raw, list | tuple):
            raise InvalidValue("not_a_list")
        if len(raw) > MOST_LINES:
            raise InvalidValue("too_many_lines", most=MOST_LINES)
        if not all(isinstance(row, Mapping) for row in raw):
            raise InvalidValue("not_a_line")
        return len(raw) or None

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else str(stored)

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        """Refuse what is not empty: a cell of one row cannot hold a table."""
        if text is None or (isinstance(text, str) and not text.strip()):
            return None
        raise InvalidValue("lines_not_in_cells")

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return None
