"""A field's definition as the inputs of the properties panel, and back.

Texts, flags and options have inputs of their own; what only a type knows is drawn from the JSON
Schema of the type, so that a new type needs nothing here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.errors import FieldError, InvalidValue
from engine.fields.registry import FIELD_TYPES, TYPES
from metadata.compile_objects import to_text
from metadata.model import FieldDef, OptionDef
from ui.designer.begins import NAME as BEGINS
from ui.designer.begins import set_begin
from ui.designer.changes import MISSING
from ui.widgets.base import ABSENT, Form, Lookup, last
from ui.widgets.registry import WIDGETS

TEXTS = ("label", "help")
FLAGS = ("required", "unique", "search", "sortable")
ON_DELETE = ("clear", "restrict", "cascade")
COLORS = ("grey", "red", "amber", "green", "blue", "violet")
LANGUAGES = ("zh-CN", "en")
LONGEST_LABEL = 120
LONGEST_HELP = 1000
OWN = "prop."
DEFAULT = f"{OWN}default"
_ELSEWHERE = frozenset({"default", "where", "copies", "inverse", "rule", "pricing"})
"""Own properties that have a control of their own, or none here."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Spec:
    """One own property of a type.

    ``kind``: number, decimal, date, text, check, object, objects, delete, words (a list, with
    commas), choice (of ``choices``), formula, list (a related one), child (a field of its
    records).
    """

    name: str
    kind: str
    least: str = ""
    most: str = ""
    choices: tuple[str, ...] = ()


def specs_of(field_type: str) -> list[Spec]:
    """List the own properties of a type that one can set, as its schema describes them."""
    properties = TYPES.schema(field_type)["properties"]
    return [_spec(name, part) for name, part in properties.items() if name not in _ELSEWHERE]


def takes_default(field_type: str) -> bool:
    """Tell whether fields of a type may have a default that one can type."""
    return "default" in TYPES.schema(field_type)["properties"]


def takes_inverse(field_type: str) -> bool:
    """Tell whether fields of a type may name the list on the other side."""
    return "inverse" in TYPES.schema(field_type)["properties"]


_OWN_KINDS = {"expr": "formula", "list": "list", "field": "child", "on_delete": "delete"}
"""Properties whose input is one of its own, by name."""


def _spec(name: str, part: Mapping[str, Any]) -> Spec:
    if name in _OWN_KINDS or "enum" in part:
        kind = _OWN_KINDS.get(name, "choice")
        return Spec(name, kind, choices=tuple(part.get("enum", ON_DELETE)))
    reference = str(part.get("$ref", "")).rpartition("/")[2]
    if reference:
        return Spec(name, {"key": "object"}.get(reference, "text"))
    listed = "objects" if "$ref" in part.get("items", {}) else "words"
    simple = {"boolean": "check", "array": listed}.get(str(part.get("type")))
    if simple:
        return Spec(name, simple)
    if part.get("type") == "integer":
        return Spec(name, "number", str(part.get("minimum", "")), str(part.get("maximum", "")))
    pattern = str(part.get("pattern", ""))
    if "{4}-" in pattern:
        return Spec(name, "date")
    return Spec(name, "decimal" if pattern.startswith("^-?[0-9]") else "text")


