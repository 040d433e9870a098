"""Effective documents become the frozen `Site`; what did not change is taken over as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from metadata.compile_layouts import detail_from, form_from, list_from, menu_from, scene_from
from metadata.compile_objects import (
    number_rule_from,
    object_from,
    option_set_from,
    role_from,
    to_text,
)
from metadata.computed import ROLL_UP
from metadata.derive import derived_detail, derived_form, derived_list
from metadata.documents import Document, canonical, content_hash
from metadata.layers import Layered
from metadata.model import (
    EMPTY,
    DetailDef,
    FormDef,
    InverseDef,
    ListDef,
    MenuDef,
    NumberRuleDef,
    ObjectDef,
    OptionDef,
    OptionSetDef,
    PackDef,
    RoleDef,
    SceneDef,
    Site,
)
from metadata.refs import World
from metadata.translate import translated

ROLE_OPTIONS = "role"
"""The word that makes the role documents the options of a field."""

_Def = TypeVar(
    "_Def",
    ObjectDef,
    OptionSetDef,
    ListDef,
    SceneDef,
    FormDef,
    DetailDef,
    MenuDef,
    RoleDef,
    NumberRuleDef,
    PackDef,
)


@dataclass(slots=True)
class _Compiler:
    documents: Mapping[str, Document]
    previous: Site
    hashes: dict[str, str]

    def each(
        self,
        kind: str,
        before: Mapping[str, _Def],
        make: Callable[[Document], _Def],
        extra: Callable[[Document], str] | None = None,
    ) -> dict[str, _Def]:
        """Compile the documents of a kind, or take over what was compiled from the same."""
        made: dict[str, _Def] = {}
        for document in self.documents.values():
            if document.kind != kind:
                continue
            mark = _mark(document, extra(document) if extra is not None else "")
            self.hashes[document.id] = mark
            old = before.get(document.key)
            same = old is not None and self.previous.hashes.get(document.id) == mark
            made[document.key] = old if same and old is not None else make(document)
        return made


def compile_site(layered: Layered, previous: Site | None = None) -> Site:
    """Compile the effective documents.

    Args:
        layered: documents without problems, see `metadata.check`.
        previous: an earlier site; equal parts of it are used again, by identity.
    """
    documents, languages = translated(layered.documents)
    world = World(documents)
    compiler = _Compiler(documents, previous or Site(), {})
    before = compiler.previous
    option_sets = compiler.each("option_set", before.option_sets, option_set_from)
    roles = compiler.each("role", before.roles, role_from)
    shared = {key: found.options for key, found in option_sets.items()}
    shared[ROLE_OPTIONS] = {key: OptionDef(key, role.label) for key, role in roles.items()}
    objects = compiler.each(
        "object",
        before.objects,
        lambda document: object_from(document, world, shared),
        lambda document: _marks(world.fields(document.key), compiler.hashes),
    )
    lists = compiler.each("list", before.lists, list_from)
    forms = compiler.each("form", before.forms, form_from)
    details = compiler.each("detail", before.details, detail_from)
    related = _related(world)
    default_lists = _defaults(lists, objects, "main")
    default_forms = _defaults(forms, objects, "edit")
    default_details = _defaults(details, objects, "detail")
    for key, definition in objects.items():
        if default_lists[key] not in lists:
            lists[default_lists[key]] = derived_list(definition, default_lists[key])
        if default_forms[key] not in forms:
            forms[default_forms[key]] = derived_form(definition, default_forms[key])
        if default_details[key] not in details:
            tabs = related.get(key, {})
            form = default_forms[key]
            details[default_details[key]] = derived_detail(
                definition, default_details[key], form, tabs
            )
    return Site(
        packs=compiler.each("pack", before.packs, _pack_from),
        objects=objects,
        option_sets=option_sets,
        lists=lists,
        scenes=compiler.each("scene", before.scenes, scene_from),
        forms=forms,
        details=details,
        menus=compiler.each("menu", before.menus, menu_from),
        roles=roles,
        number_rules=compiler.each("number_rule", before.number_rules, number_rule_from),
        related=related,
        default_lists=default_lists,
        default_forms=default_forms,
        default_details=default_details,
        languages=languages or before.languages,
        hashes=compiler.hashes,
    )


def _mark(document: Document, extra: str) -> str:
    """Give a hash of all that a part is compiled from."""
    if not extra and not document.origins:
        return content_hash([document.hash, document.layer])
    return content_hash([document.hash, document.layer, dict(document.origins), extra])


def _marks(fields: Mapping[str, Mapping[str, Any]], hashes: Mapping[str, str]) -> str:
    """Name what fields are compiled from beside their document, by its content.

    Option sets, roles, and of roll-ups the type of what they sum.
    """
    sources = {
        str(definition["options_from"])
        for definition in fields.values()
        if "options_from" in definition
    }
    marks = [hashes.get(f"option_set/{source}", "") for source in sorted(sources)]
    if ROLE_OPTIONS in sources:
        marks.extend(mark for key, mark in hashes.items() if key.startswith("role/"))
    marks.extend(
        canonical([key, one["type"], one.get("scale"), one.get("currency")])
        for key, one in fields.items()
        if one.get("computed", EMPTY).get("type") == ROLL_UP
    )
    return ",".join(marks)


def _related(world: World) -> dict[str, Mapping[str, InverseDef]]:
    found: dict[str, Mapping[str, InverseDef]] = {}
    for key in world.objects():
        lists = {
            name: InverseDef(
                key=name,
                label=to_text(related.label),
                object=related.object,
                field=related.field,
            )
            for name, related in world.related(key).items()
        }
        if lists:
            found[key] = lists
    return found


def _defaults(
    layouts: Mapping[str, Any], objects: Mapping[str, ObjectDef], name: str
) -> dict[str, str]:
    """Choose the default layout of each object: the one of that name, else its first."""
    first: dict[str, str] = {}
    for key, layout in layouts.items():
        first.setdefault(layout.object, key)
    usual = {key: f"{key}.{name}" for key in objects}
    return {
        key: usual[key] if usual[key] in layouts else first.get(key, usual[key]) for key in objects
    }


def _pack_from(document: Document) -> PackDef:
    body = document.body
    return PackDef(
        key=document.key,
        label=to_text(body["label"]),
        version=body["version"],
        engine=body["engine"],
        languages=tuple(body["languages"]),
        requires=body.get("requires", {}),
        conflicts=body.get("conflicts", {}),
        policy=body.get("policy", {}),
        renames=body.get("renames", {}),
        removed=body.get("removed", {}),
        seeds=body.get("seeds", {}),
    )
