"""The one condition tree: scenes, filters, rules, lookups (design: one language everywhere)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.errors import PlatformError

MOST_TESTS = 20
DEEPEST = 3

OPERATORS = frozenset(
    {
        "eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "empty",
        "not_empty", "gt", "gte", "lt", "lte", "between", "is_me", "is_my_report",
        "in_my_department", "in_my_department_tree", "is_team_member", "is_starred",
        "older_than_days", "within_days",
    }
)  # fmt: skip
WITHOUT_VALUE = frozenset(
    {
        "empty", "not_empty", "is_me", "is_my_report", "in_my_department",
        "in_my_department_tree", "is_team_member", "is_starred",
    }
)  # fmt: skip
PERIODS = frozenset(
    {
        "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month",
        "last_month", "next_month", "this_quarter", "last_quarter", "next_quarter", "this_year",
        "last_year", "next_year", "first_half", "second_half", "last_7_days", "last_30_days",
        "next_7_days", "next_30_days",
    }
)  # fmt: skip


class ConditionInvalid(PlatformError):
    """A condition tree that does not have the shape of one; ``path`` says where."""

    code = "condition_invalid"
    status = 422


@dataclass(frozen=True, slots=True)
class Period:
    """A relative period, such as ``this_month``; meant in the company's time zone."""

    name: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of another field of the record (``this.x``: of the record being edited)."""

    path: str


@dataclass(frozen=True, slots=True)
class Test:
    """``field op value``; a path may cross up to two links (``author.country``)."""

    __test__ = False  # pytest: not a test class

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of ``nodes`` holds; true when there are none."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of ``nodes`` holds; false when there are none."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``node`` does not hold."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Exists:
    """Some (``negated``: no) record of the related list meets ``where``."""

    list: str
    where: "Node | None" = None
    negated: bool = False


Node = Test | AllOf | AnyOf | Not | Exists


def parse_condition(raw: Any) -> Node | None:
    """Read a condition tree from JSON or YAML data.

    Args:
        raw: the tree as ``dict`` data; None or an empty mapping means "no condition".

    Returns:
        The tree, or None when it keeps everything.

    Raises:
        ConditionInvalid: not the shape of api.md, or beyond 20 tests or depth 3.
    """
    if raw is None or raw == {}:
        return None
    node = _node(raw, "", 0)
    count = sum(1 for _ in tests(node))
    if count > MOST_TESTS:
        raise ConditionInvalid(reason="too_many", most=MOST_TESTS, path="")
    if isinstance(node, AllOf) and not node.nodes:
        return None
    return node


def tests(node: Node | None) -> Iterator[Test | Exists]:
    """Walk every test and every ``exists`` of the tree, those inside ``exists`` included."""
    if node is None:
        return
    if isinstance(node, AllOf | AnyOf):
        for child in node.nodes:
            yield from tests(child)
    elif isinstance(node, Not):
        yield from tests(node.node)
    else:
        yield node
        if isinstance(node, Exists):
            yield from tests(node.where)


def dump_condition(node: Node | None) -> dict[str, Any]:
    """Write the tree as JSON data; the inverse of `parse_condition`."""
    match node:
        case None:
            return {"all": []}
        case AllOf(nodes):
            return {"all": [dump_condition(child) for child in nodes]}
        case AnyOf(nodes):
            return {"any": [dump_condition(child) for child in nodes]}
        case Not(child):
            return {"not": dump_condition(child)}
        case _:
            return _dump_leaf(node)


def _dump_leaf(node: Test | Exists) -> dict[str, Any]:
    if isinstance(node, Exists):
        inner: dict[str, Any] = {"list": node.list}
        if node.where is not None:
            inner["where"] = dump_condition(node.where)
        return {"not_exists" if node.negated else "exists": inner}
    written: dict[str, Any] = {"field": node.field, "op": node.op}
    if node.op not in WITHOUT_VALUE:
        written["value"] = _dump_value(node.value)
    return written


def _dump_value(value: Any) -> Any:
    match value:
        case Period(name):
            return {"period": name}
        case FieldValue(path):
            return {"field": path}
        case tuple():
            return [_dump_value(item) for item in value]
        case _:
            return value


def _node(raw: Any, path: str, depth: int) -> Node:
    if not isinstance(raw, Mapping):
        raise ConditionInvalid(reason="not_a_condition", path=path)
    if depth > DEEPEST:
        raise ConditionInvalid(reason="too_deep", most=DEEPEST, path=path)
    keys = set(raw)
    if keys in ({"all"}, {"any"}):
        (word,) = keys
        children = raw[word]
        if not isinstance(children, list | tuple):
            raise ConditionInvalid(reason="not_a_list", path=f"{path}/{word}")
        nodes = tuple(
            _node(child, f"{path}/{word}/{position}", depth + 1)
            for position, child in enumerate(children)
        )
        return AllOf(nodes) if word == "all" else AnyOf(nodes)
    if keys == {"not"}:
        return Not(_node(raw["not"], f"{path}/not", depth + 1))
    if keys in ({"exists"}, {"not_exists"}):
        return _exists(raw, path, depth)
    return _test(raw, path)


def _exists(raw: Mapping[str, Any], path: str, depth: int) -> Exists:
    (word,) = raw
    inner = raw[word]
    if not isinstance(inner, Mapping) or not isinstance(inner.get("list"), str):
        raise ConditionInvalid(reason="exists_needs_list", path=f"{path}/{word}")
    if set(inner) - {"list", "where"}:
        raise ConditionInvalid(reason="unknown_word", path=f"{path}/{word}")
    where = inner.get("where")
    child = _node(where, f"{path}/{word}/where", depth + 1) if where else None
    return Exists(inner["list"], child, negated=word == "not_exists")


def _test(raw: Mapping[str, Any], path: str) -> Test:
    unknown = set(raw) - {"field", "op", "value"}
    if unknown or not isinstance(raw.get("field"), str) or not isinstance(raw.get("op"), str):
        raise ConditionInvalid(reason="not_a_condition", path=path)
    op = raw["op"]
    if op not in OPERATORS:
        raise ConditionInvalid(reason="unknown_operator", operator=op, path=f"{path}/op")
    if op in WITHOUT_VALUE:
        return Test(raw["field"], op)
    if "value" not in raw or raw["value"] is None:
        raise ConditionInvalid(reason="value_missing", path=path)
    return Test(raw["field"], op, _value(raw["value"], f"{path}/value"))


def _value(raw: Any, path: str) -> Any:
    if isinstance(raw, Mapping):
        if set(raw) == {"period"} and raw["period"] in PERIODS:
            return Period(raw["period"])
        if set(raw) == {"field"} and isinstance(raw["field"], str):
            return FieldValue(raw["field"])
        raise ConditionInvalid(reason="unknown_value", path=path)
    if isinstance(raw, list | tuple):
        return tuple(_value(item, path) for item in raw)
    if isinstance(raw, str | int | bool):
        return raw
    raise ConditionInvalid(reason="unknown_value", path=path)
