"""Drafts, plans and versions in sentences, each with what takes it back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.context import Locale
from engine.publish.store import VersionEntry
from metadata.documents import look_up
from metadata.errors import Problem
from metadata.model import Site, say
from ui.designer.canvas import object_of, type_label
from ui.designer.changes import MISSING, field_named, identity, is_new
from ui.designer.faces import icon_of
from ui.designer.numbered import rule_owner
from ui.designer.workspace import Workspace
from ui.i18n import has_text, translate

SHORT = 40
SECTION_PARTS = len(("tabs", "basic", "sections", "main"))
_PROPERTY = "designer.prop."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of a draft, in words. ``names``: the changes that take it back together."""

    text: str
    icon: str
    tone: str = ""
    object: str = ""
    object_label: str = ""
    field: str = ""
    names: tuple[str, ...] = ()
    problems: tuple["ToldProblem", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldProblem:
    """A problem in words: what is wrong, where, and what to do."""

    text: str
    hint: str
    where: str
    object: str = ""
    field: str = ""


@dataclass(slots=True)
class _Group:
    changes: list[Mapping[str, Any]] = field(default_factory=list)


def tell_draft(workspace: Workspace) -> list[Told]:
    """Tell the changes of a draft; what belongs together is one entry."""
    groups: dict[tuple[str, ...], _Group] = {}
    new = {
        (object_of(one["document"]), field_named(one))
        for one in workspace.changes
        if is_new(workspace.changes, one["document"], f"fields/{field_named(one)}")
    }
    for change in workspace.changes:
        owner, key = object_of(change["document"]), field_named(change) or rule_owner(change)[1]
        kind = str(change["document"]).partition("/")[0]
        if (owner, key) in new and key:
            where: tuple[str, ...] = (owner, key)
        elif kind != "object" and key:
            where = (change["document"], key)
        else:
            where = (change["document"], change["path"], change["op"])
        groups.setdefault(where, _Group()).changes.append(change)
    return [_told(workspace, group.changes) for group in groups.values()]


def _told(workspace: Workspace, changes: Sequence[Mapping[str, Any]]) -> Told:
    first = next((one for one in changes if one["document"].startswith("object/")), changes[0])
    owner, key = object_of(first["document"]), field_named(first)
    text, icon, tone = _sentence(workspace, first, changes)
    definition = workspace.object(owner)
    mine = [
        tell_problem(workspace, problem)
        for problem in workspace.problems
        if any(_meets(one, problem) for one in changes)
    ]
    return Told(
        text=text,
        icon=icon,
        tone=tone,
        object=owner,
        object_label=say(definition.label, workspace.language) if definition else owner,
        field=key,
        names=tuple(identity(one) for one in changes),
        problems=tuple(mine),
    )


def _meets(change: Mapping[str, Any], problem: Problem) -> bool:
    path = str(change["path"])
    inside = problem.path == path or problem.path.startswith(f"{path}/")
    return change["document"] == problem.document and (inside or not path)


def _sentence(
    workspace: Workspace, first: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]
) -> tuple[str, str, str]:
    document, path, op = str(first["document"]), str(first["path"]), str(first["op"])
    language = workspace.language
    name = field_label(workspace, document, field_named(first))
    kind = document.partition("/")[0]
    whole_field = kind == "object" and path.count("/") == 1 and path.startswith("fields/")
    if kind == "object" and not path and op == "remove":
        return _whole_object(workspace, document)
    if whole_field and op == "add":
        raw_type = str(first["value"].get("type", ""))
        params = {"name": name, "type": type_label(raw_type, language)}
        return translate(language, "designer.told.added", **params), icon_of(raw_type), "good"
    if whole_field and op == "remove":
        hides = _in_published(workspace, document, path) is not MISSING
        word = "designer.told.hidden" if hides else "designer.told.restored"
        return translate(language, word, name=name), "eye-off" if hides else "undo-2", ""
    if kind == "object" and path.startswith("fields/"):
        return _property(workspace, first, name), "square-pen", ""
    found = _layout(workspace, first, changes, name) if kind in {"list", "form"} else None
    if kind == "scene" or (kind == "list" and path.startswith("scenes/")):
        found = _scene(workspace, first), "bookmark", ""
    if kind == "list" and path.partition("/")[0] in {"view", "kanban", "calendar"}:
        found = translate(language, f"designer.told.{path.partition('/')[0]}"), "kanban", ""
    if kind == "object" and path.startswith("rules/"):
        found = _rule(workspace, first), "scale", ""
    if found is not None:
        return found
    params = {"document": document, "path": path or document}
    word = f"designer.told.other_{op}"
    return translate(language, word, **params), "braces", ""


