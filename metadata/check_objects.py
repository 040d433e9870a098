"""Checks of objects: keys, links, options, defaults, rules, actions, abilities, budgets."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import DECLARED_BY_DOCUMENT, VERBS, kernel, link_targets
from metadata.check_actions import check_actions
from metadata.check_computed import check_formula_field, check_roll_up, returns_options
from metadata.check_conditions import Checker, check_condition
from metadata.check_defaults import check_default
from metadata.check_follows import check_follows
from metadata.check_numbers import check_numbered_fields
from metadata.computed import FORMULA, ROLL_UP
from metadata.documents import Document
from metadata.near import close
from metadata.schemas import is_relabel

MOST_FIELDS = 400
MOST_OPTIONS = 1_000
ROLE_OPTIONS = "role"
_DATES = frozenset({"date", "datetime"})


def check_object(checker: Checker, document: Document) -> None:
    """Check an object and everything its document says."""
    fields = document.body["fields"]
    _check_keys(checker, document)
    if len(fields) > MOST_FIELDS:
        checker.report.add(document, "too_many_fields", "fields", most=MOST_FIELDS)
    known = checker.world.fields(document.key)
    if document.body["name_field"] not in known:
        wanted = document.body["name_field"]
        checker.report.add_value(
            document,
            "unknown_field",
            "name_field",
            field=wanted,
            object=document.key,
            known=close(wanted, known),
        )
    elif known[document.body["name_field"]].get("computed", {}).get("virtual"):
        checker.report.add_value(document, "virtual_name", "name_field")
    for key, definition in fields.items():
        if "type" in known.get(key, {}):
            _check_field(checker, document, key, {**known[key], **definition})
    _check_rules(checker, document)
    check_actions(checker, document)
    _check_abilities(checker, document)
    check_numbered_fields(checker, document)


def _check_keys(checker: Checker, document: Document) -> None:
    brought = kernel().brought(document.body.get("abilities") or {})
    reserved = (kernel().reserved - DECLARED_BY_DOCUMENT) | set(brought)
    for key, definition in document.body["fields"].items():
        path = f"fields/{key}"
        if is_relabel(definition):
            if key not in brought:
                checker.report.add(document, "missing_property", path, property="type")
        elif key in reserved:
            checker.report.add(document, "reserved_key", path, name=key)
    standard = kernel().standard_actions(document.body.get("abilities") or {})
    for key in document.body.get("actions", {}):
        if key in standard or key in VERBS:
            checker.report.add(document, "reserved_key", f"actions/{key}", name=key)


def _check_field(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> None:
    path = f"fields/{key}"
    if definition.get("readonly") and definition.get("required") and "default" not in definition:
        checker.report.add(document, "readonly_required", path, field=key)
    own = document.body["fields"][key]
    for name in ("required_if", "visible_if", "readonly_if"):
        if name in own:
            check_condition(checker, document, f"{path}/{name}", document.key)
    _check_computed(checker, document, key)
    _check_options_if(checker, document, path, definition)
    check_default(checker, document, path, definition)
    _check_link(checker, document, path, definition)
    _check_lines(checker, document, path, definition)
    if definition["type"] == FORMULA and not returns_options(definition):
        _check_no_options(checker, document, path, definition)
    elif not is_relabel(document.body["fields"][key]):
        _check_options(checker, document, path, definition)


def _check_computed(checker: Checker, document: Document, key: str) -> None:
    own = document.body["fields"][key]
    if own.get("type") == FORMULA:
        check_formula_field(checker, document, key, own)
    elif own.get("type") == ROLL_UP:
        check_roll_up(checker, document, key, own)
    check_follows(checker, document, key, own)


def _check_link(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any]
) -> None:
    key = path.partition("/")[2]
    own = document.body["fields"][key]
    targets = link_targets(own)
    for position, target in enumerate(targets):
        if not checker.world.has(target):
            objects = checker.world.objects()
            place = f"{path}/to" if "to" in own else f"{path}/type"
            place += f"/{position}" if isinstance(own.get("to"), list) else ""
            checker.report.add_value(
                document, "unknown_object", place, object=target, known=close(target, objects)
            )
            return
        _check_inverse(checker, document, key, own.get("inverse"), target)
    if not targets:
        return
    if own.get("many") is True and own.get("on_delete") == "cascade":
        checker.report.add_value(
            document,
            "value_not_allowed",
            f"{path}/on_delete",
            value="cascade",
            known="clear, restrict",
        )
    target = targets[0]
    if own.get("acyclic") and target != document.key:
        checker.report.add_value(document, "acyclic_elsewhere", f"{path}/acyclic", object=target)
    if own.get("where"):
        check_condition(checker, document, f"{path}/where", target, this=document.key)
    copies = own.get("copies")
    for here, there in copies.items() if isinstance(copies, Mapping) else ():
        place = f"{path}/copies/{here}"
        checker.field(document, place, document.key, here, named=True)
        checker.field(document, place, target, str(there))


def _check_lines(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any]
) -> None:
    """Lines need an object whose link to this one falls with it, and is listed under their key."""
    child = definition.get("of")
    if not isinstance(child, str):
        return
    if not checker.world.has(child):
        known = close(child, checker.world.objects())
        checker.report.add_value(
            document, "unknown_object", f"{path}/of", object=child, known=known
        )
        return
    key = path.partition("/")[2]
    fields = checker.world.fields(child)
    related = checker.world.related(document.key).get(key)
    link = fields.get(related.field) if related and related.object == child else None
    if link is None or link.get("on_delete") != "cascade":
        checker.report.add_value(
            document,
            "lines_without_link",
            f"{path}/of",
            object=child,
            parent=document.key,
            list=key,
        )
    for part, name in (definition.get("pricing") or {}).items():
        checker.field(document, f"{path}/pricing/{part}", child, name, named=True)


def _check_inverse(
    checker: Checker, document: Document, key: str, inverse: Any, target: str
) -> None:
    if not isinstance(inverse, Mapping):
        return
    first = checker.world.related(target).get(inverse["key"])
    if first is not None and (first.object, first.field) != (document.key, key):
        checker.report.add_value(
            document,
            "duplicate_inverse",
            f"fields/{key}/inverse/key",
            list=inverse["key"],
            object=target,
            other=f"{first.object}.{first.field}",
        )


def _check_no_options(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any]
) -> None:
    for name in ("options", "options_from"):
        if name in definition:
            checker.report.add(document, "options_unused", f"{path}/{name}")


def _check_options(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any]
) -> None:
    if not checker.types.can(definition["type"], "options"):
        return
    own, source = definition.get("options"), definition.get("options_from")
    if own is None and source is None:
        if not definition.get("allow_new"):
            checker.report.add(document, "missing_property", path, property="options")
        return
    if own is not None and source is not None:
        checker.report.add(document, "options_twice", f"{path}/options_from")
    if own is not None and len(own) > MOST_OPTIONS:
        checker.report.add(document, "too_many_options", f"{path}/options", most=MOST_OPTIONS)
    if source is not None and not _has_options(checker, source):
        sets = [doc.key for doc in checker.world.documents.values() if doc.kind == "option_set"]
        checker.report.add_value(
            document,
            "unknown_option_set",
            f"{path}/options_from",
            option_set=source,
            known=close(source, sets),
        )
        return
    options = checker.options(definition)
    default = definition.get("default")
    if options is None or default is None:
        return
    for key in default if isinstance(default, list) else [default]:
        if not isinstance(key, str) or key not in options:
            checker.report.add_value(
                document,
                "unknown_option",
                f"{path}/default",
                option=str(key)[:60],
                known=close(str(key), options),
            )


def _check_options_if(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any]
) -> None:
    own = document.body["fields"][path.partition("/")[2]].get("options_if", {})
    has_options = checker.types.can(definition["type"], "options")
    options = checker.options(definition) if has_options else {}
    for key in own:
        place = f"{path}/options_if/{key}"
        check_condition(checker, document, place, document.key)
        if options is not None and key not in options:
            known = close(key, options)
            checker.report.add(document, "unknown_option", place, option=key, known=known)


def _has_options(checker: Checker, source: str) -> bool:
    return source == ROLE_OPTIONS or f"option_set/{source}" in checker.world.documents


def _check_rules(checker: Checker, document: Document) -> None:
    for key, rule in document.body.get("rules", {}).items():
        if "when" in rule:
            check_condition(checker, document, f"rules/{key}/when", document.key)
        if rule["check"] in ({}, {"all": []}):
            checker.report.add_value(
                document, "bad_condition", f"rules/{key}/check", reason="not_a_condition"
            )
            continue
        check_condition(checker, document, f"rules/{key}/check", document.key)


def _check_abilities(checker: Checker, document: Document) -> None:
    abilities = document.body.get("abilities") or {}
    for name in ("owner", "team"):
        settings = abilities.get(name)
        related = checker.world.related(document.key)
        cascade = settings.get("cascade", ()) if isinstance(settings, Mapping) else ()
        for position, wanted in enumerate(cascade):
            if wanted not in related:
                checker.report.add_value(
                    document,
                    "unknown_list",
                    f"abilities/{name}/cascade/{position}",
                    list=wanted,
                    known=close(wanted, related),
                )
    calendar = abilities.get("calendar")
    for key in calendar if isinstance(calendar, Mapping) else ():
        path = f"abilities/calendar/{key}"
        found = checker.field(document, path, document.key, key, named=True)
        if found is not None and found["type"] not in _DATES:
            checker.report.add(document, "not_a_date", path, field=key)
    numbering = abilities.get("numbering")
    rule = numbering.get("rule") if isinstance(numbering, Mapping) else None
    if rule is not None and f"number_rule/{rule}" not in checker.world.documents:
        checker.report.add_value(
            document, "unknown_document", "abilities/numbering/rule", id=f"number_rule/{rule}"
        )


def check_option_set(checker: Checker, document: Document) -> None:
    """Check a shared set of options."""
    if document.key == ROLE_OPTIONS:
        checker.report.add_value(document, "reserved_key", "key", name=ROLE_OPTIONS)
    if len(document.body["options"]) > MOST_OPTIONS:
        checker.report.add(document, "too_many_options", "options", most=MOST_OPTIONS)
