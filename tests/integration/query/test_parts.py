"""The first records of each part of a list are those that the list filtered so begins with."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from engine.query.listing import ListRequest, Page, read_page
from engine.query.parts import MOST_PARTS, read_parts
from engine.query.predicate import AccessPredicate
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Test
from tests.integration.query.bookshop import everything, open_shop, owned_by

COLUMNS = ("name", "writer", "readers", "shown")
LEVELS = ("red", None, "grey", "blue")
SORTS = (("-updated_at",), ("due_on", "-name"), ("-pages",), ("writer",), ())
SCOPES = (everything("book"), owned_by("book", 1, 2), AccessPredicate("book", "read", "none", ()))
WHERES = (None, Test("stock", "not_empty"))


@pytest.fixture
def unit(database_url: str) -> Iterator[Unit]:
    rows, _ = open_shop(database_url)
    with rows.unit() as opened:
        yield opened
    rows.database.close()


def _shown(page: Page) -> list[Sequence[Any]]:
    return [[row[0], *(page.slots[column].value(row) for column in COLUMNS)] for row in page.rows]


def test_parts_are_the_beginnings_of_filtered_lists(unit: Unit) -> None:
    for sort, predicate, where in product(SORTS, SCOPES, WHERES):
        request = ListRequest(object="book", columns=COLUMNS, where=where, sort=sort, limit=3)
        parts = read_parts(unit, predicate, request, "level", LEVELS)
        for value, part in zip(LEVELS, parts, strict=True):
            one = Test("level", "eq", value) if value else Test("level", "empty")
            both = one if where is None else AllOf((where, one))
            assert _shown(part) == _shown(read_page(unit, predicate, replace(request, where=both)))


def test_a_search_narrows_every_part_and_what_nobody_holds_is_empty(unit: Unit) -> None:
    request = ListRequest(object="book", columns=("name",), search="war", limit=50)
    *parts, nothing = read_parts(unit, everything("book"), request, "level", [*LEVELS, "gold"])
    found = read_page(unit, everything("book"), request)
    assert {row[0] for part in parts for row in part.rows} == {row[0] for row in found.rows}
    assert found.rows
    assert not nothing.rows
    assert read_parts(unit, everything("book"), request, "level", ()) == ()
    with pytest.raises(ValueError, match="too many"):
        read_parts(unit, everything("book"), request, "level", ["red"] * (MOST_PARTS + 1))
