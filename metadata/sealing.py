"""What a pack lets others change: policy of the pack, `customise` of an object, sealed roles."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import kernel
from metadata.documents import Document, look_up
from metadata.layers import Layered

OPEN = "open"
STRICTER = frozenset({"require_totp"})
"""What may be changed of a sealed role: it gives nobody a right."""
_RELABEL = frozenset({"label", "help", "search", "sortable", "visible_if"})


def refused(document: Document, op: str, path: str, shipped: Layered) -> str:
    """Tell why a change of a shipped document is not allowed.

    Returns:
        The code of the reason, or ``""``.
    """
    if document.kind == "role" and document.body.get("sealed"):
        return "" if path in STRICTER else "sealed"
    policy = _policy(document, shipped)
    if policy == "sealed" or (policy == "extend" and op in {"set", "remove"}):
        return "sealed"
    if document.kind == "object" and path.startswith("fields/"):
        return _field_refused(document, op, path)
    return ""


def _field_refused(document: Document, op: str, path: str) -> str:
    parts = path.split("/")
    key, inside = parts[1], parts[2:]
    brought = kernel().brought(document.body.get("abilities") or {})
    if key in brought and op != "place":
        known = op == "set" and inside and inside[0] in _RELABEL
        return "" if known else "system_field"
    if op == "add" and not inside:
        return ""
    rule: Any = look_up(document.body, f"customise/fields/{key}")
    if rule == "sealed":
        return "sealed"
    if isinstance(rule, list):
        whole = not inside and op != "place"
        return "sealed" if whole or (inside and inside[0] in rule) else ""
    default = look_up(document.body, "customise/default", OPEN)
    return "sealed" if rule is None and default == "sealed" else ""


def _policy(document: Document, shipped: Layered) -> str:
    manifest = shipped.documents.get(f"pack/{document.layer}")
    policy: Mapping[str, Any] = manifest.body.get("policy", {}) if manifest is not None else {}
    return str(policy.get("customise", OPEN))
