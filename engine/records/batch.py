"""Many different writes of one object in one call: all or nothing, or each for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from engine.errors import FieldError, InvalidInput
from engine.query.predicate import Level
from engine.records.change import change
from engine.records.create import create
from engine.records.outcome import CREATED, NO_CONTENT, OK, ROLLED_BACK, Outcome, attempt
from engine.records.remove import remove
from engine.records.writing import Writing, Written
from engine.storage.snapshot import Unit

MOST_ROWS = 1000

Op = Literal["create", "update", "delete"]
_STATUS: Mapping[str, int] = {"create": CREATED, "update": OK, "delete": NO_CONTENT}


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a batch; ``version`` None on a delete means whatever is there now."""

    op: Op
    id: int | None = None
    version: int | None = None
    values: Mapping[str, Any] | None = None


def run_batch(
    unit: Unit,
    object_key: str,
    operations: Sequence[Operation],
    *,
    atomic: bool,
    keeps: Level | None = None,
) -> list[Outcome]:
    """Run writes in their order.

    Args:
        unit: the transaction.
        object_key: the object that all of them write.
        operations: at most `MOST_ROWS`.
        atomic: one failing row undoes all of them.
        keeps: see `Writing.keeps`, of records that are created.

    Returns:
        One outcome per operation, in the same order.

    Raises:
        InvalidInput: too many rows; nothing was done.
    """
    if len(operations) > MOST_ROWS:
        raise InvalidInput([FieldError("rows", "too_many", {"most": MOST_ROWS})])
    unit.snapshot.object(object_key)
    whole = unit.connection.begin_nested()
    try:
        outcomes = [
            attempt(
                unit,
                partial(_run, unit, object_key, operation, keeps),
                status=_STATUS[operation.op],
                record_id=operation.id,
            )
            for operation in operations
        ]
    except BaseException:
        whole.rollback()
        raise
    if atomic and not all(outcome.good for outcome in outcomes):
        whole.rollback()
        return [
            _undone(operation, out) for operation, out in zip(operations, outcomes, strict=True)
        ]
    whole.commit()
    return outcomes


def _run(unit: Unit, object_key: str, operation: Operation, keeps: Level | None) -> Written:
    if operation.op == "create":
        return create(unit, object_key, operation.values or {}, writing=Writing(keeps=keeps))
    if operation.id is None:
        raise InvalidInput([FieldError("id", "required")])
    if operation.op == "update":
        return change(
            unit, object_key, operation.id, operation.values or {}, version=operation.version
        )
    remove(unit, object_key, operation.id, version=operation.version)
    return Written(operation.id, 0)


def _undone(operation: Operation, outcome: Outcome) -> Outcome:
    if not outcome.good:
        return outcome
    return replace(outcome, status=ROLLED_BACK, id=operation.id, version=None)
