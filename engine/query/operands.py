"""Conditions, first half: look every name up, read every value, and keep the two apart.

What SQL would leave to chance has one meaning here, on both databases:

* a test on an empty field fails, but ``ne``, ``not_in`` and ``not_contains`` hold for it;
* ``not`` turns the outcome round, whatever was empty inside;
* text is compared byte by byte; ``contains`` and ``starts_with`` ignore the case of A to Z;
* an instant compared with a day or a period is compared with days of the company's zone;
* ``older_than_days: 3`` means before the day three days ago, ``within_days: 3`` means on that
  day or later, up to today.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.errors import FieldError, InvalidInput, InvalidValue, UnknownField
from engine.fields.base import MOST_TOGETHER
from engine.fields.moments import is_whole_day, read_date, read_instant
from engine.query import organisation as people
from engine.query.paths import THIS, Path, resolve
from engine.query.periods import Days, days_of, one_day
from engine.query.predicate import AccessPredicate, Membership
from engine.query.shapes import (
    NEVER,
    Both,
    Compare,
    Group,
    Leaf,
    Opposite,
    Related,
    Shape,
    Shared,
    Word,
    member_values,
    scope_of,
)
from engine.query.stars import starred_ids
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.conditions import AllOf, AnyOf, Exists, FieldValue, Node, Not, Period, Test
from metadata.model import EMPTY

COMPARES: Mapping[str, Compare] = {
    "eq": "eq", "ne": "ne", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte"
}  # fmt: skip
PIECES: Mapping[str, Word] = {
    "contains": "contains", "not_contains": "not_contains", "starts_with": "starts_with"
}  # fmt: skip
SIDE_WORDS: Mapping[str, Word] = {
    "contains": "has", "not_contains": "has_not", "in": "has_any", "not_in": "has_none",
    "eq": "has", "ne": "has_not",
}  # fmt: skip
SPAN_WORDS: Mapping[str, Word] = {"eq": "pair", "contains": "covers", "between": "overlaps"}
STARRED = "is_starred"
MEMBER = "is_team_member"
MEMBERSHIP = frozenset({"contains", "not_contains"})
MOST_VALUES = 1000
"""The longest list of ``in``."""
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition ready to run: ``shape`` decides the statement, ``values`` fill its slots."""

    shape: Shape | None
    values: Mapping[str, Any]


def lower_ascii(text: str) -> str:
    """Lower A to Z alone, as ``lower`` does in SQL on both databases."""
    return text.translate(_LOWER)


def bind(
    unit: Unit,
    bound: BoundObject,
    where: Node | None,
    *,
    scopes: Mapping[str, AccessPredicate] = EMPTY,
    this: Mapping[str, Any] = EMPTY,
) -> Filter:
    """Read a condition for the unit's actor, time and zone.

    Args:
        unit: whose person, clock and company zone the condition means.
        bound: the object whose records are tested.
        where: the condition; None keeps everything.
        scopes: object -> what of it the actor may read, for ``exists``.
        this: field -> stored value of the record being edited, for values ``this.field``.

    Raises:
        UnknownField: a path leads nowhere, or ``exists`` looks into an object without scope.
        InvalidInput: operators or values that do not fit, each with the path of its field.
    """
    if where is None:
        return Filter(None, EMPTY)
    binder = _Binder(unit, scopes, this)
    shape = binder.node(bound, where)
    if binder.errors:
        raise InvalidInput(binder.errors)
    return Filter(shape, binder.values)