def field_of(
    key: str, definition: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> FieldDef:
    """Give the parts of a definition that its type and its widget read.

    ``options`` are those of a shared set; without it the definition's own ones are meant.
    """
    common = {"type", "label", *TEXTS, *FLAGS, "options", "options_from", "default"}
    found = definition.get("options") or {} if options is None else options
    return FieldDef(
        key=key,
        type=definition["type"],
        label={"": key},
        options={
            name: OptionDef(name, to_text(option["label"]), retired=bool(option.get("retired")))
            for name, option in found.items()
        },
        props={name: part for name, part in definition.items() if name not in common},
    )


def form_of(definition: Mapping[str, Any], language: str) -> dict[str, list[str]]:
    """Fill the inputs from a definition; a plain text stands in the input of ``language``."""
    form: dict[str, list[str]] = {}
    for name in TEXTS:
        text = definition.get(name) or {}
        said = {language: text} if isinstance(text, str) else text
        form |= {f"{name}.{code}": [said.get(code, "")] for code in LANGUAGES}
    form |= {name: ["true"] if definition.get(name) else [] for name in FLAGS}
    for spec in specs_of(definition["type"]):
        value = definition.get(spec.name)
        if spec.kind == "check":
            form[OWN + spec.name] = ["true"] if value else []
        elif spec.kind == "words":
            form[OWN + spec.name] = [", ".join(value or ())]
        elif spec.kind == "objects":
            form[OWN + spec.name] = [str(one) for one in value or ()]
        else:
            form[OWN + spec.name] = ["" if value is None else str(value)]
    label = (definition.get("inverse") or {}).get("label") or {}
    said = {language: label} if isinstance(label, str) else label
    form |= {f"inverse.{code}": [said.get(code, "")] for code in LANGUAGES}
    form["options_from"] = [definition.get("options_from", "")]
    form |= _option_inputs(definition.get("options") or {}, language)
    return form


def _option_inputs(options: Mapping[str, Any], language: str) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {
        name: [] for name in ("option.key", "option.as", "option.color", "option.retired")
    }
    form |= {f"option.label.{code}": [] for code in LANGUAGES}
    for key, option in options.items():
        label = option["label"]
        said = {language: label} if isinstance(label, str) else label
        form["option.key"].append(key)
        form["option.as"].append(key)
        form["option.color"].append(option.get("color", ""))
        form["option.retired"] += [key] if option.get("retired") else []
        for code in LANGUAGES:
            form[f"option.label.{code}"].append(said.get(code, ""))
    return form


def definition_of(
    form: Form, before: Mapping[str, Any], key: str
) -> tuple[dict[str, Any], list[FieldError]]:
    """Read the inputs back; what has no input stays as it was.

    Returns:
        The definition, and what could not be read.
    """
    made = deepcopy(dict(before))
    errors: list[FieldError] = []
    _read_texts(form, made, errors)
    for name in FLAGS:
        if name in form:
            _put(made, name, last(form, name) == "true" or MISSING)
    for spec in specs_of(made["type"]):
        if OWN + spec.name in form:
            chosen = [one for one in form[OWN + spec.name] if one]
            value = chosen or MISSING if spec.kind == "objects" else _own_value(form, spec, errors)
            _put(made, spec.name, value)
    if "inverse.zh-CN" in form:
        _read_inverse(form, made, key)
    if "option.key" in form:
        _read_options(form, made, errors)
    if not last(form, BEGINS):
        _read_default(form, made, key, errors)
    if BEGINS in form:
        set_begin(made, str(last(form, BEGINS)))
    return made, errors


def _put(made: dict[str, Any], name: str, value: Any) -> None:
    if value is MISSING:
        made.pop(name, None)
    else:
        made[name] = value


def text_of(said: Mapping[str, str]) -> Any:
    """Give a text as a document has it: plain in one language, `MISSING` when nothing is said."""
    found = {code: text.strip() for code, text in said.items() if text.strip()}
    if len(found) > 1:
        return found
    return next(iter(found.values()), MISSING)


def _read_texts(form: Form, made: dict[str, Any], errors: list[FieldError]) -> None:
    for name, most in (("label", LONGEST_LABEL), ("help", LONGEST_HELP)):
        if f"{name}.{LANGUAGES[0]}" not in form:
            continue
        said = {code: str(last(form, f"{name}.{code}")) for code in LANGUAGES}
        for code, text in said.items():
            if len(text.strip()) > most:
                told = {"most": most, "length": len(text.strip())}
                errors.append(FieldError(f"{name}.{code}", "too_long", told))
        was = made.get(name)
        value = text_of(said)
        if isinstance(was, Mapping) and len(was) > 1 and isinstance(value, str):
            empty = next(code for code, text in said.items() if not text.strip())
            errors.append(FieldError(f"{name}.{empty}", "required"))
        elif value is MISSING and name == "label":
            errors.append(FieldError(f"{name}.{LANGUAGES[0]}", "required"))
        else:
            _put(made, name, value)


def _own_value(form: Form, spec: Spec, errors: list[FieldError]) -> Any:
    text = str(last(form, OWN + spec.name)).strip()
    if spec.kind == "check":
        return text == "true" or MISSING
    if not text:
        return MISSING
    if spec.kind == "words":
        return [one for one in re.split(r"[\s,，、.]+", text.casefold()) if one] or MISSING
    if spec.kind != "number":
        return text.upper() if spec.name in {"currency", "country"} else text
    if not _WHOLE.fullmatch(text):
        errors.append(FieldError(OWN + spec.name, "not_a_whole_number"))
        return MISSING
    return int(text)


def _read_inverse(form: Form, made: dict[str, Any], key: str) -> None:
    label = text_of({code: str(last(form, f"inverse.{code}")) for code in LANGUAGES})
    if label is MISSING:
        made.pop("inverse", None)
    else:
        was = made.get("inverse") or {}
        made["inverse"] = {"key": was.get("key") or f"{key}_list", "label": label}


def _read_default(form: Form, made: dict[str, Any], key: str, errors: list[FieldError]) -> None:
    if not takes_default(made["type"]):
        return
    kind = FIELD_TYPES[made["type"]]
    raw = WIDGETS[kind.widget].read(form, DEFAULT)
    if raw is ABSENT or isinstance(raw, Lookup):
        return
    if kind.has_options and made["type"] != "tags":  # whether there is such an option: see check
        _put(made, "default", raw or MISSING)
        return
    field = field_of(key, made)
    try:
        stored = kind.parse(raw, field)
    except InvalidValue as error:
        errors.append(FieldError(DEFAULT, error.reason, error.params))
        return
    value = None if stored is None else kind.api(stored, field)
    _put(made, "default", MISSING if value is None else value)


def _read_options(form: Form, made: dict[str, Any], errors: list[FieldError]) -> None:
    source = str(last(form, "options_from"))
    if source:
        made["options_from"] = source
        made.pop("options", None)
        return
    made.pop("options_from", None)
    was: Mapping[str, Any] = made.get("options") or {}
    options: dict[str, Any] = {}
    for at, (key, option) in enumerate(_options(form)):
        if option["label"] is MISSING:
            errors.append(FieldError(f"option.label.{LANGUAGES[0]}.{at}", "required"))
            option["label"] = key
        if key in options:
            errors.append(FieldError(f"option.as.{at}", "option_twice"))
        options[key] = {**was.get(key, {}), **option}
        for name in ("color", "retired"):
            if option[name] is MISSING:
                options[key].pop(name)
    _put(made, "options", options or MISSING)


def _options(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    keys: Sequence[str] = form.get("option.key", ())
    retired = set(form.get("option.retired", ()))
    for at, key in enumerate(keys):
        said = {code: _at(form, f"option.label.{code}", at) for code in LANGUAGES}
        color = _at(form, "option.color", at)
        yield (
            _at(form, "option.as", at).strip() or key,
            {
                "label": text_of(said),
                "color": color if color in COLORS else MISSING,
                "retired": key in retired or MISSING,
            },
        )


def _at(form: Form, name: str, position: int) -> str:
    values = form.get(name, ())
    return str(values[position]) if position < len(values) else ""
