"""What anybody reads, by any way there is, is what a slow model of the documentation says."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.oracle.asking import ask
from tests.support.oracle.hall import Hall, open_hall
from tests.support.oracle.inventory import (
    COVERED_BY_CALLERS,
    SHOWS_NO_RECORD,
    WHAT_TO_DO,
    all_routes,
    answered,
    covered,
    reading_functions,
    reading_routes,
)
from ui.server import routed

WORLDS = 3
"""Of each database; `tests/deep/test_oracle.py` looks at many more."""


@pytest.fixture(scope="module")
def hall(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder: Path = tmp_path_factory.mktemp("hall")
    with open_hall(shared_database_url, folder) as found:
        yield found


def test_everybody_reads_what_the_model_says(hall: Hall) -> None:
    @settings(
        max_examples=WORLDS,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def every_world(random: Random) -> None:
        ask(hall, random)

    every_world()


def test_every_route_that_reads_records_is_looked_at() -> None:
    app = routed()
    routes, known = set(reading_routes(app)), covered() | SHOWS_NO_RECORD.keys()
    assert not [f"{one} {WHAT_TO_DO}" for one in sorted(routes - known)]
    named = {one for one in known if " " in one}
    assert named <= all_routes(app), "a route that is gone is still listed"


def test_every_function_that_reads_by_right_is_looked_at() -> None:
    functions, known = set(reading_functions()), covered() | COVERED_BY_CALLERS.keys()
    assert not [f"{one} {WHAT_TO_DO}" for one in sorted(functions - known)]
    named = {one for one in known if " " not in one}
    assert named <= functions, "a function that is gone is still listed"


def test_a_route_without_a_check_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SHOWS_NO_RECORD, "GET /jobs")
    missing = set(reading_routes(routed())) - covered() - SHOWS_NO_RECORD.keys()
    assert missing == {"GET /jobs"}


def test_the_checks_ask_the_routes_that_they_cover(hall: Hall) -> None:
    """A check that only ever meets refusals would prove nothing."""
    for seed in range(20):
        if answered(hall.answered) == {one for one in covered() if " " in one}:
            return
        ask(hall, Random(seed))  # noqa: S311 - a company
    missing = {one for one in covered() if " " in one} - answered(hall.answered)
    assert not missing