@dataclass(slots=True)
class _Binder:
    unit: Unit
    scopes: Mapping[str, AccessPredicate]
    this: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def node(self, bound: BoundObject, node: Node) -> Shape:
        match node:
            case AllOf(nodes):
                return Group(True, tuple(self.node(bound, child) for child in nodes))
            case AnyOf(nodes):
                return Group(False, tuple(self.node(bound, child) for child in nodes))
            case Not(child):
                return Opposite(self.node(bound, child))
            case Exists():
                return self._exists(bound, node)
            case Test():
                return self._test(bound, node)

    def _exists(self, bound: BoundObject, node: Exists) -> Shape:
        inverse = self.unit.snapshot.site.related.get(bound.key, {}).get(node.list)
        predicate = self.scopes.get(inverse.object) if inverse else None
        if inverse is None or predicate is None:
            raise UnknownField(object=bound.key, field=node.list)
        far = self.unit.snapshot.object(inverse.object)
        scope, values = scope_of(predicate, f"v{len(self.values)}")
        self.values.update(values)
        where = self.node(far, node.where) if node.where is not None else None
        found = Related(far.key, inverse.field, where, scope)
        return Opposite(found) if node.negated else found

    def _test(self, bound: BoundObject, test: Test) -> Shape:
        path = resolve(self.unit.snapshot, bound, test.field)
        try:
            if test.op == STARRED and test.field == "id":
                return self.ids(path, starred_ids(self.unit, bound.key))
            if test.op == MEMBER and test.field == "id":
                return self.shared(bound)
            if test.op not in path.field.type.operators:
                raise InvalidValue("operator_not_allowed", operator=test.op)
            return self._read(bound, path, test)
        except InvalidValue as error:
            params = {**error.params, "operator": test.op}
            self.errors.append(FieldError(test.field, error.reason, params))
            return NEVER

    def _read(self, bound: BoundObject, path: Path, test: Test) -> Shape:
        special = _SPECIAL.get(test.op)
        if special is not None:
            return special(self, path, test.value)
        if isinstance(test.value, FieldValue):
            return self._field_value(bound, path, test, test.value.path)
        if path.field.type.span:
            within = isinstance(test.value, Period)
            return self._span(path, test.op, self._stretch(path, test), within=within)
        if _kind(path.field) in {"date", "instant"}:
            return self._time(path, test)
        value = path.field.type.parse_operand(test.op, test.value, path.field.definition)
        return self._literal(path, test.op, value)

    def _literal(self, path: Path, op: str, value: Any) -> Shape:
        if path.field.many:
            return self._side(path, op, value)
        if path.field.named_late:
            return self._pair(path, op, value)
        if op in PIECES:
            return self._leaf(path, PIECES[op], lower_ascii(value))
        if path.field.type.within and op in {"eq", "ne", "in", "not_in"}:
            return self._within(path, op, value)
        return self._plain(path, op, value)

    def _plain(self, path: Path, op: str, value: Any) -> Shape:
        if op in {"in", "not_in"}:
            return self._among(path, "in" if op == "in" else "not_in", value)
        if op == "between":
            return self._leaf(path, "between", *value)
        return self._leaf(path, COMPARES[op], value)

    def _within(self, path: Path, op: str, value: Any) -> Shape:
        """Match what begins with a code; an area holds those below it."""
        codes = value if isinstance(value, list) else [value]
        if len(codes) > MOST_VALUES:
            raise InvalidValue("too_many_values", most=MOST_VALUES)
        found = Group(
            False,
            tuple(self._leaf(path, "range", code, code + LAST_CHARACTER) for code in codes),
        )
        return found if op in {"eq", "in"} else Opposite(found)

    def _pair(self, path: Path, op: str, value: Any) -> Shape:
        """Compare object and id of a link that may name records of several objects."""
        places = value if isinstance(value, list) else [value]
        if len(places) > MOST_TOGETHER:
            raise InvalidValue("too_many_values", most=MOST_TOGETHER)
        every = op in {"contains", "not_contains"}
        found = Group(every, tuple(self._leaf(path, "pair", *place) for place in places))
        return Opposite(found) if op in {"ne", "not_in", "not_contains"} else found

    def _side(self, path: Path, op: str, value: Any) -> Shape:
        if op in {"in", "not_in"}:
            return self._among(path, SIDE_WORDS[op], value)
        if not isinstance(value, list):
            return self._leaf(path, SIDE_WORDS[op], value)
        every = Group(True, tuple(self._leaf(path, "has", one) for one in value))
        return every if op == "contains" else Opposite(every)

    def _among(self, path: Path, word: Word, values: Any) -> Shape:
        if len(values) > MOST_VALUES:
            raise InvalidValue("too_many_values", most=MOST_VALUES)
        return self._leaf(path, word, list(values))

    def _time(self, path: Path, test: Test) -> Shape:
        if test.op != "between":
            return self._moment(path, test.op, self._operand(path, test.value))
        ends = test.value if isinstance(test.value, tuple | list) else ()
        if len(ends) != len(("from", "to")):
            raise InvalidValue("two_values_needed")
        first, last = (self._operand(path, end) for end in ends)
        return Group(True, (self._moment(path, "gte", first), self._moment(path, "lte", last)))

    def _moment(self, path: Path, op: str, value: Any) -> Shape:
        """Compare with a point, or with days: "after" is after their end, "until" is to it."""
        if not isinstance(value, Days):
            return self._leaf(path, COMPARES[op], value)
        start, end = self._ends(path, value)
        match op:
            case "eq":
                return self._leaf(path, "range", start, end)
            case "ne":
                return self._leaf(path, "not_range", start, end)
            case "gt":
                return self._leaf(path, "gte", end)
            case "lte":
                return self._leaf(path, "lt", end)
            case _:
                return self._leaf(path, COMPARES[op], start)

    def _stretch(self, path: Path, test: Test) -> tuple[date, date]:
        """Give the first and the last day that a test of a stretch compares with."""
        if isinstance(test.value, Period):
            locale, today = self.unit.context.locale, self.unit.context.today
            days = days_of(test.value.name, today, locale.week_start)
            return days.start, days.end - timedelta(days=1)
        value = path.field.type.parse_operand(test.op, test.value, path.field.definition)
        return (value, value) if isinstance(value, date) else tuple(value)

    def _span(
        self, path: Path, op: str, days: tuple[date, date], *, within: bool = False
    ) -> Shape:
        """Compare a stretch with days; ``within``: ``eq`` means that it lies within them."""
        if days[1] < days[0]:
            return NEVER
        if op in {"ne", "not_contains"}:
            positive = "eq" if op == "ne" else "contains"
            return Opposite(self._span(path, positive, days, within=within))
        word: Word | None = "inside" if op == "eq" and within else SPAN_WORDS.get(op)
        if word is not None:
            return self._leaf(path, word, *days)
        if op == "lt":
            return self._leaf(path, "ends_before", days[0])
        if op == "lte":
            return self._leaf(path, "ends_until", days[1])
        return self._leaf(path, COMPARES[op], days[1] if op == "gt" else days[0])

    def _operand(self, path: Path, raw: Any) -> date | datetime | Days:
        locale, today = self.unit.context.locale, self.unit.context.today
        if isinstance(raw, Period):
            return days_of(raw.name, today, locale.week_start)
        if isinstance(raw, FieldValue):
            raise InvalidValue("not_comparable")
        value: date | datetime | None
        if _kind(path.field) == "date":
            value = read_date(raw)
        elif is_whole_day(raw):
            day = read_date(raw)
            return one_day(day) if day else _missing()
        else:
            value = read_instant(raw, locale.zone)
        return value if value is not None else _missing()

    def _ends(self, path: Path, days: Days) -> tuple[Any, Any]:
        if _kind(path.field) == "date":
            return days.start, days.end
        return days.instants(self.unit.context.locale.zone)

    def _field_value(self, bound: BoundObject, path: Path, test: Test, text: str) -> Shape:
        if test.op in MEMBERSHIP and text.startswith(THIS):
            return self._holds(path, test.op, self.this.get(text.removeprefix(THIS)))
        if test.op not in COMPARES or path.field.type.span:
            raise InvalidValue("operator_not_allowed", operator=test.op)
        if text.startswith(THIS):
            value = self.this.get(text.removeprefix(THIS))
            if value is None:
                return self.empty(path, "not_empty") if test.op == "ne" else NEVER
            return self._leaf(path, COMPARES[test.op], value)
        other = resolve(self.unit.snapshot, bound, text)
        if not comparable(path.field, other.field):
            raise InvalidValue("not_comparable")
        return Both(path.text, COMPARES[test.op], other.text)

    def _holds(self, path: Path, op: str, value: Any) -> Shape:
        """Ask whether several values, or a stretch, hold a value of the record being edited."""
        if not (path.field.many or path.field.type.span):
            raise InvalidValue("operator_not_allowed", operator=op)
        if value is None:
            return NEVER if op == "contains" else Group(True, ())
        return (
            self._span(path, op, (value, value))
            if path.field.type.span
            else self._side(path, op, value)
        )

    def empty(self, path: Path, word: Word) -> Shape:
        return Leaf(path.text, word, "")

    def me(self, path: Path) -> Shape:
        user = self.unit.context.actor.user_id
        if user is None:
            return NEVER
        return self._leaf(path, "has" if path.field.many else "eq", user)

    def shared(self, bound: BoundObject) -> Shape:
        """Ask for the records in whose team the actor is now."""
        context = self.unit.context
        user = context.actor.user_id
        if user is None:
            return NEVER
        slot = f"v{len(self.values)}"
        asked = Membership(bound.id, user, "read", context.now)
        self.values.update({slot: user, **member_values(asked, slot)})
        return Shared(bound.id, slot)

    def ids(self, path: Path, ids: tuple[int, ...]) -> Shape:
        if not ids:
            return NEVER
        return self._leaf(path, "has_any" if path.field.many else "in", ids)

    def department(self, path: Path, *, tree: bool) -> Shape:
        target = path.field.type.target(path.field.definition)
        department = self.unit.context.actor.department_id
        if department is None or target not in {people.USER, people.DEPARTMENT}:
            return NEVER
        if target == people.USER:
            return self.ids(path, people.colleagues(self.unit, tree=tree))
        if tree:
            return self.ids(path, people.department_tree(self.unit))
        return self._leaf(path, "eq", department)

    def days_ago(self, path: Path, op: str, raw: Any) -> Shape:
        days = path.field.type.parse_operand(op, raw, path.field.definition)
        today = self.unit.context.today
        since = today - timedelta(days=days)
        if op == "older_than_days":
            return self._moment(path, "lt", one_day(since))
        return self._moment(path, "eq", Days(since, today + timedelta(days=1)))

    def _leaf(self, path: Path, word: Word, value: Any, end: Any = None) -> Leaf:
        slot = f"v{len(self.values)}"
        self.values[slot] = value
        if end is not None:
            self.values[f"{slot}_end"] = end
        return Leaf(path.text, word, slot)


