"""Files as values: who may name which, copies, history, the bin, and what is swept away."""

from datetime import timedelta
from typing import Any

import pytest

from engine.access.roles import rights_of
from engine.context import SYSTEM, Actor
from engine.errors import InvalidInput
from engine.fields.file import FileRef
from engine.files.errors import UnknownFile
from engine.files.reading import readable_file
from engine.history.read import read_history
from engine.query.listing import ListRequest
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.records.encode import record_json
from engine.records.purge import purge
from engine.records.read import count, get
from engine.records.remove import remove
from engine.records.restore import restore
from engine.worker.sweep_files import sweep
from metadata.conditions import parse_condition
from tests.integration.files.desk import PDF, Desk, picture


def codes(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    """Give what was wrong."""
    return [(error.field, error.code) for error in refused.value.errors]


def may_read(desk: Desk, file: FileRef, actor: Actor) -> bool:
    """Tell whether somebody gets a file."""
    with desk.unit(actor) as unit:
        try:
            return readable_file(unit, file.id).ref == file
        except UnknownFile:
            return False


def written(desk: Desk, record: tuple[str, int], actor: Actor = SYSTEM, **values: Any) -> int:
    """Change a record; gives its version."""
    with desk.unit(actor) as unit:
        version = get(unit, *record, ("id",)).version
        return change(unit, *record, values, version=version).version


def test_value_goes_in_comes_back_and_is_remembered(desk: Desk) -> None:
    one, two = desk.upload("一.pdf", PDF), desk.upload("two.txt", b"two")
    book = desk.book(x_papers=[one.id, {"id": two.id, "name": "forged.exe", "size": 1}])

    with desk.unit() as unit:
        shown = record_json(unit, "book", get(unit, "book", book))
        same = change(unit, "book", book, {"x_papers": shown["x_papers"]}, version=1)
    written(desk, ("book", book), x_papers=[two.id])

    assert shown["x_papers"] == [one._asdict(), two._asdict()]
    assert same.version == 1
    with desk.unit() as unit:
        predicate = rights_of(unit).predicate("book", "read")
        entry = read_history(unit, predicate, "book", book).entries[0]
    (trace,) = [seen.change for seen in entry.changes]
    assert (trace.old_text, trace.new_text) == ("一.pdf; two.txt", "two.txt")
    assert trace.new == [two._asdict()]


def test_single_field_shows_one_file_and_takes_one(desk: Desk) -> None:
    one, two = desk.upload("1.pdf", PDF), desk.upload("2.pdf", PDF)
    book = desk.book(x_proof=one.id)

    with desk.unit() as unit:
        assert record_json(unit, "book", get(unit, "book", book))["x_proof"] == one._asdict()
    with pytest.raises(InvalidInput) as refused:
        desk.book(x_proof=[one.id, two.id])
    assert codes(refused) == [("x_proof", "too_many_files")]


@pytest.mark.parametrize(
    ("field", "name", "content", "code"),
    [
        ("x_proof", "a.txt", b"text", "file_type_not_allowed"),
        ("x_papers", "a.txt", b"x" * (1 << 20 | 1), "file_too_large"),
        ("x_cover", "a.png", picture(), "not_a_picture"),
    ],
)
def test_limits_of_the_field_hold_however_a_file_came_in(
    desk: Desk, field: str, name: str, content: bytes, code: str
) -> None:
    made = desk.upload(name, content, place="x_task.x_notes")

    with pytest.raises(InvalidInput) as refused:
        desk.book(SYSTEM, **{field: made.id})

    assert codes(refused) == [(field, code)]


def test_empty_and_not_empty_filter(desk: Desk) -> None:
    desk.book()
    desk.book(x_papers=[desk.upload("a.pdf", PDF).id])

    with desk.unit() as unit:
        found = [
            count(
                unit,
                ListRequest(object="book", where=parse_condition({"field": "x_papers", "op": op})),
            ).value
            for op in ("empty", "not_empty")
        ]
    assert found == [1, 1]


def test_nobody_names_what_he_may_not_read(desk: Desk) -> None:
    loose = desk.upload("a.pdf", PDF, desk.ann, "x_task.x_notes")
    kept = desk.upload("b.pdf", PDF, desk.ann, "x_task.x_notes")
    desk.task(desk.ann, x_notes=[kept.id])

    for stolen in (loose.id, kept.id, "0" * 32):
        with pytest.raises(InvalidInput) as refused:
            desk.task(desk.bob, x_notes=[stolen])
        assert codes(refused) == [("x_notes", "no_such_file")]
    assert desk.task(desk.ann, x_notes=[loose.id])


def test_file_is_read_by_who_may_read_the_field_of_its_record(desk: Desk) -> None:
    loose = desk.upload("a.pdf", PDF, desk.ann, "x_task.x_notes")
    assert (may_read(desk, loose, desk.ann), may_read(desk, loose, desk.bob)) == (True, False)

    task = desk.task(desk.ann, x_notes=[loose.id])
    secret = desk.upload("s.pdf", PDF, SYSTEM, "x_task.x_secret")
    written(desk, ("x_task", task), x_secret=secret.id)
    shared = desk.upload("book.pdf", PDF, desk.ann)
    desk.book(desk.ann, x_papers=[shared.id])

    assert (may_read(desk, loose, desk.ann), may_read(desk, loose, desk.bob)) == (True, False)
    assert (may_read(desk, secret, desk.ann), may_read(desk, secret, SYSTEM)) == (False, True)
    assert may_read(desk, shared, desk.bob)


def test_file_goes_out_of_sight_with_its_record_and_comes_back(desk: Desk) -> None:
    kept = desk.upload("a.pdf", PDF, desk.ann, "x_task.x_notes")
    task = desk.task(desk.ann, x_notes=[kept.id])

    with desk.unit(desk.ann) as unit:
        remove(unit, "x_task", task)
    assert (may_read(desk, kept, desk.ann), may_read(desk, kept, desk.bob)) == (True, False)
    with desk.unit(desk.ann) as unit:
        restore(unit, "x_task", task)
    assert desk.files("x_task", task, "x_notes") == (kept,)

    with desk.unit(desk.ann) as unit:
        remove(unit, "x_task", task)
        purge(unit, "x_task", task)
    assert not may_read(desk, kept, desk.ann)
    assert not may_read(desk, kept, SYSTEM)
    assert swept(desk, timedelta(minutes=1)) == (1, 1)


def swept(desk: Desk, later: timedelta) -> tuple[int, int]:
    """Sweep some time from now; gives how many files and contents went."""
    clock = desk.web.live.clock
    desk.web.live.clock = lambda: clock() + later
    try:
        done = sweep(desk.web.live, desk.store)
    finally:
        desk.web.live.clock = clock
    return done["files"], done["contents"]


def test_file_let_go_can_come_back_for_a_month(desk: Desk) -> None:
    kept = desk.upload("a.pdf", PDF, desk.ann, "x_task.x_notes")
    task = desk.task(desk.ann, x_notes=[kept.id])
    written(desk, ("x_task", task), desk.ann, x_notes=[])

    assert not may_read(desk, kept, desk.ann)
    with pytest.raises(InvalidInput):
        desk.task(desk.bob, x_notes=[kept.id])
    assert swept(desk, timedelta(days=29)) == (0, 0)
    written(desk, ("x_task", task), desk.ann, x_notes=[kept.id])
    assert may_read(desk, kept, desk.ann)
    written(desk, ("x_task", task), desk.ann, x_notes=None)
    assert swept(desk, timedelta(days=31)) == (1, 1)
    with pytest.raises(InvalidInput):
        written(desk, ("x_task", task), desk.ann, x_notes=[kept.id])


def test_upload_that_no_record_took_is_swept_after_a_day(desk: Desk) -> None:
    desk.upload("a.pdf", PDF, desk.ann)
    used = desk.upload("b.txt", b"kept")
    book = desk.book(x_papers=[used.id])

    assert swept(desk, timedelta(hours=23)) == (0, 0)
    assert swept(desk, timedelta(hours=25)) == (1, 1)
    assert desk.store.path(_digest(desk, used)).read_bytes() == b"kept"
    assert desk.files("book", book, "x_papers") == (used,)


def _digest(desk: Desk, file: FileRef) -> str:
    with desk.unit() as unit:
        return readable_file(unit, file.id).digest


def test_copy_of_a_record_has_files_of_its_own(desk: Desk) -> None:
    kept = desk.upload("a.pdf", PDF)
    first = desk.book(x_papers=[kept.id])
    second = desk.book(desk.ann, x_papers=[kept.id])
    (copied,) = desk.files("book", second, "x_papers")

    assert copied.id != kept.id
    assert copied[1:] == kept[1:]
    with desk.unit() as unit:
        remove(unit, "book", first)
        purge(unit, "book", first)
    assert swept(desk, timedelta(days=2)) == (1, 0)
    assert may_read(desk, copied, desk.ann)
    assert desk.store.path(_digest(desk, copied)).is_file()


def test_one_upload_named_twice_becomes_two_files(desk: Desk) -> None:
    made = desk.upload("a.pdf", PDF)
    rows = [{"title": name, "author": "H", "x_papers": [made.id]} for name in ("A", "B")]

    with desk.unit() as unit:
        outcomes = create_many(unit, "book", rows)

    files = [desk.files("book", one.id or 0, "x_papers")[0] for one in outcomes]
    assert files[0] == made
    assert files[1].id != made.id


def test_loose_file_has_exactly_one_winner(desk: Desk) -> None:
    made = desk.upload("a.pdf", PDF)
    first = desk.book(x_papers=[made.id])

    with desk.unit() as unit:
        create(unit, "book", {"title": "B", "author": "H", "x_papers": [made.id]})

    assert desk.files("book", first, "x_papers") == (made,)


def test_what_a_dead_process_left_is_swept(desk: Desk) -> None:
    half = desk.store.new_path()
    half.write_bytes(b"half")
    lost = desk.store.path("ab" * 32)
    lost.parent.mkdir(parents=True, exist_ok=True)
    lost.write_bytes(b"never noted")
    kept = desk.upload("a.pdf", PDF)

    swept(desk, timedelta(hours=1))
    assert half.exists()
    swept(desk, timedelta(hours=25))

    assert not half.exists()
    assert not lost.exists()
    assert kept.size == len(PDF)
