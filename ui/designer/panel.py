"""The properties of the chosen field, ready for the template: inputs, errors, what is locked."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import FieldError
from engine.fields.registry import TYPES
from metadata.computed import COMPUTED, FORMULA
from metadata.errors import Problem
from metadata.model import ObjectDef, say
from ui.designer.canvas import definition_in, type_label
from ui.designer.changes import field_path, is_new, object_document
from ui.designer.choosing import choices_of
from ui.designer.conditions import Told, field_conditions
from ui.designer.definitions import (
    COLORS,
    FLAGS,
    LANGUAGES,
    OWN,
    form_of,
    specs_of,
    takes_default,
    takes_inverse,
)
from ui.designer.edits import made_by_type
from ui.designer.faces import icon_of
from ui.designer.panel_options import OptionRow, option_rows, options_from_input
from ui.designer.panel_places import section_input, width_input
from ui.designer.panel_values import begins_input, default_control, sample_numbers
from ui.designer.pen import Input, Pen, input_for, typed_flag
from ui.designer.sentences import property_label
from ui.designer.type_change import targets_of
from ui.designer.workspace import Workspace
from ui.i18n import has_text, translate
from ui.widgets.base import Control, Form, last

UNCHANGEABLE = frozenset({"scale", "to", "many"})
"""Own properties that say how values are stored: fixed once the field is published."""
SELECT = "select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Everything about the chosen field."""

    key: str
    title: str
    type: str
    icon: str
    can_retype: bool
    is_new: bool
    is_system: bool
    is_sealed: bool
    in_list: bool
    is_auto_key: bool
    key_input: Input
    labels: tuple[Input, ...]
    helps: tuple[Input, ...]
    flags: tuple[Input, ...]
    own: tuple[Input, ...]
    inverse: tuple[Input, ...]
    numbers: tuple[str, ...]
    begins: Input | None
    default: Control | None
    has_options: bool
    options_from: Input | None
    options: tuple[OptionRow, ...]
    colors: tuple[str, ...]
    section: Input
    width: Input
    conditions: tuple[Told, ...] = ()
    general: tuple[str, ...] = ()

    @property
    def has_help(self) -> bool:
        """Tell whether the help texts say something, or are wrong."""
        return any(one.value or one.error or one.local for one in self.helps)


def panel_of(
    workspace: Workspace,
    definition: ObjectDef,
    key: str,
    form: Form | None = None,
    errors: Mapping[str, str] | None = None,
) -> Panel | None:
    """Compose the panel of a field; None when there is no such field.

    Args:
        workspace: the draft.
        definition: the object.
        key: the field.
        form: what was typed and not taken; it is shown again.
        errors: name of an input -> what is wrong; "" for what belongs to no input.
    """
    raw = definition_in(workspace.document(object_document(definition.key)), key)
    field = definition.fields.get(key)
    if raw is None or field is None:
        return None
    pen = Pen(
        workspace=workspace,
        definition=definition,
        key=key,
        raw=raw,
        form=form_of(raw, workspace.language) if form is None else form,
        typed=form is not None,
        errors=errors or {},
        is_new=is_new(workspace.changes, object_document(definition.key), field_path(key)),
    )
    written = str(raw["type"])
    has_options = TYPES.can(written, "options") and (
        written != FORMULA or last(pen.form, f"{OWN}returns") == SELECT
    )
    listed = workspace.site.list_of(definition.key)
    return Panel(
        key=key,
        title=say(field.label, workspace.language),
        type=type_label(written, workspace.language),
        icon=icon_of(written),
        can_retype=bool(targets_of(workspace, definition.key, key)),
        is_new=pen.is_new,
        is_system=field.system,
        is_sealed=all(pen.locked(name) for name in ("label", "required", "help")),
        in_list=typed_flag(pen, "in_list", current=key in listed.columns),
        is_auto_key=made_by_type(key, written),
        key_input=_key(pen),
        labels=_texts(pen, "label", "text"),
        helps=_texts(pen, "help", "area"),
        flags=_flags(pen),
        own=() if field.system else tuple(_own(pen)),
        inverse=_inverse(pen) if takes_inverse(written) and not field.system else (),
        numbers=sample_numbers(pen),
        begins=begins_input(pen) if not field.system else None,
        default=default_control(pen) if takes_default(written) and not field.system else None,
        has_options=has_options and not field.system,
        options_from=options_from_input(pen) if has_options else None,
        options=tuple(option_rows(pen)) if has_options else (),
        colors=COLORS,
        section=section_input(pen),
        width=width_input(pen),
        conditions=field_conditions(workspace, definition, key),
        general=tuple(text for name, text in pen.errors.items() if not name),
    )


