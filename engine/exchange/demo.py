"""A sample organisation with records of a lived-in look, repeatable by seed, marked, removable.

What is made is marked in the same transaction, so that even a run that was cut off can be
removed again. History says when samples were made, not when they pretend to be from.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.access.absent import insert_or_replace
from engine.access.actors import ACTIVE, DISABLED
from engine.access.scope import USER
from engine.context import SYSTEM, Context, Locale
from engine.derived.following import followers
from engine.errors import InvalidInput
from engine.exchange.demo_files import SampleFiles
from engine.exchange.demo_lines import sample_lines
from engine.exchange.demo_links import Choice, Chooser, Kin
from engine.exchange.demo_people import TRUSTED, hire
from engine.exchange.demo_plan import (
    PLATFORM,
    SampleObject,
    main_object,
    plan_samples,
    roles_of_samples,
)
from engine.exchange.demo_values import Moment, sample_values, stands_alone
from engine.exchange.preview import add_ranges, numbers_in
from engine.files.content import ContentStore
from engine.publish.live import LiveSite
from engine.query.members import ABILITY as TEAM
from engine.query.predicate import Level
from engine.records.change import change
from engine.records.create_many import create_many
from engine.records.outcome import Outcome
from engine.records.ownership import OWNER
from engine.records.purge import purge
from engine.records.remove import remove
from engine.records.shape import load_all, shape_of
from engine.records.team import Place, put_member
from engine.storage.kernel_tables import setting
from engine.storage.snapshot import BoundObject, Unit
from metadata.errors import PlatformError

MARK = "demo.records"
ROWS = 250
DAYS = 730
"""Samples spread over two years."""
WORK_BEGINS, WORK_ENDS = 9, 18
TRIES = 3
SHARED = 0.12
"""Share of the records with a team that have one."""

LEVELS: Sequence[Level] = ("read", "write")

Step = Callable[[str, int], None]
"""Told an object's key and how many records of it were just made."""


class DemoRefused(PlatformError):
    """The database holds records that are no samples."""

    code = "demo_refused"
    status = 409


class DemoThere(PlatformError):
    """Samples were made before."""

    code = "demo_there"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrder:
    """What to make: so many records of the main object, and so many people."""

    records: int = 2000
    users: int = 12
    seed: int = 1
    force: bool = False
    departments: Sequence[str] = ()


def make_demo(
    live: LiveSite,
    order: DemoOrder,
    locale: Locale,
    step: Step | None = None,
    store: ContentStore | None = None,
) -> dict[str, int]:
    """Make samples; gives object -> number of records. Without a store they have no files.

    Raises:
        DemoThere: there are samples already.
        DemoRefused: there are real records, and it was not forced.
        DemoNothing: no object could get any.
    """
    return _Demo(live, order, locale, step or (lambda _key, _count: None), store).run()


def remove_demo(live: LiveSite, locale: Locale) -> int:
    """Remove all samples for good, but those that real records need; gives how many went.

    People are never deleted: theirs are the accounts that stay, disabled, for the next samples.
    """
    context = Context(actor=SYSTEM, now=live.clock(), locale=locale)
    gone = 0
    with live.read(context) as unit:
        marked = read_mark(unit)
    for key in reversed(list(marked)):
        left: list[int] = []
        ids = numbers_in(marked[key])
        for first in range(0, len(ids), ROWS):
            with live.write(context) as unit:
                kept = _remove_part(unit, key, ids[first : first + ROWS])
                if key == USER:
                    _set_state(unit, kept, DISABLED)
                left += kept
                gone += len(ids[first : first + ROWS]) - len(kept)
                rest = add_ranges([], [*left, *ids[first + ROWS :]])
                _write_mark(unit, {**read_mark(unit), key: rest})
    return gone


def read_mark(unit: Unit) -> dict[str, list[list[int]]]:
    """Give what is marked as samples: object -> ranges of ids, in the order they were made."""
    found = unit.connection.scalar(select(setting.c.value).where(setting.c.key == MARK))
    return {key: ranges for key, ranges in (found or {}).items() if ranges}


def has_demo(live: LiveSite) -> bool:
    """Tell whether there are samples."""
    with live.read(Context(actor=SYSTEM, now=live.clock())) as unit:
        return bool(read_mark(unit).keys() - PLATFORM)


