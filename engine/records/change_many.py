"""Change many records, each in its own way: a refused row costs the others nothing."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from engine.records.change import change
from engine.records.create_many import MOST_ROWS
from engine.records.outcome import Outcome, attempt
from engine.records.writing import Writing
from engine.storage.snapshot import Unit


def change_many(
    unit: Unit,
    object_key: str,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    *,
    writing: Writing,
) -> list[Outcome]:
    """Change records that are there; pairs of id and values.

    Args:
        unit: the transaction; keep it short, people are waiting.
        object_key: of which object.
        rows: at most `MOST_ROWS`.
        writing: `Writing.unversioned` for who saw no version, such as an importer.

    Returns:
        One outcome per row, in the same order; ``version`` is the one after it.

    Raises:
        ValueError: too many rows.
    """
    if len(rows) > MOST_ROWS:
        raise ValueError(f"at most {MOST_ROWS} rows in one transaction")
    return [
        attempt(
            unit,
            partial(change, unit, object_key, record_id, values, version=None, writing=writing),
            record_id=record_id,
        )
        for record_id, values in rows
    ]
