"""Two servers and a worker of jobs, as processes of their own, over one PostgreSQL."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.engine import make_url

from engine.publish.apply import CHANNEL
from tests.support.library import added_field
from tests.support.site import ADMIN_MOBILE, Site

pytestmark = pytest.mark.postgresql

CUSTOMERS = "/api/v1/records/customer"
SECONDS = 30
"""A bound for a machine that is busy, not a promise."""


@dataclass(frozen=True, slots=True)
class Group:
    """Two servers that leave jobs alone, a worker that runs them, and callers of both servers."""

    url: str
    one: Site
    two: Site
    callers: tuple[httpx.Client, httpx.Client]

    def both(self, method: str, path: str, bodies: Any) -> list[httpx.Response]:
        """Send two calls at the same moment, one to each server."""
        with ThreadPoolExecutor(2) as pool:
            calls = [
                pool.submit(caller.request, method, path, json=body)
                for caller, body in zip(self.callers, bodies, strict=True)
            ]
            return [call.result() for call in calls]


@pytest.fixture(scope="module")
def group(postgresql_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    folder: Path = tmp_path_factory.mktemp("group")
    with postgresql_server.fresh_database() as url:
        sites = []
        for name in ("one", "two", "work"):
            (folder / name).mkdir()
            site = Site(folder / name, database_url=url)
            site.environment["HEDDLE_DATA_DIR"] = str(folder / "shared")
            site.environment["HEDDLE_RUN_JOBS"] = "false"
            sites.append(site)
        one, two, work = sites
        one.init()
        token = one.heddle("token", "create", "--user", ADMIN_MOBILE).strip().splitlines()[-1]
        headers = {"authorization": f"Bearer {token}"}
        work.start_command("work")
        one.start()
        two.start()
        callers = tuple(
            httpx.Client(base_url=site.url, headers=headers, timeout=SECONDS)
            for site in (one, two)
        )
        yield Group(url, one, two, (callers[0], callers[1]))
        for caller in callers:
            caller.close()
        for site in sites:
            site.stop()


def test_of_two_equal_creates_one_wins(group: Group) -> None:
    person = {"name": "张三", "department": 1, "roles": ["people_admin"]}
    for number in range(5):
        body = {**person, "mobile": f"1390000222{number}"}
        answers = group.both("POST", "/api/v1/records/user", [body, body])
        assert sorted(one.status_code for one in answers) == [201, 422], answers[0].text


def test_of_two_changes_of_the_same_field_one_wins(group: Group) -> None:
    made = group.callers[0].post(CUSTOMERS, json={"name": "示例公司"})
    assert made.status_code == 201, made.text
    address = made.headers["location"]
    bodies = [{"version": 1, "name": name} for name in ("甲公司", "乙公司")]
    answers = group.both("PATCH", address, bodies)
    assert sorted(one.status_code for one in answers) == [200, 409]
    lost = next(one for one in answers if one.status_code == 409).json()
    assert {lost["theirs"]["name"], lost["mine"]["name"]} == {"甲公司", "乙公司"}


def test_a_key_used_at_both_servers_works_once(group: Group) -> None:
    for caller in group.callers:
        caller.headers["idempotency-key"] = "group-1"
    answers = group.both("POST", CUSTOMERS, [{"name": "只有一次"}] * 2)
    for caller in group.callers:
        del caller.headers["idempotency-key"]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].content == answers[1].content


def test_of_two_publishes_one_wins_and_both_servers_serve_it_at_once(group: Group) -> None:
    drafts = []
    for number, caller in enumerate(group.callers):
        change = added_field(f"x_race{number}") | {"document": "object/customer"}
        made = caller.post("/api/v1/metadata/drafts", json={"changes": [change]})
        assert made.status_code == 201, made.text
        drafts.append(made.headers["location"])
    plain = make_url(group.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with ThreadPoolExecutor(2) as pool:
            calls = [
                pool.submit(caller.post, f"{draft}/publish")
                for caller, draft in zip(group.callers, drafts, strict=True)
            ]
            answers = [call.result() for call in calls]
        assert sorted(one.status_code for one in answers) == [200, 409]
        version = next(one.json()["metadata_version"] for one in answers if one.is_success)
        heard = [note.payload for note in listener.notifies(timeout=SECONDS, stop_after=1)]
    assert heard == [str(version)]
    for caller in group.callers:
        assert caller.get("/api/v1/me").json()["metadata_version"] == version
        fields = caller.get("/api/v1/objects/customer").json()["fields"]
        assert {f"x_race{n}" for n in (0, 1)} & {field["key"] for field in fields}


def test_a_publish_is_told_to_every_process(group: Group) -> None:
    """Each process says in its heartbeat which version it serves; all of them come to the new."""
    change = added_field("x_told") | {"document": "object/customer"}
    draft = group.callers[0].post("/api/v1/metadata/drafts", json={"changes": [change]})
    published = group.callers[0].post(f"{draft.headers['location']}/publish")
    version = published.json()["metadata_version"]
    plain = make_url(group.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        serving: set[int] = set()
        while serving != {version}:
            rows = connection.execute("SELECT version FROM heddle_worker").fetchall()
            serving = {row[0] for row in rows}
            assert len(rows) >= 2


def test_the_worker_runs_each_job_once(group: Group) -> None:
    orders = [
        caller.post("/api/v1/exports/customer", json={"format": "csv"})
        for _ in range(3)
        for caller in group.callers
    ]
    numbers = [order.json()["id"] for order in orders]
    other = group.callers[1]
    for number in numbers:
        told = other.get(f"/api/v1/jobs/{number}").json()
        while told["state"] != "done":
            assert told["state"] in {"queued", "running"}
            told = other.get(f"/api/v1/jobs/{number}").json()
        assert other.get(told["result_url"]).status_code == 200
    plain = make_url(group.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        claims = connection.execute(
            "SELECT fence FROM heddle_job WHERE kind = 'export'"
        ).fetchall()
    assert {row[0] for row in claims} == {1}


def test_a_session_holds_at_both_servers_and_ends_at_both(group: Group) -> None:
    link = group.one.sign_in_link()
    with httpx.Client(timeout=SECONDS) as browser:
        assert browser.get(link).status_code in {200, 303}
        shown = browser.get(f"{group.two.url}/profile")
        assert shown.status_code == 200
        csrf = re.search(r'name="_csrf" value="([^"]+)"', shown.text)
        assert csrf
        ended = browser.post(f"{group.two.url}/sign-out", data={"_csrf": csrf[1]})
        assert ended.status_code == 303, ended.text
        cookies = dict(browser.cookies)
        again = httpx.get(f"{group.one.url}/profile", cookies=cookies)
        assert again.status_code == 303
