"""The read gateway of callers: asks for rights, drops what may not be seen, then queries.

Filtering, sorting and searching by a field need the right to read it, like showing it: else its
value could be guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.access.limits import leaves
from engine.access.roles import rights_of
from engine.errors import InvalidValue, RecordNotFound, UnknownField
from engine.fields.base import Label
from engine.query.aggregates import Aggregate, Measure, aggregate
from engine.query.counts import CAP, Count
from engine.query.counts import count as count_rows
from engine.query.listing import Found, ListRequest, Page, read_one, read_page, read_rows
from engine.query.parts import read_parts
from engine.query.paths import Uses, uses_of
from engine.query.pointing import pointing
from engine.query.search_terms import searched_fields
from engine.records.shape import shape_of
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Node, Test, parse_condition

OFFERED = 20
"""The most records that a picker offers."""


def visible_fields(unit: Unit, object_key: str) -> tuple[str, ...]:
    """Give the keys of the fields that the actor may read, in display order."""
    actor = unit.context.actor
    return unit.snapshot.once(
        ("visible", object_key, actor.roles, actor.superadmin),
        lambda: tuple(
            key
            for key in unit.snapshot.object(object_key).fields
            if rights_of(unit).field_level(object_key, key) != "hidden"
        ),
    )


def findable_fields(unit: Unit, object_key: str) -> tuple[str, ...]:
    """Give the keys of the fields by which the actor may find records.

    One that is covered for him is none: what is found by its end would uncover it.
    """
    actor = unit.context.actor
    return unit.snapshot.once(
        ("findable", object_key, actor.roles, actor.superadmin),
        lambda: _findable(unit, object_key),
    )


def get(
    unit: Unit,
    object_key: str,
    record_id: int,
    columns: Sequence[str] | None = None,
    *,
    bin: bool = False,
) -> Found:
    """Read one record: the fields asked for, or all that the actor may see.

    Raises:
        RecordNotFound: no such record, or out of reach.
        UnknownField: a column that is not there, or hidden from the actor.
    """
    predicate = rights_of(unit).predicate(object_key, "restore" if bin else "read")
    paths = _columns(unit, object_key, columns)
    found = read_one(unit, predicate, object_key, record_id, paths, bin=bin)
    if found is None:
        raise RecordNotFound(object=object_key, id=record_id)
    return found


def some(
    unit: Unit, object_key: str, record_ids: Sequence[int], columns: Sequence[str] | None = None
) -> Page:
    """Read the records with these ids, as many as are in reach, in their order."""
    predicate = rights_of(unit).predicate(object_key, "read")
    paths = _columns(unit, object_key, columns)
    return read_rows(unit, predicate, object_key, record_ids, paths)


def page(unit: Unit, request: ListRequest) -> Page:
    """Read one page of a list; without columns, of all fields that the actor may see.

    Raises:
        Forbidden: lists of the object are not granted.
        UnknownField: columns, sort or condition name a field that is not there or hidden.
        InvalidInput: the condition, the sort or the cursor does not fit.
    """
    predicate = rights_of(unit).predicate(request.object, _list_action(request))
    columns = _columns(unit, request.object, request.columns or None)
    return read_page(unit, predicate, replace(_allowed(unit, request), columns=columns))


def count(unit: Unit, request: ListRequest, *, cap: int | None = CAP) -> Count:
    """Count what a list holds, up to ``cap``; None counts them all.

    Raises:
        Forbidden: lists of the object are not granted.
        UnknownField: the condition names a field that is not there or hidden.
    """
    predicate = rights_of(unit).predicate(request.object, _list_action(request))
    return count_rows(unit, predicate, _allowed(unit, request), cap)


def totals(unit: Unit, request: ListRequest, measures: Sequence[Measure]) -> Sequence[Any]:
    """Compute measures over all that a list holds; gives one value for each, as stored.

    Raises:
        Forbidden: lists of the object are not granted.
        UnknownField: a measure or the condition names a field that is not there or hidden.
        InvalidInput: a field that cannot be measured so.
    """
    return grouped(unit, request, measures).groups[0].values


def grouped(
    unit: Unit, request: ListRequest, measures: Sequence[Measure], group_by: Sequence[str] = ()
) -> Aggregate:
    """Compute measures over all that a list holds, for each group of it; raises as `totals`."""
    predicate = rights_of(unit).predicate(request.object, _list_action(request))
    paths = (*group_by, *(one.path for one in measures if one.path))
    _columns(unit, request.object, paths)
    return aggregate(unit, predicate, _allowed(unit, request), measures, group_by)


def parts(unit: Unit, request: ListRequest, path: str, values: Sequence[Any]) -> tuple[Page, ...]:
    """Read the first records of a list that hold each of ``values`` in a field; see `read_parts`.

    Raises:
        Forbidden: lists of the object are not granted.
        UnknownField: columns, sort, condition or ``path`` name a field not there or hidden.
        InvalidInput: the condition or the sort does not fit.
    """
    predicate = rights_of(unit).predicate(request.object, _list_action(request))
    columns = _columns(unit, request.object, (*request.columns, path))
    allowed = replace(_allowed(unit, request), columns=columns)
    return read_parts(unit, predicate, allowed, path, values)


def related(
    unit: Unit, object_key: str, record_id: int, list_key: str, request: ListRequest | None = None
) -> Page:
    """Read a page of a related list: the records that link to this one and may be read.

    Args:
        unit: the call.
        object_key: the object of the record in the middle.
        record_id: that record.
        list_key: the related list, an ``inverse`` key.
        request: columns, sort, limit and so on; its object is that of the list.

    Raises:
        RecordNotFound: the record in the middle is out of reach.
        UnknownField: there is no such related list.
    """
    return page(unit, related_request(unit, object_key, record_id, list_key, request))


def related_request(
    unit: Unit, object_key: str, record_id: int, list_key: str, request: ListRequest | None = None
) -> ListRequest:
    """Give the request that lists what links to a record; raises as `related`."""
    get(unit, object_key, record_id, ("id",))
    inverse = unit.snapshot.site.related.get(object_key, {}).get(list_key)
    if inverse is None:
        raise UnknownField(object=object_key, field=list_key)
    asked = request or ListRequest(object=inverse.object)
    if asked.object != inverse.object:
        raise ValueError(f"{list_key} lists {inverse.object}, not {asked.object}")
    link = unit.snapshot.object(inverse.object).field(inverse.field)
    mine = pointing(link, object_key, record_id)
    where: Node = mine if asked.where is None else AllOf((mine, asked.where))
    return replace(asked, where=where)


def choices(
    unit: Unit,
    object_key: str,
    field_key: str,
    *,
    values: Mapping[str, Any],
    search: str = "",
    only: int | None = None,
    target: str = "",
) -> list[Label]:
    """Give the records that a link may name now, for a picker.

    Args:
        unit: the call.
        object_key: the object of the record that is being edited.
        field_key: its link.
        values: raw values of the record as they stand in the form; the link's filter reads them.
        search: what the person has typed.
        only: ask for this record alone: is it offered?
        target: of which object, where the link takes records of several.

    Raises:
        UnknownField: no such link, or hidden from the actor.
        Forbidden: the records that it points to may not be listed.
    """
    bound = unit.snapshot.object(object_key)
    field = bound.field(field_key)
    objects = field.type.objects(field.definition)
    target = field.type.target(field.definition) or target
    if target not in objects or field_key not in visible_fields(unit, object_key):
        raise UnknownField(object=object_key, field=field_key)
    name = unit.snapshot.object(target).definition.name_field
    where = parse_condition(field.definition.props.get("where"))
    if only is not None:
        one = Test("id", "eq", only)
        where = one if where is None else AllOf((where, one))
    request = ListRequest(
        object=target,
        columns=(name,),
        where=where,
        sort=(name,),
        limit=OFFERED,
        search=search,
        search_fields=findable_fields(unit, target),
        scopes=_scopes(unit, uses_of(unit.snapshot, target, where=where)),
        this=_stored(unit, object_key, values),
    )
    # The filter is the document's, so fields in it need no right of the person's.
    found = read_page(unit, rights_of(unit).predicate(target, "read"), request)
    slot = found.slots[name]
    return [
        Label(row[found.id_index], _text(unit, slot.field, slot.value(row))) for row in found.rows
    ]


def _text(unit: Unit, field: Any, value: Any) -> str:
    text: str = field.type.text(value, field.definition, unit.context.locale)
    return text


def _stored(unit: Unit, object_key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a half-filled form holds; what makes no sense yet counts as empty."""
    shape = shape_of(unit, object_key)
    found: dict[str, Any] = {}
    for key, raw in values.items():
        field = shape.bound.fields.get(key)
        if field is None:
            continue
        try:
            found[key] = field.type.parse(raw, field.definition)
        except InvalidValue:
            found[key] = None
    return found


