"""Lines of a record: read and judged with it, written in its transaction, told in its history.

Here stands what a table means: which lines are new, which changed, which are gone, and in which
order they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from engine.errors import FieldError
from engine.history.write import FieldChange, shown_text
from engine.records.copies import copied
from engine.records.derive import fill_changed
from engine.records.labels import label_in, labels_of, links_in
from engine.records.line_plans import LinePlan, line_plans
from engine.records.line_sums import sums_of
from engine.records.links import Linking, check_links, targets_of
from engine.records.overriding import Hand, take_over
from engine.records.prepare import complete, prepare, settable_by
from engine.records.pricing import settle_price
from engine.records.rules import settle
from engine.records.shape import Shape, Stored, run, shape_of
from engine.records.validate import check_record, editable, parse_input, validator_of
from engine.records.writing import Faults, Writing
from engine.storage.snapshot import Unit

TYPED = Writing(within_parent=True)
"""Lines as somebody typed them."""
JUDGED = Writing(
    system_fields=True,
    parsed=True,
    prepared=True,
    within_parent=True,
    unversioned=True,
    check_links=False,
)
"""Lines that were judged with their record."""
BESIDE = frozenset({"id", "version"})


@dataclass(slots=True)
class Line:
    """A line as it shall be; ``old`` is None for a new one."""

    new: dict[str, Any]
    old: Stored | None = None

    @property
    def is_changed(self) -> bool:
        """Tell whether a save writes it."""
        return self.old is None or any(
            value != self.old.values.get(key) for key, value in self.new.items()
        )


@dataclass(slots=True)
class Table:
    """What one save makes of the lines in one field."""

    plan: LinePlan
    lines: list[Line] = field(default_factory=list)
    gone: list[Stored] = field(default_factory=list)
    before: list[Stored] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.gone) or any(line.is_changed for line in self.lines)


def read_tables(
    unit: Unit,
    shape: Shape,
    values: Mapping[str, Any],
    faults: Faults,
    record_id: int | None = None,
) -> list[Table]:
    """Read and judge the tables among the values of a record.

    Args:
        unit: the transaction.
        shape: the object of the record.
        values: its raw values.
        faults: gets what is wrong with a line as ``<field>/<row>/<field of the line>``.
        record_id: the record; None for a new one.
    """
    tables = []
    for plan in line_plans(unit.snapshot, shape.key):
        raw = values.get(plan.key)
        if plan.key not in values or faults.has(plan.key):
            continue
        if not isinstance(raw, list | tuple):
            if raw not in (None, ""):
                faults.add(plan.key, "not_a_list")
                continue
            raw = ()
        tables.append(_read(unit, plan, raw, faults, record_id))
    return tables


def summed(unit: Unit, tables: Sequence[Table]) -> dict[str, Any]:
    """Give the roll-ups of a record over the lines that are saved with it."""
    found: dict[str, Any] = {}
    for table in tables:
        found |= sums_of(unit, table.plan, [line.new for line in table.lines])
    return found


def children(
    unit: Unit, plan: LinePlan, record_ids: Sequence[int], *, hold: bool = True
) -> list[Stored]:
    """Give the live lines of records, in their order; ``hold`` them until the transaction ends."""
    shape = shape_of(unit, plan.child)
    statement = unit.snapshot.once(
        ("lines of", plan.child, plan.link, hold), lambda: _children(shape, plan, hold=hold)
    )
    return [shape.stored(row) for row in run(unit, statement, {"at_ids": list(record_ids)})]


def told(
    unit: Unit, shape: Shape, changes: Sequence[FieldChange], tables: Sequence[Table]
) -> list[FieldChange]:
    """Let the changes of a record say which of its lines came, went and became different."""
    texts = {}
    for table in tables:
        number = shape.fields[table.plan.key].id
        before = _texts(unit, table, [old.values for old in table.before])
        after = _texts(unit, table, [line.new for line in table.lines])
        both = set(before) & set(after) if set(before) != set(after) else set()
        texts[number] = (
            "\n".join(text for text in before if text not in both),
            "\n".join(text for text in after if text not in both),
        )
    return [
        one._replace(old_text=texts[one.field_id][0], new_text=texts[one.field_id][1])
        if one.field_id in texts
        else one
        for one in changes
    ]


def _children(shape: Shape, plan: LinePlan, *, hold: bool) -> Any:
    table = shape.table
    order = [table.c.id]
    if plan.order:
        order.insert(0, shape.fields[plan.order].column)
    link = shape.fields[plan.link].column
    found = (
        select(*shape.columns)
        .where(link.in_(bindparam("at_ids", expanding=True)), table.c.deleted_at.is_(None))
        .order_by(link, *order)
    )
    return found.with_for_update() if hold else found


def _read(
    unit: Unit,
    plan: LinePlan,
    rows: Sequence[Mapping[str, Any]],
    faults: Faults,
    record_id: int | None,
) -> Table:
    before = children(unit, plan, [record_id]) if record_id is not None else []
    known = {old.id: old for old in before}
    table = Table(plan, before=before)
    judged: list[tuple[int, Faults]] = []
    for at, row in enumerate(rows):
        number = _number(row.get("id"))
        if number is not None and number not in known:
            faults.add(f"{plan.key}/{at}", "no_such_line")
            continue
        own = Faults()
        values = {key: raw for key, raw in row.items() if key not in BESIDE}
        old = None if number is None else known.pop(number)
        new = _changed(unit, plan, values, old, own) if old else _new(unit, plan, values, own)
        if plan.order:
            new[plan.order] = at + 1
        table.lines.append(Line(new, old))
        judged.append((at, own))
    _check_links(unit, plan, table.lines, [own for _, own in judged])
    for at, own in judged:
        faults.found += [_placed(plan.key, at, fault) for fault in own.found]
    table.gone = list(known.values())
    return table


def _check_links(
    unit: Unit, plan: LinePlan, lines: Sequence[Line], faults: Sequence[Faults]
) -> None:
    """Check what the lines link to; their targets are read together."""
    shape = shape_of(unit, plan.child)
    linkings = []
    for line in lines:
        held = line.old.values if line.old else {}
        keys = [one for one in shape.links if one != plan.link and line.new[one] != held.get(one)]
        facts = line.old.facts if line.old else {}
        linkings.append(Linking({**facts, **line.new}, keys, held))
    targets = targets_of(unit, shape, linkings)
    for linking, own in zip(linkings, faults, strict=True):
        check_links(unit, shape, linking, TYPED, own, targets)


def _number(raw: Any) -> int | None:
    if raw in (None, ""):
        return None
    if isinstance(raw, str) and raw.isascii() and raw.isdigit():
        return int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else -1


def _new(unit: Unit, plan: LinePlan, values: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    shape = shape_of(unit, plan.child)
    new = prepare(unit, shape, values, TYPED, faults)
    if plan.pricing:
        given = {key for key in values if new.get(key) is not None}
        settle_price(shape.bound, plan.pricing, new, given | {plan.pricing["list"]})
    complete(unit, shape, new, TYPED, faults)
    faults.found = [fault for fault in faults.found if fault.field != plan.link]
    return new


def _changed(
    unit: Unit, plan: LinePlan, values: Mapping[str, Any], old: Stored, faults: Faults
) -> dict[str, Any]:
    shape = shape_of(unit, plan.child)
    values = _without_facts(unit, shape, plan, values, old)
    given = parse_input(unit, shape, values, TYPED, faults, old.values)
    new = {**old.values, **given}
    brought = copied(unit, shape, given, old.values)
    new.update(brought)
    if plan.pricing:
        now = {key for key in (*given, *brought) if new[key] != old.values.get(key)}
        settle_price(shape.bound, plan.pricing, new, now)
    settle(unit, shape, new, old.values, old.facts)
    hand = Hand(new, old.values, old.facts)
    take_over(unit, shape, hand, faults, settable_by(unit, shape, TYPED))
    changed = [key for key, value in new.items() if value != old.values.get(key)]
    if changed:
        changed += fill_changed(unit, shape, old, new, changed)
        check_record(unit, shape, {**old.facts, **new}, faults, changed)
    return new


def _without_facts(
    unit: Unit, shape: Shape, plan: LinePlan, values: Mapping[str, Any], old: Stored
) -> dict[str, Any]:
    """Leave out what nobody sets: somebody who sends back what he read changes nothing by it."""
    fixed = validator_of(unit, shape).readonly | {plan.link}
    fixed |= shape.fields.keys() - editable(unit, shape)
    return {
        key: raw
        for key, raw in values.items()
        if key not in fixed or not _is_same(shape, key, raw, old.values.get(key))
    }


def _is_same(shape: Shape, key: str, raw: Any, stored: Any) -> bool:
    one = shape.fields[key]
    if one.type.labelled:
        return bool((raw.get("id") if isinstance(raw, Mapping) else raw) == stored)
    return bool(raw == (None if stored is None else one.type.api(stored, one.definition)))


def _placed(key: str, at: int, fault: FieldError) -> FieldError:
    place = f"{key}/{at}/{fault.field}" if fault.field else f"{key}/{at}"
    return FieldError(place, fault.code, fault.params)


def _texts(unit: Unit, table: Table, lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say each line in one text: what it is, then what else was typed."""
    plan = table.plan
    shape = shape_of(unit, plan.child)
    labels = labels_of(unit, links_in(shape, lines))
    name = shape.bound.name.key
    keys = [name] + [
        key
        for key, one in shape.fields.items()
        if key not in (name, plan.link, plan.order)
        and not one.definition.readonly
        and not one.definition.system
    ]
    return [
        " · ".join(
            shown
            for key in keys
            if line.get(key) is not None
            and (
                shown := shown_text(
                    unit, shape.fields[key], line[key], label_in(shape, labels, key, line[key])
                )
            )
        )
        for line in lines
    ]
