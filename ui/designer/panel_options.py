"""The options of the chosen field, as rows of the properties panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from metadata.documents import look_up
from metadata.model import say
from ui.designer.changes import field_path
from ui.designer.definitions import (
    LANGUAGES,
)
from ui.designer.pen import Input, Pen, input_for
from ui.i18n import translate
from ui.widgets.base import Choice, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One option in the editor. ``key_fixed``: it is published and cannot be renamed."""

    at: int
    key: str
    shown_key: str
    labels: tuple[tuple[str, str], ...]
    color: str
    is_retired: bool
    key_fixed: bool
    error: str = ""


def options_from_input(pen: Pen) -> Input:
    """Draw the choice of a shared set of options."""
    sets = pen.workspace.site.option_sets.items()
    own = Choice("", translate(pen.language, "designer.own_options"))
    return input_for(
        pen,
        "options_from",
        translate(pen.language, "designer.options_from"),
        kind="select",
        locked=not pen.is_new,
        choices=(own, *(Choice(key, say(one.label, pen.language)) for key, one in sets)),
    )


def option_rows(pen: Pen) -> list[OptionRow]:
    """Give the rows of the option editor, as they were typed."""
    published = pen.workspace.published(pen.document)
    path = f"{field_path(pen.key)}/options"
    known = look_up(published.body, path, {}) if published is not None else {}
    retired = set(pen.form.get("option.retired", ()))
    rows = []
    for at, key in enumerate(pen.form.get("option.key", ())):
        names = [f"option.{part}.{at}" for part in ("as", "label", "color")]
        names += [f"option.label.{code}.{at}" for code in LANGUAGES]
        errors = [pen.errors[name] for name in names if name in pen.errors]
        rows.append(
            OptionRow(
                at=at,
                key=key,
                shown_key=_at(pen.form, "option.as", at) or key,
                labels=tuple(
                    (code, _at(pen.form, f"option.label.{code}", at)) for code in LANGUAGES
                ),
                color=_at(pen.form, "option.color", at),
                is_retired=key in retired,
                key_fixed=key in known,
                error=" ".join(errors),
            )
        )
    return rows


def _at(form: Form, name: str, position: int) -> str:
    values: Sequence[str] = form.get(name, ())
    return str(values[position]) if position < len(values) else ""
