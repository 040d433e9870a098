"""What a server tells whoever watches it, and how often a token may call."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.people import acting
from engine.queue.enqueue import enqueue
from tests.support.web import Web, library_web
from ui.rates import MOST_KEPT, Rates, TooManyRequests

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path) as found:
        yield found


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, (name, text)
    return float(found[1])


def test_the_counts_are_told_to_who_looks_after_the_system(web: Web) -> None:
    admin = web.token(web.admin_id)
    assert web.client.get("/metrics").status_code == 401
    reader = web.person("读者", "13800000009", "librarian")
    assert web.client.get("/metrics", headers=web.token(reader)).status_code == 403
    assert web.sign_in().get("/metrics").status_code == 401  # no cookie is read here
    with web.live.write(acting(web.live)) as unit:
        enqueue(unit, "some_day", {})
    for number in (1, 2):
        web.client.get(f"/api/v1/records/book/{number}", headers=admin)
    web.client.get("/nowhere/at/all", headers=admin)
    answer = web.client.get("/metrics", headers=admin)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.text
    route = "/api/v1/records/{object_key}/{record_id}"
    labels = f'method="GET",route="{route}",status="404"'
    assert value(text, f"heddle_requests_total{{{labels}}}") == 2
    assert value(text, 'heddle_request_seconds_count{kind="api"}') >= 2
    assert value(text, 'heddle_jobs{state="queued"}') >= 1
    assert value(text, "heddle_metadata_version") == web.live.snapshot.number
    assert "nowhere" not in text


def test_a_token_that_calls_too_often_waits_and_others_do_not(web: Web) -> None:
    web.client.app.state.services.rates._most = 3.0
    eager, calm = web.token(web.admin_id), web.token(web.admin_id)
    codes = [web.client.get("/api/v1/me", headers=eager).status_code for _ in range(5)]
    assert codes[:3] == [200, 200, 200]
    refused = web.client.get("/api/v1/me", headers=eager)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.json()["code"] == "too_many_requests"
    assert web.client.get("/api/v1/me", headers=calm).status_code == 200


def test_a_bucket_fills_again_and_the_resting_are_forgotten() -> None:
    rates = Rates(60)
    for _ in range(60):
        rates.take(1, NOW)
    with pytest.raises(TooManyRequests) as caught:
        rates.take(1, NOW)
    assert caught.value.retry_after in {1, 2}
    rates.take(2, NOW)
    rates.take(1, NOW + timedelta(seconds=1))
    with pytest.raises(TooManyRequests):
        rates.take(1, NOW + timedelta(seconds=1))
    for token in range(MOST_KEPT + 5):
        rates.take(token + 10, NOW + timedelta(minutes=3))
    rates.take(1, NOW + timedelta(minutes=5))
    assert len(rates._levels) <= MOST_KEPT + 6
    free = Rates(0)
    for _ in range(1_000):
        free.take(1, NOW)
