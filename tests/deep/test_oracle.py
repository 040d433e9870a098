"""Many more companies than `tests/integration/access/test_oracle.py` looks at."""

import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.support.oracle.asking import ask
from tests.support.oracle.hall import open_hall

WORLDS = 750
"""Of each database: 1,500 together."""
SEED = int(os.environ.get("HEDDLE_ORACLE_SEED", "4711"))

pytestmark = pytest.mark.deep


def test_everybody_reads_what_the_model_says(new_database_url: str, tmp_path: Path) -> None:
    told = f"HEDDLE_ORACLE_SEED={SEED}"
    with open_hall(new_database_url, tmp_path) as hall:

        @seed(SEED)
        @settings(
            max_examples=WORLDS,
            database=None,
            phases=[
                Phase.generate
            ],  # the company is told with the failure; to shrink costs an hour
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.randoms(use_true_random=False))
        def every_world(random: Random) -> None:
            ask(hall, random)

        try:
            every_world()
        except AssertionError as error:
            error.add_note(told)
            raise
