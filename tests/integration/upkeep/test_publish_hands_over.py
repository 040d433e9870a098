"""What a publish leaves to jobs, and what these jobs make of it."""

import pytest
from sqlalchemy import select, update

from engine.errors import InvalidInput
from engine.publish.apply import rollback_to
from engine.publish.deferred import states_of
from engine.publish.draft import create_draft
from engine.publish.plan import plan_draft
from engine.records.change import change
from engine.records.create import create
from engine.records.remove import remove
from engine.storage.kernel_tables import search
from engine.upkeep.search_renewal import RenewSearch
from tests.integration.upkeep.conftest import BOOKS, Shelf
from tests.support.library import added_field, publish

BOOK = {"title": "One more", "author": "Somebody"}


def setting(path: str, value: object) -> dict[str, object]:
    return {"op": "set", "document": "object/book", "path": path, "value": value}


def test_a_small_table_gets_its_indexes_at_once(shelf: Shelf) -> None:
    shelf.fill(30)
    before = shelf.indexes()
    publish(shelf.live, added_field("x_room", type="department"))
    assert len(shelf.indexes() - before) == 1
    assert shelf.states() == {}


def test_a_full_table_gets_them_by_a_job(shelf: Shelf) -> None:
    shelf.fill()
    before = shelf.indexes()
    with shelf.live.write(shelf.context()) as unit:
        draft = create_draft(unit, [added_field("x_room", type="department")])
    with shelf.live.read(shelf.context()) as unit:
        plan = plan_draft(shelf.live, unit, draft)
    assert [(one.kind, one.field) for one in plan.deferrals] == [("index", "x_room")]
    assert [one.step.kind for one in plan.steps] == ["add_column"]
    publish(shelf.live, added_field("x_room", type="department"))
    assert shelf.indexes() == before
    name = plan.deferrals[0].name
    assert shelf.states() == {("index", name): "building"}
    shelf.work()
    assert shelf.indexes() - before == {name}
    assert shelf.states() == {("index", name): "ready"}
    assert [job.state for job in shelf.jobs("index_build")] == ["done"]


def test_a_field_becomes_unique_over_the_records_there_are(shelf: Shelf) -> None:
    shelf.fill()
    publish(shelf.live, setting("fields/title/unique", value=True))
    field = shelf.live.snapshot.object("book").field("title")
    with shelf.live.read(shelf.context()) as unit:
        states = states_of(unit.connection, shelf.live.snapshot.object("book").id)
        assert states[field.id]["unique"][0] == "building"
    with shelf.live.write(shelf.context()) as unit:  # the records there are do not count yet …
        create(unit, "book", BOOK)
    with pytest.raises(InvalidInput), shelf.live.write(shelf.context()) as unit:
        create(unit, "book", BOOK)  # … but what is new does
    shelf.work()
    assert set(shelf.states().values()) == {"ready"}
    (job,) = shelf.jobs("unique_check")
    assert (job.state, job.done, job.counts["conflicts"]) == ("done", BOOKS + 1, 0)
    assert job.counts["filled"] == BOOKS
    with pytest.raises(InvalidInput), shelf.live.write(shelf.context()) as unit:
        create(unit, "book", {**BOOK, "title": "Book 00007"})
    assert any(name.endswith(f"_u{field.id}") for name in shelf.indexes())


def test_values_that_stand_twice_are_listed_and_can_be_settled(shelf: Shelf) -> None:
    shelf.fill(30)
    publish(shelf.live, setting("fields/author/unique", value=True))
    shelf.work()
    (job,) = shelf.jobs("unique_check")
    assert (job.state, job.counts["conflicts"]) == ("done", 20)
    assert shelf.told(job) == [(number, "author", "not_unique") for number in range(11, 31)]
    assert set(shelf.states().values()) == {"blocked"}
    with shelf.live.write(shelf.context()) as unit:
        for number in range(11, 21):
            change(unit, "book", number, {"author": f"Other {number}"}, version=1)
        for number in range(21, 31):
            remove(unit, "book", number)  # what lies in the bin is not held against it
    publish(shelf.live, setting("fields/author/unique", value=False))
    publish(shelf.live, setting("fields/author/unique", value=True))
    shelf.work()
    assert shelf.jobs("unique_check")[-1].counts["conflicts"] == 0
    assert shelf.states()[("unique", "")] == "ready"


def test_unique_off_and_on_again_takes_in_what_changed_between(shelf: Shelf) -> None:
    shelf.fill(30)
    first = publish(shelf.live, setting("fields/title/unique", value=True))
    shelf.work()
    rollback_to(shelf.live, shelf.context(), first - 1)
    shelf.work()
    with shelf.live.write(shelf.context()) as unit:
        change(unit, "book", 1, {"title": "Book 00001"}, version=1)  # as the second has
    rollback_to(shelf.live, shelf.context(), first)
    shelf.work()
    assert shelf.told(shelf.jobs("unique_check")[-1]) == [(2, "title", "not_unique")]
    with shelf.live.write(shelf.context()) as unit:
        change(unit, "book", 1, {"title": "Book 00000"}, version=2)


def test_required_lists_the_records_without_a_value(shelf: Shelf) -> None:
    shelf.fill(30)
    publish(shelf.live, added_field("x_shelf"))
    with shelf.live.write(shelf.context()) as unit:
        for number in (1, 3):
            change(unit, "book", number, {"x_shelf": "A"}, version=1)
        remove(unit, "book", 2)
    publish(shelf.live, setting("fields/x_shelf/required", value=True))
    with shelf.live.write(shelf.context()) as unit:
        change(unit, "book", 4, {"title": "Still possible"}, version=1)
        with pytest.raises(InvalidInput):
            create(unit, "book", BOOK)
    shelf.work()
    (job,) = shelf.jobs("required_check")
    assert (job.state, job.counts["missing"]) == ("done", 27)
    assert shelf.told(job)[:2] == [(4, "x_shelf", "required"), (5, "x_shelf", "required")]
    assert shelf.states()[("required", "")] == "blocked"


def test_another_field_is_searched(shelf: Shelf) -> None:
    shelf.fill(600)
    publish(shelf.live, added_field("x_code", search=True))
    with shelf.live.write(shelf.context()) as unit:
        change(unit, "book", 5, {"x_code": "ZQ-77"}, version=1)
    publish(shelf.live, setting("fields/x_code/search", value=False))
    shelf.work()
    with shelf.live.read(shelf.context()) as unit:
        texts = unit.connection.scalars(select(search.c.texts)).all()
    assert len(texts) == 600
    assert not any("zq-77" in text for text in texts)
    assert shelf.jobs("search_rebuild")[-1].done == 600


def test_entries_of_an_older_tokenizer_are_written_anew_once(shelf: Shelf) -> None:
    shelf.fill(600)
    with shelf.live.database.write() as connection:
        connection.execute(update(search).values(tokenizer=0))
    RenewSearch()(shelf.live)
    assert [(job.state, job.payload["object"]) for job in shelf.jobs("search_rebuild")] == [
        ("queued", "book")
    ]
    shelf.work()
    (job,) = shelf.jobs("search_rebuild")
    assert (job.state, job.counts["rebuilt"]) == ("done", 600)
    RenewSearch()(shelf.live)
    assert len(shelf.jobs("search_rebuild")) == 1
