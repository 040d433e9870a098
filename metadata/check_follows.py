"""Checks of fields that take the value of another one until somebody overrides it."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import BESIDE
from metadata.check_computed import UNSTABLE, value_type
from metadata.check_conditions import Checker
from metadata.computed import COMPUTED, FOLLOWS, Following, following_from, overridden
from metadata.documents import Document
from metadata.formula.check import check_formula
from metadata.formula.errors import FormulaInvalid
from metadata.formula.types import DATE, DATETIME, NUMBER, TEXT, ValueType

KINDS = frozenset({TEXT, NUMBER, DATE, DATETIME})
"""What can follow: values that are typed into one input."""
MARKED_UP = "rich_text"
ALONE = ("default", "readonly", "unique", "personal")
"""What a field that follows another one cannot be: it would never, or not always, follow it."""


def check_follows(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> None:
    """Check whose value a field takes, and what a value that somebody gives means for others."""
    following = following_from(definition)
    if following is None:
        return
    path = f"fields/{key}/{FOLLOWS}"
    kind = str(definition.get("type"))
    unfit = kind in COMPUTED or kind == MARKED_UP
    if unfit or value_type(checker, definition).kind not in KINDS:
        checker.report.add(document, "trait_not_possible", path, property=FOLLOWS, type=kind)
        return
    for name in ALONE:
        if definition.get(name) not in (None, False):
            checker.report.add(document, "follows_alone", f"fields/{key}/{name}", property=name)
    beside = checker.world.fields(document.key).get(overridden(key), {})
    if beside.get(BESIDE) != key:
        name = overridden(key)
        checker.report.add(document, "reserved_key", f"fields/{name}", name=name)
    place = path if isinstance(definition[FOLLOWS], str) else f"{path}/field"
    _check_source(checker, document, place, key, following)
    for wanted, expr in following.sets.items():
        _check_set(checker, document, f"{path}/sets/{wanted}", key, expr)


def _check_source(
    checker: Checker, document: Document, place: str, key: str, following: Following
) -> None:
    fields = checker.world.fields(document.key)
    source = checker.field(document, place, document.key, following.field)
    if source is None:
        return
    if following.field == key or source.get("computed", {}).get("virtual"):
        checker.report.add_value(document, "follows_nothing", place, field=following.field)
    elif _kind(checker, source) != _kind(checker, fields[key]):
        checker.report.add_value(
            document,
            "follows_other_type",
            place,
            field=following.field,
            type=str(source["type"]),
            wanted=str(fields[key]["type"]),
        )


def _kind(checker: Checker, definition: Mapping[str, Any]) -> tuple[str, ValueType, str]:
    """Give what the stored values of two fields must share so that one can take the other's."""
    seen = value_type(checker, definition)
    return str(definition["type"]), seen, str(definition.get("to", ""))


def _check_set(checker: Checker, document: Document, path: str, key: str, expr: str) -> None:
    """Check one field that a value given for another sets."""
    wanted = path.rpartition("/")[2]
    fields = checker.world.fields(document.key)
    target = checker.field(document, path, document.key, wanted, named=True)
    if target is None:
        return
    fixed = target.get("readonly") or "computed" in target or FOLLOWS in target
    if fixed or wanted == key:
        checker.report.add(document, "follows_sets_fixed", path, field=wanted)
        return

    def find(name: str) -> ValueType | None:
        found = fields.get(name)
        usable = found is not None and name not in UNSTABLE
        virtual = found is not None and found.get("computed", {}).get("virtual")
        return value_type(checker, found) if found and usable and not virtual else None

    try:
        check_formula(expr, find, fields, value_type(checker, target))
    except FormulaInvalid as invalid:
        length = invalid.until - invalid.at
        checker.report.add_inside(
            document, invalid.problem, path, invalid.at, length=length, **invalid.said
        )
