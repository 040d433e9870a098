"""Whatever reads records gives exactly what a slow model of scopes and teams says it should."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from engine.access.actors import read_person
from engine.access.explain import Place, explain
from engine.access.roles import Rights, rights_of
from engine.access.viewers import Viewer, viewer, viewers
from engine.context import Actor, Context
from engine.exchange.lookups import find_records
from engine.query.aggregates import Measure, aggregate
from engine.query.counts import count
from engine.query.listing import ListRequest, read_page, read_rows
from engine.query.members import admitted
from engine.query.organisation import changed
from engine.query.parts import read_parts
from engine.query.search import Searched, search
from engine.storage.database import Database
from engine.storage.snapshot import Unit
from metadata.conditions import Test
from metadata.model import ActionDef, InverseDef, ObjectGrant, RoleDef
from tests.support.organisations import (
    ACTIONS,
    GRANTS,
    Company,
    moved,
    role_documents,
    some_company,
)
from tests.support.statements import counted
from tests.support.worlds import NOW, Rows, an_object, bound_snapshot, field

NAMES = ("华信科技", "东方华信", "物流", "War and Peace")
SORTS = (("-updated_at",), ("pages", "-name"), ("-id",), ("owner",))
MOST_STATEMENTS = 12
"""People, the stamp, the team, and for each kind of scope its lists and the stamp again."""
SEEDS = 2
"""Companies of each test; `tests/deep/test_reach.py` looks at many more."""


def _actions() -> Mapping[str, ActionDef]:
    return {one: ActionDef(key=one, label={"": one}) for one in ACTIONS}


USER = an_object(
    "user",
    field("name", "text", search=True),
    field("mobile", "text"),
    field("state", "text"),
    field("roles", "multi_select", options=tuple(GRANTS)),
    field("manager", "user"),
    field("department", "department"),
)
DEPARTMENT = an_object("department", field("name", "text"), field("parent", "department"))
BOOK = replace(
    an_object(
        "book",
        field("name", "text", search=True, sortable=True),
        field("pages", "integer", sortable=True),
        owned=True,
        abilities=("team",),
    ),
    actions=_actions(),
)
SHELF = an_object("shelf", field("name", "text"), field("book", "link", to="book"))
RELATED = {"book": {"shelves": InverseDef(key="shelves", label={}, object="shelf", field="book")}}


def _roles() -> dict[str, RoleDef]:
    shelf = ObjectGrant(actions={"read": "all"})
    return {
        key: replace(role, objects={**role.objects, "shelf": shelf})
        for key, role in role_documents("book").items()
    }


def open_company(url: str) -> Rows:
    """Make the tables that companies are written into."""
    objects = [USER, DEPARTMENT, BOOK, SHELF]
    made = Rows(Database(url), bound_snapshot(objects, RELATED, _roles()))
    made.create()
    return made


@pytest.fixture(scope="module")
def rows(shared_database_url: str) -> Iterator[Rows]:
    made = open_company(shared_database_url)
    yield made
    made.database.close()


def acting_as(unit: Unit, number: int) -> Actor:
    """Give somebody as he acts, whether or not he has what it takes to sign in."""
    person = read_person(unit.connection, unit.snapshot, number)
    assert person is not None
    return person.actor


def fill(rows: Rows, company: Company, random: Random) -> None:
    """Write a company down."""
    rows.clear()
    rows.add(
        "department",
        *({"id": one, "name": f"R{one}", "parent": up} for one, up in company.parents.items()),
    )
    rows.add("user", *(_person(one) for one in company.people))
    rows.add(
        "book",
        *(
            {
                "id": one.id,
                "name": random.choice(NAMES),
                "pages": random.choice([None, 1, 1, 2, 300]),
                "owner": one.owner,
                "deleted_at": NOW if one.binned else None,
            }
            for one in company.things
        ),
    )
    rows.add("shelf", *({"id": one.id, "name": "S", "book": one.id} for one in company.things))
    shares = [
        {
            "record_id": one.record,
            "user_id": one.user,
            "level": one.level,
            "expires_at": one.expires_at,
        }
        for one in company.shares
    ]
    if shares:
        rows.share("book", *shares)
    for role in ("chosen", "other"):
        if company.chosen[role]:
            rows.choose(role, *company.chosen[role])


def _person(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": f"P{one.id}",
        "mobile": str(one.id),
        "state": "active",
        "roles": one.roles,
        "manager": one.manager,
        "department": one.department,
    }


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_reader_gives_what_the_model_says(rows: Rows, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a company
    check_readers(rows, some_company(random, people=5), random)


def check_readers(rows: Rows, company: Company, random: Random) -> None:
    """Compare all that lists, counts and sums give with the model."""
    fill(rows, company, random)
    for person in company.people:
        with rows.unit() as system:
            actor = acting_as(system, person.id)
            unit = replace(system, context=replace(system.context, actor=actor), memo={})
            for action in ACTIONS:
                _check_action(unit, company, person.id, action)


def _check_action(unit: Unit, company: Company, user: int, action: str) -> None:
    rights = rights_of(unit)
    assert rights.allows("book", action) == company.grants(user, action)
    if not rights.allows("book", action):
        return
    reach, predicate = company.reach(user, action), rights.predicate("book", action)
    alive = {one.id: one.owner for one in company.things if not one.binned}
    assert admitted(unit, predicate, alive) == reach
    got = read_rows(unit, predicate, "book", list(alive), ("name",))
    assert {row[0] for row in got.rows} == reach
    if action in {"read", "update"}:
        _check_lists(unit, rights, action, reach)


def _check_lists(unit: Unit, rights: Rights, action: str, reach: set[int]) -> None:
    predicate = rights.predicate("book", action)
    request = ListRequest(object="book", columns=("name", "pages"), limit=100)
    pages = {
        row[0]: row[3] for row in read_page(unit, predicate, replace(request, sort=("-id",))).rows
    }
    assert pages.keys() == reach
    for sort in SORTS:
        turned = _turn(unit, predicate, replace(request, sort=sort, limit=4))
        whole = [row[0] for row in read_page(unit, predicate, replace(request, sort=sort)).rows]
        assert turned == whole
        assert set(whole) == reach
        numbered: list[int] = []
        for page in range(1, 10):
            asked = replace(request, sort=sort, limit=4, page=page)
            numbered += [row[0] for row in read_page(unit, predicate, asked).rows]
        assert numbered == whole
    assert count(unit, predicate, request).value == len(reach)
    assert count(unit, predicate, request, cap=None).value == len(reach)
    assert count(unit, predicate, request, cap=3).value == min(len(reach), 2)
    filled = [value for value in pages.values() if value is not None]
    measures = [Measure("count"), Measure("sum", "pages")]
    (total,) = aggregate(unit, predicate, request, measures).groups
    assert total.values == (len(reach), sum(filled) if filled else None)
    grouped = aggregate(unit, predicate, request, [Measure("count")], ["pages"]).groups
    assert {one.keys[0]: one.values[0] for one in grouped} == {
        value: list(pages.values()).count(value) for value in set(pages.values())
    }
    parts = read_parts(unit, predicate, replace(request, limit=50), "pages", [1, 2, 300, None])
    assert {row[0] for part in parts for row in part.rows} == reach
    assert sum(len(part.rows) for part in parts) == len(reach)


def _turn(unit: Unit, predicate: Any, request: ListRequest) -> list[int]:
    """Turn all pages to the end and back; both ways meet the same records."""
    forward: list[int] = []
    page = read_page(unit, predicate, request)
    while True:
        forward += [row[0] for row in page.rows]
        if page.next_cursor is None:
            break
        page = read_page(unit, predicate, replace(request, cursor=page.next_cursor))
    back = [row[0] for row in page.rows]
    while page.previous_cursor is not None:
        page = read_page(unit, predicate, replace(request, cursor=page.previous_cursor))
        back = [row[0] for row in page.rows] + back
    assert back == forward
    return forward


@pytest.mark.parametrize("seed", range(SEEDS))
def test_search_conditions_and_links_give_what_the_model_says(rows: Rows, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a company
    check_finders(rows, some_company(random), random)


def check_finders(rows: Rows, company: Company, random: Random) -> None:
    """Compare what search, conditions, look-ups and explanations give with the model."""
    fill(rows, company, random)
    for person in company.people:
        with rows.unit() as system:
            actor = acting_as(system, person.id)
            unit = replace(system, context=replace(system.context, actor=actor), memo={})
            if rights_of(unit).allows("book", "read"):
                _check_finding(unit, company, person.id)
                _check_explained(unit, company, person.id)


def check_viewers(rows: Rows, company: Company, things: int) -> None:
    """Compare who can see a record, asked at once, with everybody's own answer, and the model."""
    for thing in company.things[:things]:
        place = Place("book", thing.id, thing.owner)
        with rows.unit() as system:
            told, more = viewers(system, place, limit=1_000)
            assert more is None
            alone = [
                viewer(replace(system, context=_context(system, one.id), memo={}), place)
                for one in company.people
                if one.department is not None and one.roles
            ]
            assert told == [one for one in alone if one is not None]
            assert {one.user: one.edits for one in told} == {
                one.id: company.may(one.id, "update", thing)
                for one in company.people
                if one.department is not None and company.may(one.id, "read", thing)
            }
            turned = list(_viewers_by_page(system, place))
            assert turned == told


