"""Teams of records: joining, leaving, ending, and what each lets somebody do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from engine.access.actors import read_person
from engine.access.explain import Place as Asked
from engine.access.explain import explain
from engine.access.roles import rights_of
from engine.access.viewers import viewers
from engine.bulk.order import BulkOrder, order_bulk
from engine.bulk.run import bulk_handlers
from engine.bulk.undo import undo_bulk
from engine.context import Locale
from engine.errors import Forbidden, InvalidInput, RecordNotFound
from engine.history.read import read_history
from engine.people import NewPerson, acting, add_person, make_first_admin
from engine.publish.live import LiveSite
from engine.query.listing import ListRequest
from engine.records import read
from engine.records.change import change
from engine.records.create import create
from engine.records.purge import purge
from engine.records.remove import remove
from engine.records.slots import UnknownRole, choose_departments, chosen_departments
from engine.records.team import Place, put_back, put_member, remove_member, team_of
from engine.records.writing import Writing
from engine.storage.snapshot import Unit
from engine.upkeep.expired_members import RemoveExpiredMembers
from engine.worker.runner import JobRunner
from tests.integration.access.conftest import Clock
from tests.support.library import shipped_site

KIND = "customer"
TRUSTED = Writing(system_fields=True, unversioned=True)


@dataclass(frozen=True, slots=True)
class Shop:
    """Ann, who administers, and Bob, Cy and Di, who sell. The record and its child are Bob's."""

    live: LiveSite
    clock: Clock
    ann: int
    bob: int
    cy: int
    di: int
    record: int
    child: int

    def acting(self, unit: Unit, user: int) -> Unit:
        person = read_person(unit.connection, unit.snapshot, user)
        assert person is not None
        context = replace(unit.context, actor=person.actor, now=self.clock())
        return replace(unit, context=context, memo={})

    def do(self, user: int, verb: Any, *args: Any, **named: Any) -> Any:
        """Do something as somebody, in a transaction of its own."""
        with self.live.write(acting(self.live)) as unit:
            return verb(self.acting(unit, user), *args, **named)

    def listed(self, user: int) -> set[int]:
        with self.live.read(acting(self.live)) as unit:
            request = ListRequest(object=KIND, columns=("name",))
            return {row[0] for row in read.page(self.acting(unit, user), request).rows}


@pytest.fixture
def shop(new_database_url: str) -> Iterator[Shop]:
    live = shipped_site(new_database_url, Clock())
    assert isinstance(live.clock, Clock)
    ann = make_first_admin(
        live,
        new=NewPerson(name="Ann", mobile="13800000000"),
        hashed=None,
        root_department="Office",
    )
    with live.write(acting(live)) as unit:
        bob, cy, di = (
            add_person(
                unit, NewPerson(name=name, mobile=f"1390000000{at}", roles=("salesperson",))
            )
            for at, name in enumerate(("Bob", "Cy", "Di"))
        )
        given = replace(TRUSTED, owner=bob)
        record = create(unit, KIND, {"name": "Weavers"}, writing=given).id
        values = {"name": "Eve", KIND: record}
        child = create(unit, "contact", values, writing=given).id
    yield Shop(live, live.clock, ann, bob, cy, di, record, child)
    live.database.close()


def _code(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.value.errors]


def test_a_reader_sees_and_a_writer_edits_and_neither_does_more(shop: Shop) -> None:
    assert shop.listed(shop.cy) == set()
    shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy))
    assert shop.listed(shop.cy) == {shop.record}
    with pytest.raises(Forbidden):
        shop.do(shop.cy, change, KIND, shop.record, {"name": "W"}, version=1)
    shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy, level="write"))
    shop.do(shop.cy, change, KIND, shop.record, {"name": "W"}, version=1)
    with pytest.raises(Forbidden):
        shop.do(shop.cy, remove, KIND, shop.record)
    with pytest.raises(Forbidden):
        shop.do(shop.cy, put_member, KIND, shop.record, Place(user=shop.di))
    with pytest.raises(RecordNotFound):
        shop.do(shop.di, put_member, KIND, shop.record, Place(user=shop.di))


