"""Conditions: their shape, and that each field, operator, option and related list is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.catalog import FieldTypes
from metadata.conditions import ConditionInvalid, parse_condition
from metadata.documents import Document
from metadata.near import close
from metadata.refs import World
from metadata.report import Report

THIS = "this."
_OWN_CODES = {
    "too_many": "too_many_conditions",
    "too_deep": "condition_too_deep",
    "unknown_operator": "unknown_operator",
}
_OF_MEMBERS = {"is_starred": "star", "is_team_member": "team"}
"""Operators that stand on ``id``, and the ability that each needs."""
_BY_KEY = frozenset({"eq", "ne", "in", "not_in"})


@dataclass(frozen=True, slots=True)
class Checker:
    """What every check needs."""

    report: Report
    world: World
    types: FieldTypes

    def field(
        self, document: Document, path: str, object_key: str, wanted: str, *, named: bool = False
    ) -> Mapping[str, Any] | None:
        """Look a field up; note when there is none.

        Args:
            document: the one that speaks of it.
            path: where it does.
            object_key: the object where the search begins.
            wanted: a key or a path over links.
            named: the name of the entry is the field, not its value.
        """
        found = self.world.resolve(object_key, wanted)
        if found is None:
            near = close(wanted, self.world.fields(object_key))
            note = self.report.add if named else self.report.add_value
            note(document, "unknown_field", path, field=wanted, object=object_key, known=near)
            return None
        return found[1]

    def options(self, definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Give the options of a field; None when it takes any text or its source is unknown."""
        if definition.get("allow_new"):
            return None
        own = definition.get("options")
        source = definition.get("options_from")
        if own is not None or source is None:
            return own
        if source == "role":
            return {doc.key: {} for doc in self.world.documents.values() if doc.kind == "role"}
        shared = self.world.documents.get(f"option_set/{source}")
        found: Mapping[str, Any] | None = shared.body.get("options") if shared else None
        return found


def check_condition(
    checker: Checker, document: Document, path: str, object_key: str, *, this: str = ""
) -> None:
    """Check the condition tree at ``path``.

    Args:
        checker: what every check needs.
        document: where the tree stands.
        path: the path of the tree.
        object_key: whose records it tests.
        this: the object of the record being edited, for ``this.x`` in a lookup filter.
    """
    raw: Any = document.body
    for part in path.split("/"):
        raw = raw[part]
    try:
        parse_condition(raw)
    except ConditionInvalid as error:
        _misshapen(checker, document, path, error)
        return
    for inner, test, here in _tests(checker, document, path, raw, object_key):
        _check_test(checker, document, inner, test, (here, this))


def _misshapen(checker: Checker, document: Document, path: str, error: ConditionInvalid) -> None:
    params = dict(error.params)
    reason = params.pop("reason")
    inner = params.pop("path")
    code = _OWN_CODES.get(reason, "bad_condition")
    if reason == "too_many":
        checker.report.add(document, code, path, **params)
    else:
        checker.report.add_value(document, code, f"{path}{inner}", reason=reason, **params)


def _tests(
    checker: Checker, document: Document, path: str, raw: Any, object_key: str
) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Walk the tests of a well-shaped tree: path, test, the object whose records it tests."""
    if not raw:
        return
    if "field" in raw:
        yield path, raw, object_key
        return
    (word,) = raw
    inner = raw[word]
    if word in {"all", "any"}:
        for position, child in enumerate(inner):
            yield from _tests(checker, document, f"{path}/{word}/{position}", child, object_key)
    elif word == "not":
        yield from _tests(checker, document, f"{path}/not", inner, object_key)
    else:
        related = checker.world.related(object_key)
        name = inner["list"]
        if name not in related:
            checker.report.add_value(
                document,
                "unknown_list",
                f"{path}/{word}/list",
                list=name,
                known=close(name, related),
            )
            return
        where = inner.get("where")
        there = related[name].object
        yield from _tests(checker, document, f"{path}/{word}/where", where, there)


def _check_test(
    checker: Checker,
    document: Document,
    path: str,
    test: Mapping[str, Any],
    objects: tuple[str, str],
) -> None:
    here, this = objects
    wanted, op, value = test["field"], test["op"], test.get("value")
    if op in _OF_MEMBERS:
        _check_membership(checker, document, path, test, here)
        return
    definition = checker.field(document, f"{path}/field", here, wanted)
    if definition is None:
        return
    allowed = checker.types.operators(definition["type"])
    if op not in allowed:
        checker.report.add_value(
            document,
            "unknown_operator",
            f"{path}/op",
            operator=op,
            field=wanted,
            known=close(op, allowed),
        )
        return
    if isinstance(value, Mapping) and "field" in value:
        _check_operand(checker, document, f"{path}/value/field", value["field"], objects)
    elif op in _BY_KEY:
        _check_options(checker, document, f"{path}/value", definition, value)
    del this


def _check_operand(
    checker: Checker, document: Document, path: str, wanted: str, objects: tuple[str, str]
) -> None:
    here, this = objects
    if wanted.startswith(THIS):
        if this:
            checker.field(document, path, this, wanted.removeprefix(THIS))
        else:
            checker.report.add_value(document, "this_not_allowed", path, field=wanted)
    else:
        checker.field(document, path, here, wanted)


def _check_membership(
    checker: Checker, document: Document, path: str, test: Mapping[str, Any], here: str
) -> None:
    ability = _OF_MEMBERS[test["op"]]
    if test["field"] != "id":
        checker.report.add_value(
            document,
            "unknown_operator",
            f"{path}/op",
            operator=test["op"],
            field=test["field"],
            known="id",
        )
    elif ability not in checker.world.abilities(here):
        checker.report.add_value(
            document, "ability_missing", f"{path}/op", ability=ability, object=here
        )


def _check_options(
    checker: Checker, document: Document, path: str, definition: Mapping[str, Any], value: Any
) -> None:
    options = checker.options(definition)
    if options is None:
        return
    many = isinstance(value, list | tuple)
    for position, item in enumerate(value if many else (value,)):
        if isinstance(item, str) and item not in options:
            place = f"{path}/{position}" if many else path
            checker.report.add_value(
                document, "unknown_option", place, option=item, known=close(item, options)
            )
