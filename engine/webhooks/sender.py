"""Sending deliveries: signed, at least once, with the rights of whoever made the webhook."""

import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from engine.access.actors import read_actor
from engine.access.keys import Keys
from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import Busy, Forbidden, RecordNotFound, UnknownObject
from engine.outgoing import AddressRefused, NotReached, post
from engine.publish.live import LiveSite
from engine.records import read
from engine.records.encode import record_json
from engine.records.reach import owner_of
from engine.settings import Network
from engine.storage.snapshot import BoundObject, Unit
from engine.webhooks.deliveries import (
    TRIAL,
    Delivery,
    claim_delivery,
    forget_old,
    is_any_due,
    settle_delivery,
    take_events,
)
from engine.webhooks.hooks import UnknownWebhook, Webhook, check_of, read_webhook, secret_of

log = logging.getLogger("heddle.webhooks")

Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body to an address; gives the status."""

POLL_SECONDS = 0.5
AT_ONCE = 4
TIDY_EVERY = timedelta(hours=1)
GONE = frozenset({"record.deleted", "record.purged"})


class _Ended(Exception):
    """A delivery that nobody should get; holds state and reason."""


class Sender:
    """Sends what is due, in a thread of the serving process."""

    def __init__(
        self,
        live: LiveSite,
        keys: Keys,
        *,
        allowed: Sequence[Network] = (),
        send: Post | None = None,
    ) -> None:
        """Send nothing until `start`."""
        self._live = live
        self._keys = keys
        self._send: Post = send or (lambda url, body, told: post(url, body, told, allowed=allowed))
        self._stopping = threading.Event()
        self._tidied = live.clock() - TIDY_EVERY
        self._thread = threading.Thread(target=self._run, name="heddle-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the sending in hand; what is not settled is sent again later."""
        self._stopping.set()
        self._thread.join()

    def run_waiting(self) -> int:
        """Take every event and send what is due, here and now; gives how many were sent."""
        while take_events(self._live):
            pass
        sent = 0
        while not self._stopping.is_set() and self._send_one():
            sent += 1
        return sent

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
            while not self._stopping.wait(POLL_SECONDS):
                try:
                    while take_events(self._live):
                        pass
                    if self._due():
                        list(pool.map(lambda _: self._send_all(), range(AT_ONCE)))
                    self._tidy()
                except (SQLAlchemyError, Busy):
                    log.exception("deliveries cannot be read; trying again")

    def _send_all(self) -> None:
        while not self._stopping.is_set() and self._send_one():
            pass

    def _due(self) -> bool:
        with self._live.database.read() as connection:
            return is_any_due(connection, self._live.clock())

    def _tidy(self) -> None:
        now = self._live.clock()
        if now - self._tidied >= TIDY_EVERY:
            self._tidied = now
            with self._live.database.write() as connection:
                forget_old(connection, now)

    def _send_one(self) -> bool:
        if not self._due():
            return False
        with self._live.database.write() as connection:
            held = claim_delivery(connection, self._live.clock())
        if held is None:
            return False
        outcome = self._try(held)
        with self._live.database.write() as connection:
            settle_delivery(connection, held, self._live.clock(), **outcome)
        return True

    def _try(self, held: Delivery) -> dict[str, Any]:
        """Send one; gives how it ended. Neither addresses nor bodies are logged."""
        try:
            hook, body = self._message(held)
            headers = signed(self._keys, hook, held, body, int(self._live.clock().timestamp()))
            status = self._send(hook.url, body, headers)
        except _Ended as ended:
            return {"state": ended.args[0], "error": ended.args[1]}
        except (AddressRefused, NotReached) as error:
            return {"state": "failed", "error": str(error.params.get("reason", error.code))}
        except Exception:
            log.exception("delivery %d failed", held.id)
            return {"state": "failed", "error": "internal"}
        good = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
        return {"state": "done" if good else "failed", "status": status}

    def _message(self, held: Delivery) -> tuple[Webhook, bytes]:
        live = self._live
        with live.database.read() as connection:
            live.refresh(connection)
            try:
                hook = read_webhook(connection, held.webhook_id)
            except UnknownWebhook:
                raise _Ended("skipped", "webhook_gone") from None
            if check_of(self._keys, hook.salt) != hook.check:
                raise _Ended("failed", "key_changed")
            actor = read_actor(connection, live.snapshot, hook.user_id)
            if actor is None:
                raise _Ended("skipped", "user_inactive")
            context = Context(actor=actor, now=live.clock())
            unit = Unit(context=context, connection=connection, snapshot=live.snapshot)
            told = {"id": held.message_id, "kind": held.kind, "at": held.at.isoformat()}
            if held.kind != TRIAL:
                told |= _about(unit, held)
        return hook, json.dumps(told, ensure_ascii=False, default=str).encode()


def signed(
    keys: Keys, hook: Webhook, held: Delivery, body: bytes, timestamp: int
) -> dict[str, str]:
    """Give the headers of a message, signed by the Standard Webhooks."""
    content = f"{held.message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret_of(keys, hook.salt), content, hashlib.sha256).digest()
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Heddle",
        "webhook-id": held.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def _about(unit: Unit, held: Delivery) -> dict[str, Any]:
    """Tell about an event what the webhook's user may see of it now."""
    bound = next((one for one in unit.snapshot.objects.values() if one.id == held.object_id), None)
    if bound is None or held.record_id is None:
        raise _Ended("skipped", "object_gone")
    data = held.data or {}
    rights = rights_of(unit)
    visible = {
        field.id: field.key
        for field in bound.fields.values()
        if rights.field_level(bound.key, field.key) != "hidden"
    }
    return {
        "object": bound.key,
        "record": {"id": held.record_id, "version": data.get("version")},
        "by": held.by,
        "fields": [visible[one] for one in data.get("fields", ()) if one in visible],
        "data": _record(unit, bound, held),
    }


def _record(unit: Unit, bound: BoundObject, held: Delivery) -> dict[str, Any] | None:
    """Give the record as it is now; None when it is gone."""
    record_id = held.record_id or 0
    try:
        if held.kind not in GONE:
            return record_json(unit, bound.key, read.get(unit, bound.key, record_id))
        if held.kind == "record.deleted":
            owner_of(unit, bound.key, record_id)
        else:
            _require_all(unit, bound)
    except RecordNotFound:
        _require_all(unit, bound)
    except (Forbidden, UnknownObject):
        raise _Ended("skipped", "out_of_reach") from None
    return None


def _require_all(unit: Unit, bound: BoundObject) -> None:
    """Go on without the record, but only for who may read all there is: it may be hidden."""
    if rights_of(unit).predicate(bound.key).shape != "all":
        raise _Ended("skipped", "out_of_reach")
