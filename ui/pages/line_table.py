"""Lines of a record, shown as a table on its page."""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.query.listing import Row, Slot
from engine.records.line_plans import LinePlan, line_plan
from engine.records.line_rows import line_columns, lines_of
from engine.records.line_sums import roll_ups
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import say
from ui.i18n import translate
from ui.pages.rows import value_html
from ui.widgets.registry import widget_of

BESIDE = frozenset({"id", "version"})


def shown_keys(unit: Unit, plan: LinePlan) -> tuple[str, ...]:
    """Give the fields of a line that a table shows."""
    return tuple(key for key in line_columns(unit, plan) if key not in BESIDE)


def totals(unit: Unit, plan: LinePlan) -> dict[str, str]:
    """Give the columns that a row of totals adds up -> the roll-up of the record that says it."""
    seen, rights = visible_fields(unit, plan.parent), rights_of(unit)
    found = {}
    for field in roll_ups(unit.snapshot, plan):
        computed = field.definition.computed
        if computed is None or computed.agg != "sum" or computed.where is not None:
            continue
        if field.key in seen and not rights.field_mask(plan.parent, field.key):
            found[computed.field] = field.key
    return found


def column_css(child: BoundObject, key: str) -> str:
    """Give the classes of a column's cells and head."""
    field = child.fields[key]
    if field.type.labelled:
        return "is-link"
    return "is-number" if widget_of(field.definition).align == "end" else ""


def line_html(
    unit: Unit, bound: BoundObject, key: str, record_id: int, told: Callable[[str], str]
) -> Markup:
    """Draw the lines of a record that was read; "" for none. ``told``: its fields as text."""
    plan = line_plan(unit.snapshot, bound.key, key)
    page, found = lines_of(unit, plan, [record_id])
    rows = found.get(record_id, ())
    if not rows:
        return Markup()
    child, language = unit.snapshot.object(plan.child), unit.context.locale.language
    columns = [
        (one, column_css(child, one), say(child.fields[one].definition.label, language))
        for one in shown_keys(unit, plan)
    ]
    heads = Markup().join(
        Markup('<th scope="col" class="{}">{}</th>').format(css, label)
        for _, css, label in columns
    )
    body = Markup().join(_row(unit, columns, page.slots, row) for row in rows)
    return Markup(
        '<div class="h-lines-box" tabindex="0"><table class="h-lines is-shown"><thead><tr>{}</tr>'
        "</thead><tbody>{}</tbody>{}</table></div>"
    ).format(heads, body, _foot(unit, plan, columns, told))


def _foot(
    unit: Unit, plan: LinePlan, columns: list[tuple[str, str, str]], told: Callable[[str], str]
) -> Markup:
    sums = totals(unit, plan)
    if not any(key in sums for key, _, _ in columns):
        return Markup()
    title = translate(unit.context.locale.language, "widget.lines.total")
    cell = Markup('<td class="{}" data-label="{}">{}</td>')
    cells = [
        cell.format(css, label, told(sums[key])) if key in sums else Markup("<td></td>")
        for key, css, label in columns[1:]
    ]
    head = Markup('<th scope="row">{}</th>').format(title)
    return Markup("<tfoot><tr>{}{}</tr></tfoot>").format(head, Markup().join(cells))


def _row(
    unit: Unit, columns: list[tuple[str, str, str]], slots: Mapping[str, Slot], row: Row
) -> Markup:
    cell = Markup('<td class="{}" data-label="{}">{}</td>')
    return Markup("<tr>{}</tr>").format(
        Markup().join(
            cell.format(css, label, value_html(slots[key], row, unit.context.locale))
            for key, css, label in columns
        )
    )
