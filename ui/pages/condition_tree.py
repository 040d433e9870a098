"""A whole condition in a form: groups in groups, drawn by the server, read back in one piece.

Each part of the tree has a place, ``c`` for the whole, ``c.0.2`` for the third part of the first
group; the names of its inputs begin with it. Buttons send the form with ``do``; what comes back is
the same form with one part more or less, and nothing of what was entered is lost.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import FieldError, UnknownField
from engine.query.paths import THIS, resolve
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.conditions import (
    DEEPEST,
    WITHOUT_VALUE,
    AllOf,
    AnyOf,
    Exists,
    FieldValue,
    Node,
    Not,
    Period,
    Test,
    dump_condition,
    parse_condition,
)
from metadata.errors import PlatformError
from ui.errors import field_message
from ui.i18n import translate
from ui.pages.filters import (
    STAR,
    ConditionRefused,
    knows,
    offered_operators,
    operators_of,
    periods,
    read_operand,
    takes_period,
    value_controls,
)
from ui.pages.sentences import of_this, operator_label, path_label, sentence
from ui.widgets.base import Control, Form, last

ROOT = "c"
ALL, ANY, NONE = "all", "any", "none"
WORDS = (ALL, ANY, NONE)
COMPARED = frozenset({"eq", "ne", "gt", "gte", "lt", "lte"})
"""Operators that may compare with another field."""
VALUE, OTHER = "value", "field"


_Objects = tuple[BoundObject, BoundObject | None]
"""Whose records are tested, and that of the record being edited, in the filter of a link."""


@dataclass(slots=True)
class Part:
    """A part of the tree while it is edited.

    Attributes:
        kind: one of `WORDS` for a group, ``test``, or ``kept`` for what this form cannot edit.
        place: of the part, when it came from a form: the names of its inputs begin with it.
        children: of a group.
        field: of a test.
        op: of a test; "" for the first that the field has.
        node: what the part was, where it is as it was.
        error: what is wrong with a test.
    """

    kind: str
    place: str = ""
    children: list["Part"] = field(default_factory=list)
    field: str = ""
    op: str = ""
    node: Node | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A part as its template needs it."""

    place: str
    kind: str
    rows: tuple["Row", ...] = ()
    can_nest: bool = False
    is_root: bool = False
    text: str = ""
    raw: str = ""
    field: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    op: str = ""
    operators: tuple[tuple[str, str], ...] = ()
    controls: tuple[Control, ...] = ()
    periods: tuple[tuple[str, str], ...] = ()
    period: str = ""
    by: str = ""
    other: str = ""
    others: tuple[tuple[str, str], ...] = ()
    error: str = ""


def part_of(node: Node | None) -> Part:
    """Make the tree of a condition; a single test becomes a group of one."""
    if node is None:
        return Part(ALL)
    found = _part(node)
    return found if found.kind in WORDS else Part(ALL, children=[found])


def part_in(form: Form, place: str = ROOT) -> Part:
    """Read the tree out of a form; without one it is empty."""
    kind = str(last(form, f"{place}.kind"))
    if kind in WORDS:
        children = [part_in(form, f"{place}.{at}") for at in _children(form, place)]
        return Part(kind, place, [one for one in children if one.kind])
    if kind == "kept":
        return Part(kind, place, node=_kept(str(last(form, f"{place}.raw"))))
    if kind == "test":
        key, op = str(last(form, f"{place}.field")), str(last(form, f"{place}.op"))
        return Part(kind, place, field=key, op=op)
    return Part("" if "." in place else ALL)


def pressed(tree: Part, button: str) -> Part:
    """Do what a button says: ``test:c.0``, ``group:c.0`` add to a group, ``drop:c.0`` removes."""
    action, _, place = button.partition(":")
    if action == "drop":
        return _without(tree, place)
    for one in every_part(tree):
        if one.place == place and one.kind in WORDS:
            if action == "test":
                one.children.append(Part("test"))
            elif action == "group":
                one.children.append(Part(ANY if one.kind == ALL else ALL, children=[Part("test")]))
    return tree


def draw(  # noqa: PLR0913 - all of one tree
    unit: Unit,
    bound: BoundObject,
    tree: Part,
    fields: tuple[tuple[str, str], ...],
    form: Form | None = None,
    *,
    compares: bool = False,
    root: str = ROOT,
    this: BoundObject | None = None,
) -> Row:
    """Draw the tree.

    Args:
        unit: the call.
        bound: the object whose records are tested.
        tree: what to draw.
        fields: what may be asked about: key and label.
        form: what was entered; parts that came from it show it again.
        compares: a value may be that of another field.
        root: the place of the whole.
        this: in the filter of a link, the object of the record that is being edited.
    """
    pen = _Pen(unit, bound, fields, form, compares, this)
    return replace(_drawn(pen, tree, root, 0), is_root=True)


