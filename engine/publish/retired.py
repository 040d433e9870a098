"""Tables whose object is not served: its pack is uninstalled, or it was hidden. Data stays."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, table

from engine.storage.ledger import read_ledger
from engine.storage.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class RetiredTable:
    """A table that no served object shows. ``records``: how many rows wait in it."""

    object: str
    table: str
    records: int


def records_of(connection: Connection, snapshot: Snapshot, object_key: str) -> int:
    """Count what lies in the table of a served object, the bin included; 0 for one not served."""
    bound = snapshot.objects.get(object_key)
    if bound is None:
        return 0
    counted = select(func.count()).select_from(bound.table)
    return int(connection.execute(counted).scalar_one())


def retired_tables(connection: Connection, snapshot: Snapshot) -> list[RetiredTable]:
    """List the tables of objects that the served version does not have."""
    found = []
    for key, entry in read_ledger(connection).items():
        if key not in snapshot.objects:
            counted = select(func.count()).select_from(table(entry.table_name))
            records = connection.execute(counted).scalar_one()
            found.append(RetiredTable(key, entry.table_name, records))
    return found
