"""A death in each sort of work: the short form of ``tests/deep/test_kills.py``."""

from pathlib import Path

from tests.support.killing import Scene


def test_one_death_in_each_work(new_database_url: str, tmp_path: Path) -> None:
    scene = Scene(new_database_url, tmp_path, 7)
    scene.begin()
    for work in ("create", "crowd", "edit", "backfill", "seal"):
        scene.strike(work)
    scene.judge()
    assert scene.kills >= 2
