"""Reasons and messages: each reason that a type gives has its words, and no words lie idle."""

import ast
from collections.abc import Iterator
from pathlib import Path

from engine.fields import registry
from ui.i18n import catalogue

FOLDER = Path(registry.__file__).parent
BY_OTHERS = {"no_such_record", "several_records", "not_comparable", "operator_not_allowed"}
"""Reasons of screens and conditions that concern any field."""


def reasons() -> Iterator[str]:
    """Give every text in engine/fields that is a reason: an argument of ``InvalidValue``."""
    known = {key.removeprefix("invalid.") for key in catalogue("en")}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InvalidValue":
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant):
                        yield str(part.value)
            elif isinstance(node, ast.Constant) and node.value in known:
                yield str(node.value)


def test_every_reason_has_its_words() -> None:
    found = set(reasons())

    assert len(found) > 25
    assert {reason for reason in found if f"invalid.{reason}" not in catalogue("zh-CN")} == set()


def test_no_words_of_the_fields_lie_idle() -> None:
    path = FOLDER.parent.parent / "ui" / "i18n" / "en" / "fields.po"
    words = {
        line[len('msgid "invalid.') : -1]
        for line in path.read_text("utf-8").splitlines()
        if line.startswith('msgid "invalid.')
    }

    assert words - set(reasons()) == BY_OTHERS
