"""``heddle pack dev``: every save is checked and published, mistakes are told, data is safe."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from app import make_world
from engine.seeds import install_first
from tests.support.library import LIBRARY
from ui.cli.pack_dev import develop
from ui.cli.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "library"
    shutil.copytree(LIBRARY, found)
    return found


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("HEDDLE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HEDDLE_DATA_DIR", str(tmp_path / "data"))
    made = make_world()
    yield made
    made.close()


def saving(*saves: Callable[[], object]) -> Callable[[], bool]:
    """Save one thing at each look, then end."""
    left = list(saves)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    return wait


def test_what_is_saved_is_served_and_a_mistake_leaves_the_last_version(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = folder / "objects" / "book.yaml"
    good = book.read_text("utf-8")
    better = good.replace("en: Shelf", "en: Place on the shelf")
    told: list[int] = []

    def note() -> None:
        told.append(world.site.snapshot.number)

    saves = [
        note,
        lambda: book.write_text(better, "utf-8"),
        note,
        lambda: book.write_text(better.replace("type: money", "type: gold"), "utf-8"),
        note,
        lambda: book.write_text(better + "# \n", "utf-8"),
        note,
    ]
    develop(world, folder, force=False, wait=saving(*saves))
    first = told[0]
    assert told == [first, first + 1, first + 1, first + 1]
    label = world.site.snapshot.object("book").field("shelf").definition.label
    assert label["en"] == "Place on the shelf"
    output = capsys.readouterr().out
    assert "book.yaml:18:" in output
    assert "gold" in output


def test_a_database_that_is_not_for_development_is_left_alone(world: World, folder: Path) -> None:
    install_first(world.site)
    before = world.site.snapshot.number
    with pytest.raises(click.ClickException):
        develop(world, folder, force=False, wait=saving())
    assert world.site.snapshot.number == before
    develop(world, folder, force=True, wait=saving())
    assert "book" in world.site.snapshot.objects
    develop(world, folder, force=False, wait=saving())
