"""Lines of a record in its form: a table of controls, and where each error stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import FieldError
from engine.records.line_plans import LinePlan, line_plan
from engine.records.line_rows import lines_of
from engine.records.shape import shape_of
from engine.records.validate import first_values
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import say
from ui.errors import field_message
from ui.i18n import translate
from ui.pages.filling import Filling
from ui.pages.layout import settable
from ui.pages.line_marks import shown_marks
from ui.pages.line_reckon import reckoner
from ui.pages.line_table import column_css, shown_keys, totals
from ui.widgets.base import Asked, Control, Form, last
from ui.widgets.line_items import NUMBER, prefix_of
from ui.widgets.registry import widget_of

BLANK = "__row__"
"""The mark of the row that the script copies for a new line."""


@dataclass(frozen=True, slots=True)
class LineColumn:
    """A column of the table."""

    key: str
    label: str
    css: str
    required: bool


@dataclass(frozen=True, slots=True)
class LineCell:
    """A cell: a control, or only a value where it may not be set."""

    key: str
    css: str
    label: str
    control: Control | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A row of the table; ``mark`` names it within the form."""

    mark: str
    number: int
    id: str
    cells: tuple[LineCell, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class LineTotal:
    """A cell under the table; ``key`` is the roll-up of the record that it says, "" for none."""

    css: str
    label: str
    key: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTable:
    """What the template of the control needs beside label, help and error.

    ``url``: where the form is sent to. ``foot``: one cell a column; none without totals.
    """

    columns: tuple[LineColumn, ...]
    rows: tuple[LineRow, ...]
    blank: LineRow
    url: str
    foot: tuple[LineTotal, ...]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is known while a table is drawn."""

    unit: Unit
    plan: LinePlan
    child: BoundObject
    keys: tuple[str, ...]
    may: frozenset[str]
    errors: Sequence[FieldError]


def line_control(
    unit: Unit,
    bound: BoundObject,
    control: Control,
    filling: Filling,
    form: Form | None,
    values: Mapping[str, Any],
) -> Control:
    """Fill the table of a control of lines.

    Args:
        unit: the call.
        bound: the object of the record.
        control: as its widget made it.
        filling: the form.
        form: what was sent, if the table was; it wins over what is stored.
        values: the record as the form shows it.
    """
    plan = line_plan(unit.snapshot, bound.key, control.name)
    drawing = _drawing(unit, plan, filling.errors)
    blank = first_values(unit, shape_of(unit, plan.child))
    record_id = filling.opened.id if filling.opened else None
    source = filling.opened or filling.copied
    rows: list[LineRow] = []
    if form is not None:
        entry = reckoner(unit, plan, form, record_id, values)
        for at, mark in enumerate(shown_marks(unit, plan, form)):
            rows.append(_row(drawing, mark, at, entry.line(mark), form))
    elif source is not None:
        page, found = lines_of(unit, plan, [source.id])
        for at, row in enumerate(found.get(source.id, ())):
            line = {key: slot.value(row) for key, slot in page.slots.items()}
            number = row[0] if filling.opened else ""  # a copied line is a new one
            rows.append(_row(drawing, str(at), at, {**line, "id": number}, None))
    columns = tuple(
        LineColumn(
            key,
            say(drawing.child.fields[key].definition.label, unit.context.locale.language),
            column_css(drawing.child, key),
            drawing.child.fields[key].definition.required and key in drawing.may,
        )
        for key in drawing.keys
    )
    url = f"/o/{bound.key}/{record_id}" if record_id is not None else f"/o/{bound.key}"
    table = LineTable(
        columns=columns,
        rows=tuple(rows),
        blank=_row(drawing, BLANK, 0, blank, None),
        url=url,
        foot=_foot(drawing, bound, values),
    )
    return replace(control, inside=replace(control.inside, table=table))


def _foot(
    drawing: _Drawing, bound: BoundObject, values: Mapping[str, Any]
) -> tuple[LineTotal, ...]:
    unit, sums = drawing.unit, totals(drawing.unit, drawing.plan)
    locale = unit.context.locale
    found = []
    for key in drawing.keys:
        css = column_css(drawing.child, key)
        label = say(drawing.child.fields[key].definition.label, locale.language)
        if key not in sums:
            found.append(LineTotal("", ""))
            continue
        field = bound.fields[sums[key]]
        text = field.type.text(values.get(field.key), field.definition, locale)
        found.append(LineTotal(css, label, field.key, text))
    return tuple(found) if any(one.key for one in found) else ()


def _drawing(unit: Unit, plan: LinePlan, errors: Sequence[FieldError]) -> _Drawing:
    child = unit.snapshot.object(plan.child)
    keys = shown_keys(unit, plan)
    return _Drawing(unit, plan, child, keys, settable(unit, plan.child, new=True), errors)


def _row(
    drawing: _Drawing, mark: str, at: int, values: Mapping[str, Any], form: Form | None
) -> LineRow:
    language = drawing.unit.context.locale.language
    prefix = prefix_of(drawing.plan.key, mark)
    place = f"{drawing.plan.key}/{at}"
    wrong = next((one for one in drawing.errors if one.field == place), None)
    number = last(form, prefix + NUMBER) if form is not None else values.get("id") or ""
    return LineRow(
        mark=mark,
        number=at + 1,
        id=str(number),
        cells=tuple(_cell(drawing, key, place, prefix, values, form) for key in drawing.keys),
        error=field_message(wrong, language) if wrong and mark != BLANK else "",
    )


def _cell(
    drawing: _Drawing,
    key: str,
    place: str,
    prefix: str,
    values: Mapping[str, Any],
    form: Form | None,
) -> LineCell:
    locale = drawing.unit.context.locale
    field = drawing.child.fields[key]
    css, label = column_css(drawing.child, key), say(field.definition.label, locale.language)
    if key not in drawing.may:
        text = field.type.text(values.get(key), field.definition, locale)
        return LineCell(key, css, label, text=text)
    wrong = next((one for one in drawing.errors if one.field == f"{place}/{key}"), None)
    asked = Asked(
        stored=values.get(key),
        form=form,
        error=field_message(wrong, locale.language) if wrong and BLANK not in prefix else "",
        readonly=False,
        object=drawing.child.key,
        prefix=prefix,
    )
    control = widget_of(field.definition).control(field.definition, locale, asked)
    if control.inside.source:
        source = f"{control.inside.source}?_prefix={prefix}"
        inside = replace(control.inside, source=source, dependent=False)
        control = replace(control, inside=inside)
    return LineCell(key, css, label, control=replace(control, help=""))


def numbered(unit: Unit, bound: BoundObject, error: FieldError) -> tuple[str, str]:
    """Give the field of lines that an error stands in, and the words for its place; "" if none."""
    key, _, rest = error.field.partition("/")
    if not rest or key not in bound.fields or not bound.fields[key].type.lines:
        return "", ""
    language = unit.context.locale.language
    at, _, inner = rest.partition("/")
    words = [
        say(bound.fields[key].definition.label, language),
        translate(language, "widget.lines.row", number=int(at) + 1),
    ]
    child = unit.snapshot.object(line_plan(unit.snapshot, bound.key, key).child)
    if inner in child.fields:
        words.append(say(child.fields[inner].definition.label, language))
    return key, " · ".join(words)
