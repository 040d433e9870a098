"""The editor of one condition: which operators a field has, and what each asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.errors import FieldError, InvalidValue, UnknownField
from engine.fields.date_range import BETWEEN
from engine.personal.stars import ABILITY, has_stars
from engine.query.operands import STARRED
from engine.query.paths import Path, resolve
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.conditions import PERIODS, WITHOUT_VALUE, Node, Period, Test
from metadata.model import FieldDef
from ui.errors import field_message
from ui.i18n import translate
from ui.pages.list_read import may_read
from ui.pages.list_state import ListState
from ui.pages.lookups import found_records, kinds_of
from ui.pages.sentences import names_of, operator_label, path_label
from ui.widgets.base import ABSENT, Asked, Control, Form, Widget, last
from ui.widgets.multi_select import MultiSelectWidget
from ui.widgets.registry import WIDGETS

ORDER: Final = (
    "eq", "in", "contains", "starts_with", "between", "gte", "gt", "lte", "lt", "within_days",
    "older_than_days", "is_me", "is_my_report", "in_my_department", "in_my_department_tree",
    "ne", "not_in", "not_contains", "empty", "not_empty",
)  # fmt: skip
STAR: Final = "id"
"""The field that a condition on stars names."""
DAYS: Final = frozenset({"older_than_days", "within_days"})
WITH_PERIOD: Final[Mapping[str, frozenset[str]]] = {
    "date": frozenset({"eq", "ne"}),
    "range": frozenset({"eq", "ne", "contains", "not_contains", "between"}),
}
"""Which operators of which values may be asked with a relative period."""
WHOLE_SPAN: Final = frozenset({"eq", "ne"})
"""Operators that compare a stretch as a whole; the others ask for days."""
MANY: Final = frozenset({"in", "not_in"})
HIDDEN_FROM_LISTS: Final = frozenset({"version", "deleted_at", "deleted_by", "id"})
PERIOD_ORDER: Final = (
    "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month",
    "last_month", "next_month", "this_quarter", "last_quarter", "next_quarter", "this_year",
    "last_year", "next_year", "last_7_days", "last_30_days", "next_7_days", "next_30_days",
    "first_half", "second_half",
)  # fmt: skip
FIRST, SECOND = "v1.", "v2."
DAY_COUNT: Final = FieldDef(key="days", type="integer", label={"": ""}, props={"min": 0})


class ConditionRefused(Exception):
    """What was entered makes no condition; ``error`` says why."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.code)
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Which condition is being edited.

    Attributes:
        field: the field, or a path.
        at: the place of the condition in the filter; None for a new one.
        current: the condition as it stands.
        op: the operator chosen by now; "" means the current one's, or the first.
        form: what was typed.
        error: what was wrong with it.
    """

    field: str
    at: int | None = None
    current: Test | None = None
    op: str = ""
    form: Form | None = None
    error: FieldError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterEditor:
    """What the editor's template needs."""

    path: str
    state_fields: tuple[tuple[str, str], ...]
    field: str
    at: str
    label: str
    prefix: str
    op: str
    operators: tuple[tuple[str, str], ...]
    controls: tuple[Control, ...]
    periods: tuple[tuple[str, str], ...] = ()
    period: str = ""
    error: str = ""


def filter_fields(unit: Unit, bound: BoundObject) -> tuple[tuple[str, str], ...]:
    """Give the fields that the actor may filter by, by label: (key, label)."""
    language = unit.context.locale.language
    found = [
        (key, path_label(resolve(unit.snapshot, bound, key), language))
        for key in visible_fields(unit, bound.key)
        if key not in HIDDEN_FROM_LISTS and operators_of(bound.fields[key])
    ]
    if has_stars(unit, bound.key):
        found.append((STAR, translate(language, "filter.starred")))
    return tuple(found)


def offered_operators(bound: BoundObject, field: BoundField) -> tuple[str, ...]:
    """Give the operators that may be asked of a field of an object; of its records, their star."""
    found = operators_of(field)
    return (STARRED, *found) if _has_star(bound, field) else found


def knows(bound: BoundObject, field: BoundField, op: str) -> bool:
    """Tell whether an operator may be asked of a field of an object."""
    return op in field.type.operators or (op == STARRED and _has_star(bound, field))


def _has_star(bound: BoundObject, field: BoundField) -> bool:
    return field.key == STAR and bound.fields.get(STAR) is field and bound.definition.has(ABILITY)


