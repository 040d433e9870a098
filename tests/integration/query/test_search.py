"""Search in a list and across objects: what is found, by whom, and how that is checked."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from engine.fields.base import Label
from engine.fields.initials import initials_of
from engine.query.listing import ListRequest, read_page
from engine.query.predicate import AccessPredicate
from engine.query.search import Searched, search, search_each
from engine.query.search_terms import COMMON, is_common, sought
from engine.query.tokens import holds, normal, query_of
from engine.storage.database import Database
from engine.storage.kernel_tables import search as entries
from metadata.conditions import Test
from tests.integration.query.bookshop import everything, owned_by
from tests.support.worlds import NOW, Rows, an_object, bound_snapshot, field

USER = an_object("user", field("name", "text", search=True))
BOOK = an_object(
    "book",
    field("name", "text", search=True, sortable=True),
    field("phone", "phone", country="CN", search=True),
    field("secret", "text", search=True),
    field("price", "money", scale=2),
    owned=True,
)
LETTERS = "华信科技物流公司ab1"
TYPED = LETTERS + "hxkj"
BOOKS = (
    {"id": 1, "name": "北京华信科技", "phone": "+8613812345678", "owner": 1, "price": 100},
    {"id": 2, "name": "华信物流", "phone": "+8613900005678", "owner": 2, "secret": "Ｋｅｙ 42"},
    {"id": 3, "name": "Heddle Ltd.", "phone": "+861012345678", "owner": 1},
    {"id": 4, "name": "信华公司", "owner": 2, "secret": "华信"},
    {"id": 5, "name": "华信", "owner": None},
    {"id": 6, "name": "华信旧", "owner": 1, "deleted_at": NOW},
    {"id": 7, "name": None, "secret": "5 ☆ 5"},
)
ALL_FIELDS = ("name", "phone", "secret")


def _rows(url: str) -> Rows:
    rows = Rows(Database(url), bound_snapshot([USER, BOOK]))
    rows.create()
    return rows


def _filled(url: str) -> Rows:
    rows = _rows(url)
    rows.add("user", {"id": 1, "name": "华信人"}, {"id": 2, "name": "Bob"})
    rows.add("book", *BOOKS)
    return rows


@pytest.fixture(scope="module")
def shop(shared_database_url: str) -> Iterator[Rows]:
    """A shop that nobody changes."""
    rows = _filled(shared_database_url)
    yield rows
    rows.database.close()


CASES = [
    ("华", [1, 2, 4, 5]),
    ("华信", [1, 2, 4, 5]),
    ("华信科", [1]),
    ("信华", [4]),
    ("华科", []),
    ("138", [1]),
    ("5678", [1, 2, 3]),
    ("345678", [1, 3]),
    ("13812345678", [1]),
    ("hed", [3]),
    ("HEDDLE ltd", [3]),
    ("eddle", []),
    ("华信 138", [1]),
    ("北京 物流", []),
    ("key", [2]),
    ("ＫＥＹ", [2]),
    ("5 ☆", [7]),
    ("☆", []),
    ("龘", []),
    ('" OR "华', []),
    ("华信*", []),
    ("hx", [1, 2, 4, 5]),
    ("HXKJ", [1]),
    ("bjhxkj 5678", [1]),
    ("hxgs", []),
]


@pytest.mark.parametrize(("typed", "expected"), CASES)
def test_a_list_shows_what_holds_every_word(shop: Rows, typed: str, expected: list[int]) -> None:
    assert _listed(shop, everything("book"), typed) == expected


@pytest.mark.parametrize(("typed", "expected"), CASES)
def test_search_across_objects_finds_the_same(shop: Rows, typed: str, expected: list[int]) -> None:
    with shop.unit() as unit:
        hits = search(unit, [Searched(everything("book"), ALL_FIELDS)], typed)
        some = search_each(unit, [Searched(everything("book"), ALL_FIELDS)], typed, 10)
    assert sorted(hit.id for hit in hits) == expected
    assert sorted(hit.id for of_one in some for hit in of_one) == expected


def test_a_blank_search_is_no_search_in_a_list_and_no_hit_elsewhere(shop: Rows) -> None:
    assert _listed(shop, everything("book"), "  ") == [1, 2, 3, 4, 5, 7]
    with shop.unit() as unit:
        assert search(unit, [Searched(everything("book"), ALL_FIELDS)], "  ") == []
        assert search(unit, [], "华信") == []


def test_what_is_out_of_scope_is_never_seen(shop: Rows) -> None:
    mine = owned_by("book", 1)
    assert _listed(shop, mine, "华信") == [1]
    with shop.unit() as unit:
        hits = search(unit, [Searched(mine, ALL_FIELDS)], "华信")
        assert [(hit.object, hit.id) for hit in hits] == [("book", 1)]
        none = AccessPredicate("book", "read", "none")
        assert search(unit, [Searched(none, ALL_FIELDS)], "华信") == []


def test_a_field_that_may_not_be_read_finds_nothing(shop: Rows) -> None:
    assert _listed(shop, everything("book"), "华信", fields=("name",)) == [1, 2, 5]
    assert _listed(shop, everything("book"), "42", fields=("name", "phone")) == []
    assert _listed(shop, everything("book"), "华信", fields=()) == []
    with shop.unit() as unit:
        hits = search(unit, [Searched(everything("book"), ("name",))], "华信")
        assert sorted(hit.id for hit in hits) == [1, 2, 5]
        assert search(unit, [Searched(everything("book"), ("name",))], "key 42") == []


def test_the_bin_can_be_searched_and_is_not_found_elsewhere(shop: Rows) -> None:
    assert _listed(shop, everything("book"), "华信", bin=True) == [6]


def test_hits_come_with_name_and_facts_the_closest_first(shop: Rows) -> None:
    with shop.unit() as unit:
        objects = [
            Searched(everything("user"), ("name",)),
            Searched(everything("book"), ALL_FIELDS, ("price", "owner")),
        ]
        hits = search(unit, objects, "华信")
    assert [(hit.object, hit.id, hit.label) for hit in hits] == [
        ("book", 5, "华信"),
        ("user", 1, "华信人"),
        ("book", 2, "华信物流"),
        ("book", 4, "信华公司"),
        ("book", 1, "北京华信科技"),
    ]
    first = next(hit for hit in hits if hit.label == "北京华信科技")
    assert [(fact.slot.path, fact.value) for fact in first.facts] == [
        ("price", 100),
        ("owner", Label(1, "华信人")),
    ]


def test_a_search_goes_on_until_enough_of_reach_is_found(database_url: str) -> None:
    rows = _rows(database_url)
    books = [
        {"id": number, "name": f"华信{number}", "owner": 1 if number <= 8 else 2}
        for number in range(1, 201)
    ]
    rows.add("book", *books)
    with rows.unit() as unit:
        # The newest hundred and ninety-two candidates belong to somebody else.
        hits = search(unit, [Searched(owned_by("book", 1), ALL_FIELDS)], "华信", 5)
        assert len(hits) == 5
        assert all(hit.id <= 8 for hit in hits)
        newest = search(unit, [Searched(everything("book"), ALL_FIELDS)], "华信", 5)
        assert [hit.id for hit in newest] == [200, 199, 198, 197, 196]
    rows.database.close()


def test_search_condition_scope_and_order_hold_together(shop: Rows) -> None:
    with shop.unit() as unit:
        request = ListRequest(
            object="book", search="华信", where=Test("name", "contains", "北京"), sort=("-name",)
        )
        page = read_page(unit, everything("book"), request)
        assert [row[page.id_index] for row in page.rows] == [1]
        some = ListRequest(object="book", search="华信", sort=("-name",), limit=2)
        first = read_page(unit, everything("book"), some)
        rest = ListRequest(
            object="book", search="华信", sort=("-name",), limit=2, cursor=first.next_cursor
        )
        second = read_page(unit, everything("book"), rest)
        seen = [row[first.id_index] for row in [*first.rows, *second.rows]]
        assert seen == [2, 5, 1, 4]


def test_an_entry_that_is_gone_finds_nothing(database_url: str) -> None:
    shop = _filled(database_url)
    with shop.database.write() as connection:
        connection.execute(delete(entries).where(entries.c.record_id == 1))
    assert _listed(shop, everything("book"), "北京") == []
    shop.database.close()


def test_any_search_agrees_with_reading_every_text(database_url: str) -> None:
    rows, random = _rows(database_url), Random(7)  # noqa: S311 - sample rows
    books: list[dict[str, Any]] = [
        {
            "id": number,
            "name": "".join(random.choices(LETTERS, k=random.randint(1, 9))),
            "secret": "".join(random.choices(LETTERS + " ", k=4)),
        }
        for number in range(1, 151)
    ]
    rows.add("book", *books)
    pieces = st.text(TYPED + " ", min_size=1, max_size=4)

    @settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(pieces)
    def check(typed: str) -> None:
        query = query_of(typed)
        held = {
            book["id"]
            for book in books
            if query.terms and holds(query, [*_texts(book["name"]), *_texts(book["secret"])])
        }
        found = set(_listed(rows, everything("book"), typed)) if typed.strip() else held
        assert found <= held
        with rows.unit() as unit:
            hits = search(unit, [Searched(everything("book"), ALL_FIELDS)], typed, 100)
            ids = {hit.id for hit in hits}
        assert ids == found or len(found) > 100
        if query.groups and not any(c.isascii() and c.isalnum() for c in typed):
            assert found == held  # Chinese is found anywhere; words and digits by their beginning

    check()
    rows.database.close()


def _texts(name: str) -> list[str]:
    return [normal(name), *initials_of(normal(name)).split(" ")]


def _listed(
    rows: Rows,
    predicate: AccessPredicate,
    typed: str,
    *,
    fields: tuple[str, ...] | None = ALL_FIELDS,
    sort: tuple[str, ...] = ("id",),
    **more: Any,
) -> list[int]:
    with rows.unit() as unit:
        request = ListRequest(
            object="book", search=typed, search_fields=fields, sort=sort, limit=200, **more
        )
        page = read_page(unit, predicate, request)
        return [row[page.id_index] for row in page.rows]


@pytest.mark.parametrize(("typed", "expected"), CASES)
def test_walking_for_what_is_common_finds_the_same(
    shop: Rows, monkeypatch: pytest.MonkeyPatch, typed: str, expected: list[int]
) -> None:
    walked: list[bool] = []

    def walking(*_: object) -> bool:
        walked.append(True)
        return True

    monkeypatch.setattr("engine.query.selection.is_common", walking)
    newest = ("-id",)
    assert _listed(shop, everything("book"), typed, sort=newest) == expected[::-1]
    mine = [book for book in expected if book in {1, 3}]
    assert _listed(shop, owned_by("book", 1), typed, sort=newest) == mine[::-1]
    assert walked == [True, True]


def test_only_the_first_page_of_the_newest_is_walked(
    shop: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> bool:
        raise AssertionError("a walk could pass every record")

    with shop.unit() as unit:
        request: dict[str, Any] = {"object": "book", "search": "华信", "limit": 1}
        first = read_page(unit, everything("book"), ListRequest(**request))
        monkeypatch.setattr("engine.query.selection.is_common", refused)
        for more in ({"sort": ("name",)}, {"page": 2}, {"cursor": first.next_cursor}):
            assert read_page(unit, everything("book"), ListRequest(**request, **more)).rows


def test_common_is_what_many_new_entries_of_the_object_have(database_url: str) -> None:
    rows = _rows(database_url)
    rows.add("user", *({"id": at, "name": "华信"} for at in range(1, COMMON + 1)))
    rows.add("book", *({"id": at, "name": "华信"} for at in range(1, COMMON)))
    assert _is_common(rows, "user", "华信")
    assert not _is_common(rows, "user", "物流")
    assert not _is_common(rows, "book", "华信")
    assert not _is_common(rows, "user", "华信", wanted=COMMON + 1)  # too few to fill a page
    rows.database.close()


def _is_common(rows: Rows, object_key: str, typed: str, wanted: int = 1) -> bool:
    with rows.unit() as unit:
        bound = unit.snapshot.object(object_key)
        shape, values = sought(bound, typed, None, unit.connection.dialect.name)
        return is_common(unit, bound, shape, values, wanted)
