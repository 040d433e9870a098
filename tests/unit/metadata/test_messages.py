"""Every code that documents can be refused with has a text in every language."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import metadata
from metadata.schemas import FOLDER

ROOT = Path(metadata.__file__).parent
I18N = ROOT.parent / "ui" / "i18n"
MAKERS = {
    "Problem",
    "add",
    "add_value",
    "add_inside",
    "FormulaInvalid",
    "warn",
    "note",
    "refuse",
    "_about",
    "problem_at",
    "_Found",
}
KEY = "problem."


def strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def made(path: Path) -> Iterator[str]:
    """Walk the codes that a module gives to what makes problems."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in MAKERS:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and a.value]
            yield from (text for text in texts[:1] if isinstance(text, str))


def marked_codes() -> set[str]:
    """Give the codes that the schemas name themselves."""
    marks = json.loads((FOLDER / "common.schema.json").read_text("utf-8"))["$defs"].values()
    return {mark["x-code"] for mark in marks if "x-code" in mark}


def texts(language: str) -> dict[str, str]:
    with (I18N / language / "metadata.po").open("rb") as file:
        catalogue = read_po(file)
    return {str(m.id): str(m.string) for m in catalogue if m.id}


def placeholders(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]} - {""}


def test_every_code_has_a_text() -> None:
    known = {key.removeprefix(KEY) for key in texts("en")}
    codes = {code for path in ROOT.rglob("*.py") for code in made(path)}
    codes |= marked_codes()
    assert len(codes) > 40
    assert codes - known == set()


def test_no_text_is_left_over() -> None:
    engine = ROOT.parent / "engine"
    folders = (ROOT, engine / "publish", engine / "trials")
    used = {text for folder in folders for path in folder.rglob("*.py") for text in strings(path)}
    used |= marked_codes()
    codes = {key.removeprefix(KEY).removesuffix(".hint") for key in texts("en")}
    assert codes - used == set()


@pytest.mark.parametrize("language", ["zh-CN"])
def test_the_languages_say_the_same_with_the_same_parameters(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert list(english) == list(other)
    for key, text in english.items():
        assert text
        assert other[key]
        assert placeholders(text) == placeholders(other[key]), key
