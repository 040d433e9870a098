"""Compiling documents: all of the shipped packs as stored, and one field of one object."""

import json
from collections.abc import Iterator
from itertools import count

from bench import content
from bench.measure import measure
from bench.result import Result
from bench.world import World
from engine.fields.registry import FIELD_TYPES, TYPES
from engine.publish.binding import bind_site
from engine.publish.store import read_layers
from engine.storage.ledger import read_ledger
from metadata.load import (
    apply_changes,
    expand_changes,
    load_site,
    parse_changes,
    parse_layers,
)

TIMES = 15


def run(world: World) -> Iterator[Result]:
    """Measure what a start and what a publish costs in documents alone."""
    snapshot = world.live.snapshot
    with world.live.database.read() as connection:
        text = read_layers(connection, snapshot.number)
        ledger = read_ledger(connection)
    compiled = load_site(parse_layers(text), TYPES, check=False)
    numbers = count()

    def stored() -> None:
        again = load_site(parse_layers(text), TYPES, check=False)
        bind_site(1, again.site, ledger, FIELD_TYPES)

    def one_field(*, check: bool) -> None:
        key = f"x_bench_{next(numbers)}"  # another each time: nothing is known of it yet
        change = content.added_field(key, {"type": "text", "label": "新字段"})
        changes = expand_changes(parse_changes([change]), compiled.site)
        load_site(apply_changes(compiled.layers, changes), TYPES, compiled, check=check)

    cases = (
        ("compile of a stored version with its tables", stored),
        ("compile of one more field, checked", lambda: one_field(check=True)),
        ("compile of one more field, unchecked", lambda: one_field(check=False)),
    )
    floor = measure(lambda: json.loads(text), times=TIMES)
    for case, act in cases:
        ours = measure(act, times=TIMES, warm=2)
        yield Result(
            case=case, database="", value=ours.cpu, unit="ms CPU", wall=ours.wall,
            floor=floor.cpu, note=f"floor: json.loads of {len(text) // 1024} KB",
        )  # fmt: skip