def operators_of(field: BoundField) -> tuple[str, ...]:
    """Give the operators that the editor can ask for, in a fixed order."""
    kind = WIDGETS[field.type.widget].filter
    found = [op for op in ORDER if op in field.type.operators]
    if kind == "record" and field.named_late:
        return tuple(op for op in found if op in {"eq", "ne", "empty", "not_empty"})
    if kind == "records":
        return tuple(op for op in found if op != "not_contains")
    if kind == "options":
        found = [op for op in found if not (op in {"eq", "ne"} and "in" in found)]
    elif kind != "region":
        found = [op for op in found if op not in MANY]
    else:
        found = [op for op in found if op not in MANY or "eq" not in found]
    return tuple(found)


def open_editor(unit: Unit, state: ListState, asking: Asking) -> FilterEditor:
    """Draw the editor of a condition on the list of ``state``.

    Raises:
        UnknownField: no such field, or hidden from the actor.
    """
    current, op, form, at = asking.current, asking.op, asking.form, asking.at
    bound = unit.snapshot.object(state.object)
    path = _readable(unit, bound, asking.field)
    language = unit.context.locale.language
    star = _has_star(bound, path.field)
    offered = [STARRED] if star else list(operators_of(path.field))
    chosen = op or (current.op if current else "")
    if current and current.op not in offered:
        offered.append(current.op)
    if chosen not in offered:
        chosen = offered[0]
    current = current if current and current.op == chosen else None
    has_period = takes_period(path.field, chosen)
    period = current.value.name if current and isinstance(current.value, Period) else ""
    return FilterEditor(
        path=state.path,
        state_fields=state.fields(),
        field=asking.field,
        at="" if at is None else str(at),
        label=translate(language, "filter.starred") if star else path_label(path, language),
        prefix=f"filter-{'new' if at is None else at}",
        op=chosen,
        operators=tuple((key, operator_label(key, path.field, language)) for key in offered),
        controls=tuple(value_controls(unit, path, chosen, current, form)),
        periods=periods(language) if has_period else (),
        period=str(last(form, "period")) if form is not None else period,
        error=field_message(asking.error, language) if asking.error else "",
    )


def read_condition(unit: Unit, object_key: str, form: Form) -> Node:
    """Make a condition of what the editor sent.

    Raises:
        UnknownField: no such field, or hidden from the actor.
        ConditionRefused: the operator or the value does not fit.
    """
    bound = unit.snapshot.object(object_key)
    key, op = str(last(form, "field")), str(last(form, "op"))
    field = _readable(unit, bound, key).field
    if not knows(bound, field, op):
        raise ConditionRefused(FieldError(key, "operator_not_allowed", {"operator": op}))
    if op in WITHOUT_VALUE:
        return Test(key, op)
    return Test(key, op, read_operand(unit, field, op, form))


def read_operand(unit: Unit, field: BoundField, op: str, form: Form, prefix: str = "") -> Any:
    """Read what a condition compares with; ``prefix`` goes before the names of its inputs.

    Raises:
        ConditionRefused: the value does not fit.
    """
    period = str(last(form, f"{prefix}period"))
    if period in PERIODS and takes_period(field, op):
        return Period(period)
    value = _value(unit, field, op, form, prefix)
    try:
        field.type.parse_operand(
            op, list(value) if isinstance(value, tuple) else value, field.definition
        )
    except InvalidValue as error:
        raise ConditionRefused(FieldError(field.key, error.reason, error.params)) from error
    return value


def takes_period(field: BoundField, op: str) -> bool:
    """Tell whether a condition may name a period instead of a day."""
    return op in WITH_PERIOD.get(WIDGETS[field.type.widget].filter, frozenset())


def _readable(unit: Unit, bound: BoundObject, key: str) -> Path:
    if not key or not may_read(unit, bound.key, (key,)):
        raise UnknownField(object=bound.key, field=key)
    return resolve(unit.snapshot, bound, key)


