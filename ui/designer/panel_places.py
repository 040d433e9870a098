"""Where the chosen field stands on the form, and how wide it is."""

from collections.abc import Mapping
from typing import Any

from ui.designer.canvas import section_label
from ui.designer.ordering import section_of
from ui.designer.pen import Input, Pen
from ui.i18n import translate
from ui.widgets.base import Choice, last


def section_input(pen: Pen) -> Input:
    """Draw the choice of the section of the form."""
    form = pen.workspace.site.form_of(pen.definition.key)
    arranged = {}
    choices = [Choice("", translate(pen.language, "designer.not_on_form"))]
    for tab in form.tabs.values():
        for section in tab.sections.values():
            path = f"tabs/{tab.key}/sections/{section.key}"
            arranged[path] = list(section.items)
            choices.append(Choice(path, section_label(form, tab, section, pen.language)))
    current = section_of(arranged, pen.key)
    return Input(
        name="section",
        label=translate(pen.language, "designer.in_section"),
        value=str(last(pen.form, "section")) if pen.typed else current,
        kind="select",
        choices=tuple(choices),
        error=pen.errors.get("section", ""),
    )


def width_input(pen: Pen) -> Input:
    """Draw the choice of the width on the form."""
    form = pen.workspace.site.form_of(pen.definition.key)
    layout: Mapping[str, Any] = {}
    for tab in form.tabs.values():
        for section in tab.sections.values():
            layout = section.items.get(pen.key, layout)
    words = {key: translate(pen.language, f"designer.width.{key}") for key in ("50", "100")}
    return Input(
        name="width",
        label=translate(pen.language, "designer.width"),
        value=str(last(pen.form, "width")) if pen.typed else str(layout.get("width", 50)),
        kind="select",
        choices=tuple(Choice(key, text) for key, text in words.items()),
    )
