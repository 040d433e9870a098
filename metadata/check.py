"""All checks of documents, in order: shape, texts, keys, references, rights, budgets."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from metadata.catalog import OBJECT_KINDS, TEST, FieldTypes
from metadata.check_computed import check_computed_together
from metadata.check_conditions import Checker
from metadata.check_layouts import (
    check_detail,
    check_form,
    check_list,
    check_menu,
    check_owner,
    check_scene,
)
from metadata.check_manifest import check_manifest, check_renames
from metadata.check_numbers import check_number_rule
from metadata.check_objects import check_object, check_option_set
from metadata.check_rights import check_role
from metadata.checked import Known, Noting
from metadata.documents import Document, look_up
from metadata.errors import Problem
from metadata.layers import LOCAL, Layered, Layers, effective
from metadata.overrides import lacks_prefix
from metadata.packs import Pack
from metadata.refs import World
from metadata.report import Report
from metadata.schemas import check_shape, marked
from metadata.strict_yaml import UNPRINTABLE

MOST_OBJECTS = 500
_MARKUP = re.compile(r"</?[A-Za-z!][^<>]*>")

Before = tuple[Layers, Layered]


def check_documents(
    layers: Layers, types: FieldTypes, before: Before | None = None
) -> tuple[Layered, list[Problem]]:
    """Check layers and what they add up to.

    Args:
        layers: packs and local changes.
        types: the field types there are.
        before: layers that passed already, with their documents; equal parts are known to be
            well shaped.

    Returns:
        The effective documents, and what is wrong; documents with problems must not be compiled.
    """
    report = Report()
    passed = {id(pack) for pack in before[0].packs} if before is not None else set()
    for pack in layers.packs:
        if id(pack) not in passed:
            _check_pack(pack, types, report)
    if report:
        return Layered({}), report.problems
    layered = effective(layers, before[1] if before is not None else None)
    report.problems.extend(layered.problems)
    known = {doc.hash for doc in before[1].documents.values()} if before is not None else set()
    for document in layered.documents.values():
        changed = document.touched or document.layer == LOCAL
        if changed and document.hash not in known:
            check_alone(document, types, report, ())
    if report:
        return layered, report.problems
    _check_together(layered, types, report)
    return layered, report.problems


def _check_pack(pack: Pack, types: FieldTypes, report: Report) -> None:
    for document in (pack.manifest, *pack.documents):
        check_alone(document, types, report, pack.languages)
        if document.kind == "overrides":
            _check_entries(document, report)
        elif document.kind == TEST:
            report.add_value(document, "test_elsewhere", "kind")
    if not report:
        check_renames(pack, report)


def check_alone(
    document: Document, types: FieldTypes, report: Report, languages: Iterable[str]
) -> None:
    """Check what can be told from one document alone: its shape, and its texts."""
    mine = Report()
    check_shape(document, types, mine)
    if not mine:
        for path, text in marked(document, types, "text"):
            _check_text(document, path, text, tuple(languages), mine)
    report.problems.extend(mine.problems)


def _check_text(
    document: Document, path: str, text: Any, languages: tuple[str, ...], report: Report
) -> None:
    said = {path: text} if isinstance(text, str) else {f"{path}/{k}": v for k, v in text.items()}
    for place, words in said.items():
        if _MARKUP.search(words):
            report.add_value(document, "markup_not_allowed", place)
        bad = UNPRINTABLE.search(words)
        if bad is not None:
            character = f"U+{ord(bad.group()):04X}"
            report.add_value(document, "character_not_allowed", place, character=character)
    if isinstance(text, str):
        missing = list(languages[1:])
    else:
        missing = [language for language in languages if language not in text]
    if missing:
        report.add_value(document, "missing_language", path, languages=", ".join(missing))


def _check_entries(document: Document, report: Report) -> None:
    """Check the changes that a pack makes to documents of others."""
    for target, entries in document.body.get("changes", {}).items():
        for path, entry in entries.items() if isinstance(entries, Mapping) else ():
            place = f"changes/{target}/{path}"
            writes = isinstance(entry, Mapping) and entry.get("op") in {"set", "add"}
            if writes and entry.get("value") is None:
                report.add(document, "missing_property", place, property="value")
            prefix = f"{document.layer}_"
            if writes and entry["op"] == "add" and lacks_prefix(target, path, prefix):
                key = (path or target).rpartition("/")[2]
                report.add(document, "bad_prefix", place, name=key, prefix=prefix)


_CHECKS: Mapping[str, Callable[[Checker, Document], None]] = {
    "pack": check_manifest,
    "object": check_object,
    "option_set": check_option_set,
    "list": check_list,
    "scene": check_scene,
    "form": check_form,
    "detail": check_detail,
    "menu": check_menu,
    "role": check_role,
    "number_rule": check_number_rule,
}


def _check_together(layered: Layered, types: FieldTypes, report: Report) -> None:
    checker = Checker(report, World(layered.documents), types)
    known = Known(checker.world, types)
    objects = checker.world.objects()
    if len(objects) > MOST_OBJECTS:
        report.problems.append(Problem("too_many_objects", params={"most": MOST_OBJECTS}))
    for document in layered.documents.values():
        check = _CHECKS.get(document.kind)
        if check is None:
            _check_translation(document, layered, types, report)
        else:
            _check_among(known, checker, document, check)
    check_computed_together(checker)


def _check_among(
    known: Known, checker: Checker, document: Document, check: Callable[[Checker, Document], None]
) -> None:
    """Check a document among the others, unless all that it reads is as when it was well."""
    if known.was_well(document):
        return
    mine, world = Report(), Noting(checker.world)
    noting = Checker(mine, world, checker.types)
    if document.kind not in OBJECT_KINDS or check_owner(noting, document):
        check(noting, document)
    checker.report.problems.extend(mine.problems)
    if not mine:
        known.note(document, world.asked)


def _check_translation(
    document: Document, layered: Layered, types: FieldTypes, report: Report
) -> None:
    if document.kind != "translation":
        return
    for target, texts in document.body["texts"].items():
        translated = layered.documents.get(target)
        place = f"texts/{target}"
        if translated is None:
            report.add(document, "unknown_document", place, id=target)
            continue
        known = {path for path, _ in marked(translated, types, "text")}
        for path in texts:
            if path not in known or look_up(translated.body, path) is None:
                report.add(document, "unknown_path", f"{place}/{path}")
