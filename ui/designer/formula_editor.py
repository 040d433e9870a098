"""What the formula editor shows: words that may be written, and what is wrong or given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from engine.fields.registry import TYPES
from metadata.catalog import link_target
from metadata.computed import COMPUTED, FORMULA
from metadata.errors import Problem
from metadata.formula.functions import CALLED
from metadata.model import Site, say
from metadata.refs import World
from metadata.try_computed import try_field
from ui.designer.canvas import definition_in, type_label
from ui.designer.changes import object_document
from ui.designer.definitions import definition_of
from ui.designer.workspace import Workspace
from ui.i18n import has_text, translate
from ui.widgets.base import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the editor says of a formula: ``before``, ``wrong`` and ``after`` are its parts."""

    problem: str = ""
    hint: str = ""
    before: str = ""
    wrong: str = ""
    after: str = ""
    gives: str = ""
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a formula may name."""

    text: str
    label: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What may be written: fields, those of linked records, and functions by group."""

    fields: Sequence[Word]
    functions: Sequence[tuple[str, Sequence[Word]]]


def words_of(workspace: Workspace, object_key: str, but: str) -> Words:
    """List what a formula of an object may name; ``but``: its own field."""
    world = World(workspace.compiled.layered.documents)
    fields = list(_fields(workspace, world, object_key, but))
    language = workspace.language
    groups = []
    for group, members in groupby(CALLED.values(), key=lambda one: one.group):
        title = translate(language, f"formula.group.{group}")
        told = [
            Word(one.example, translate(language, f"formula.function.{one.name}"), one.name)
            for one in members
        ]
        groups.append((title, told))
    return Words(fields, groups)


def _fields(workspace: Workspace, world: World, object_key: str, but: str) -> Iterator[Word]:
    site, language = workspace.site, workspace.language
    for key, definition in world.fields(object_key).items():
        label = _label(site, object_key, key, language)
        if key == but or label is None:
            continue
        target = link_target(definition)
        if not target:
            if TYPES.value_type(definition).kind:
                yield Word(key, label, type_label(definition["type"], language))
            continue
        for inner, found in world.fields(target).items():
            other = _label(site, target, inner, language)
            system = bool(site.objects[target].fields[inner].system) if other else True
            if other is not None and not system and not link_target(found):
                shown = type_label(found["type"], language)
                if TYPES.value_type(found).kind:
                    yield Word(f"{key}.{inner}", f"{label} › {other}", shown)


def _label(site: Site, object_key: str, key: str, language: str) -> str | None:
    definition = site.objects.get(object_key)
    field = definition.fields.get(key) if definition is not None else None
    return None if field is None else say(field.label, language)


def judge(workspace: Workspace, object_key: str, key: str, definition: Mapping[str, Any]) -> Said:
    """Say what is wrong with a computed field as it is written, or what it gives."""
    language = workspace.language
    documents = workspace.compiled.layered.documents
    problems, leaks = try_field(documents, TYPES, object_key, key, definition)
    if problems:
        return _wrong(problems[0], str(definition.get("expr", "")), language)
    site = workspace.site
    warnings = [
        translate(
            language,
            "formula.leak",
            role=say(site.roles[one.role].label, language),
            field=_label(site, one.object, one.field, language) or one.field,
        )
        for one in leaks
        if one.role in site.roles
    ]
    gives = ""
    if definition["type"] == FORMULA:
        told = type_label(str(definition["returns"]), language)
        gives = translate(language, "formula.gives", type=told)
    return Said(gives=gives, warnings=warnings)


def _wrong(problem: Problem, expr: str, language: str) -> Said:
    params = {key: value for key, value in problem.params.items() if key != "length"}
    hint = f"problem.{problem.code}.hint"
    at = int(params.get("position", 0)) - 1
    inside = problem.path.endswith("/expr") and at >= 0
    until = at + int(problem.params.get("length", 1))
    return Said(
        problem=translate(language, f"problem.{problem.code}", **params),
        hint=translate(language, hint, **params) if has_text(language, hint) else "",
        before=expr[:at] if inside else "",
        wrong=(expr[at:until] or " ") if inside else "",
        after=expr[until:] if inside else "",
    )


def editor_of(
    workspace: Workspace, object_key: str, key: str, form: Form | None = None
) -> dict[str, Any]:
    """Give what the template of the editor needs beside the panel: ``words`` and ``said``."""
    before = definition_in(workspace.document(object_document(object_key)), key)
    if before is None or before.get("type") not in COMPUTED:
        return {"words": None, "said": None}
    made = before if form is None else definition_of(form, before, key)[0]
    return {
        "words": words_of(workspace, object_key, key),
        "said": judge(workspace, object_key, key, {"expr": "", **made}),
    }
