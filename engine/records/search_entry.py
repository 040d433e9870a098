"""Keep what search knows of a record in step with it, in the same transaction.

An entry holds the tokens of the record's searched fields, and their normalised texts for the
check that each reader's rights need. It names the owner as well, so that the index alone tells
whose records are meant: whoever changes the owner of a record calls `change_entry` with that
field. The full-text index of SQLite stands beside the table: it
forgets a row only when told the very tokens that it was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, text

from engine.fields.initials import initials_of
from engine.query.search_terms import INITIALS, searched_fields
from engine.query.tokens import (
    LONGEST_TEXT,
    TOKENIZER,
    initial_tokens,
    normal,
    object_token,
    owner_token,
    tokens_of,
)
from engine.records.ownership import OWNER
from engine.records.shape import MOST_IDS, Shape
from engine.storage.fixed_insert import FixedInsert
from engine.storage.kernel_tables import search
from engine.storage.search_index import INDEX, index
from engine.storage.snapshot import BoundField, BoundObject, Unit
from engine.storage.types import write_json

_COLUMNS = ("object_id", "record_id", "tokens", "texts", "tokenizer")
_INSERT = FixedInsert(search, _COLUMNS)
_INSERT_NUMBERED = FixedInsert(search, ("id", *_COLUMNS))
_OF_RECORDS = (
    search.c.object_id == bindparam("of_object"),
    search.c.record_id.in_(bindparam("of_records", expanding=True)),
)
_HELD = select(search.c.id, search.c.tokens).where(*_OF_RECORDS)
_DELETE = delete(search).where(*_OF_RECORDS)
_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = 'heddle_search'")
_INDEX = FixedInsert(index, ("rowid", "tokens"))
_FORGET = FixedInsert(index, ("rowid", "tokens", INDEX))

Record = tuple[int, Mapping[str, Any]]
"""Id and stored values."""


def add_entry(unit: Unit, shape: Shape, record_id: int, values: Mapping[str, Any]) -> None:
    """Write the entry of a new record."""
    if not _fields(unit, shape):
        return
    row = search_row(unit, shape, record_id, values)
    result = _INSERT.one(unit.connection, row)
    if unit.connection.dialect.name == "sqlite":
        _INDEX.one(unit.connection, _indexed(result.lastrowid, row["tokens"]))


def add_entries(unit: Unit, shape: Shape, records: Iterable[Record]) -> None:
    """Write the entries of many records that have none."""
    if not _fields(unit, shape):
        return
    rows = [search_row(unit, shape, record_id, values) for record_id, values in records]
    if unit.connection.dialect.name != "sqlite":
        _INSERT.many(unit.connection, rows)
        return
    last: int = unit.connection.execute(_LAST).scalar() or 0
    for number, row in enumerate(rows, last + 1):
        row["id"] = number
    _INSERT_NUMBERED.many(unit.connection, rows)
    _INDEX.many(unit.connection, [_indexed(row["id"], row["tokens"]) for row in rows])


def change_entry(
    unit: Unit, shape: Shape, record_id: int, new: Mapping[str, Any], changed: Sequence[str]
) -> None:
    """Write an entry anew when one of the changed fields is a searched one, or the owner."""
    if OWNER in changed or any(field.key in changed for field in _fields(unit, shape)):
        remove_entries(unit, shape, [record_id])
        add_entry(unit, shape, record_id, new)


def remove_entries(unit: Unit, shape: Shape, record_ids: Sequence[int]) -> None:
    """Remove the entries of records; those that have none are passed over."""
    for first in range(0, len(record_ids), MOST_IDS):
        part = list(record_ids[first : first + MOST_IDS])
        place = {"of_object": shape.bound.id, "of_records": part}
        if unit.connection.dialect.name == "sqlite":
            held = unit.connection.execute(_HELD, place).all()
            forget = [{**_indexed(row.id, row.tokens), INDEX: "delete"} for row in held]
            _FORGET.many(unit.connection, forget)
        unit.connection.execute(_DELETE, place)


def search_row(
    unit: Unit, shape: Shape, record_id: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the entry that a record must have."""
    return entry_of(shape.bound, _fields(unit, shape), record_id, values)


def entry_of(
    bound: BoundObject, fields: Iterable[BoundField], record_id: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the entry of a record: ``fields`` are its searched ones."""
    texts: dict[str, str] = {}
    forms: dict[str, str] = {}
    for field in fields:
        said = field.type.search_text(values.get(field.key), field.definition)
        if said:
            texts[str(field.id)] = text = normal(said[:LONGEST_TEXT])
            if field.type.initials and (initials := initials_of(text)):
                forms[f"{field.id}{INITIALS}"] = initials
    tokens = [object_token(bound.id), *tokens_of(texts.values())]
    for initials in forms.values():
        tokens += initial_tokens(initials)
    owner = values.get(OWNER) if OWNER in bound.fields else None
    if owner is not None:
        tokens.append(owner_token(owner))
    return {
        "object_id": bound.id,
        "record_id": record_id,
        "tokens": tuple(dict.fromkeys(tokens)),
        "texts": write_json(texts | forms),
        "tokenizer": TOKENIZER,
    }


def _fields(unit: Unit, shape: Shape) -> tuple[BoundField, ...]:
    return unit.snapshot.once(("searched", shape.key), lambda: searched_fields(shape.bound))


def _indexed(number: int, tokens: Sequence[str]) -> dict[str, Any]:
    return {"rowid": number, "tokens": " ".join(tokens)}
