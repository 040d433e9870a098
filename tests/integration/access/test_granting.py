"""The roads on which a role could grow: drafts, packs, rollbacks, actions, undo."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from engine.access.actors import read_actor
from engine.access.roles import SUPERADMIN
from engine.context import Context
from engine.errors import Forbidden, InvalidInput
from engine.people import acting
from engine.publish.apply import publish_draft, rollback_to
from engine.publish.draft import create_draft
from engine.publish.packs import packs_with, trial_draft
from engine.publish.plan import plan_draft, plan_rollback
from engine.publish.widening import NOT_HELD
from engine.records.act import act, take_back
from engine.records.change import change
from engine.records.create import create
from engine.storage.snapshot import Unit
from metadata.errors import MetadataInvalid
from metadata.load import Pack
from tests.integration.access.conftest import Place
from tests.support.library import library_packs, publish

MAKER: Mapping[str, Any] = {
    "label": "Maker",
    "objects": {
        "book": {"read": "own", "create": True, "fields": {"x_price": "hidden"}},
        "user": {"read": "all", "update": "all", "set_roles": "all"},
        "department": {"read": "all"},
    },
    "menus": {"administration": {"role": True}},
    "admin": {"roles": True, "metadata": True, "packs": True},
}


def role(key: str, body: Mapping[str, Any], op: str = "add") -> dict[str, Any]:
    return {"op": op, "document": f"role/{key}", "path": "", "value": {"label": key, **body}}


def line(path: str, value: Any, key: str = "x_maker") -> dict[str, Any]:
    return {"op": "set", "document": f"role/{key}", "path": path, "value": value}


@pytest.fixture
def maker(place: Place) -> int:
    """Somebody who makes roles and metadata, and sees of books only his own, without prices."""
    price = {"type": "decimal", "scale": 2, "label": "Price"}
    shelf = {"op": "add", "document": "object/book", "path": "fields/x_price", "value": price}
    publish(place.live, shelf, role("x_maker", MAKER))
    return place.hire("Mo", "13900000001", "x_maker")


def as_person(place: Place, user_id: int) -> Context:
    with place.live.read(acting(place.live)) as unit:
        actor = read_actor(unit.connection, unit.snapshot, user_id)
    assert actor is not None
    return replace(acting(place.live), actor=actor)


def refused(place: Place, context: Context, *changes: dict[str, Any]) -> list[str]:
    """Try to publish; gives where a right is not held, the same from the plan and the publish."""
    before = place.live.snapshot.number
    with place.live.write(context) as unit:
        draft = create_draft(unit, list(changes))
    with place.live.read(context) as unit:
        planned = [(one.code, one.path) for one in plan_draft(place.live, unit, draft).problems]
    if not planned:
        publish_draft(place.live, context, draft)
        return []
    with pytest.raises(MetadataInvalid) as told:
        publish_draft(place.live, context, draft)
    assert [(one.code, one.path) for one in told.value.problems] == planned
    assert {code for code, _ in planned} == {NOT_HELD}
    assert place.live.snapshot.number == before
    return [path for _, path in planned]


def test_a_draft_grants_nobody_more_than_its_publisher_holds(place: Place, maker: int) -> None:
    mo = as_person(place, maker)
    more = {"objects": {"book": {"read": "all", "delete": "own"}, "loan": {"create": True}}}
    paths = ["objects/book/read", "objects/book/delete", "objects/book/fields/x_price"]
    assert refused(place, mo, role("x_more", more)) == [*paths, "objects/loan/create"]
    assert refused(place, mo, line("objects/book/read", "all")) == ["objects/book/read"]
    open_price = line("objects/book/fields/x_price", "read")
    assert refused(place, mo, open_price) == ["objects/book/fields/x_price"]
    assert refused(place, mo, line("admin/people", value=True)) == ["admin/people"]
    opened = {"op": "set", "document": "role/librarian", "path": "menus/administration",
              "value": {"user": True}}  # fmt: skip
    assert refused(place, mo, opened) == ["menus/administration/user"]
    fewer = line("objects/book", {"read": "own", "fields": {"x_price": "hidden"}})
    assert refused(place, mo, fewer) == []
    same = {"objects": {"book": {"read": "own", "fields": {"x_price": "hidden"}}}}
    assert refused(place, mo, role("x_same", same)) == []


def test_the_way_round_over_a_hidden_field_is_shut(place: Place, maker: int) -> None:
    mo = as_person(place, maker)
    hide = {"op": "remove", "document": "object/book", "path": "fields/x_price"}
    with place.live.write(mo) as unit:
        plan = plan_draft(place.live, unit, create_draft(unit, [hide]))
    told = [(one.document, one.path) for one in plan.impact]
    assert ("role/x_maker", "objects/book/fields/x_price") in told
    assert refused(place, mo, hide) == []
    shown = {"op": "remove", "document": "role/x_maker", "path": "objects/book/fields/x_price"}
    assert refused(place, mo, shown) == ["objects/book/fields/x_price"]
    assert refused(place, mo, hide) == []  # brings it back: no role says anything new
    with place.live.read(mo) as unit:
        assert "x_price" in unit.snapshot.object("book").fields


def test_packs_and_rollbacks_grant_no_more_either(place: Place, maker: int) -> None:
    before = place.live.snapshot.number
    publish(place.live, {"op": "remove", "document": "role/librarian", "path": "objects/loan"})
    mo = as_person(place, maker)
    with place.live.read(mo) as unit:
        plan = plan_rollback(place.live, unit, before)
        packs = packs_with(place.live, [_with_more(library_packs()[-1])])
        coming = plan_draft(place.live, unit, trial_draft(unit, packs))
    assert {one.code for one in plan.problems} == {NOT_HELD}
    paths = ["objects/book/purge", "objects/book/fields/x_price"]
    assert [one.path for one in coming.problems] == paths
    with pytest.raises(MetadataInvalid):
        rollback_to(place.live, mo, before)
    rollback_to(place.live, as_person(place, place.admin), before)


def _with_more(pack: Pack) -> Pack:
    """Give the pack a role that may more."""
    made = {"label": {"zh-CN": "新", "en": "New"}, "objects": {"book": {"purge": "all"}}}
    (old,) = [one for one in pack.documents if one.kind == "role"]
    return replace(pack, documents=(*pack.documents, replace(old, key="cleaner", body=made)))


def test_no_verb_gives_a_role_that_the_giver_does_not_hold(place: Place, maker: int) -> None:
    sneak = {"label": "Sneak", "set": {"roles": ["librarian"]}}
    action = {"op": "add", "document": "object/user", "path": "actions/x_sneak", "value": sneak}
    grant = line("objects/user/x_sneak", "all")
    publish(place.live, action, grant)
    mo, bo = as_person(place, maker), place.hire("Bo", "13900000002", "x_maker")
    values = {"name": "Cy", "mobile": "13900000003", "roles": ["librarian"]}
    tries: tuple[Callable[[Unit], object], ...] = (
        lambda unit: change(unit, "user", bo, {"roles": ["librarian"]}, version=1),
        lambda unit: act(unit, "user", bo, "set_roles", {"roles": ["librarian"]}),
        lambda unit: act(unit, "user", bo, "x_sneak", {}),
        lambda unit: take_back(unit, "user", bo, "set_roles", {"roles": ["librarian"]}),
        lambda unit: change(unit, "user", maker, {"roles": [SUPERADMIN, "x_maker"]}, version=1),
    )
    for attempt in tries:
        with pytest.raises(InvalidInput) as told, place.live.write(mo) as unit:
            attempt(unit)
        assert [one.code for one in told.value.errors] == ["role_not_held"]
    with pytest.raises(Forbidden), place.live.write(mo) as unit:
        create(unit, "user", values)