def _whole_object(workspace: Workspace, document: str) -> tuple[str, str, str]:
    """Tell that an object is hidden, or that a hidden one comes back."""
    hides = workspace.published(document) is not None
    word = "designer.told.object_hidden" if hides else "designer.told.object_restored"
    site = workspace.base.site if hides else workspace.site
    name = label_of(site, object_of(document), workspace.language)
    return translate(workspace.language, word, name=name), "eye-off" if hides else "undo-2", ""


def _rule(workspace: Workspace, change: Mapping[str, Any]) -> str:
    """Tell what becomes of a rule across fields."""
    document, parts = str(change["document"]), str(change["path"]).split("/")
    path = f"rules/{parts[1]}/message"
    message = look_up(getattr(workspace.document(document), "body", {}), path, MISSING)
    if message is MISSING:
        message = _in_published(workspace, document, path)
    name = parts[1] if message is MISSING else shown(message, workspace.language)
    op = str(change["op"]) if path.count("/") == len(parts) else "set"
    word = op if op in {"add", "remove"} else "set"
    return translate(workspace.language, f"designer.told.rule_{word}", name=name)


def _scene(workspace: Workspace, change: Mapping[str, Any]) -> str:
    """Tell what becomes of a scene, or of its place in the list."""
    kind, _, rest = str(change["document"]).partition("/")
    parts = str(change["path"]).split("/")
    key = rest if kind == "scene" else parts[1]
    scene = workspace.site.scenes.get(key) or workspace.base.site.scenes.get(key)
    name = say(scene.label, workspace.language) if scene is not None else key
    whole = change["path"] == "" if kind == "scene" else len(parts) == len(("scenes", key))
    word = f"designer.told.scene_{change['op'] if whole else 'set'}"
    return translate(workspace.language, word, name=name)


def _layout(
    workspace: Workspace,
    first: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]],
    name: str,
) -> tuple[str, str, str] | None:
    """Tell a change of a form or a list; None for what has no words of its own."""
    document, path, op = str(first["document"]), str(first["path"]), str(first["op"])
    if document.startswith("list/") and field_named(first):
        whole = path.count("/") == 1
        there = {"add": "shown", "remove": "unlisted"}.get(op, "column") if whole else "column"
        if whole and op == "remove" and _in_published(workspace, document, path) is MISSING:
            there = "shown"
        text = translate(workspace.language, f"designer.told.{there}", name=name)
        return text, "columns-3", ""
    if document.startswith("form/") and field_named(first):
        return _placing(workspace, document, changes, name), "arrow-up-down", ""
    if document.startswith("form/") and path.split("/")[2:3] == ["sections"]:
        return _section(workspace, first), "square-dashed", ""
    return None


def _section(workspace: Workspace, change: Mapping[str, Any]) -> str:
    """Tell what becomes of a section of a form."""
    document, language = str(change["document"]), workspace.language
    parts = str(change["path"]).split("/")
    path = "/".join(parts[:4])
    body = getattr(workspace.document(document), "body", {})
    label = look_up(body, f"{path}/label", MISSING)
    if label is MISSING:
        label = _in_published(workspace, document, f"{path}/label")
    name = parts[3] if label is MISSING else shown(label, language)
    op = change["op"] if len(parts) == SECTION_PARTS else "set"
    return translate(language, f"designer.told.section_{op}", name=name)


