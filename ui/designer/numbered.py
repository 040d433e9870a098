"""A numbered field that is added on site: its rule comes, goes and is named with it."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from metadata.check_numbers import AUTO_NUMBER
from ui.designer import changes as draft
from ui.designer.changes import Change, Changes, field_path, object_document
from ui.designer.workspace import Workspace

_KIND = "number_rule"
_START: Mapping[str, Any] = {
    "day": {"date": "created_at", "format": "yyyyMMdd"},
    "seq": {"digits": 4, "start": 1, "step": 1, "reset": "daily"},
}
"""How a new rule makes numbers: 20260105-0001."""


def rule_document(object_key: str, field: str) -> str:
    """Give the identity of the rule of a field that is added on site."""
    return f"{_KIND}/{object_key}.{field}"


def with_rule(
    changes: Changes, object_key: str, field: str, definition: Mapping[str, Any]
) -> list[Change]:
    """Add the rule that a numbered field needs; others need none."""
    if definition["type"] != AUTO_NUMBER:
        return [dict(one) for one in changes]
    rule = {"object": object_key, "field": field, "segments": deepcopy(dict(_START))}
    return draft.added(changes, rule_document(object_key, field), "", rule)


def with_renamed_rule(changes: Changes, object_key: str, old: str, new: str) -> list[Change]:
    """Let the rule follow a field of the draft that gets another key."""
    document, made = rule_document(object_key, old), []
    for one in changes:
        change = deepcopy(dict(one))
        if change["document"] == document:
            change["document"] = rule_document(object_key, new)
            if change["op"] == "add" and change["path"] == "":
                change["value"]["field"] = new
        made.append(change)
    return made


def without_orphans(workspace: Workspace, changes: Changes) -> list[Change]:
    """Take back the rules whose field the draft does not add any more."""
    gone = {
        str(one["document"])
        for one in changes
        if one["op"] == "add" and one["path"] == "" and _is_orphan(workspace, changes, one)
    }
    return [dict(one) for one in changes if one["document"] not in gone]


def rule_owner(change: Mapping[str, Any]) -> tuple[str, str]:
    """Give object and field of the rule that a change adds; nothing for other changes."""
    value = change.get("value")
    is_rule = str(change["document"]).startswith(f"{_KIND}/") and change["path"] == ""
    if not is_rule or not isinstance(value, Mapping):
        return "", ""
    return str(value.get("object", "")), str(value.get("field", ""))


def _is_orphan(workspace: Workspace, changes: Changes, change: Mapping[str, Any]) -> bool:
    owner, field = rule_owner(change)
    if not field or draft.is_new(changes, object_document(owner), field_path(field)):
        return False
    served = workspace.base.site.objects.get(owner)
    return served is None or field not in served.fields
