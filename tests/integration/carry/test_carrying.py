"""Backup, restore and move: equal to the row on both databases, whole or not at all."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine.audit.sealing import seal_logs
from engine.audit.verify import verify
from engine.carry.archive import opened_archive
from engine.carry.carrying import back_up, move, restore
from engine.carry.errors import ArchiveBroken, NotEqual, TargetNotEmpty
from engine.carry.load import unread_events
from engine.carry.reading import reading
from engine.carry.rows import digest_of
from engine.publish.live import LiveSite
from engine.query.listing import ListRequest
from engine.queue.outbox import newest, read_after, read_cursor, save_cursor
from engine.records import read
from engine.records.create import create
from engine.records.remove import remove
from engine.storage.database import Database
from engine.storage.kernel_tables import worker
from tests.invariants import check_all
from tests.support.library import added_field, library_site, opened, publish, system_context
from tests.support.templates import fill

Quiet = Callable[[str, int], None]


def quiet(_table: str, _rows: int) -> None:
    """Hear nothing."""


@pytest.fixture
def live(new_database_url: str) -> Iterator[LiveSite]:
    """A library with records of every sort, a hidden field with data, and a reader of events."""
    fill(new_database_url, "carry", _furnish)
    live = opened(new_database_url)
    yield live
    live.database.close()


def _furnish(url: str) -> None:
    live = library_site(url)
    options = {"a": {"label": "甲"}, "b": {"label": "乙"}}
    publish(
        live,
        added_field("x_notes", type="multi_select", options=options),
        added_field("x_old", unique=True),
    )
    with live.write(system_context(live)) as unit:
        for number in range(30):
            values = {"title": f"红楼梦 '{number}", "author": "曹,雪芹", "isbn": f"978-{number}",
                      "price": "90071992547409.93", "published_on": "1791-01-01",
                      "x_notes": ["a", "b"], "x_old": f"old {number}"}  # fmt: skip
            create(unit, "book", values)
        remove(unit, "book", 30)
    with live.write(system_context(live)) as unit:
        save_cursor(unit.connection, "test", newest(unit.connection))
    assert seal_logs(live.database, live.clock) == 2
    publish(live, {"op": "remove", "document": "object/book", "path": "fields/x_old"})
    with live.write(system_context(live)) as unit:
        create(unit, "book", {"title": "后来", "author": "x", "isbn": "later"})
    live.database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind to bring something into."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'target.db'}"
    return str(request.getfixturevalue("postgresql_url"))


def digests(database: Database) -> dict[str, str]:
    with reading(database) as source:
        return {
            shape.name: digest_of(shape, source.rows(shape))
            for shape in source.tables
            if shape.name != "heddle_setting"  # cursors of the outbox are written anew
        }


def judge(url: str, before: dict[str, str]) -> None:
    """What arrived is equal, sound, served, searched, and goes on numbering."""
    there = LiveSite(Database(url))
    try:
        assert digests(there.database) == before
        sealed = verify(there.database)
        assert (sealed.breaks, sealed.seals) == ([], 2)
        with there.read(system_context(there)) as unit:
            check_all(unit.connection, unit.snapshot)
            found = read.page(unit, ListRequest(object="book", search="红楼"))
            assert len(found.rows) == 29
            last = read.page(unit, ListRequest(object="book", sort=("-id",))).rows[0][0]
            cursor = read_cursor(unit.connection, "test")
            events, _ = read_after(unit.connection, cursor, 100)
            assert [one.kind for one in events] == ["record.created"]
        with there.write(system_context(there)) as unit:
            made = create(unit, "book", {"title": "新", "author": "x", "isbn": "new"})
            assert made.id == last + 1
            cursor = read_cursor(unit.connection, "test")
        with there.read(system_context(there)) as unit:
            events, _ = read_after(unit.connection, cursor, 100)
            assert len(events) == 2
        assert publish(there, added_field("x_new")) == there.snapshot.number
        assert seal_logs(there.database, there.clock) == 2
        assert verify(there.database).breaks == []
    finally:
        there.database.close()


def test_a_move_is_equal_to_the_row(live: LiveSite, target: str) -> None:
    before = digests(live.database)
    sent = move(live.database, target, quiet)
    assert sent["o_book"].startswith("31:")
    assert {name: sent[name] for name in before} == before
    judge(target, before)
    assert digests(live.database) == before


def test_a_backup_comes_back_with_its_files(live: LiveSite, target: str, tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "site.tar"
    for name, content in (("content/ab/abcd", b"\0 bytes"), ("files/x", "文".encode())):
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (here / "heddle.key").write_bytes(b"secret" * 6)
    before = digests(live.database)
    back_up(live.database, here, file, quiet)
    with tarfile.open(file) as tar:
        assert not any("key" in name for name in tar.getnames())
    restore(file, target, there, quiet)
    assert (there / "content/ab/abcd").read_bytes() == b"\0 bytes"
    assert (there / "files/x").read_bytes() == "文".encode()
    judge(target, before)
    with pytest.raises(TargetNotEmpty):
        back_up(live.database, here, file, quiet)


def test_what_is_not_empty_is_refused_and_not_touched(
    live: LiveSite, target: str, tmp_path: Path
) -> None:
    file = tmp_path / "site.tar"
    back_up(live.database, tmp_path, file, quiet)
    move(live.database, target, quiet)
    there = Database(target)
    before = digests(there)
    with pytest.raises(TargetNotEmpty):
        move(live.database, target, quiet)
    with pytest.raises(TargetNotEmpty):
        restore(file, target, tmp_path, quiet)
    assert digests(there) == before
    there.close()


def _changed(line: bytes) -> bytes:
    return line.replace("后来".encode(), "後來".encode())


def _rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write the archive again with other members."""
    made = file.with_name("changed.tar")
    with tarfile.open(file) as old, tarfile.open(made, "w") as new:
        for info in old.getmembers():
            held = old.extractfile(info)
            assert held is not None
            body = change(info.name, held.read())
            if body is not None:
                info.size = len(body)
                new.addfile(info, io.BytesIO(body))
    return made


