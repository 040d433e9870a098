"""The contract of a field type: what the engine needs to know of a kind of value, and no more.

A type is stateless: the field's definition is always an argument. It knows no HTML and no SQL
beyond its columns. Four shapes of one value:

* *raw*: what a caller sends: JSON of the API, or the text of a form (``""`` means empty);
* *stored*: what is bound in SQL and comes back from it, ``None`` when empty;
* *api*: JSON of the API (money and decimals as strings, instants as UTC text);
* *text*: what a person reads in lists, history and exports; `FieldType.from_text` reads it back.

Raw input that means nothing to a type raises `InvalidValue` and never anything else.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, ClassVar, Literal

from engine.context import Locale
from engine.errors import InvalidValue
from metadata.model import FieldDef

ColumnKind = Literal["text", "integer", "boolean", "date", "instant", "files"]
"""Logical SQL types: TEXT; BIGINT; 0/1 or BOOLEAN; DATE; UTC instant; JSON of files in TEXT."""

TEXT_WIDTH = 20
"""Worst case of a text in a row, in bytes: PostgreSQL moves longer ones out of a full row."""

PAIR = 2
MOST_TOGETHER = 20
"""The longest list of values of which ``contains`` asks for all."""

Schema = Mapping[str, Any]
KEY_SCHEMA: Schema = {"$ref": "common.schema.json#/$defs/key"}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One physical column: the field's name + ``suffix``; ``width`` = worst-case bytes."""

    kind: ColumnKind
    suffix: str = ""
    width: int = 8


@dataclass(frozen=True, slots=True)
class Label:
    """The shown name of a linked record, beside its id.

    ``object``: which object's, where a field may name records of several; else "".
    """

    id: int
    text: str
    object: str = ""


Named = tuple[str, int]
"""Object and id of a record that a link names."""
Names = Mapping[Named, str]


def label_of(place: Named, names: Names, *, tell: bool = False) -> Label:
    """Give the label of a record; by its number where its name is not known."""
    return Label(place[1], names.get(place, f"#{place[1]}"), place[0] if tell else "")


