"""Small databases of hand-made objects, for tests that need tables and rows and no publish."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, delete, insert

from engine.context import Actor, Context, Locale
from engine.fields.base import stored_columns
from engine.fields.registry import FIELD_TYPES
from engine.query.organisation import renew_stamp
from engine.query.search_terms import searched_fields
from engine.records.search_entry import entry_of
from engine.storage.database import Database
from engine.storage.kernel import create_kernel
from engine.storage.kernel_tables import search
from engine.storage.ledger import FieldEntry, ObjectEntry
from engine.storage.search_index import index
from engine.storage.snapshot import BoundObject, Snapshot, Unit
from engine.storage.tables import base_indexes, bind_object
from engine.storage.team_tables import slot, team
from metadata.model import EMPTY, FieldDef, InverseDef, ObjectDef, OptionDef, RoleDef, Site

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
ME = Actor(user_id=1, name="Ann", superadmin=True, department_id=1)
SYSTEM_FIELDS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")


def field(key: str, type: str, **props: Any) -> FieldDef:
    """Make a field; what is no common property goes into ``props``."""
    common = {name: props.pop(name) for name in COMMON if name in props}
    common["options"] = {name: OptionDef(name, {"": name}) for name in common.get("options", ())}
    return FieldDef(key=key, type=type, label={"": key}, props=props, **common)


COMMON = ("search", "sortable", "options", "system", "unique")


def system_fields() -> list[FieldDef]:
    """Make the fields that every object has."""
    types = ("integer", "integer", "datetime", "user", "datetime", "user")
    return [field(key, kind, system=True) for key, kind in zip(SYSTEM_FIELDS, types, strict=True)]


def an_object(
    key: str,
    *fields: FieldDef,
    name: str = "name",
    owned: bool = False,
    abilities: Sequence[str] = (),
) -> ObjectDef:
    """Make an object; ``owned`` adds an owner."""
    own = [field("owner", "user", system=True)] if owned else []
    held = ("owner", "search", *abilities) if owned else ("search", *abilities)
    return ObjectDef(
        key=key,
        label={"": key},
        plural={"": key},
        icon="dot",
        name_field=name,
        abilities={one: {} for one in held},
        fields={found.key: found for found in (*system_fields(), *own, *fields)},
    )


def bound_snapshot(
    objects: Sequence[ObjectDef],
    related: Mapping[str, Mapping[str, InverseDef]] | None = None,
    roles: Mapping[str, RoleDef] = EMPTY,
) -> Snapshot:
    """Bind objects to tables as a publish would, with ledger ids in order."""
    numbers = count(1)
    bound: dict[str, BoundObject] = {}
    for number, definition in enumerate(objects, 1):
        entries = {}
        for each in definition.fields.values():
            kind = FIELD_TYPES[each.type]
            names = tuple(each.key + spec.suffix for spec in kind.columns(each))
            side = f"s_{definition.key}_{each.key}" if kind.is_many(each) else None
            entries[each.key] = FieldEntry(next(numbers), each.key, each.type, names, side)
        entry = ObjectEntry(number, definition.key, f"o_{definition.key}", entries)
        bound[definition.key] = bind_object(definition, entry, FIELD_TYPES)
    site = Site(objects={each.key: each for each in objects}, related=related or {}, roles=roles)
    return Snapshot(number=1, site=site, objects=bound)


@dataclass(slots=True, repr=False)
class Rows:
    """A database with the tables of one snapshot."""

    database: Database
    snapshot: Snapshot

    def create(self) -> None:
        """Create the tables and their base indexes."""
        with self.database.write() as connection:
            create_kernel(connection)
            for bound in self.snapshot.objects.values():
                bound.table.metadata.create_all(connection)
                for made in base_indexes(bound):
                    made.create(connection, checkfirst=True)

    @contextmanager
    def unit(
        self, actor: Actor = ME, *, now: datetime = NOW, locale: Locale | None = None
    ) -> Iterator[Unit]:
        """Open a transaction that reads."""
        with self.database.read() as connection:
            context = Context(actor=actor, now=now, locale=locale or Locale())
            yield Unit(context, connection, self.snapshot)

    def add(self, object_key: str, *records: Mapping[str, Any]) -> None:
        """Insert records of stored values, by field key, with side rows and search entries."""
        bound = self.snapshot.object(object_key)
        with self.database.write() as connection:
            self._insert(connection, bound, records)

    def clear(self) -> None:
        """Take every row away, and whatever was kept of them."""
        with self.database.write() as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(delete(index))
            for bound in self.snapshot.objects.values():
                for table in reversed(bound.table.metadata.sorted_tables):
                    connection.execute(delete(table))
            for table in (search, team, slot):
                connection.execute(delete(table))
            renew_stamp(connection)

    def share(self, object_key: str, *members: Mapping[str, Any]) -> None:
        """Put people into teams: record_id, user_id, level and expires_at of each."""
        number = self.snapshot.object(object_key).id
        rows = [{"object_id": number, "added_by": None, "added_at": NOW, **one} for one in members]
        with self.database.write() as connection:
            connection.execute(insert(team), rows)

    def choose(self, role: str, *departments: int) -> None:
        """Give a role the departments that it reaches."""
        rows = [
            {
                "document": f"role/{role}",
                "slot": "chosen_departments",
                "kind": "department",
                "record_id": one,
            }
            for one in departments
        ]
        with self.database.write() as connection:
            connection.execute(insert(slot), rows)
            renew_stamp(connection)

    def _insert(
        self, connection: Connection, bound: BoundObject, records: Sequence[Mapping[str, Any]]
    ) -> None:
        table = bound.table
        rows = [{**dict.fromkeys(table.c.keys()), **_row(bound, record)} for record in records]
        connection.execute(insert(table), rows)
        for each in bound.fields.values():
            if each.side is None:
                continue
            values = [
                {"record_id": record["id"], "value": value}
                for record in records
                for value in each.type.side_values(record.get(each.key), each.definition)
            ]
            if values:
                connection.execute(insert(each.side), values)
        _write_entries(connection, bound, records)


def _row(bound: BoundObject, record: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"version": 1, "created_at": NOW, "updated_at": NOW}
    for key, value in record.items():
        if key in {"deleted_at", "deleted_batch"}:
            row[key] = value
            continue
        columns = bound.fields[key].columns
        row.update(
            (column.key, part)
            for column, part in zip(columns, stored_columns(value, len(columns)), strict=True)
        )
    return row


def _write_entries(
    connection: Connection, bound: BoundObject, records: Sequence[Mapping[str, Any]]
) -> None:
    fields = searched_fields(bound)
    entries = [entry_of(bound, fields, record["id"], record) for record in records]
    connection.execute(insert(search).inline(), entries)
    if connection.dialect.name == "sqlite":
        names = {each["record_id"]: each["tokens"] for each in entries}
        query = search.select().where(search.c.object_id == bound.id)
        made = {row.record_id: row.id for row in connection.execute(query)}
        rows = [{"rowid": made[key], "tokens": " ".join(names[key])} for key in names]
        connection.execute(insert(index).inline(), rows)
