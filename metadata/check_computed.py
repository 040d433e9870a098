"""Checks of computed fields: formulas, roll-ups, and that none waits for itself.

Fields that follow another one are judged in `metadata.check_follows`; they may close a circle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from metadata.catalog import LINK_TYPES
from metadata.check_conditions import Checker, check_condition
from metadata.computed import (
    FOLLOWS,
    FORMULA,
    RETURNS,
    ROLL_UP,
    condition_of,
    following_from,
)
from metadata.conditions import FieldValue, Period, Test, tests
from metadata.documents import Document
from metadata.formula.check import check_formula
from metadata.formula.errors import FormulaInvalid
from metadata.formula.types import DATE, DATETIME, NUMBER, Field, Formula, ValueType, walk
from metadata.near import close

UNSTABLE = frozenset({"id", "version", "updated_at", "updated_by", "deleted_at", "deleted_by"})
"""System fields that change beside the values, or are not there yet when a record is made."""
OF_THE_READER = frozenset(
    {
        "is_me", "is_my_report", "in_my_department", "in_my_department_tree", "is_team_member",
        "is_starred", "older_than_days", "within_days",
    }
)  # fmt: skip
"""Operators whose outcome depends on who asks, or when."""
MOST_WORK = 2_000
"""Parts of a virtual formula, with those of the virtual formulas that it reads."""

Node = tuple[str, str]
"""An object and a field of it."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a computed field reads: a field, and where its document says so."""

    node: Node
    path: str
    offset: int = 0


def check_formula_field(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> None:
    """Check a formula: its text, its types, and whether it can be stored."""
    formula = read_formula(checker, document, key, definition, told=True)
    if formula is None:
        return
    path = f"fields/{key}/expr"
    virtual = bool(definition.get("virtual"))
    if formula.volatile and not virtual:
        checker.report.add_value(document, "formula_volatile", path)
    for wanted in formula.paths:
        found = checker.world.resolve(document.key, wanted)
        reads_virtual = found is not None and _is_virtual(found[1])
        last = wanted.rpartition(".")[2]
        if not virtual and reads_virtual:
            checker.report.add_value(document, "formula_reads_virtual", path, field=wanted)
        if not virtual and last in UNSTABLE:
            checker.report.add_value(document, "formula_unstable", path, field=wanted)
        if virtual and wanted in formula.shown:
            checker.report.add_value(document, "formula_region_virtual", path, field=wanted)
    _check_traits(checker, document, key, definition, formula)


def _check_traits(
    checker: Checker,
    document: Document,
    key: str,
    definition: Mapping[str, Any],
    formula: Formula,
) -> None:
    for trait in ("search", "sortable"):
        if definition.get(trait) and definition.get("virtual"):
            checker.report.add(document, "virtual_trait", f"fields/{key}/{trait}", property=trait)
    if not definition.get("search"):
        return
    fields = checker.world.fields(document.key)
    derived = [p for p in formula.paths if "." in p or "computed" in fields.get(p, {})]
    if formula.returns.kind != "text" or derived:
        checker.report.add(document, "formula_search", f"fields/{key}/search")


def read_formula(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any], *, told: bool
) -> Formula | None:
    """Read a formula of an object; None when it is wrong, which is told if ``told``."""
    known = checker.world.fields(document.key)

    def find(path: str) -> ValueType | None:
        found = checker.world.resolve(document.key, path)
        return None if found is None else value_type(checker, found[1])

    seen = known.get(key, {})
    try:
        return check_formula(str(definition["expr"]), find, known, value_type(checker, seen))
    except FormulaInvalid as invalid:
        if told:
            checker.report.add_inside(
                document,
                invalid.problem,
                f"fields/{key}/expr",
                invalid.at,
                length=invalid.until - invalid.at,
                **invalid.said,
            )
        return None


def value_type(checker: Checker, definition: Mapping[str, Any]) -> ValueType:
    """Give what a field is to a formula, with the options that it knows."""
    found = checker.types.value_type(definition)
    options = checker.options(definition) if found.kind == "select" else None
    return replace(found, options=tuple((key, key) for key in options)) if options else found


