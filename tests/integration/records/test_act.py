"""Actions that documents declare: of a right of their own, guarded, told, for one or many."""

from typing import Any

import pytest

from engine.access.roles import rights_of
from engine.bulk.order import BulkOrder, order_bulk
from engine.bulk.rows import read_outcomes
from engine.bulk.run import bulk_handlers
from engine.bulk.undo import undo_bulk
from engine.context import Actor, Context, Locale
from engine.errors import (
    Forbidden,
    InvalidInput,
    RecordNotFound,
    SaveConflict,
    UnknownAction,
    UnknownObject,
)
from engine.history.read import read_history
from engine.queue.job import Job, read_job
from engine.records.act import ActionNotPossible, act
from engine.records.change import change
from engine.records.company import SuperadminProtected
from engine.records.read import get
from engine.worker.runner import JobRunner
from tests.integration.records.world import NOW, World
from tests.support.library import publish

OPEN = {"field": "x_state", "op": "eq", "value": "open"}
CLOSED = {"field": "x_state", "op": "eq", "value": "closed"}
FIELDS: dict[str, dict[str, Any]] = {
    "x_state": {
        "type": "select",
        "label": "State",
        "options": {"open": {"label": "Open"}, "closed": {"label": "Closed"}},
        "default": "open",
        "readonly": True,
    },
    "x_reason": {"type": "text", "label": "Reason", "max_length": 10, "visible_if": CLOSED},
    "x_kept": {"type": "text", "label": "Kept", "max_length": 10, "readonly": True},
    "x_at": {"type": "datetime", "label": "At", "readonly": True},
    "x_by": {"type": "user", "label": "By", "readonly_if": CLOSED},
}
CLOSE: dict[str, Any] = {
    "label": {"zh-CN": "关闭", "en": "Close"},
    "form": ["x_reason"],
    "require": ["x_reason"],
    "set": {
        "x_state": "closed",
        "x_at": {"now": True},
        "x_by": {"me": True},
        "x_kept": {"field": "x_reason"},
    },
    "when": OPEN,
    "bulk": True,
}
REOPEN: dict[str, Any] = {
    "label": {"zh-CN": "重开", "en": "Reopen"},
    "set": {"x_state": "open", "x_at": {"empty": True}},
    "when": CLOSED,
}


def added(path: str, value: Any, document: str = "object/x_task") -> dict[str, Any]:
    return {"op": "add", "document": document, "path": path, "value": value}


@pytest.fixture
def office(world: World) -> World:
    """Tasks that are closed and opened again; clerks may close their own."""
    publish(
        world.live,
        *(added(f"fields/{key}", value) for key, value in FIELDS.items()),
        added("actions/x_close", CLOSE),
        added("actions/x_reopen", REOPEN),
        added("objects/x_task/x_close", "own", "role/x_clerk"),
    )
    return world


def do(world: World, actor: Actor, record: int, action: str = "x_close", **values: Any) -> Any:
    with world.unit(actor) as unit:
        return act(unit, "x_task", record, action, values)


def stored(world: World, record: int, *keys: str) -> list[Any]:
    with world.unit() as unit:
        found = get(unit, "x_task", record, keys)
        return [getattr(found.value(key), "id", found.value(key)) for key in keys]


def faults(refused: pytest.ExceptionInfo[InvalidInput]) -> dict[str, str]:
    return {error.field: error.code for error in refused.value.errors}


def test_an_action_writes_what_it_sets_and_asks_and_history_names_it(office: World) -> None:
    task = office.create("x_task", office.ann, name="T").id
    do(office, office.ann, task, x_reason="late")
    keys = ("x_state", "x_reason", "x_at", "x_by")
    assert stored(office, task, *keys) == ["closed", "late", NOW, office.ann.user_id]
    with office.unit() as unit:
        predicate = rights_of(unit).predicate("x_task", "read")
        newest = read_history(unit, predicate, "x_task", task).entries[0]
    assert (newest.action, newest.version, newest.by) == ("x_close", 2, office.ann.user_id)
    assert {one.key for one in newest.changes} == set(keys)


