"""What became of each record of a bulk action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from engine.storage.kernel_tables import job_row


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One record: ``state`` waiting, done, skipped or failed, with the reason of the last two.

    ``place``: where it stands among the others; ``object_id`` 0: of the object of the job.
    """

    record: int
    state: str
    code: str
    params: Mapping[str, Any]
    place: int = 0
    object_id: int = 0


def read_outcomes(
    connection: Connection,
    number: int,
    *,
    states: Sequence[str] = (),
    after: int = 0,
    limit: int = 100,
) -> list[RowOutcome]:
    """List a job's records in their order.

    Args:
        connection: the database.
        number: the job.
        states: only these; all when none is named.
        after: only records in higher places.
        limit: the most.
    """
    query = (
        select(
            job_row.c.record_id,
            job_row.c.state,
            job_row.c.code,
            job_row.c.params,
            job_row.c.place,
            job_row.c.object_id,
        )
        .where(job_row.c.job_id == number, job_row.c.place > after)
        .order_by(job_row.c.place)
        .limit(limit)
    )
    if states:
        query = query.where(job_row.c.state.in_(states))
    return [
        RowOutcome(row.record_id, row.state, row.code, row.params or {}, row.place, row.object_id)
        for row in connection.execute(query)
    ]
