"""What packs prove of themselves: those that are shipped run here; mistakes are told by place."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import make_world
from metadata.load import SHIPPED
from tests.support.library import LIBRARY
from ui.cli import command_line

ENGLISH = {"HEDDLE_LOCALE": "en"}

GOOD = """\
kind: test
key: book.own
label: {zh-CN: 好, en: Good}
given:
  people: {ann: {roles: [librarian]}, bob: {roles: [flow_admin]}}
  records: {tale: {object: book, values: {title: Tale, author: Ann}}}
when:
  later: {wait: {days: 2}}
  renamed: {as: ann, change: tale, values: {title: Fable}}
then:
  named: {as: ann, record: tale, holds: {field: title, op: eq, value: Fable}}
"""


CHANGE = "change: tale, values: {title: Fable}"


def place_of(text: str, snippet: str) -> str:
    """Give line and column where a snippet of the test stands."""
    before, found, _ = text.partition(snippet)
    assert found
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def changed(old: str, new: str) -> str:
    """Give the good test with some words changed."""
    assert old in GOOD
    return GOOD.replace(old, new)


def run(*words: str) -> Result:
    return CliRunner(env=ENGLISH).invoke(command_line(make_world), ["pack", "test", *words])


def prove(folder: Path, texts: Sequence[str]) -> Result:
    """Run the library's pack with these tests, the first in ``t0.yaml``."""
    shutil.copytree(LIBRARY, folder)
    (folder / "tests").mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        own = text.replace("book.own", f"book.own{number}")
        (folder / "tests" / f"t{number}.yaml").write_text(own, "utf-8")
    return run(str(folder))


@pytest.mark.parametrize("key", sorted(path.name for path in SHIPPED.iterdir() if path.is_dir()))
def test_a_shipped_pack_proves_itself(key: str) -> None:
    done = run(str(SHIPPED / key))
    assert done.exit_code == 0, done.output


OTHERWISE = [
    ("value: Fable}}", "value: Saga}}", "holds:", "title: Fable"),
    ("value: Fable}}", "value: Fable}, answers: 404}", "answers:", "answers 200"),
    ("values: {title: Fable}", "values: {title: ''}", "title: ''", "Refused (422)"),
    ("as: ann, change", "as: bob, change", "renamed:", "Refused (40"),
]
WRONG = [
    ("as: ann, change", "as: anne, change", "anne", "ann"),
    (CHANGE, "action: submit, on_record: tale", "submit", "submit"),
    (CHANGE, "action: transfer, on_record: tale", "transfer", "transfer"),
    ("roles: [librarian]", "roles: [librarians]", "librarians", "librarian"),
    ("{title: Fable}", "{titel: Fable}", "titel", "title"),
    ("op: eq", "op: equals", "equals", "equals"),
    ("wait: {days: 2}", "wait: {weeks: 2}", "weeks", "weeks"),
    ("later: {wait: {days: 2}}", "later: {as: ann}", "later:", "change"),
    (", holds: {field: title, op: eq, value: Fable}", "", "named: {as: ann, record", "record"),
    ("kind: test", "kind: lists", "kind", "lists"),
    ("object: book", "object: bok", "bok", "book"),
]


def test_what_is_otherwise_is_told_by_its_place(tmp_path: Path) -> None:
    texts = [changed(old, new) for old, new, _, _ in OTHERWISE]
    done = prove(tmp_path / "library", [*texts, GOOD])
    assert done.exit_code == 1
    for number, (_, _, at, said) in enumerate(OTHERWISE):
        place = f"t{number}.yaml:{place_of(texts[number], at)}: "
        (line,) = [one for one in done.output.splitlines() if place in one]
        assert said in line
    assert f"ok    book.own{len(OTHERWISE)}" in done.output
    assert f"{len(OTHERWISE)} of {len(OTHERWISE) + 1} tests failed" in done.output


def test_wrong_tests_are_told_by_their_places_before_anything_runs(tmp_path: Path) -> None:
    texts = [changed(old, new) for old, new, _, _ in WRONG]
    done = prove(tmp_path / "library", texts)
    assert done.exit_code == 1
    for number, (_, _, at, said) in enumerate(WRONG):
        place = f"t{number}.yaml:{place_of(texts[number], at)}: "
        lines = [one for one in done.output.splitlines() if place in one]
        assert lines, (place, done.output)
        assert said in lines[0]
    assert "FAIL" not in done.output


def test_a_test_elsewhere_than_in_its_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    (folder / "own.yaml").write_text(GOOD, "utf-8")
    done = run(str(folder))
    assert done.exit_code == 1
    assert "own.yaml:1:7" in done.output
