"""The application over a library, for tests of the API."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web import Web, library_web


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path) as running:
        yield running


@pytest.fixture
def quick_web(tmp_path: Path) -> Iterator[Web]:
    """The same on SQLite alone, for what no database has a part in."""
    with library_web(f"sqlite:///{tmp_path / 'quick.db'}", tmp_path) as running:
        yield running


@pytest.fixture
def admin(web: Web) -> dict[str, str]:
    """Headers of a super-admin's calls."""
    return web.token(web.admin_id)
