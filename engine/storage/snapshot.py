"""One compiled metadata version, bound to its tables. Immutable but for its caches."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table

from engine.context import Context
from engine.errors import UnknownField, UnknownObject
from engine.fields.base import FieldType
from metadata.model import FieldDef, ObjectDef, Site

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field with its type and its physical columns. ``id`` is the ledger's, never reused."""

    id: int
    definition: FieldDef
    type: FieldType
    columns: tuple[Column[Any], ...]
    side: Table | None = None  # (record_id, value): values of a type with ``many``
    unproven: bool = False  # unique, but its index is not built yet

    @property
    def key(self) -> str:
        """Give the field's key."""
        return self.definition.key

    @property
    def many(self) -> bool:
        """Tell whether one record may hold several values."""
        return self.type.is_many(self.definition)

    @property
    def named_late(self) -> bool:
        """Tell whether the names of what it links to are read after the rows, not joined."""
        kind = self.type
        return kind.labelled and (self.many or not kind.target(self.definition))

    @property
    def column(self) -> Column[Any]:
        """Give the column that filters and sorting use."""
        return self.columns[0]


@dataclass(frozen=True, slots=True)
class BoundObject:
    """An object with its table. ``id`` is the ledger's number of the object."""

    id: int
    definition: ObjectDef
    table: Table
    fields: Mapping[str, BoundField]

    @property
    def key(self) -> str:
        """Give the object's key."""
        return self.definition.key

    @property
    def name(self) -> BoundField:
        """Give the field that names a record."""
        return self.fields[self.definition.name_field]

    def field(self, key: str) -> BoundField:
        """Give a field by key.

        Raises:
            UnknownField: there is none.
        """
        found = self.fields.get(key)
        if found is None:
            raise UnknownField(object=self.key, field=key)
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A metadata version: what every request of it reads instead of metadata tables.

    ``compiled_cache`` is SQLAlchemy's cache of statements over these tables (it dies with the
    snapshot, else old tables are never freed). ``memo`` holds whatever is composed once per
    version: listing plans, cell functions, forms. A memo is only ever added to.
    """

    number: int
    site: Site
    objects: Mapping[str, BoundObject]
    compiled_cache: dict[Any, Any] = field(default_factory=dict)
    memo: dict[Hashable, Any] = field(default_factory=dict)

    def object(self, key: str) -> BoundObject:
        """Give an object by key.

        Raises:
            UnknownObject: there is none in this version.
        """
        found = self.objects.get(key)
        if found is None:
            raise UnknownObject(object=key)
        return found

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what ``make`` gave the first time; two threads may both make it, one is kept."""
        found = self.memo.get(key)
        if found is None:
            found = self.memo.setdefault(key, make())
        return found  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of work: one call inside one transaction on one metadata version."""

    context: Context
    connection: Connection
    snapshot: Snapshot
    memo: dict[Hashable, Any] = field(default_factory=dict)  # what was asked once for this call
