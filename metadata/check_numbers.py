"""Checks of numbers made by a rule: every numbered field has one rule, and the rule adds up."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import kernel
from metadata.check_conditions import Checker
from metadata.documents import Document

AUTO_NUMBER = "auto_number"
_RESETS = {"daily": "dd", "monthly": "MM", "yearly": "yy", "never": ""}
_DATES = frozenset({"date", "datetime"})


def check_number_rule(checker: Checker, document: Document) -> None:
    """Check how numbers are made: one counter, last; dates as fine as it starts again."""
    own, segments = document.body["object"], document.body["segments"]
    counters = [key for key, segment in segments.items() if "digits" in segment]
    if counters != [list(segments)[-1]]:
        checker.report.add(document, "digits_missing", "segments")
        return
    _check_field(checker, document, own)
    formats = ""
    for key, segment in segments.items():
        _check_segment(checker, document, own, key, segment)
        formats += segment.get("format", "")
    reset = segments[counters[0]].get("reset", "never")
    if _RESETS[reset] not in formats:
        checker.report.add_value(
            document, "reset_too_fine", f"segments/{counters[0]}/reset", reset=reset
        )


def _check_field(checker: Checker, document: Document, own: str) -> None:
    wanted = document.body["field"]
    found = checker.field(document, "field", own, wanted)
    if found is None:
        return
    if found["type"] != AUTO_NUMBER:
        checker.report.add_value(document, "not_numbered", "field", field=wanted)
    first = _rules_of(checker, own, wanted)[0]
    if first.id != document.id:
        checker.report.add_value(document, "numbered_twice", "field", field=wanted, other=first.id)


def _check_segment(
    checker: Checker, document: Document, own: str, key: str, segment: Mapping[str, Any]
) -> None:
    path = f"segments/{key}"
    words = sum(word in segment for word in ("text", "date", "digits"))
    if words != 1 or ("date" in segment) != ("format" in segment):
        checker.report.add(document, "bad_segment", path)
    for word in ("date", "or"):
        if word in segment:
            found = checker.field(document, f"{path}/{word}", own, segment[word])
            if found is not None and found["type"] not in _DATES:
                checker.report.add_value(
                    document, "not_a_date", f"{path}/{word}", field=segment[word]
                )


def check_numbered_fields(checker: Checker, document: Document) -> None:
    """Check that every numbered field of an object has its rule, and names no other one."""
    own = document.body["fields"]
    abilities = document.body.get("abilities") or {}
    brought = kernel().brought(abilities)
    numbering = abilities.get("numbering")
    told = numbering.get("rule") if isinstance(numbering, Mapping) else None
    for key, definition in checker.world.fields(document.key).items():
        if definition.get("type") != AUTO_NUMBER:
            continue
        place = "abilities/numbering" if key in brought else f"fields/{key}"
        named = told if key in brought else own.get(key, {}).get("rule")
        if named is not None and f"number_rule/{named}" not in checker.world.documents:
            continue  # told elsewhere, or below
        rules = _rules_of(checker, document.key, key)
        if not rules:
            checker.report.add(document, "number_rule_missing", place, field=key)
        elif named is not None and named != rules[0].key:
            checker.report.add_value(
                document, "numbered_twice", f"{place}/rule", field=key, other=rules[0].id
            )
    for key, definition in own.items():
        named = definition.get("rule")
        if named is not None and f"number_rule/{named}" not in checker.world.documents:
            checker.report.add_value(
                document, "unknown_document", f"fields/{key}/rule", id=f"number_rule/{named}"
            )


def _rules_of(checker: Checker, own: str, field: str) -> list[Document]:
    """Give the rules of a field, in document order."""
    return [
        other
        for other in checker.world.documents.values()
        if other.kind == "number_rule"
        and other.body.get("object") == own
        and other.body.get("field") == field
    ]
