"""A published field gets another type: a preview, a new column, a job, and the way back."""

import pytest
from sqlalchemy import select

from engine.doctor import examine
from engine.publish.apply import rollback_to
from engine.publish.draft import create_draft, discard_draft
from engine.publish.plan import Plan, plan_draft
from engine.queue.job import read_errors
from engine.records.change import change
from engine.records.create import create
from tests.integration.upkeep.conftest import Shelf
from tests.invariants import check_all
from tests.support.kills import kill_until_done
from tests.support.library import added_field, publish, system_context

TYPE = "fields/x_size/type"


def retype(kind: str) -> dict[str, object]:
    return {"op": "set", "document": "object/book", "path": TYPE, "value": kind}


def plan_of(shelf: Shelf, *changes: dict[str, object]) -> Plan:
    live = shelf.live
    with live.write(system_context(live)) as unit:
        draft = create_draft(unit, list(changes))
    with live.read(system_context(live)) as unit:
        plan = plan_draft(live, unit, draft)
    with live.write(system_context(live)) as unit:
        discard_draft(unit, draft.id)
    return plan


def a_book(shelf: Shelf, size: object) -> int:
    with shelf.live.write(system_context(shelf.live)) as unit:
        values = {"title": "书", "author": "人", "x_size": size}
        return create(unit, "book", values).id


def sizes(shelf: Shelf) -> list[object]:
    with shelf.live.read(system_context(shelf.live)) as unit:
        column = unit.snapshot.object("book").field("x_size").column
        found = select(column).where(column.is_not(None)).order_by(column.table.c.id)
        return list(unit.connection.execute(found).scalars())


def sound(shelf: Shelf) -> None:
    with shelf.live.read(system_context(shelf.live)) as unit:
        check_all(unit.connection, unit.snapshot)
    assert examine(shelf.live, system_context(shelf.live)).findings == ()


def test_text_becomes_numbers_and_what_is_none_is_listed_and_kept(shelf: Shelf) -> None:
    publish(shelf.live, added_field("x_size"))
    before = shelf.live.snapshot.number
    for size in ("12", "7", "large", "large", None):
        a_book(shelf, size)
    plan = plan_of(shelf, retype("integer"))
    assert plan.valid
    (look,) = plan.conversions
    assert (look.before, look.after, look.converts, look.fails) == ("text", "integer", 2, 2)
    ((bad),) = look.failing
    assert (bad.value, bad.count, bad.reason.reason) == ("large", 2, "not_a_number")
    assert [one.kind for one in plan.deferrals] == ["convert"]
    after = publish(shelf.live, retype("integer"))
    shelf.work()
    assert sizes(shelf) == [12, 7]
    (job,) = shelf.jobs("convert")
    assert (job.state, job.counts["converted"], job.counts["failed"]) == ("done", 2, 2)
    with shelf.live.read(system_context(shelf.live)) as unit:
        assert len(read_errors(unit.connection, job.id)) == 2
    sound(shelf)
    late = a_book(shelf, 99)
    rollback_to(shelf.live, system_context(shelf.live), before)
    shelf.work()
    assert sizes(shelf) == ["12", "7", "large", "large", "99"]
    sound(shelf)
    rollback_to(shelf.live, system_context(shelf.live), after)
    shelf.work()
    assert sizes(shelf) == [12, 7, 99]
    assert late
    sound(shelf)


def test_what_somebody_wrote_meanwhile_is_not_overwritten(shelf: Shelf) -> None:
    publish(shelf.live, added_field("x_size"))
    book = a_book(shelf, "12")
    publish(shelf.live, retype("integer"))
    with shelf.live.write(system_context(shelf.live)) as unit:
        change(unit, "book", book, {"x_size": 40}, version=1)
    shelf.work()
    assert sizes(shelf) == [40]
    sound(shelf)


@pytest.mark.parametrize(
    ("definition", "value", "kind", "more", "left"),
    [
        ({"type": "integer"}, 5, "decimal", {"scale": 2}, [500]),
        ({"type": "decimal", "scale": 2}, "1280.50", "text", {}, ["1280.50"]),
        ({"type": "decimal", "scale": 2}, "1280.50", "integer", {}, []),
        ({"type": "decimal", "scale": 2}, "1280.00", "integer", {}, [1280]),
        ({"type": "boolean"}, True, "text", {}, ["是"]),
        ({"type": "text"}, "a@b.cn", "email", {}, ["a@b.cn"]),
        ({"type": "text"}, "no mail", "email", {}, []),
    ],
)
def test_each_rule_of_the_matrix(
    shelf: Shelf,
    definition: dict[str, object],
    value: object,
    kind: str,
    more: dict[str, object],
    left: list[object],
) -> None:
    publish(shelf.live, added_field("x_size", **definition))
    a_book(shelf, value)
    props: list[dict[str, object]] = [
        {"op": "set", "document": "object/book", "path": f"fields/x_size/{name}", "value": given}
        for name, given in more.items()
    ]
    gone: list[dict[str, object]] = [
        {"op": "remove", "document": "object/book", "path": f"fields/x_size/{name}"}
        for name in definition
        if name not in {"type", *more}
    ]
    plan = plan_of(shelf, retype(kind), *props, *gone)
    assert plan.valid, plan.problems
    assert plan.conversions[0].converts == len(left)
    publish(shelf.live, retype(kind), *props, *gone)
    shelf.work()
    assert sizes(shelf) == left
    sound(shelf)


def test_a_type_that_nothing_leads_to_is_still_refused(shelf: Shelf) -> None:
    publish(shelf.live, added_field("x_size", type="date"))
    (problem,) = plan_of(shelf, retype("integer")).problems
    assert problem.code == "type_change"


def test_a_worker_that_dies_converts_nothing_twice(shelf: Shelf) -> None:
    publish(shelf.live, added_field("x_size"))
    for number in range(60):
        a_book(shelf, str(number))
    publish(shelf.live, retype("integer"))
    (waiting,) = shelf.jobs("convert")
    ended, died = kill_until_done(shelf.live, waiting.id, seed=3, kills=3, longest=45)
    assert died >= 1
    assert (ended.state, ended.counts["converted"]) == ("done", 60)
    assert sizes(shelf) == list(range(60))
    sound(shelf)
