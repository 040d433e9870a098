"""Many made-up calls as three roles, on both databases: no server error, no untrue document."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.api.test_openapi import ROLES, fill
from tests.support.fuzz import call_everything
from tests.support.web import Web, library_web

pytestmark = pytest.mark.deep


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path) as running:
        yield running


@pytest.mark.parametrize("role", ROLES)
def test_many_made_up_calls(web: Web, role: str) -> None:
    fill(web, web.token(web.admin_id))
    caller = web.token(web.person("试用", "13900000077", role))
    seen = call_everything(web, caller, examples=40)
    assert "5xx" not in seen
