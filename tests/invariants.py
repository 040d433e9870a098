"""One judge of a database: what must hold whatever was done to it, or was interrupted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, column, insert, select, table
from sqlalchemy.exc import DatabaseError

from engine.context import COMPANY_ZONE, SYSTEM, Context, system_clock
from engine.derived.graph import graph_of
from engine.derived.recompute import recompute
from engine.fields import numbering as rules
from engine.history.write import TEAM, json_value
from engine.query.search_terms import searched_fields
from engine.records.line_plans import line_plans
from engine.records.lines import children
from engine.records.search_entry import search_row
from engine.records.shape import Shape, Stored, shape_of
from engine.storage.kernel_tables import history, number, recomputing, search
from engine.storage.search_index import INDEX
from engine.storage.snapshot import BoundField, Snapshot, Unit
from metadata.catalog import BESIDE
from metadata.computed import overridden

VERB_OF_FIRST_ENTRY = "create"


def check_all(
    connection: Connection, snapshot: Snapshot, *, typed: frozenset[str] = frozenset()
) -> None:
    """Judge the whole database.

    Args:
        connection: a transaction.
        snapshot: the metadata version that is served.
        typed: numbers that somebody typed by hand: no counter answers for them.
    """
    unit = Unit(Context(actor=SYSTEM, now=system_clock()), connection, snapshot)
    problems = [problem for key in snapshot.objects for problem in _object(unit, key)]
    problems += _counters(unit, typed) + _full_text(unit)
    assert not problems, "\n".join(problems)


def _object(unit: Unit, key: str) -> Iterator[str]:
    shape = shape_of(unit, key)
    rows = [shape.stored(row) for row in unit.connection.execute(select(*shape.columns))]
    records = {record.id: record for record in rows}
    for check in (_history, _lines, _side_rows, _shadows, _links, _search, _computed):
        for problem in check(unit, shape, records):
            yield f"{key}: {problem}"


def _history(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    """Replay every entry: each starts from what the one before it left."""
    entries = unit.connection.execute(
        select(history).where(history.c.object_id == shape.bound.id).order_by(history.c.id)
    )
    following = {shape.fields[key].id for key in shape.following}
    state: dict[int, dict[int, Any]] = {}
    versions: dict[int, int] = {}
    for entry in entries:
        known = state.setdefault(entry.record_id, {})
        before = versions.get(entry.record_id, 0)
        if before and any(change[0] == TEAM for change in entry.changes):
            if entry.version != before:
                yield f"{entry.record_id}: {entry.action} gives {entry.version} at {before}"
            continue  # who is in a team raises no version; each person's place has its own story
        if (before == 0) != (entry.action == VERB_OF_FIRST_ENTRY) or entry.version != before + 1:
            yield f"{entry.record_id}: {entry.action} gives {entry.version} after {before}"
        versions[entry.record_id] = entry.version
        for field_id, old, new, _old_text, _new_text in entry.changes:
            if known.get(field_id) != old and field_id not in following:
                yield f"{entry.record_id}: field {field_id} was {known.get(field_id)}, not {old}"
            known[field_id] = new
    for record in records.values():
        if versions.get(record.id) != record.version:
            yield f"{record.id}: version {record.version}, history {versions.get(record.id)}"
        yield from _untold(shape, record, state.get(record.id, {}))


def _untold(shape: Shape, record: Stored, told: Mapping[int, Any]) -> Iterator[str]:
    """Give the fields whose value is not what history says."""
    for field in shape.fields.values():
        if field.key in shape.computed or _follows(field, record):
            continue  # no part of history: it follows from the rest
        stands = json_value(field, record.values[field.key])
        if told.get(field.id) != stands:
            yield f"{record.id}: {field.key} is {stands}, history has another value"


def _follows(field: BoundField, record: Stored) -> bool:
    """Tell whether a field has its value from another one: what moves that is told there."""
    if BESIDE in field.definition.props:
        return True  # whether it does may change with it
    return field.definition.follows is not None and not record.values[overridden(field.key)]


def _lines(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    """A record knows how many lines it has, and the lines of a live one stand in order."""
    for plan in line_plans(unit.snapshot, shape.key):
        live = [record_id for record_id, record in records.items() if not record.deleted]
        found: dict[int, list[Stored]] = {record_id: [] for record_id in live}
        for line in children(unit, plan, live, hold=False):
            found[line.values[plan.link]].append(line)
        for record_id, lines in found.items():
            if (records[record_id].values[plan.key] or 0) != len(lines):
                yield f"{record_id}: {plan.key} is not the number of its lines, {len(lines)}"
            places = [line.values[plan.order] for line in lines] if plan.order else []
            if places != list(range(1, len(places) + 1)):
                yield f"{record_id}: lines of {plan.key} stand at {places}"


def _computed(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    """Compute every stored field of every living record anew: nothing may differ."""
    group = graph_of(unit.snapshot).own.get(shape.key, ())
    living = [record.id for record in records.values() if not record.deleted]
    if not group or unit.connection.scalar(select(recomputing.c.job_id).limit(1)):
        return
    with _taken_back(unit.connection):
        for one in group:
            for key, ids in recompute(unit, shape.bound, [one], living).items():
                yield f"{sorted(ids)}: {key} is not what it should be"


@contextmanager
def _taken_back(connection: Connection) -> Iterator[None]:
    """Take back what is written inside; a connection that only reads may have no transaction."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" or not driver.autocommit:
        with connection.begin_nested() as trial:
            yield
            trial.rollback()
        return
    driver.autocommit = False
    try:
        yield
    finally:
        driver.rollback()
        driver.autocommit = True


