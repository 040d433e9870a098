"""Rows of lists: one plain function per column, composed once per version, joined in Python."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.context import Locale
from engine.query.paths import resolve
from engine.query.rows import ID_INDEX, VERSION_INDEX, Row, Slot
from engine.records.encode import covered
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import ColumnDef
from ui.widgets.base import Cell
from ui.widgets.escaping import escaped
from ui.widgets.registry import WIDGETS, widget_of

Rows = Callable[[Sequence[Row]], Markup]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStyle:
    """How the rows of a table are drawn. Hashable: it is part of the key of a composed table.

    Attributes:
        object: the object's key.
        columns: in order.
        editable: paths of the columns that edit in place.
        covered: paths of which only the ends of a value may be seen.
        pick: rows have a box; ``pick_label`` names it, with the record's name put after it.
        peek: the name opens the record over the list.
        star: HTML before the record's id, and after it up to its name, for which NUL stands.
        tools: HTML after the row; ``{id}`` and nothing else is replaced.
    """

    object: str
    columns: tuple[ColumnDef, ...]
    name_field: str
    editable: frozenset[str] = frozenset()
    covered: frozenset[str] = frozenset()
    pick: bool = False
    pick_label: str = ""
    peek: bool = False
    star: tuple[str, str] | None = None
    tools: str = ""


def compose_rows(style: RowStyle, slots: Mapping[str, Slot], locale: Locale) -> Rows:
    """Make the function that draws the rows of a table.

    Args:
        style: what belongs to a row.
        slots: where the values stand.
        locale: of the reader.
    """
    pieces = tuple(_pieces(style, slots, locale))
    # The text between the cells is one pattern, so that a row is one step for the interpreter.
    pattern = "".join(literal.replace("%", "%%") + "%s" for literal, _ in pieces)
    # What stands several times in a row, as its name and its id, is made once.
    cells = list(dict.fromkeys(cell for _, cell in pieces))
    arranged = itemgetter(*(cells.index(cell) for _, cell in pieces))

    def draw(rows: Sequence[Row]) -> Markup:
        drawn = [pattern % arranged([cell(row) for cell in cells]) for row in rows]
        return Markup("".join(drawn))  # noqa: S704 - cells escape what they show

    return draw


def text_cell(slot: Slot, locale: Locale) -> Cell:
    """Compose a cell that shows nothing but text, as inside a link or an attribute."""
    kind, definition = slot.field.type, slot.field.definition

    def show(row: Row) -> str:
        return escaped(str(kind.text(slot.value(row), definition, locale)))

    return show


def covered_cell(slot: Slot, locale: Locale) -> Cell:
    """Compose a cell of which only the ends of the value are seen."""
    kind, definition = slot.field.type, slot.field.definition

    def show(row: Row) -> str:
        return escaped(covered(str(kind.text(slot.value(row), definition, locale)), slot.field))

    return show


def covered_paths(unit: Unit, bound: BoundObject, paths: Iterable[str]) -> frozenset[str]:
    """Give the paths of which the actor sees only the ends of a value in lists."""
    rights = rights_of(unit)
    found = (resolve(unit.snapshot, bound, path) for path in paths)
    return frozenset(
        path.text for path in found if rights.field_mask(path.owner.key, path.field.key)
    )


def value_html(slot: Slot, row: Row, locale: Locale) -> Markup:
    """Draw one value for facts and record pages: as a list would, but all of it."""
    drawn = cell_of(slot, locale, whole=True)(row)
    return Markup(drawn)  # noqa: S704 - cells escape what they show


def column_css(column: ColumnDef, slot: Slot, *, first: bool, pinned: bool) -> str:
    """Give the classes of a column's cells and head."""
    classes = []
    number = widget_of(slot.field.definition).align == "end"
    if column.align == "right" or (number and column.align != "left"):
        classes.append("is-number")
    elif column.align == "center":
        classes.append("is-center")
    if first and pinned:
        classes.append("is-pinned")
    if column.width:
        classes.append(f"h-w{column.width}")
    return " ".join(classes)


_Column = tuple[str, list[tuple[str, Cell]], str]
"""The opening of a cell, the texts inside it with what follows each, and what closes them."""