def test_a_membership_grants_nothing_from_the_instant_it_ends(shop: Shop) -> None:
    ends = shop.clock() + timedelta(minutes=5)
    shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy, expires_at=ends))
    shop.clock.forward(seconds=299)
    assert shop.listed(shop.cy) == {shop.record}
    shop.clock.forward(seconds=1)
    assert shop.listed(shop.cy) == set()
    assert shop.do(shop.bob, team_of, KIND, shop.record) == []
    RemoveExpiredMembers()(shop.live)
    entries = shop.do(shop.bob, _history, shop.record)
    assert [entry.action for entry in entries][:2] == ["member_expired", "add_member"]
    with pytest.raises(InvalidInput) as late:
        shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy, expires_at=ends))
    assert _code(late) == [("expires_at", "not_in_the_future")]


def _history(unit: Unit, record: int) -> Any:
    predicate = rights_of(unit).predicate(KIND)
    return read_history(unit, predicate, KIND, record).entries


def test_joining_again_changes_this_record_alone(shop: Shop) -> None:
    given = replace(TRUSTED, owner=shop.bob)
    other = shop.do(shop.ann, create, KIND, {"name": "Spinners"}, writing=given).id
    for record in (shop.record, other):
        shop.do(shop.bob, put_member, KIND, record, Place(user=shop.cy))
    shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy, level="write"))
    (here,) = shop.do(shop.bob, team_of, KIND, shop.record)
    (there,) = shop.do(shop.bob, team_of, KIND, other)
    assert (here.level, there.level) == ("write", "read")
    assert shop.do(shop.bob, put_member, KIND, other, Place(user=shop.cy)) == []


def test_what_will_not_do_is_told_and_changes_nothing(shop: Shop) -> None:
    def refused(place: Place) -> list[tuple[str, str]]:
        with pytest.raises(InvalidInput) as error:
            shop.do(shop.bob, put_member, KIND, shop.record, place)
        return _code(error)

    assert refused(Place(user=shop.bob)) == [("user", "owner_is_no_member")]
    assert refused(Place(user=999)) == [("user", "no_such_record")]
    assert refused(Place(user=shop.cy, level="all")) == [  # type: ignore[arg-type]
        ("level", "unknown_level")
    ]
    assert refused(Place(user=shop.cy, also=("payments",))) == [("also", "unknown_list")]
    assert shop.do(shop.bob, team_of, KIND, shop.record) == []
    with pytest.raises(RecordNotFound):
        shop.do(shop.bob, remove_member, KIND, shop.record, shop.cy)


def test_chosen_children_come_along_and_one_undo_takes_all_back(shop: Shop) -> None:
    place = Place(user=shop.cy, level="write", also=("contacts",))
    done = shop.do(shop.bob, put_member, KIND, shop.record, place)
    assert [(one.object, one.record) for one in done] == [
        (KIND, shop.record),
        ("contact", shop.child),
    ]
    assert [one.level for one in shop.do(shop.cy, team_of, "contact", shop.child)] == ["write"]
    assert shop.do(shop.bob, put_back, done, shop.cy, place) == 2
    assert shop.listed(shop.cy) == set()
    assert shop.do(shop.bob, put_back, done, shop.cy, place) == 0  # he has another place since


def test_a_member_leaves_by_himself(shop: Shop) -> None:
    for user in (shop.cy, shop.di):
        place = Place(user=user, also=("contacts",))
        shop.do(shop.bob, put_member, KIND, shop.record, place)
    with pytest.raises(Forbidden):
        shop.do(shop.cy, remove_member, KIND, shop.record, shop.di)
    shop.do(shop.cy, remove_member, KIND, shop.record, shop.cy, ["contacts"])
    assert shop.listed(shop.cy) == set()
    assert [one.user for one in shop.do(shop.bob, team_of, "contact", shop.child)] == [shop.di]


