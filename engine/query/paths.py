"""Paths: a field of an object, or of a record that it links to, over at most two links."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, FromClause
from sqlalchemy.sql.elements import ColumnElement

from engine.errors import UnknownField
from engine.formulas.expression import Program, expression
from engine.query.programs import make_program
from engine.storage.snapshot import BoundField, BoundObject, Snapshot
from engine.storage.types import column_type
from metadata.conditions import AllOf, AnyOf, Exists, FieldValue, Node, Not, Test

MOST_LINKS = 2
THIS = "this."
"""A value path that begins so names a field of the record being edited, not of the row."""


@dataclass(frozen=True, slots=True)
class Path:
    """A resolved path: the links it crosses, then the field; ``objects`` own them, in order."""

    text: str
    links: tuple[BoundField, ...]
    field: BoundField
    objects: tuple[BoundObject, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the keys of the links that are crossed."""
        return tuple(link.key for link in self.links)

    @property
    def owner(self) -> BoundObject:
        """Give the object that the field belongs to."""
        return self.objects[-1]


def resolve(snapshot: Snapshot, bound: BoundObject, text: str) -> Path:
    """Look up every step of a path.

    Raises:
        UnknownField: a step is no field, or one that is crossed is no link, or there are more
            than `MOST_LINKS` of them. ``field`` is the whole path.
    """
    *crossed, last = text.split(".")
    if len(crossed) > MOST_LINKS:
        raise UnknownField(object=bound.key, field=text)
    objects = [bound]
    links = []
    for key in crossed:
        link = objects[-1].fields.get(key)
        if link is None or not link.type.labelled or link.named_late:
            raise UnknownField(object=bound.key, field=text)
        links.append(link)
        objects.append(target_of(snapshot, link))
    found = objects[-1].fields.get(last)
    if found is None:
        raise UnknownField(object=bound.key, field=text)
    return Path(text, tuple(links), found, tuple(objects))


def target_of(snapshot: Snapshot, link: BoundField) -> BoundObject:
    """Give the object that a link points to."""
    return snapshot.object(link.type.target(link.definition))


def program_of(snapshot: Snapshot, bound: BoundObject, field: BoundField) -> Program:
    """Give the formula of a computed field, read once per metadata version."""
    computed = field.definition.computed
    if computed is None:
        raise ValueError(f"{field.key} is not computed")
    return snapshot.once(
        ("program", bound.key, field.key),
        lambda: expression_of(snapshot, bound, field, computed.expr),
    )


def expression_of(snapshot: Snapshot, bound: BoundObject, field: BoundField, expr: str) -> Program:
    """Read a formula that gives values of a field."""

    def find(text: str) -> BoundField | None:
        try:
            return resolve(snapshot, bound, text).field
        except UnknownField:
            return None

    return make_program(field, expr, find, bound.fields, snapshot.site.languages[0])


def below(path: Path, inner: Path) -> Path:
    """Join a path to one that begins at its object."""
    text = ".".join((*path.text.split(".")[:-1], inner.text))
    return Path(text, path.links + inner.links, inner.field, path.objects[:-1] + inner.objects)


@dataclass(frozen=True, slots=True)
class Uses:
    """What a condition or a set of columns reads, for the caller to check rights on.

    ``fields``: (object, field) pairs, crossed links included. ``objects``: those whose records
    ``exists`` looks into; the query needs an access predicate for each.
    """

    fields: frozenset[tuple[str, str]]
    objects: frozenset[str]


def uses_of(
    snapshot: Snapshot, object_key: str, *, where: Node | None = None, paths: Iterable[str] = ()
) -> Uses:
    """Tell what a condition and some paths of an object read.

    Raises:
        UnknownField: a path leads nowhere.
    """
    fields: set[tuple[str, str]] = set()
    objects: set[str] = set()
    bound = snapshot.object(object_key)
    for text in paths:
        fields |= _steps(resolve(snapshot, bound, text))
    if where is not None:
        _gather(snapshot, bound, where, fields, objects)
    return Uses(frozenset(fields), frozenset(objects))


