"""Every test here gets a library with a clerk, on each database, and ends before the judge."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.exchange.desk import Desk, make_desk


@pytest.fixture
def desk(new_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    made = make_desk(new_database_url, tmp_path)
    yield made
    made.world.judge()
    made.live.database.close()
