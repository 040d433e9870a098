"""Checks of the actions that an object declares: what they ask for, what they set, when."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import kernel
from metadata.check_conditions import Checker, check_condition
from metadata.compile_objects import bare_field
from metadata.documents import Document
from metadata.near import close

OWNER = "owner"
PLATFORM_ACTIONS: Mapping[str, frozenset[str]] = {
    "user": frozenset({"invite", "reset_password", "hand_over_account", "copy_roles"}),
}
"""Object -> actions whose behaviour the platform brings; ``platform: true`` offers them."""
KEPT = ("to", "scale", "currency", "country", "depth", "options_from", "options", "many")
"""Properties in which two fields must be the same for one to be set from the other."""
_FILES = frozenset({"file", "image"})
_MOMENTS = frozenset({"date", "datetime"})
_WORDS = frozenset({"now", "me", "my_department", "period", "field", "empty"})


def check_actions(checker: Checker, document: Document) -> None:
    """Check every action of an object."""
    for key, action in document.body.get("actions", {}).items():
        path = f"actions/{key}"
        if action.get("platform"):
            _check_platform(checker, document, key, action)
        elif not action.get("form") and not action.get("set"):
            checker.report.add(document, "action_does_nothing", path, action=key)
        for name in ("form", "require"):
            for position, field in enumerate(action.get(name, ())):
                _check_asked(checker, document, f"{path}/{name}/{position}", name, field)
        for field in action.get("set", {}):
            _check_set(checker, document, f"{path}/set/{field}", action, field)
        if "when" in action:
            check_condition(checker, document, f"{path}/when", document.key)
        following = action.get("then", key)
        if following not in document.body["actions"]:
            known = close(following, document.body["actions"])
            checker.report.add_value(
                document,
                "unknown_action",
                f"{path}/then",
                action=following,
                object=document.key,
                known=known,
            )


def _check_platform(
    checker: Checker, document: Document, key: str, action: Mapping[str, Any]
) -> None:
    """An action of the platform is one that it knows; it asks and sets by itself."""
    known = PLATFORM_ACTIONS.get(document.key, frozenset())
    if key not in known or any(action.get(name) for name in ("form", "set", "require", "bulk")):
        checker.report.add_value(
            document,
            "not_of_platform",
            f"actions/{key}/platform",
            action=key,
            known=", ".join(sorted(known)),
        )


def _check_asked(checker: Checker, document: Document, path: str, name: str, field: str) -> None:
    """Check a field of the form, or one that must be filled afterwards."""
    found = checker.field(document, path, document.key, field)
    if found is None or name != "form":
        return
    if _kept_by_engine(checker, document, field, found):
        checker.report.add_value(document, "action_field", path, field=field)


def _check_set(
    checker: Checker, document: Document, path: str, action: Mapping[str, Any], field: str
) -> None:
    found = checker.field(document, path, document.key, field, named=True)
    if found is None:
        return
    asked = found["type"] in _FILES or field in action.get("form", ())
    if asked or _kept_by_engine(checker, document, field, found):
        checker.report.add(document, "action_field", path, field=field)
        return
    value = action["set"][field]
    if isinstance(value, Mapping):
        _check_word(checker, document, path, found, value)
    else:
        _check_literal(checker, document, path, found, value)


def _kept_by_engine(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> bool:
    """Tell whether no action may write a field: it is computed, lines, or an ability's own."""
    if definition.get("computed") or definition.get("of"):
        return True
    if not checker.types.can(definition["type"], "required"):
        return True
    brought = kernel().brought(checker.world.abilities(document.key))
    return key in brought and (key == OWNER or bool(brought[key].get("readonly")))


def _check_word(
    checker: Checker,
    document: Document,
    path: str,
    definition: Mapping[str, Any],
    value: Mapping[str, Any],
) -> None:
    """Check ``{now: true}``, ``{field: path}`` and the like."""
    kind = str(definition["type"])
    word = next(iter(value), "")
    if len(value) != 1 or word not in _WORDS:
        _refuse(checker, document, path, definition, value)
        return
    if word == "field":
        _check_source(checker, document, path, definition, value["field"])
        return
    target = (kind, definition.get("to"))
    fits = {
        "me": value.get("me") is True and "user" in target,
        "my_department": value.get("my_department") is True and "department" in target,
        "now": value.get("now") is True and kind in _MOMENTS,
        "period": value.get("period") == "today" and kind in _MOMENTS,
        "empty": value.get("empty") is True and not definition.get("required"),
    }
    if not fits[word]:
        _refuse(checker, document, path, definition, value)


def _check_source(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any], wanted: Any
) -> None:
    if not isinstance(wanted, str):
        _refuse(checker, document, path, definition, {"field": wanted})
        return
    source = checker.field(document, f"{path}/field", document.key, wanted)
    if source is None:
        return
    same = source["type"] == definition["type"] and all(
        source.get(name) == definition.get(name) for name in KEPT
    )
    longest = definition.get("max_length")
    if not same or (longest is not None and source.get("max_length", longest + 1) > longest):
        checker.report.add_value(
            document, "set_of_other_kind", f"{path}/field", field=wanted, type=definition["type"]
        )


def _check_literal(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any], value: Any
) -> None:
    options = checker.options(definition)
    if options is not None and checker.types.can(definition["type"], "options"):
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str) or one not in options:
                name = str(one)[:60]
                checker.report.add_value(
                    document, "unknown_option", path, option=name, known=close(name, options)
                )
                return
    key = path.rpartition("/")[2]
    field = bare_field(key, definition, options or {})
    if not checker.types.takes(field, value):
        _refuse(checker, document, path, definition, value)


def _refuse(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any], value: Any
) -> None:
    checker.report.add_value(
        document, "bad_set", path, type=str(definition["type"]), value=str(value)[:60]
    )