def _steps(path: Path) -> set[tuple[str, str]]:
    crossed = zip(path.objects, (*path.links, path.field), strict=True)
    return {(bound.key, step.key) for bound, step in crossed}


def _gather(
    snapshot: Snapshot,
    bound: BoundObject,
    node: Node,
    fields: set[tuple[str, str]],
    objects: set[str],
) -> None:
    match node:
        case AllOf(nodes) | AnyOf(nodes):
            for child in nodes:
                _gather(snapshot, bound, child, fields, objects)
        case Not(child):
            _gather(snapshot, bound, child, fields, objects)
        case Test(text, _, value):
            fields |= _steps(resolve(snapshot, bound, text))
            if isinstance(value, FieldValue) and not value.path.startswith(THIS):
                fields |= _steps(resolve(snapshot, bound, value.path))
        case Exists(key, where, _):
            inverse = snapshot.site.related.get(bound.key, {}).get(key)
            if inverse is None:
                raise UnknownField(object=bound.key, field=key)
            objects.add(inverse.object)
            fields.add((inverse.object, inverse.field))
            if where is not None:
                _gather(snapshot, snapshot.object(inverse.object), where, fields, objects)


class Source:
    """The table of one SELECT with the left joins that its paths need."""

    def __init__(
        self, snapshot: Snapshot, bound: BoundObject, table: FromClause, prefix: str = ""
    ) -> None:
        """Begin without joins.

        Args:
            snapshot: the version that links are looked up in.
            bound: the object that is read.
            table: its table, or an alias of it.
            prefix: begins the names of joined tables; other than that of an enclosing SELECT.
        """
        self.snapshot = snapshot
        self.bound = bound
        self.table = table
        self.froms = table
        self._prefix = prefix
        self._joined: dict[tuple[str, ...], FromClause] = {}

    def table_of(self, path: Path) -> FromClause:
        """Give the table that holds the path's field, joined once."""
        return self._cross(path.links)

    def column(self, path: Path) -> ColumnElement[Any]:
        """Give the column that filters and sorting use; of a virtual field, what computes it."""
        if not path.field.columns:
            return self._computed(path)
        return self.table_of(path).c[path.field.column.key]

    def columns(self, path: Path) -> tuple[ColumnElement[Any], ...]:
        """Give all columns of the path's field."""
        if not path.field.columns:
            return (self._computed(path),)
        table = self.table_of(path)
        return tuple(table.c[column.key] for column in path.field.columns)

    def _computed(self, path: Path) -> ColumnElement[Any]:
        field, owner = path.field, path.owner
        program = program_of(self.snapshot, owner, field)
        inner = (resolve(self.snapshot, owner, text) for text in program.formula.paths)
        columns = [self.column(below(path, one)) for one in inner]
        kind = field.type.columns(field.definition)[0].kind
        return expression(program, columns, column_type(kind))

    def label(self, path: Path) -> ColumnElement[Any]:
        """Give the name of the record that the path's field, a link, points to."""
        named = self._cross((*path.links, path.field))
        return named.c[target_of(self.snapshot, path.field).name.column.key]

    def own(self, column: Column[Any]) -> ColumnElement[Any]:
        """Give a column of the object's own table."""
        return self.table.c[column.key]

    def _cross(self, links: tuple[BoundField, ...]) -> FromClause:
        if not links:
            return self.table
        keys = tuple(link.key for link in links)
        found = self._joined.get(keys)
        if found is None:
            near = self._cross(links[:-1])
            far = target_of(self.snapshot, links[-1]).table
            found = far.alias(f"{self._prefix}j{len(self._joined)}")
            self._joined[keys] = found
            on = found.c.id == near.c[links[-1].column.key]
            self.froms = self.froms.outerjoin(found, on)
        return found