class _Demo:
    """One run of the generator."""

    def __init__(
        self,
        live: LiveSite,
        order: DemoOrder,
        locale: Locale,
        step: Step,
        store: ContentStore | None,
    ) -> None:
        self._live = live
        self._order = order
        self._step = step
        self._random = self._dice(USER)
        self._context = Context(actor=SYSTEM, now=live.clock(), locale=locale)
        self._family: dict[str, Kin] = {}
        self._made: dict[str, int] = {}
        self._owners: list[int] = []
        self._files = SampleFiles(live, self._context, store) if store else None

    def _dice(self, key: str) -> Random:
        """Give each object its own luck: one that is left out changes nothing for the others."""
        return Random(f"{self._order.seed} {key}")  # noqa: S311 - samples, no secrets

    def run(self) -> dict[str, int]:
        """Make everything; gives object -> number of records."""
        with self._live.write(self._context) as unit:
            plans = plan_samples(unit, self._order.records)
            self._refuse(unit, plans)
            self._people(unit, plans)
        start = 0
        for plan in plans:  # no two objects share a row number: what is made of it differs too
            self._random = self._dice(plan.bound.key)
            if self._files is not None:
                self._files.prepare(plan.bound)
            for first in range(start, start + plan.count, ROWS):
                rows = range(first, min(first + ROWS, start + plan.count))
                with self._live.write(self._context) as unit:
                    self._fill(unit, plan, rows)
            start += plan.count
        return self._made

    def _refuse(self, unit: Unit, plans: Iterable[SampleObject]) -> None:
        if read_mark(unit).keys() - PLATFORM:
            raise DemoThere
        seeded = {key for pack in unit.snapshot.site.packs.values() for key in pack.seeds}
        for plan in plans:
            table = plan.bound.table
            found = unit.connection.execute(select(table.c.id).limit(1)).first()
            if found is not None and not self._order.force and plan.bound.key not in seeded:
                raise DemoRefused

    def _people(self, unit: Unit, plans: Sequence[SampleObject]) -> None:
        """Hire people into departments; each works with the main object by some role."""
        main = main_object(unit.snapshot, [plan.bound.key for plan in plans])
        roles = roles_of_samples(unit, main)
        hired = numbers_in(read_mark(unit).get(USER, []))
        if hired:  # by samples that were removed
            _set_state(unit, hired, ACTIVE)
            self._owners = hired
            return
        names = list(self._order.departments)
        if not roles or not self._order.users or not names:
            return
        bound = unit.snapshot.object(USER)
        rows, seen = [], set[str]()
        for row in range(self._order.users):
            values = self._values(bound, row, self._context.now)
            while values[bound.name.key] in seen:
                values = self._values(bound, row, self._context.now)
            seen.add(values[bound.name.key])
            rows.append(values)

        def create(of: BoundObject, found: Sequence[Mapping[str, Any]]) -> list[int]:
            return self._create(unit, of, found)

        self._owners = hire(unit, rows, names, roles, create)

    def _fill(self, unit: Unit, plan: SampleObject, rows: range) -> None:
        chooser = Chooser(unit, plan, self._family, self._random)
        made: list[datetime] = []
        values: list[dict[str, Any]] = []
        for row in rows:
            for _ in range(TRIES):
                found = self._record(plan, chooser, row)
                if found is not None:
                    made.append(found[0])
                    values.append(found[1])
                    break
        for each in values:
            lines = sample_lines(unit, plan.bound, self._random)
            if lines:  # what they come to is what the record says
                for one in followers(unit.snapshot, plan.bound):
                    each.pop(one.key, None)
            each.update(lines)
        if self._files is not None:
            for each in values:
                each.update(self._files.values(unit, plan.bound, self._random))
        ids = self._create(unit, plan.bound, values, made)
        self._share(unit, plan.bound, ids)

    def _share(self, unit: Unit, bound: BoundObject, ids: Sequence[int]) -> None:
        """Let some records be looked after by two."""
        if not bound.definition.has(TEAM):
            return
        kin = self._family[bound.key]
        for one in ids:
            others = [user for user in self._owners if user != kin.by_id[one].owner]
            if others and self._random.random() < SHARED:
                level = self._random.choice(LEVELS)
                place = Place(user=self._random.choice(others), level=level)
                put_member(unit, bound.key, one, place)

    def _record(
        self, plan: SampleObject, chooser: Chooser, row: int
    ) -> tuple[datetime, dict[str, Any]] | None:
        choice = chooser.choose()
        if choice is None:
            return None
        made = self._moment(choice.after)
        bound = plan.bound
        values = {**self._values(bound, row, made), **choice.values}
        for key in list(values):
            field = bound.fields[key]
            if field.type.key != "money":
                continue
            wanted = field.type.parse(values[key], field.definition)
            part = chooser.part_of(choice, key, wanted)
            if part is None:
                return None
            values[key] = field.type.api(part, field.definition)
        self._name(bound, choice, values)
        for field in bound.fields.values():
            if field.type.key == "users" and not field.definition.readonly and self._owners:
                most = min(2, len(self._owners))
                values[field.key] = self._random.sample(
                    self._owners, self._random.randint(0, most)
                )
        self._point_anywhere(bound, values)
        if OWNER in bound.fields and self._owners:
            values[OWNER] = choice.owner or self._random.choice(self._owners)
            values["received_at"] = made
        return made, values

    def _point_anywhere(self, bound: BoundObject, values: dict[str, Any]) -> None:
        """Fill links to any of several objects with a sample that is there by now."""
        for field in bound.fields.values():
            objects = field.type.objects(field.definition)
            if not field.named_late or field.many or field.definition.readonly:
                continue
            there = [key for key in objects if key in self._family]
            if there:
                kind = self._random.choice(there)
                record = self._random.choice(self._family[kind].records)
                values[field.key] = {"object": kind, "id": record.id}

    def _values(self, bound: BoundObject, row: int, made: datetime) -> dict[str, Any]:
        locale = self._context.locale
        moment = Moment(self._random, locale, self._context.now, made, row)
        return sample_values(bound, moment)

    def _name(self, bound: BoundObject, choice: Choice, values: dict[str, Any]) -> None:
        """Let a name that means nothing alone begin with the name of what it belongs to."""
        if stands_alone(bound) or not choice.kin:
            return
        record = list(choice.kin.values())[-1]
        above = next(k for k in self._family.values() if k.by_id.get(record.id) is record)
        if stands_alone(above.bound):
            name = record.values.get(above.bound.name.key)
            values[bound.name.key] = f"{name}-{values[bound.name.key]}"

    def _moment(self, after: datetime | None) -> datetime:
        """Give a moment of a working day, after another one, never to come."""
        now = self._context.now
        begin = after or now - timedelta(days=DAYS)
        share = self._random.random() ** 2 if after else self._random.random()
        local = (begin + (now - begin) * share).astimezone(self._context.locale.zone)
        minute = self._random.randint(WORK_BEGINS * 60, WORK_ENDS * 60 - 1)
        worked = local.replace(hour=minute // 60, minute=minute % 60, microsecond=0)
        return min(max(worked, begin), now)

    def _create(
        self,
        unit: Unit,
        bound: BoundObject,
        rows: Sequence[Mapping[str, Any]],
        made: Sequence[datetime] = (),
    ) -> list[int]:
        ids: list[int] = []
        for first in range(0, len(rows), ROWS):
            part = rows[first : first + ROWS]
            outcomes = create_many(unit, bound.key, part, writing=TRUSTED)
            outcomes = _second_try(unit, bound, part, outcomes)
            good = [at for at, outcome in enumerate(outcomes) if outcome.id is not None]
            found = [int(outcomes[at].id or 0) for at in good]
            if made:
                self._date(unit, bound, found, [made[first + at] for at in good])
            ids += found
        mark = read_mark(unit)
        mark[bound.key] = add_ranges(mark.get(bound.key, []), ids)
        _write_mark(unit, mark)
        self._made[bound.key] = self._made.get(bound.key, 0) + len(ids)
        self._step(bound.key, len(ids))
        return ids

    def _date(
        self, unit: Unit, bound: BoundObject, ids: Sequence[int], made: Sequence[datetime]
    ) -> None:
        """Give records the day they pretend to be from, and let others link to them."""
        if not ids:
            return
        shape = shape_of(unit, bound.key)
        kin = self._family.setdefault(bound.key, Kin(bound))
        at = dict(zip(ids, made, strict=True))
        records = load_all(unit, shape, list(ids))
        for record in records:
            kin.add(record, at[record.id])
        table = bound.table
        statement = (
            update(table)
            .where(table.c.id == bindparam("one"))
            .values(
                created_at=bindparam("day"),
                updated_at=bindparam("day"),
                created_by_id=bindparam("who"),
                updated_by_id=bindparam("who"),
            )
        )
        rows = [{"one": r.id, "day": at[r.id], "who": r.owner} for r in records]
        unit.connection.execute(statement, rows)


def _second_try(
    unit: Unit,
    bound: BoundObject,
    rows: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Outcome],
) -> list[Outcome]:
    """Make refused records again without what was wrong, where it may be left out."""
    again = {}
    for at, outcome in enumerate(outcomes):
        if isinstance(outcome.error, InvalidInput):
            wrong = {error.field for error in outcome.error.errors}
            required = {key for key, f in bound.fields.items() if f.definition.required}
            if not wrong & required and "" not in wrong:
                again[at] = {key: v for key, v in rows[at].items() if key not in wrong}
    final = list(outcomes)
    if again:
        retried = create_many(unit, bound.key, list(again.values()), writing=TRUSTED)
        for at, outcome in zip(again, retried, strict=True):
            final[at] = outcome
    return final


def _remove_part(unit: Unit, key: str, ids: Sequence[int]) -> list[int]:
    """Remove some samples; gives those that are still needed."""
    if key not in unit.snapshot.objects:
        return []
    kept = []
    shape = shape_of(unit, key)
    for record in load_all(unit, shape, ids):
        try:
            with unit.connection.begin_nested():
                if not record.deleted:
                    remove(unit, key, record.id)
                purge(unit, key, record.id)
        except PlatformError:
            kept.append(record.id)
    return kept


def _set_state(unit: Unit, users: Iterable[int], state: str) -> None:
    for user_id in users:
        change(unit, USER, user_id, {"state": state}, version=None, writing=TRUSTED)


def _write_mark(unit: Unit, mark: Mapping[str, list[list[int]]]) -> None:
    values = {"key": MARK, "value": {key: ranges for key, ranges in mark.items() if ranges}}
    insert_or_replace(unit.connection, setting, values)
