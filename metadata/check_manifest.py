"""Checks of a manifest: what it seeds, renames and removes, and that this platform fits it."""

from collections.abc import Mapping
from typing import Any

from metadata.check_conditions import Checker
from metadata.documents import Document, look_up
from metadata.near import close
from metadata.packs import Pack
from metadata.report import Report
from metadata.versions import ENGINE, fits

RESERVED = frozenset({"x", "local", "kernel"})
"""Keys that no pack has: their prefixes and layers belong to the site and to the platform."""

_PEOPLE = "user"


def check_manifest(checker: Checker, document: Document) -> None:
    """Check the manifest of a pack among the documents of the site."""
    if document.key in RESERVED:
        checker.report.add(document, "reserved_key", "key", name=document.key)
    if not fits(ENGINE, document.body["engine"]):
        checker.report.add_value(
            document, "engine_version", "engine", needed=document.body["engine"], present=ENGINE
        )
    for key, seed in document.body.get("seeds", {}).items():
        _check_seed(checker, document, key, seed)
    for old, new in document.body.get("renames", {}).get("fields", {}).items():
        _check_rename(checker, document, old, new)
    _check_removed(checker, document)


def _check_seed(checker: Checker, document: Document, key: str, seed: Mapping[str, Any]) -> None:
    path = f"seeds/{key}"
    if key == _PEOPLE:  # somebody with roles would be let in by a file
        checker.report.add(document, "seed_of_people", path)
    elif not checker.world.has(key):
        known = close(key, checker.world.objects())
        checker.report.add(document, "unknown_object", path, object=key, known=known)
    else:
        for row, values in seed["rows"].items():
            for name in values:
                checker.field(document, f"{path}/rows/{row}/{name}", key, name, named=True)


def _check_rename(checker: Checker, document: Document, old: str, new: str) -> None:
    path = f"renames/fields/{old}"
    owner, _, key = old.partition(".")
    home, _, other = new.partition(".")
    if owner != home or not key or "." in key or "." in other:
        checker.report.add(document, "rename_elsewhere", path)
    elif _is_mine(checker, document, owner, key):
        checker.report.add(document, "still_there", path, name=old)


def check_renames(pack: Pack, report: Report) -> None:
    """Check that what a pack renames is there under its new name; the site may have hidden it."""
    objects = {doc.key: doc for doc in pack.documents if doc.kind == "object"}
    for old, new in (pack.manifest.body.get("renames") or {}).get("fields", {}).items():
        owner, _, key = new.partition(".")
        fields = look_up(objects[owner].body, "fields", {}) if owner in objects else None
        if fields is not None and key not in fields:
            known = close(key, fields)
            report.add_value(
                pack.manifest,
                "unknown_field",
                f"renames/fields/{old}",
                field=key,
                object=owner,
                known=known,
            )


def _is_mine(checker: Checker, manifest: Document, owner: str, key: str) -> bool:
    """Tell whether the pack itself brings a field; what the site kept of it does not count."""
    found = checker.world.documents.get(f"object/{owner}")
    path = f"fields/{key}"
    if found is None or look_up(found.body, path) is None:
        return False
    return found.origins.get(path, found.layer) == manifest.key


def _check_removed(checker: Checker, document: Document) -> None:
    """What is said to be gone must not stand in the pack; adopted by the site it may."""
    for identity in document.body.get("removed", {}).get("objects", {}):
        found = checker.world.documents.get(f"object/{identity}")
        if found is not None and found.layer == document.key:
            checker.report.add(
                document, "still_there", f"removed/objects/{identity}", name=identity
            )
    for name in document.body.get("removed", {}).get("fields", {}):
        owner, _, key = name.partition(".")
        if _is_mine(checker, document, owner, key):
            checker.report.add(document, "still_there", f"removed/fields/{name}", name=name)
    for name, rule in document.body.get("removed", {}).get("options", {}).items():
        owner, _, key = name.partition(".")
        path = f"removed/options/{name}"
        found = checker.world.documents.get(f"option_set/{owner}")
        options = look_up(found.body, "options", {}) if found is not None else {}
        if found is None:
            checker.report.add(document, "unknown_document", path, id=f"option_set/{owner}")
        elif rule["remap"] not in options or options[rule["remap"]].get("retired"):
            known = close(rule["remap"], options)
            checker.report.add_value(
                document, "unknown_option", f"{path}/remap", option=rule["remap"], known=known
            )
        elif key in options and not options[key].get("retired"):
            checker.report.add(document, "still_there", path, name=name)