def read_tree(
    unit: Unit, bound: BoundObject, tree: Part, form: Form, this: BoundObject | None = None
) -> Node | None:
    """Make the condition of what was entered; tests without a field yet are left out.

    ``this``: see `draw`.

    Raises:
        ConditionRefused: some test cannot be; each such part holds its ``error``.
        ConditionInvalid: too many tests, or too deep.
    """
    wrong: list[FieldError] = []
    node = _read(unit, (bound, this), tree, form, wrong)
    if wrong:
        raise ConditionRefused(wrong[0])
    return None if node is None else parse_condition(dump_condition(node))


def every_field(unit: Unit, bound: BoundObject) -> tuple[tuple[str, str], ...]:
    """Give all fields of an object that a condition may ask about, whoever may read them."""
    language = unit.context.locale.language
    return tuple(
        (key, path_label(resolve(unit.snapshot, bound, key), language))
        for key, one in bound.fields.items()
        if key not in {"version", "deleted_at", "deleted_by"} and operators_of(one)
    )


@dataclass(frozen=True, slots=True)
class _Pen:
    unit: Unit
    bound: BoundObject
    fields: tuple[tuple[str, str], ...]
    form: Form | None
    compares: bool
    this: BoundObject | None = None

    @property
    def language(self) -> str:
        return self.unit.context.locale.language


def _part(node: Node) -> Part:
    match node:
        case AllOf(nodes):
            return Part(ALL, children=[_part(one) for one in nodes])
        case AnyOf(nodes):
            return Part(ANY, children=[_part(one) for one in nodes])
        case Not(AnyOf(nodes)):
            return Part(NONE, children=[_part(one) for one in nodes])
        case Not(inner):
            return Part(NONE, children=[_part(inner)])
        case Exists():
            return Part("kept", node=node)
        case Test(key, op):
            return Part("test", field=key, op=op, node=node)


def _children(form: Form, place: str) -> list[int]:
    name = re.compile(re.escape(place) + r"\.([0-9]{1,3})\.kind")
    return [int(match[1]) for match in map(name.fullmatch, form) if match]


def _kept(raw: str) -> Node | None:
    try:
        return parse_condition(json.loads(raw))
    except (ValueError, PlatformError, RecursionError):
        return None


def every_part(tree: Part) -> Iterator[Part]:
    """Give a tree and all its parts."""
    yield tree
    for child in tree.children:
        yield from every_part(child)


def _without(tree: Part, place: str) -> Part:
    tree.children = [_without(one, place) for one in tree.children if one.place != place]
    return tree


def _drawn(pen: _Pen, part: Part, place: str, depth: int) -> Row:
    if part.kind in WORDS:
        rows = tuple(
            _drawn(pen, child, f"{place}.{at}", depth + 1)
            for at, child in enumerate(part.children)
        )
        return Row(place=place, kind=part.kind, rows=rows, can_nest=depth + 1 < DEEPEST)
    if part.kind == "kept" and part.node is not None:
        text = str(sentence(pen.unit, pen.bound, part.node, pen.this))
        raw = json.dumps(dump_condition(part.node), ensure_ascii=False)
        return Row(place=place, kind="kept", text=text, raw=raw)
    return _test(pen, part, place)


def _test(pen: _Pen, part: Part, place: str) -> Row:
    known = pen.fields
    if part.field and part.field not in dict(known):
        known = ((part.field, part.field), *known)
    plain = Row(place=place, kind="test", field=part.field, fields=known, error=part.error)
    try:
        path = resolve(pen.unit.snapshot, pen.bound, part.field)
    except UnknownField:
        return plain
    star = part.field == STAR and STAR in dict(pen.fields)
    if not star:
        label = path_label(path, pen.language)
        known = tuple((k, label if k == part.field else v) for k, v in known)
    offered = list(offered_operators(pen.bound, path.field))
    if isinstance(part.node, Test) and part.node.op not in offered:
        offered.append(part.node.op)
    op = part.op if part.op in offered else offered[0]
    current = part.node if isinstance(part.node, Test) and part.node.op == op else None
    moved, prefix = _moved(pen.form, part, place), f"{place}."
    typed = moved if moved and any(name.startswith(f"{prefix}v1.") for name in moved) else None
    return replace(
        plain,
        fields=known,
        op=op,
        operators=tuple((one, operator_label(one, path.field, pen.language)) for one in offered),
        controls=tuple(value_controls(pen.unit, path, op, current, typed, prefix)),
        periods=periods(pen.language) if takes_period(path.field, op) else (),
        period=_period(current, moved, prefix),
        **_comparison(pen, path.field, op, current, moved, prefix),
    )


