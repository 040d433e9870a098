"""The empty workbook to fill in: one column per field, options to choose from in their cells."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from engine.exchange.mapping import Target, targets
from engine.exchange.order import importing
from engine.exchange.writers import DAY, MOMENT, NARROWEST, WIDEST
from engine.fields import region_names
from engine.fields.choices import open_options
from engine.storage.snapshot import BoundField, Unit
from metadata.model import say

STAR = " *"
LAST_ROW = 5_000
"""Cells offer their options down to this row; further rows take what is typed."""
SHEET_OF_LISTS = "Lists"
WITHOUT_COLUMN = frozenset({"owner_department", "former_owner", "received_at", "received_via"})


def write_template(unit: Unit, object_key: str, path: Path) -> str:
    """Write the template of an object for the actor; gives a name to save it under.

    Raises:
        UnknownObject: no such object, or it is out of his rights.
        Forbidden: he may not import into it.
    """
    bound = importing(unit, object_key)
    language = unit.context.locale.language
    columns = [one for path, one in targets(unit, bound).items() if path not in WITHOUT_COLUMN]
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    name = say(bound.definition.plural, language)
    sheet = book.add_worksheet()
    lists = book.add_worksheet(SHEET_OF_LISTS)
    lists.hide()
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "star": book.add_format({"bold": True, "bottom": 1, "font_color": "#c2262e"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": DAY}),
        "instant": book.add_format({"num_format": MOMENT}),
    }
    sheet.freeze_panes(1, 0)
    for at, target in enumerate(columns):
        _column(sheet, at, target, formats, language)
        texts = _choices(target.field, language)
        if texts:
            lists.write_column(0, at, texts)
            place = xlsxwriter.utility.xl_range_abs(0, at, len(texts) - 1, at)
            sheet.data_validation(
                1,
                at,
                LAST_ROW,
                at,
                {
                    "validate": "list",
                    "source": f"={SHEET_OF_LISTS}!{place}",
                    "error_type": "warning",
                },
            )
    book.close()
    return f"{name}.xlsx"


def _column(sheet: Any, at: int, target: Target, formats: dict[str, Any], language: str) -> None:
    field, definition = target.field, target.field.definition
    label = target.label(language)
    width = min(max(sum(1 + (c > "\xff") for c in label) + 6, NARROWEST), WIDEST)
    kind = "text" if field.type.span else field.type.columns(definition)[0].kind
    sheet.set_column(at, at, width, formats.get(kind))
    starred = definition.required and field.type.fillable
    sheet.write_string(
        0, at, label + STAR if starred else label, formats["star" if starred else "head"]
    )
    if definition.help is not None:
        sheet.write_comment(0, at, say(definition.help, language))


def _choices(field: BoundField, language: str) -> Sequence[str]:
    """Give the texts that a cell of the column can have; none where there is no such list."""
    definition = field.definition
    if field.many:
        return ()
    if field.type.has_options:
        return [say(definition.options[key].label, language) for key in open_options(definition)]
    if field.type.within:
        depth = int(definition.props.get("depth", 3))
        return _regions("", depth)
    return ()


def _regions(above: str, depth: int) -> list[str]:
    found = []
    for region in region_names.children(above, depth):
        found.append(region_names.shown(region.code))
        found.extend(_regions(region.code, depth))
    return found
