"""Which objects get sample records, how many of each, and in which order: read off the documents.

The main object is the one that most others belong to. Nothing here knows any trade.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from engine.access.scope import DEPARTMENT, USER
from engine.records.line_plans import line_plans
from engine.storage.snapshot import BoundField, BoundObject, Snapshot, Unit
from metadata.conditions import FieldValue, Test, parse_condition, tests
from metadata.errors import PlatformError
from metadata.model import MenuItemDef, RoleDef

PLATFORM = frozenset({USER, DEPARTMENT})
SHARE_BY_DEPTH = {1: 1.3, 2: 0.6}
SHARE_BELOW = 0.4
SHARE_BESIDE = 0.5
"""Of the main object's number: what belongs to it, by how far down, and what stands beside it."""
CATALOGUE, KINDS = 40, 8
"""Records of an object that others only choose from, and of one that only sorts those."""
SLOT = "this."


class DemoNothing(PlatformError):
    """No object of this site could get sample records."""

    code = "demo_nothing"
    status = 409


@dataclass(frozen=True, slots=True)
class SampleLink:
    """A link to fill: ``pairs``: field of the target -> field here that must be equal to it."""

    field: BoundField
    target: str
    pairs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SampleObject:
    """An object to fill. ``links``: those that decide most come first."""

    bound: BoundObject
    count: int
    links: tuple[SampleLink, ...]


def plan_samples(unit: Unit, records: int) -> list[SampleObject]:
    """Choose the objects to fill, those that others need first.

    Raises:
        DemoNothing: there is none.
    """
    snapshot = unit.snapshot
    lines = {plan.child for key in snapshot.objects for plan in line_plans(snapshot, key)}
    own = {
        key: bound
        for key, bound in snapshot.objects.items()
        if key not in PLATFORM and key not in lines
    }
    if not own:
        raise DemoNothing
    main = main_object(snapshot, list(own))
    depths = {key: _depth(snapshot, key, main) for key in own}
    order = sorted(own, key=lambda key: (_height(snapshot, key), list(own).index(key)))
    return [
        SampleObject(
            own[key],
            _count(snapshot, key, depths, records),
            _links(snapshot, own[key], order),
        )
        for key in order
    ]


def main_object(snapshot: Snapshot, keys: list[str]) -> str:
    """Give the object that most others link to; of equals, the first in the menus."""
    menu = _menu_objects(snapshot)
    inbound = {
        key: sum(_needs(snapshot, other, key) for other in keys if other != key) for key in keys
    }
    known = [key for key in menu if key in inbound] or keys
    return max(known, key=lambda key: (inbound[key], -known.index(key)))


def roles_of_samples(unit: Unit, main: str) -> list[str]:
    """Give the roles of sample people: those that work with the main object, narrowest first."""
    found = []
    for key, role in unit.snapshot.site.roles.items():
        scope = _scope(role, main)
        if scope and not role.admin:
            found.append((_width(scope), key))
    return [key for _, key in sorted(found)]


def _scope(role: RoleDef, main: str) -> str:
    grant = role.objects.get(main)
    if grant is None or "create" not in grant.actions:
        return ""
    return grant.actions.get("read", "")


def _width(scope: str) -> int:
    return {"own": 0, "all": 2}.get(scope, 1)


def _menu_objects(snapshot: Snapshot) -> list[str]:
    found: list[str] = []

    def walk(items: Mapping[str, MenuItemDef]) -> None:
        for item in items.values():
            kind, _, key = item.opens.partition("/")
            listed = snapshot.site.lists.get(key)
            found.append(listed.object if kind == "list" and listed else key)
            walk(item.items)

    for menu in snapshot.site.menus.values():
        walk(menu.items)
    return list(dict.fromkeys(found))


def _links_of(snapshot: Snapshot, key: str) -> list[tuple[BoundField, str]]:
    """Give the links that people fill, those to the object itself and to people aside."""
    return [
        (field, target)
        for field in snapshot.object(key).fields.values()
        if field.type.labelled and not field.named_late and not field.definition.readonly
        if (target := field.type.target(field.definition)) != key
        and target not in PLATFORM
        and target in snapshot.objects
    ]


