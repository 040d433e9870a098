"""Bulk edit, delete, restore and their undo: outcome per record, rights and rules per record."""

from datetime import timedelta
from random import Random

import pytest

from engine.bulk import undo as undoing
from engine.bulk.order import MOST_IDS, BulkOrder, order_bulk
from engine.bulk.run import bulk_handlers
from engine.bulk.undo import BulkNotUndoable, ForgetOldRows, undo_bulk
from engine.context import Locale
from engine.errors import Forbidden, InvalidInput, UnknownField
from engine.queue.job import UnknownJob, ask_to_cancel
from engine.records.change import change
from engine.records.restore import restore
from engine.worker.runner import JobRunner
from tests.integration.bulk.conftest import Office
from tests.integration.records.world import World
from tests.support.kills import kill_until_done

MINE = {"field": "owner", "op": "is_me"}

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(1, 2))]
"""One death in every run of the tests, others in the deep one."""


def test_everything_that_matches_is_edited_by_rights(office: Office) -> None:
    world: World = office.world
    mine, theirs = office.tasks(620, world.ann), office.tasks(30, world.bob)
    number = office.order("edit", world.ann, values={"name": "Same"})
    job = office.run(number)
    assert (job.state, job.done, job.total, dict(job.counts)) == ("done", 620, 620, {"done": 620})
    names = {record: name for record, (name,) in office.stored("name").items()}
    assert {names[record] for record in mine} == {"Same"}
    assert "Same" not in {names[record] for record in theirs}


def test_each_record_has_its_outcome(office: Office) -> None:
    world = office.world
    mine, theirs = office.tasks(3, world.ann), office.tasks(1, world.bob)
    with world.unit() as unit:
        change(unit, "x_task", mine[1], {"name": "Done"}, version=1)
    number = office.order(
        "edit", world.ann, values={"name": "Done"}, ids=(*mine, *theirs, 9_999, mine[0])
    )
    job = office.run(number)
    assert dict(job.counts) == {"done": 2, "skipped": 1, "failed": 2}
    assert office.reasons(number) == {
        mine[0]: ("done", ""),
        mine[1]: ("skipped", "unchanged"),
        mine[2]: ("done", ""),
        theirs[0]: ("failed", "record_not_found"),
        9_999: ("failed", "record_not_found"),
    }


def test_rules_hold_for_each_record(office: Office) -> None:
    books = [office.world.book(title=f"B{n}") for n in range(3)]
    with office.world.unit() as unit:
        change(unit, "book", books[0], {"x_damage": None, "x_lendable": True}, version=1)
    task = office.tasks(2)
    number = office.order("edit", values={"code": "A-1"}, ids=tuple(task))
    office.run(number)
    assert office.reasons(number) == {task[0]: ("done", ""), task[1]: ("failed", "not_unique")}


def test_what_does_not_fit_is_refused_before_anything_is_ordered(office: Office) -> None:
    world = office.world
    office.tasks(1, world.ann)
    for values in ({}, {"name": "x" * 100_000}, {"nothing": 1}, {"secret": "x"}, {"code": "x"}):
        with pytest.raises(InvalidInput):
            office.order("edit", world.ann, values=values, ids=(1,))
    with pytest.raises(InvalidInput):
        office.order("delete", ids=tuple(range(1, MOST_IDS + 2)))
    with pytest.raises(InvalidInput):
        office.order("explode", ids=(1,))
    with pytest.raises(Forbidden):
        office.order("purge", world.ann)
    hidden = {"field": "secret", "op": "eq", "value": "x"}
    with pytest.raises(UnknownField):
        office.order("edit", world.ann, values={"name": "n"}, where=hidden)
    with office.live.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM heddle_job").scalar() == 0


def test_a_condition_and_a_search_choose(office: Office) -> None:
    mine = office.tasks(12, office.world.ann)
    office.tasks(5, office.world.bob)
    where = {"field": "name", "op": "contains", "value": "Task 1"}
    number = office.order("edit", office.world.ann, values={"name": "x"}, where=where)
    office.run(number)
    assert sorted(office.reasons(number)) == [mine[1], mine[10], mine[11]]
    number = office.order("edit", values={"name": "y"}, where=MINE)
    assert office.run(number).total == 0


def test_undo_brings_old_values_back_and_lists_what_changed_since(office: Office) -> None:
    ids = office.tasks(5)
    before = office.stored("name", "secret")
    number = office.order("edit", values={"name": "New", "secret": "s"}, ids=tuple(ids))
    office.run(number)
    with office.world.unit() as unit:
        change(unit, "x_task", ids[1], {"name": "By hand"}, version=2)
    job = office.undo(number)
    assert dict(job.counts) == {"done": 4, "skipped": 1}
    assert office.reasons(job.id)[ids[1]] == ("skipped", "changed_since")
    assert office.stored("name", "secret") == {**before, ids[1]: ("By hand", "s")}
    again = undo_bulk(office.live, office.context(), number)
    assert again == job.id


def test_delete_undo_and_restore(office: Office) -> None:
    ids = office.tasks(150)
    number = office.order("delete")
    assert dict(office.run(number).counts) == {"done": 150}
    assert office.stored() == {}
    with office.world.unit() as unit:
        restore(unit, "x_task", ids[0])
    job = office.undo(number)
    assert dict(job.counts) == {"done": 149, "skipped": 1}
    assert sorted(office.stored()) == ids
    office.run(office.order("delete", ids=tuple(ids[:3])))
    restored = office.order("restore")
    assert dict(office.run(restored).counts) == {"done": 3}
    with office.world.unit() as unit:
        change(unit, "x_task", ids[1], {"name": "Touched"}, version=5)
    undone = office.undo(restored)
    assert dict(undone.counts) == {"done": 2, "skipped": 1}
    assert sorted(office.stored()) == [ids[1], *ids[3:]]


