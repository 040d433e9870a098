"""Conditions in words: what a chip, a saved scene and a reader of the screen say."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.access.roles import rights_of
from engine.errors import InvalidValue, UnknownField
from engine.query.listing import read_rows
from engine.query.operands import STARRED
from engine.query.paths import THIS, Path, resolve
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.conditions import (
    WITHOUT_VALUE,
    AllOf,
    AnyOf,
    Exists,
    FieldValue,
    Node,
    Not,
    Period,
    Test,
)
from metadata.model import say
from ui.i18n import has_text, translate
from ui.widgets.registry import WIDGETS

UNSPOKEN = frozenset({"eq", "in"})
"""Operators that go without saying: "level A, B" rather than "level is one of A, B"."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A condition in words: what it is about, and what is asked of it."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label} {self.text}".strip()


def sentence(
    unit: Unit, bound: BoundObject, node: Node, this: BoundObject | None = None
) -> Sentence:
    """Put one condition into words, in the language of the unit's actor.

    ``this``: in the filter of a link, the object of the record that is being edited.
    """
    language = unit.context.locale.language
    match node:
        case Test():
            return _test(unit, bound, node, this)
        case AllOf(nodes):
            return Sentence("", _joined(unit, (bound, this), nodes, "filter.and"))
        case AnyOf(nodes):
            return Sentence("", _joined(unit, (bound, this), nodes, "filter.or"))
        case Not(child):
            inner = sentence(unit, bound, child, this)
            return Sentence("", translate(language, "filter.not", text=str(inner)))
        case Exists(key, where, negated):
            related = unit.snapshot.site.related.get(bound.key, {}).get(key)
            label = say(related.label, language) if related else key
            word = "filter.not_exists" if negated else "filter.exists"
            text = translate(language, word, label=label)
            if related and where is not None:
                text += f": {sentence(unit, unit.snapshot.object(related.object), where)}"
            return Sentence("", text)


def path_label(path: Path, language: str) -> str:
    """Name a path: each link it crosses, then the field."""
    steps = (*path.links, path.field)
    return " / ".join(say(step.definition.label, language) for step in steps)


def operator_label(op: str, field: BoundField, language: str) -> str:
    """Name an operator as it is said of this kind of value."""
    kind = WIDGETS[field.type.widget].filter
    special = f"operator.{kind}.{op}"
    return translate(language, special if has_text(language, special) else f"operator.{op}")


def names_of(unit: Unit, object_key: str, ids: Iterable[int]) -> dict[int, str]:
    """Give the names of records that the actor may read; others are not there."""
    wanted = list(ids)
    rights = rights_of(unit)
    if not wanted or not rights.allows(object_key, "read"):
        return {}
    name = unit.snapshot.object(object_key).name
    predicate = rights.predicate(object_key, "read")
    page = read_rows(unit, predicate, object_key, wanted, (name.key,))
    slot, locale = page.slots[name.key], unit.context.locale
    return {
        row[page.id_index]: name.type.text(slot.value(row), name.definition, locale)
        for row in page.rows
    }


def of_this(unit: Unit, this: BoundObject, path: str) -> str:
    """Name what a path reads of the record being edited."""
    language = unit.context.locale.language
    name = path.removeprefix(THIS)
    if name == "id":
        return translate(language, "condition.this")
    label = path_label(resolve(unit.snapshot, this, name), language)
    return translate(language, "condition.of_this", name=label)


def _joined(
    unit: Unit,
    objects: tuple[BoundObject, BoundObject | None],
    nodes: tuple[Node, ...],
    word: str,
) -> str:
    between, (bound, this) = translate(unit.context.locale.language, word), objects
    return between.join(str(sentence(unit, bound, node, this)) for node in nodes)


def _test(unit: Unit, bound: BoundObject, test: Test, this: BoundObject | None) -> Sentence:
    language = unit.context.locale.language
    try:
        path = resolve(unit.snapshot, bound, test.field)
    except UnknownField:
        return Sentence(test.field, translate(language, f"operator.{test.op}"))
    label = path_label(path, language)
    if test.op == STARRED:
        label = translate(language, "filter.starred")
    operator = operator_label(test.op, path.field, language)
    if test.op in WITHOUT_VALUE:
        return Sentence(label, operator)
    value = _value(unit, (bound, this), path.field, test)
    return Sentence(label, value if test.op in UNSPOKEN else f"{operator} {value}")


def _value(
    unit: Unit, objects: tuple[BoundObject, BoundObject | None], field: BoundField, test: Test
) -> str:
    language = unit.context.locale.language
    match test.value:
        case Period(name):
            return translate(language, f"period.{name}")
        case FieldValue(path):
            return _other(unit, objects, path)
        case tuple() as values if test.op == "between":
            return " – ".join(_shown(unit, field, test.op, values))
        case tuple() as values:
            return translate(language, "filter.comma").join(_shown(unit, field, test.op, values))
        case value:
            return _shown(unit, field, test.op, (value,))[0]


def _other(unit: Unit, objects: tuple[BoundObject, BoundObject | None], path: str) -> str:
    """Name the field that a test compares with."""
    bound, this = objects
    try:
        if this is not None and path.startswith(THIS):
            return of_this(unit, this, path)
        return path_label(resolve(unit.snapshot, bound, path), unit.context.locale.language)
    except UnknownField:
        return path


def _shown(unit: Unit, field: BoundField, op: str, values: tuple[Any, ...]) -> list[str]:
    if op in {"older_than_days", "within_days"}:
        language = unit.context.locale.language
        return [translate(language, "filter.days", count=value) for value in values]
    if field.type.labelled and not field.type.target(field.definition):
        return [_anywhere(unit, str(value)) for value in values]
    target = field.type.target(field.definition)
    if target:
        ids = [int(value) for value in values if str(value).isdigit()]
        names = names_of(unit, target, ids)
        return [names.get(int(v), f"#{v}") if str(v).isdigit() else str(v) for v in values]
    if field.type.span and op not in {"eq", "ne"}:
        return [str(value) for value in values]
    return [_plain(unit, field, value) for value in values]


def _anywhere(unit: Unit, written: str) -> str:
    """Name a record that stands as ``book/12``."""
    kind, _, number = written.partition("/")
    if not number.isdigit() or kind not in unit.snapshot.objects:
        return written
    return names_of(unit, kind, [int(number)]).get(int(number), f"#{number}")


def _plain(unit: Unit, field: BoundField, value: Any) -> str:
    option = field.definition.options.get(str(value))
    if option is not None:
        return say(option.label, unit.context.locale.language)
    try:
        stored = field.type.parse(value, field.definition)
    except InvalidValue:
        return str(value)
    if field.many:
        return str(value)
    return field.type.text(stored, field.definition, unit.context.locale) or str(value)
