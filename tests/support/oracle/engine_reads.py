"""What the engine's own readers give, below every route."""

from dataclasses import replace

from engine.access.roles import rights_of
from engine.bulk.order import BulkOrder
from engine.exchange.lookups import find_records
from engine.query.counts import count as count_rows
from engine.query.listing import ListRequest, read_one, read_page, read_rows
from engine.query.members import admits, admitted
from engine.records import read
from engine.records.find import find, find_each
from engine.records.reach import readable_ids
from engine.storage.snapshot import Unit
from tests.support.oracle.hall import Look
from tests.support.oracle.judging import same
from tests.support.oracle.model import ids
from tests.support.oracle.papers import FOLDER, OBJECTS, SHEET
from tests.support.oracle.registry import covers

ACTIONS = ("read", "read_list", "update", "delete", "restore", "export", "manage_team", "transfer")


@covers(
    "engine.query.listing.read_page",
    "engine.query.listing.read_rows",
    "engine.query.listing.read_one",
    "engine.query.counts.count",
    "engine.query.members.admits",
    "engine.query.members.admitted",
    "engine.records.read.get",
    "engine.records.read.some",
    "engine.records.read.page",
    "engine.records.read.count",
    "engine.records.read.grouped",
    "engine.records.reach.readable_ids",
)
def readers(look: Look) -> None:
    """Each action reaches the records of the model, however they are asked for."""
    with look.unit() as unit:
        rights = rights_of(unit)
        for key in (FOLDER, SHEET):
            for action in ACTIONS:
                assert rights.allows(key, action) == look.model.allows(key, action), action
                if rights.allows(key, action):
                    _by_action(look, unit, key, action)
            owners = {one.id: one.owner for one in look.world.all_of(key)}
            assert readable_ids(unit, key, owners) == ids(look.model.reads(key))
            if rights.allows(key, "read"):
                _by_gateway(look, unit, key)


def _by_action(look: Look, unit: Unit, key: str, action: str) -> None:
    predicate = rights_of(unit).predicate(key, action)
    alive = {one.id: one.owner for one in look.world.all_of(key)}
    reach = ids(look.model.reads(key, action))
    assert admitted(unit, predicate, alive) == reach
    assert {one for one, owner in alive.items() if admits(unit, predicate, one, owner)} == reach
    every = [one.id for one in look.world.papers if one.object == key]
    assert {row[0] for row in read_rows(unit, predicate, key, every, ("name",)).rows} == reach
    assert {one for one in every if read_one(unit, predicate, key, one, ("id",))} == reach
    request = ListRequest(object=key, columns=("name",), limit=100)
    assert {row[0] for row in read_page(unit, predicate, request).rows} == reach
    assert count_rows(unit, predicate, request, None).value == len(reach)


def _by_gateway(look: Look, unit: Unit, key: str) -> None:
    reach = look.model.reads(key)
    every = [one.id for one in look.world.papers if one.object == key]
    same((row[0] for row in read.some(unit, key, every, ("name",)).rows), reach)
    request = ListRequest(object=key, columns=("name",), sort=("-name",), limit=100)
    same((row[0] for row in read.page(unit, request).rows), reach)
    assert read.count(unit, request, cap=None).value == len(reach)
    order = BulkOrder(object=key, verb="delete", values={})
    same((row[0] for row in read.page(unit, replace(order.request(), limit=100)).rows), reach)


@covers("engine.exchange.lookups.reach_of")
def finders(look: Look) -> None:
    """Records named by text, in imports and in search."""
    with look.unit() as unit:
        every = [f"N{one.id}Z" for one in look.world.papers]
        for key in OBJECTS:
            found = find_records(unit, unit.snapshot.object(key), every)
            same((one for held in found.values() for one in held), look.model.reads(key))
        hits = find_each(unit, look.prefix("N"), each=100)
        for key in OBJECTS:
            same((hit.id for hit in hits.get(key, [])), look.model.reads(key))
            alone = find(unit, look.prefix("N"), objects=[key], limit=100)
            same((hit.id for hit in alone), look.model.reads(key))
