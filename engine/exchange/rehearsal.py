"""Trying an import out: every chunk is written and undone, and the next one knows of it anyway.

A chunk that was undone is missed by later ones only where they share a value that tells records
apart: the one matched by, or one of a unique field, taken or given up. Rows with such values are
few; what became of them is remembered and played again before the chunk that meets them, so that
trying out gives the same answers as doing it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.exchange.cells import Line, raw_values
from engine.exchange.chunk import Result
from engine.exchange.matching import unique_value
from engine.exchange.order import Order
from engine.exchange.record_rows import Group, RecordRows
from engine.records.change_many import change_many
from engine.records.create_many import MOST_ROWS, create_many
from engine.records.writing import Writing
from engine.storage.snapshot import BoundField, BoundObject, Unit
from engine.storage.tables import unique_column

Key = tuple[str, Hashable]


@dataclass(slots=True)
class Remembered:
    """A record as earlier rows left it; ``id`` None: one of them made it."""

    id: int | None
    values: dict[str, Any]


class Rehearsal:
    """What the undone chunks of one import would have left behind."""

    def __init__(self, bound: BoundObject, order: Order) -> None:
        """Remember nothing yet."""
        self._bound = bound
        self._order = order
        keys = [key for key in dict.fromkeys([order.match, *order.columns]) if key in bound.fields]
        self._telling: list[BoundField] = [
            bound.fields[key]
            for key in keys
            if key == order.match or unique_column(bound.fields[key]) is not None
        ]
        self._repeated: frozenset[int] = frozenset()
        self._records: list[Remembered] = []
        self._places: dict[Key, int] = {}
        self._played: dict[int, int] = {}  # id of this chunk -> place

    def survey(self, groups: Iterable[Group], rows: RecordRows) -> int:
        """Walk the whole file once for the values that come again; gives the number of rows."""
        counted: Counter[int] = Counter()
        total = 0
        for group in groups:
            total += len(group)
            counted.update(hash(key) for key in self._keys(rows.cells.read(group[0]).values))
        self._repeated = frozenset(key for key, count in counted.items() if count > 1)
        return total

    def play(self, unit: Unit, lines: Sequence[Line]) -> None:
        """Do again what earlier chunks did to the records that these lines may mean."""
        self._played = {}
        places = {
            self._places[key]
            for line in lines
            for key in self._keys(line.values)
            if key in self._places
        }
        ordered = sorted(places)
        writing = Writing(owner=self._order.owner, via="imported", unversioned=True)
        made = [place for place in ordered if self._records[place].id is None]
        for first in range(0, len(made), MOST_ROWS):
            part = made[first : first + MOST_ROWS]
            rows = [raw_values(self._bound, self._records[place].values) for place in part]
            outcomes = create_many(unit, self._bound.key, rows, writing=writing)
            for place, outcome in zip(part, outcomes, strict=True):
                if outcome.id is not None:
                    self._played[outcome.id] = place
        for place in ordered:
            record = self._records[place]
            if record.id is not None:
                self._played[record.id] = place
                values = raw_values(self._bound, record.values)
                change_many(unit, self._bound.key, [(record.id, values)], writing=writing)

    def remember(self, results: Iterable[Result]) -> None:
        """Keep what a chunk did, as far as later ones may meet it."""
        for result in results:
            if result.became not in {"created", "updated"}:
                continue
            keys = [key for key in self._keys(result.line.values) if hash(key) in self._repeated]
            keys += self._keys(result.before)  # what an update gave up is free for later rows
            if keys:
                self._keep(result, keys)

    def _keep(self, result: Result, keys: Sequence[Key]) -> None:
        place = self._played.get(result.record)
        if place is None:
            place = len(self._records)
            known = None if result.became == "created" else result.record
            self._records.append(Remembered(known, {}))
            self._played[result.record] = place
        self._records[place].values.update(result.line.values)
        for key in keys:
            self._places[key] = place

    def _keys(self, values: Mapping[str, Any]) -> list[Key]:
        return [
            (field.key, value)
            for field in self._telling
            if (value := unique_value(field, values.get(field.key))) is not None
        ]
