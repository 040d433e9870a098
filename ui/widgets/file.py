"""Files of a record: links to them in the cell, a list to add to and take from in the form."""

from collections.abc import Sequence
from typing import Any, ClassVar

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.file import ADDRESS, FileRef, most_files
from engine.fields.registry import FIELD_TYPES
from engine.files.upload import types_of
from metadata.model import FieldDef
from ui.widgets.base import ABSENT, Asked, Cell, FileItem, Form, Inside, Widget
from ui.widgets.escaping import escaped

UNIT = 1024
UNITS = ("B", "KB", "MB", "GB")
SHOWN = 3
"""Files in a cell of a list; a number tells of the others."""


class FileWidget(Widget):
    """Hidden inputs, one a file, each with all that is shown of it; uploads add to them."""

    template = "file"
    small: ClassVar[bool] = False

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        return _cells(self.link, index, SHOWN)

    def whole(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        return _cells(self.line, index, most_files(field))

    def link(self, one: FileRef) -> str:
        """Draw a file in a cell."""
        start = f'<a class="h-file" href="{ADDRESS}{one.id}" hx-boost="false" download>'
        return f"{start}{escaped(one.name)}</a>"

    def line(self, one: FileRef) -> str:
        """Draw a file on the page of its record."""
        size = f"<small>{size_text(one.size)}</small>"
        return f'<span class="h-file-line">{self.link(one)} {size}</span>'

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        found = asked.stored or () if asked.form is None else _typed(asked.form.get(name, ()))
        return Inside(
            files=tuple(self.item(one, name) for one in found),
            source=f"{ADDRESS}{asked.object}/{field.key}" if asked.object else "",
            accept=self.accept(field),
            most=str(most_files(field)),
            camera=self.small,
        )

    def item(self, one: FileRef, name: str) -> FileItem:
        """Give a file as the control shows it."""
        thumb = f"{ADDRESS}{one.id}/thumb" if self.small and one.size else ""
        address = f"{ADDRESS}{one.id}" if one.size else ""
        return FileItem(name, one.line, one.name, size_text(one.size), address, thumb)

    def accept(self, field: FieldDef) -> str:
        """Give what a browser offers to choose from; "" for everything."""
        own = field.props.get("types")
        return ",".join(f".{one}" for one in sorted(types_of(field))) if own else ""

    def read(self, form: Form, name: str) -> Any:
        values = form.get(name)
        return ABSENT if values is None else [value for value in values if value]


class ImageWidget(FileWidget):
    """Pictures: small ones in the cell and in the form, larger ones on the page."""

    small = True

    def link(self, one: FileRef) -> str:
        return self._picture(one, "h-thumb")

    def line(self, one: FileRef) -> str:
        return self._picture(one, "h-picture")

    def accept(self, field: FieldDef) -> str:
        kinds = sorted({"jpeg" if one == "jpg" else one for one in types_of(field)})
        return ",".join(f"image/{one}" for one in kinds)

    def _picture(self, one: FileRef, css: str) -> str:
        name = escaped(one.name)
        start = f'<a class="{css}" href="{ADDRESS}{one.id}/image" target="_blank" rel="noopener"'
        return (
            f'{start} hx-boost="false"><img src="{ADDRESS}{one.id}/thumb" alt="{name}" '
            f'title="{name}" loading="lazy"></a>'
        )


def size_text(size: int) -> str:
    """Give a number of bytes as people read it; "" for none."""
    if not size:
        return ""
    amount, at = float(size), 0
    while amount >= UNIT and at < len(UNITS) - 1:
        amount, at = amount / UNIT, at + 1
    return f"{amount:.1f} {UNITS[at]}" if at > 1 else f"{amount:.0f} {UNITS[at]}"


def _cells(draw: Any, index: int, most: int) -> Cell:
    def show(row: Sequence[Any]) -> str:
        files = row[index]
        if not files:
            return ""
        drawn = "".join([draw(one) for one in files[:most]])
        more = len(files) - most
        rest = f'<span class="h-more">+{more}</span>' if more > 0 else ""
        return f'<span class="h-files">{drawn}{rest}</span>'

    return show


def _typed(values: Sequence[str]) -> list[FileRef]:
    """Give what a form holds; what is no file is shown as it stands."""
    kind = FIELD_TYPES["file"]
    found: list[FileRef] = []
    one_file = FieldDef(key="file", type="file", label={"": ""})
    for value in values:
        try:
            found += kind.parse(value, one_file) or ()
        except InvalidValue:
            found.append(FileRef("", value))
    return found