def test_who_becomes_the_owner_leaves_the_team_and_a_purge_dissolves_it(shop: Shop) -> None:
    for user in (shop.cy, shop.di):
        shop.do(shop.bob, put_member, KIND, shop.record, Place(user=user))
    given = {"owner": shop.cy}
    shop.do(shop.ann, change, KIND, shop.record, given, version=None, writing=TRUSTED)
    assert [one.user for one in shop.do(shop.cy, team_of, KIND, shop.record)] == [shop.di]
    assert shop.listed(shop.bob) == set()
    shop.do(shop.ann, remove, "contact", shop.child)
    shop.do(shop.ann, purge, "contact", shop.child)
    shop.do(shop.ann, remove, KIND, shop.record)
    assert shop.listed(shop.di) == set()
    shop.do(shop.ann, purge, KIND, shop.record)
    with shop.live.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM heddle_team").scalar() == 0


def test_who_sees_a_record_and_why_agrees_with_what_he_sees(shop: Shop) -> None:
    shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy))
    place = Asked(KIND, shop.record, shop.bob)
    found, more = shop.do(shop.ann, viewers, place)
    assert {one.user: one.reason for one in found} == {
        shop.ann: "superadmin",
        shop.bob: "granted",
        shop.cy: "team",
    }
    assert more is None
    (first,), more = shop.do(shop.ann, viewers, place, limit=1)
    (second,), _ = shop.do(shop.ann, viewers, place, after=more, limit=1)
    assert (first.user, second.user) == (shop.ann, shop.bob)
    told = {one.action: one for one in shop.do(shop.cy, explain, place).actions}
    assert (told["read"].reason, told["update"].reason) == ("team", "out_of_scope")
    assert [grant.reaches for grant in told["read"].grants] == [False]


def test_departments_of_a_role_hold_at_once_and_nobody_widens_what_he_lacks(shop: Shop) -> None:
    with shop.live.read(acting(shop.live)) as unit:
        office = read_person(unit.connection, unit.snapshot, shop.bob)
        assert office is not None
    assert shop.do(shop.ann, chosen_departments, "salesperson") == []
    chosen = shop.do(shop.ann, choose_departments, "salesperson", [office.department_id])
    assert chosen == [office.department_id]
    with pytest.raises(InvalidInput) as unknown:
        shop.do(shop.ann, choose_departments, "salesperson", [9999])
    assert _code(unknown) == [("departments", "no_such_record")]
    with pytest.raises(UnknownRole):
        shop.do(shop.ann, choose_departments, "ghost", [])
    with pytest.raises(Forbidden):
        shop.do(shop.bob, choose_departments, "salesperson", [])
    assert shop.do(shop.ann, choose_departments, "salesperson", []) == []


def test_many_teams_at_once_are_one_action_that_can_be_undone(shop: Shop) -> None:
    def do(verb: str, **values: Any) -> Any:
        values = {"user": shop.cy, **values}
        order = BulkOrder(object=KIND, verb=verb, values=values, ids=(shop.record,))
        with shop.live.read(acting(shop.live)) as unit:
            context = shop.acting(unit, shop.bob).context
        return context, order_bulk(shop.live, context, order)

    def run() -> None:
        JobRunner(shop.live, bulk_handlers(Locale())).run_waiting()

    context, number = do("add_member", level="write", also=["contacts"])
    run()
    assert [one.level for one in shop.do(shop.cy, team_of, "contact", shop.child)] == ["write"]
    undo_bulk(shop.live, context, number)
    run()
    assert shop.listed(shop.cy) == set()
    with pytest.raises(InvalidInput) as wrong:
        do("add_member", user="x", level="all", colour=1)
    assert sorted(_code(wrong)) == [("colour", "unknown_field"), ("user", "required")]
    do("add_member")
    run()
    context, number = do("remove_member")
    run()
    assert shop.listed(shop.cy) == set()
    undo_bulk(shop.live, context, number)
    run()
    assert shop.listed(shop.cy) == {shop.record}
    context, number = do("add_member", level="write")
    run()
    shop.do(shop.bob, put_member, KIND, shop.record, Place(user=shop.cy, level="read"))
    undo_bulk(shop.live, context, number)  # what was said since holds
    run()
    assert [one.level for one in shop.do(shop.bob, team_of, KIND, shop.record)] == ["read"]
