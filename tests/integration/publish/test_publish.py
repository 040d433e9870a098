"""Draft, plan, publish, roll back: what people see of it, on both databases."""

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select

from engine.errors import DraftOutdated
from engine.publish.apply import publish_draft, rollback_to
from engine.publish.draft import create_draft, read_draft, rebase_draft
from engine.publish.live import LiveSite
from engine.publish.plan import plan_draft
from engine.publish.store import list_versions
from engine.storage.database import Database
from metadata.errors import MetadataInvalid
from tests.support.library import added_field, library_site, publish, system_context


@pytest.fixture
def live(new_database_url: str) -> Iterator[LiveSite]:
    site = library_site(new_database_url)
    yield site
    site.database.close()


def test_a_published_field_is_there_at_once_and_for_a_second_process(live: LiveSite) -> None:
    other = LiveSite(Database(live.database.url.render_as_string(hide_password=False)))
    with other.read(system_context(other)) as unit:
        assert "x_area" not in unit.snapshot.object("book").fields
    number = publish(live, added_field("x_area", type="decimal", scale=2))
    assert live.snapshot.number == number
    with other.read(system_context(other)) as unit:
        field = unit.snapshot.object("book").field("x_area")
        unit.connection.execute(select(field.column)).all()
    other.database.close()


def test_a_plan_shows_ddl_and_changes_nothing(live: LiveSite) -> None:
    context = system_context(live)
    before = live.snapshot.number
    with live.write(context) as unit:
        draft = create_draft(unit, [added_field("x_code", unique=True)])
    with live.read(context) as unit:
        plan = plan_draft(live, unit, draft)
    assert plan.valid
    assert [planned.step.kind for planned in plan.steps] == [
        "add_column", "add_column", "create_unique",
    ]  # fmt: skip
    assert "ALTER TABLE o_book ADD COLUMN x_code" in plan.steps[0].sql
    assert "CREATE UNIQUE INDEX" in plan.steps[2].sql
    assert live.snapshot.number == before
    with live.read(context) as unit:
        assert "x_code" not in unit.snapshot.object("book").fields


def test_a_bad_draft_says_why_and_publishes_nothing(live: LiveSite) -> None:
    context = system_context(live)
    before = live.snapshot.number
    with live.write(context) as unit:
        draft = create_draft(unit, [added_field("x_odd", type="no_such_type")])
    with live.read(context) as unit:
        plan = plan_draft(live, unit, draft)
    assert [problem.code for problem in plan.problems] == ["unknown_field_type"]
    with pytest.raises(MetadataInvalid):
        publish_draft(live, context, draft)
    assert live.snapshot.number == before


def test_the_slower_of_two_publishers_is_told_to_rebase(live: LiveSite) -> None:
    context = system_context(live)
    with live.write(context) as unit:
        drafts = [create_draft(unit, [added_field(key)]) for key in ("x_one", "x_two")]
    start = Barrier(2)
    outcomes: list[str] = []

    def go(position: int) -> None:
        start.wait()
        try:
            publish_draft(live, context, drafts[position])
            outcomes.append("won")
        except DraftOutdated:
            outcomes.append("told")

    threads = [Thread(target=go, args=(position,)) for position in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "won"]
    with live.write(context) as unit:
        missing = [key for key in ("x_one", "x_two") if key not in
                   unit.snapshot.object("book").fields]  # fmt: skip
        loser = drafts[("x_one", "x_two").index(missing[0])]
        rebase_draft(unit, loser.id)
        rebased = read_draft(unit, loser.id)
    publish_draft(live, context, rebased)
    assert {"x_one", "x_two"} <= set(live.snapshot.object("book").fields)


def test_a_worker_on_the_old_version_goes_on_serving(live: LiveSite) -> None:
    context = system_context(live)
    with live.read(context) as old:
        publish(live, added_field("x_new"))
        assert "x_new" not in old.snapshot.object("book").fields
        old.connection.execute(select(old.snapshot.object("book").table)).all()


def test_rollback_hides_the_field_and_keeps_its_data(live: LiveSite) -> None:
    context = system_context(live)
    first = live.snapshot.number
    second = publish(live, added_field("x_note"))
    with live.write(context) as unit:
        book = unit.snapshot.object("book")
        unit.connection.execute(
            insert(book.table).values(
                version=1, created_at=context.now, updated_at=context.now, x_note="kept"
            )
        )
    third = rollback_to(live, context, first)
    assert "x_note" not in live.snapshot.object("book").fields
    fourth = rollback_to(live, context, second)
    with live.read(context) as unit:
        column = unit.snapshot.object("book").field("x_note").column
        kept = select(column).where(column.is_not(None))
        assert unit.connection.execute(kept).scalars().all() == ["kept"]
        listed = [(one.number, one.rolls_back_to) for one in list_versions(unit.connection)]
    assert listed[:2] == [(fourth, second), (third, first)]


def test_another_type_under_a_published_key_is_refused(live: LiveSite) -> None:
    publish(live, added_field("x_size", type="integer"))
    context = system_context(live)
    change = {
        "op": "set",
        "document": "object/book",
        "path": "fields/x_size/type",
        "value": "date",
    }
    with live.write(context) as unit:
        draft = create_draft(unit, [change])
    with live.read(context) as unit:
        plan = plan_draft(live, unit, draft)
    assert [problem.code for problem in plan.problems] == ["type_change"]


def test_what_stored_values_rely_on_never_changes(live: LiveSite) -> None:
    publish(live, added_field("x_fine", type="money", scale=2, currency="CNY"))
    context = system_context(live)
    change = {"op": "set", "document": "object/book", "path": "fields/x_fine/scale", "value": 4}
    with live.write(context) as unit:
        draft = create_draft(unit, [change])
    with live.read(context) as unit:
        plan = plan_draft(live, unit, draft)
    assert [problem.code for problem in plan.problems] == ["fixed_property"]
    with pytest.raises(MetadataInvalid):
        publish_draft(live, context, draft)
