"""Who refers to a field: what a plan shows before the field is changed or hidden."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.conditions import Exists, Node, tests
from metadata.model import FieldDef, FormDef, Site


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in ``document`` that names the field."""

    document: str
    path: str


def references_to(site: Site, document: str, path: str) -> list[Reference]:
    """List the documents that refer to what ``path`` of ``document`` defines.

    Args:
        site: the site in which to look.
        document: ``object/<key>``; other kinds are referred to by nothing that can break.
        path: ``fields/<key>`` or anything below it; other paths give nothing.
    """
    if not document.startswith("object/") or not path.startswith("fields/"):
        return []
    object_key, field = document.removeprefix("object/"), path.split("/")[1]
    return [
        *_layouts(site, object_key, field),
        *_rules(site, object_key, field),
        *_conditions(site, object_key, field),
    ]


def _layouts(site: Site, object_key: str, field: str) -> Iterator[Reference]:
    for listed in site.lists.values():
        if listed.object == object_key:
            for column in listed.columns:
                if column.partition(".")[0] == field:
                    yield Reference(f"list/{listed.key}", f"columns/{column}")
    for form in site.forms.values():
        if form.object == object_key:
            yield from _items(form, field)
    for detail in site.details.values():
        if detail.object == object_key and field in (*detail.badges, *detail.facts):
            yield Reference(f"detail/{detail.key}", f"header/{field}")


def _items(form: FormDef, field: str) -> Iterator[Reference]:
    for tab in form.tabs.values():
        for section in tab.sections.values():
            if field in section.items:
                path = f"tabs/{tab.key}/sections/{section.key}/items/{field}"
                yield Reference(f"form/{form.key}", path)


def _rules(site: Site, object_key: str, field: str) -> Iterator[Reference]:
    for rule in site.number_rules.values():
        if rule.object == object_key and field in _rule_fields(rule.field, rule.segments.values()):
            yield Reference(f"number_rule/{rule.key}", "segments")
    for role in site.roles.values():
        grant = role.objects.get(object_key)
        if grant is not None and field in grant.fields:
            yield Reference(f"role/{role.key}", f"objects/{object_key}/fields/{field}")


def _rule_fields(own: str, segments: Iterable[Mapping[str, Any]]) -> set[str]:
    names = {own}
    for segment in segments:
        names.update(str(segment[word]) for word in ("date", "or") if word in segment)
    return names


def _conditions(site: Site, object_key: str, field: str) -> Iterator[Reference]:
    for scene in site.scenes.values():
        if scene.object == object_key and _names(scene.where, field):
            yield Reference(f"scene/{scene.key}", "where")
    for definition in site.objects.values():
        for other in definition.fields.values():
            own = definition.key == object_key
            if own and any(_names(node, field) for node in conditions_of(other)):
                yield Reference(f"object/{definition.key}", f"fields/{other.key}")
        for rule in definition.rules.values():
            if definition.key == object_key and (
                _names(rule.when, field) or _names(rule.check, field)
            ):
                yield Reference(f"object/{definition.key}", f"rules/{rule.key}")


def conditions_of(field: FieldDef) -> tuple[Node | None, ...]:
    """Give every condition that a field's definition holds about its own record."""
    own = (field.visible_if, field.required_if, field.readonly_if)
    return (*own, *field.options_if.values())


def _names(node: Node | None, field: str) -> bool:
    return any(
        not isinstance(test, Exists) and test.field.partition(".")[0] == field
        for test in tests(node)
    )
