"""One record as pages show it: read by the person's rights, drawn value by value."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from engine.access.roles import rights_of
from engine.derived.later import recomputed_fields
from engine.errors import RecordNotFound
from engine.fields.base import unlabelled
from engine.fields.link import LARGEST_ID
from engine.query.listing import Found, read_one
from engine.query.members import admits
from engine.query.paths import resolve
from engine.records.encode import ALWAYS, covered
from engine.records.evaluate import Ground, compose_check, fields_of
from engine.records.ownership import OWNER
from engine.records.read import visible_fields
from engine.storage.snapshot import BoundObject, Unit
from metadata.conditions import Node
from metadata.model import DetailDef, FormDef, say
from metadata.usage import conditions_of
from ui.i18n import translate
from ui.pages.line_table import line_html
from ui.pages.list_read import may_read
from ui.pages.rows import value_html
from ui.pages.sentences import path_label

LONG = "long_text"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its label."""

    label: str
    html: Markup
    long: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """What is read of a record: ``shown`` may be seen, the rest only decides what is shown."""

    every: tuple[str, ...]
    shown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A record that was read for a page. ``binned``: it lies in the recycle bin."""

    unit: Unit
    bound: BoundObject
    found: Found
    shown: frozenset[str]
    binned: bool = False

    @property
    def key(self) -> str:
        """Give the object's key."""
        return self.bound.key

    @property
    def id(self) -> int:
        """Give the record's id."""
        return self.found.id

    @property
    def version(self) -> int:
        """Give the record's version."""
        return self.found.version

    @property
    def list_url(self) -> str:
        """Give the address of the list."""
        return f"/o/{self.key}"

    @property
    def url(self) -> str:
        """Give the address of the record's page."""
        return f"{self.list_url}/{self.id}"

    @property
    def plural(self) -> str:
        """Name the list that it stands in."""
        return say(self.bound.definition.plural, self.unit.context.locale.language)

    @property
    def detail(self) -> DetailDef:
        """Give the document of its page."""
        return self.unit.snapshot.site.detail_of(self.key)

    @property
    def form(self) -> FormDef:
        """Give the document of its form."""
        return self.unit.snapshot.site.form_of(self.key)

    @property
    def name(self) -> str:
        """Name the record; by its number where its name is empty or hidden."""
        for path in (self.detail.title, self.bound.name.key):
            text = self.text(path) if path in self.shown else ""
            if text:
                return text
        return f"#{self.id}"

    @property
    def values(self) -> dict[str, Any]:
        """Give the stored values that were read, for conditions."""
        return {key: plain(self.found.value(key)) for key in self.found.slots if "." not in key}

    def text(self, path: str) -> str:
        """Give a value as plain text; covered where only a part of it may be seen."""
        slot = self.found.slots[path]
        kind, definition = slot.field.type, slot.field.definition
        text = kind.text(slot.value(self.found.row), definition, self.unit.context.locale)
        return covered(text, slot.field) if text and self.is_covered(path) else text

    def html(self, path: str) -> Markup:
        """Draw a value; "" when it is empty."""
        slot = self.found.slots[path]
        if slot.field.type.lines and "." not in path and not self.is_covered(path):
            return line_html(self.unit, self.bound, path, self.id, self.text)
        if self.is_covered(path) or slot.field.definition.type == LONG:
            return escape(self.text(path))
        shown = value_html(slot, self.found.row, self.unit.context.locale)
        return shown + self._mark() if path in self.recomputed else shown

    @property
    def recomputed(self) -> frozenset[str]:
        """Give the computed fields that a job is computing again."""
        if not any(field.definition.derived for field in self.bound.fields.values()):
            return frozenset()
        known = ("recomputed", self.key, self.id)
        if known not in self.unit.memo:
            found = recomputed_fields(self.unit, self.key, [self.id])
            self.unit.memo[known] = found.get(self.id, frozenset())
        keys: frozenset[str] = self.unit.memo[known]
        return keys

    def _mark(self) -> Markup:
        """Say that a value will change soon."""
        words = translate(self.unit.context.locale.language, "record.recomputed")
        return Markup(' <span class="h-tag h-tag-amber">{}</span>').format(words)

    def fact(self, path: str) -> Fact:
        """Give a value with its label."""
        resolved = resolve(self.unit.snapshot, self.bound, path)
        label = path_label(resolved, self.unit.context.locale.language)
        return Fact(label, self.html(path), resolved.field.definition.type == LONG)

    def is_covered(self, path: str) -> bool:
        """Tell whether the person may see but the ends of a value."""
        resolved = resolve(self.unit.snapshot, self.bound, path)
        mask = rights_of(self.unit).field_mask(resolved.owner.key, resolved.field.key)
        return mask == ALWAYS

    def may(self, action: str) -> bool:
        """Tell whether the person may do something with this record."""
        rights = rights_of(self.unit)
        if not rights.allows(self.key, action):
            return False
        owner = plain(self.found.value(OWNER)) if OWNER in self.found.slots else None
        return admits(self.unit, rights.predicate(self.key, action), self.id, owner)