@dataclass(frozen=True, slots=True)
class Span:
    """The operand of ``eq`` and ``ne`` that is a stretch of time: ``start <= value < end``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SampleWorld:
    """What a generator of sample values may draw on."""

    random: Random
    locale: Locale
    now: datetime
    row: int  # 0, 1, 2 … within the object, for values that must differ


class FieldType(ABC):
    """One kind of value. One type = this, a widget, a template, a schema and tests."""

    key: ClassVar[str]
    widget: ClassVar[str]
    operators: ClassVar[frozenset[str]]
    schema: ClassVar[Mapping[str, Any]] = {}
    """JSON Schema ``properties`` of what only this type's definition knows."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """Own properties that a definition must give (``to`` and ``on_delete`` of a link)."""
    smallest: ClassVar[Mapping[str, Any]] = {}
    """The smallest own properties (and ``options``) of a valid definition, for contract tests."""
    sortable: ClassVar[bool] = True
    groupable: ClassVar[bool] = False
    indexable: ClassVar[bool] = True
    uniqueable: ClassVar[bool] = False
    searchable: ClassVar[bool] = False
    initials: ClassVar[bool] = False
    """True when values may be names, which are found by the initials of their characters too."""
    has_options: ClassVar[bool] = False
    labelled: ClassVar[bool] = False
    """True for links: a read carries the label of the record whose id is stored."""
    many: ClassVar[bool] = False
    """True when one record holds several values: filters go through the side table."""
    side_kind: ClassVar[ColumnKind] = "text"
    """Of the values in the side table, where one record holds several."""
    span: ClassVar[bool] = False
    """True when a value is a stretch: two columns, its first and its last day."""
    plain_first: ClassVar[bool] = False
    """True when a value has two columns, the first of them the plain text that filters read."""
    within: ClassVar[bool] = False
    """True when ``eq``, ``ne``, ``in`` and ``not_in`` mean "this or below": values that begin
    with the operand (region codes)."""
    fillable: ClassVar[bool] = True
    """False when the engine makes the value, so that nobody can be required to give it."""
    files: ClassVar[bool] = False
    """True when values name files of the store: each belongs to one record."""
    lines: ClassVar[bool] = False
    """True when the values are rows of a child object, edited with their record."""
    personal: ClassVar[bool] = False
    covered_whole: ClassVar[bool] = False
    """True when the ends of a value would tell too much: of amounts nothing is seen."""
    formula_kind: ClassVar[str] = ""
    """What a formula sees in a value: text, number, boolean, date, datetime, select, region, link;
    "" when it can do nothing with it."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Own properties that stored values rely on: they never change once the field is published."""
    conversions: ClassVar[Mapping[str, str]] = {}
    """Other type -> name of the rule of the conversion matrix."""

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        """Give the physical columns; the first holds the value that filters and sorting use."""
        return (ColumnSpec("text", width=TEXT_WIDTH),)

    def is_many(self, field: FieldDef) -> bool:
        """Tell whether one record may hold several values of this field."""
        return self.many

    def side_values(self, stored: Any, field: FieldDef) -> Iterable[Any]:
        """Give the values that stand in the side table of a field that holds several."""
        return dict.fromkeys(stored or ())

    def target(self, field: FieldDef) -> str:
        """Give the one object that a link points to; "" for other types."""
        return ""

    def objects(self, field: FieldDef) -> tuple[str, ...]:
        """Give every object whose records a link may name."""
        target = self.target(field)
        return (target,) if target else ()

    def named(self, stored: Any, field: FieldDef) -> Sequence[Named]:
        """Give the records that a stored value names; none for types that are no links."""
        return ()

    def with_names(self, stored: Any, field: FieldDef, names: Names) -> Any:
        """Give a link's stored value as `api` and `text` take it: with the names of records."""
        raise ValueError(f"{self.key} names no records")

    def without(self, stored: Any, field: FieldDef, gone: Collection[Named]) -> Any:
        """Give a link's stored value without records that are gone."""
        raise ValueError(f"{self.key} names no records")

    def kept(self, stored: Any, field: FieldDef) -> Any:
        """Give a stored value as history keeps it: API form, of links the ids alone."""
        return self.api(stored, field)

    def trace(self, value: Any, field: FieldDef, locale: Locale) -> str:
        """Give the text that history keeps; of several linked records one name a line."""
        return self.text(value, field, locale)

    @abstractmethod
    def parse(self, raw: object, field: FieldDef) -> Any:
        """Turn raw input into the stored value; empty input gives None.

        Raises:
            InvalidValue: ``reason`` is a message code, e.g. ``not_a_number``.
        """

    def parse_change(self, raw: object, stored: Any, field: FieldDef) -> Any:
        """Parse raw input for a record that holds ``stored``.

        What the record holds already stays allowed when it is sent again: an option retired
        since, a text longer than the limit set later.

        Raises:
            InvalidValue: as `parse`.
        """
        if stored is not None and not self.labelled and raw == self.api(stored, field):
            return stored
        return self.parse(raw, field)

    def parse_operand(self, op: str, raw: object, field: FieldDef) -> Any:
        """Turn the value of a condition into stored form; a list for in, not_in, between.

        Where a record holds several values, ``contains`` takes one of them, or a list of which
        the record must hold all.

        Literals only: a `Period` or a `FieldValue` is the query's business.

        Raises:
            InvalidValue: the value is empty, of the wrong shape for ``op``, or means nothing.
        """
        if op in {"in", "not_in", "between"}:
            items = list(raw) if isinstance(raw, list | tuple) else [raw]
            if op == "between" and len(items) != PAIR:
                raise InvalidValue("two_values_needed")
            return [self._operand(op, item, field, last=at > 0) for at, item in enumerate(items)]
        if op in {"contains", "not_contains"} and isinstance(raw, list | tuple):
            return self._together(op, raw, field)
        return self._operand(op, raw, field)

    def _together(self, op: str, raw: Sequence[object], field: FieldDef) -> Any:
        """Parse a list of which a record must hold all."""
        alone = not self.is_many(field) and (not self.labelled or bool(self.target(field)))
        if not raw or alone:
            raise InvalidValue("value_missing")
        if len(raw) > MOST_TOGETHER:
            raise InvalidValue("too_many_values", most=MOST_TOGETHER)
        return [self._operand(op, item, field) for item in raw]

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        """Parse one value of a condition; ``last``: it is the upper end of ``between``."""
        value = self.parse(raw, field)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def api(self, stored: Any, field: FieldDef) -> Any:
        """Turn a stored value into JSON, None into null; a labelled type gets a `Label`."""
        return stored

    @abstractmethod
    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        """Show a stored value as plain text; "" when empty. A labelled type gets a `Label`."""

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        """Give the cell of an export: text, or a number or date where a sheet has the type.

        None when empty; decimals are `Decimal`, instants naive and local.
        """
        return None if stored is None else self.text(stored, field, locale)

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        """Read back what `text` shows; ``text`` may also be a typed cell of a sheet.

        Raises:
            InvalidValue: the text means nothing to this field.
        """
        return self.parse(text, field)

    def unique_key(self, stored: Any, field: FieldDef) -> str | None:
        """Give what must not occur twice (NFKC, trimmed), or None when empty."""
        return None

    def search_text(self, stored: Any, field: FieldDef) -> str:
        """Give the text that search may find the record by."""
        return ""

    @abstractmethod
    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        """Make a plausible raw value, following ``field.sample`` where it says how.

        None for links: the generator chooses among the records it made.
        """


def unlabelled(value: Any) -> Any:
    """Give the stored form of a value that was read: of links what they name, without names."""
    if isinstance(value, Label):
        return (value.object, value.id) if value.object else value.id
    if isinstance(value, tuple) and value and isinstance(value[0], Label):
        return tuple(f"{one.object}/{one.id}" if one.object else one.id for one in value)
    return value


def columns_of(field: FieldDef, kind: FieldType) -> tuple[ColumnSpec, ...]:
    """Give the columns that a field has in its table: none where it is computed at each read."""
    return () if field.is_virtual else kind.columns(field)


def stored_columns(value: Any, count: int) -> Sequence[Any]:
    """Spread a stored value over ``count`` columns (one, for all types but ranges)."""
    if count == 1:
        return (value,)
    return tuple(value) if value is not None else (None,) * count