def test_it_is_refused_without_the_right_the_state_or_the_form(office: World) -> None:
    task = office.create("x_task", office.ann, name="T").id
    with pytest.raises(RecordNotFound):
        do(office, office.bob, task, x_reason="late")
    with pytest.raises(Forbidden):
        do(office, office.ann, task, "x_reopen")
    with pytest.raises(UnknownObject), office.unit(office.ann) as unit:
        act(unit, "loan", task, "give_back", {})
    with pytest.raises(UnknownAction):
        do(office, Actor(1, "Root", superadmin=True), task, "x_nothing")
    for given, told in (
        ({}, {"x_reason": "required"}),
        ({"x_reason": "x" * 11}, {"x_reason": "too_long"}),
        ({"x_reason": "a", "x_state": "open"}, {"x_state": "unknown_field"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            do(office, office.ann, task, **given)
        assert faults(refused) == told
    with pytest.raises(InvalidInput) as refused, office.unit(office.ann) as unit:
        change(unit, "x_task", task, {"x_state": "closed"}, version=1)
    assert faults(refused) == {"x_state": "readonly"}
    do(office, office.ann, task, x_reason="late")
    with pytest.raises(ActionNotPossible):
        do(office, office.ann, task, x_reason="again")
    assert stored(office, task, "x_reason", "version") == ["late", 2]


def test_a_version_that_somebody_changed_since_conflicts(office: World) -> None:
    task = office.create("x_task", office.ann, name="T").id
    do(office, office.ann, task, x_reason="late")
    with office.unit() as unit:
        act(unit, "x_task", task, "x_reopen", {})
    with pytest.raises(SaveConflict), office.unit(office.ann) as unit:
        act(unit, "x_task", task, "x_close", {"x_reason": "b"}, version=1)
    with office.unit(office.ann) as unit:
        act(unit, "x_task", task, "x_close", {"x_reason": "b"}, version=3)
    assert stored(office, task, "x_reason", "x_kept") == ["b", "late"]


def bulk(world: World, actor: Actor, **asked: Any) -> int:
    context = Context(actor=actor, now=NOW, locale=Locale("en"), request_id="r")
    order = BulkOrder(object="x_task", language="en", **asked)
    return order_bulk(world.live, context, order)


def run(world: World, number: int) -> Job:
    JobRunner(world.live, bulk_handlers(Locale())).run_waiting()
    with world.live.database.read() as connection:
        return read_job(connection, number)


def test_many_are_acted_on_with_an_outcome_each_and_taken_back(office: World) -> None:
    with office.unit() as unit:  # somebody who may not sign in does nothing in the background
        act(unit, "user", office.ann.user_id or 0, "activate", {})
    tasks = [office.create("x_task", office.ann, name=f"T{n}").id for n in range(3)]
    do(office, office.ann, tasks[1], x_reason="first")
    asked = {"verb": "x_close", "values": {"x_reason": "all"}, "ids": tuple(tasks)}
    number = bulk(office, office.ann, **asked)
    assert dict(run(office, number).counts) == {"done": 2, "failed": 1}
    with office.live.database.read() as connection:
        failed = read_outcomes(connection, number, states=("failed",), limit=5)
    assert [(one.record, one.code) for one in failed] == [(tasks[1], "action_not_possible")]
    assert stored(office, tasks[0], "x_state", "x_reason") == ["closed", "all"]
    context = Context(actor=office.ann, now=NOW, locale=Locale("en"), request_id="r")
    assert dict(run(office, undo_bulk(office.live, context, number)).counts) == {"done": 2}
    keys = ("x_state", "x_reason", "x_at", "x_by")
    assert stored(office, tasks[0], *keys) == ["open", None, None, None]
    assert stored(office, tasks[1], "x_reason") == ["first"]


def test_an_order_of_many_is_checked_at_once(office: World) -> None:
    for asked, told in (
        ({"verb": "x_close", "values": {}}, {"x_reason": "required"}),
        (
            {"verb": "x_close", "values": {"name": "N"}},
            {"name": "unknown_field", "x_reason": "required"},
        ),
        ({"verb": "x_reopen", "values": {}}, {"action": "unknown_action"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            bulk(office, Actor(1, "Root", superadmin=True), ids=(1,), **asked)
        assert faults(refused) == told
    with pytest.raises(Forbidden):
        bulk(office, office.ann, verb="x_reopen", values={}, ids=(1,))


def test_nobody_closes_his_own_account_or_that_of_somebody_who_holds_more(world: World) -> None:
    grants = {"read": "all", "disable": "all", "activate": "all"}
    publish(world.live, added("objects/user", grants, "role/x_clerk"))
    boss = world.create("user", name="Boss", mobile="13900000003", department=world.desk,
                        roles=["superadmin"]).id  # fmt: skip
    with pytest.raises(SuperadminProtected), world.unit(world.ann) as unit:
        act(unit, "user", boss, "disable", {})
    with pytest.raises(InvalidInput) as refused, world.unit(world.ann) as unit:
        act(unit, "user", world.ann.user_id or 0, "disable", {})
    assert faults(refused) == {"state": "own_account"}
    with world.unit(world.ann) as unit:
        act(unit, "user", world.bob.user_id or 0, "disable", {})
    with world.unit() as unit:
        assert get(unit, "user", world.bob.user_id or 0, ("state",)).value("state") == "disabled"
