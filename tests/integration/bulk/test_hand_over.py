"""Handing over what somebody has: one job, an outcome for each record, taken back as one."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine.access.scope import DEPARTMENT, USER
from engine.bulk.hand_over import Holding, holdings
from engine.bulk.rows import read_outcomes
from engine.bulk.run import bulk_handlers
from engine.bulk.undo import undo_bulk
from engine.context import Actor, Context, Locale
from engine.errors import InvalidInput
from engine.handing import order_hand_over
from engine.people import NewPerson, add_person
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.company import root_of
from engine.records.shape import load, shape_of
from engine.records.writing import Writing
from engine.worker.runner import JobRunner
from tests.integration.records.world import World, make_world

TRUSTED = Writing(system_fields=True, unversioned=True, check_links=False)


class Firm:
    """``leo`` leaves: he owns tasks, leads a department, and two people report to him."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chief = self.hire("Chief", 1, "superadmin")
        self.leo = self.hire("Leo", 2, manager=self.chief)
        self.nia = self.hire("Nia", 3, manager=self.leo)
        self.ole = self.hire("Ole", 4, manager=self.leo)
        self.quinn = self.hire("Quinn", 5, "superadmin", manager=self.nia)
        owner = Actor(user_id=self.leo, name="Leo", superadmin=True, department_id=world.desk)
        self.tasks = [world.create("x_task", owner, name=f"T{n}").id for n in range(3)]
        with world.unit() as unit:
            self.root = root_of(unit) or 0
        self.write(DEPARTMENT, self.root, leader=self.leo)

    @property
    def live(self) -> LiveSite:
        return self.world.live

    @property
    def context(self) -> Context:
        actor = Actor(user_id=self.chief, name="Chief", superadmin=True)
        return Context(actor=actor, now=self.live.clock(), locale=Locale("en"), request_id="r")

    def hire(self, name: str, number: int, role: str = "x_clerk", **values: Any) -> int:
        new = NewPerson(name=name, mobile=f"1350000000{number}", roles=(role,))
        with self.world.unit() as unit:
            person = add_person(unit, new)
        if values:
            self.write(USER, person, **values)
        return person

    def write(self, key: str, record_id: int, **values: Any) -> None:
        with self.world.unit() as unit:
            change(unit, key, record_id, values, version=None, writing=TRUSTED)

    def held(self, key: str, record_id: int, field: str) -> Any:
        with self.world.unit() as unit:
            return load(unit, shape_of(unit, key), record_id).values[field]

    def order(self, receivers: Mapping[str, int | None]) -> int:
        with self.live.write(self.context) as unit:
            number = order_hand_over(unit, self.leo, receivers)
        self.work()
        return number

    def work(self) -> None:
        JobRunner(self.live, bulk_handlers(Locale())).run_waiting()

    def states(self, number: int) -> list[tuple[str, str]]:
        with self.live.database.read() as connection:
            return [(one.state, one.code) for one in read_outcomes(connection, number)]


@pytest.fixture
def firm(new_database_url: str) -> Iterator[Firm]:
    made = Firm(make_world(new_database_url))
    try:
        yield made
        made.world.judge()
    finally:
        made.live.database.close()


def test_everything_changes_hands_and_comes_back(firm: Firm) -> None:
    with firm.world.unit() as unit:
        found = {(one.object, one.count) for one in holdings(unit, firm.leo)}
        assert found == {("x_task", 3), (USER, 2), (DEPARTMENT, 1)}
        assert Holding(object=USER, count=1) in holdings(unit, firm.nia)
    number = firm.order({"x_task": firm.ole, USER: firm.quinn, DEPARTMENT: firm.nia})
    assert firm.states(number) == [("done", "")] * 6
    assert [firm.held("x_task", one, "owner") for one in firm.tasks] == [firm.ole] * 3
    assert firm.held("x_task", firm.tasks[0], "former_owner") == firm.leo
    assert firm.held("x_task", firm.tasks[0], "received_via") == "transferred"
    assert firm.held(DEPARTMENT, firm.root, "leader") == firm.nia
    # Quinn stands below Nia: Nia goes to the manager's manager, so that there is no circle.
    assert firm.held(USER, firm.ole, "manager") == firm.quinn
    assert firm.held(USER, firm.nia, "manager") == firm.chief
    firm.write("x_task", firm.tasks[2], name="Changed since")
    undone = undo_bulk(firm.live, firm.context, number)
    firm.work()
    assert sorted(firm.states(undone)) == [("done", "")] * 5 + [("skipped", "changed_since")]
    owners = [firm.held("x_task", one, "owner") for one in firm.tasks]
    assert owners == [firm.leo, firm.leo, firm.ole]
    assert firm.held(USER, firm.nia, "manager") == firm.leo
    assert firm.held(DEPARTMENT, firm.root, "leader") == firm.leo


def test_a_part_may_stay_and_what_moved_meanwhile_is_left_alone(firm: Firm) -> None:
    with firm.live.write(firm.context) as unit:
        number = order_hand_over(unit, firm.leo, {"x_task": firm.nia})
    firm.write("x_task", firm.tasks[1], owner=firm.ole)
    firm.work()
    assert firm.states(number) == [("done", ""), ("skipped", "changed_since"), ("done", "")]
    assert firm.held(USER, firm.nia, "manager") == firm.leo


def test_who_cannot_receive_is_told_and_nothing_is_ordered(firm: Firm) -> None:
    firm.write(USER, firm.ole, state="disabled")
    wrong: dict[str, int | None] = {"x_task": firm.leo, DEPARTMENT: firm.ole}
    with pytest.raises(InvalidInput) as refused:
        firm.order(wrong)
    assert {one.field: one.code for one in refused.value.errors} == {
        "x_task": "receiver_himself",
        DEPARTMENT: "receiver_not_active",
    }
    with pytest.raises(InvalidInput) as nothing:
        firm.order({})
    assert nothing.value.errors[0].code == "nothing_to_hand_over"
    assert [firm.held("x_task", one, "owner") for one in firm.tasks] == [firm.leo] * 3


def test_who_looks_after_people_need_not_see_what_they_work_on(firm: Firm) -> None:
    helper = firm.hire("Helper", 6, "people_admin")
    actor = Actor(user_id=helper, name="Helper", roles=frozenset({"people_admin"}))
    context = Context(actor=actor, now=firm.live.clock(), request_id="r")
    with firm.live.write(context) as unit:
        number = order_hand_over(unit, firm.leo, {"x_task": firm.ole, USER: firm.chief})
    firm.write(USER, firm.ole, roles=["superadmin"])  # nobody but one of them touches her now
    firm.work()
    assert [firm.held("x_task", one, "owner") for one in firm.tasks] == [firm.ole] * 3
    states = firm.states(number)
    assert states.count(("done", "")) == 4
    assert states.count(("failed", "superadmin_protected")) == 1
