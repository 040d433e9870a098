"""What every site has before any pack: system fields, abilities, actions, option sets.

Also the `FieldTypes` protocol: all that documents need to know of field types. Whoever has the
types passes them in; this package imports none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from metadata.formula.types import ValueType
from metadata.model import EMPTY, FieldDef
from metadata.strict_yaml import read_yaml

KERNEL = Path(__file__).parent / "kernel"

KEY = re.compile(r"[a-z][a-z0-9_]{0,47}")
LOCAL_PREFIX = "x_"
RESERVED_EXTRA = frozenset(
    {
        "pool", "pool_days_left", "pool_rule", "pipeline", "stage", "starred", "team",
        "change_pending", "change_count", "actions", "abilities",
    }
)  # fmt: skip
"""Keys that abilities bring or will bring; beside those of the kernel's own documents."""

DECLARED_BY_DOCUMENT = frozenset({"stage", "pipeline", "number"})
"""Reserved keys that a document may declare with a type of its own while no ability brings it."""

VERBS = frozenset({"edit", "restore", "purge", "add_member", "remove_member"})
"""What is done with the records of any object, by names that no document may use for an action."""

BESIDE = "beside"
"""Names, in a field that the kernel brings for one of the document, the field that it serves."""

LINK_TYPES = frozenset({"link", "user", "department"})
"""Types whose value is one other record: a path may go through them."""

MANY_LINK_TYPES = frozenset({"links", "users", "any_link"})
"""Types that name several records, or records of several objects: no path goes through them."""

KINDS = (
    "pack", "object", "option_set", "list", "scene", "form", "detail", "menu", "role",
    "number_rule", "translation", "overrides", "test",
)  # fmt: skip
TEST = "test"
"""The kind that stands in a pack's folder ``tests`` alone, and in no version."""
OBJECT_KINDS = frozenset({"list", "scene", "form", "detail", "number_rule"})
"""Kinds whose documents belong to one object: their key is ``<object>.<name>``."""

SCOPES = (
    "own", "own_and_reports", "department", "department_tree", "chosen_departments", "all",
)  # fmt: skip
"""Data scopes, narrowest first; those in the middle only grow."""

SCREENS: Mapping[str, str] = {"roles": "roles"}
"""Screens of the platform that a menu may open: key -> the administration right they need."""


class FieldTypes(Protocol):
    """What documents need to know of the field types. Its schemas are compiled once per object."""

    def __hash__(self) -> int: ...

    def names(self) -> frozenset[str]:
        """Give the keys of all types."""
        ...

    def schema(self, field_type: str, /) -> Mapping[str, Any]:
        """Give the JSON Schema of the properties that only this type has."""
        ...

    def operators(self, field_type: str, /) -> frozenset[str]:
        """Give the operators that a condition may use on a field of this type."""
        ...

    def value_type(self, definition: Mapping[str, Any], /) -> ValueType:
        """Give what a field of this definition is to a formula; of no kind: nothing."""
        ...

    def takes(self, field: FieldDef, value: Any, /) -> bool:
        """Tell whether a value of a document is one of a field; ids of records never are."""
        ...

    def can(self, field_type: str, trait: str, /) -> bool:
        """Tell a trait: ``unique``, ``sortable``, ``search``, ``required`` or ``options``."""
        ...


@dataclass(frozen=True, slots=True)
class Ability:
    """What an object gets with an ability; definitions as a document would write them."""

    key: str
    label: Mapping[str, str]
    fields: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kernel:
    """The kernel's own documents."""

    fields: Mapping[str, Mapping[str, Any]]
    abilities: Mapping[str, Ability]
    actions: Mapping[str, Mapping[str, Any]]
    option_sets: Mapping[str, Mapping[str, Any]]
    override: Mapping[str, Any]
    reserved: frozenset[str]

    def brought(self, abilities: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Give the fields that these abilities and the system bring, abilities first."""
        fields: dict[str, Mapping[str, Any]] = {}
        for key, ability in self.abilities.items():
            if abilities.get(key, False) is not False:
                fields.update(ability.fields)
        fields.update(self.fields)
        return fields

    def beside(self, key: str, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the field that remembers whether somebody overrode the following field ``key``."""
        said = definition.get("label")
        words = said if isinstance(said, Mapping) else {}
        label = {
            language: text.replace("{label}", str(words.get(language) or said or key))
            for language, text in self.override["label"].items()
            if not words or language in words
        }
        return {**self.override, "label": label or {"": key}, BESIDE: key}

    def standard_actions(self, abilities: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Give the actions that every object has and those of these abilities."""
        actions = dict(self.actions)
        for key, ability in self.abilities.items():
            if abilities.get(key, False) is not False:
                actions.update(ability.actions)
        return actions


@cache
def kernel() -> Kernel:
    """Read the kernel's documents, once.

    Raises:
        ValueError: one of them is broken (a bug of ours, not somebody's input).
    """
    system = _read("system_fields.yaml")
    brought = _read("abilities.yaml")
    abilities = {
        key: Ability(
            key, entry["label"], entry.get("fields") or EMPTY, entry.get("actions") or EMPTY
        )
        for key, entry in brought["abilities"].items()
    }
    keys = set(system["fields"]) | RESERVED_EXTRA
    for ability in abilities.values():
        keys |= set(ability.fields)
    return Kernel(
        fields=system["fields"],
        abilities=abilities,
        actions=brought["actions"],
        option_sets=brought.get("option_sets") or EMPTY,
        override=system["override"],
        reserved=frozenset(keys),
    )


def link_target(definition: Mapping[str, Any]) -> str:
    """Give the key of the object that a field of one other record points at, else ``""``."""
    kind = definition.get("type")
    if kind == "link":
        to = definition.get("to", "")
        return to if isinstance(to, str) else ""
    return str(kind) if kind in LINK_TYPES else ""


def link_targets(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the keys of all objects whose records a field may name, of one or of several."""
    target = link_target(definition)
    if target:
        return (target,)
    kind, to = definition.get("type"), definition.get("to")
    if kind == "users":
        return ("user",)
    named = to if isinstance(to, list | tuple) else (to,)
    if kind in MANY_LINK_TYPES:
        return tuple(one for one in named if isinstance(one, str))
    return ()


def _read(name: str) -> dict[str, Any]:
    documents, problems = read_yaml((KERNEL / name).read_bytes(), name)
    if problems or len(documents) != 1:
        raise ValueError(f"kernel document {name} is broken: {problems}")
    return documents[0].data