def comparable(one: BoundField, other: BoundField) -> bool:
    """Tell whether two fields hold values of one kind and scale."""
    if len(one.columns) > 1 or len(other.columns) > 1:
        return False
    if one.many or other.many or _kind(one) != _kind(other):
        return False
    if one.type.labelled or other.type.labelled:
        return _target(one) == _target(other)
    return _scale(one) == _scale(other)


def _kind(bound: BoundField) -> str:
    return bound.type.columns(bound.definition)[0].kind


def _target(bound: BoundField) -> str:
    return bound.type.target(bound.definition)


def _scale(bound: BoundField) -> int:
    """Give the decimals of a number that is stored scaled; 0 for everything else."""
    found = getattr(bound.type, "scale", None)
    return int(found(bound.definition)) if callable(found) else 0


def _missing() -> Any:
    raise InvalidValue("value_missing")


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_SPECIAL: Mapping[str, Callable[[_Binder, Path, Any], Shape]] = {
    "empty": lambda binder, path, _: binder.empty(path, "empty"),
    "not_empty": lambda binder, path, _: binder.empty(path, "not_empty"),
    "is_me": lambda binder, path, _: binder.me(path),
    "is_my_report": lambda binder, path, _: binder.ids(path, people.reports(binder.unit)),
    "in_my_department": lambda binder, path, _: binder.department(path, tree=False),
    "in_my_department_tree": lambda binder, path, _: binder.department(path, tree=True),
    "older_than_days": lambda binder, path, raw: binder.days_ago(path, "older_than_days", raw),
    "within_days": lambda binder, path, raw: binder.days_ago(path, "within_days", raw),
}
