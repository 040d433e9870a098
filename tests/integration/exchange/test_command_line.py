"""``heddle import``, ``export`` and ``demo``: what they print, what they leave, how they exit."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.settings import load_settings
from tests.integration.exchange.desk import csv_text
from tests.support.library import library_site
from ui.cli import command_line
from ui.cli.world import World
from ui.server import Application

Run = Callable[..., Result]


def no_app(*_: Any) -> Application:
    raise AssertionError("no command here serves")


def no_work(*_: Any) -> AbstractContextManager[None]:
    raise AssertionError("no command here works")


@pytest.fixture
def run(new_database_url: str, tmp_path: Path) -> Run:
    library_site(new_database_url).database.close()
    settings = load_settings(
        {"HEDDLE_DATA_DIR": str(tmp_path / "var"), "HEDDLE_DATABASE_URL": new_database_url},
        tmp_path,
    )

    def one(*arguments: str) -> Result:
        world = World(settings=settings, make_app=no_app, application="", work=no_work)
        found = CliRunner().invoke(command_line(lambda: world), list(arguments))
        assert not isinstance(found.exception, Exception), found.exception
        return found

    return one


def test_import_and_export(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(csv_text(("Name", "作者"), ("Emma", "Austen"), ("", "x")), "utf-8")
    tried = run("import", "book", str(source), "--map", "Name=title", "--dry-run")
    assert tried.exit_code == 1
    assert "Name → title" in tried.output
    assert "新建 1，更新 0，未变化或跳过 0，失败 1" in tried.output
    assert "第 3 行 Name：必填" in tried.output
    done = run("import", "book", str(source), "--map", "Name=title", "--match", "title")
    assert "新建 1" in done.output
    again = run("import", "book", str(source), "--map", "Name=title", "--mode", "skip")
    assert "新建 0，更新 0，未变化或跳过 1，失败 1" in again.output
    target = tmp_path / "out.csv"
    sent = run("export", "book", str(target), "--column", "title", "--column", "author")
    assert sent.exit_code == 0
    assert "Emma,Austen" in target.read_text("utf-8-sig").splitlines()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "Name"], "不是“列名=字段”的形式"),
        (["--map", "Name=nothing"], "没有名为“nothing”的字段"),
        (["--owner", "13800000099", "--map", "Name=title"], "13800000099"),
        ([], "没有任何一列对应到字段"),
    ],
)
def test_refusals(run: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    source = tmp_path / "list.csv"
    source.write_text("Name\nEmma\n", "utf-8")
    refused = run("import", "book", str(source), *arguments)
    assert (refused.exit_code, words in refused.output) == (1, True), refused.output


def test_a_file_name_says_the_format(run: Run, tmp_path: Path) -> None:
    assert "csv, xlsx" in run("export", "book", str(tmp_path / "out.doc")).output
    assert run("export", "nothing", str(tmp_path / "out.csv")).exit_code == 1


def test_demo(run: Run) -> None:
    made = run("demo", "--records", "20", "--users", "2")
    assert "图书：20" in made.output
    assert run("demo").exit_code == 1
    assert run("demo", "--remove").exit_code == 0
    assert "没有示例数据" in run("demo", "--remove").output