def value_controls(
    unit: Unit, path: Path, op: str, current: Test | None, form: Form | None, prefix: str = ""
) -> Iterator[Control]:
    """Give the controls for the value of a condition: none, one or two."""
    if op in WITHOUT_VALUE:
        return
    locale, field = unit.context.locale, path.field
    stored = _stored(unit, field, current)
    definition = DAY_COUNT if op in DAYS else _free(field.definition)
    if op in DAYS:
        definition = replace(definition, label=field.definition.label)
    widget = _widget(field, op)
    values = [stored, None]
    if op == "between":
        values = list(stored) if isinstance(stored, list | tuple) else [None, None]
    kinds = kinds_of(unit, field)
    asked = Asked(required=False, readonly=False, object=path.owner.key, kinds=kinds)
    for place, value in zip((FIRST, SECOND), values, strict=True):
        if place == SECOND and op != "between":
            return
        begins = prefix + place
        given = form is not None and any(name.startswith(begins) for name in form)
        here = replace(asked, stored=value, form=form if given else None, prefix=begins)
        yield widget.control(definition, locale, here)


def _widget(field: BoundField, op: str) -> Widget:
    if op in DAYS:
        return WIDGETS["integer"]
    if field.type.span and op not in WHOLE_SPAN:
        return WIDGETS["date"]
    if field.definition.options and (op in MANY or op in {"eq", "ne"}):
        return MultiSelectWidget() if op in MANY else WIDGETS["select"]
    return WIDGETS[field.type.widget]


def _free(definition: FieldDef) -> FieldDef:
    """Give the definition without what binds a record but not a question about records."""
    props = {key: value for key, value in definition.props.items() if key not in {"where", "many"}}
    return replace(definition, default=None, help=None, props=props)


def _stored(unit: Unit, field: BoundField, current: Test | None) -> Any:
    """Give the value of a condition as the control wants it: stored, or a label."""
    if current is None or isinstance(current.value, Period):
        return None
    value = current.value
    if current.op in DAYS:
        return value if isinstance(value, int) else None
    if current.op in MANY and not field.type.labelled:
        return tuple(str(one) for one in value) if isinstance(value, tuple) else (str(value),)
    if field.type.labelled:
        return _labelled(unit, field, value)
    if field.type.span and current.op not in WHOLE_SPAN:
        return _operand(field, current.op, value)
    return _parsed(field, value)


def _operand(field: BoundField, op: str, value: Any) -> Any:
    try:
        return field.type.parse_operand(op, value, field.definition)
    except InvalidValue:
        return None


def _labelled(unit: Unit, field: BoundField, value: Any) -> Any:
    """Name the records that a condition asks for."""
    definition = field.definition
    if not field.type.target(definition):  # asked for one by one, whatever a record may hold
        definition = _free(definition)
    kind = field.type
    try:
        stored = kind.parse(value, definition)
    except InvalidValue:
        return None
    names = {
        place: name
        for place in kind.named(stored, definition)
        if (name := names_of(unit, place[0], [place[1]]).get(place[1]))
    }
    return kind.with_names(stored, definition, names)


def _parsed(field: BoundField, value: Any) -> Any:
    try:
        if isinstance(value, tuple) and not field.many:
            return [field.type.parse(one, field.definition) for one in value]
        return field.type.parse(value, field.definition)
    except InvalidValue:
        return None


def _value(unit: Unit, field: BoundField, op: str, form: Form, prefix: str) -> Any:
    key = field.key
    if op in DAYS:
        raw = str(last(form, prefix + FIRST + DAY_COUNT.key)).strip()
        if not raw.isdigit():
            raise ConditionRefused(FieldError(key, "not_a_number_of_days"))
        return int(raw)
    widget = _widget(field, op)
    found = [_given(unit, field, widget.read(form, prefix + FIRST + key))]
    if op == "between":
        found.append(_given(unit, field, widget.read(form, prefix + SECOND + key)))
        return tuple(found)
    if op in MANY or isinstance(found[0], list):
        return tuple(found[0])
    return found[0]


def _given(unit: Unit, field: BoundField, raw: Any) -> Any:
    raw = found_records(unit, field, raw, ConditionRefused)
    if isinstance(raw, dict):  # the ends of a stretch
        raw = BETWEEN.join(raw.values()) if any(raw.values()) else ""
    if raw is ABSENT or raw in ("", []):
        raise ConditionRefused(FieldError(field.key, "value_missing"))
    if field.type.labelled and isinstance(raw, list):
        return [int(one) if str(one).isdigit() else one for one in raw]
    if field.type.target(field.definition) and str(raw).isdigit():
        return int(raw)
    if field.definition.type == "boolean":
        return raw == "true" if raw in {"true", "false"} else raw
    return raw


def periods(language: str) -> tuple[tuple[str, str], ...]:
    """Give the periods that a condition may name, with what they are called."""
    return tuple((key, translate(language, f"period.{key}")) for key in PERIOD_ORDER)
