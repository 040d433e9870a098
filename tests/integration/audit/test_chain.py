"""The chain of seals: whatever is done to a row or a seal is told, with its place."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from engine.audit.deeds import log_deed
from engine.audit.logs import LOGS
from engine.audit.sealing import Head, read_head, seal_logs
from engine.audit.settled import settled_until
from engine.audit.verify import Break, verify
from engine.context import Context
from engine.doctor import examine
from engine.records.purge import purge
from engine.records.remove import remove
from engine.storage.kernel_tables import history
from engine.upkeep.seal_logs import SealLogs
from tests.integration.audit.conftest import Archive
from tests.support.library import system_context

HISTORY, SIGN_INS, DEEDS = "heddle_history", "heddle_sign_in_log", "heddle_system_log"


def head(archive: Archive) -> Head:
    with archive.live.database.read() as connection:
        return read_head(connection)


def last_id(archive: Archive, table: str) -> int:
    with archive.live.database.read() as connection:
        return int(connection.execute(select(func.max(LOGS[table].c.id))).scalar_one())


def test_what_is_sealed_verifies_and_the_rest_is_told(archive: Archive) -> None:
    assert [one.rows > 0 for one in archive.verify().unsealed] == [True, True, True]
    assert archive.seal() == 3
    assert archive.seal() == 0
    archive.write(2, begin=10)
    report = archive.verify()
    assert (report.breaks, report.seals, report.head) == ([], 3, head(archive))
    assert [one.rows for one in report.unsealed] == [2, 2, 2]
    assert archive.seal() == 3
    report = archive.verify()
    assert (report.breaks, report.seals) == ([], 6)
    assert [one.rows for one in report.unsealed] == [0, 0, 0]


CHANGES = (
    (HISTORY, "UPDATE $log SET by_name = 'Nobody' WHERE id = $row"),
    (HISTORY, "UPDATE $log SET changes = replace(changes, '曹', '高') WHERE id = $row"),
    (SIGN_INS, "UPDATE $log SET address = '10.9.9.9' WHERE id = $row"),
    (DEEDS, "UPDATE $log SET about = '' WHERE id = $row"),
    (DEEDS, "UPDATE $log SET marked = NOT marked WHERE id = $row"),
)


def test_every_changed_row_is_told(archive: Archive) -> None:
    archive.seal()
    told = set()
    for number, (table, change) in enumerate(CHANGES):
        row = last_id(archive, table) - number % 2
        archive.tamper(change, log=table, row=row)
        told.add(("row_changed", table, row))
        assert {(one.code, one.log, one.id) for one in archive.breaks()} == told


def test_a_row_that_went_or_came_is_told(archive: Archive) -> None:
    archive.seal()
    gone = last_id(archive, SIGN_INS) - 1
    archive.tamper("DELETE FROM $log WHERE id = $row", log=SIGN_INS, row=gone)
    assert [(one.code, one.log, one.id) for one in archive.breaks()] == [
        ("row_missing", SIGN_INS, gone)
    ]
    archive.tamper(
        "INSERT INTO $log (id, at, account, outcome, address, agent) "
        "SELECT -1, at, account, outcome, address, agent FROM $log WHERE id = $row",
        log=SIGN_INS,
        row=gone + 1,
    )
    assert {(one.code, one.id) for one in archive.breaks()} == {
        ("row_missing", gone),
        ("row_added", -1),
    }


def test_rows_in_another_order_are_told(archive: Archive) -> None:
    archive.seal()
    one = last_id(archive, DEEDS)
    archive.tamper(
        "UPDATE $log SET id = 0 WHERE id = $row",
        "UPDATE $log SET id = $row WHERE id = $before",
        "UPDATE $log SET id = $before WHERE id = 0",
        log=DEEDS,
        row=one,
    )
    assert [(found.code, found.id) for found in archive.breaks()] == [
        ("row_changed", one - 1),
        ("row_changed", one),
    ]


def test_a_seal_that_was_touched_is_told(archive: Archive) -> None:
    archive.seal()
    archive.write(2, begin=10)
    archive.seal()
    archive.tamper("UPDATE heddle_seal SET count = count - 1 WHERE number = 2")
    assert archive.breaks()[0] == Break("seal_changed", 2, SIGN_INS)
    archive.tamper("DELETE FROM heddle_seal WHERE number = 2")
    assert archive.breaks()[0] == Break("seal_missing", 2)


def test_a_chain_whose_end_was_cut_off_is_told_by_a_noted_head(archive: Archive) -> None:
    archive.seal()
    noted = head(archive)
    archive.tamper(
        "DELETE FROM heddle_seal WHERE number = $row",
        "DELETE FROM $log",
        log=DEEDS,
        row=noted.number,
    )
    assert archive.breaks() == []  # without anything from outside it cannot be told
    assert verify(archive.live.database, [noted]).breaks == [Break("head_missing", noted.number)]
    archive.write(1, begin=20)
    archive.seal()
    assert verify(archive.live.database, [noted]).breaks[0].code == "head_changed"


def test_nobody_changes_a_seal_by_the_way(archive: Archive) -> None:
    archive.seal()
    for statement in ("UPDATE heddle_seal SET count = 0", "DELETE FROM heddle_seal"):
        with (
            pytest.raises(Exception, match="append-only"),
            archive.live.database.write() as connection,
        ):
            connection.execute(text(statement))


def test_a_purge_leaves_what_is_sealed(archive: Archive) -> None:
    with archive.live.write(system_context(archive.live)) as unit:
        remove(unit, "book", 1)
    archive.seal()
    with archive.live.write(system_context(archive.live)) as unit:
        purge(unit, "book", 1)
    assert archive.breaks() == []
    archive.seal()
    assert archive.breaks() == []


def test_a_row_that_commits_late_is_not_left_out(archive: Archive) -> None:
    """Somebody writes for long while others with higher ids have committed already."""
    live = archive.live
    if live.database.dialect == "sqlite":
        assert settled_until(live.database, history) == last_id(archive, HISTORY)
        return
    wrote, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with live.database.write() as connection:
            log_deed(connection, system_context(live), "token.revoked")
            wrote.set()
            may_end.wait(30)

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(30)
    archive.write(1, begin=30)
    made = seal_logs(live.database, live.clock, patience=0.05)
    waited = sum(one.rows for one in archive.verify().unsealed)
    may_end.set()
    thread.join(30)
    assert made == 2  # the log that is written to waits, the others do not
    assert waited > 0
    archive.seal()
    report = archive.verify()
    assert report.breaks == []
    assert sum(one.rows for one in report.unsealed) == 0


def test_the_doctor_tells_of_logs_that_nobody_seals(archive: Archive) -> None:
    context = system_context(archive.live)
    later = replace(context, now=context.now + timedelta(hours=2))
    assert lagging(archive, context) == []
    assert lagging(archive, later) == [HISTORY, SIGN_INS, DEEDS]
    archive.seal()
    assert lagging(archive, later) == []


def lagging(archive: Archive, context: Context) -> list[str]:
    found = examine(archive.live, context).notes
    return [one.where for one in found if one.code == "unsealed"]


def test_the_server_seals_by_itself(archive: Archive) -> None:
    live, chore = archive.live, SealLogs()
    now = live.clock()
    live.clock = lambda: now
    chore(live)
    assert archive.verify().seals == 0
    live.clock = lambda: now + timedelta(minutes=2)
    chore(live)
    assert archive.verify().seals == 3