def _placing(
    workspace: Workspace, document: str, changes: Sequence[Mapping[str, Any]], name: str
) -> str:
    language = workspace.language
    if all(change["op"] == "set" for change in changes):
        return translate(language, "designer.told.width", name=name)
    last = changes[-1]
    if all(change["op"] == "remove" for change in changes):
        gone = _in_published(workspace, document, last["path"]) is not MISSING
        word = "designer.told.off_form" if gone else "designer.told.on_form"
        return translate(language, word, name=name)
    after = last.get("after")
    if not after:
        return translate(language, "designer.told.first", name=name)
    other = field_label(workspace, document, str(after))
    return translate(language, "designer.told.moved", name=name, after=other)


def _property(workspace: Workspace, change: Mapping[str, Any], name: str) -> str:
    language = workspace.language
    parts = str(change["path"]).split("/")[2:]
    document, path = str(change["document"]), str(change["path"])
    before = shown(_in_published(workspace, document, path), language)
    after = shown(change.get("value", MISSING), language)
    if parts[0] == "options" and len(parts) > 1:
        word = {"add": "option_added", "place": "option_moved"}.get(change["op"], "option_changed")
        option = look_up(
            getattr(workspace.document(document), "body", {}),
            "/".join(path.split("/")[:4]) + "/label",
            parts[1],
        )
        return translate(
            language, f"designer.told.{word}", name=name, option=shown(option, language)
        )
    what = property_label(parts[0], language)
    if len(parts) > 1 and parts[0] in {"label", "help"}:
        what = f"{what} ({parts[1]})"
    if isinstance(change.get("value"), Mapping) and parts[0] not in {"label", "help"}:
        return translate(language, "designer.told.property", name=name, property=what)
    words = {"name": name, "property": what, "before": before, "after": after}
    return translate(language, "designer.told.property_values", **words)


def property_label(name: str, language: str) -> str:
    """Give what a property of a field is called."""
    key = f"{_PROPERTY}{name}"
    return translate(language, key) if has_text(language, key) else name


def shown(value: Any, language: str) -> str:
    """Say a value of a document."""
    if value is MISSING or value is None or value == "":
        return translate(language, "designer.nothing")
    if isinstance(value, bool):
        return translate(language, "designer.yes" if value else "designer.no")
    if isinstance(value, Mapping):
        value = say(value, language) if value else ""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _in_published(workspace: Workspace, document: str, path: str) -> Any:
    found = workspace.published(document)
    return MISSING if found is None else look_up(found.body, path, MISSING)


def field_label(workspace: Workspace, document: str, key: str) -> str:
    """Give what a field is called: as drafted, as published, or as it was when it was hidden."""
    owner = object_of(document)
    for site in (workspace.site, workspace.base.site):
        definition = site.objects.get(owner)
        if definition is not None and key in definition.fields:
            return say(definition.fields[key].label, workspace.language)
    hidden = workspace.compiled.layered.removed_fields.get(owner, {}).get(key)
    for change in workspace.changes:
        if change["op"] == "add" and change["path"] == f"fields/{key}":
            hidden = hidden or change["value"]
    label = (hidden or {}).get("label") or key
    return label if isinstance(label, str) else say(label, workspace.language)


def tell_problem(workspace: Workspace, problem: Problem) -> ToldProblem:
    """Tell a problem with the place where it stands."""
    language = workspace.language
    hint = f"problem.{problem.code}.hint"
    params = problem.params
    owner = object_of(problem.document)
    parts = problem.path.split("/")
    key = parts[1] if parts[0] == "fields" and len(parts) > 1 else ""
    return ToldProblem(
        text=translate(language, f"problem.{problem.code}", **params),
        hint=translate(language, hint, **params) if has_text(language, hint) else "",
        where=" › ".join(part for part in (problem.document, problem.path) if part),
        object=owner,
        field=key,
    )


