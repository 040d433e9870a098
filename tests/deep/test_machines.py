"""Two servers and a worker on machines of their own: what a pulled cable does to each of them."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from tests.support.library import added_field
from tests.support.machines import Machine, machines
from tests.support.postgres import started
from tests.support.site import ADMIN_MOBILE, Site

pytestmark = [pytest.mark.deep, pytest.mark.postgresql]

CUSTOMERS = "/api/v1/records/customer"
SECONDS = 60
"""A bound for a machine that is busy, not a promise."""


@dataclass(frozen=True, slots=True)
class Lab:
    """Four machines; the first holds the database."""

    machines: list[Machine]
    one: httpx.Client
    two: httpx.Client


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with TemporaryDirectory(prefix="heddle-lab-") as made, contextlib.ExitStack() as stack:
        folder = Path(made)
        all_of_them = stack.enter_context(machines(["labdb", "labone", "labtwo", "labwork"]))
        store, *others = all_of_them
        server = stack.enter_context(
            started(folder, listens=store.address, entering=store.entering)
        )
        local = stack.enter_context(server.fresh_database())
        name = local.partition("?")[0].rpartition("/")[2]
        url = f"postgresql://postgres@{store.address}/{name}"
        sites = [_site(folder, machine, url) for machine in others]
        one, two, work = sites
        one.init()
        token = one.heddle("token", "create", "--user", ADMIN_MOBILE).strip().splitlines()[-1]
        for site in sites:
            stack.callback(site.kill)
        work.start_command("work")
        one.start()
        two.start()
        headers = {"authorization": f"Bearer {token}"}
        callers = [
            stack.enter_context(httpx.Client(base_url=site.url, headers=headers, timeout=SECONDS))
            for site in (one, two)
        ]
        yield Lab(all_of_them, *callers)


def _site(folder: Path, machine: Machine, url: str) -> Site:
    own = folder / machine.name
    own.mkdir()
    site = Site(own, database_url=url, host=machine.address, entering=machine.entering)
    site.environment["HEDDLE_DATA_DIR"] = str(folder / "shared")
    site.environment["HEDDLE_RUN_JOBS"] = "false"
    return site


def test_what_one_machine_saves_the_other_reads(lab: Lab) -> None:
    made = lab.one.post(CUSTOMERS, json={"name": "网络甲"})
    assert made.status_code == 201, made.text
    read = lab.two.get(made.headers["location"])
    assert read.json()["name"] == "网络甲"


def test_a_server_without_its_database_says_so_and_comes_back(lab: Lab) -> None:
    store, _, two, _ = lab.machines
    with _without(store, two):
        refused = lab.two.post(CUSTOMERS, json={"name": "网络乙"})
        assert (refused.status_code, refused.json()["code"]) == (503, "database_lost")
        assert lab.two.get("/health").status_code == 200
        assert lab.two.get("/ready").status_code == 503
        version = _publish(lab.one, "x_parted")
        assert lab.one.post(CUSTOMERS, json={"name": "网络丙", "x_parted": "在"}).is_success
    answer = _until_served(lab.two)
    assert answer["metadata_version"] == version
    named = lab.two.post(CUSTOMERS, json={"name": "网络丁", "x_parted": "也在"})
    assert named.status_code == 201, named.text


def test_what_was_acknowledged_before_the_cut_is_there_after_it(lab: Lab) -> None:
    store = lab.machines[0]
    acknowledged: list[str] = []

    def write(caller: httpx.Client, first: int) -> None:
        for number in range(first, first + 400):
            answer = caller.post(CUSTOMERS, json={"name": f"断线{number}"})
            if answer.status_code != 201:
                assert answer.json()["code"] == "database_lost", answer.text
                return
            acknowledged.append(answer.headers["location"])
        raise AssertionError("the cable was never pulled")

    with ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(write, lab.one, 1000), pool.submit(write, lab.two, 2000)]
        while len(acknowledged) < 20:
            assert not any(one.done() for one in writing)
        store.cut()
        for one in writing:
            one.result()
    store.join()
    for caller in (lab.one, lab.two):
        _until_served(caller)
    missing = [at for at in acknowledged if lab.two.get(at).status_code != 200]
    assert missing == []


def test_a_worker_that_was_cut_off_does_its_jobs_afterwards(lab: Lab) -> None:
    work = lab.machines[3]
    work.cut()
    ordered = lab.one.post("/api/v1/exports/customer", json={"format": "csv"})
    assert ordered.status_code == 202, ordered.text
    address = f"/api/v1/jobs/{ordered.json()['id']}"
    assert lab.two.get(address).json()["state"] == "queued"
    work.join()
    told = lab.two.get(address).json()
    while told["state"] != "done":
        assert told["state"] in {"queued", "running"}
        told = lab.two.get(address).json()
    assert lab.one.get(told["result_url"]).status_code == 200


@contextlib.contextmanager
def _without(store: Machine, other: Machine) -> Iterator[None]:
    """Cut one machine off from the database alone: callers still reach it."""
    store.refuse(other)
    try:
        yield
    finally:
        store.accept(other)


def _publish(caller: httpx.Client, key: str) -> int:
    change = added_field(key) | {"document": "object/customer"}
    draft = caller.post("/api/v1/metadata/drafts", json={"changes": [change]})
    assert draft.status_code == 201, draft.text
    published = caller.post(f"{draft.headers['location']}/publish")
    assert published.status_code == 200, published.text
    return int(published.json()["metadata_version"])


def _until_served(caller: httpx.Client) -> Any:
    """Ask until the database answers again; every answer before says that it does not."""
    answer = caller.get("/api/v1/me")
    while answer.status_code != 200:
        assert answer.json()["code"] == "database_lost", answer.text
        answer = caller.get("/api/v1/me")
    return answer.json()
