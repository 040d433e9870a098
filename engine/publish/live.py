"""The site as it is served: pins a snapshot for each unit of work, swaps it after a publish.

Every call reads the pointer first, and every unit of work that writes reads it in its own
transaction: microseconds on SQLite, one round trip on PostgreSQL, and nobody is ever served a
version older than what he has seen or published himself. On PostgreSQL `engine.publish.watcher`
listens, so that a new version is compiled before a request asks for it. A version that cannot be
compiled leaves the old one in place: reads go on, writes are refused, and `LiveSite.problem` says
why.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.context import Clock, Context, system_clock
from engine.errors import NotReady, ReadOnlyView
from engine.fields.base import FieldType
from engine.fields.registry import FIELD_TYPES, TYPES
from engine.publish.binding import bind_site
from engine.publish.store import read_layers, served_version
from engine.storage.database import Database
from engine.storage.ledger import read_ledger
from engine.storage.snapshot import Snapshot, Unit
from metadata.load import Compiled, load_site, parse_layers
from metadata.model import Site

log = logging.getLogger("heddle.publish")

EMPTY_SNAPSHOT = Snapshot(number=0, site=Site(), objects={})


class LiveSite:
    """One database and the version of its metadata that this process serves."""

    def __init__(
        self,
        database: Database,
        *,
        types: Mapping[str, FieldType] = FIELD_TYPES,
        clock: Clock = system_clock,
    ) -> None:
        """Serve nothing yet: the first unit of work loads the published version."""
        self.database = database
        self.types = types
        self.types_of_metadata = TYPES
        self.clock = clock
        self.problem = ""
        self.job_bell = threading.Event()  # rung after a job was committed: no need to poll
        self._snapshot = EMPTY_SNAPSHOT
        self._compiled: Compiled | None = None
        self._swap = threading.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """Give the snapshot that new units of work pin."""
        return self._snapshot

    @property
    def compiled(self) -> Compiled | None:
        """Give the compiled layers behind the snapshot; None before the first publish."""
        return self._compiled

    @contextmanager
    def read(self, context: Context) -> Iterator[Unit]:
        """Open a unit of work that reads."""
        with self.database.read() as connection:
            if context.version != self._snapshot.number or not context.version:
                self.refresh(connection)
            yield self._unit(context, connection)

    @contextmanager
    def write(self, context: Context, *, brief: bool = False) -> Iterator[Unit]:
        """Open a unit of work that writes: one transaction, committed at the end.

        ``brief``: somebody waits for it and it touches few records: see `Database.write`.

        Raises:
            Busy: the database did not get free in time.
            NotReady: this process cannot compile the published version.
            ReadOnlyView: the call only looks.
        """
        if context.read_only:
            raise ReadOnlyView
        with self.database.write(brief=brief) as connection:
            self.refresh(connection)
            if self.problem:
                raise NotReady(reason=self.problem)
            yield self._unit(context, connection)

    def refresh(self, connection: Connection) -> None:
        """Load the published version if it is not the one in hand."""
        number = served_version(connection)
        if number != self._snapshot.number:
            self._load(connection, number)

    def adopt(self, compiled: Compiled, snapshot: Snapshot) -> None:
        """Serve what this process has just published, without reading it back."""
        with self._swap:
            if snapshot.number > self._snapshot.number:
                self._compiled, self._snapshot, self.problem = compiled, snapshot, ""

    def _load(self, connection: Connection, number: int) -> None:
        with self._swap:
            if number == self._snapshot.number:
                return
            try:
                layers = parse_layers(read_layers(connection, number))
                compiled = load_site(layers, self.types_of_metadata, self._compiled, check=False)
                ledger = read_ledger(connection)
                snapshot = bind_site(number, compiled.site, ledger, self.types, self._snapshot)
            except Exception as error:
                log.exception("metadata version %d cannot be compiled", number)
                self.problem = f"version {number}: {type(error).__name__}"
                return
            self._compiled, self._snapshot, self.problem = compiled, snapshot, ""

    def _unit(self, context: Context, connection: Connection) -> Unit:
        snapshot = self._snapshot
        known = connection.get_execution_options().get("compiled_cache")
        if known is not snapshot.compiled_cache:
            connection.execution_options(compiled_cache=snapshot.compiled_cache)
        return Unit(context=context, connection=connection, snapshot=snapshot)