def tell_differences(changes: Iterable[Mapping[str, Any]], site: Site, language: str) -> list[str]:
    """Tell the changes of a version or a plan, each with document, path, op and label.

    That a new field also stands on a form is not told again.
    """
    listed = list(changes)
    new = {
        (object_of(one["document"]), field_named(one))
        for one in listed
        if one["op"] == "added" and _is_whole_field(one)
    }
    told: list[str] = []
    for one in listed:
        owner, key = object_of(one["document"]), field_named(one)
        kind = str(one["document"]).partition("/")[0]
        if kind != "object" and (owner, key) in new:
            continue
        label = one.get("label")
        name = say(label, language) if label else ""
        word = "designer.differs."
        if key and (kind != "object" or _is_whole_field(one)):
            fields = site.objects[owner].fields if owner in site.objects else {}
            field_name = say(fields[key].label, language) if key in fields else key
            name = name if kind == "object" and name else field_name
            word += "field_" if kind == "object" else "shown_"
        where = " › ".join(part for part in (one["document"], one["path"]) if part)
        params = {
            "name": name or f"{kind_label(kind, language)} {label_of(site, owner, language)}",
            "where": where,
            "object": label_of(site, owner, language),
            "kind": kind_label(kind, language),
        }
        told.append(translate(language, word + str(one["op"]), **params))
    return told


def _is_whole_field(change: Mapping[str, Any]) -> bool:
    path = str(change["path"])
    is_object = str(change["document"]).startswith("object/")
    return is_object and path.startswith("fields/") and path.count("/") == 1


def kind_label(kind: str, language: str) -> str:
    """Give what a kind of documents is called."""
    word = f"designer.kind.{kind}"
    return translate(language, word) if has_text(language, word) else kind


def label_of(site: Site, object_key: str, language: str) -> str:
    """Give what an object is called."""
    definition = site.objects.get(object_key)
    return say(definition.label, language) if definition is not None else object_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldVersion:
    """A published version in words."""

    number: int
    at: str
    by: str
    note: str
    changes: tuple[str, ...]
    is_served: bool
    rolls_back_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOverride:
    """Something changed on site, in words; ``can_revert`` when there is a pack's value."""

    document: str
    path: str
    text: str
    before: str
    after: str
    field: str
    can_revert: bool
    is_pending: bool


def describe_version(entry: VersionEntry, site: Site, served: int, locale: Locale) -> ToldVersion:
    """Tell a version: when in the reader's time, changes in sentences."""
    at, language = entry.at.astimezone(locale.zone), locale.language
    return ToldVersion(
        number=entry.number,
        at=at.strftime("%Y-%m-%d %H:%M"),
        by=entry.by_name
        if entry.by is not None
        else translate(locale.language, "designer.system"),
        note=entry.note,
        changes=tuple(tell_differences(entry.changes, site, language)),
        is_served=entry.number == served,
        rolls_back_to=entry.rolls_back_to or 0,
    )


def tell_override(
    workspace: Workspace, document: str, path: str, entry: Mapping[str, Any]
) -> ToldOverride:
    """Tell one change of the published version, with the value of the pack beside it."""
    language = workspace.language
    key = field_named({"document": document, "path": path})
    whole = document.startswith("object/") and path == f"fields/{key}"
    op = "removed" if entry["op"] == "remove" or entry.get("removed") else entry["op"]
    word = f"designer.override.{'field_' if whole else ''}{op}"
    name = field_label(workspace, document, key) if key else path
    parts = path.split("/")[2:] if key and document.startswith("object/") else []
    if parts:
        name = f"{name} · {property_label(parts[0], language)}"
    pending = any((one["document"], one["path"]) == (document, path) for one in workspace.changes)
    return ToldOverride(
        document=document,
        path=path,
        text=translate(language, word, name=name),
        before=shown(entry["base"], language) if "base" in entry else "",
        after=shown(entry["value"], language) if op == "set" and not whole else "",
        field=key,
        can_revert=not (whole and entry["op"] == "add"),
        is_pending=pending,
    )
