"""Pages of lists: every row once, in order, in reach."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput, UnknownField, UnknownObject
from engine.fields.base import Label
from engine.query import plans
from engine.query.counts import Count, count
from engine.query.listing import ListRequest, Page, read_one, read_page, read_rows
from engine.query.predicate import AccessPredicate
from engine.storage.snapshot import Unit
from metadata.conditions import Exists, Test
from tests.integration.query.bookshop import everything, open_shop, owned_by
from tests.support.worlds import Rows

Records = dict[str, list[dict[str, Any]]]
SORTS = (
    "id", "updated_at", "name", "pages", "price", "due_on", "seen_at", "open", "level", "region",
    "writer", "writer.name", "writer.manager", "sequel_of.due_on", "owner",
)  # fmt: skip
WIDE = (
    "name", "price", "due_on", "seen_at", "colours", "writer", "writer.name",
    "writer.department.parent", "sequel_of", "owner", "updated_at", "version", "id",
)  # fmt: skip
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def sorts() -> st.SearchStrategy[tuple[str, ...]]:
    key = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(SORTS)).map("".join)
    return st.lists(key, max_size=3).map(tuple)


def _expected(
    records: Records, sort: Sequence[str], chosen: Sequence[dict[str, Any]] | None = None
) -> list[int]:
    """Sort slowly: from the last key to the first, empty values always last."""
    rows = list(chosen) if chosen is not None else _living(records)
    keys = [key for at, key in enumerate(sort) if key.lstrip("-") not in _bare(sort[:at])]
    if "id" in _bare(keys):
        keys = keys[: _bare(keys).index("id") + 1]
    else:
        keys = [*keys, "-id" if keys and keys[-1].startswith("-") else "id"]
    for key in reversed(keys):
        values = {row["id"]: _value(records, row, key.lstrip("-")) for row in rows}
        filled = [row for row in rows if values[row["id"]] is not None]
        empty = [row for row in rows if values[row["id"]] is None]
        filled.sort(key=lambda row: values[row["id"]], reverse=key.startswith("-"))
        rows = filled + empty
    return [row["id"] for row in rows]


def _bare(sort: Sequence[str]) -> list[str]:
    return [key.lstrip("-") for key in sort]


LINKS = {"writer": "user", "owner": "user", "manager": "user", "sequel_of": "book"}


def _value(records: Records, row: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = row.get(head)
    if head in LINKS:
        far = next((each for each in records[LINKS[head]] if each["id"] == value), {})
        value = _value(records, far, rest or "name")
    return value.encode() if isinstance(value, str) else value


def _living(records: Records) -> list[dict[str, Any]]:
    return [record for record in records["book"] if record["deleted_at"] is None]


def _ids(page: Page) -> list[int]:
    return [row[page.id_index] for row in page.rows]


def _walk(
    unit: Unit, request: dict[str, Any], cursor: str | None, *, backward: bool
) -> Iterator[Page]:
    while True:
        page = read_page(unit, everything("book"), ListRequest(cursor=cursor, **request))
        yield page
        cursor = page.previous_cursor if backward else page.next_cursor
        if cursor is None:
            return


def test_cursors_walk_every_row_once_both_ways(database_url: str) -> None:
    rows, records = open_shop(database_url)

    @settings(max_examples=60, suppress_health_check=QUIET, database=None)
    @given(sorts(), st.integers(1, 30))
    def check(sort: tuple[str, ...], limit: int) -> None:
        request = {"object": "book", "sort": sort, "limit": limit}
        expected = _expected(records, sort)
        with rows.unit() as unit:
            there = list(_walk(unit, request, None, backward=False))
            assert [key for page in there for key in _ids(page)] == expected
            assert all(len(page.rows) == limit for page in there[:-1])
            assert there[0].previous_cursor is None
            assert [page.has_more for page in there] == [True] * (len(there) - 1) + [False]
            if len(there) > 1:
                back = list(_walk(unit, request, there[-1].previous_cursor, backward=True))
                seen = [key for page in reversed(back) for key in _ids(page)]
                assert seen == expected[: len(seen)]
                assert seen + _ids(there[-1]) == expected
                assert all(page.has_more for page in back)

    check()
    rows.database.close()


def test_numbered_pages_hold_every_row_once(database_url: str) -> None:
    rows, records = open_shop(database_url)

    @settings(max_examples=40, suppress_health_check=QUIET, database=None)
    @given(sorts(), st.integers(1, 30))
    def check(sort: tuple[str, ...], limit: int) -> None:
        expected = _expected(records, sort)
        with rows.unit() as unit:
            for number in range(1, len(expected) // limit + 3):
                request = ListRequest(object="book", sort=sort, limit=limit, page=number)
                page = read_page(unit, everything("book"), request)
                assert _ids(page) == expected[(number - 1) * limit : number * limit]
                assert page.has_more == (number * limit < len(expected))

    check()
    rows.database.close()


def test_one_goes_on_by_cursor_from_a_numbered_page(database_url: str) -> None:
    rows, records = open_shop(database_url)
    expected = _expected(records, ("-price",))
    with rows.unit() as unit:
        request: dict[str, Any] = {"object": "book", "sort": ("-price",), "limit": 10}
        second = read_page(unit, everything("book"), ListRequest(page=2, **request))
        third = ListRequest(cursor=second.next_cursor, **request)
        first = ListRequest(cursor=second.previous_cursor, **request)
        assert _ids(read_page(unit, everything("book"), third)) == expected[20:30]
        assert _ids(read_page(unit, everything("book"), first)) == expected[:10]
    rows.database.close()


@pytest.mark.parametrize("sort", [("-updated_at",), ("due_on",), ("-writer", "name")])
def test_a_scope_lets_only_its_owners_through(database_url: str, sort: tuple[str, ...]) -> None:
    rows, records = open_shop(database_url)
    with rows.unit() as unit:
        for owners in ((1,), (1, 2), (2, 3, 99), ()):
            chosen = [record for record in _living(records) if record["owner"] in owners]
            request = ListRequest(object="book", sort=sort, limit=100)
            predicate = owned_by("book", *owners)
            assert _ids(read_page(unit, predicate, request)) == _expected(records, sort, chosen)
            assert count(unit, predicate, request) == Count(len(chosen), exact=True)
        nothing = AccessPredicate("book", "read", "none")
        assert not read_page(unit, nothing, ListRequest(object="book")).rows
        # Nobody owns departments, so a bounded reach holds none of them.
        mine = owned_by("department", 1)
        assert not read_page(unit, mine, ListRequest(object="department")).rows
    rows.database.close()


def test_rows_carry_stored_values_and_labels(database_url: str) -> None:
    rows, records = open_shop(database_url)
    users = {user["id"]: user for user in records["user"]}
    with rows.unit() as unit:
        request = ListRequest(object="book", columns=WIDE, sort=("id",), limit=100)
        page = read_page(unit, everything("book"), request)
        assert tuple(page.slots) == WIDE
        for row, record in zip(page.rows, _living(records), strict=True):
            told = {path: slot.value(row) for path, slot in page.slots.items()}
            for key in ("id", "name", "price", "due_on", "seen_at", "colours", "updated_at"):
                assert told[key] == record[key]
            assert told["version"] == row[page.version_index] == 1
            writer = record["writer"]
            assert told["writer"] == (writer and Label(writer, users[writer]["name"]))
            assert told["writer.name"] == (writer and users[writer]["name"])
            assert all(
                value.tzinfo is not None for value in told.values() if isinstance(value, datetime)
            )
    rows.database.close()


def test_the_bin_is_a_list_of_its_own(database_url: str) -> None:
    rows, records = open_shop(database_url)
    dead = [record["id"] for record in records["book"] if record["deleted_at"] is not None]
    assert dead
    with rows.unit() as unit:
        request = ListRequest(object="book", sort=("id",), bin=True)
        assert _ids(read_page(unit, everything("book"), request)) == dead
        assert count(unit, everything("book"), request).value == len(dead)
        assert read_one(unit, everything("book"), "book", dead[0]) is None
        assert read_one(unit, everything("book"), "book", dead[0], bin=True) is not None
    rows.database.close()


def test_one_record_is_read_whole_or_not_at_all(database_url: str) -> None:
    rows, records = open_shop(database_url)
    record = next(each for each in _living(records) if each["owner"] == 1)
    with rows.unit() as unit:
        found = read_one(unit, owned_by("book", 1), "book", record["id"])
        assert found is not None
        assert (found.id, found.version) == (record["id"], 1)
        assert found.value("price") == record["price"]
        assert set(found.slots) == set(rows.snapshot.object("book").fields)
        assert read_one(unit, owned_by("book", 2), "book", record["id"]) is None
        assert read_one(unit, everything("book"), "book", 10**9) is None
    rows.database.close()


def test_rows_by_id_keep_the_order_that_was_asked(database_url: str) -> None:
    rows, records = open_shop(database_url)
    mine = [record["id"] for record in _living(records) if record["owner"] == 1]
    asked = [*reversed(mine), *mine, 10**9, *range(1, 20)]
    with rows.unit() as unit:
        page = read_rows(unit, owned_by("book", 1), "book", asked, ("name",))
        assert _ids(page) == list(reversed(mine))
        assert _ids(read_rows(unit, everything("book"), "book", [], ("name",))) == []
    rows.database.close()


def test_counts_stop_at_the_cap(database_url: str) -> None:
    rows, records = open_shop(database_url)
    living = len(_living(records))
    with rows.unit() as unit:
        request = ListRequest(object="book")
        everybody = everything("book")
        assert count(unit, everybody, request) == Count(living, exact=True)
        assert count(unit, everybody, request, None) == Count(living, exact=True)
        assert count(unit, everybody, request, 11) == Count(10, exact=False)
        assert count(unit, everybody, request, living) == Count(living - 1, exact=False)
        assert count(unit, everybody, request, living + 1) == Count(living, exact=True)
        red = ListRequest(object="book", where=Test("colours", "contains", "red"))
        expected = sum(1 for each in _living(records) if "red" in (each["colours"] or ()))
        assert count(unit, everybody, red) == Count(expected, exact=True)
    rows.database.close()


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Rows]:
    rows, _ = open_shop(sqlite_url, books=10)
    yield rows
    rows.database.close()


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ListRequest(object="book", sort=("colours",)), "colours"),
        (ListRequest(object="book", sort=("notes",)), "notes"),
        (ListRequest(object="book", sort=("a", "b", "c", "d", "e", "f")), "sort"),
        (ListRequest(object="book", cursor="nonsense"), "cursor"),
    ],
)
def test_what_does_not_fit_is_refused(shop: Rows, request_: ListRequest, field: str) -> None:
    with shop.unit() as unit, pytest.raises(InvalidInput) as caught:
        read_page(unit, everything("book"), request_)
    assert [error.field for error in caught.value.errors] == [field]


def test_names_are_looked_up_never_pasted(shop: Rows) -> None:
    with shop.unit() as unit:
        for request in (
            ListRequest(object="book", columns=("name FROM o_user --",)),
            ListRequest(object="book", sort=("-name; DROP TABLE o_book",)),
            ListRequest(object="book", search="x", search_fields=("nope",)),
            ListRequest(object="book", where=Exists("nope")),
        ):
            with pytest.raises(UnknownField):
                read_page(unit, everything("book"), request)
        with pytest.raises(UnknownObject):
            read_page(unit, everything("nope"), ListRequest(object="nope"))
        with pytest.raises(ValueError, match="a predicate of loan"):
            read_page(unit, everything("loan"), ListRequest(object="book"))


def test_plans_are_kept_by_shape_and_bounded(shop: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.query.plans.MOST_PLANS", 3)
    made: list[Hashable] = []
    original = plans.Plans.get

    def watched(self: plans.Plans, key: Hashable, make: Callable[[], plans.Plan]) -> plans.Plan:
        def counted() -> plans.Plan:
            made.append(key)
            return make()

        return original(self, key, counted)

    monkeypatch.setattr(plans.Plans, "get", watched)
    with shop.unit() as unit:
        for pages in range(20):
            where = Test("pages", "eq", pages)
            read_page(unit, everything("book"), ListRequest(object="book", where=where))
        assert len(made) == 1
        for key in ("price", "stock", "weight", "pages"):
            where = Test(key, "eq", 1)
            read_page(unit, everything("book"), ListRequest(object="book", where=where))
        assert len(made) == 5  # "pages" had to go meanwhile
