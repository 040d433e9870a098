"""Expected errors of the engine; each has a stable code and a status of the HTTP contract."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from metadata.errors import PlatformError


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of the input; ``field`` is "" for the record as a whole."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class InvalidValue(PlatformError):
    """A value that a field type does not take. Raised by types; gathered into `InvalidInput`."""

    code = "invalid_value"
    status = 422

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(**params)
        self.reason = reason


class InvalidInput(PlatformError):
    """Input with one or more wrong fields; nothing was changed."""

    code = "invalid_input"
    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(count=len(errors))
        self.errors = tuple(errors)


class UnknownObject(PlatformError):
    """There is no such object, or the actor may not know of it."""

    code = "unknown_object"
    status = 404


class UnknownField(PlatformError):
    """The object has no such field, or the actor may not read it."""

    code = "unknown_field"
    status = 422


class UnknownAction(PlatformError):
    """The object has no such action, or it is not done by this call."""

    code = "unknown_action"
    status = 404


class RecordNotFound(PlatformError):
    """The record is absent or out of reach: the two look the same."""

    code = "record_not_found"
    status = 404


class Forbidden(PlatformError):
    """The actor's roles do not grant this action."""

    code = "forbidden"
    status = 403


class ReadOnlyView(PlatformError):
    """Somebody looks through another person's eyes: nothing is changed, nothing private shown."""

    code = "read_only_view"
    status = 403


class SaveConflict(PlatformError):
    """Somebody else changed the same fields since the version that the caller saw.

    ``theirs``: field key -> value now stored, ``mine``: field key -> value that was sent,
    ``base``: field key -> value at the version that the caller saw, all in API form.
    """

    code = "save_conflict"
    status = 409

    def __init__(
        self,
        *,
        version: int,
        theirs: Mapping[str, Any],
        mine: Mapping[str, Any],
        base: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(fields=sorted(theirs))
        self.version = version
        self.theirs = theirs
        self.mine = mine
        self.base = base or {}


class VersionMissing(PlatformError):
    """A change that does not name the version it is based on."""

    code = "version_missing"
    status = 428


class DeleteBlocked(PlatformError):
    """Records that refuse to lose the one they name; ``blockers`` lists object, count, samples."""

    code = "delete_blocked"
    status = 409


class DraftOutdated(PlatformError):
    """The published version moved on since the draft began: rebase it."""

    code = "draft_outdated"
    status = 409


class Busy(PlatformError):
    """The database did not get free in time; trying again is safe."""

    code = "busy"
    status = 503


class DatabaseLost(PlatformError):
    """The database cannot be reached; whether a change was saved at that moment is not known."""

    code = "database_lost"
    status = 503


class NotReady(PlatformError):
    """This worker cannot compile the published version, so it refuses to write."""

    code = "not_ready"
    status = 503
