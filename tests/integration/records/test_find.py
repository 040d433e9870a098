"""Search across objects for a caller: by initials and ends of numbers, within his rights."""

from typing import Any

from engine.context import Actor
from engine.query.listing import ListRequest
from engine.records.bulk import remove_each, restore_each
from engine.records.change import change
from engine.records.find import find
from engine.records.read import page
from engine.records.writing import Writing
from tests.integration.records.world import World
from tests.support.library import publish

TASK, ROLE = "object/x_task", "role/x_clerk"


def _change(op: str, document: str, path: str, value: Any) -> dict[str, Any]:
    return {"op": op, "document": document, "path": path, "value": value}


def _prepare(world: World) -> None:
    """Let tasks be found by a hidden field, a phone and a covered phone."""
    phone = {"type": "phone", "country": "CN", "search": True, "label": "Phone"}
    publish(
        world.live,
        _change("set", TASK, "fields/secret/search", value=True),
        _change("add", TASK, "fields/x_phone", phone),
        _change("add", TASK, "fields/x_covered", phone),
        _change(
            "set", ROLE, "objects/x_task/fields/x_covered", {"level": "edit", "mask": "always"}
        ),
    )


def _found(world: World, actor: Actor, text: str) -> list[int]:
    """Ask everywhere and in the list, which agree."""
    with world.unit(actor) as unit:
        hits = sorted(hit.id for hit in find(unit, text, objects=["x_task"]))
        everywhere = sorted(hit.id for hit in find(unit, text) if hit.object == "x_task")
        listed = page(unit, ListRequest(object="x_task", columns=("name",), search=text))
    assert hits == everywhere == sorted(row[listed.id_index] for row in listed.rows)
    return hits


def test_one_finds_by_initials_and_ends_of_numbers_what_one_may_see(world: World) -> None:
    _prepare(world)
    values = {"x_phone": "13812345678", "x_covered": "13900001111"}
    mine = world.create("x_task", world.ann, name="阿里云创", **values).id
    theirs = world.create("x_task", world.bob, name="杭州阿里云创", **values).id
    with world.unit() as unit:
        change(unit, "x_task", mine, {"secret": "机密文件"}, version=1)
    for text in ("alyc", "lyc", "阿里", "5678", "345678", "alyc 5678"):
        assert _found(world, world.ann, text) == [mine]
        assert _found(world, world.bob, text) == [theirs]
        with world.unit() as unit:
            assert sorted(hit.id for hit in find(unit, text)) == [mine, theirs]
    assert _found(world, world.ann, "hzalyc") == []
    for hidden in ("jmwj", "机密", "1111", "13900001111"):
        assert _found(world, world.ann, hidden) == []
        with world.unit() as unit:
            assert mine in {hit.id for hit in find(unit, hidden)}


def test_a_record_is_found_by_its_owner_of_the_moment(world: World) -> None:
    task = world.create("x_task", world.ann, name="阿里云创").id
    trusted = Writing(system_fields=True, via="transferred")
    with world.unit() as unit:
        change(unit, "x_task", task, {"owner": world.bob.user_id}, version=1, writing=trusted)
    assert (_found(world, world.ann, "alyc"), _found(world, world.bob, "alyc")) == ([], [task])
    with world.unit() as unit:
        remove_each(unit, "x_task", [task])
    assert _found(world, world.bob, "alyc") == []
    with world.unit() as unit:
        restore_each(unit, "x_task", [task])
    assert _found(world, world.bob, "alyc") == [task]
    with world.unit() as unit:
        change(unit, "x_task", task, {"owner": None}, version=4, writing=trusted)
    assert _found(world, world.bob, "alyc") == []
