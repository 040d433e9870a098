"""One test: its world is made, its steps are done, its expectations are looked at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.access.roles import rights_of
from engine.query.selection import ListRequest
from engine.records import read
from engine.records.act import act
from engine.records.change import change
from engine.records.create import create
from engine.records.encode import record_json
from engine.records.remove import remove
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from engine.trials.world import Template, World
from metadata.check_tests import linked
from metadata.conditions import AllOf, Test, parse_condition
from metadata.documents import Document
from metadata.errors import PlatformError
from metadata.load import Pack
from metadata.overrides import copied

Verbs = Mapping[str, Callable[[Unit, str, int, Mapping[str, Any]], None]]
"""Actions of any object: what does one with a record."""

UNVERSIONED = Writing(unversioned=True)
CREATED, DONE, NOTHING = 201, 200, 204


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test found otherwise than it says.

    ``code``: test_refused, test_answered or test_not_so; ``path``: where the test says it;
    ``error``: what the platform answered, if anything.
    """

    code: str
    path: str
    error: PlatformError | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended."""

    test: Document
    failures: Sequence[Failure]


def run_tests(packs: Sequence[Pack], tests: Sequence[Document], verbs: Verbs) -> Iterator[Outcome]:
    """Run tests one after the other, each on a site of its own.

    Args:
        packs: the pack and all that it needs.
        tests: checked by `metadata.check_tests`.
        verbs: the actions that the platform does beside the declared ones.

    Raises:
        MetadataInvalid: the packs do not fit together.
    """
    with TemporaryDirectory(prefix="heddle-test-") as folder:
        template = Template(Path(folder), packs)
        for test in tests:
            world = template.world(test.body.get("given", {}))
            try:
                yield Outcome(test, tuple(_Run(world, verbs).failures(test)))
            finally:
                world.close()


@dataclass(frozen=True, slots=True)
class _Run:
    world: World
    verbs: Verbs

    def failures(self, test: Document) -> Iterator[Failure]:
        """Tell what is otherwise; a step that is refused ends the test."""
        given = test.body.get("given", {})
        steps = {f"given/records/{key}": _made(one) for key, one in _map(given, "records")}
        steps |= {f"when/{key}": step for key, step in _map(test.body, "when")}
        path = "given"
        try:
            self.world.settle(given)
            for path, step in steps.items():
                self.do(path.rpartition("/")[2], step)
        except PlatformError as error:
            yield Failure("test_refused", path, error)
            return
        for key, one in test.body["then"].items():
            yield from self.look(f"then/{key}", one)

    def do(self, name: str, step: Mapping[str, Any]) -> int:
        """Do a step; gives the status of its answer, as the API gives it."""
        if "wait" in step:
            self.world.wait(step["wait"])
            return DONE
        with self.world.live.write(self.world.context(step.get("as"))) as unit:
            if "create" in step:
                owner = step["create"]
                values = self.world.meant(unit, owner, step.get("values", {}))
                self.world.names[name] = (owner, create(unit, owner, values).id)
                return CREATED
            return self._deed(unit, step)

    def _deed(self, unit: Unit, step: Mapping[str, Any]) -> int:
        word = next(word for word in ("change", "delete", "on_record") if word in step)
        owner, number = self.world.names[step[word]]
        values = self.world.meant(unit, owner, step.get("values", {}))
        if word == "delete":
            remove(unit, owner, number)
            return NOTHING
        if word == "change":
            change(unit, owner, number, values, version=None, writing=UNVERSIONED)
            return DONE
        action = step["action"]
        if action in self.verbs:
            rights_of(unit).require(owner, action)
            self.verbs[action](unit, owner, number, values)
        else:
            act(unit, owner, number, action, values)
        return DONE

    def look(self, path: str, one: Mapping[str, Any]) -> Iterator[Failure]:
        """Look at an expectation."""
        wanted = one.get("answers", 0)
        error: PlatformError | None = None
        try:
            status = self._read(one) if "record" in one else self.do("", one)
        except PlatformError as refused:
            error, status = refused, refused.status
        if wanted and status != wanted:
            params = {"status": status, "wanted": wanted}
            yield Failure("test_answered", f"{path}/answers", error, params)
        elif error is not None and not wanted:
            yield Failure("test_refused", path, error)
        elif "holds" in one and error is None:
            yield from self._holds(f"{path}/holds", one)

    def _read(self, one: Mapping[str, Any]) -> int:
        owner, number = self.world.names[one["record"]]
        with self.world.live.read(self.world.context(one["as"])) as unit:
            read.get(unit, owner, number)
        return DONE

    def _holds(self, path: str, one: Mapping[str, Any]) -> Iterator[Failure]:
        """Ask for the record by the condition, as the person's own filter would."""
        owner, number = self.world.names[one["record"]]
        with self.world.live.read(self.world.context(one["as"])) as unit:
            raw = self._meant(unit, owner, one["holds"])
            node = parse_condition(raw)
            mine = Test("id", "eq", number)
            asked = ListRequest(object=owner, where=mine if node is None else AllOf((mine, node)))
            try:
                found = read.count(unit, asked).value
            except PlatformError as error:
                yield Failure("test_refused", path, error)
                return
            if not found:
                yield Failure(
                    "test_not_so", path, None, {"found": _told(unit, owner, number, raw)}
                )

    def _meant(self, unit: Unit, owner: str, raw: Mapping[str, Any]) -> Any:
        """Give a condition with ids in the place of names."""
        fields = unit.snapshot.object(owner).definition.fields
        made = copied(raw)
        for leaf in _leaves(made):
            definition = fields.get(str(leaf.get("field")))
            if definition is not None and linked(definition) and "value" in leaf:
                leaf["value"] = self.world.named(leaf["value"])
        return made


def _made(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"create": one["object"], **{key: one[key] for key in ("as", "values") if key in one}}


def _map(body: Mapping[str, Any], part: str) -> Iterator[tuple[str, Any]]:
    yield from body.get(part, {}).items()


def _leaves(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for inner in node:
            yield from _leaves(inner)
    elif isinstance(node, dict):
        if "op" in node:
            yield node
        for word in ("all", "any", "not"):
            yield from _leaves(node.get(word))


def _told(unit: Unit, owner: str, number: int, raw: Any) -> str:
    """Tell the values of the fields that a condition speaks of."""
    paths = tuple(dict.fromkeys(str(leaf["field"]) for leaf in _leaves(raw)))
    with suppress(PlatformError):
        record = record_json(unit, owner, read.get(unit, owner, number, paths))
        return ", ".join(f"{path}: {_plain(record.get(path))}" for path in paths)
    return ""


def _plain(value: Any) -> str:
    return str(value.get("label", value)) if isinstance(value, dict) else str(value)
