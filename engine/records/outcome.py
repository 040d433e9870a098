"""What became of each row where many are written at once."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.records.writing import Written
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

OK = 200
CREATED = 201
NO_CONTENT = 204
ROLLED_BACK = 424
"""The row was well, but another one was not, and all stand or fall together."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row: ``status`` as HTTP counts; ``id`` and ``version`` when known, or the error."""

    status: int
    id: int | None = None
    version: int | None = None
    error: PlatformError | None = None

    @property
    def good(self) -> bool:
        """Tell whether the row was written."""
        return self.error is None and self.status < ROLLED_BACK


def attempt(
    unit: Unit, verb: Callable[[], Written], *, status: int = OK, record_id: int | None = None
) -> Outcome:
    """Run one verb in a savepoint: an expected error undoes this row and no other."""
    try:
        with unit.connection.begin_nested():
            written = verb()
    except PlatformError as error:
        return Outcome(error.status, id=record_id, error=error)
    version = None if status == NO_CONTENT else written.version
    return Outcome(status, id=written.id, version=version)
