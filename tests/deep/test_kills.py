"""A hundred deaths at work on each database: nothing promised is lost, nothing comes twice."""

from pathlib import Path

import pytest

from tests.support.killing import ALL_WORKS, Scene
from tests.support.postgres import PostgresServer

KILLS = 100
RESTORES = 16

pytestmark = pytest.mark.deep


def test_a_hundred_kills(new_database_url: str, tmp_path: Path) -> None:
    scene = Scene(new_database_url, tmp_path, 4711)
    scene.begin()
    while scene.kills < KILLS - RESTORES:
        scene.strike(ALL_WORKS[scene.round % len(ALL_WORKS)])
        scene.judge()
    assert scene.kills == KILLS - RESTORES


@pytest.mark.postgresql
def test_restores_are_killed(
    new_database_url: str, tmp_path: Path, postgresql_server: PostgresServer
) -> None:
    scene = Scene(new_database_url, tmp_path, 4712)
    scene.begin()
    kills = 0
    for number in range(RESTORES * 2):
        if kills == RESTORES:
            break
        if new_database_url.startswith("sqlite"):
            kills += scene.strike_restore(f"sqlite:///{tmp_path / f'{number}.db'}")
        else:
            with postgresql_server.fresh_database() as target:
                kills += scene.strike_restore(target)
    assert kills == RESTORES
