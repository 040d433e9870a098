"""Webhooks: signed, at least once, with back-off, under the rights of who made them."""

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.access.keys import Keys
from engine.queue.outbox import read_cursor
from engine.storage.kernel import KERNEL
from engine.storage.kernel_tables import webhook
from engine.storage.people_tables import idempotency
from engine.webhooks.deliveries import WAITS
from engine.webhooks.hooks import CONSUMER
from engine.webhooks.sender import Sender
from tests.support.receiver import Receiver, receiving
from tests.support.web import Web

HOOKS = "/api/v1/webhooks"
BOOKS = "/api/v1/records/book"
KEYS = Keys(b"k" * 32)
LOOPBACK = [ip_network("127.0.0.0/8")]
Headers = dict[str, str]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def sender(web: Web) -> Sender:
    return Sender(web.live, KEYS, allowed=LOOPBACK)


def hook(web: Web, headers: Headers, url: str, **more: Any) -> dict[str, Any]:
    made = web.client.post(HOOKS, json={"url": url, **more}, headers=headers)
    assert made.status_code == 201, made.text
    return dict(made.json())


def book(web: Web, headers: Headers, isbn: str = "1") -> int:
    body = {"title": "红楼梦", "author": "曹雪芹", "isbn": isbn, "price": "59.70"}
    made = web.client.post(BOOKS, json=body, headers=headers)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def log_of(web: Web, headers: Headers, number: int) -> list[dict[str, Any]]:
    return list(web.client.get(f"{HOOKS}/{number}/deliveries", headers=headers).json()["items"])


