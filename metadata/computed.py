"""Fields that the engine computes: what they are seen as by whoever reads them.

A document says ``type: formula`` and what it returns; everybody but the computation sees a field
of that type, which nobody may fill. `plain` makes that field; its ``computed`` holds what the
document says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from metadata.conditions import ConditionInvalid, Node, parse_condition

FORMULA, ROLL_UP = "formula", "roll_up"
FOLLOWS = "follows"
"""How a field gets its value that takes another's until somebody overrides it."""
COMPUTED = frozenset({FORMULA, ROLL_UP})
RETURNS = (
    "text", "integer", "decimal", "percent", "money", "boolean", "date", "datetime", "select"
)  # fmt: skip
"""The types that a formula may return."""
AGGREGATES = ("count", "sum", "min", "max", "avg")
AVERAGE_SCALE = 2
"""Decimals of an average of whole numbers, where the document does not say."""

Definition = Mapping[str, Any]
Child = Callable[[str, str], Definition | None]
"""Gives a field of the records of a related list: (list, field)."""

_SAID = frozenset({"label", "help", "visible_if", "search", "sortable", "personal", "options",
                   "options_from"})  # fmt: skip
_NUMBER = frozenset({"scale", "currency"})
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """How a field gets its value."""

    kind: str  # formula | roll_up | follows
    virtual: bool = False
    expr: str = ""
    list: str = ""
    agg: str = ""
    field: str = ""
    where: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A field that takes the value of another one until somebody overrides it.

    Attributes:
        field: whose value it takes.
        sets: other field -> formula: what a value that somebody gives means for them. Where it
            says anything, the value given is explained by them, and stands only until the
            followed one changes.
    """

    field: str
    sets: Mapping[str, str]


def following_from(definition: Definition) -> Following | None:
    """Read whose value a field takes; None when it follows nothing."""
    raw = definition.get(FOLLOWS)
    if raw is None or "computed" in definition:
        return None
    if isinstance(raw, str):
        return Following(field=raw, sets=_NOTHING)
    return Following(field=str(raw["field"]), sets=raw.get("sets", _NOTHING))


def overridden(key: str) -> str:
    """Give the key of the field that remembers whether somebody overrode a following one."""
    return f"{key}_overridden"


def is_computed(definition: Definition) -> bool:
    """Tell whether a definition is of a field that the engine fills."""
    return definition.get("type") in COMPUTED or "computed" in definition


def plain(definition: Definition, child: Child) -> Definition:
    """Give the field that readers see; a definition of another type stays as it is."""
    kind = definition.get("type")
    if kind not in COMPUTED:
        return definition
    made = {name: value for name, value in definition.items() if name in _SAID}
    made["readonly"] = True
    made["computed"] = definition
    if kind == FORMULA:
        returns = definition.get("returns")
        made["type"] = returns if returns in RETURNS else "text"
        return made | {name: definition[name] for name in _NUMBER if name in definition}
    return made | _rolled(definition, child)


def _rolled(definition: Definition, child: Child) -> dict[str, Any]:
    """Give the type of a roll-up, and the scale and currency of what it sums."""
    found = None
    if definition.get("agg") != "count":
        found = child(str(definition.get("list")), str(definition.get("field")))
    if found is None:
        return {"type": "integer"}
    if found.get("type") == "integer" and definition.get("agg") == "avg":
        return {"type": "decimal", "scale": definition.get("scale", AVERAGE_SCALE)}
    more = {name: found[name] for name in _NUMBER if name in found}
    return {"type": found["type"], **more}


def computed_from(definition: Definition) -> Computed | None:
    """Compile how a field gets its value; None when people fill it."""
    raw = definition.get("computed")
    if raw is None:
        return None
    if raw["type"] == FORMULA:
        return Computed(kind=FORMULA, virtual=bool(raw.get("virtual")), expr=raw["expr"])
    return Computed(
        kind=ROLL_UP,
        list=raw["list"],
        agg=raw["agg"],
        field=raw.get("field", ""),
        where=condition_of(raw.get("where")),
    )


def condition_of(raw: Any) -> Node | None:
    """Read the condition of a roll-up; None too when it is none, which the checks tell."""
    try:
        return parse_condition(raw)
    except ConditionInvalid:
        return None
