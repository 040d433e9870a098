"""After a change: everything computed that depends on it, in order, in the same transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from engine.derived.affected import Touch, concerned
from engine.derived.graph import Computation, Graph, Trigger, graph_of
from engine.derived.later import Reach, put_off_one
from engine.derived.recompute import recompute
from engine.storage.snapshot import Unit

_TOGETHER = "touches that are followed together"


@contextmanager
def together(unit: Unit) -> Iterator[None]:
    """Compute only at the end what the changes inside touch: a sum once, not for each child."""
    if _TOGETHER in unit.memo:
        yield
        return
    touches: list[Touch] = []
    unit.memo[_TOGETHER] = touches
    try:
        yield
    finally:
        del unit.memo[_TOGETHER]
    follow(unit, touches)


def follow(unit: Unit, touches: Iterable[Touch]) -> None:
    """Compute again what changes touch; what concerns too many records becomes a job."""
    if _TOGETHER in unit.memo:
        unit.memo[_TOGETHER].extend(touches)
        return
    graph = graph_of(unit.snapshot)
    if not graph.groups:
        return
    wave = _Wave(unit, graph)
    for touch in touches:
        wave.touch(touch)
    wave.run()


def follow_computed(
    unit: Unit, object_key: str, keys: Collection[str], ids: Collection[int]
) -> None:
    """Compute fields of some records again, and everything that depends on them."""
    graph = graph_of(unit.snapshot)
    wave = _Wave(unit, graph)
    for one in graph.own.get(object_key, ()):
        if one.key in keys:
            wave.mark(one, ids)
    wave.run()


class _Wave:
    """What has to be computed again; it runs through the graph once, in its order."""

    def __init__(self, unit: Unit, graph: Graph) -> None:
        self._unit = unit
        self._graph = graph
        self._dirty: dict[Computation, set[int]] = {}

    def mark(self, computation: Computation, ids: Iterable[int]) -> None:
        self._dirty.setdefault(computation, set()).update(ids)

    def touch(self, touch: Touch) -> None:
        if touch.object in self._graph.watching or touch.itself:
            for trigger in self._triggers(touch):
                self._pull(trigger, touch)
        if touch.fields is None and touch.itself:
            for one in self._graph.own.get(touch.object, ()):
                self.mark(one, touch.rows)

    def _triggers(self, touch: Touch) -> Iterator[Trigger]:
        if touch.fields is None:
            yield from self._graph.by_presence.get(touch.object, ())
            return
        for key in touch.fields:
            for trigger in self._graph.by_field.get((touch.object, key), ()):
                if trigger.steps or touch.itself:
                    yield trigger

    def _pull(self, trigger: Trigger, touch: Touch) -> None:
        found = concerned(self._unit, touch, trigger.steps)
        if found is not None:
            self.mark(trigger.computation, found)
            return
        reach = Reach(tuple(touch.rows), trigger.steps)
        put_off_one(self._unit, trigger.computation, reach)

    def run(self) -> None:
        if not self._dirty:
            return
        for group in self._graph.groups:
            chosen: list[Computation] = []
            ids: set[int] = set()
            for one in group:
                if self._dirty.get(one) or self._reads_any(one, chosen):
                    chosen.append(one)
                    ids |= self._dirty.pop(one, set())
            if ids:
                self._compute(chosen, ids)

    def _compute(self, chosen: Sequence[Computation], ids: set[int]) -> None:
        """Compute fields of one object; those that read others of them are among them."""
        object_key = chosen[0].object
        bound = self._unit.snapshot.object(object_key)
        for key, numbers in recompute(self._unit, bound, chosen, ids).items():
            rows = dict.fromkeys(numbers, (None, None))
            self.touch(Touch(object_key, rows, frozenset({key}), itself=True))

    def _reads_any(self, computation: Computation, others: Sequence[Computation]) -> bool:
        return any(
            trigger.computation == computation and not trigger.steps
            for other in others
            for trigger in self._graph.by_field.get(other.place, ())
        )
