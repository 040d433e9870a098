"""A library site by HTTP, on a fresh database of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web import Web, library_web


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path) as running:
        yield running


@pytest.fixture
def admin(web: Web) -> dict[str, str]:
    return web.token(web.admin_id)
