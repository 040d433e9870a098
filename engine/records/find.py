"""Search across objects for a caller: where he may look, and what he may read there."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from engine.access.roles import rights_of
from engine.query.listing import read_rows
from engine.query.search import Hit, Searched, hits_of, search, search_each
from engine.records.read import findable_fields, visible_fields
from engine.storage.snapshot import Unit

FACTS = 2
"""Shown beside a name, so that namesakes can be told apart."""


def find(
    unit: Unit, text: str, *, objects: Sequence[str] | None = None, limit: int = 20
) -> list[Hit]:
    """Find records by what a person typed, in every object that he may read.

    Args:
        unit: the call.
        text: every word must stand in a searched field that he may read.
        objects: look into these alone; None means all that declare the search ability.
        limit: the most hits.
    """
    searched = _searched(unit, objects)
    found = search(unit, searched, text, limit) if text.strip() else []
    return [_named(unit, hit) for hit in found]


def find_each(unit: Unit, text: str, *, each: int) -> dict[str, list[Hit]]:
    """Find records by what a person typed, some of every object: object -> hits, best first.

    Args:
        unit: the call.
        text: every word must stand in a searched field that he may read.
        each: the most hits of one object.
    """
    searched = _searched(unit, None)
    found = search_each(unit, searched, text, each) if text.strip() else []
    return {
        one.predicate.object: [_named(unit, hit) for hit in hits]
        for one, hits in zip(searched, found, strict=False)
        if hits
    }


def _searched(unit: Unit, objects: Sequence[str] | None) -> list[Searched]:
    """Give where the person may look; ``objects``: there alone."""
    rights = rights_of(unit)
    searched = []
    for key in rights.objects():
        if objects is not None and key not in objects:
            continue
        definition = unit.snapshot.object(key).definition
        if definition.has("search") and rights.allows(key, "read"):
            fields, facts = _fields(unit, key)
            if fields:
                searched.append(Searched(rights.predicate(key, "read"), fields, facts))
    return searched


def look_up(unit: Unit, places: Sequence[tuple[str, int]]) -> list[Hit]:
    """Give records that one knows already, such as starred ones, as far as he may read them.

    Args:
        unit: the call.
        places: object and id; what is not there, or out of reach, is passed over.
    """
    rights = rights_of(unit)
    found: dict[tuple[str, int], Hit] = {}
    for key in dict.fromkeys(key for key, _ in places):
        if not rights.allows(key, "read"):
            continue
        bound = unit.snapshot.object(key)
        _, facts = _fields(unit, key)
        ids = [number for of, number in places if of == key]
        columns = (bound.definition.name_field, *facts)
        page = read_rows(unit, rights.predicate(key, "read"), key, ids, columns)
        found.update({(key, hit.id): _named(unit, hit) for hit in hits_of(bound, facts, page)})
    return [found[place] for place in dict.fromkeys(places) if place in found]


def _named(unit: Unit, hit: Hit) -> Hit:
    """Leave the name out where the actor may not read it whole."""
    name = unit.snapshot.object(hit.object).definition.name_field
    rights = rights_of(unit)
    shut = rights.field_level(hit.object, name) == "hidden" or rights.field_mask(hit.object, name)
    return replace(hit, label="") if shut else hit


def _fields(unit: Unit, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the searched fields that the actor may read, and the facts shown with a hit."""
    actor = unit.context.actor
    return unit.snapshot.once(
        ("search fields", key, actor.roles, actor.superadmin), lambda: _compose(unit, key)
    )


def _compose(unit: Unit, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    bound = unit.snapshot.object(key)
    visible = visible_fields(unit, key)
    told = unit.snapshot.site.detail_of(key).facts
    name = bound.definition.name_field
    facts = (fact for fact in told if fact in visible and fact != name)
    return findable_fields(unit, key), tuple(islice(facts, FACTS))
