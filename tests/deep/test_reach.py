"""Many more companies than `tests/integration/access/test_reach.py` looks at."""

from random import Random

import pytest

from tests.integration.access.test_reach import (
    check_finders,
    check_readers,
    check_viewers,
    open_company,
)
from tests.support.organisations import some_company

COMPANIES = 40

pytestmark = pytest.mark.deep


def test_readers_and_finders_agree_with_the_model(database_url: str) -> None:
    rows = open_company(database_url)
    for seed in range(100, 100 + COMPANIES):
        random = Random(seed)  # noqa: S311 - a company
        check_readers(rows, some_company(random, people=7), random)
        company = some_company(random)
        check_finders(rows, company, random)
        check_viewers(rows, company, things=3)
    rows.database.close()
