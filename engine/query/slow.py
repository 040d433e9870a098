"""Noticing slow lists: their shape and how long they took, never a value.

A list that is quick costs two looks at the clock. What is noted stays in memory, with the
snapshot, until a chore takes it (`engine.upkeep.slow_lists`).
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

from engine.query.predicate import AccessPredicate
from engine.query.selection import ListRequest
from engine.storage.snapshot import Snapshot, Unit
from metadata.conditions import AllOf, Node, Test

SLOW_NANOSECONDS = 50_000_000
MOST_NOTED = 200
"""Shapes in memory; people make up filters without end."""
MICROSECOND = 1_000
KEY = "slow lists"

now = time.perf_counter_ns


@dataclass(slots=True)
class Seen:
    """How often a shape was slow, and how long it took, in microseconds."""

    times: int = 0
    total_us: int = 0
    longest_us: int = 0


@dataclass(slots=True)
class Sampler:
    """The slow lists of one metadata version: (object id, shape as JSON) -> `Seen`."""

    seen: dict[tuple[int, str], Seen] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def note(self, object_id: int, shape: str, took_us: int) -> None:
        """Note one slow list."""
        with self.lock:
            if (object_id, shape) not in self.seen and len(self.seen) >= MOST_NOTED:
                return
            found = self.seen.setdefault((object_id, shape), Seen())
            found.times += 1
            found.total_us += took_us
            found.longest_us = max(found.longest_us, took_us)

    def take(self) -> dict[tuple[int, str], Seen]:
        """Give what was noted, and begin anew."""
        with self.lock:
            taken, self.seen = self.seen, {}
        return taken


def watch(
    unit: Unit, predicate: AccessPredicate, request: ListRequest, began: int, kind: str
) -> None:
    """Note a list that took long; ``kind``: page or count."""
    took = now() - began
    if took < SLOW_NANOSECONDS:
        return
    shape = {
        "kind": kind,
        "scope": predicate.shape,
        "tests": sorted(_tests(request.where)),
        "more": not _is_plain(request.where),
        "sort": list(request.sort) if kind == "page" else [],
        "search": bool(request.search.strip()),
        "bin": request.bin,
    }
    text = json.dumps(shape, sort_keys=True, separators=(",", ":"))
    sampler_of(unit.snapshot).note(
        unit.snapshot.object(request.object).id, text, took // MICROSECOND
    )


def sampler_of(snapshot: Snapshot) -> Sampler:
    """Give the sampler of a metadata version."""
    return snapshot.once(KEY, Sampler)


def _tests(where: Node | None) -> Iterator[tuple[str, str]]:
    """Give field and operator of what every record must meet."""
    match where:
        case Test(field=path, op=op):
            yield path, op
        case AllOf(nodes):
            for node in nodes:
                yield from _tests(node)


def _is_plain(where: Node | None) -> bool:
    """Tell whether `_tests` says all there is."""
    match where:
        case None | Test():
            return True
        case AllOf(nodes):
            return all(_is_plain(node) for node in nodes)
    return False
