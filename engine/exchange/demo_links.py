"""Choosing what sample records belong to, so that filters of links and sums of parts hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from engine.exchange.demo_plan import SampleLink, SampleObject
from engine.records.evaluate import Check, Ground, compose_check
from engine.records.shape import Stored
from engine.storage.snapshot import BoundObject, Unit
from metadata.conditions import parse_condition

OFTEN = 0.7
"""How often a link is filled that may stay empty."""
TRIES = 8
ROUND = 100
WHOLE = 0.6
"""How often a part is all that is left of the whole."""


@dataclass(slots=True)
class Kin:
    """The sample records of one object that others may link to."""

    bound: BoundObject
    records: list[Stored] = field(default_factory=list)
    made: dict[int, datetime] = field(default_factory=dict)
    left: dict[tuple[str, int, str], int] = field(default_factory=dict)
    by_id: dict[int, Stored] = field(default_factory=dict)
    _by: dict[str, dict[Any, list[Stored]]] = field(default_factory=dict)

    def add(self, record: Stored, made: datetime) -> None:
        """Take a new record in."""
        self.records.append(record)
        self.made[record.id] = made
        self.by_id[record.id] = record
        self._by.clear()

    def where(self, key: str, value: Any) -> Sequence[Stored]:
        """Give the records whose field has a value."""
        if key not in self._by:
            found: dict[Any, list[Stored]] = {}
            for record in self.records:
                found.setdefault(record.values.get(key), []).append(record)
            self._by[key] = found
        return self._by[key].get(value, ())


Family = Mapping[str, Kin]


@dataclass(slots=True)
class Choice:
    """What one record belongs to: ``values``: link fields; ``kin``: the records behind them."""

    values: dict[str, Any]
    kin: dict[str, Stored]
    owner: int | None
    after: datetime | None


class Chooser:
    """Chooses links for the records of one object."""

    def __init__(self, unit: Unit, plan: SampleObject, family: Family, random: Random) -> None:
        """Prepare the checks of the links' filters."""
        self._unit = unit
        self._plan = plan
        self._family = family
        self._random = random
        self._checks: dict[str, Check] = {}
        for link in plan.links:
            node = parse_condition(link.field.definition.props.get("where"))
            if node is not None:
                target = unit.snapshot.object(link.target)
                self._checks[link.field.key] = compose_check(
                    unit.snapshot, target, node, plan.bound
                )

    def choose(self) -> Choice | None:
        """Choose for one record; None when something it needs is not there."""
        choice = Choice({}, {}, None, None)
        for link in self._plan.links:
            key, needed = link.field.key, link.field.definition.required
            if key in choice.values or (not needed and self._random.random() > OFTEN):
                continue
            found = self._find(link, choice.values)
            if found is not None and link.field.many:
                more = [self._find(link, choice.values) for _ in range(self._random.randrange(3))]
                ids = dict.fromkeys(one.id for one in (found, *more) if one is not None)
                choice.values[key] = list(ids)
            elif found is not None:
                self._take(link, found, choice)
            elif needed:
                return None
        return choice

    def part_of(self, choice: Choice, key: str, wanted: int) -> int | None:
        """Give an amount that is a part of the same amount of what the record belongs to.

        None when nothing is left of it; what was wanted when it belongs to nothing of the kind.
        """
        for link in self._plan.links:
            whole = choice.kin.get(link.field.key)
            if whole is None or not isinstance(whole.values.get(key), int):
                continue
            kin = self._family[link.target]
            place = (self._plan.bound.key, whole.id, key)  # each object shares it out anew
            left: int = kin.left.get(place, whole.values[key])
            if left <= 0:
                return None
            half = left // 2 // ROUND * ROUND
            part = left if self._random.random() < WHOLE or not half else half
            kin.left[place] = left - part
            return part
        return wanted

    def _find(self, link: SampleLink, values: Mapping[str, Any]) -> Stored | None:
        kin = self._family.get(link.target)
        if kin is None:
            return None
        known = [(there, values[here]) for there, here in link.pairs.items() if here in values]
        candidates = kin.where(*known[0]) if known else kin.records
        check = self._checks.get(link.field.key)
        for _ in range(min(TRIES, len(candidates))):
            record = self._random.choice(candidates)
            this = {**dict.fromkeys(self._plan.bound.fields), **values}
            for there, here in link.pairs.items():
                this.setdefault(here, None)
                if this[here] is None:
                    this[here] = record.whole.get(there)
            if check is None or check(Ground(self._unit, record.whole, this=this)):
                return record
        return None

    def _take(self, link: SampleLink, found: Stored, choice: Choice) -> None:
        choice.values[link.field.key] = found.id
        choice.kin[link.field.key] = found
        made = self._family[link.target].made[found.id]
        choice.after = made if choice.after is None else max(choice.after, made)
        choice.owner = choice.owner or found.owner
        for there, here in link.pairs.items():
            value = found.whole.get(there)
            if value is None or here in choice.values:
                continue
            choice.values[here] = value
            for link_here in self._plan.links:
                if link_here.field.key == here and value in self._family[link_here.target].by_id:
                    choice.kin[here] = self._family[link_here.target].by_id[value]
