"""Deliveries: one row for each event and webhook; made from the outbox, leased, kept as a log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.publish.live import LiveSite
from engine.queue.outbox import StoredEvent, is_any_after, read_after, read_cursor, save_cursor
from engine.storage.kernel_tables import delivery
from engine.storage.snapshot import Unit
from engine.webhooks.hooks import CONSUMER, UnknownWebhook, Webhook, list_webhooks, read_webhook

TRIAL = "trial"
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
CHUNK = 500
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 43200, 86400)
)
"""How long to wait after the first, second … failure; after the last one it is given up."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook; ``event_id`` None: a trial."""

    id: int
    webhook_id: int
    event_id: int | None
    kind: str
    object_id: int | None
    record_id: int | None
    at: datetime
    by: int | None
    data: Mapping[str, Any] | None
    state: str
    tries: int
    ready_at: datetime
    status: int | None
    error: str
    ended_at: datetime | None

    @property
    def message_id(self) -> str:
        """Give the id by which a receiver drops what it got before."""
        return f"hook{self.webhook_id}-{self.event_id or f'{TRIAL}{self.id}'}"


_COLUMNS = (
    delivery.c.id,
    delivery.c.webhook_id,
    delivery.c.event_id,
    delivery.c.kind,
    delivery.c.object_id,
    delivery.c.record_id,
    delivery.c.at,
    delivery.c.by,
    delivery.c.data,
    delivery.c.state,
    delivery.c.tries,
    delivery.c.ready_at,
    delivery.c.status,
    delivery.c.error,
    delivery.c.ended_at,
)


def take_events(live: LiveSite) -> int:
    """Make deliveries of the events that nobody has looked at yet; gives how many events."""
    with live.database.read() as connection:
        waiting = bool(list_webhooks(connection, active=True)) and is_any_after(
            connection, read_cursor(connection, CONSUMER)
        )
        live.refresh(connection)
    if not waiting:
        return 0
    with live.database.write() as connection:
        hooks = list_webhooks(connection, active=True)
        cursor = read_cursor(connection, CONSUMER, hold=True)
        events, cursor = read_after(connection, cursor, CHUNK)
        keys = {bound.id: key for key, bound in live.snapshot.objects.items()}
        now = live.clock()
        rows = [
            _row(hook, event, now)
            for event in events
            for hook in hooks
            if hook.wants(event.kind, keys.get(event.object_id or 0, ""))
        ]
        if rows:
            make = postgresql.insert if live.database.dialect == "postgresql" else sqlite.insert
            # An event may be read again after its database was carried elsewhere.
            connection.execute(make(delivery).on_conflict_do_nothing(), rows)
        save_cursor(connection, CONSUMER, cursor)
    return len(events)


def claim_delivery(connection: Connection, now: datetime) -> Delivery | None:
    """Take a delivery that is due, or whose sender died; None when there is none."""
    due = (delivery.c.state == "queued") & (delivery.c.ready_at <= now)
    orphaned = (delivery.c.state == "sending") & (delivery.c.leased_until < now)
    found = connection.execute(
        select(delivery.c.id)
        .where(or_(due, orphaned))
        .order_by(delivery.c.ready_at, delivery.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar()
    if found is None:
        return None
    row = connection.execute(
        update(delivery)
        .where(delivery.c.id == found)
        .values(state="sending", leased_until=now + LEASE, tries=delivery.c.tries + 1)
        .returning(*_COLUMNS)
    ).one()
    return _delivery(row)


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Tell whether `claim_delivery` would find one; reads only."""
    due = (delivery.c.state == "queued") & (delivery.c.ready_at <= now)
    orphaned = (delivery.c.state == "sending") & (delivery.c.leased_until < now)
    query = select(delivery.c.id).where(or_(due, orphaned)).limit(1)
    return connection.execute(query).first() is not None


def settle_delivery(
    connection: Connection,
    held: Delivery,
    now: datetime,
    *,
    state: str,
    status: int | None = None,
    error: str = "",
) -> None:
    """Write how a try ended; ``failed`` means another try while there is one left."""
    values: dict[str, Any] = {"status": status, "error": error, "leased_until": None}
    again = state == "failed" and held.tries <= len(WAITS)
    if again:
        values |= {"state": "queued", "ready_at": now + WAITS[held.tries - 1]}
    else:
        values |= {"state": state, "ended_at": now}
    mine = (delivery.c.id == held.id) & (delivery.c.tries == held.tries)
    connection.execute(update(delivery).where(mine).values(**values))


def list_deliveries(
    connection: Connection, webhook_id: int, *, before: int | None, limit: int
) -> Sequence[Delivery]:
    """List the log of a webhook, the newest first."""
    query = select(*_COLUMNS).where(delivery.c.webhook_id == webhook_id)
    if before is not None:
        query = query.where(delivery.c.id < before)
    rows = connection.execute(query.order_by(delivery.c.id.desc()).limit(limit))
    return [_delivery(row) for row in rows]


def order_trial(unit: Unit, webhook_id: int) -> Delivery:
    """Send a webhook something that happened to nobody.

    Raises:
        UnknownWebhook: there is none of that number.
    """
    read_webhook(unit.connection, webhook_id)
    now = unit.context.now
    row = unit.connection.execute(
        insert(delivery)
        .values(
            webhook_id=webhook_id,
            kind=TRIAL,
            at=now,
            by=unit.context.actor.user_id,
            state="queued",
            ready_at=now,
        )
        .returning(*_COLUMNS)
    ).one()
    return _delivery(row)


def repeat_delivery(unit: Unit, webhook_id: int, number: int) -> Delivery:
    """Send a delivery again that has ended; it keeps its message id.

    Raises:
        UnknownWebhook: there is no such delivery.
    """
    row = unit.connection.execute(
        update(delivery)
        .where(
            delivery.c.id == number,
            delivery.c.webhook_id == webhook_id,
            delivery.c.ended_at.is_not(None),
        )
        .values(state="queued", tries=0, ready_at=unit.context.now, ended_at=None, error="")
        .returning(*_COLUMNS)
    ).first()
    if row is None:
        raise UnknownWebhook
    return _delivery(row)


def forget_old(connection: Connection, now: datetime) -> None:
    """Remove what ended long ago from the log."""
    connection.execute(delete(delivery).where(delivery.c.ended_at < now - KEPT))


def _delivery(row: Sequence[Any]) -> Delivery:
    return Delivery(*row)


def _row(hook: Webhook, event: StoredEvent, now: datetime) -> dict[str, Any]:
    return {
        "webhook_id": hook.id,
        "event_id": event.id,
        "kind": event.kind,
        "object_id": event.object_id,
        "record_id": event.record_id,
        "at": event.at,
        "by": event.by,
        "data": dict(event.data),
        "state": "queued",
        "ready_at": now,
    }