def open_record(
    unit: Unit, object_key: str, record_id: int, *, binned_too: bool = False
) -> Opened:
    """Read one record with all that its pages show.

    Raises:
        UnknownObject: there is no such object, or the actor may do nothing with it.
        RecordNotFound: no such record, or out of reach.
    """
    rights = rights_of(unit)
    predicate = rights.predicate(object_key, "read")
    bound = unit.snapshot.object(object_key)
    columns = _columns(unit, bound)
    check_id(object_key, record_id)
    found = read_one(unit, predicate, object_key, record_id, columns.every)
    if found is not None:
        return Opened(unit, bound, found, columns.shown)
    if binned_too and rights.allows(object_key, "restore"):
        predicate = rights.predicate(object_key, "restore")
        found = read_one(unit, predicate, object_key, record_id, columns.every, bin=True)
    if found is None:
        raise RecordNotFound(object=object_key, id=record_id)
    return Opened(unit, bound, found, columns.shown, binned=True)


def check_id(object_key: str, record_id: int) -> None:
    """Refuse a number that no record can have.

    Raises:
        RecordNotFound: it is none.
    """
    if not 0 < record_id <= LARGEST_ID:
        raise RecordNotFound(object=object_key, id=record_id)


def holds(
    unit: Unit,
    bound: BoundObject,
    place: tuple[Hashable, ...],
    node: Node | None,
    values: Mapping[str, Any],
) -> bool:
    """Tell whether a condition of a document holds; ``place`` says which one it is."""
    if node is None:
        return True
    check = unit.snapshot.once(
        ("shown if", bound.key, *place), lambda: compose_check(unit.snapshot, bound, node)
    )
    return check(Ground(unit, values))


def plain(value: Any) -> Any:
    """Give the stored form of a value that was read: of a link its id."""
    return unlabelled(value)


def _columns(unit: Unit, bound: BoundObject) -> Columns:
    actor = unit.context.actor
    key = ("opened", bound.key, actor.roles, actor.superadmin)
    return unit.snapshot.once(key, lambda: _compose(unit, bound))


def deciding(unit: Unit, bound: BoundObject) -> frozenset[str]:
    """Give the fields of a record that conditions of its documents read."""
    nodes: list[Node | None] = []
    for field in bound.fields.values():
        nodes += conditions_of(field.definition)
    for rule in bound.definition.rules.values():
        nodes += [rule.when, rule.check]
    for form in unit.snapshot.site.forms.values():
        if form.object == bound.key:
            for tab in form.tabs.values():
                nodes += [section.visible_if for section in tab.sections.values()]
    return frozenset(key for node in nodes for key in fields_of(node))


def _read_by_actions(bound: BoundObject) -> set[str]:
    """Give the fields that decide whether an action is offered, and those it copies."""
    found: set[str] = set()
    for action in bound.definition.actions.values():
        found |= fields_of(action.when)
        sources = [value.get("field") for value in action.set.values() if isinstance(value, dict)]
        found |= {str(path).partition(".")[0] for path in sources if path}
    return found


def _compose(unit: Unit, bound: BoundObject) -> Columns:
    site = unit.snapshot.site
    detail = site.detail_of(bound.key)
    paths = (detail.title, *detail.badges, *detail.facts)
    shown = {*visible_fields(unit, bound.key)}
    shown |= {path for path in paths if may_read(unit, bound.key, (path,))}
    read = {"id", OWNER} | deciding(unit, bound) | _read_by_actions(bound)
    return Columns(tuple(sorted(shown | (read & bound.fields.keys()))), frozenset(shown))