def input_of(problem: Problem, key: str, form: Form, language: str) -> str:
    """Give the name of the input that a problem of a field belongs to; "" for none."""
    path = field_path(key)
    if problem.path == path:
        wanted = str(problem.params.get("property", ""))
        own = {"": "key", "options": "options_from"}
        return own.get(wanted, OWN + wanted)
    if not problem.path.startswith(f"{path}/"):
        return "key" if problem.path.rpartition("/")[2] == key else ""
    name, _, inner = problem.path.removeprefix(f"{path}/").partition("/")
    if name in {"label", "help"}:
        filled = [code for code in LANGUAGES if str(last(form, f"{name}.{code}")).strip()]
        return f"{name}.{inner or (filled or [language])[0]}"
    if name == "options":
        return _option_input(inner, form)
    if name == "inverse":
        return f"inverse.{LANGUAGES[0]}"
    return name if name in {*FLAGS, "options_from"} else OWN + name


def _option_input(inner: str, form: Form) -> str:
    option, _, part = inner.partition("/")
    keys = list(form.get("option.as", ()))
    at = keys.index(option) if option in keys else 0
    return f"option.{part.partition('/')[0] or 'as'}.{at}"


def field_message(error: FieldError, language: str) -> str:
    """Say what is wrong with an input."""
    for word in (f"designer.invalid.{error.code}", f"invalid.{error.code}"):
        if has_text(language, word):
            return translate(language, word, **error.params)
    raise RuntimeError(error.code)


def _key(pen: Pen) -> Input:
    typed = str(last(pen.form, "key")) if pen.typed else ""
    return Input(
        name="key",
        label=translate(pen.language, "designer.key"),
        value=typed or pen.key,
        error=pen.errors.get("key", ""),
        help=translate(pen.language, "designer.key_help") if pen.is_new else "",
        locked=not pen.is_new,
    )


def _texts(pen: Pen, name: str, kind: str) -> tuple[Input, ...]:
    whole, theirs = pen.override(name)
    row = []
    for code in LANGUAGES:
        own, own_theirs = pen.override(f"{name}/{code}")
        row.append(
            input_for(
                pen,
                f"{name}.{code}",
                translate(pen.language, f"designer.prop.{name}.{code}"),
                kind=kind,
                locked=pen.locked(name),
                local=own or whole,
                theirs=own_theirs or theirs,
            )
        )
    return tuple(row)


def _flags(pen: Pen) -> tuple[Input, ...]:
    found = []
    for name in FLAGS:
        if not TYPES.can(str(pen.raw["type"]), name):
            continue
        local, theirs = pen.override(name)
        fixed = name == "unique" and not pen.is_new
        found.append(
            input_for(
                pen,
                name,
                property_label(name, pen.language),
                kind="check",
                locked=pen.locked(name) or fixed,
                local=local,
                theirs=theirs,
            )
        )
    return tuple(found)


def _own(pen: Pen) -> list[Input]:
    found = []
    for spec in specs_of(str(pen.raw["type"])):
        local, theirs = pen.override(spec.name)
        computed = str(pen.raw["type"]) in COMPUTED  # its values can all be made again
        kept = spec.name in UNCHANGEABLE and spec.kind != "objects"
        fixed = kept and not pen.is_new and not computed
        choices = choices_of(pen.workspace, pen.definition.key, spec, pen.form)
        found.append(
            input_for(
                pen,
                OWN + spec.name,
                property_label(spec.name, pen.language),
                kind="several" if spec.kind == "objects" else "select" if choices else spec.kind,
                locked=pen.locked(spec.name) or fixed,
                choices=choices,
                least=spec.least,
                most=spec.most,
                local=local,
                theirs=theirs,
            )
        )
    return found


def _inverse(pen: Pen) -> tuple[Input, ...]:
    return tuple(
        input_for(
            pen,
            f"inverse.{code}",
            translate(pen.language, f"designer.prop.inverse.{code}"),
            locked=pen.locked("inverse"),
        )
        for code in LANGUAGES
    )