def test_what_a_caller_runs_himself_is_left_to_him_until_he_is_gone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = tuple(office.tasks(2))
    order = BulkOrder(object="x_task", verb="delete", values={}, ids=ids, language="en")
    mine, left = (order_bulk(office.live, office.context(), order, by_caller=True) for _ in "ab")
    assert office.run(mine).state == "queued"
    assert JobRunner(office.live, bulk_handlers(Locale())).run_this(mine)
    assert office.job(mine).state == "done"
    assert office.stored() == {}
    later = office.live.clock() + timedelta(minutes=1)
    monkeypatch.setattr(office.live, "clock", lambda: later)
    assert office.run(left).state == "done"


def test_what_fell_with_another_one_is_done_and_comes_back(office: Office) -> None:
    world = office.world
    loan = world.create("loan", book=world.book(), reader=world.create("reader").id).id
    notes = [world.create("x_note", name="n", loan=loan).id for _ in range(3)]
    order = BulkOrder(object="loan", verb="delete", values={}, ids=(loan,), language="en")
    number = order_bulk(office.live, office.context(), order)
    assert dict(office.run(number).counts) == {"done": 1}
    undone = office.undo(number)
    assert dict(undone.counts) == {"done": 1}
    with world.unit() as unit:
        change(unit, "x_note", notes[0], {"name": "m"}, version=3)


def test_purge_is_for_good(office: Office) -> None:
    office.tasks(4)
    office.run(office.order("delete"))
    number = office.order("purge")
    assert dict(office.run(number).counts) == {"done": 4}
    with pytest.raises(BulkNotUndoable):
        undo_bulk(office.live, office.context(), number)


def test_undo_is_ones_own_and_ends_after_thirty_days(office: Office) -> None:
    world = office.world
    ids = office.tasks(2, world.ann)
    number = office.order("edit", world.ann, values={"name": "x"}, ids=tuple(ids))
    office.run(number)
    with pytest.raises(UnknownJob):
        undo_bulk(office.live, office.context(world.bob), number)
    clock = office.live.clock
    forget = ForgetOldRows()
    forget(office.live)
    assert len(office.outcomes(number)) == 2
    office.live.clock = lambda: clock() + undoing.KEPT + timedelta(minutes=1)
    with pytest.raises(BulkNotUndoable):
        undo_bulk(office.live, office.context(world.ann), number)
    ForgetOldRows()(office.live)
    assert office.outcomes(number) == []


def test_rights_that_end_meanwhile_end_it_for_what_is_left(office: Office) -> None:
    world = office.world
    office.tasks(3, world.ann)
    number = office.order("edit", world.ann, values={"name": "x"})
    office.set_state(world.ann, "disabled")
    job = office.run(number)
    assert job.state == "failed"
    assert (job.result or {})["code"] == "forbidden"


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_in_the_middle_it_does_each_record_once(office: Office, seed: int) -> None:
    ids = office.tasks(700, office.world.ann)
    number = office.order("edit", office.world.ann, values={"name": "Once"})
    job, died = kill_until_done(office.live, number, seed=seed, kills=4, longest=1_500)
    assert died >= 2
    assert (job.state, job.done, dict(job.counts)) == ("done", 700, {"done": 700})
    assert office.stored("name", "version") == dict.fromkeys(ids, ("Once", 2))
    undo = undo_bulk(office.live, office.context(office.world.ann), number)
    job, _ = kill_until_done(office.live, undo, seed=seed + 50, kills=3, longest=1_500)
    assert dict(job.counts) == {"done": 700}
    assert set(office.stored("version").values()) == {(3,)}


def test_cancelled_it_keeps_what_it_did_and_can_be_undone(office: Office) -> None:
    office.tasks(250)
    number = office.order("edit", values={"name": "x"})
    with office.live.database.write() as connection:
        ask_to_cancel(connection, number, office.live.clock())
    assert office.run(number).state == "cancelled"


def test_random_sequences_agree_with_a_model(office: Office) -> None:
    """Edits, deletes, restores and undos of random selections; a dictionary knows the answer."""
    random = Random(5)  # noqa: S311 - choices of a test
    ids = office.tasks(40)
    model = {record: (f"Task {at}", False) for at, record in enumerate(ids)}
    logs: list[tuple[int, str, dict[int, tuple[str, bool]], dict[int, tuple[str, bool]]]] = []
    for turn in range(12):
        verb = random.choice(["edit", "edit", "delete", "restore", "undo"])
        if verb == "undo":
            if not logs:
                continue
            number, _, before, after = logs.pop(random.randrange(len(logs)))
            office.undo(number)
            for record, old in before.items():
                if model[record] == after[record]:
                    model[record] = old
            logs.clear()  # what an older undo would meet is no longer told by values alone
        else:
            chosen = sorted(random.sample(ids, random.randint(1, 20)))
            values = {"name": f"Turn {turn}"} if verb == "edit" else {}
            number = office.order(verb, values=values, ids=tuple(chosen))
            if office.run(number).counts.get("done", 0) == 0:
                continue
            before, after = {}, {}
            for record in chosen:
                name, gone = model[record]
                new = {
                    "edit": (name if gone else f"Turn {turn}", gone),
                    "delete": (name, True),
                    "restore": (name, False),
                }[verb]
                if new != model[record]:
                    before[record], after[record] = model[record], new
                    model[record] = new
            logs.append((number, verb, before, after))
        live = {record: (name,) for record, (name, gone) in model.items() if not gone}
        assert office.stored("name") == live, f"turn {turn}: {verb}"
