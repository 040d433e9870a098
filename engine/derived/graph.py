"""Which computed field waits for which: worked out once per metadata version."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.query.paths import program_of, resolve
from engine.storage.snapshot import BoundObject, Snapshot
from metadata.computed import FOLLOWS, FORMULA, ROLL_UP
from metadata.conditions import FieldValue, Test, tests
from metadata.model import InverseDef

Place = tuple[str, str]
"""An object and a field of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step back: from changed records of ``far`` to the records of ``near`` that read them.

    ``children``: the link stands on ``far`` and names its parent; else on ``near``.
    """

    near: str
    far: str
    link: str
    children: bool


@dataclass(frozen=True, slots=True)
class Computation:
    """A stored computed field, or one that follows another until somebody overrides it."""

    object: str
    key: str

    @property
    def place(self) -> Place:
        """Give object and field."""
        return self.object, self.key


@dataclass(frozen=True, slots=True)
class Trigger:
    """What must be computed again, and how to find for which records; the last step gives them."""

    computation: Computation
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The computed fields of a version.

    Attributes:
        groups: each field stands in or behind the group of those that it reads. A group is of
            one object, and none of it reads another of it over a link.
        by_field: (object, field) -> what reads it.
        by_presence: object -> what counts or sums its records.
        own: object -> its computed fields, in order.
        fed: objects that hold a value which depends on other records: whoever links to one of
            them takes turns with others that do.
        watching: objects a change of which may concern others.
    """

    groups: tuple[tuple[Computation, ...], ...] = ()
    by_field: Mapping[Place, tuple[Trigger, ...]] = field(default_factory=dict)
    by_presence: Mapping[str, tuple[Trigger, ...]] = field(default_factory=dict)
    own: Mapping[str, tuple[Computation, ...]] = field(default_factory=dict)
    fed: frozenset[str] = frozenset()
    watching: frozenset[str] = frozenset()


def graph_of(snapshot: Snapshot) -> Graph:
    """Give the graph of a metadata version."""
    return snapshot.once("computed fields", lambda: _compose(snapshot))


def _compose(snapshot: Snapshot) -> Graph:
    by_field: dict[Place, list[Trigger]] = {}
    by_presence: dict[str, list[Trigger]] = {}
    reads: dict[Computation, set[Place]] = {}
    for bound in snapshot.objects.values():
        for key, found in bound.fields.items():
            if found.definition.derived is None or found.definition.is_virtual:
                continue
            made = Computation(bound.key, key)
            reads[made] = set()
            for place, steps in _reads(snapshot, bound, made):
                reads[made].add(place)
                by_field.setdefault(place, []).append(Trigger(made, steps))
            for step in _children(snapshot, bound, made):
                by_presence.setdefault(step.far, []).append(Trigger(made, (step,)))
    order = _ordered(reads)
    far = [(place[0], one) for place, found in by_field.items() for one in found if one.steps]
    return Graph(
        groups=tuple(_grouped(order, by_field)),
        by_field={place: tuple(found) for place, found in by_field.items()},
        by_presence={key: tuple(found) for key, found in by_presence.items()},
        own=_by_object(order),
        fed=frozenset(one.computation.object for _, one in far),
        watching=frozenset({key for key, _ in far} | by_presence.keys()),
    )


def _reads(
    snapshot: Snapshot, bound: BoundObject, made: Computation
) -> Iterator[tuple[Place, tuple[Step, ...]]]:
    """Walk what a computed field reads, each with the steps back to it."""
    computed = bound.fields[made.key].definition.derived
    if computed is not None and computed.kind == FOLLOWS:
        yield (bound.key, computed.field), ()
        return
    if computed is not None and computed.kind == FORMULA:
        for text in program_of(snapshot, bound, bound.fields[made.key]).formula.paths:
            yield from _along(snapshot, bound, text, ())
        return
    for step in _children(snapshot, bound, made):
        child = snapshot.object(step.far)
        yield (child.key, step.link), (step,)
        if computed is not None and computed.field:
            yield (child.key, computed.field), (step,)
        for test in tests(computed.where if computed is not None else None):
            for text in _paths_of(test) if isinstance(test, Test) else ():
                yield from _along(snapshot, child, text, (step,))


def _along(
    snapshot: Snapshot, bound: BoundObject, text: str, before: tuple[Step, ...]
) -> Iterator[tuple[Place, tuple[Step, ...]]]:
    """Walk a path: each link that it crosses is read, too."""
    path = resolve(snapshot, bound, text)
    steps = before
    for at, read in enumerate((*path.links, path.field)):
        yield (path.objects[at].key, read.key), steps
        if at < len(path.links):
            near, far = path.objects[at], path.objects[at + 1]
            steps = (Step(near.key, far.key, read.key, children=False), *steps)


def _children(snapshot: Snapshot, bound: BoundObject, made: Computation) -> list[Step]:
    inverse = inverse_of(snapshot, bound, made.key)
    if inverse is None:
        return []
    return [Step(bound.key, inverse.object, inverse.field, children=True)]


def inverse_of(snapshot: Snapshot, bound: BoundObject, key: str) -> InverseDef | None:
    """Give the related list that a roll-up looks at; None for other fields."""
    computed = bound.fields[key].definition.computed
    if computed is None or computed.kind != ROLL_UP:
        return None
    return snapshot.site.related[bound.key][computed.list]


def _paths_of(test: Test) -> list[str]:
    other = [test.value.path] if isinstance(test.value, FieldValue) else []
    return [test.field, *other]


def _ordered(reads: Mapping[Computation, set[Place]]) -> tuple[Computation, ...]:
    """Put each behind what it reads; go on with the same object while that is possible."""
    waiting = dict(reads)
    done: list[Computation] = []
    while waiting:
        open_places = {one.place for one in waiting}
        ready = [one for one in waiting if not waiting[one] & open_places]
        if not ready:
            raise ValueError(f"computed fields wait for each other: {sorted(open_places)}")
        same = [one for one in ready if done and one.object == done[-1].object]
        chosen = (same or ready)[0]
        done.append(chosen)
        del waiting[chosen]
    return tuple(done)


def _grouped(
    order: Iterable[Computation], by_field: Mapping[Place, Iterable[Trigger]]
) -> Iterator[tuple[Computation, ...]]:
    group: list[Computation] = []
    for one in order:
        over_links = any(
            trigger.computation == one and trigger.steps
            for other in group
            for trigger in by_field.get(other.place, ())
        )
        if group and (over_links or group[-1].object != one.object):
            yield tuple(group)
            group = []
        group.append(one)
    if group:
        yield tuple(group)


def _by_object(order: Iterable[Computation]) -> dict[str, tuple[Computation, ...]]:
    found: dict[str, tuple[Computation, ...]] = {}
    for one in order:
        found[one.object] = (*found.get(one.object, ()), one)
    return found
