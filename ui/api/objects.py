"""What there is: the objects the caller may read, and their fields, scenes and actions."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from engine.access.roles import Rights, rights_of
from engine.errors import UnknownObject
from engine.publish.deferred import states_of
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import say
from ui.api.answers import answer, respond
from ui.given import GivenContext, GivenSite
from ui.security.rights import SIGNED_IN


@get("/objects", right=SIGNED_IN, sync_to_thread=True)
def get_objects(site: GivenSite, context: GivenContext) -> Response[bytes]:
    """List the objects that the caller may read."""
    with site.read(context) as unit:
        return respond(answer(objects_json(unit)))


@get("/objects/{object_key:str}", right=SIGNED_IN, sync_to_thread=True)
def get_object(
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
) -> Response[bytes]:
    """Describe an object for the caller: fields, scenes, related lists, actions."""
    with site.read(context) as unit:
        return respond(answer(object_json(unit, object_key)))


def objects_json(unit: Unit) -> dict[str, Any]:
    """Give the objects that the caller may read."""
    rights = rights_of(unit)
    items = [_summary(unit, rights, key) for key in rights.objects()]
    return {"items": items, "metadata_version": unit.snapshot.number}


def object_json(unit: Unit, object_key: str) -> dict[str, Any]:
    """Describe an object for the caller.

    Raises:
        UnknownObject: there is none that he may read.
    """
    rights = rights_of(unit)
    if object_key not in rights.objects():
        raise UnknownObject(object=object_key)
    bound = unit.snapshot.object(object_key)
    language = unit.context.locale.language
    site_now = unit.snapshot.site
    states = states_of(unit.connection, bound.id)
    return {
        **_summary(unit, rights, object_key),
        "name_field": bound.definition.name_field,
        "fields": [
            {**_field(rights, bound, field, language), "building": _building(states, field)}
            for field in readable(rights, bound)
        ],
        "scenes": [
            {"key": scene.key, "label": say(scene.label, language)}
            for scene in site_now.scenes.values()
            if scene.object == object_key
        ],
        "related": [
            {"key": one.key, "label": say(one.label, language), "object": one.object}
            for one in site_now.related.get(object_key, {}).values()
        ],
        "metadata_version": unit.snapshot.number,
    }


def _building(
    states: Mapping[int, Mapping[str, tuple[str, int]]], field: BoundField
) -> dict[str, str]:
    """Give what a job still builds of a field, or found in its way: unique, index …: state."""
    return {kind: state for kind, (state, _) in states.get(field.id, {}).items()}


def readable(rights: Rights, bound: BoundObject) -> list[BoundField]:
    """Give the fields of an object that the caller may read."""
    return [
        field
        for field in bound.fields.values()
        if rights.field_level(bound.key, field.key) != "hidden"
    ]


def _summary(unit: Unit, rights: Rights, key: str) -> dict[str, Any]:
    definition = unit.snapshot.object(key).definition
    language = unit.context.locale.language
    return {
        "key": key,
        "label": say(definition.label, language),
        "plural": say(definition.plural, language),
        "abilities": list(definition.abilities),
        "actions": list(rights.actions(key)),
    }


def _field(rights: Rights, bound: BoundObject, field: BoundField, language: str) -> dict[str, Any]:
    definition = field.definition
    readonly = definition.readonly or rights.field_level(bound.key, field.key) != "edit"
    described: dict[str, Any] = {
        "key": field.key,
        "type": definition.type,
        "label": say(definition.label, language),
        "required": definition.required,
        "readonly": readonly,
        "unique": definition.unique,
        "sortable": definition.sortable,
        "operators": sorted(field.type.operators),
    }
    if definition.options:
        described["options"] = [
            {
                "key": option.key,
                "label": say(option.label, language),
                "color": option.color,
                "retired": option.retired,
            }
            for option in definition.options.values()
        ]
    for name in ("max_length", "scale", "min", "max", "currency", "depth"):
        if name in definition.props:
            described[name] = definition.props[name]
    target = field.type.target(definition)
    if target:
        described["to"] = target
    elif field.type.labelled:
        described["to"] = list(field.type.objects(definition))
        described["many"] = field.many
    return described


ROUTES = [get_objects, get_object]
