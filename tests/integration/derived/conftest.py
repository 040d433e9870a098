"""Every test here ends before the judge."""

from collections.abc import Iterator

import pytest

from tests.integration.derived.shop import Shop, open_shop


@pytest.fixture
def shop(new_database_url: str) -> Iterator[Shop]:
    made = open_shop(new_database_url)
    try:
        yield made
        made.judge()
    finally:
        made.live.database.close()
