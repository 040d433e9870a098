"""Killing processes at work, and holding the database to what they had promised."""

import json
import random
import signal
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.audit.sealing import seal_logs
from engine.audit.verify import verify
from engine.carry.carrying import back_up
from engine.people import NewPerson, make_first_admin
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.job import read_job
from engine.storage.database import Database
from engine.storage.kernel_tables import history
from tests.invariants import check_all
from tests.support.die_working import WORKS, run_jobs
from tests.support.library import library_site, system_context
from tests.support.nursery import run_apart


@dataclass(slots=True)
class Scene:
    """A library that is killed again and again."""

    url: str
    folder: Path
    seed: int
    long: dict[str, int] = field(default_factory=dict)
    promised: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0
    round: int = 0

    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - chooses where to die, no secret

    def begin(self) -> None:
        """Make the library, with an administrator."""
        live = library_site(self.url)
        make_first_admin(
            live, new=NewPerson(name="管理员", mobile="13800000000"), hashed=None,
            root_department="办公室",
        )  # fmt: skip
        live.database.close()

    def strike(self, work: str) -> None:
        """Let a process do some work and die at a random statement of it."""
        self.round += 1
        end = self.dice.randint(1, self.long.get(work, 40))
        ended, told = self._run(work, self.url, f"k{self.round}", end)
        self.promised += told
        if not ended:
            self.kills += 1

    def judge(self) -> None:
        """Let a new process finish what was begun; then everything promised is there, once."""
        live = LiveSite(Database(self.url))
        clock = live.clock
        live.clock = lambda: clock() + lease.LEASE * 2 + timedelta(seconds=1)
        try:
            run_jobs(live, self.folder)
            with live.read(system_context(live)) as unit:
                check_all(unit.connection, unit.snapshot)
                self._hold(live, unit)
            seal_logs(live.database, clock)
            report = verify(live.database)
            assert report.breaks == []
            assert sum(one.rows for one in report.unsealed) == 0
        finally:
            live.database.close()

    def strike_restore(self, target: str) -> bool:
        """Kill a restore; the target is empty or whole. Tells whether it was killed."""
        live = LiveSite(Database(self.url))
        file = self.folder / "site.tar"
        file.unlink(missing_ok=True)
        back_up(live.database, self.folder / "none", file, lambda *_: None)
        live.database.close()
        end = self.dice.randint(1, self.long.get("restore", 400))
        ended, _ = self._run("restore", target, "-", end)
        again, _ = (True, []) if ended else self._run("restore", target, "-", 0)
        assert again
        there = LiveSite(Database(target))
        with there.read(system_context(there)) as unit:
            check_all(unit.connection, unit.snapshot)
        there.database.close()
        return not ended

    def _run(self, work: str, url: str, seed: str, end: int) -> tuple[bool, list[dict[str, Any]]]:
        at = (url, str(self.folder), seed, str(end))
        done = run_apart("tests.support.die_working", work, *at)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        told = [json.loads(line) for line in done.stdout.splitlines()]
        for one in told:
            if "statements" in one:
                self.long[work] = one["statements"]
        return done.returncode == 0, told

    def _hold(self, live: LiveSite, unit: Any) -> None:
        book = unit.snapshot.object("book")
        isbns = unit.connection.execute(select(book.table.c.isbn)).scalars().all()
        held = set(isbns)
        assert len(isbns) == len(held)
        for one in self.promised:
            if "isbn" in one:
                assert one["isbn"] in held
            if "field" in one:
                assert one["field"] in book.fields
                assert live.snapshot.number >= one["version"]
            if "job" in one:
                job = read_job(unit.connection, one["job"])
                assert job.state == "done", job
            if "imported" in one:
                rows = {f"{one['imported']}-{row}" for row in range(one["rows"])}
                assert rows <= held
            if "shelf" in one:
                self._hold_edit(unit, one["shelf"])

    def _hold_edit(self, unit: Any, shelf: str) -> None:
        """No record has the same change twice in its history."""
        book = unit.snapshot.object("book")
        number = book.field("shelf").id
        seen: dict[int, int] = {}
        for row in unit.connection.execute(
            select(history.c.record_id, history.c.changes).where(history.c.object_id == book.id)
        ):
            if any(change[0] == number and change[2] == shelf for change in row.changes):
                seen[row.record_id] = seen.get(row.record_id, 0) + 1
        assert set(seen.values()) <= {1}


ALL_WORKS = tuple(WORKS)
