"""What the values of the chosen field begin with: a default, the moment, a number of a rule."""

from collections.abc import Mapping
from dataclasses import replace

from engine.context import Locale
from engine.fields.registry import FIELD_TYPES
from metadata.model import OptionDef
from ui.designer.begins import NAME as BEGINS
from ui.designer.begins import begin_choices, begins_with
from ui.designer.definitions import (
    DEFAULT,
    OWN,
    field_of,
    takes_default,
)
from ui.designer.number_rules import rule_of_field, samples
from ui.designer.pen import Input, Pen
from ui.designer.sentences import property_label
from ui.i18n import translate
from ui.widgets.base import Asked, Choice, Control, last
from ui.widgets.registry import WIDGETS


def default_control(pen: Pen) -> Control:
    """Draw the control of a typed default, as the type of the field has it."""
    source = str(last(pen.form, "options_from"))
    shared: Mapping[str, OptionDef] | None = None
    if source:
        found = pen.workspace.site.option_sets.get(source)
        shared = found.options if found is not None else {}
    field = field_of("default", {**pen.raw, "required": False})
    if shared is not None:
        field = replace(field, options=shared)
    stored = None
    if "default" in pen.raw and not pen.typed and not isinstance(pen.raw["default"], Mapping):
        stored = pen.raw["default"]
        kind = FIELD_TYPES[field.type]
        if not kind.has_options or field.type == "tags":
            stored = kind.parse(stored, field)
    asked = Asked(
        stored=stored,
        form=pen.form if pen.typed else None,
        error=pen.errors.get(DEFAULT, ""),
        required=False,
        readonly=pen.locked("default"),
        object=pen.definition.key,
        prefix=OWN,
    )
    locale: Locale = pen.workspace.unit.context.locale
    control = WIDGETS[FIELD_TYPES[field.type].widget].control(field, locale, asked)
    return replace(control, label=property_label("default", pen.language), id="p-prop-default")


def sample_numbers(pen: Pen) -> tuple[str, ...]:
    """Give sample numbers of a numbered field."""
    rule = rule_of_field(pen.workspace, pen.definition.key, pen.key)
    return samples(pen.workspace, rule) if rule is not None else ()


def begins_input(pen: Pen) -> Input | None:
    """Draw the choice of what a new record begins with; None where one can only type it."""
    choices = begin_choices(pen.workspace, pen.definition, pen.key, pen.raw)
    if not choices:
        return None
    typed = "value" if takes_default(str(pen.raw["type"])) else "nothing"
    first = Choice("", translate(pen.language, f"designer.begins.{typed}"))
    now = begins_with(pen.definition, pen.key, pen.raw)
    return Input(
        name=BEGINS,
        label=translate(pen.language, "designer.begins"),
        value=str(last(pen.form, BEGINS)) if pen.typed else now,
        kind="select",
        locked=pen.locked("default"),
        choices=(first, *choices),
        error=pen.errors.get(BEGINS, ""),
    )
