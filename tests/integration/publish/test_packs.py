"""Packs over records: upgrades keep what people have, uninstalling keeps the tables."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from engine.access.roles import rights_of
from engine.history.read import read_history
from engine.publish.apply import rollback_to
from engine.publish.live import LiveSite
from engine.publish.packs import (
    PackNeeded,
    dependents,
    packs_with,
    packs_without,
    trial_draft,
)
from engine.publish.plan import Plan, plan_draft
from engine.records.change import change
from engine.records.create import create
from engine.records.read import get
from engine.seeds import install_packs
from engine.storage.kernel_tables import field_ledger
from metadata.errors import MetadataInvalid
from metadata.load import Pack, settle
from tests.invariants import check_all
from tests.support.library import (
    added_field,
    library_packs,
    library_site,
    publish,
    system_context,
)
from tests.support.library_versions import BOOK, GONE, book_field, edited, without_field


@pytest.fixture
def live(new_database_url: str) -> Iterator[LiveSite]:
    site = library_site(new_database_url)
    yield site
    with site.read(system_context(site)) as unit:
        check_all(unit.connection, unit.snapshot)
    site.database.close()


def a_book(live: LiveSite, **values: Any) -> int:
    with live.write(system_context(live)) as unit:
        given = {"title": "红楼梦", "author": "曹雪芹", **values}
        return create(unit, "book", given).id


def value_of(live: LiveSite, record_id: int, key: str) -> Any:
    with live.read(system_context(live)) as unit:
        bound = unit.snapshot.object("book")
        found = select(bound.field(key).column).where(bound.table.c.id == record_id)
        return unit.connection.execute(found).scalar_one()


def entries(live: LiveSite, record_id: int) -> int:
    with live.read(system_context(live)) as unit:
        predicate = rights_of(unit).predicate("book", "read")
        return len(read_history(unit, predicate, "book", record_id).entries)


def planned(live: LiveSite, packs: list[Pack], *changes: Any) -> Plan:
    with live.read(system_context(live)) as unit:
        draft = trial_draft(unit, packs_with(live, packs), changes)
        return plan_draft(live, unit, draft)


def installed(live: LiveSite, packs: list[Pack], *changes: Any) -> int:
    return install_packs(live, system_context(live), packs_with(live, packs), changes)


def test_an_upgrade_that_leaves_out_a_used_field_keeps_it_and_says_so(live: LiveSite) -> None:
    book = a_book(live, shelf="A-7")
    new = edited(without_field("shelf"))
    plan = planned(live, new)
    assert plan.valid
    assert [(one.document, one.path, one.hidden) for one in plan.merge.kept] == [
        (BOOK, "fields/shelf", False)
    ]
    installed(live, new)
    assert value_of(live, book, "shelf") == "A-7"
    with live.write(system_context(live)) as unit:
        change(unit, "book", book, {"shelf": "B-1"}, version=1)
    assert planned(live, new).merge.kept == ()
    installed(live, library_packs())
    assert live.compiled is not None
    assert live.compiled.layers.local == {}
    assert value_of(live, book, "shelf") == "B-1"


def test_a_removed_field_goes_into_the_bin_and_comes_back_with_its_data(live: LiveSite) -> None:
    book = a_book(live, shelf="A-7")
    new = edited(
        without_field("shelf"),
        removed={"fields": {"book.shelf": {"since": "1.1.0", "data": "keep"}}},
    )
    installed(live, new)
    assert "shelf" not in live.snapshot.object("book").fields
    publish(live, {"op": "remove", "document": BOOK, "path": "fields/shelf"})
    assert value_of(live, book, "shelf") == "A-7"


def test_a_conflict_is_listed_and_settled_in_the_same_draft(live: LiveSite) -> None:
    publish(
        live,
        {"op": "set", "document": BOOK, "path": "fields/title/label/en", "value": "Mine"},
        {"op": "set", "document": BOOK, "path": "fields/isbn/label/en", "value": "Number"},
    )
    new = edited(
        {(BOOK, "fields/title/label"): {"zh-CN": "书名", "en": "Theirs"},
         (BOOK, "fields/author/label"): {"zh-CN": "著者", "en": "Writer"}}
    )  # fmt: skip
    plan = planned(live, new)
    ((conflict,), choices) = (plan.merge.open, plan.merge.choices)
    assert (conflict.base, conflict.mine, conflict.theirs) == ("Title", "Mine", "Theirs")
    assert [one.side for one in choices] == [""]
    for is_mine, side in ((True, "mine"), (False, "theirs")):
        settled = planned(live, new, settle(conflict, mine=is_mine))
        assert [one.side for one in settled.merge.choices] == [side]
        assert settled.merge.open == ()
    installed(live, new, settle(conflict, mine=False))
    fields = live.snapshot.object("book").fields
    assert fields["title"].definition.label["en"] == "Theirs"
    assert fields["isbn"].definition.label["en"] == "Number"
    assert fields["author"].definition.label["en"] == "Writer"


def test_a_renamed_field_keeps_identity_column_data_and_history(live: LiveSite) -> None:
    book = a_book(live, shelf="A-7")
    before = live.snapshot.number
    field = live.snapshot.object("book").field("shelf")
    changes = without_field("shelf")
    changes[BOOK, "fields/place"] = book_field("shelf")
    new = edited(changes, renames={"fields": {"book.shelf": "book.place"}})
    plan = planned(live, new)
    assert (list(plan.problems), list(plan.steps)) == ([], [])
    installed(live, new)
    moved = live.snapshot.object("book").field("place")
    assert (moved.id, moved.column.name) == (field.id, field.column.name)
    assert value_of(live, book, "place") == "A-7"
    rollback_to(live, system_context(live), before)
    assert value_of(live, book, "shelf") == "A-7"
    assert live.snapshot.object("book").field("shelf").id == field.id
    with live.read(system_context(live)) as unit:
        keys = unit.connection.execute(
            select(field_ledger.c.key).where(field_ledger.c.id == field.id)
        )
        assert list(keys.scalars()) == ["shelf"]


def test_records_with_a_removed_option_get_the_one_named_instead(live: LiveSite) -> None:
    *_, library = library_packs()
    options = next(doc for doc in library.documents if doc.id == "option_set/book_category").body
    old, other = list(options["options"])[-1], next(iter(options["options"]))
    books = [a_book(live, category=old) for _ in range(3)]
    kept = a_book(live, category=other)
    new = edited(
        {("option_set/book_category", f"options/{old}"): GONE},
        removed={"options": {f"book_category.{old}": {"since": "1.1.0", "remap": other}}},
    )
    installed(live, new)
    assert {value_of(live, book, "category") for book in (*books, kept)} == {other}
    assert [entries(live, book) for book in (*books, kept)] == [2, 2, 2, 1]


def test_a_pack_that_others_need_is_not_uninstalled(live: LiveSite) -> None:
    with pytest.raises(PackNeeded) as caught:
        packs_without(live, "base")
    assert caught.value.params == {"pack": "base", "dependents": "library"}


def test_what_was_made_on_site_needs_its_pack_too(live: LiveSite) -> None:
    publish(
        live,
        {
            "op": "add",
            "document": "object/x_visit",
            "path": "",
            "value": {
                "label": "到馆",
                "plural": "到馆",
                "name_field": "what",
                "fields": {
                    "what": {"type": "text", "label": "事由"},
                    "of_book": {"type": "link", "label": "书", "to": "book", "on_delete": "clear"},
                },
            },
        },
    )
    assert dependents(live, "library") == ["object/x_visit fields/of_book/to"]
    with pytest.raises(PackNeeded):
        packs_without(live, "library")


def test_uninstalling_keeps_data_and_local_changes_for_the_day_it_comes_back(
    live: LiveSite,
) -> None:
    publish(live, added_field("x_note"))
    book = a_book(live, shelf="A-7", x_note="mine")
    packs = packs_without(live, "library")
    with live.read(system_context(live)) as unit:
        plan = plan_draft(live, unit, trial_draft(unit, packs))
    assert BOOK in plan.merge.asleep
    install_packs(live, system_context(live), packs)
    assert "book" not in live.snapshot.objects
    installed(live, library_packs())
    assert value_of(live, book, "shelf") == "A-7"
    assert value_of(live, book, "x_note") == "mine"
    with live.read(system_context(live)) as unit:
        assert get(unit, "book", book).id == book


def test_a_pack_that_does_not_fit_leaves_no_draft_and_no_trace(live: LiveSite) -> None:
    before = live.snapshot.number
    with pytest.raises(MetadataInvalid):
        installed(live, edited({(BOOK, "fields/title/type"): "no_such_type"}))
    assert live.snapshot.number == before
    with live.read(system_context(live)) as unit:
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM heddle_draft").scalar() == 1
