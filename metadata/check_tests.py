"""Checks of a pack's tests: that whoever and whatever they speak of is there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from metadata.catalog import LINK_TYPES, MANY_LINK_TYPES, FieldTypes
from metadata.check import check_alone
from metadata.check_conditions import Checker, check_condition
from metadata.documents import Document, look_up
from metadata.errors import Problem
from metadata.load import Compiled
from metadata.model import FieldDef, Site
from metadata.near import close
from metadata.overrides import copied
from metadata.refs import World
from metadata.report import Report

VERBS = ("create", "change", "delete", "action", "wait")
USER, DEPARTMENT = "user", "department"
_LINKED = LINK_TYPES | MANY_LINK_TYPES


def check_tests(
    tests: Sequence[Document],
    compiled: Compiled,
    types: FieldTypes,
    languages: Collection[str],
    verbs: Collection[str],
) -> list[Problem]:
    """List everything that is wrong with tests before they run.

    Args:
        tests: as `metadata.pack_tests.read_tests` gave them.
        compiled: the pack and what it needs.
        types: the field types.
        languages: of the pack.
        verbs: the actions of any object that the platform does, beside the declared ones.
    """
    report = Report()
    world = World(compiled.layered.documents)
    for document in tests:
        mine = Report()
        check_alone(document, types, mine, languages)
        if not mine:
            checker = Checker(mine, world, types)
            _Test(checker, document, compiled.site, frozenset(verbs)).check()
        report.problems.extend(mine.problems)
    return report.problems


def linked(definition: FieldDef) -> bool:
    """Tell whether a value of a field names records, so that a test may name its own."""
    return definition.type in _LINKED


@dataclass(slots=True)
class _Test:
    checker: Checker
    document: Document
    site: Site
    verbs: frozenset[str]
    names: dict[str, str] = field(default_factory=dict)  # of people and records -> object

    def check(self) -> None:
        given = self.document.body.get("given", {})
        self._at(given)
        self._name("given/departments", dict.fromkeys(given.get("departments", {}), DEPARTMENT))
        self._name("given/people", dict.fromkeys(given.get("people", {}), USER))
        for key, one in given.get("departments", {}).items():
            self._known(f"given/departments/{key}/parent", one.get("parent"), DEPARTMENT)
        for key, one in given.get("people", {}).items():
            self._person(f"given/people/{key}", one)
        for key, one in given.get("records", {}).items():
            self._known(f"given/records/{key}/as", one.get("as"), USER)
            self._make(f"given/records/{key}", "object", one)
            self._name("given/records", {key: one["object"]})
        for key, step in self.document.body.get("when", {}).items():
            self._step(key, step)
        for key, one in self.document.body["then"].items():
            self._expectation(f"then/{key}", one)

    def _add(self, code: str, path: str, **params: Any) -> None:
        self.checker.report.add_value(self.document, code, path, **params)

    def _at(self, given: Mapping[str, Any]) -> None:
        try:
            datetime.fromisoformat(given.get("at", "2026-01-05"))
        except ValueError:
            self._add("test_bad_time", "given/at", at=given["at"])

    def _name(self, path: str, found: Mapping[str, str]) -> None:
        for key, owner in found.items():
            if owner not in self.site.objects:
                continue
            if key in self.names:
                self.checker.report.add(
                    self.document, "test_name_twice", f"{path}/{key}", name=key
                )
            self.names[key] = owner

    def _known(self, path: str, name: Any, owner: str = "") -> str:
        """Give the object of what is named; note when nothing of that name is there."""
        if name is None:
            return ""
        fits = [key for key, of in self.names.items() if not owner or of == owner]
        if name not in fits:
            self._add("test_unknown_name", path, name=name, known=close(str(name), fits))
            return ""
        return self.names[name]

    def _person(self, path: str, one: Mapping[str, Any]) -> None:
        for position, role in enumerate(one.get("roles", ())):
            if role not in self.site.roles:
                known = close(role, self.site.roles)
                self._add("unknown_role", f"{path}/roles/{position}", role=role, known=known)
        self._known(f"{path}/manager", one.get("manager"), USER)
        self._known(f"{path}/department", one.get("department"), DEPARTMENT)

    def _make(self, path: str, word: str, one: Mapping[str, Any]) -> None:
        """Check what a new record is made of."""
        key = one[word]
        if key not in self.site.objects:
            known = close(key, self.site.objects)
            self._add("unknown_object", f"{path}/{word}", object=key, known=known)
            return
        self._values(f"{path}/values", key, one.get("values", {}))

    def _values(self, path: str, owner: str, values: Mapping[str, Any]) -> None:
        fields = self.site.objects[owner].fields
        for key, value in values.items():
            definition = fields.get(key)
            if definition is None:
                params = {"field": key, "object": owner, "known": close(key, fields)}
                self.checker.report.add(self.document, "unknown_field", f"{path}/{key}", **params)
            elif linked(definition):
                for name in value if isinstance(value, list) else [value]:
                    self._known(f"{path}/{key}", name if isinstance(name, str) else None)

    def _step(self, key: str, step: Mapping[str, Any]) -> None:
        path = f"when/{key}"
        found = [verb for verb in VERBS if verb in step]
        if len(found) != 1:
            params = {"known": ", ".join(VERBS)}
            self.checker.report.add(self.document, "test_one_verb", path, **params)
            return
        if found[0] == "wait":
            return
        if "as" not in step:
            self.checker.report.add(self.document, "missing_property", path, property="as")
        self._known(f"{path}/as", step.get("as"), USER)
        self._deed(path, step)
        if "create" in step:
            self._name("when", {key: step["create"]})

    def _deed(self, path: str, step: Mapping[str, Any]) -> None:
        if "create" in step:
            self._make(path, "create", step)
            return
        word = next(word for word in ("change", "delete", "action") if word in step)
        named = "on_record" if word == "action" else word
        if named not in step:
            self.checker.report.add(self.document, "missing_property", path, property=named)
            return
        owner = self._known(f"{path}/{named}", step[named])
        if owner and word == "action":
            self._action(path, owner, step["action"])
        if owner:
            self._values(f"{path}/values", owner, step.get("values", {}))

    def _action(self, path: str, owner: str, action: str) -> None:
        actions = self.site.objects[owner].actions
        done = [key for key, one in actions.items() if not one.standard or key in self.verbs]
        if action not in done:
            code = "test_action_not_done" if action in actions else "unknown_action"
            known = ", ".join(sorted(done))
            self._add(code, f"{path}/action", action=action, object=owner, known=known)

    def _expectation(self, path: str, one: Mapping[str, Any]) -> None:
        self._known(f"{path}/as", one["as"], USER)
        verbs = [verb for verb in ("record", *VERBS[:-1]) if verb in one]
        wants = "holds" in one or "answers" in one
        if len(verbs) != 1 or not wants or ("holds" in one and "record" not in one):
            self.checker.report.add(self.document, "test_expects_nothing", path)
            return
        if "record" not in one:
            self._deed(path, one)
            return
        owner = self._known(f"{path}/record", one["record"])
        if owner and "holds" in one:
            self._condition(f"{path}/holds", owner)

    def _condition(self, path: str, owner: str) -> None:
        """Check a condition; what names people and records of the test is looked up first."""
        body = copied(self.document.body)
        for place, leaf in _leaves(look_up(body, path), path):
            definition = self.site.objects[owner].fields.get(str(leaf.get("field")))
            value = leaf.get("value")
            if definition is not None and linked(definition) and value is not None:
                for name in value if isinstance(value, list) else [value]:
                    self._known(f"{place}/value", name if isinstance(name, str) else None)
                leaf.pop("value")
                leaf["op"] = "not_empty"
        check_condition(self.checker, replace(self.document, body=body), path, owner)


def _leaves(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk the tests of a condition, as far as it has the shape of one."""
    if not isinstance(node, dict):
        return
    if "field" in node:
        yield path, node
    for word in ("all", "any"):
        for position, inner in enumerate(node.get(word, ()) if word in node else ()):
            yield from _leaves(inner, f"{path}/{word}/{position}")
    if "not" in node:
        yield from _leaves(node["not"], f"{path}/not")