def check_roll_up(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> None:
    """Check a roll-up: its list, what it sums, and its condition."""
    path = f"fields/{key}"
    related = checker.world.related(document.key)
    wanted = str(definition["list"])
    if not related:
        checker.report.add_value(document, "no_related_list", f"{path}/list")
        return
    if wanted not in related:
        checker.report.add_value(
            document, "unknown_list", f"{path}/list", list=wanted, known=close(wanted, related)
        )
        return
    child = related[wanted].object
    link = checker.world.fields(child).get(related[wanted].field, {})
    if link.get("type") not in LINK_TYPES:
        checker.report.add_value(document, "roll_up_link", f"{path}/list", list=wanted)
        return
    _check_summed(checker, document, path, child, definition)
    if definition.get("where"):
        before = len(checker.report.problems)
        check_condition(checker, document, f"{path}/where", child)
        if len(checker.report.problems) == before:
            _check_lasting(checker, document, f"{path}/where", child, definition["where"])


def _check_summed(
    checker: Checker,
    document: Document,
    path: str,
    child: str,
    definition: Mapping[str, Any],
) -> None:
    agg, key = definition["agg"], definition.get("field")
    if key is None:
        if agg != "count":
            checker.report.add(document, "missing_property", path, property="field")
        return
    if agg == "count":
        checker.report.add(document, "roll_up_counts", f"{path}/field")
        return
    fields = checker.world.fields(child)
    found = fields.get(key)
    if found is None:
        checker.report.add_value(
            document, "unknown_field", f"{path}/field", field=key, object=child,
            known=close(key, fields),
        )  # fmt: skip
        return
    if _is_virtual(found):
        checker.report.add_value(document, "roll_up_of_virtual", f"{path}/field", field=key)
    kinds = {NUMBER} if agg in {"sum", "avg"} else {NUMBER, DATE, DATETIME}
    if checker.types.value_type(found).kind not in kinds:
        checker.report.add_value(
            document, "not_summable", f"{path}/field", field=key, agg=agg, type=found["type"]
        )


def _check_lasting(
    checker: Checker, document: Document, path: str, child: str, where: Any
) -> None:
    """Refuse conditions whose outcome changes while no record does."""
    for test in tests(condition_of(where)):
        if not isinstance(test, Test):
            checker.report.add_value(document, "roll_up_exists", path, list=test.list)
            continue
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        if test.op in OF_THE_READER or any(isinstance(value, Period) for value in values):
            checker.report.add_value(document, "roll_up_volatile", path, field=test.field)
        for name in _paths_of(test):
            found = checker.world.resolve(child, name)
            if found is not None and _is_virtual(found[1]):
                checker.report.add_value(document, "roll_up_of_virtual", path, field=name)


def check_computed_together(checker: Checker) -> None:
    """Refuse computed fields that wait for themselves, and virtual ones that grow too large."""
    reads: dict[Node, list[Read]] = {}
    sizes: dict[Node, int] = {}
    for document in checker.world.documents.values():
        if document.kind != "object":
            continue
        for key, definition in document.body["fields"].items():
            node = (document.key, key)
            kind = definition.get("type")
            if kind == FORMULA:
                formula = read_formula(checker, document, key, definition, told=False)
                reads[node] = list(reads_of_formula(checker, document, key, formula))
                sizes[node] = formula.size if formula is not None else 0
            elif kind == ROLL_UP:
                reads[node] = list(reads_of_roll_up(checker, document, key, definition))
            elif FOLLOWS in definition:
                reads[node] = list(reads_of_following(document, key, definition))
    graph = {node: [r for r in found if r.node in reads] for node, found in reads.items()}
    if not _tell_cycles(checker, graph):
        _tell_large(checker, graph, sizes)


def reads_of_formula(
    checker: Checker, document: Document, key: str, formula: Formula | None
) -> Iterator[Read]:
    """Walk the fields that a formula reads, each as often as it does."""
    for part in walk(formula.root) if formula is not None else ():
        found = checker.world.resolve(document.key, part.path) if isinstance(part, Field) else None
        if found is not None and isinstance(part, Field):
            node = (found[0], part.path.rpartition(".")[2])
            yield Read(node, f"fields/{key}/expr")


def reads_of_roll_up(
    checker: Checker, document: Document, key: str, definition: Mapping[str, Any]
) -> Iterator[Read]:
    """Walk the fields that a roll-up sums and asks for."""
    related = checker.world.related(document.key).get(str(definition.get("list")))
    if related is None:
        return
    if "field" in definition:
        yield Read((related.object, str(definition["field"])), f"fields/{key}/field")
    for test in tests(condition_of(definition.get("where"))):
        for path in _paths_of(test) if isinstance(test, Test) else ():
            found = checker.world.resolve(related.object, path)
            if found is not None:
                yield Read((found[0], path.rpartition(".")[2]), f"fields/{key}/where")


def reads_of_following(
    document: Document, key: str, definition: Mapping[str, Any]
) -> Iterator[Read]:
    """Walk what a field reads that follows another one."""
    following = following_from(definition)
    if following is not None:
        path = f"fields/{key}/{FOLLOWS}"
        place = path if isinstance(definition[FOLLOWS], str) else f"{path}/field"
        yield Read((document.key, following.field), place)


def _paths_of(test: Test) -> list[str]:
    other = [test.value.path] if isinstance(test.value, FieldValue) else []
    return [test.field, *other]


def _tell_cycles(checker: Checker, graph: Mapping[Node, list[Read]]) -> bool:
    """Name each cycle once, at the first of its fields; tell whether there was one."""
    done: set[Node] = set()
    found = False
    for start in graph:
        if start in done:
            continue
        way: list[tuple[Node, Iterator[Read]]] = [(start, iter(graph[start]))]
        while way:
            node, rest = way[-1]
            read = next(rest, None)
            if read is None:
                done.add(node)
                way.pop()
            elif any(read.node == one for one, _ in way):
                nodes = [one for one, _ in way]
                found = True
                cycle = [*nodes[nodes.index(read.node) :], read.node]
                _tell_cycle(checker, graph, cycle)
                return True
            elif read.node not in done:
                way.append((read.node, iter(graph[read.node])))
    return found


def _tell_cycle(checker: Checker, graph: Mapping[Node, list[Read]], cycle: list[Node]) -> None:
    object_key, key = cycle[0]
    place = next(read.path for read in graph[cycle[0]] if read.node == cycle[1])
    cycle_text = " → ".join(".".join(node) for node in cycle)
    document = checker.world.documents[f"object/{object_key}"]
    checker.report.add_value(document, "computed_cycle", place, field=key, cycle=cycle_text)


def _tell_large(
    checker: Checker, graph: Mapping[Node, list[Read]], sizes: Mapping[Node, int]
) -> None:
    """A virtual formula is written out inside those that read it: together it has a limit."""
    known: dict[Node, int] = {}

    def work(node: Node) -> int:
        if node not in known:
            inner = sum(work(r.node) for r in graph[node] if _virtual_at(checker, r.node))
            known[node] = sizes.get(node, 0) + min(inner, MOST_WORK)
        return known[node]

    for node in graph:
        if _virtual_at(checker, node) and work(node) > MOST_WORK:
            document = checker.world.documents[f"object/{node[0]}"]
            place = f"fields/{node[1]}/expr"
            checker.report.add_value(document, "formula_work", place, most=MOST_WORK)


def _virtual_at(checker: Checker, node: Node) -> bool:
    return _is_virtual(checker.world.fields(node[0]).get(node[1], {}))


def _is_virtual(definition: Mapping[str, Any]) -> bool:
    return bool(definition.get("computed", {}).get("virtual"))


def returns_options(definition: Mapping[str, Any]) -> bool:
    """Tell whether a formula gives an option, so that its document must say which there are."""
    return definition.get("type") == FORMULA and definition.get("returns") == RETURNS[-1]
