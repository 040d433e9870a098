"""A library whose books and tasks hold files, its application, and two clerks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.files.desk import Desk, open_desk


@pytest.fixture
def desk(new_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk with two clerks; judged when the test is over."""
    with open_desk(new_database_url, tmp_path) as found:
        yield found
        found.judge()
