"""Reading one record for its page: values, what of them shows, and what may be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from engine.access.roles import rights_of
from engine.query.listing import Found
from engine.records.evaluate import Ground, compose_check
from engine.records.reach import admits
from engine.records.read import get, visible_fields
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.conditions import Node
from metadata.model import FormDef, say
from ui.pages.list_read import may_read
from ui.pages.rows import value_html

OWNER = "owner"
"""Changes by an action of its own, never by editing."""
EMPTY = Markup('<span class="h-dash">—</span>')
LONG = frozenset({"long_text"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as its reader sees it."""

    unit: Unit
    bound: BoundObject
    found: Found

    @property
    def id(self) -> int:
        """Give the record's id."""
        return self.found.id

    @property
    def path(self) -> str:
        """Give the address of the record's page."""
        return f"/o/{self.bound.key}/{self.id}"

    @property
    def name(self) -> str:
        """Give the record's name; its number where it has none."""
        name = self.bound.name
        if name.key not in self.found.slots:
            return f"#{self.id}"
        locale = self.unit.context.locale
        text = name.type.text(self.found.value(name.key), name.definition, locale)
        return text or f"#{self.id}"

    def may(self, action: str) -> bool:
        """Tell whether the actor may do something with this very record."""
        rights = rights_of(self.unit)
        if not rights.allows(self.bound.key, action):
            return False
        owner = self.found.slots.get(OWNER)
        held = self.found.row[owner.index] if owner else None
        return admits(rights.predicate(self.bound.key, action), held)

    def may_edit(self, field: BoundField) -> bool:
        """Tell whether the actor may change a field of the object; the record aside."""
        return may_set(self.unit, self.bound, field)

    def holds(self, node: Node | None) -> bool:
        """Tell whether a condition on the record holds; no condition always does."""
        if node is None:
            return True
        check = self.unit.snapshot.once(
            ("holds", self.bound.key, node),
            lambda: compose_check(self.unit.snapshot, self.bound, node),
        )
        row = self.found.row
        values = {path: row[slot.index] for path, slot in self.found.slots.items()}
        return check(Ground(self.unit, values)) is True

    def html(self, path: str) -> Markup:
        """Draw a value; a dash where there is none."""
        slot = self.found.slots[path]
        return value_html(slot, self.found.row, self.unit.context.locale) or EMPTY

    def is_empty(self, path: str) -> bool:
        """Tell whether the record has no value at a path."""
        return self.found.value(path) in (None, ())


def read_record(
    unit: Unit, object_key: str, record_id: int, also: Iterable[str] = (), *, bin: bool = False
) -> Seen:
    """Read a record with all fields that the actor may see, and the paths in ``also``.

    Raises:
        UnknownObject: there is no such object, or the actor may do nothing with it.
        RecordNotFound: no such record, or out of reach.
    """
    rights_of(unit).require(object_key, "read")
    bound = unit.snapshot.object(object_key)
    crossed = [path for path in also if "." in path and may_read(unit, object_key, (path,))]
    columns = tuple(dict.fromkeys([*visible_fields(unit, object_key), *crossed]))
    return Seen(unit, bound, get(unit, object_key, record_id, columns, bin=bin))


def may_set(unit: Unit, bound: BoundObject, field: BoundField) -> bool:
    """Tell whether the actor may set a field at all."""
    if field.definition.readonly or field.key == OWNER:
        return False
    return rights_of(unit).field_level(bound.key, field.key) == "edit"


def label_of(unit: Unit, bound: BoundObject, key: str) -> str:
    """Name a field."""
    return say(bound.fields[key].definition.label, unit.context.locale.language)


def form_named(unit: Unit, object_key: str, key: str) -> FormDef:
    """Give a form by key; the object's own one where there is none."""
    site = unit.snapshot.site
    return site.forms.get(key) or site.form_of(object_key)