def _needs(snapshot: Snapshot, key: str, target: str) -> bool:
    return any(
        found == target and field.definition.required for field, found in _links_of(snapshot, key)
    )


def _depth(snapshot: Snapshot, key: str, main: str) -> int | None:
    """Tell how far below the main object an object is; None when it does not belong to it."""

    @cache
    def below(here: str) -> int | None:
        if here == main:
            return 0
        if not any(f.definition.required for f, _ in _links_of(snapshot, here)):
            return None
        if not _belongs(snapshot, here, main, frozenset()):
            return None
        ways = [
            below(target)
            for field, target in _links_of(snapshot, here)
            if _height(snapshot, target) < _height(snapshot, here)
        ]
        return 1 + max((way for way in ways if way is not None), default=0)

    return below(key)


def _belongs(snapshot: Snapshot, key: str, main: str, seen: frozenset[str]) -> bool:
    return key == main or any(
        field.definition.required
        and target not in seen
        and _belongs(snapshot, target, main, seen | {key})
        for field, target in _links_of(snapshot, key)
    )


def _height(snapshot: Snapshot, key: str) -> int:
    """Tell how many steps of links an object stands above those that need nothing."""

    def climb(here: str, seen: frozenset[str]) -> int:
        ways = [
            climb(target, seen | {here})
            for field, target in _links_of(snapshot, here)
            if target not in seen and (field.definition.required or not _circular(field))
        ]
        for plan in line_plans(snapshot, here):  # what its lines name has to be there first
            ways += [
                climb(target, seen | {here, plan.child})
                for _, target in _links_of(snapshot, plan.child)
                if target != here and target not in seen
            ]
        return 1 + max(ways, default=-1)

    return climb(key, frozenset())


def _circular(field: BoundField) -> bool:
    """Tell whether the target has to know this record already."""
    return "this.id" in _pairs(field).values() or any(
        isinstance(test.value, FieldValue) and test.value.path == "this.id"
        for test in _tests(field)
    )


def _count(snapshot: Snapshot, key: str, depths: Mapping[str, int | None], records: int) -> int:
    depth = depths[key]
    if depth == 0:
        return records
    if depth is not None:
        return round(records * SHARE_BY_DEPTH.get(depth, SHARE_BELOW))
    needed = any(
        _needs(snapshot, other, key) for other, below in depths.items() if below is not None
    )
    definition = snapshot.object(key).definition
    if needed or definition.has("follow_ups"):
        return round(records * SHARE_BESIDE)
    sorts = any(_needs(snapshot, other, key) for other in depths)
    return min(KINDS if sorts else CATALOGUE, records)


def _links(snapshot: Snapshot, bound: BoundObject, order: list[str]) -> tuple[SampleLink, ...]:
    here = order.index(bound.key)
    several = [
        (field, target)
        for field in bound.fields.values()
        if field.type.labelled and field.many and not field.definition.readonly
        if (target := field.type.target(field.definition)) in order
    ]
    found = [
        SampleLink(field, target, _pairs(field))
        for field, target in [*_links_of(snapshot, bound.key), *several]
        if order.index(target) < here and not _circular(field)
    ]
    return tuple(
        sorted(
            found,
            key=lambda link: (
                link.field.many,
                not link.field.definition.required,
                -order.index(link.target),
            ),
        )
    )


def _tests(field: BoundField) -> list[Test]:
    node = parse_condition(field.definition.props.get("where"))
    return [test for test in tests(node) if isinstance(test, Test)]


def _pairs(field: BoundField) -> dict[str, str]:
    return {
        test.field: test.value.path.removeprefix(SLOT)
        for test in _tests(field)
        if test.op == "eq"
        and isinstance(test.value, FieldValue)
        and test.value.path.startswith(SLOT)
    }
