"""Every operator of every type, against a plain evaluator over the same records."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.context import Actor, Locale
from engine.errors import InvalidInput, UnknownField
from engine.fields.registry import FIELD_TYPES
from engine.query.listing import ListRequest, read_page
from engine.query.predicate import AccessPredicate
from engine.storage.snapshot import BoundField
from metadata.conditions import (
    PERIODS,
    WITHOUT_VALUE,
    AllOf,
    AnyOf,
    Exists,
    FieldValue,
    Node,
    Not,
    Period,
    Test,
    parse_condition,
)
from tests.integration.query.bookshop import (
    OPTIONS,
    REGIONS,
    TITLES,
    everything,
    open_shop,
    owned_by,
)
from tests.integration.query.oracle import Oracle
from tests.support.worlds import NOW, Rows

PATHS = (
    "id", "created_at", "updated_at", "created_by", "owner", "name", "notes", "story", "pages",
    "weight",
    "price", "share", "due_on", "seen_at", "shown", "open", "level", "colours", "tags", "email",
    "phone", "site", "region", "writer", "room", "readers", "related", "sequel_of",
    "about", "sources",
)  # fmt: skip
FAR_PATHS = (
    "writer.name", "writer.manager", "writer.department.parent", "sequel_of.price",
    "sequel_of.colours", "sequel_of.region", "sequel_of.writer.name", "sequel_of.seen_at",
)  # fmt: skip
PAIRS = (
    ("pages", "stock"), ("stock", "sequel_of.pages"), ("due_on", "sequel_of.due_on"),
    ("seen_at", "updated_at"), ("name", "notes"), ("writer", "owner"), ("level", "level"),
)  # fmt: skip
PIECES = st.sampled_from(
    ["war", "WAR", "a", "%", "_", "\\", "华信", "信", "ä", "Ä", "'", "peace", "example", "1", "🚚"]
)
DAYS = [(NOW + timedelta(days=days)).date().isoformat() for days in (-41, -40, -1, 0, 1, 8, 400)]
MOMENTS = [(NOW + timedelta(hours=hours)).isoformat() for hours in (-100, 0, 7)]
MICROSECOND = timedelta(microseconds=1)
NOT_HERE = {"is_starred", "is_team_member"}
"""Operators on ``id`` of abilities that bring their own tables; no type offers them yet."""

DAY = st.sampled_from(DAYS)
DAY_COUNT = st.sampled_from([0, 1, 2, 39, 40, 41])
PERIOD = st.sampled_from(sorted(PERIODS)).map(Period)

RAW: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(TITLES),
    "long_text": st.sampled_from(TITLES),
    "rich_text": st.sampled_from(TITLES),
    "integer": st.sampled_from([-1, 0, 1, 2, 300]),
    "decimal": st.sampled_from(["-1.5", "0", "0.001", "2"]),
    "percent": st.sampled_from(["0", "12.5%", "100"]),
    "money": st.sampled_from(["0", "0.01", "1280", "9999999999999999.99"]),
    "boolean": st.booleans(),
    "select": st.sampled_from(OPTIONS),
    "multi_select": st.sampled_from(OPTIONS),
    "tags": st.sampled_from(["new", "sale", "old"]),
    "email": st.sampled_from(["ann@example.com", "bob@example.org"]),
    "phone": st.sampled_from(["+8613812345678", "+8613900005678"]),
    "url": st.sampled_from(["https://example.com/a", "https://example.org"]),
    "region": st.sampled_from(REGIONS),
    "user": st.integers(1, 7),
    "department": st.integers(1, 5),
    "users": st.integers(1, 7),
    "links": st.integers(1, 9),
    "any_link": st.sampled_from(["book/1", "book/2", "user/1", "user/3", "user/9"]),
    "link": st.integers(1, 9),
    "date_range": DAY,
    "date": st.sampled_from(DAYS) | st.sampled_from(sorted(PERIODS)).map(Period),
    "datetime": st.sampled_from([*DAYS, *MOMENTS]) | st.sampled_from(sorted(PERIODS)).map(Period),
}


def one_test(rows: Rows, key: str, paths: tuple[str, ...]) -> st.SearchStrategy[Test]:
    kinds = {path: _field(rows, key, path).type for path in paths}
    cases = [
        (path, op, kind.key)
        for path, kind in kinds.items()
        for op in sorted(kind.operators - NOT_HERE)
    ]
    return st.sampled_from(cases).flatmap(
        lambda case: st.builds(
            Test, st.just(case[0]), st.just(case[1]), _operand(case[2], case[1])
        )
    )


def _field(rows: Rows, key: str, path: str) -> BoundField:
    *links, last = path.split(".")
    bound = rows.snapshot.object(key)
    for link in links:
        field = bound.field(link)
        bound = rows.snapshot.object(field.type.target(field.definition))
    return bound.field(last)


def _operand(kind: str, op: str) -> st.SearchStrategy[Any]:
    if op in WITHOUT_VALUE:
        return st.none()
    if op in {"older_than_days", "within_days"}:
        return DAY_COUNT
    if op in {"contains", "not_contains", "starts_with"}:
        return _pieces(kind)
    if op == "between":
        return st.tuples(RAW[kind], RAW[kind])
    if op in {"in", "not_in"}:
        return st.lists(RAW[kind], min_size=1, max_size=3).map(tuple)
    return (
        st.tuples(DAY, DAY).map(lambda days: tuple(sorted(days))) | PERIOD
        if _is_whole(kind, op)
        else RAW[kind]
    )


def _is_whole(kind: str, op: str) -> bool:
    return kind == "date_range" and op in {"eq", "ne"}


def _pieces(kind: str) -> st.SearchStrategy[Any]:
    if kind == "date_range":
        return DAY | PERIOD
    if FIELD_TYPES[kind].many or kind == "any_link":
        return RAW[kind] | st.lists(RAW[kind], min_size=1, max_size=3).map(tuple)
    return st.sampled_from(["+8613", "+861381"]) if kind == "phone" else PIECES


def pairs() -> st.SearchStrategy[Test]:
    return st.builds(
        lambda pair, op: Test(pair[0], op, FieldValue(pair[1])),
        st.sampled_from(PAIRS),
        st.sampled_from(["eq", "ne"]),
    )


def trees(rows: Rows) -> st.SearchStrategy[Node]:
    loans = one_test(rows, "loan", ("days", "owner", "book.name", "id"))
    exists = st.builds(Exists, st.just("loans"), st.none() | loans, st.booleans())
    nested = st.builds(Exists, st.just("sequels"), st.none() | exists, st.booleans())
    lists = st.sampled_from(["related_from", "discussed", "sourced"])
    related = st.builds(Exists, lists, st.none() | exists, st.booleans())
    leaves = one_test(rows, "book", PATHS + FAR_PATHS) | pairs() | exists | nested | related
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda nodes: AllOf(tuple(nodes)))
            | st.lists(inner, max_size=3).map(lambda nodes: AnyOf(tuple(nodes)))
            | inner.map(Not)
        ),
        max_leaves=5,
    )


def _ids(rows: Rows, where: Node | None, **more: Any) -> set[int]:
    scopes = {key: everything(key) for key in ("book", "loan")}
    request = ListRequest(
        object="book", where=where, sort=("id",), limit=200, **{"scopes": scopes, **more}
    )
    with rows.unit() as unit:
        page = read_page(unit, everything("book"), request)
        return {row[page.id_index] for row in page.rows}


def _living(records: dict[str, Any]) -> list[dict[str, Any]]:
    return [record for record in records["book"] if record["deleted_at"] is None]


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def _agree(
    rows: Rows, records: dict[str, Any], conditions: st.SearchStrategy[Any], examples: int
) -> None:
    """Ask the database and the oracle the same."""
    oracle = Oracle(rows, records)

    @settings(max_examples=examples, suppress_health_check=QUIET, database=None)
    @given(conditions)
    def check(node: Node) -> None:
        expected = {r["id"] for r in _living(records) if oracle.holds("book", r, node)}
        assert _ids(rows, node) == expected

    check()


def test_each_operator_of_each_type_means_what_it_says(database_url: str) -> None:
    rows, records = open_shop(database_url)
    for path in PATHS:
        kind = _field(rows, "book", path).type
        for op in sorted(kind.operators - NOT_HERE):
            value = _operand(kind.key, op)
            _agree(rows, records, st.builds(Test, st.just(path), st.just(op), value), 8)
    rows.database.close()


def test_trees_of_conditions_mean_what_they_say(database_url: str) -> None:
    rows, records = open_shop(database_url)
    _agree(rows, records, trees(rows), 200)
    rows.database.close()


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Rows]:
    rows, _ = open_shop(sqlite_url)
    yield rows
    rows.database.close()


@pytest.mark.parametrize(
    "path",
    ["nope", "writer.nope", "name.name", "writer.", ".name", "name; DROP TABLE o_book", "",
     "sequel_of.sequel_of.sequel_of.name", "deleted_batch"],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_named(shop: Rows, path: str) -> None:
    with pytest.raises(UnknownField) as caught:
        _ids(shop, Test(path, "eq", "x"))
    assert caught.value.params["field"] == path


def test_every_wrong_operand_is_told_with_its_path(shop: Rows) -> None:
    tree = {
        "all": [
            {"field": "price", "op": "gt", "value": "dear"},
            {"field": "level", "op": "contains", "value": "red"},
            {"any": [{"field": "writer.id", "op": "between", "value": [1]}]},
            {"field": "seen_at", "op": "eq", "value": "2026-02-30"},
            {"field": "due_on", "op": "older_than_days", "value": "soon"},
            {"field": "pages", "op": "eq", "value": {"field": "price"}},
            {"field": "pages", "op": "in", "value": {"field": "stock"}},
            {"field": "writer", "op": "in", "value": list(range(1, 1002))},
        ]
    }
    with pytest.raises(InvalidInput) as caught:
        _ids(shop, parse_condition(tree))
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("price", "not_a_number"),
        ("level", "operator_not_allowed"),
        ("writer.id", "two_values_needed"),
        ("seen_at", "not_a_date"),
        ("due_on", "not_a_number_of_days"),
        ("pages", "not_comparable"),
        ("pages", "operator_not_allowed"),
        ("writer", "too_many_values"),
    ]


def test_exists_sees_only_what_the_person_may_read(database_url: str) -> None:
    rows, records = open_shop(database_url)
    some = Exists("loans", Test("days", "not_empty"))
    mine = _ids(rows, some, scopes={"loan": owned_by("loan", 1)})
    two = _ids(rows, some, scopes={"loan": owned_by("loan", 1, 2)})
    expected = {
        owner: {
            loan["book"]
            for loan in records["loan"]
            if loan["deleted_at"] is None and loan["days"] is not None and loan["owner"] in owner
        }
        & {record["id"] for record in _living(records)}
        for owner in ((1,), (1, 2))
    }
    assert mine == expected[(1,)]
    assert two == expected[(1, 2)]
    assert mine < two
    assert _ids(rows, some, scopes={"loan": AccessPredicate("loan", "read", "none")}) == set()
    with pytest.raises(UnknownField):
        _ids(rows, some, scopes={})
    rows.database.close()


def test_a_value_may_come_from_the_record_being_edited(shop: Rows) -> None:
    same = Test("level", "eq", FieldValue("this.level"))
    other = Test("level", "ne", FieldValue("this.level"))
    red = _ids(shop, Test("level", "eq", "red"))
    assert red
    assert _ids(shop, same, this={"level": "red"}) == red
    assert _ids(shop, same, this={}) == set()
    assert _ids(shop, other, this={}) == _ids(shop, Test("level", "not_empty"))


def test_nobody_is_me_and_has_no_reports(shop: Rows) -> None:
    for op in ("is_me", "is_my_report", "in_my_department", "in_my_department_tree"):
        with shop.unit(Actor(name="job", superadmin=True)) as unit:
            request = ListRequest(object="book", where=Test("writer", op))
            assert not read_page(unit, everything("book"), request).rows


def test_days_are_those_of_the_company(database_url: str) -> None:
    rows, _ = open_shop(database_url, books=1)
    late = datetime(2026, 11, 22, 16, tzinfo=UTC)  # midnight of the 23rd in Shanghai
    rows.add("book", {"id": 100, "seen_at": late}, {"id": 101, "seen_at": late - MICROSECOND})
    today = Test("seen_at", "eq", Period("today"))
    assert _ids(rows, today) & {100, 101} == {100}
    with rows.unit(locale=Locale(zone=UTC)) as unit:
        request = ListRequest(object="book", where=today)
        page = read_page(unit, everything("book"), request)
        assert not {row[page.id_index] for row in page.rows} & {100, 101}
    rows.database.close()
