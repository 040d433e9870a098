"""Records of some owners in some order: the way to them changes nothing but its cost."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.query.listing import ListRequest, read_page
from engine.query.ordering import order_of
from engine.query.selection import choose
from engine.query.walks import KEPT, goes_along
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Node, Test
from tests.integration.query.bookshop import open_shop, owned_by
from tests.support.statements import counted
from tests.support.worlds import Rows

OTHERS = Test("name", "ne", "War and Peace")


def _goes(unit: Unit, owners: Sequence[int], sort: str, where: Node | None, rows: int) -> bool:
    bound = unit.snapshot.object("book")
    request = ListRequest(object="book", sort=(sort,), where=where)
    selection, _ = choose(unit, owned_by("book", *owners), request)
    order = order_of(unit.snapshot, bound, request.sort)
    return goes_along(unit, bound, selection, order, len(owners), rows)


@pytest.mark.parametrize(
    ("owners", "sort", "where", "rows", "along"),
    [
        ((1, 2, 3), "name", None, 5, True),
        ((1, 2, 3), "-name", OTHERS, 5, True),
        ((1, 2, 3), "name", AllOf((OTHERS,)), 5, True),
        ((1, 2, 3), "name", None, 500, False),  # so many are nearly all
        ((1,), "name", None, 5, False),  # an index leads to one
        ((1, 2, 3), "-updated_at", None, 5, True),
        ((1, 2, 3), "-updated_at", None, 50, False),  # an index leads by owner
        ((1, 2, 3), "due_on", None, 5, False),  # sortable, but links had all the indexes
        ((1, 2, 3), "name", Test("open", "eq", "true"), 5, False),  # thins the walk
    ],
)
def test_many_owners_and_few_rows_are_met_along_the_order(
    database_url: str, owners: Sequence[int], sort: str, where: Node | None, rows: int, along: bool
) -> None:
    shop, _ = open_shop(database_url)
    with shop.unit() as unit:
        on_sqlite = unit.connection.dialect.name == "sqlite"
        assert _goes(unit, owners, sort, where, rows) == (along and on_sqlite)
    shop.database.close()


def test_sizes_are_asked_for_once_in_a_while(sqlite_url: str) -> None:
    shop, _ = open_shop(sqlite_url)
    with shop.unit() as unit, counted(unit.connection) as asked:
        for _ in range(3):
            _goes(unit, (1, 2, 3), "name", None, 5)
        assert len(asked) == 1
        later = replace(unit.context, now=unit.context.now + KEPT)
        _goes(replace(unit, context=later), (1, 2, 3), "name", None, 5)
        assert len(asked) == 2
    shop.database.close()


@pytest.mark.parametrize("sort", ["name", "-name"])
def test_both_ways_lead_to_the_same_records(
    database_url: str, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, _ = open_shop(database_url)
    ways = [_pages(shop, sort)]
    for along in (shop.database.dialect == "sqlite", False):  # PostgreSQL is never told
        monkeypatch.setattr("engine.query.listing.goes_along", lambda *_, way=along: way)
        ways.append(_pages(shop, sort))
    assert ways[0]
    assert ways[0] == ways[1] == ways[2]
    shop.database.close()


def _pages(shop: Rows, sort: str) -> list[int]:
    found: list[int] = []
    request = ListRequest(object="book", sort=(sort,), limit=5)
    with shop.unit() as unit:
        while True:
            page = read_page(unit, owned_by("book", 1, 2, 3), request)
            found += [row[page.id_index] for row in page.rows]
            if page.next_cursor is None:
                return found
            request = replace(request, cursor=page.next_cursor)
