"""Every test here ends before the judge."""

from collections.abc import Iterator

import pytest

from tests.integration.lines.shop import Shop, make_shop


@pytest.fixture
def shop(new_database_url: str) -> Iterator[Shop]:
    made = make_shop(new_database_url)
    try:
        yield made
        made.judge()
    finally:
        made.live.database.close()