def _side_rows(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    for field in shape.many:
        assert field.side is not None
        held = {tuple(row) for row in unit.connection.execute(select(field.side))}
        wanted = {
            (record.id, value)
            for record in records.values()
            for value in field.type.side_values(record.values[field.key], field.definition)
        }
        if held != wanted:
            yield f"side rows of {field.key}: {sorted(held ^ wanted)}"


def _shadows(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    for key, name in shape.shadows.items():
        rows = shape.table
        seen: set[str] = set()
        for row in unit.connection.execute(select(rows.c.id, rows.c[name])):
            record = records[row[0]]
            if row[1] != shape.unique_key(key, record.values[key]):
                yield f"{record.id}: shadow of {key} is {row[1]!r}"
            if not record.deleted and row[1] is not None and row[1] in seen:
                yield f"{record.id}: {key} {row[1]!r} stands twice"
            if not record.deleted and row[1] is not None:
                seen.add(row[1])


def _links(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    """A live record names only live ones; who made or owns it need only have been there."""
    for key in shape.links:
        field = shape.fields[key]
        may_name = set()
        for target in field.type.objects(field.definition):
            others = unit.snapshot.object(target).table
            found = unit.connection.execute(select(others.c.id, others.c.deleted_at)).all()
            system = field.definition.system
            may_name |= {(target, row[0]) for row in found if system or row[1] is None}
        for record in records.values():
            for place in shape.named(key, record.values[key]):
                if not record.deleted and place not in may_name:
                    yield f"{record.id}: {key} names {place}, which is not there"


def _search(unit: Unit, shape: Shape, records: Mapping[int, Stored]) -> Iterator[str]:
    held = unit.connection.execute(
        select(search).where(search.c.object_id == shape.bound.id)
    ).mappings()
    entries = {entry["record_id"]: dict(entry) for entry in held}
    live = {record.id: record for record in records.values() if not record.deleted}
    if not searched_fields(shape.bound):
        live = {}
    if entries.keys() != live.keys():
        yield f"search entries of {sorted(entries.keys() ^ live.keys())}"
    for record_id in entries.keys() & live.keys():
        wanted = search_row(unit, shape, record_id, live[record_id].values)
        if {key: entries[record_id][key] for key in wanted} != wanted:
            yield f"{record_id}: search knows {entries[record_id]['texts']}"


def _full_text(unit: Unit) -> list[str]:
    """SQLite keeps tokens in an index of its own: it must find what the table holds."""
    if unit.connection.dialect.name != "sqlite":
        return []
    fts = table(INDEX, column(INDEX), column("rank"))
    check = insert(fts).values({INDEX: "integrity-check", "rank": 1})
    try:
        unit.connection.execute(check)
    except DatabaseError as error:
        return [f"full-text index: {error.orig}"]
    return []


def _counters(unit: Unit, typed: frozenset[str]) -> list[str]:
    """No number was given out that its counter has not reached."""
    counters = {
        (row.rule, row.period): row.last for row in unit.connection.execute(select(number))
    }
    problems = []
    for rule in unit.snapshot.site.number_rules.values():
        shape = shape_of(unit, rule.object)
        for row in unit.connection.execute(select(*shape.columns)):
            record = shape.stored(row)
            made = record.values[rule.field]
            if made is None or made in typed:
                continue
            values = {**record.values, "created_at": record.facts["created_at"]}
            period = rules.counter_key(rule, values, COMPANY_ZONE)
            count = int(made.rsplit(rule.separator, 1)[-1])
            if counters.get((rule.key, period), 0) < count:
                problems.append(f"{shape.key} {record.id}: {made} is beyond its counter")
    return problems
