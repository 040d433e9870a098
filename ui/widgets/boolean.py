"""Yes or no: a box where it is one or the other, a list where it may be unsaid."""

from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from engine.fields.words import TRUE_FALSE, in_language
from metadata.model import FieldDef
from ui.widgets.base import Asked, Cell, Choice, Inside, Widget, last
from ui.widgets.escaping import escaped


class BooleanWidget(Widget):
    """A box to tick, or a choice of yes, no and nothing while nothing was said."""

    template = "boolean"
    filter = "boolean"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        true, false = (escaped(word) for word in in_language(TRUE_FALSE, locale.language))
        cells = {
            None: "",
            True: f'<span class="h-yes">{true}</span>',
            False: f'<span class="h-no">{false}</span>',
        }

        def show(row: Sequence[Any]) -> str:
            return cells[row[index]]

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        if asked.form is not None:
            value = str(last(asked.form, name))
        else:
            value = {None: "", True: "true", False: "false"}[asked.stored]
        true, false = in_language(TRUE_FALSE, locale.language)
        # Only a value that is there can be kept by a box: unticked would turn "unsaid" to "no".
        boxed = asked.stored is not None and value in {"true", "false"}
        return Inside(
            value=value,
            type="checkbox" if boxed else "select",
            choices=(
                Choice("true", true, chosen=value == "true"),
                Choice("false", false, chosen=value == "false"),
            ),
        )
