"""Evaluate a condition on one record in Python, with the outcome that a query would have.

Conditions are composed once per metadata version; operands are read then, so that an evaluation
compares and no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from engine.derived.fill import formula_reader, is_formula
from engine.query.paths import THIS, Source, program_of, resolve
from engine.query.plans import is_timed, now_of
from engine.query.pointing import pointed_ids, points_to_ids
from engine.records.compare import COMPARISONS
from engine.records.compare_spans import compare_span
from engine.records.shape import run, shape_of
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.conditions import AllOf, AnyOf, Exists, FieldValue, Node, Not, Period, Test, tests
from metadata.model import EMPTY


@dataclass(frozen=True, slots=True)
class Ground:
    """What a condition is evaluated on: stored values of a record, ``id`` where it has one.

    ``this``: in the filter of a link, the record that is being edited.
    """

    unit: Unit
    values: Mapping[str, Any]
    this: Mapping[str, Any] = EMPTY


Check = Callable[[Ground], bool]
Reader = Callable[[Ground], Any]


def compose_check(
    snapshot: Snapshot, bound: BoundObject, node: Node, this: BoundObject | None = None
) -> Check:
    """Make a function that evaluates a condition.

    Args:
        snapshot: where paths over links and related lists are looked up.
        bound: the object whose records are judged.
        node: the condition.
        this: the object of the record being edited, for operands ``this.x``.

    Raises:
        UnknownField: a path that leads nowhere.
        InvalidValue: an operand that its field does not take.
    """
    match node:
        case AllOf(nodes):
            return _all([compose_check(snapshot, bound, child, this) for child in nodes])
        case AnyOf(nodes):
            return _any([compose_check(snapshot, bound, child, this) for child in nodes])
        case Not(child):
            return _not(compose_check(snapshot, bound, child, this))
        case Exists():
            return _exists(snapshot, bound, node)
        case Test():
            return _test(snapshot, bound, node, this)


def fields_of(node: Node | None) -> frozenset[str]:
    """Give the fields of the record itself that a condition reads."""
    found = set()
    for test in tests(node):
        if isinstance(test, Test):
            found.add(test.field.split(".")[0])
            if isinstance(test.value, FieldValue):
                found.add(test.value.path.split(".")[0])
    return frozenset(found)


def seen_through(snapshot: Snapshot, bound: BoundObject, keys: frozenset[str]) -> frozenset[str]:
    """Give the fields that people fill behind some fields: a formula is what it reads.

    A field that follows another one is both: filled, and what it follows.
    """
    found: set[str] = set()
    for key in keys:
        field = bound.fields.get(key)
        follows = field.definition.follows if field is not None else None
        if follows is not None:
            found |= {key} | seen_through(snapshot, bound, frozenset({follows.field}))
            continue
        if field is None or not is_formula(field):
            found.add(key)
            continue
        paths = program_of(snapshot, bound, field).formula.paths
        inner = frozenset(path.partition(".")[0] for path in paths)
        found |= seen_through(snapshot, bound, inner)
    return frozenset(found)


def _all(checks: list[Check]) -> Check:
    return lambda ground: all(check(ground) for check in checks)


def _any(checks: list[Check]) -> Check:
    return lambda ground: any(check(ground) for check in checks)


def _not(inner: Check) -> Check:
    return lambda ground: not inner(ground)


def _test(snapshot: Snapshot, bound: BoundObject, test: Test, this: BoundObject | None) -> Check:
    field, read = _path(snapshot, bound, test.field)
    compare = compare_span(test.op) if field.type.span else COMPARISONS[test.op]
    operand = _operand(snapshot, (bound, this), field, test)

    def check(ground: Ground) -> bool:
        return compare(ground.unit, read(ground), operand(ground), field)

    return check


def _operand(
    snapshot: Snapshot,
    objects: tuple[BoundObject, BoundObject | None],
    field: BoundField,
    test: Test,
) -> Reader:
    """Make a function that gives what a test compares with, in stored form."""
    bound, this = objects
    if isinstance(test.value, FieldValue):
        path = test.value.path
        if path.startswith(THIS) and this is not None:
            _, inner = _path(snapshot, this, path.removeprefix(THIS))
            return lambda ground: inner(Ground(ground.unit, ground.this))
        _, other = _path(snapshot, bound, path)
        return other
    value = test.value
    if value is None or isinstance(value, Period):
        return lambda ground: value
    parsed = field.type.parse_operand(test.op, value, field.definition)
    return lambda ground: parsed


def _path(snapshot: Snapshot, bound: BoundObject, text: str) -> tuple[BoundField, Reader]:
    """Give the field at the end of a path, and a function that reads its value."""
    path = resolve(snapshot, bound, text)
    if not path.links and is_formula(path.field):  # by the values at hand, saved or not
        formula = formula_reader(snapshot, bound, path.field)
        return path.field, lambda ground: formula(ground.unit, ground.values)
    read = _value_of(text.split(".", maxsplit=1)[0])
    for target, field in zip(path.objects[1:], (*path.links, path.field)[1:], strict=True):
        read = _step(snapshot, target, field, read)
    return path.field, read


def read_path(snapshot: Snapshot, bound: BoundObject, text: str) -> Reader:
    """Make a function that reads the value at the end of a path from a record."""
    return _path(snapshot, bound, text)[1]


def _value_of(key: str) -> Reader:
    return lambda ground: ground.values.get(key)


def _step(snapshot: Snapshot, target: BoundObject, field: BoundField, before: Reader) -> Reader:
    """Make the reader of a field of the record that ``before`` gives the id of."""
    source = Source(snapshot, target, target.table)
    columns = source.columns(resolve(snapshot, target, field.key))
    statement = select(*columns).select_from(source.froms)
    statement = statement.where(target.table.c.id == bindparam("at_id"))
    timed = is_timed(statement)

    def read(ground: Ground) -> Any:
        at = before(ground)
        if at is None:
            return None
        known = now_of(ground.unit.context) if timed else {}
        row = run(ground.unit, statement, {"at_id": at, **known}).first()
        if row is None or all(part is None for part in row):
            return None
        return row[0] if len(row) == 1 else tuple(row)

    return read


def _exists(snapshot: Snapshot, bound: BoundObject, node: Exists) -> Check:
    related = snapshot.site.related[bound.key][node.list]
    child = snapshot.object(related.object)
    link = child.field(related.field)
    inner = None if node.where is None else compose_check(snapshot, child, node.where)

    def check(ground: Ground) -> bool:
        at = ground.values.get("id")
        if at is None:  # a new record: nothing can point to it yet
            return node.negated
        shape = shape_of(ground.unit, child.key)
        statement = ground.unit.snapshot.once(
            ("children of", bound.key, child.key, link.key),
            lambda: select(*shape.columns).where(
                points_to_ids(link, bound.key), child.table.c.deleted_at.is_(None)
            ),
        )
        for row in run(ground.unit, statement, {"at_ids": pointed_ids(link, bound.key, [at])}):
            record = shape.stored(row)
            if inner is None or inner(Ground(ground.unit, record.whole)):
                return not node.negated
        return node.negated

    return check
