"""Layouts that nobody wrote: an object has a list, a form and a page from the start."""

from collections.abc import Mapping

from metadata.model import (
    ColumnDef,
    DetailDef,
    DetailTabDef,
    FieldDef,
    FormDef,
    FormTabDef,
    InverseDef,
    ListDef,
    ObjectDef,
    SectionDef,
)

MOST_COLUMNS = 6
_MOST_FACTS = 4
_WIDE = frozenset({"long_text", "rich_text"})
_TABLE = "line_items"
_FILLED_IN = frozenset({"next_contact_at"})
"""Fields of abilities that people fill in on forms; the others are written by actions."""
_FOR_MANY = ("manage_team", "export", "delete")
"""What the platform does with chosen rows."""
_HALF, _WHOLE = 50, 100


def derived_list(definition: ObjectDef, key: str) -> ListDef:
    """Make a list of the name and the first fields that fit into a cell."""
    shown = [definition.name_field]
    shown += [field.key for field in _own(definition) if field.key not in shown]
    narrow = [path for path in shown if definition.fields[path].type not in _WIDE]
    columns = {path: ColumnDef(path=path) for path in narrow[:MOST_COLUMNS]}
    columns[definition.name_field] = ColumnDef(path=definition.name_field, opens="record")
    if definition.has("owner"):
        columns.setdefault("owner", ColumnDef(path="owner"))
    bulk = [one.key for one in definition.actions.values() if one.bulk]
    bulk += [action for action in _FOR_MANY if action in definition.actions]
    return ListDef(
        key=key,
        object=definition.key,
        columns=columns,
        row_actions=("update",),
        bulk_actions=tuple(bulk),
    )


def derived_form(definition: ObjectDef, key: str) -> FormDef:
    """Make a form of all fields that somebody may fill in."""
    items = {
        field.key: {"width": _WHOLE if field.type in _WIDE else _HALF}
        for field in _own(definition)
        if not field.readonly
    }
    section = SectionDef(key="main", items=items)
    return FormDef(
        key=key,
        object=definition.key,
        tabs={"basic": FormTabDef(key="basic", label=None, sections={"main": section})},
    )


def derived_detail(
    definition: ObjectDef, key: str, form: str, related: Mapping[str, InverseDef]
) -> DetailDef:
    """Make a page of the form, the related lists and the history."""
    tabs = {"fields": DetailTabDef(key="fields", type="form", form=form)}
    for name, inverse in related.items():
        tab = name if name not in tabs else f"{name}_list"
        tabs[tab] = DetailTabDef(key=tab, type="related", label=inverse.label, list=name)
    if definition.has("history"):
        tabs.setdefault("history", DetailTabDef(key="history", type="history"))
    facts = [
        field.key
        for field in _own(definition)
        if field.key != definition.name_field and field.type != _TABLE
    ]
    if definition.has("owner"):
        facts.insert(0, "owner")
    return DetailDef(
        key=key,
        object=definition.key,
        title=definition.name_field,
        facts=tuple(facts[:_MOST_FACTS]),
        tabs=tabs,
    )


def _own(definition: ObjectDef) -> list[FieldDef]:
    """Give the fields that the object is about, not what the platform keeps beside them."""
    return [
        field
        for field in definition.fields.values()
        if not field.system or field.key in _FILLED_IN
    ]