@pytest.fixture
def later(web: Web, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the clock on."""
    passed = [timedelta()]
    clock = web.live.clock

    def now() -> datetime:
        return clock() + passed[0]

    monkeypatch.setattr(web.live, "clock", now)

    def move(span: timedelta) -> None:
        passed[0] += span

    return move


def test_an_event_comes_signed_with_what_its_user_may_read(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender
) -> None:
    book(web, admin, "0")  # before the webhook: nobody hears of it
    made = hook(web, admin, receiver.url + "/in?x=1")
    number = book(web, admin)
    address = f"{BOOKS}/{number}"
    web.client.patch(address, json={"version": 1, "price": "60.00"}, headers=admin)
    web.client.delete(address, headers=admin)
    assert sender.run_waiting() == 3
    assert sender.run_waiting() == 0
    kinds = {message["kind"] for message in receiver.messages}
    assert kinds == {"record.created", "record.updated", "record.deleted"}
    updated = next(one for one in receiver.messages if one["kind"] == "record.updated")
    assert (updated["object"], updated["record"]) == ("book", {"id": number, "version": 2})
    assert updated["fields"] == ["price"]
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    for headers, body in receiver.got:
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{digest}"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 3
    assert {one["state"] for one in log_of(web, admin, made["id"])} == {"done"}


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender,
    later: Callable[[timedelta], None],
) -> None:  # fmt: skip
    made = hook(web, admin, receiver.url)
    book(web, admin)
    receiver.statuses = [500, 302] + [503] * len(WAITS)
    assert sender.run_waiting() == 1
    assert sender.run_waiting() == 0
    for wait in WAITS:
        later(wait - timedelta(seconds=1))
        assert sender.run_waiting() == 0
        later(timedelta(seconds=2))
        assert sender.run_waiting() == 1
    (sent,) = log_of(web, admin, made["id"])
    assert (sent["state"], sent["status"], sent["tries"]) == ("failed", 503, len(WAITS) + 1)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    receiver.statuses = []
    repeat = f"{HOOKS}/{made['id']}/deliveries/{sent['id']}/repeat"
    assert web.client.post(repeat, headers=admin).status_code == 202
    assert sender.run_waiting() == 1
    assert log_of(web, admin, made["id"])[0]["state"] == "done"


def test_only_what_is_asked_for_comes(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender
) -> None:
    hook(web, admin, receiver.url, kinds=["record.deleted"], objects=["book"])
    off = hook(web, admin, receiver.url, active=False)
    number = book(web, admin)
    reader = {"name": "王小明", "mobile": "13900000099", "joined_on": "2026-01-05"}
    made = web.client.post("/api/v1/records/reader", json=reader, headers=admin)
    assert web.client.delete(made.headers["location"], headers=admin).status_code == 204
    assert web.client.delete(f"{BOOKS}/{number}", headers=admin).status_code == 204
    assert sender.run_waiting() == 1
    assert [one["kind"] for one in receiver.messages] == ["record.deleted"]
    assert log_of(web, admin, off["id"]) == []


def test_the_rights_of_its_user_decide_and_die_with_him(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender
) -> None:
    person = web.person("路人", "13900000008", "system_admin")
    made = hook(web, web.token(person), receiver.url, objects=["book"])
    book(web, admin)
    sender.run_waiting()
    assert receiver.got == []
    (skipped,) = log_of(web, admin, made["id"])
    assert (skipped["state"], skipped["error"]) == ("skipped", "out_of_reach")
    mine = hook(web, admin, receiver.url, objects=["reader"])
    reader = {"name": "王小明", "mobile": "13900000099", "joined_on": "2026-01-05"}
    web.client.post("/api/v1/records/reader", json=reader, headers=admin)
    with web.live.database.write() as connection:
        connection.execute(update(webhook).where(webhook.c.id == mine["id"]).values(user_id=9999))
    sender.run_waiting()
    assert log_of(web, admin, mine["id"])[0]["error"] == "user_inactive"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/",
     "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/", "http://0.0.0.0:{port}/",
     "http://10.1.2.3/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/"],
)  # fmt: skip
def test_nothing_is_sent_into_private_networks(
    web: Web, admin: Headers, receiver: Receiver, url: str
) -> None:
    port = receiver.url.rsplit(":", 1)[1]
    made = hook(web, admin, url.format(port=port))
    book(web, admin)
    assert Sender(web.live, KEYS).run_waiting() == 1
    (sent,) = log_of(web, admin, made["id"])
    assert (sent["state"], sent["error"]) == ("queued", "not_public")
    assert receiver.got == []


@pytest.mark.parametrize(
    "body",
    [{}, {"url": "ftp://example.com"}, {"url": "http://user:pw@example.com"}, {"url": "http://"},
     {"url": "http://example.com:99999"}, {"url": "https://a b"}, {"url": 5},
     {"url": "https://example.com", "kinds": ["record.exploded"]},
     {"url": "https://example.com", "objects": ["nonsense"]},
     {"url": "https://example.com", "note": "n" * 1_000},
     {"url": "https://example.com", "note": 5},
     {"url": "https://example.com", "secret": "mine"}],
    ids=lambda body: str(body)[:60],
)  # fmt: skip
def test_a_webhook_that_cannot_be_is_refused(
    web: Web, admin: Headers, body: dict[str, Any]
) -> None:
    assert web.client.post(HOOKS, json=body, headers=admin).status_code == 422


def test_the_secret_is_shown_once_and_stored_and_logged_nowhere(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keyed = {**admin, "idempotency-key": "hook-1"}
    made = web.client.post(HOOKS, json={"url": receiver.url}, headers=keyed)
    again = web.client.post(HOOKS, json={"url": receiver.url}, headers=keyed)
    assert made.content == again.content
    secret = made.json()["secret"].removeprefix("whsec_")
    listed = web.client.get(HOOKS, headers=admin)
    assert len(listed.json()["items"]) == 1
    assert secret not in listed.text
    receiver.statuses = [500]
    book(web, admin)
    sender.run_waiting()
    assert secret not in caplog.text
    raw = base64.b64decode(secret)
    with web.live.database.read() as connection:
        for table in KERNEL.tables.values():
            for row in connection.execute(select(table)):
                assert secret not in str(tuple(row))
                assert raw.hex() not in str(tuple(row))
        stored = connection.execute(select(idempotency.c.body)).scalars().all()
    assert stored
    renewed = web.client.post(f"{HOOKS}/{made.json()['id']}/secret", headers=admin).json()
    assert renewed["secret"].removeprefix("whsec_") != secret


def test_another_key_file_is_told_instead_of_a_wrong_signature(
    web: Web, admin: Headers, receiver: Receiver
) -> None:
    made = hook(web, admin, receiver.url)
    book(web, admin)
    other = Sender(web.live, Keys(b"o" * 32), allowed=LOOPBACK)
    other.run_waiting()
    assert receiver.got == []
    assert log_of(web, admin, made["id"])[0]["error"] == "key_changed"


def test_a_trial_and_the_end_of_a_webhook(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender
) -> None:
    made = hook(web, admin, receiver.url)
    address = f"{HOOKS}/{made['id']}"
    assert web.client.post(f"{address}/trial", headers=admin).status_code == 202
    assert sender.run_waiting() == 1
    assert receiver.messages[0]["kind"] == "trial"
    book(web, admin)
    assert web.client.delete(address, headers=admin).status_code == 204
    assert sender.run_waiting() == 0
    assert web.client.get(address, headers=admin).status_code == 404


def test_an_event_committed_late_is_not_passed_by(
    web: Web, admin: Headers, receiver: Receiver, sender: Sender
) -> None:
    """On PostgreSQL a transaction with an earlier event may commit after a later one."""
    hook(web, admin, receiver.url)
    if web.live.database.dialect == "sqlite":
        book(web, admin)
        assert sender.run_waiting() == 1
        return
    with web.live.database.write() as slow:
        slow.exec_driver_sql(
            "INSERT INTO heddle_event (at, kind, object_id, record_id) "
            "SELECT now(), 'record.purged', id, 77 FROM heddle_object WHERE key = 'book'"
        )
        book(web, admin)
        assert sender.run_waiting() == 0  # the later event waits for the open transaction
    assert sender.run_waiting() == 2
    with web.live.database.read() as connection:
        assert read_cursor(connection, CONSUMER).id > 0