def _findable(unit: Unit, object_key: str) -> tuple[str, ...]:
    visible, rights = visible_fields(unit, object_key), rights_of(unit)
    fields = (field.key for field in searched_fields(unit.snapshot.object(object_key)))
    return tuple(
        key for key in fields if key in visible and not rights.field_mask(object_key, key)
    )


def _list_action(request: ListRequest) -> str:
    return "restore" if request.bin else "read_list"


def _columns(unit: Unit, object_key: str, columns: Sequence[str] | None) -> tuple[str, ...]:
    """Give the columns to read; raises `UnknownField` for one that the actor may not."""
    if columns is None:
        return visible_fields(unit, object_key)
    actor = unit.context.actor
    paths = tuple(columns)
    return unit.snapshot.once(
        ("columns", object_key, paths, actor.roles, actor.superadmin, actor.limits),
        lambda: _checked(unit, object_key, paths),
    )


def _checked(unit: Unit, object_key: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    _check(unit, uses_of(unit.snapshot, object_key, paths=paths))
    return paths


def _allowed(unit: Unit, request: ListRequest) -> ListRequest:
    """Check what a request filters, sorts and searches by; add what ``exists`` may see."""
    _columns(unit, request.object, tuple(path.lstrip("-") for path in request.sort))
    searched = request.search_fields
    if request.search and searched is None:
        searched = findable_fields(unit, request.object)
    if request.where is None:
        return replace(request, search_fields=searched)
    uses = uses_of(unit.snapshot, request.object, where=request.where)
    _check(unit, uses)
    return replace(request, search_fields=searched, scopes=_scopes(unit, uses))


def _check(unit: Unit, uses: Uses) -> None:
    for object_key, key in uses.fields:
        within = leaves(unit.context.actor.limits, object_key, "read")
        if not within or key not in visible_fields(unit, object_key):
            raise UnknownField(object=object_key, field=key)


def _scopes(unit: Unit, uses: Uses) -> dict[str, Any]:
    rights = rights_of(unit)
    return {
        key: rights.predicate(key, "read") for key in uses.objects if rights.allows(key, "read")
    }
