"""Defaults of the moment: ``{me: true}`` and the like stand only where they make a value."""

from collections.abc import Mapping
from typing import Any

from metadata.check_conditions import Checker
from metadata.documents import Document

MOMENTS = frozenset({"date", "datetime"})


def check_default(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any]
) -> None:
    """Note a default that is a map but none that this type of field can have."""
    default = definition.get("default")
    if not isinstance(default, Mapping) or fits(definition, default):
        return
    own = document.body["fields"][path.partition("/")[2]]
    place = f"{path}/default" if "default" in own else path
    params = {"type": str(definition["type"]), "word": ", ".join(map(str, default))}
    checker.report.add(document, "bad_default", place, **params)


def fits(definition: Mapping[str, Any], default: Mapping[str, Any]) -> bool:
    """Tell whether a default of the moment makes values of a field."""
    kind, target = str(definition["type"]), str(definition.get("to", ""))
    if default == {"me": True}:
        return kind == "user" or target == "user"
    if default == {"my_department": True}:
        return kind == "department" or target == "department"
    if default in ({"now": True}, {"period": "today"}):
        return kind in MOMENTS
    return False
