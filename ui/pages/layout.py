"""Forms as documents lay them out: which fields a person finds where, and which he may set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import rights_of
from engine.records.encode import ALWAYS
from engine.records.numbering import numberings
from engine.records.ownership import OWNER
from engine.records.read import visible_fields
from engine.records.shape import shape_of
from engine.records.validate import editable
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import FormDef, SectionDef, say
from ui.pages.opened import holds

WIDE = 100
WIDE_TYPES = frozenset({"line_items", "long_text", "rich_text"})


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a form with the fields that the person may read."""

    place: tuple[str, ...]
    section: SectionDef
    fields: tuple[str, ...]

    def label(self, language: str) -> str:
        """Give its title; "" without one."""
        return say(self.section.label, language) if self.section.label else ""

    def is_wide(self, key: str) -> bool:
        """Tell whether a field takes the whole width."""
        return self.section.items[key].get("width") == WIDE

    def is_shown(self, unit: Unit, bound: BoundObject, values: Mapping[str, Any]) -> bool:
        """Tell whether the section is shown for a record of these values."""
        return holds(unit, bound, ("section", *self.place), self.section.visible_if, values)


def parts_of(unit: Unit, form: FormDef, tab: str) -> Iterator[Part]:
    """Give the sections of a form's tab, without the fields that the person may not read."""
    visible = visible_fields(unit, form.object)
    for key, section in form.tabs[tab].sections.items():
        fields = tuple(item for item in section.items if item in visible)
        if fields:
            yield Part((form.key, tab, key), section, fields)


def every_part(unit: Unit, form: FormDef) -> Iterator[Part]:
    """Give the sections of all tabs."""
    for tab in form.tabs:
        yield from parts_of(unit, form, tab)


def settable(unit: Unit, object_key: str, *, new: bool) -> frozenset[str]:
    """Give the keys of the fields that the actor may set by hand."""
    actor = unit.context.actor
    key = ("settable", object_key, actor.roles, actor.superadmin, new)
    return unit.snapshot.once(key, lambda: _settable(unit, object_key, new=new))


def _settable(unit: Unit, object_key: str, *, new: bool) -> frozenset[str]:
    shape, rights = shape_of(unit, object_key), rights_of(unit)
    made = {one.field.key for one in numberings(unit, shape) if not one.rule.manual}
    found = set()
    for key in editable(unit, shape) - made:
        if shape.fields[key].definition.readonly:
            continue
        if key == OWNER and not (new and rights.allows(object_key, "transfer")):
            continue
        # What is covered cannot be typed over without losing the part that is not seen.
        if not new and rights.field_mask(object_key, key) == ALWAYS:
            continue
        found.add(key)
    return frozenset(found)
