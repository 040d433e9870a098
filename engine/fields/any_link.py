"""Links to records of several objects."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import (
    KEY_SCHEMA,
    PAIR,
    ColumnSpec,
    Label,
    Named,
    Names,
    SampleWorld,
    Schema,
    label_of,
)
from engine.fields.clean import line, lines
from engine.fields.link import INVERSE_SCHEMA, ON_DELETE_SCHEMA, LinkField, read_id
from engine.fields.links import MOST_LINKED
from engine.fields.words import SEPARATORS, in_language
from metadata.model import FieldDef

BETWEEN = "/"
_COMMAS = str.maketrans("，;；、|\n", ",,,,,,")


class AnyLinkField(LinkField):
    """A link to a record of one of several objects; with ``many``, some links.

    Input:   ``{"object": "book", "id": 12}``, or ``"book/12"``; with ``many`` a list of them.
    Stored:  the pair of object and id; with ``many`` a tuple of texts ``"book/12"``, never
             empty, and one row per text beside it.
    Shown:   the name of the record; in files with its object before it: ``"book: Emma"``.
    """

    key = "any_link"
    widget = "any_link"
    formula_kind = ""
    operators = frozenset(
        {"eq", "ne", "in", "not_in", "contains", "not_contains", "empty", "not_empty"}
    )
    schema: ClassVar[Schema] = {
        "to": {"type": "array", "minItems": 1, "uniqueItems": True, "items": KEY_SCHEMA},
        "many": {"type": "boolean"},
        "on_delete": ON_DELETE_SCHEMA,
        "inverse": INVERSE_SCHEMA,
    }
    needs = frozenset({"to"})
    fixed = frozenset({"many"})
    smallest = {"to": ["book", "reader"]}
    groupable = False
    conversions = {}

    def is_many(self, field: FieldDef) -> bool:
        return bool(field.props.get("many"))

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        if self.is_many(field):
            return (ColumnSpec("text", "_refs", width=20),)
        return ColumnSpec("text", "_object", width=20), ColumnSpec("integer", "_id")

    def target(self, field: FieldDef) -> str:
        return ""

    def objects(self, field: FieldDef) -> tuple[str, ...]:
        return tuple(field.props["to"])

    def parse(self, raw: object, field: FieldDef) -> Any:
        if not self.is_many(field):
            return _place(raw, self.objects(field))
        found = dict.fromkeys(_place(item, self.objects(field)) for item in _items(raw))
        if len(found) > MOST_LINKED:
            raise InvalidValue("too_many_values", most=MOST_LINKED)
        return tuple(_written(place) for place in found if place is not None) or None

    def parse_change(self, raw: object, stored: Any, field: FieldDef) -> Any:
        """Parse; a record of an object that the field takes no more stays where it is."""
        held = tuple(dict.fromkeys(kind for kind, _ in self.named(stored, field)))
        known = {**field.props, "to": (*self.objects(field), *held)}
        return self.parse(raw, replace(field, props=known))

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        place = _place(raw, self.objects(field))
        if place is None:
            raise InvalidValue("value_missing")
        return _written(place) if self.is_many(field) else place

    def named(self, stored: Any, field: FieldDef) -> Sequence[Named]:
        if not stored:
            return ()
        if not self.is_many(field):
            return ((str(stored[0]), int(stored[1])),)
        return tuple(_split(one) for one in stored)

    def with_names(self, stored: Any, field: FieldDef, names: Names) -> Any:
        labels = tuple(label_of(place, names, tell=True) for place in self.named(stored, field))
        if not labels:
            return None
        return labels if self.is_many(field) else labels[0]

    def without(self, stored: Any, field: FieldDef, gone: Collection[Named]) -> Any:
        left = [place for place in self.named(stored, field) if place not in gone]
        if not left:
            return None
        return tuple(map(_written, left)) if self.is_many(field) else left[0]

    def kept(self, stored: Any, field: FieldDef) -> Any:
        places = [{"object": kind, "id": number} for kind, number in self.named(stored, field)]
        if self.is_many(field):
            return places
        return places[0] if places else None

    def api(self, stored: Any, field: FieldDef) -> Any:
        shown = [
            {"object": one.object, "id": one.id, "label": one.text} for one in _labels(stored)
        ]
        if self.is_many(field):
            return shown
        return shown[0] if shown else None

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        between = in_language(SEPARATORS, locale.language)
        return between.join(one.text for one in _labels(stored))

    def trace(self, value: Any, field: FieldDef, locale: Locale) -> str:
        return "\n".join(one.text for one in _labels(value))

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        between = in_language(SEPARATORS, locale.language)
        return between.join(f"{one.object}: {one.text}" for one in _labels(stored)) or None

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return None


def _labels(stored: Any) -> list[Label]:
    held: Iterable[Any] = (stored,) if isinstance(stored, Label) else stored or ()
    return [one for one in held if isinstance(one, Label)]


def _written(place: Named) -> str:
    return f"{place[0]}{BETWEEN}{place[1]}"


def _split(text: str) -> Named:
    kind, _, number = text.partition(BETWEEN)
    return kind, int(number)


def _place(raw: object, objects: Collection[str]) -> Named | None:
    """Read object and id; empty input gives None.

    Raises:
        InvalidValue: neither, or an object that the field does not take.
    """
    kind: object
    if isinstance(raw, Mapping):
        kind, number = raw.get("object"), raw.get("id")
    elif isinstance(raw, list | tuple) and len(raw) == PAIR:
        kind, number = raw
    elif raw is None or isinstance(raw, str):
        kind, between, number = line(raw).partition(BETWEEN)
        if not kind and not between:
            return None
    else:
        raise InvalidValue("not_a_reference")
    record = read_id(number)
    if record is None or not isinstance(kind, str):
        raise InvalidValue("not_a_reference")
    if kind not in objects:
        raise InvalidValue("object_not_allowed", value=kind[:40])
    return kind, record


def _items(raw: object) -> Sequence[object]:
    """Give the single references of raw input.

    Raises:
        InvalidValue: it is neither a list nor text.
    """
    if raw is None:
        return ()
    if isinstance(raw, str):
        return [part for part in lines(raw).translate(_COMMAS).split(",") if part.strip()]
    if isinstance(raw, list | tuple):
        return list(raw)
    if isinstance(raw, Mapping):
        return [raw]
    raise InvalidValue("not_a_list")
