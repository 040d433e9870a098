"""Regions: one native list per level, each filled when the one above it is chosen."""

import re
from collections.abc import Sequence
from typing import Any

from engine.context import Locale
from engine.fields import region_names
from engine.fields.region import RegionField
from metadata.model import FieldDef
from ui.widgets.base import ABSENT, Asked, Cell, Choice, Control, Form, Inside, Widget, last
from ui.widgets.escaping import escaped

_NAME = re.compile(r"[a-z0-9_.\-]{1,100}")
_MOST_LEVELS = len(region_names.LEVELS)


class RegionWidget(Widget):
    """Up to three lists; without JavaScript a text input that takes names."""

    template = "region"
    filter = "region"

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            return escaped(region_names.shown(value)) if value else ""

        return show

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        depth = RegionField.depth(field)
        if asked.form is None:
            code = typed = asked.stored or ""
            shown = typed = region_names.shown(code) if code else ""
        else:
            code = deepest(asked.form.get(name, ()))
            shown = str(last(asked.form, f"{name}.shown"))
            typed = str(last(asked.form, f"{name}.text"))
        return Inside(
            value=code,
            shown=shown,
            typed=typed,
            levels=levels(code, depth),
            source=f"/lookup/regions?depth={depth}&name={name}",
        )

    def read(self, form: Form, name: str) -> Any:
        typed = last(form, f"{name}.text", None)
        if typed is not None and typed.strip() != last(form, f"{name}.shown").strip():
            return typed
        codes = form.get(name)
        return ABSENT if codes is None else deepest(codes)


def deepest(codes: Sequence[str]) -> str:
    """Give the last code that lies in all before it: below a changed level the rest is stale."""
    chosen = ""
    for code in codes:
        if not code.startswith(chosen) or len(code) <= len(chosen):
            break
        chosen = code
    return chosen


def levels(code: str, depth: int) -> tuple[tuple[Choice, ...], ...]:
    """Give the choices of each level, empty below the first level that is not chosen."""
    found: list[tuple[Choice, ...]] = []
    above = ""
    for _ in range(depth):
        inside = region_names.children(above, depth) if above or not found else ()
        chosen = next((part.code for part in inside if code.startswith(part.code)), "")
        found.append(tuple(Choice(part.code, part.name, part.code == chosen) for part in inside))
        above = chosen
    return tuple(found)


def deeper(name: str, code: str, depth: int) -> Control:
    """Give the control whose lists below a changed level are drawn anew.

    Raises:
        ValueError: no name or depth that this widget's own templates ask with.
    """
    if not _NAME.fullmatch(name) or not 1 <= depth <= _MOST_LEVELS:
        raise ValueError("not a region control")
    return Control(
        template="widgets/_region_selects.html",
        id=f"f-{name}",
        name=name,
        label="",
        help="",
        error="",
        required=False,
        readonly=False,
        inside=Inside(
            value=code,
            levels=levels(code, depth),
            source=f"/lookup/regions?depth={depth}&name={name}",
        ),
    )
