"""Every test here ends before the judge."""

from collections.abc import Iterator

import pytest

from tests.integration.records.world import World, make_world


@pytest.fixture
def world(new_database_url: str) -> Iterator[World]:
    made = make_world(new_database_url)
    try:
        yield made
        made.judge()
    finally:
        made.live.database.close()
