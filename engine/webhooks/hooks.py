"""Webhooks as administrators keep them: where to send what, on whose behalf.

The secret of a webhook is nowhere in the database: it is made of the key file and a salt.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, select, update

from engine.access.keys import Keys
from engine.audit.deeds import log_deed
from engine.errors import FieldError, InvalidInput
from engine.events import EVENT_KINDS
from engine.outgoing import LONGEST_ADDRESS, AddressRefused, check_url
from engine.queue.outbox import newest, save_cursor
from engine.storage.kernel_tables import delivery, webhook
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

CONSUMER = "webhooks"
MOST = 100
LONGEST_NOTE = 200
WORDS = frozenset({"url", "kinds", "objects", "note", "active"})
PURPOSE = "webhook"
CHECKED = 16


class UnknownWebhook(PlatformError):
    """There is no such webhook, or no such delivery of it."""

    code = "unknown_webhook"
    status = 404


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook. ``kinds`` and ``objects`` are empty where all of them are meant."""

    id: int
    user_id: int
    url: str
    kinds: Sequence[str]
    objects: Sequence[str]
    note: str
    active: bool
    salt: str
    check: str
    created_at: datetime

    def wants(self, kind: str, object_key: str) -> bool:
        """Tell whether an event is for it."""
        return (not self.kinds or kind in self.kinds) and (
            not self.objects or object_key in self.objects
        )


_COLUMNS = (
    webhook.c.id,
    webhook.c.user_id,
    webhook.c.url,
    webhook.c.kinds,
    webhook.c.objects,
    webhook.c.note,
    webhook.c.active,
    webhook.c.salt,
    webhook.c.check,
    webhook.c.created_at,
)


def secret_of(keys: Keys, salt: str) -> bytes:
    """Give the secret that belongs to a salt."""
    return bytes.fromhex(keys.sign(PURPOSE, salt))


def shown_secret(keys: Keys, salt: str) -> str:
    """Write the secret as receivers take it, by the Standard Webhooks."""
    return "whsec_" + base64.b64encode(secret_of(keys, salt)).decode()


def check_of(keys: Keys, salt: str) -> str:
    """Give what tells later whether the key file is still the one of this secret."""
    return keys.sign(f"{PURPOSE} check", salt)[:CHECKED]


def list_webhooks(connection: Connection, *, active: bool = False) -> list[Webhook]:
    """List the webhooks, the oldest first; with ``active`` those that are not switched off."""
    query = select(*_COLUMNS).order_by(webhook.c.id)
    if active:
        query = query.where(webhook.c.active)
    return [_webhook(row) for row in connection.execute(query)]


def read_webhook(connection: Connection, number: int) -> Webhook:
    """Read one.

    Raises:
        UnknownWebhook: there is none of that number.
    """
    row = connection.execute(select(*_COLUMNS).where(webhook.c.id == number)).first()
    if row is None:
        raise UnknownWebhook
    return _webhook(row)


def create_webhook(unit: Unit, keys: Keys, raw: Mapping[str, Any]) -> Webhook:
    """Make a webhook that acts for the actor; it hears of what happens from now on.

    Raises:
        InvalidInput: lists what is wrong.
    """
    values = {"kinds": [], "objects": [], "note": "", "active": True, **_read(unit, raw)}
    if "url" not in values:
        raise InvalidInput([FieldError("url", "required")])
    known = list_webhooks(unit.connection)
    if len(known) >= MOST:
        raise InvalidInput([FieldError("", "too_many_webhooks", {"most": MOST})])
    if not any(one.active for one in known):
        save_cursor(unit.connection, CONSUMER, newest(unit.connection))
    salt = secrets.token_hex(16)
    made = unit.connection.execute(
        insert(webhook)
        .values(
            **values,
            user_id=unit.context.actor.user_id,
            salt=salt,
            check=check_of(keys, salt),
            created_at=unit.context.now,
        )
        .returning(webhook.c.id)
    ).scalar_one()
    _log(unit, "webhook.created", int(made), values)
    return read_webhook(unit.connection, int(made))


def change_webhook(unit: Unit, number: int, raw: Mapping[str, Any]) -> Webhook:
    """Change a webhook.

    Raises:
        UnknownWebhook: there is none of that number.
        InvalidInput: lists what is wrong.
    """
    before = read_webhook(unit.connection, number)
    values = _read(unit, raw)
    others = [one for one in list_webhooks(unit.connection, active=True) if one.id != number]
    if values.get("active") and not before.active and not others:
        save_cursor(unit.connection, CONSUMER, newest(unit.connection))
    if values:
        unit.connection.execute(update(webhook).where(webhook.c.id == number).values(**values))
        _log(unit, "webhook.changed", number, {"url": before.url, **values})
    return read_webhook(unit.connection, number)


def renew_secret(unit: Unit, keys: Keys, number: int) -> Webhook:
    """Give a webhook another secret; the old one holds no more.

    Raises:
        UnknownWebhook: there is none of that number.
    """
    hook = read_webhook(unit.connection, number)
    salt = secrets.token_hex(16)
    unit.connection.execute(
        update(webhook).where(webhook.c.id == number).values(salt=salt, check=check_of(keys, salt))
    )
    _log(unit, "webhook.secret_renewed", number, {"url": hook.url})
    return read_webhook(unit.connection, number)


def remove_webhook(unit: Unit, number: int) -> None:
    """Remove a webhook with its log.

    Raises:
        UnknownWebhook: there is none of that number.
    """
    hook = read_webhook(unit.connection, number)
    _log(unit, "webhook.removed", number, {"url": hook.url})
    unit.connection.execute(delete(delivery).where(delivery.c.webhook_id == number))
    unit.connection.execute(delete(webhook).where(webhook.c.id == number))


def _log(unit: Unit, deed: str, number: int, told: Mapping[str, Any]) -> None:
    """Log a deed; of the address only the server: secrets stand in the rest of many."""
    site = urlsplit(told["url"]).netloc.rpartition("@")[2]
    details = {"id": number, **{key: value for key, value in told.items() if key != "url"}}
    log_deed(unit.connection, unit.context, deed, site, details)


def _webhook(row: Sequence[Any]) -> Webhook:
    return Webhook(*row)


def _read(unit: Unit, raw: Mapping[str, Any]) -> dict[str, Any]:
    errors = [FieldError(key, "unknown_field") for key in sorted(raw.keys() - WORDS)]
    url = raw.get("url")
    if "url" in raw:
        errors += _url_errors(url)
    known: Mapping[str, Any] = {"kinds": EVENT_KINDS, "objects": unit.snapshot.objects}
    for name in ("kinds", "objects"):
        given = raw.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            errors.append(FieldError(name, "not_a_list"))
        else:
            errors += [
                FieldError(name, "unknown_option", {"value": one})
                for one in given
                if one not in known[name]
            ]
    note = raw.get("note", "")
    if not isinstance(note, str):
        errors.append(FieldError("note", "not_text"))
    elif len(note) > LONGEST_NOTE:
        told = {"most": LONGEST_NOTE, "length": len(note)}
        errors.append(FieldError("note", "too_long", told))
    if "active" in raw and not isinstance(raw["active"], bool):
        errors.append(FieldError("active", "not_true_or_false"))
    if errors:
        raise InvalidInput(errors)
    return dict(raw)


def _url_errors(url: Any) -> list[FieldError]:
    if not isinstance(url, str) or len(url) > LONGEST_ADDRESS:
        return [FieldError("url", "not_a_web_address")]
    try:
        check_url(url)
    except AddressRefused:
        return [FieldError("url", "not_a_web_address")]
    return []
