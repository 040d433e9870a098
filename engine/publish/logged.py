"""What the system log tells of a publish: the release, the packs and the roles that it changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.audit.deeds import log_deed
from engine.context import Context

ROLE = "role/"
MOST = 50
"""Changes told of one release; the version itself holds all of them."""


def log_release(
    connection: Connection,
    context: Context,
    number: int,
    row: Mapping[str, Any],
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> None:
    """Log a publish or a rollback, in its transaction.

    Args:
        connection: that transaction.
        context: who publishes.
        number: the new version.
        row: what is written of it: note, changes, rolls_back_to.
        before: the packs that were there, with their versions.
        after: those that are there now.
    """
    changes: Sequence[Mapping[str, Any]] = row["changes"]
    documents = list(dict.fromkeys(one["document"] for one in changes))
    details = {"version": number, "note": row["note"], "documents": documents[:MOST]}
    if row["rolls_back_to"] is None:
        log_deed(connection, context, "metadata.published", str(number), details)
    else:
        details["to"] = row["rolls_back_to"]
        log_deed(connection, context, "metadata.rolled_back", str(number), details)
    for deed, key in _packs(before, after):
        told = {"version": number, "before": before.get(key, ""), "after": after.get(key, "")}
        log_deed(connection, context, deed, key, told)
    for deed, document, paths in _roles(changes):
        told = {"version": number, "paths": paths[:MOST]}
        log_deed(connection, context, deed, document.removeprefix(ROLE), told)


def _packs(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in {**before, **after}:
        if key not in before:
            yield "pack.installed", key
        elif key not in after:
            yield "pack.removed", key
        elif before[key] != after[key]:
            yield "pack.changed", key


def _roles(changes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, list[str]]]:
    touched: dict[str, list[Mapping[str, Any]]] = {}
    for one in changes:
        if one["document"].startswith(ROLE):
            touched.setdefault(one["document"], []).append(one)
    for document, found in touched.items():
        whole = next((one["op"] for one in found if not one["path"]), "")
        deed = {"added": "role.created", "removed": "role.deleted"}.get(whole, "role.changed")
        yield deed, document, [one["path"] for one in found if one["path"]]
