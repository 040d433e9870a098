"""Packs and metadata from the shell."""

import json
import logging
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import app
from tests.support.library import LIBRARY
from tests.support.templates import fill
from ui.cli import command_line
from ui.i18n import STRICT

Heddle = Callable[..., Result]
BAD_FIELD = "  pages: {type: intger, label: {zh-CN: 页数, en: Pages}}\ncustomise:"


@pytest.fixture
def heddle(
    new_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heddle]:
    """Run a command on an installation that has the shipped packs."""
    monkeypatch.setenv("HEDDLE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("HEDDLE_LOCALE", "en")
    monkeypatch.setattr(STRICT, "on", STRICT.on)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(command_line(app.make_world), [str(one) for one in arguments])

    def init(url: str) -> None:
        monkeypatch.setenv("HEDDLE_DATABASE_URL", url)
        assert run("init").exit_code == 0

    fill(new_database_url, "shell", init)
    monkeypatch.setenv("HEDDLE_DATABASE_URL", new_database_url)
    yield run
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if type(one) is not logging.StreamHandler]


def good(result: Result) -> str:
    """What a command printed that ended well."""
    assert result.exit_code == 0, result.output
    return result.output


def changes_file(folder: Path, key: str = "x_area", **definition: object) -> Path:
    """A file with one change: a field of the users."""
    value = {"type": "decimal", "label": {"zh-CN": "面积", "en": "Area"}, **definition}
    change = {"op": "add", "document": "object/user", "path": f"fields/{key}", "value": value}
    path = folder / "changes.json"
    path.write_text(json.dumps({"note": "more room", "changes": [change]}), "utf-8")
    return path


def test_a_good_pack_is_called_good(heddle: Heddle) -> None:
    assert "nothing is wrong" in good(heddle("pack", "check", LIBRARY))


def test_a_mistake_is_named_with_its_place(heddle: Heddle, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    book = folder / "objects" / "book.yaml"
    text = book.read_text("utf-8").replace("customise:", BAD_FIELD)
    book.write_text(text, "utf-8")
    line = text.splitlines().index(BAD_FIELD.splitlines()[0]) + 1
    found = heddle("pack", "check", folder)
    assert found.exit_code == 1
    assert f"{book}:{line}:" in found.output
    assert "intger" in found.output
    assert "integer" in found.output
    broken = heddle("pack", "install", folder)
    assert broken.exit_code == 1
    assert "intger" in broken.output
    assert "Traceback" not in broken.output


def test_a_pack_is_planned_installed_compared_and_taken_out(
    heddle: Heddle, tmp_path: Path
) -> None:
    planned = good(heddle("pack", "install", LIBRARY, "--dry-run"))
    assert "o_book" in planned
    assert "library" not in good(heddle("pack", "list"))
    assert "library 1.0.0" in good(heddle("pack", "install", LIBRARY))
    assert "library\t1.0.0\tLibrary" in good(heddle("pack", "list"))
    again = heddle("pack", "install", LIBRARY)
    assert again.exit_code == 1
    assert "upgrade" in again.output
    newer = tmp_path / "library"
    shutil.copytree(LIBRARY, newer)
    manifest = newer / "pack.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("1.0.0", "1.1.0"), "utf-8")
    assert "version" in good(heddle("pack", "diff", newer))
    assert "library 1.1.0" in good(heddle("pack", "upgrade", newer))
    good(heddle("pack", "uninstall", "library", "--dry-run"))
    assert "library" in good(heddle("pack", "list"))
    good(heddle("pack", "uninstall", "library"))
    assert "library" not in good(heddle("pack", "list"))
    assert heddle("pack", "uninstall", "library").exit_code == 1


def test_a_pack_that_others_need_stays(heddle: Heddle) -> None:
    refused = heddle("pack", "uninstall", "base")
    assert refused.exit_code == 1
    assert "base\t" in good(heddle("pack", "list"))


def test_a_built_archive_installs_and_a_changed_one_does_not(
    heddle: Heddle, tmp_path: Path
) -> None:
    target = tmp_path / "library.zip"
    good(heddle("pack", "build", LIBRARY, "-o", target))
    first = target.read_bytes()
    good(heddle("pack", "build", LIBRARY, "-o", target))
    assert target.read_bytes() == first
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(target) as source, zipfile.ZipFile(forged, "w") as copy:
        for name in source.namelist():
            content = source.read(name).replace(b"max_length: 200", b"max_length: 900")
            copy.writestr(name, content)
    refused = heddle("pack", "install", forged)
    assert refused.exit_code == 1
    assert "objects/book.yaml" in refused.output
    assert "library 1.0.0" in good(heddle("pack", "install", target))


def test_changes_are_planned_published_listed_and_rolled_back(
    heddle: Heddle, tmp_path: Path
) -> None:
    file = changes_file(tmp_path)
    planned = good(heddle("plan", file, "--ddl"))
    assert "ALTER TABLE o_user ADD COLUMN x_area" in planned
    assert len(good(heddle("versions")).splitlines()) == 1
    assert "Version 2" in good(heddle("publish", file))
    listed = good(heddle("versions")).splitlines()
    assert listed[0].startswith("* 2\t")
    assert listed[0].endswith("more room")
    assert "version 1" in good(heddle("rollback", 1))
    assert good(heddle("versions")).startswith("* 3\t")
    assert heddle("rollback", 99).exit_code == 1


def test_changes_may_be_yaml(heddle: Heddle, tmp_path: Path) -> None:
    file = tmp_path / "changes.yaml"
    file.write_text(
        "changes:\n  - op: set\n    document: object/user\n    path: fields/name/label/en\n"
        "    value: Full name\n",
        "utf-8",
    )
    assert "Version 2" in good(heddle("publish", file, "--note", "clearer"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '{"changes": [', "a.json:1:"),
        ("a.yaml", "changes:\n  - op: &x set\n", "a.yaml:2:"),
        ("a.json", '{"other": 1}', "no list of changes"),
        ("a.json", '[{"op": "explode"}]', "not a change"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    heddle: Heddle, tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    refused = heddle("plan", file)
    assert refused.exit_code == 1
    assert said in refused.output
    assert "Traceback" not in refused.output


def test_what_cannot_be_published_leaves_no_draft(heddle: Heddle, tmp_path: Path) -> None:
    file = changes_file(tmp_path, type="hologram")
    assert "hologram" in heddle("plan", file).output
    refused = heddle("publish", file)
    assert refused.exit_code == 1
    assert "hologram" in refused.output
    good(heddle("publish", changes_file(tmp_path)))


def test_messages_follow_the_locale(heddle: Heddle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_LOCALE", "zh-CN")
    assert "没有问题" in good(heddle("pack", "check", LIBRARY))
