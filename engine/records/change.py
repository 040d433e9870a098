"""Change a record: only what differs, only from the version that the caller saw.

A stale version is no conflict by itself: history tells which fields somebody else changed since,
and only a field that both sides changed stops the save.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError

from engine.access.roles import rights_of
from engine.errors import SaveConflict, VersionMissing
from engine.history.read import fields_changed_since
from engine.history.write import json_value, write_history
from engine.records.changes import changes_between
from engine.records.circles import check_circles, take_turn
from engine.records.company import check_company, settle_company
from engine.records.copies import copied
from engine.records.create_many import create_lines
from engine.records.derive import Touch, fill_changed, follow, together
from engine.records.files import settle_files
from engine.records.granting import check_granting
from engine.records.labels import Labels, label_in, labels_of, links_in
from engine.records.line_plans import refuse_alone
from engine.records.lines import JUDGED, Table, read_tables, summed, told
from engine.records.links import Linking, check_links
from engine.records.numbering import check_manual, numberings
from engine.records.outbox import tell
from engine.records.overriding import Hand, take_over
from engine.records.ownership import OWNER, department_of
from engine.records.prepare import settable_by
from engine.records.reach import require_reach
from engine.records.remove import drop
from engine.records.rules import check_states, settle
from engine.records.search_entry import change_entry
from engine.records.shape import Shape, Stored, load_live, shape_of
from engine.records.side_rows import change_side_rows
from engine.records.team import owner_came
from engine.records.uniqueness import add_conflicts, is_unique_violation
from engine.records.validate import check_record, parse_input, require_filled, validator_of
from engine.records.writing import USUAL, Faults, Writing, Written
from engine.storage.driven import Driven
from engine.storage.pipeline import sent_together
from engine.storage.snapshot import Unit


def change(
    unit: Unit,
    object_key: str,
    record_id: int,
    values: Mapping[str, Any],
    *,
    version: int | None,
    writing: Writing = USUAL,
) -> Written:
    """Change some fields of a record.

    Args:
        unit: the transaction; on an error its caller rolls it back.
        object_key: of which object.
        record_id: which record.
        values: field key -> raw value, of the fields to change alone.
        version: the version that the caller saw.
        writing: what a trusted caller may do more.

    Returns:
        The record's version now; without a difference nothing is written and it stays.

    Raises:
        RecordNotFound: no such record, or out of reach.
        Forbidden: it may be read but not changed.
        VersionMissing: no version given.
        SaveConflict: somebody else changed the same fields since.
        InvalidInput: every fault of the input.
    """
    if not writing.within_parent:
        rights_of(unit).require(object_key, writing.right)
        refuse_alone(unit, object_key)
    if version is None and not writing.unversioned:
        raise VersionMissing(object=object_key, id=record_id)
    shape = shape_of(unit, object_key)
    faults, doing = Faults(), writing.doing
    sets = dict(doing.sets) if doing is not None else {}
    take_turn(unit, shape, (*values, *sets))
    record = load_live(unit, shape, record_id)
    if not writing.within_parent:
        require_reach(unit, shape, record, writing.right)
    given = parse_input(unit, shape, values, writing, faults, record.values)
    given |= sets
    new = {**record.values, **given}
    _keep_owner(unit, shape, record, new, writing, faults)
    new.update(copied(unit, shape, given, record.values))
    settle(unit, shape, new, record.values, record.facts)
    new |= sets
    tables = read_tables(unit, shape, values, faults, record.id)
    tables = [table for table in tables if table.is_changed]
    new.update(summed(unit, tables))
    changed = _differing(unit, shape, record, new, writing, faults)
    changed += [one.plan.key for one in tables if one.plan.key not in changed]
    if version is not None and version != record.version:
        _check_stale(unit, shape, record, new, changed, version)
    derived: list[str] = []
    if changed:
        derived = _check(unit, shape, record, new, changed, writing, faults)
        changed += [key for key in derived if key in shape.following and key not in changed]
    if doing is not None:
        require_filled(unit, shape, {**record.facts, **new}, doing.requires, faults)
    faults.raise_any()
    if not changed:
        return Written(record.id, record.version)
    action = doing.told if doing is not None else "update"
    with together(unit) if tables else nullcontext():
        written = _write(unit, shape, record, new, (changed, derived), tables, action)
        fields = frozenset((*changed, *derived))
        follow(unit, [Touch(shape.key, {record.id: (record.values, new)}, fields)])
    return written


def _differing(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: dict[str, Any],
    writing: Writing,
    faults: Faults,
) -> list[str]:
    """Give the fields whose value somebody changes, and those that he sets by it."""
    if not writing.prepared:
        hand = Hand(new, record.values, record.facts)
        take_over(unit, shape, hand, faults, settable_by(unit, shape, writing))
    return [
        key
        for key, value in new.items()
        if value != record.values.get(key) and key not in shape.computed
    ]


def _write_lines(unit: Unit, record_id: int, tables: Sequence[Table]) -> None:
    for table in tables:
        plan = table.plan
        child = shape_of(unit, plan.child)
        if table.gone:
            drop(unit, child, table.gone)
        for line in table.lines:
            if line.old is not None and line.is_changed:
                change(unit, plan.child, line.old.id, line.new, version=None, writing=JUDGED)
    create_lines(unit, [(record_id, tables)])


def _check(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: dict[str, Any],
    changed: Sequence[str],
    writing: Writing,
    faults: Faults,
) -> list[str]:
    """Judge the record as it would be; gives the computed fields that differ then."""
    touched = {key: new[key] for key in changed}
    check_granting(unit, validator_of(unit, shape).roles, touched, record.values, faults)
    check_manual(unit, shape, touched, faults)
    for numbering in numberings(unit, shape):
        if numbering.field.key in touched and touched[numbering.field.key] is None:
            faults.add(numbering.field.key, "required")
    linking = Linking({**record.facts, **new}, changed, record.values)
    check_links(unit, shape, linking, writing, faults)
    check_circles(unit, shape, record.id, new, changed, faults)
    check_company(unit, shape, record, new, changed, faults)
    derived = fill_changed(unit, shape, record, new, changed)
    whole = {**record.facts, **new}
    if not writing.system_fields:
        free = writing.doing.writes if writing.doing is not None else frozenset()
        check_states(unit, shape, whole, {**record.facts, **record.values}, faults, free)
    check_record(unit, shape, whole, faults, [*changed, *derived])
    if shape.shadows.keys() & touched.keys():
        add_conflicts(unit, shape, touched, faults, but=record.id)
    return derived


def _keep_owner(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: dict[str, Any],
    writing: Writing,
    faults: Faults,
) -> None:
    """Refuse a plain change of the owner; a trusted one moves the department with it."""
    if OWNER not in shape.fields or new.get(OWNER) == record.owner:
        return
    if not writing.system_fields:
        faults.add(OWNER, "by_action_only")
        new[OWNER] = record.owner
        return
    new["former_owner"] = record.owner
    new["owner_department"] = department_of(unit, new[OWNER])
    new["received_at"] = unit.context.now
    new["received_via"] = writing.via


def _check_stale(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: Mapping[str, Any],
    changed: Sequence[str],
    version: int,
) -> None:
    """Let a save on an old version through only where nobody else changed the same fields."""
    theirs = fields_changed_since(unit, shape.bound, record.id, version)
    both = [key for key in changed if shape.fields[key].id in theirs or version > record.version]
    if not both:
        return
    seen = {key: _seen(shape, key, record.values[key], theirs) for key in both}
    named = {key: value for key, value in seen.items() if shape.fields[key].type.labelled}
    labels = labels_of(unit, links_in(shape, [record.values, new, named]))
    raise SaveConflict(
        version=record.version,
        theirs={key: _shown(shape, labels, key, record.values[key]) for key in both},
        mine={key: _shown(shape, labels, key, new[key]) for key in both},
        base={**seen, **{key: _shown(shape, labels, key, named[key]) for key in named}},
    )


def _seen(shape: Shape, key: str, stored: Any, since: Mapping[int, Any]) -> Any:
    """Give the value that a field had before it was changed: in API form, of links as stored."""
    field = shape.fields[key]
    kept = since[field.id] if field.id in since else json_value(field, stored)
    if kept is None or not field.type.labelled:
        return kept
    return field.type.parse(kept, field.definition)


def _shown(shape: Shape, labels: Labels, key: str, stored: Any) -> Any:
    field = shape.fields[key]
    value = label_in(shape, labels, key, stored) if field.type.labelled else stored
    return field.type.api(value, field.definition)


def _write(
    unit: Unit,
    shape: Shape,
    record: Stored,
    new: Mapping[str, Any],
    keys: tuple[Sequence[str], Sequence[str]],
    tables: Sequence[Table],
    action: str,
) -> Written:
    """Write what changed and what was derived from it, the two of ``keys``, with its history."""
    changed, derived = keys
    version = record.version + 1
    touched = {key: new[key] for key in changed}
    _update(unit, shape, record, {**touched, **{key: new[key] for key in derived}})
    labels = labels_of(
        unit, links_in(shape, [touched, {key: record.values.get(key) for key in changed}])
    )
    changes = changes_between(unit, shape, record.values, new, changed, labels)
    changes = told(unit, shape, changes, tables)
    settle_files(unit, shape, record.id, touched, record.values)
    change_side_rows(unit, shape, record.id, touched)
    settle_company(unit, shape, record, new, changed)
    with sent_together(unit.connection):
        change_entry(unit, shape, record.id, new, [*changed, *derived])
        write_history(unit, shape.bound, record.id, action, version, changes)
        tell(unit, shape, "record.updated", record.id, version, changes)
    if OWNER in touched:
        owner_came(unit, shape, record.id, new[OWNER])
    _write_lines(unit, record.id, tables)
    return Written(record.id, version, changes)


def _update(unit: Unit, shape: Shape, record: Stored, touched: Mapping[str, Any]) -> None:
    row = shape.parameters(touched)
    row["version"] = record.version + 1
    row["updated_at"] = unit.context.now
    row["updated_by_id"] = unit.context.actor.user_id
    row["at_id"] = record.id
    row["at_version"] = record.version
    if not shape.shadows.keys() & touched.keys():
        count = _updated(unit, shape, row)
    else:
        count = _update_unique(unit, shape, record, touched, row)
    if count != 1:
        raise SaveConflict(version=record.version, theirs={}, mine={})


def _updated(unit: Unit, shape: Shape, row: Mapping[str, Any]) -> int:
    """Update by the statement for just these columns; tells how many rows it met."""
    columns = tuple(row)
    statement = unit.snapshot.once(
        ("update", shape.key, columns),
        lambda: Driven(shape.update.values({key: bindparam(key) for key in columns[:-2]})),
    )
    return statement.count(unit.connection, row)


def _update_unique(
    unit: Unit,
    shape: Shape,
    record: Stored,
    touched: Mapping[str, Any],
    row: Mapping[str, Any],
) -> int:
    """Update inside a savepoint: the index may refuse what nobody had a moment ago."""
    try:
        with unit.connection.begin_nested():
            return _updated(unit, shape, row)
    except IntegrityError as error:
        if error.orig is None or not is_unique_violation(error.orig):
            raise
    faults = Faults()
    add_conflicts(unit, shape, touched, faults, but=record.id)
    for key in shape.shadows.keys() & touched.keys():
        if not faults.found:
            faults.add(key, "not_unique")
    faults.raise_any()
    return 0
