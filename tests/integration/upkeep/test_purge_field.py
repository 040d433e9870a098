"""A pack gives up a field with its data: the plan counts, a job deletes, no way leads back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, column, func, insert, select, table, update

from engine.doctor import examine
from engine.publish.apply import rollback_to
from engine.publish.packs import packs_with, trial_draft
from engine.publish.plan import Plan, plan_draft, plan_rollback
from engine.publish.purging import Purge
from engine.records.create import create
from engine.records.remove import remove
from engine.seeds import install_packs
from engine.storage.kernel_tables import attachment, field_ledger, history, job, worker
from metadata.errors import MetadataInvalid
from metadata.load import Pack
from tests.integration.upkeep.conftest import Shelf
from tests.support.kills import kill_until_done
from tests.support.library import library_packs, publish, system_context
from tests.support.library_versions import BOOK, edited, without_field

PURGED = {"fields": {"book.shelf": {"since": "1.1.0", "data": "purge"}}}
KEPT = {"fields": {"book.shelf": {"since": "1.1.0", "data": "keep"}}}


def without_shelf(removed: dict[str, Any] = PURGED, **manifest: Any) -> list[Pack]:
    return edited(without_field("shelf"), removed=removed, **manifest)


def planned(shelf: Shelf, packs: list[Pack]) -> Plan:
    live = shelf.live
    with live.read(system_context(live)) as unit:
        draft = trial_draft(unit, packs_with(live, packs))
        return plan_draft(live, unit, draft)


def install(shelf: Shelf, packs: list[Pack]) -> int:
    live = shelf.live
    return install_packs(live, system_context(live), packs_with(live, packs), ())


def books(shelf: Shelf, *places: str | None) -> list[int]:
    with shelf.live.write(shelf.context()) as unit:
        return [
            create(unit, "book", {"title": f"书{number}", "author": "人", "shelf": place}).id
            for number, place in enumerate(places)
        ]


def left(shelf: Shelf, name: str = "shelf") -> int:
    return int(one(shelf, select(func.count(column(name))).select_from(table("o_book"))))


def one(shelf: Shelf, query: Select[Any]) -> Any:
    with shelf.live.database.read() as connection:
        return connection.execute(query).scalar_one()


def test_the_plan_counts_the_job_deletes_and_history_stays(shelf: Shelf) -> None:
    first, *_, last = books(shelf, "A-7", None, "B-1")
    with shelf.live.write(shelf.context()) as unit:
        remove(unit, "book", last)
    before = shelf.live.snapshot.number
    field = shelf.live.snapshot.object("book").field("shelf")
    plan = planned(shelf, without_shelf())
    assert plan.valid, plan.problems
    assert plan.purges == (Purge("book", "shelf", 2),)
    assert plan.merge.kept == ()
    install(shelf, without_shelf())
    assert left(shelf) == 2
    shelf.work()
    assert left(shelf) == 0
    (done,) = shelf.jobs("purge_field")
    assert (done.state, done.counts["purged"]) == ("done", 2)
    with shelf.live.read(shelf.context()) as unit:
        bound = unit.snapshot.object("book")
        kept = select(bound.table.c.version).where(bound.table.c.id == first)
        version = unit.connection.scalar(kept)
        told = select(func.count()).where(
            history.c.object_id == bound.id, history.c.record_id == first
        )
        assert (version, unit.connection.scalar(told)) == (1, 1)
    assert one(shelf, select(field_ledger.c.retired).where(field_ledger.c.id == field.id))
    assert planned(shelf, without_shelf(version="1.2.0")).purges == ()
    assert examine(shelf.live, system_context(shelf.live)).findings == ()
    with shelf.live.read(shelf.context()) as unit:
        back = plan_rollback(shelf.live, unit, before)
    assert [(each.code, each.path) for each in back.problems] == [("field_purged", "fields/shelf")]
    with pytest.raises(MetadataInvalid):
        rollback_to(shelf.live, shelf.context(), before)


def test_nobody_brings_it_back_but_the_pack_and_then_it_is_empty(shelf: Shelf) -> None:
    books(shelf, "A-7")
    install(shelf, without_shelf())
    with pytest.raises(MetadataInvalid):
        publish(shelf.live, {"op": "remove", "document": BOOK, "path": "fields/shelf"})
    shelf.work()
    install(shelf, edited({}, version="1.2.0"))
    assert shelf.live.compiled is not None
    assert shelf.live.compiled.layers.local == {}
    field = shelf.live.snapshot.object("book").field("shelf")
    assert one(shelf, select(func.count(field.column))) == 0
    books(shelf, "C-3")
    assert one(shelf, select(func.count(field.column))) == 1
    assert left(shelf) == 0


def test_what_lay_in_the_bin_or_was_kept_goes_when_the_pack_says_so(shelf: Shelf) -> None:
    books(shelf, "A-7")
    install(shelf, without_shelf(KEPT))
    assert planned(shelf, without_shelf(KEPT)).purges == ()
    install(shelf, without_shelf(version="1.2.0"))
    shelf.work()
    assert left(shelf) == 0


def test_what_the_site_kept_for_itself_goes_when_the_pack_removes_it_later(shelf: Shelf) -> None:
    books(shelf, "A-7")
    install(shelf, edited(without_field("shelf")))
    assert "shelf" in shelf.live.snapshot.object("book").fields
    plan = planned(shelf, without_shelf(version="1.2.0"))
    assert plan.purges == (Purge("book", "shelf", 1),)
    install(shelf, without_shelf(version="1.2.0"))
    assert "shelf" not in shelf.live.snapshot.object("book").fields
    shelf.work()
    assert left(shelf) == 0


def test_indexes_and_side_rows_of_the_field_go_too(shelf: Shelf) -> None:
    *_, library = library_packs()
    whole = next(doc for doc in library.documents if doc.id == BOOK).body["fields"]["shelf"]
    install(shelf, edited({(BOOK, "fields/shelf"): {**whole, "sortable": True, "unique": True}}))
    books(shelf, "A-7", "A-8")
    field = shelf.live.snapshot.object("book").field("shelf")
    names = {name for name in shelf.indexes() if str(field.id) in name}
    assert names
    install(shelf, without_shelf(version="1.2.0"))
    shelf.work()
    assert not names & shelf.indexes()
    assert left(shelf, f"u_{field.id}") == 0


def test_it_waits_for_workers_that_still_serve_the_field(shelf: Shelf) -> None:
    books(shelf, "A-7")
    now = shelf.live.clock()
    behind = {"id": "slow", "version": shelf.live.snapshot.number, "seen_at": now, "problem": ""}
    with shelf.live.database.write() as connection:
        connection.execute(insert(worker).values(**behind))
    install(shelf, without_shelf())
    shelf.work()
    assert left(shelf) == 1
    with shelf.live.database.write() as connection:
        connection.execute(update(worker).values(seen_at=now - timedelta(minutes=5)))
        connection.execute(update(job).values(ready_at=now))
    shelf.work()
    assert left(shelf) == 0


def test_a_worker_that_dies_leaves_nothing_behind(shelf: Shelf) -> None:
    books(shelf, *(f"A-{number}" for number in range(40)))
    install(shelf, without_shelf())
    (waiting,) = shelf.jobs("purge_field")
    kill_until_done(shelf.live, waiting.id, seed=5, kills=2, longest=45)
    assert left(shelf) == 0


def test_its_files_are_left_to_the_sweep(shelf: Shelf) -> None:
    (book,) = books(shelf, "A-7")
    bound = shelf.live.snapshot.object("book")
    now = shelf.live.clock()
    held = {"object_id": bound.id, "field_id": bound.field("shelf").id, "record_id": book}
    told = {"name": "a.pdf", "type": "application/pdf", "size": 1, "created_at": now}
    with shelf.live.database.write() as connection:
        connection.execute(insert(attachment).values(id="f1", digest="d", **held, **told))
    install(shelf, without_shelf())
    shelf.work()
    assert one(shelf, select(attachment.c.kept_until)) is not None
