"""The publish transaction: fence, pointer still at the base, DDL, ledger, version row, pointer.

All of it or nothing, on both databases. Readers go on meanwhile; what is slow (indexes on full
tables, backfills) is never done here.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import OperationalError

from engine.access.limits import require_publishing
from engine.context import Context
from engine.derived.backfill import backfill
from engine.errors import Busy, DraftOutdated
from engine.publish import ddl
from engine.publish.binding import bind_site
from engine.publish.deferred import hand_over
from engine.publish.draft import Draft
from engine.publish.live import LiveSite
from engine.publish.logged import log_release
from engine.publish.plan import compile_draft, describe, expand_for, fresh_binder
from engine.publish.purging import gone_since
from engine.publish.steps import Expansion
from engine.publish.store import (
    move_pointer,
    read_layers,
    served_version,
    write_version,
)
from engine.publish.widening import widened
from engine.storage import kernel_tables
from engine.storage.ledger import read_ledger, write_change
from engine.storage.snapshot import Snapshot, Unit
from metadata.errors import MetadataInvalid
from metadata.load import Compiled, differences, dump_layers, load_site, parse_layers
from metadata.model import Site

log = logging.getLogger("heddle.publish")

CHANNEL = "heddle_version"
"""The PostgreSQL channel that says a version was published; its payload is the number."""
FENCE = 0x48454444  # one publish at a time, whichever process
TRIES = 5
LOCK_TIMEOUT = "3s"

Reached = Callable[[str], None]
"""Told the name of each point of the transaction, so that tests can stop there."""


def _nothing(_point: str) -> None:
    return


def publish_draft(
    live: LiveSite, context: Context, draft: Draft, *, reached: Reached = _nothing
) -> int:
    """Publish a draft; gives the new metadata version.

    Raises:
        MetadataInvalid: the draft does not compile; nothing was changed.
        DraftOutdated: somebody published since the draft began; rebase it.
        Busy: a long reader held the tables; trying again is safe.
        Forbidden: the call came with a token that may only draft.
    """
    require_publishing(context.actor)
    with live.database.read() as connection:
        live.refresh(connection)
        compiled = compile_draft(live, connection, draft)

    def mark(connection: Connection, number: int) -> None:
        connection.execute(
            update(kernel_tables.draft)
            .where(kernel_tables.draft.c.id == draft.id)
            .values(published_as=number)
        )

    release = _Release(live, context, compiled, draft.base, draft.note, None, mark, reached)
    return release.run()


def rollback_to(
    live: LiveSite, context: Context, number: int, *, note: str = "", reached: Reached = _nothing
) -> int:
    """Publish the documents of an earlier version as a new version; gives its number.

    Columns that later versions added stay, unseen, with their data.

    Raises:
        UnknownVersion: there is none of that number.
        MetadataInvalid: the data of a field that it had was deleted since.
        Forbidden: the call came with a token that may only draft.
    """
    require_publishing(context.actor)
    with live.database.read() as connection:
        live.refresh(connection)
        base = served_version(connection)
        layers = parse_layers(read_layers(connection, number))
        compiled = load_site(layers, live.types_of_metadata, live.compiled)
        if problems := gone_since(connection, compiled.site, number):
            raise MetadataInvalid(problems)
    release = _Release(live, context, compiled, base, note, number, _no_mark, reached)
    return release.run()


def _no_mark(_connection: Connection, _number: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class _Release:
    """One publish, from the fence to the swap."""

    live: LiveSite
    context: Context
    compiled: Compiled
    base: int
    note: str
    rolls_back_to: int | None
    mark: Callable[[Connection, int], None]
    reached: Reached

    def run(self) -> int:
        """Try until the tables are free, then serve the new version in this process."""
        snapshot = self._when_free()
        self.reached("committed")
        self.live.adopt(self.compiled, snapshot)
        self.live.job_bell.set()
        log.info("published metadata version %d", snapshot.number)
        return snapshot.number

    def _when_free(self) -> Snapshot:
        for attempt in range(1, TRIES):
            try:
                return self._transaction()
            except OperationalError as error:
                if not _is_lock_timeout(error):
                    raise
                # a reader holds the table: let it finish, and others pass, before asking again
                time.sleep(random.uniform(0.2, 0.6) * attempt)  # noqa: S311
        try:
            return self._transaction()
        except OperationalError as error:
            raise Busy from error

    def _transaction(self) -> Snapshot:
        with self.live.database.write() as connection:
            _fence(connection)
            self.reached("fenced")
            served = served_version(connection)
            if served != self.base:
                raise DraftOutdated(base=self.base, served=served)
            number = served + 1
            old = self.live.compiled
            expansion = expand_for(
                self.live, connection, old.site if old else Site(), self.compiled.site
            )
            actor, ledger = self.context.actor, read_ledger(connection)
            problems = [*expansion.problems, *widened(actor, old, self.compiled, ledger)]
            if problems:
                raise MetadataInvalid(problems)
            bind = fresh_binder(self.live, self.compiled, expansion)
            ddl.run(connection, expansion.steps, bind, self.reached)
            self.reached("ledger")
            write_change(connection, expansion.change, number)
            snapshot = self._bind(number, expansion)
            self.reached("trial")
            _try_tables(connection, snapshot, expansion)
            hand_over(Unit(self.context, connection, snapshot), expansion.deferrals)
            self.reached("backfill")
            self._fill(connection, snapshot)
            self.reached("version")
            row = self._row(old)
            write_version(connection, self.context, number, row)
            log_release(connection, self.context, number, row, _packs(old), _packs(self.compiled))
            self.mark(connection, number)
            self.reached("pointer")
            move_pointer(connection, base=self.base, number=number)
            _notify(connection, number)
            self.reached("commit")
            return snapshot

    def _bind(self, number: int, expansion: Expansion) -> Snapshot:
        return bind_site(
            number, self.compiled.site, expansion.ledger, self.live.types, self.live.snapshot
        )

    def _fill(self, connection: Connection, snapshot: Snapshot) -> None:
        """Give new and changed computed fields their values; many records wait for a job."""
        held = connection.execution_options(compiled_cache=snapshot.compiled_cache)
        unit = Unit(context=self.context, connection=held, snapshot=snapshot)
        if backfill(unit, self.live.snapshot):
            self.live.job_bell.set()

    def _row(self, old: Compiled | None) -> dict[str, Any]:
        changed = differences(old.layered, self.compiled.layered) if old is not None else []
        return {
            "layers": dump_layers(self.compiled.layers),
            "hash": self.compiled.layers.hash,
            "note": self.note,
            "changes": describe(changed),
            "rolls_back_to": self.rolls_back_to,
        }


def _packs(compiled: Compiled | None) -> dict[str, str]:
    packs = compiled.layers.packs if compiled is not None else ()
    return {pack.key: pack.version for pack in packs}


def _fence(connection: Connection) -> None:
    """Keep other publishers out; SQLite's write transaction does so already."""
    if connection.dialect.name == "postgresql":
        limit = text("SELECT set_config('lock_timeout', :most, true)")
        connection.execute(limit.bindparams(most=LOCK_TIMEOUT))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=FENCE))


def _notify(connection: Connection, number: int) -> None:
    """Tell other workers; delivered by PostgreSQL if and only if the transaction commits."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_notify(:channel, :number)").bindparams(
                channel=CHANNEL, number=str(number)
            )
        )


def _try_tables(connection: Connection, snapshot: Snapshot, expansion: Expansion) -> None:
    """Read every changed table by its new columns, before anybody has to rely on them."""
    for key in dict.fromkeys(step.object for step in expansion.steps):
        connection.execute(select(snapshot.objects[key].table).limit(1)).first()


def _is_lock_timeout(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in {"55P03", "40P01"}