def _moved(form: Form | None, part: Part, place: str) -> Form | None:
    """Give what was entered for a part under the names of the place where it stands now."""
    if form is None or not part.place:
        return None
    old = f"{part.place}."
    return {
        f"{place}.{name.removeprefix(old)}": values
        for name, values in form.items()
        if name.startswith(old)
    }


def _period(current: Test | None, moved: Form | None, prefix: str) -> str:
    if moved is not None:
        return str(last(moved, f"{prefix}period"))
    value = current.value if current is not None else None
    return value.name if isinstance(value, Period) else ""


def _comparison(
    pen: _Pen,
    one: BoundField,
    op: str,
    current: Test | None,
    moved: Form | None,
    prefix: str,
) -> Mapping[str, Any]:
    """Give what chooses between a value and another field of the same kind."""
    if not pen.compares or op not in COMPARED:
        return {}
    others = tuple(
        (key, label)
        for key, label in pen.fields
        if key != one.key and _alike(pen.bound.fields.get(key), one)
    )
    others += tuple(_of_this(pen, one))
    if not others:
        return {}
    value = current.value if current is not None else None
    by, other = (OTHER, value.path) if isinstance(value, FieldValue) else (VALUE, "")
    if moved is not None:
        by, other = str(last(moved, f"{prefix}by", by)), str(last(moved, f"{prefix}other", other))
    return {"by": by, "other": other, "others": others}


def _of_this(pen: _Pen, one: BoundField) -> Iterator[tuple[str, str]]:
    """Give what of the record being edited a field may be compared with, and the record itself."""
    for key in pen.this.fields if pen.this is not None else ():
        path = f"{THIS}{key}"
        if pen.this is not None and _comparable(pen.bound, pen.this, path, one):
            yield path, of_this(pen.unit, pen.this, path)


def _comparable(bound: BoundObject, this: BoundObject | None, path: str, one: BoundField) -> bool:
    if this is None or not path.startswith(THIS):
        return _alike(bound.fields.get(path), one)
    key = path.removeprefix(THIS)
    if key == "id" and one.type.target(one.definition) == this.key:
        return True
    return _alike(this.fields.get(key), one)


def _alike(first: BoundField | None, second: BoundField) -> bool:
    if first is None or first.definition.type != second.definition.type:
        return False
    return first.type.target(first.definition) == second.type.target(second.definition)


def _read(
    unit: Unit, objects: _Objects, part: Part, form: Form, wrong: list[FieldError]
) -> Node | None:
    if part.kind in WORDS:
        read = [_read(unit, objects, child, form, wrong) for child in part.children]
        return _joined(part.kind, tuple(one for one in read if one is not None))
    if part.kind == "kept" or not part.field:
        return part.node if part.kind == "kept" else None
    try:
        return _read_test(unit, objects, part, form)
    except ConditionRefused as refused:
        part.error = field_message(refused.error, unit.context.locale.language)
        wrong.append(refused.error)
    except UnknownField as unknown:
        part.error = translate(unit.context.locale.language, f"error.{unknown.code}")
        wrong.append(FieldError(part.field, unknown.code))
    return None


def _joined(word: str, nodes: tuple[Node, ...]) -> Node | None:
    if not nodes:
        return None
    alone = nodes[0] if len(nodes) == 1 else None
    if word == NONE:
        return Not(alone or AnyOf(nodes))
    return alone or (AllOf(nodes) if word == ALL else AnyOf(nodes))


def _read_test(unit: Unit, objects: _Objects, part: Part, form: Form) -> Test:
    bound, this = objects
    one = resolve(unit.snapshot, bound, part.field).field
    op, prefix = part.op or offered_operators(bound, one)[0], f"{part.place}."
    if not knows(bound, one, op):
        raise ConditionRefused(FieldError(one.key, "operator_not_allowed", {"operator": op}))
    if op in WITHOUT_VALUE:
        return Test(part.field, op)
    if str(last(form, f"{prefix}by")) == OTHER and op in COMPARED:
        other = str(last(form, f"{prefix}other"))
        if not _comparable(bound, this, other, one):
            raise ConditionRefused(FieldError(one.key, "not_comparable"))
        return Test(part.field, op, FieldValue(other))
    return Test(part.field, op, read_operand(unit, one, op, form, prefix))
