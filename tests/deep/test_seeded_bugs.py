"""Every bug that is planted is found by the check that is named beside it."""

from pathlib import Path

import pytest

from tests.deep.seeded_bugs import worlds_until_found
from tests.support.oracle.bugs import BUGS, Bug
from tests.support.oracle.registry import CHECKS

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug: Bug, tmp_path: Path) -> None:
    assert bug.found_by in CHECKS
    assert worlds_until_found(bug, tmp_path) is not None, f"{bug.found_by} does not find it"
