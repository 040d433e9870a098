"""What the designing page of an object shows: sections with cards, fields elsewhere, the bin."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.publish.deferred import BLOCKED, BUILDING, states_of
from metadata.catalog import kernel
from metadata.documents import Document
from metadata.model import FieldDef, FormDef, FormTabDef, ObjectDef, SectionDef, Site, say
from ui.designer.changes import (
    Changes,
    concerns,
    field_named,
    field_path,
    is_new,
    object_document,
)
from ui.designer.faces import icon_of
from ui.designer.workspace import Workspace
from ui.i18n import LANGUAGES, has_text, translate

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Badge:
    """A word about a field. ``tone`` is that of a tag."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A field on the canvas. ``after`` is its neighbour before it."""

    key: str
    label: str
    icon: str
    type: str
    badges: tuple[Badge, ...]
    is_wide: bool = False
    is_new: bool = False
    is_changed: bool = False
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the form; ``path`` is where it stands in the form's document.

    ``names``: its own label in each language. ``is_first``, ``is_last``: in its tab.
    """

    path: str
    label: str
    columns: int
    cards: tuple[Card, ...]
    names: tuple[tuple[str, str], ...] = ()
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """An object with the draft. ``aside``: fields that stand on no form; ``bin``: hidden ones."""

    key: str
    label: str
    icon: str
    pack: str
    sections: tuple[Section, ...]
    aside: tuple[Card, ...]
    bin: tuple[Card, ...]
    local_count: int


def canvas_of(workspace: Workspace, definition: ObjectDef, chosen: str = "") -> Canvas:
    """Compose the canvas of an object."""
    language = workspace.language
    form = workspace.site.form_of(definition.key)
    cards = {
        key: _card(workspace, definition, field, is_chosen=key == chosen)
        for key, field in definition.fields.items()
    }
    sections = tuple(_sections(form, cards, language))
    shown = {card.key for section in sections for card in section.cards}
    pack = workspace.site.packs.get(definition.origin)
    return Canvas(
        key=definition.key,
        label=say(definition.label, language),
        icon=definition.icon or "table",
        pack=f"{say(pack.label, language)} {pack.version}" if pack is not None else "",
        sections=sections,
        aside=tuple(card for key, card in cards.items() if key not in shown),
        bin=tuple(_hidden(workspace, definition.key)),
        local_count=local_count(workspace, definition.key),
    )


def _sections(form: FormDef, cards: Mapping[str, Card], language: str) -> Iterator[Section]:
    for tab in form.tabs.values():
        order = list(tab.sections)
        for section in tab.sections.values():
            items = [(cards[key], layout) for key, layout in section.items.items() if key in cards]
            yield Section(
                path=f"tabs/{tab.key}/sections/{section.key}",
                label=section_label(form, tab, section, language),
                columns=section.columns,
                cards=tuple(_placed(card, layout) for card, layout in items),
                names=_names(section, language),
                is_first=order[0] == section.key,
                is_last=order[-1] == section.key,
            )


def _names(section: SectionDef, language: str) -> tuple[tuple[str, str], ...]:
    """Give a section's label in each language; a plain one stands in the reader's."""
    said = section.label or {}
    plain = said.get("", "")
    return tuple((code, said.get(code, plain if code == language else "")) for code in LANGUAGES)


def section_label(form: FormDef, tab: FormTabDef, section: SectionDef, language: str) -> str:
    """Give what a section of a form is called, with its tab where there are several."""
    own = say(section.label, language) if section.label else ""
    outer = say(tab.label, language) if tab.label else ""
    parts = [outer, own] if len(form.tabs) > 1 or not own else [own]
    found = " · ".join(part for part in dict.fromkeys(parts) if part)
    return found or translate(language, "designer.section")


def _placed(card: Card, layout: Mapping[str, Any]) -> Card:
    return replace(card, is_wide=True) if layout.get("width") == WHOLE else card


def _card(
    workspace: Workspace, definition: ObjectDef, field: FieldDef, *, is_chosen: bool
) -> Card:
    document, path = object_document(definition.key), field_path(field.key)
    fresh = is_new(workspace.changes, document, path)
    touched = _touched(workspace.changes, definition.key, field.key)
    kind = field.type if field.computed is None else field.computed.kind
    words = {
        "designer.badge.required": (field.required, "red"),
        "designer.badge.unique": (field.unique, ""),
        "designer.badge.system": (field.system, ""),
        "designer.badge.new": (fresh, "green"),
        "designer.badge.changed": (touched and not fresh, "amber"),
        **_progress(workspace, definition.key, field.key),
        "designer.badge.local": (is_local(workspace, definition.key, field.key), "violet"),
    }
    return Card(
        key=field.key,
        label=say(field.label, workspace.language),
        icon=icon_of(kind),
        type=type_label(kind, workspace.language),
        badges=tuple(
            Badge(translate(workspace.language, key), tone)
            for key, (holds, tone) in words.items()
            if holds
        ),
        is_new=fresh,
        is_changed=touched,
        is_chosen=is_chosen,
    )


def _progress(workspace: Workspace, object_key: str, key: str) -> dict[str, tuple[bool, str]]:
    """Tell what a job still builds or found in the way, of a field as it is published."""
    unit = workspace.unit
    bound = unit.snapshot.objects.get(object_key)
    if bound is None or key not in bound.fields:
        return {}
    states = unit.memo.get(("deferred", object_key))
    if states is None:
        states = unit.memo[("deferred", object_key)] = states_of(unit.connection, bound.id)
    found = {state for state, _ in states.get(bound.fields[key].id, {}).values()}
    tones = {BUILDING: "blue", BLOCKED: "amber"}
    return {f"designer.state.{state}": (True, tones[state]) for state in sorted(found)}


def _touched(changes: Changes, object_key: str, key: str) -> bool:
    return any(change["op"] != "place" and concerns(change, object_key, key) for change in changes)


def _hidden(workspace: Workspace, object_key: str) -> Iterator[Card]:
    fields = workspace.compiled.layered.removed_fields.get(object_key, {})
    for key, raw in fields.items():
        if workspace.compiled.layers.is_purged(object_key, key):
            continue
        label = raw.get("label") or key
        yield Card(
            key=key,
            label=label if isinstance(label, str) else say(label, workspace.language),
            icon=icon_of(raw["type"]),
            type=type_label(raw["type"], workspace.language),
            badges=(),
        )


def type_label(field_type: str, language: str) -> str:
    """Give what a field type is called."""
    key = f"field_type.{field_type}"
    return translate(language, key) if has_text(language, key) else field_type


def pack_label(site: Site, key: str, language: str) -> str:
    """Give what the pack is called that something comes from; "local" is the site itself."""
    pack = site.packs.get(key)
    return say(pack.label, language) if pack is not None else translate(language, "designer.here")


def is_local(workspace: Workspace, object_key: str, key: str) -> bool:
    """Tell whether a field was added or changed on site, in a version already published."""
    path = field_path(key)
    entries = workspace.local(object_document(object_key))
    return any(one == path or one.startswith(f"{path}/") for one in entries)


def local_count(workspace: Workspace, object_key: str) -> int:
    """Count what was changed on site about an object, the draft included.

    A field that was added counts once, wherever it is shown.
    """
    counted = set()
    for name, entries in workspace.compiled.layers.local.items():
        if object_of(name) != object_key:
            continue
        for path in entries:
            key = field_named({"document": name, "path": path})
            counted.add(key or f"{name} {path}")
    return len(counted)


def object_of(document: str) -> str:
    """Give the object that a document belongs to; "" for documents of no object."""
    kind, _, key = document.partition("/")
    if kind in {"object", "list", "scene", "form", "detail", "number_rule"}:
        return key.partition(".")[0]
    return ""


def definition_in(document: Document | None, key: str) -> dict[str, Any] | None:
    """Give a field's definition in a document, with what the system or an ability says of it."""
    if document is None:
        return None
    own = document.body.get("fields", {}).get(key)
    brought = kernel().brought(document.body.get("abilities") or {}).get(key)
    if own is None and brought is None:
        return None
    return {**(brought or {}), **(own or {})}