def _columns(
    style: RowStyle, slots: Mapping[str, Slot], locale: Locale, name: Cell
) -> Iterator[_Column]:
    parts = card_parts(style, slots)
    for at, column in enumerate(style.columns):
        slot = slots[column.path]
        css = column_css(column, slot, first=at == 0, pinned=True)
        classes = " ".join(part for part in (css, parts.get(column.path, "")) if part)
        attributes = f' class="{classes}"' if classes else ""
        if column.path in style.editable:
            attributes += f' data-field="{escaped(column.path)}"'
        inside = [("", cell_of(slot, locale))]
        if _opens(style, column):
            shown = name if column.path == style.name_field else _name(style, slot, locale)
            end = '" data-peek>' if style.peek else '">'
            link = f'<a class="h-name" href="/o/{escaped(style.object)}/'
            yield f"<td{attributes}>", [(link, _ID), (end, shown)], "</a>"
            continue
        if column.path in style.covered:
            inside = [("", covered_cell(slot, locale))]
        yield f"<td{attributes}>", inside, ""


def card_parts(style: RowStyle, slots: Mapping[str, Slot]) -> dict[str, str]:
    """Choose what a card on a phone shows: the name, one badge, the rest as facts.

    Of the facts that a record has, the style sheet shows the first two.
    """
    opener = next((c.path for c in style.columns if _opens(style, c)), "")
    title = opener or style.columns[0].path
    found = {title: "is-card-title"}
    badge = next(
        (
            column.path
            for column in style.columns
            if column.path != title and slots[column.path].field.definition.type == "select"
        ),
        "",
    )
    if badge:
        found[badge] = "is-card-badge"
    rest = [column.path for column in style.columns if column.path not in found]
    found.update(dict.fromkeys(rest, "is-card-fact"))
    return found


def _opens(style: RowStyle, column: ColumnDef) -> bool:
    return column.opens == "record" or column.path == style.name_field


def cell_of(slot: Slot, locale: Locale, *, whole: bool = False) -> Cell:
    """Compose a cell as the widget of the field draws it; ``whole``: with all of the value."""
    if (
        slot.label_field is not None
        and slot.label_field.type.columns(slot.label_field.definition)[0].kind != "text"
    ):
        return text_cell(slot, locale)  # the label is no text, so the widget cannot draw it
    widget = WIDGETS[slot.field.type.widget]
    definition = slot.field.definition
    draw = widget.whole if whole else widget.cell
    return draw(definition, locale, index=slot.index, label_index=slot.label_index)


def _name(style: RowStyle, slot: Slot, locale: Locale) -> Cell:
    """Compose what names a record: the text of a field, the number where that is empty."""
    draw = covered_cell if slot.path in style.covered else text_cell
    text = draw(slot, locale)

    def show(row: Row) -> str:
        return text(row) or f"#{row[ID_INDEX]}"

    return show


def _pieces(
    style: RowStyle, slots: Mapping[str, Slot], locale: Locale
) -> Iterator[tuple[str, Cell]]:
    """Give a row as texts, each with the cell that follows it."""
    name = _name(style, slots[style.name_field], locale)
    yield '<tr data-id="', _ID
    yield '" data-version="', _VERSION
    before = '">'
    if style.pick:
        pick = '<td class="is-pinned is-pick"><label class="h-pick">'
        yield f'{before}{pick}<input type="checkbox" name="ids" value="', _ID
        label = escaped(style.pick_label)
        yield f'" form="bulk" aria-label="{label} ', name
        before = '"></label></td>'
    for at, (opening, inside, closing) in enumerate(_columns(style, slots, locale, name)):
        before += opening
        if at == 0 and style.star:
            start, end = style.star
            middle, _, close = end.partition("\0")
            yield before + start, _ID
            yield middle, name
            before = close
        for text, cell in inside:
            yield before + text, cell
            before = ""
        before = closing
    tools = style.tools.split("{id}")
    for tool in tools[:-1]:
        yield before + tool, _ID
        before = ""
    yield before + tools[-1], _nothing


def _plain(index: int) -> Cell:
    def show(row: Row) -> str:
        return str(row[index])

    return show


def _nothing(_row: Row) -> str:
    return ""


_ID, _VERSION = _plain(ID_INDEX), _plain(VERSION_INDEX)