def _context(unit: Unit, number: int) -> Context:
    return replace(unit.context, actor=acting_as(unit, number))


def _viewers_by_page(unit: Unit, place: Place) -> Iterator[Viewer]:
    after: int | None = 0
    while after is not None:
        found, after = viewers(unit, place, after=after, limit=2)
        yield from found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_who_sees_a_record_is_everybody_s_own_answer(rows: Rows, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a company
    company = some_company(random, people=8)
    fill(rows, company, random)
    check_viewers(rows, company, things=6)


def test_who_sees_a_record_takes_few_statements_for_many_people(rows: Rows) -> None:
    random = Random(7)  # noqa: S311 - a company
    company = some_company(random, people=60)
    fill(rows, company, random)
    shared = next(one.record for one in company.shares)
    with rows.unit() as system, counted(system.connection) as statements:
        viewers(system, Place("book", shared, company.people[0].id), limit=1_000)
    assert len(statements) <= MOST_STATEMENTS


def _check_finding(unit: Unit, company: Company, user: int) -> None:
    predicate, reach = rights_of(unit).predicate("book", "read"), company.reach(user)
    names = {
        row[0]: row[2] for row in read_rows(unit, predicate, "book", sorted(reach), ("name",)).rows
    }
    named = {number for number, name in names.items() if "华信" in name}
    request = ListRequest(object="book", columns=("name",), search="华信", limit=100)
    assert {row[0] for row in read_page(unit, predicate, request).rows} == named
    assert count(unit, predicate, request).value == len(named)
    hits = search(unit, [Searched(predicate, ("name",))], "华信", limit=100)
    assert {hit.id for hit in hits} == named
    assert len(search(unit, [Searched(predicate, ("name",))], "华信", limit=3)) == min(
        3, len(named)
    )
    mine = {one.id for one in company.things if company.level(user, one)}
    shared = ListRequest(
        object="book", columns=("name",), where=Test("id", "is_team_member"), limit=100
    )
    assert {row[0] for row in read_page(unit, predicate, shared).rows} == mine & reach
    found = find_records(unit, unit.snapshot.object("book"), NAMES)
    assert {one for ids in found.values() for one in ids} == reach


def _check_explained(unit: Unit, company: Company, user: int) -> None:
    for thing in company.things[:6]:
        told = explain(unit, Place("book", thing.id, thing.owner))
        for one in told.actions:
            assert one.allowed == company.may(user, one.action, thing)
            by_team = one.allowed and not company.in_scope(user, one.action, thing)
            if by_team:
                assert one.reason == "team"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_move_holds_for_whoever_comes_after_it(rows: Rows, seed: int) -> None:
    """What is kept of the organisation never outlives a change, in whatever order people come."""
    random = Random(seed)  # noqa: S311 - a company
    company = some_company(random, people=6, things=20)
    fill(rows, company, random)
    for _ in range(3):
        for person in company.people:
            assert _readable(rows, person.id) == company.reach(person.id)
        company = moved(random, company)
        _rewrite(rows, company)


def _readable(rows: Rows, user: int) -> set[int]:
    with rows.unit() as system:
        actor = acting_as(system, user)
        unit = replace(system, context=replace(system.context, actor=actor), memo={})
        if not rights_of(unit).allows("book", "read"):
            return set()
        predicate = rights_of(unit).predicate("book", "read")
        request = ListRequest(object="book", columns=("name",), limit=100)
        return {row[0] for row in read_page(unit, predicate, request).rows}


def _rewrite(rows: Rows, company: Company) -> None:
    """Change people where they differ, as the write gateway would."""
    user = rows.snapshot.object("user")
    with rows.database.write() as connection:
        for one in company.people:
            values = {
                user.field("manager").column: one.manager,
                user.field("department").column: one.department,
            }
            mine = user.table.c.id == one.id
            connection.execute(user.table.update().where(mine).values(values))
        unit = Unit(Context(Actor(), NOW), connection, rows.snapshot)
        changed(unit)
