"""The properties of the chosen field, ready for the template: inputs, errors, what is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.context import Locale
from engine.errors import FieldError
from engine.fields.registry import FIELD_TYPES, TYPES
from metadata.computed import COMPUTED, FORMULA
from metadata.documents import look_up
from metadata.errors import Problem
from metadata.model import ObjectDef, OptionDef, say
from metadata.sealing import refused
from ui.designer.canvas import definition_in, section_label, type_label
from ui.designer.changes import MISSING, field_path, is_new, object_document
from ui.designer.choosing import choices_of
from ui.designer.conditions import Told, field_conditions
from ui.designer.definitions import (
    COLORS,
    DEFAULT,
    FLAGS,
    LANGUAGES,
    OWN,
    field_of,
    form_of,
    specs_of,
    takes_default,
    takes_inverse,
)
from ui.designer.edits import made_by_type
from ui.designer.faces import icon_of
from ui.designer.ordering import section_of
from ui.designer.sentences import property_label
from ui.designer.workspace import Workspace
from ui.i18n import has_text, translate
from ui.widgets.base import Asked, Choice, Control, Form, last
from ui.widgets.registry import WIDGETS

UNCHANGEABLE = frozenset({"scale", "to", "many"})
"""Own properties that say how values are stored: fixed once the field is published."""
SELECT = "select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input. ``local``: the published value is not the pack's; ``theirs`` is the pack's."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    error: str = ""
    help: str = ""
    locked: bool = False
    choices: tuple[Choice, ...] = ()
    least: str = ""
    most: str = ""
    local: str = ""
    theirs: str = ""

    @property
    def id(self) -> str:
        """Give the id of the element."""
        return "p-" + self.name.replace(".", "-")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Everything about the chosen field."""

    key: str
    title: str
    type: str
    icon: str
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


@dataclass(frozen=True, slots=True)
class _Pen:
    """What the parts of a panel are drawn from."""

    workspace: Workspace
    definition: ObjectDef
    key: str
    raw: Mapping[str, Any]
    form: Form
    typed: bool
    errors: Mapping[str, str]
    is_new: bool

    @property
    def language(self) -> str:
        return self.workspace.language

    @property
    def document(self) -> str:
        return object_document(self.definition.key)

    def locked(self, name: str) -> bool:
        """Tell whether the pack or the system lets nobody change a property."""
        shipped = self.workspace.shipped.documents.get(self.document)
        if shipped is None or self.is_new:
            return False
        path = f"{field_path(self.key)}/{name}"
        return bool(refused(shipped, "set", path, self.workspace.shipped))

    def override(self, name: str) -> tuple[str, str]:
        """Give the path of a published override of a property and the pack's value in words."""
        path = f"{field_path(self.key)}/{name}"
        entry = self.workspace.local(self.document).get(path)
        if entry is None or entry["op"] not in {"set", "remove"}:
            return "", ""
        base = entry.get("base", MISSING)
        if base is MISSING:
            return path, translate(self.language, "designer.nothing")
        if isinstance(base, Mapping):
            return path, say(base, self.language)
        if isinstance(base, bool):
            return path, translate(self.language, "designer.yes" if base else "designer.no")
        return path, str(base)


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
    pen = _Pen(
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
        is_new=pen.is_new,
        is_system=field.system,
        is_sealed=all(pen.locked(name) for name in ("label", "required", "help")),
        in_list=_typed(pen, "in_list", current=key in listed.columns),
        is_auto_key=made_by_type(key, written),
        key_input=_key(pen),
        labels=_texts(pen, "label", "text"),
        helps=_texts(pen, "help", "area"),
        flags=_flags(pen),
        own=() if field.system else tuple(_own(pen)),
        inverse=_inverse(pen) if takes_inverse(written) and not field.system else (),
        default=_default(pen) if takes_default(written) and not field.system else None,
        has_options=has_options and not field.system,
        options_from=_options_from(pen) if has_options else None,
        options=tuple(_option_rows(pen)) if has_options else (),
        colors=COLORS,
        section=_section(pen),
        width=_width(pen),
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


def _typed(pen: _Pen, name: str, *, current: bool) -> bool:
    return str(last(pen.form, name)) == "true" if pen.typed else current


def _input(pen: _Pen, name: str, label: str, **more: Any) -> Input:
    return Input(
        name=name,
        label=label,
        value=str(last(pen.form, name)),
        error=pen.errors.get(name, ""),
        **more,
    )


def _key(pen: _Pen) -> Input:
    typed = str(last(pen.form, "key")) if pen.typed else ""
    return Input(
        name="key",
        label=translate(pen.language, "designer.key"),
        value=typed or pen.key,
        error=pen.errors.get("key", ""),
        help=translate(pen.language, "designer.key_help") if pen.is_new else "",
        locked=not pen.is_new,
    )


def _texts(pen: _Pen, name: str, kind: str) -> tuple[Input, ...]:
    whole, theirs = pen.override(name)
    row = []
    for code in LANGUAGES:
        own, own_theirs = pen.override(f"{name}/{code}")
        row.append(
            _input(
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


def _flags(pen: _Pen) -> tuple[Input, ...]:
    found = []
    for name in FLAGS:
        if not TYPES.can(str(pen.raw["type"]), name):
            continue
        local, theirs = pen.override(name)
        fixed = name == "unique" and not pen.is_new
        found.append(
            _input(
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


def _own(pen: _Pen) -> list[Input]:
    found = []
    for spec in specs_of(str(pen.raw["type"])):
        local, theirs = pen.override(spec.name)
        computed = str(pen.raw["type"]) in COMPUTED  # its values can all be made again
        kept = spec.name in UNCHANGEABLE and spec.kind != "objects"
        fixed = kept and not pen.is_new and not computed
        choices = choices_of(pen.workspace, pen.definition.key, spec, pen.form)
        found.append(
            _input(
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


def _inverse(pen: _Pen) -> tuple[Input, ...]:
    return tuple(
        _input(
            pen,
            f"inverse.{code}",
            translate(pen.language, f"designer.prop.inverse.{code}"),
            locked=pen.locked("inverse"),
        )
        for code in LANGUAGES
    )


def _default(pen: _Pen) -> Control:
    source = str(last(pen.form, "options_from"))
    shared: Mapping[str, OptionDef] | None = None
    if source:
        found = pen.workspace.site.option_sets.get(source)
        shared = found.options if found is not None else {}
    field = field_of("default", {**pen.raw, "required": False})
    if shared is not None:
        field = replace(field, options=shared)
    stored = None
    if "default" in pen.raw and not pen.typed:
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


def _options_from(pen: _Pen) -> Input:
    sets = pen.workspace.site.option_sets.items()
    own = Choice("", translate(pen.language, "designer.own_options"))
    return _input(
        pen,
        "options_from",
        translate(pen.language, "designer.options_from"),
        kind="select",
        locked=not pen.is_new,
        choices=(own, *(Choice(key, say(one.label, pen.language)) for key, one in sets)),
    )


def _option_rows(pen: _Pen) -> list[OptionRow]:
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


def _section(pen: _Pen) -> Input:
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


def _width(pen: _Pen) -> Input:
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
