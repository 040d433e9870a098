"""Trees without circles, and what always holds of people and departments, on every way."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.access.sessions import SessionRules, open_session, sessions_of
from engine.access.tokens import create_token, read_token
from engine.context import Actor
from engine.errors import InvalidInput
from engine.records.act import act, take_back
from engine.records.batch import Operation, run_batch
from engine.records.bulk import change_each
from engine.records.change import change
from engine.records.company import HoldsMore, RootStays, SuperadminProtected, root_of
from engine.records.create_many import create_many
from engine.records.remove import remove
from engine.records.restore import restore
from engine.records.shape import load, shape_of
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from tests.integration.records.test_act import added
from tests.integration.records.test_races import at_once
from tests.integration.records.world import NOW, World
from tests.support.library import added_field, publish

FREE = Writing(unversioned=True)
TRUSTED = Writing(unversioned=True, system_fields=True, check_links=False)


def hire(world: World, name: str, number: int, **values: Any) -> int:
    made = world.create("user", name=name, mobile=f"137{number:08}", department=world.desk)
    write(world, "user", made.id, {"state": "active", **values})
    return made.id


def write(world: World, key: str, record_id: int, values: dict[str, Any]) -> None:
    with world.unit() as unit:
        change(unit, key, record_id, values, version=None, writing=TRUSTED)


def linked(unit: Unit, key: str, record_id: int, field: str) -> int | None:
    """Give the id that a link of a record holds."""
    shape = shape_of(unit, key)
    held: int | None = load(unit, shape, record_id).values[field]
    return held


def refused(call: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as found:
        call()
    return {one.field: one.code for one in found.value.errors}


def test_nobody_comes_to_stand_above_himself(world: World) -> None:
    ann, bob, cy = (hire(world, name, n) for n, name in enumerate(("A", "B", "C")))
    write(world, "user", ann, {"manager": bob})
    write(world, "user", bob, {"manager": cy})
    assert refused(lambda: write(world, "user", cy, {"manager": cy})) == {
        "manager": "link_to_itself"
    }
    with pytest.raises(InvalidInput) as found:
        write(world, "user", cy, {"manager": ann})
    assert found.value.errors[0].code == "link_circle"
    assert found.value.errors[0].params == {"chain": "C → A → B → C"}
    write(world, "user", bob, {"manager": None})
    write(world, "user", cy, {"manager": ann})


def test_a_circle_is_refused_on_every_way(world: World) -> None:
    low, high = hire(world, "Low", 1), hire(world, "High", 2)
    write(world, "user", low, {"manager": high})
    with world.unit() as unit:
        (one,) = change_each(unit, "user", [high], {"manager": low})
        (two,) = run_batch(
            unit, "user", [Operation("update", high, 2, {"manager": low})], atomic=False
        )
        assert isinstance(one.error, InvalidInput)
        assert isinstance(two.error, InvalidInput)
    moving = {"label": "Set manager", "form": ["manager"]}
    publish(world.live, added("actions/x_move", moving, "object/user"))
    assert refused(lambda: _act(world, high, {"manager": low})) == {"manager": "link_circle"}
    write(world, "user", low, {"manager": None})
    _act(world, high, {"manager": low})
    with world.unit() as unit:
        take_back(unit, "user", high, "x_move", {"manager": None})
    write(world, "user", low, {"manager": high})
    with pytest.raises(InvalidInput), world.unit() as unit:
        take_back(unit, "user", high, "x_move", {"manager": low})


def _act(world: World, record_id: int, values: dict[str, Any]) -> None:
    with world.unit() as unit:
        act(unit, "user", record_id, "x_move", values)


def test_any_object_may_have_a_tree(world: World) -> None:
    publish(
        world.live,
        added_field("x_part_of", type="link", to="book", on_delete="cascade", acyclic=True),
    )
    part, whole = world.book(author="Part"), world.book()
    write(world, "book", part, {"x_part_of": whole})
    with world.unit() as unit:
        remove(unit, "book", whole)
    with world.unit() as unit:
        restore(unit, "book", whole)
    assert refused(lambda: write(world, "book", whole, {"x_part_of": part})) == {
        "x_part_of": "link_circle"
    }


def test_a_circle_names_what_its_reader_may_see(world: World) -> None:
    above = {"type": "link", "label": "Above", "to": "x_task", "on_delete": "clear"}
    publish(world.live, added("fields/above", {**above, "acyclic": True}))
    mine, other = (world.create("x_task", world.ann, name=name).id for name in ("Mine", "Other"))
    unseen = world.create("x_task", world.bob, name="Secret").id
    write(world, "x_task", other, {"above": unseen})
    write(world, "x_task", unseen, {"above": mine})
    with pytest.raises(InvalidInput) as found, world.unit(world.ann) as unit:
        change(unit, "x_task", mine, {"above": other}, version=None, writing=FREE)
    assert found.value.errors[0].params["chain"] == "Mine → Other → … → Mine"


def test_two_who_would_close_a_circle_together_cannot(world: World) -> None:
    people = [hire(world, name, n) for n, name in enumerate("ABCD")]
    a, b, c, d = people
    for _ in range(3):
        for person in people:
            write(world, "user", person, {"manager": None})
        write(world, "user", b, {"manager": c})
        write(world, "user", d, {"manager": a})
        outcomes = at_once([_manages(world, c, d), _manages(world, a, b)])
        assert sum(isinstance(one, InvalidInput) for one in outcomes) == 1
        with world.unit() as unit:
            above = {one: linked(unit, "user", one, "manager") for one in people}
        for person in people:
            seen, at = set(), above[person]
            while at is not None:
                assert at not in seen
                seen.add(at)
                at = above[at]


def _manages(world: World, person: int, manager: int) -> Callable[[], None]:
    return lambda: write(world, "user", person, {"manager": manager})


def test_the_tree_of_departments_has_one_top(world: World) -> None:
    with world.unit() as unit:
        root = root_of(unit)
        assert root is not None
    below = world.create("department", name="Below").id
    with world.unit() as unit:
        assert linked(unit, "department", below, "parent") == root
        (made,) = create_many(unit, "department", [{"name": "Imported"}])
        assert linked(unit, "department", made.id or 0, "parent") == root
    assert refused(lambda: write(world, "department", below, {"parent": None})) == {
        "parent": "required"
    }
    assert refused(lambda: write(world, "department", root, {"parent": below})) == {
        "parent": "root_not_moved"
    }
    write(world, "department", root, {"name": "Headquarters"})
    with pytest.raises(RootStays), world.unit() as unit:
        remove(unit, "department", root)
    inner = world.create("department", name="Inner", parent=below).id
    assert refused(lambda: write(world, "department", below, {"parent": inner})) == {
        "parent": "link_circle"
    }


def test_the_last_who_may_do_everything_stays(world: World) -> None:
    one = hire(world, "One", 1, roles=["superadmin"])
    assert refused(lambda: write(world, "user", one, {"state": "disabled"})) == {
        "state": "last_admin"
    }
    assert refused(lambda: write(world, "user", one, {"roles": ["x_clerk"]})) == {
        "roles": "last_admin"
    }
    with pytest.raises(PlatformError), world.unit() as unit:
        remove(unit, "user", one)
    two = hire(world, "Two", 2, roles=["superadmin"])
    write(world, "user", one, {"state": "disabled"})
    assert refused(lambda: write(world, "user", two, {"state": "invited"})) == {
        "state": "last_admin"
    }


def test_two_superadmins_cannot_disable_each_other_at_once(world: World) -> None:
    one = hire(world, "One", 1, roles=["superadmin"])
    two = hire(world, "Two", 2, roles=["superadmin"])

    def disabling(who: int, whom: int) -> Callable[[], None]:
        def run() -> None:
            with world.unit(Actor(user_id=who, superadmin=True)) as unit:
                act(unit, "user", whom, "disable", {})

        return run

    for _ in range(3):
        outcomes = at_once([disabling(one, two), disabling(two, one)])
        assert sum(isinstance(found, InvalidInput) for found in outcomes) == 1
        for person in (one, two):
            write(world, "user", person, {"state": "active"})


def test_who_is_no_superadmin_touches_none(world: World) -> None:
    grants = {"read": "all", "update": "all", "disable": "all", "set_roles": "all"}
    publish(world.live, added("objects/user", grants, "role/x_clerk"))
    boss, helper = hire(world, "Boss", 1, roles=["superadmin"]), hire(world, "Help", 2)
    for values in ({"position": "Clerk"}, {"mobile": "13711112222"}, {"roles": ["x_clerk"]}):
        with pytest.raises(SuperadminProtected), world.unit(world.ann) as unit:
            change(unit, "user", boss, values, version=None, writing=FREE)
    with pytest.raises(SuperadminProtected), world.unit(world.ann) as unit:
        act(unit, "user", boss, "disable", {})
    write(world, "user", helper, {"roles": ["people_admin"]})
    with pytest.raises(HoldsMore), world.unit(world.ann) as unit:
        act(unit, "user", helper, "disable", {})


@pytest.mark.parametrize("trusted", [True, False])
def test_access_ends_with_the_account_on_every_way(world: World, trusted: bool) -> None:
    person = hire(world, "Cy", 1)
    with world.unit() as unit:
        open_session(unit.connection, person, now=NOW, rules=SessionRules())
        token = create_token(unit.connection, person, name="t", days=1, now=NOW)
    with world.unit() as unit:
        if trusted:
            change(unit, "user", person, {"state": "invited"}, version=None, writing=TRUSTED)
        else:
            act(unit, "user", person, "disable", {})
    with world.unit() as unit:
        assert not sessions_of(unit.connection, person, now=NOW, rules=SessionRules())
        assert read_token(unit.connection, token[1], now=NOW) is None


def test_whose_number_it_is_stands_in_the_refusal(world: World) -> None:
    hire(world, "Cy", 1)
    with pytest.raises(InvalidInput) as found:
        world.create("user", name="Di", mobile="137 0000 0001", department=world.desk)
    (error,) = found.value.errors
    assert (error.field, error.code, error.params["name"]) == ("mobile", "not_unique", "Cy")
