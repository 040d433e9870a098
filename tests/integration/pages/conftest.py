"""The application over a library, with its administrator at a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web import Visit, Web, library_web


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path) as running:
        yield running


@pytest.fixture
def visit(web: Web) -> Visit:
    """The super-admin at his browser."""
    return web.sign_in()
