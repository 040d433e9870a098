"""Names of what happens to records; rows of the outbox carry them to whoever listens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

EventKind = Literal[
    "record.created", "record.updated", "record.deleted", "record.restored", "record.purged",
    "team.added", "team.changed", "team.removed",
]  # fmt: skip
EVENT_KINDS: tuple[str, ...] = get_args(EventKind)


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Something that happened to one record; ``fields`` are the ids of changed fields.

    ``user``: whose place in its team is another one now.
    """

    kind: EventKind
    object_id: int
    record_id: int
    version: int
    fields: Sequence[int] = ()
    user: int | None = None