def _with_file(name: str) -> Callable[[str, bytes], bytes]:
    def change(member: str, body: bytes) -> bytes:
        if member != "head.json":
            return body
        head: dict[str, Any] = json.loads(body)
        head["files"][name] = "0" * 64
        return json.dumps(head).encode()

    return change


BROKEN: dict[str, Callable[[str, bytes], bytes | None]] = {
    "a changed row": lambda name, body: _changed(body) if name.endswith("o_book.jsonl") else body,
    "a row too few": lambda name, body: (
        b"".join(body.splitlines(keepends=True)[1:]) if name.endswith("o_book.jsonl") else body
    ),
    "no head": lambda name, body: None if name == "head.json" else body,
    "no table": lambda name, body: None if name.endswith("o_book.jsonl") else body,
    "a bad line": lambda name, body: b"[1,2]\n" if name.endswith("o_book.jsonl") else body,
    "a table of another name": lambda name, body: (
        body.replace(b'"o_reader"', b'"o_x; DROP TABLE y"') if name == "head.json" else body
    ),
    "a file outside": _with_file("content/../../../etc/passwd"),
    "a file of another folder": _with_file("heddle.key"),
    "a file that is not there": _with_file("content/ab/none"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_backup_leaves_nothing(live: LiveSite, tmp_path: Path, what: str) -> None:
    file, target = tmp_path / "site.tar", f"sqlite:///{tmp_path / 'target.db'}"
    back_up(live.database, tmp_path / "none", file, quiet)
    broken = _rewritten(file, BROKEN[what])
    with pytest.raises((ArchiveBroken, NotEqual)):
        restore(broken, target, tmp_path / "there", quiet)
    restore(file, target, tmp_path / "there", quiet)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_a_file_is_no_backup(live: LiveSite, tmp_path: Path, share: float) -> None:
    file = tmp_path / "site.tar"
    back_up(live.database, tmp_path / "none", file, quiet)
    body = file.read_bytes()
    file.write_bytes(body[: int(len(body) * share) // 512 * 512])
    url = f"sqlite:///{tmp_path / 'target.db'}"
    with pytest.raises(ArchiveBroken):
        restore(file, url, tmp_path / "there", quiet)
    assert not (tmp_path / "target.db").exists()


def test_a_view_does_not_see_what_is_written_meanwhile(live: LiveSite, tmp_path: Path) -> None:
    with reading(live.database) as source:
        before = {shape.name: digest_of(shape, source.rows(shape)) for shape in source.tables}
        with live.write(system_context(live)) as unit:
            create(unit, "book", {"title": "其间", "author": "x", "isbn": "meanwhile"})
        again = {shape.name: digest_of(shape, source.rows(shape)) for shape in source.tables}
    assert again == before


def test_who_is_alive_is_not_carried(live: LiveSite, target: str) -> None:
    with live.database.write() as connection:
        row = {"id": "w", "version": 1, "seen_at": live.clock(), "problem": ""}
        connection.execute(insert(worker).values(row))
    move(live.database, target, quiet)
    there = Database(target)
    with there.read() as connection:
        assert connection.execute(select(worker)).all() == []
    there.close()


def test_unread_events_are_known(live: LiveSite, tmp_path: Path) -> None:
    with live.database.read() as connection:
        assert set(unread_events(connection)) == {"test"}
    file = tmp_path / "site.tar"
    back_up(live.database, tmp_path / "none", file, quiet)
    with opened_archive(file) as source:
        assert set(source.unread) == {"test"}
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
