"""One effect per ``Idempotency-Key``: the answer is stored in the transaction of the effect."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from engine.access.absent import insert_if_absent
from engine.storage.people_tables import idempotency
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

KEPT = timedelta(hours=24)
LONGEST_KEY = 200


class KeyReused(PlatformError):
    """The same ``Idempotency-Key`` came with another call."""

    code = "idempotency_key_reused"
    status = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it went out."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """A call with a key. ``fingerprint`` stands for its method, address and body."""

    key: str
    fingerprint: bytes


def keyed_call(key: str, method: str, path: str, body: bytes) -> KeyedCall:
    """Make a `KeyedCall` of a request.

    Raises:
        KeyReused: the key is longer than `LONGEST_KEY`.
    """
    if len(key) > LONGEST_KEY:
        raise KeyReused
    text = f"{method}\0{path}\0".encode() + body
    return KeyedCall(key, hashlib.sha256(text).digest())


def once(unit: Unit, call: KeyedCall | None, work: Callable[[], Answer]) -> Answer:
    """Do ``work`` unless this call was answered before; then give that answer again.

    Of two equal calls at once, the second waits for the first one's transaction. When the work
    fails, the transaction is rolled back and the key with it: the call may be repeated.

    Args:
        unit: a unit that writes; the work happens in it.
        call: None when the caller sent no key: the work is simply done.
        work: gives the answer.

    Raises:
        KeyReused: the key was used for another call.
    """
    if call is None:
        return work()
    known = claim(unit, call)
    if known is not None:
        return known
    answer = work()
    settle(unit, call, answer)
    return answer


def claim(unit: Unit, call: KeyedCall) -> Answer | None:
    """Take the key for work of several transactions, or give the answer it got before.

    The caller does the work outside of ``unit`` and then calls `settle`, or `give_up` when the
    work failed.

    Raises:
        KeyReused: the key was used for another call, or that very call is still under way.
    """
    taken = _row(unit, call)
    _forget_old(unit.connection, unit.context.now)
    if insert_if_absent(unit.connection, idempotency, taken):
        return None
    row = unit.connection.execute(select(idempotency).where(_mine(unit, call))).one()
    if row.body_hash != call.fingerprint or row.status is None:
        raise KeyReused
    return Answer(row.status, row.body, row.headers)


def settle(unit: Unit, call: KeyedCall, answer: Answer) -> None:
    """Keep the answer of a claimed call."""
    values = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
    unit.connection.execute(update(idempotency).where(_mine(unit, call)).values(**values))


def give_up(unit: Unit, call: KeyedCall) -> None:
    """Free the key of a claimed call that failed: it may be repeated."""
    unit.connection.execute(delete(idempotency).where(_mine(unit, call)))


def _row(unit: Unit, call: KeyedCall) -> dict[str, object]:
    return {
        "user_id": unit.context.actor.user_id or 0,
        "key": call.key,
        "body_hash": call.fingerprint,
        "at": unit.context.now,
    }


def _mine(unit: Unit, call: KeyedCall) -> ColumnElement[bool]:
    user_id = unit.context.actor.user_id or 0
    return and_(idempotency.c.user_id == user_id, idempotency.c.key == call.key)


def _forget_old(connection: Connection, now: datetime) -> None:
    connection.execute(delete(idempotency).where(idempotency.c.at < now - KEPT))
