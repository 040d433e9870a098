"""Conditions on one record in Python mean what the same conditions mean in SQL."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.access.roles import rights_of
from engine.context import Actor
from engine.query.listing import ListRequest, read_page
from engine.records.evaluate import Ground, compose_check, fields_of
from engine.records.shape import load, shape_of
from metadata.conditions import parse_condition
from tests.integration.records.world import NOW, World, make_world

TODAY = date(2026, 11, 23)

CONDITIONS: list[Any] = [
    {"field": "title", "op": "eq", "value": "Anna"},
    {"field": "title", "op": "ne", "value": "Anna"},
    {"field": "shelf", "op": "ne", "value": "A"},
    {"field": "shelf", "op": "not_in", "value": ["A", "B"]},
    {"field": "shelf", "op": "in", "value": ["A", "B"]},
    {"field": "shelf", "op": "not_contains", "value": "a"},
    {"field": "title", "op": "contains", "value": "ANN"},
    {"field": "title", "op": "starts_with", "value": "an"},
    {"field": "shelf", "op": "empty"},
    {"field": "shelf", "op": "not_empty"},
    {"not": {"field": "shelf", "op": "eq", "value": "A"}},
    {"field": "price", "op": "gt", "value": "10.00"},
    {"field": "price", "op": "lte", "value": "10.00"},
    {"field": "price", "op": "between", "value": ["5", "20"]},
    {"field": "category", "op": "in", "value": ["history", "science"]},
    {"field": "x_lendable", "op": "eq", "value": True},
    {"field": "x_tags", "op": "contains", "value": "rare"},
    {"field": "x_tags", "op": "not_contains", "value": "rare"},
    {"field": "x_tags", "op": "in", "value": ["rare", "new"]},
    {"field": "x_tags", "op": "not_in", "value": ["rare", "new"]},
    {"field": "x_region", "op": "eq", "value": "330000"},
    {"field": "x_region", "op": "ne", "value": "330000"},
    {"field": "published_on", "op": "eq", "value": {"period": "this_month"}},
    {"field": "published_on", "op": "ne", "value": {"period": "this_month"}},
    {"field": "published_on", "op": "lt", "value": {"period": "today"}},
    {"field": "published_on", "op": "lte", "value": {"period": "today"}},
    {"field": "published_on", "op": "gt", "value": {"period": "this_week"}},
    {"field": "published_on", "op": "gte", "value": {"period": "this_week"}},
    {"field": "published_on", "op": "older_than_days", "value": 3},
    {"field": "published_on", "op": "within_days", "value": 3},
    {"field": "x_arrived_at", "op": "eq", "value": "2026-11-23"},
    {"field": "x_arrived_at", "op": "gt", "value": "2026-11-23"},
    {"field": "x_arrived_at", "op": "eq", "value": {"period": "today"}},
    {"field": "x_arrived_at", "op": "lte", "value": {"period": "yesterday"}},
    {"field": "x_arrived_at", "op": "within_days", "value": 1},
    {"field": "x_arrived_at", "op": "older_than_days", "value": 1},
    {"field": "x_keeper", "op": "is_me"},
    {"field": "x_keeper", "op": "is_my_report"},
    {"field": "x_keeper", "op": "in_my_department"},
    {"field": "x_keeper", "op": "in_my_department_tree"},
    {"field": "x_keeper.name", "op": "eq", "value": "Ann"},
    {"field": "x_keeper.department.name", "op": "eq", "value": "Desk"},
    {"field": "x_sequel_of.author", "op": "eq", "value": {"field": "author"}},
    {"field": "title", "op": "eq", "value": {"field": "author"}},
    {"exists": {"list": "x_sequels", "where": {"field": "title", "op": "eq", "value": "Two"}}},
    {"not_exists": {"list": "x_sequels"}},
    {"all": [{"field": "title", "op": "eq", "value": "Anna"}, {"field": "shelf", "op": "empty"}]},
    {"any": [{"field": "price", "op": "empty"}, {"field": "shelf", "op": "eq", "value": "B"}]},
    {"any": []},
    {"field": "created_by", "op": "empty"},
    {"field": "version", "op": "eq", "value": 1},
]


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Books that differ in what the conditions ask for; the last ones are nearly empty."""
    folder: Path = tmp_path_factory.mktemp("shelves")
    world = make_world(f"sqlite:///{folder / 'heddle.db'}")
    rows: list[dict[str, Any]] = [
        {"title": "Anna", "price": "10", "shelf": "A", "x_tags": ["rare", "old"],
         "published_on": TODAY, "x_arrived_at": NOW, "x_keeper": world.ann.user_id,
         "x_room": world.desk, "x_region": "330100"},
        {"title": "annals", "author": "annals", "price": "20.5", "shelf": "B",
         "category": "history", "x_tags": ["new"], "published_on": TODAY - timedelta(days=4),
         "x_arrived_at": NOW - timedelta(days=1), "x_keeper": world.bob.user_id},
        {"title": "Two", "x_sequel_of": 1, "x_lendable": False, "x_damage": "torn",
         "published_on": TODAY + timedelta(days=9), "x_arrived_at": NOW - timedelta(days=9),
         "x_region": "110000"},
        {"title": "Empty", "category": None, "x_lendable": None},
        {"title": "Late", "x_arrived_at": datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
         "published_on": TODAY - timedelta(days=3)},
    ]  # fmt: skip
    for row in rows:
        world.book(**row)
    return world


@pytest.mark.parametrize("raw", CONDITIONS, ids=str)
def test_python_and_sql_agree(shelves: World, raw: Any) -> None:
    node = parse_condition(raw)
    assert node is not None
    people = Actor(user_id=shelves.ann.user_id, superadmin=True, department_id=shelves.desk)
    with shelves.unit(people) as unit:
        shape = shape_of(unit, "book")
        check = compose_check(unit.snapshot, shape.bound, node)
        found = {
            number
            for number in range(1, 6)
            if check(Ground(unit, load(unit, shape, number).whole))
        }
        predicate = rights_of(unit).predicate("book", "read")
        page = read_page(
            unit,
            predicate,
            ListRequest(object="book", where=node, scopes={"book": predicate}),
        )
    assert found == {row[page.id_index] for row in page.rows}


def test_this_is_the_record_that_is_edited(shelves: World) -> None:
    node = parse_condition({"field": "author", "op": "eq", "value": {"field": "this.author"}})
    assert node is not None
    with shelves.unit() as unit:
        bound = unit.snapshot.object("book")
        check = compose_check(unit.snapshot, bound, node, bound)
        same = Ground(unit, {"author": "Tolstoy"}, this={"author": "Tolstoy"})
        other = Ground(unit, {"author": "Tolstoy"}, this={"author": "Dickens"})
        empty = Ground(unit, {"author": "Tolstoy"}, this={"author": None})
        assert [check(ground) for ground in (same, other, empty)] == [True, False, False]


def test_fields_that_a_condition_reads() -> None:
    node = parse_condition(
        {
            "all": [
                {"field": "author.country", "op": "eq", "value": "cn"},
                {"not": {"field": "ends_on", "op": "gte", "value": {"field": "starts_on"}}},
            ]
        }
    )
    assert fields_of(node) == {"author", "ends_on", "starts_on"}
