"""A computed field tried out: what would be wrong with it, and who would see more through it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from metadata.catalog import FieldTypes
from metadata.check_computed import (
    Node,
    check_formula_field,
    check_roll_up,
    read_formula,
    reads_of_formula,
    reads_of_roll_up,
)
from metadata.check_conditions import Checker
from metadata.computed import FORMULA
from metadata.documents import Document
from metadata.errors import Problem
from metadata.refs import World
from metadata.report import Report


@dataclass(frozen=True, slots=True)
class Leak:
    """A role that may see a computed field, but not one that it is computed from."""

    role: str
    object: str
    field: str


def try_field(
    documents: Mapping[str, Document],
    types: FieldTypes,
    object_key: str,
    key: str,
    definition: Mapping[str, Any],
) -> tuple[list[Problem], list[Leak]]:
    """Check a computed field as it would be; nothing is kept.

    Returns:
        What is wrong with it, and which roles would see more through it than they may.
    """
    was = documents[f"object/{object_key}"]
    fields = {**was.body["fields"], key: definition}
    document = replace(was, body={**was.body, "fields": fields}, source=None)
    checker = Checker(Report(), World({**documents, document.id: document}), types)
    if definition["type"] == FORMULA:
        check_formula_field(checker, document, key, definition)
    else:
        check_roll_up(checker, document, key, definition)
    if checker.report:
        return checker.report.problems, []
    return [], list(_leaks(checker, document, key, definition))


def _leaks(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> Iterator[Leak]:
    if definition["type"] == FORMULA:
        formula = read_formula(checker, document, key, definition, told=False)
        reads = list(reads_of_formula(checker, document, key, formula))
    else:
        reads = list(reads_of_roll_up(checker, document, key, definition))
    nodes = dict.fromkeys(read.node for read in reads)
    for role in checker.world.documents.values():
        if role.kind != "role" or not _sees(role.body, (document.key, key)):
            continue
        for node in nodes:
            if not _sees(role.body, node):
                yield Leak(role.key, *node)


def _sees(role: Mapping[str, Any], node: Node) -> bool:
    """Tell whether a role may read a field at all."""
    grant = role.get("objects", {}).get(node[0])
    if not grant or not grant.get("read"):
        return False
    level = grant.get("fields", {}).get(node[1], "edit")
    return (level if isinstance(level, str) else level.get("level", "edit")) != "hidden"
