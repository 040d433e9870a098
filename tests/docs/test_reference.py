"""The reference is what the code says, and leaves nothing out."""

from pathlib import Path

import pytest

from engine.fields.registry import FIELD_TYPES
from engine.settings import settings_reference
from metadata.catalog import KINDS
from metadata.conditions import OPERATORS, PERIODS
from scripts.reference import filled, language_of, pages
from scripts.reference_commands import commands
from scripts.reference_tables import api_routes, error_statuses, words
from tests.docs.pages import DOCS, name_of
from ui.i18n import LANGUAGES

ENDING = {"en": ".md", "zh-CN": ".zh.md"}


def page(name: str, language: str) -> str:
    """Read a page of the reference."""
    return (DOCS / "reference" / f"{name}{ENDING[language]}").read_text("utf-8")


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_generated_parts_are_up_to_date(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text == filled(text, language_of(path)), "run .venv/bin/python scripts/reference.py"


def test_a_stale_table_is_noticed() -> None:
    stale = "<!-- generated: periods -->\n`tomorrow`\n<!-- /generated -->\n"
    assert filled(stale, "en") != stale


@pytest.mark.parametrize("language", LANGUAGES)
class TestNothingIsLeftOut:
    def test_commands(self, language: str) -> None:
        text = page("command-line", language)
        for command in commands(language):
            assert f"### `heddle {' '.join(command['path'])}" in text
            assert command["help"]
            for option in command["options"]:
                assert option["name"] in text

    def test_settings(self, language: str) -> None:
        text = page("settings", language)
        for one in settings_reference():
            assert f"`{one.name}`" in text
            assert f"`{one.variable}`" in text

    def test_field_types(self, language: str) -> None:
        text = page("field-types", language)
        for key, kind in FIELD_TYPES.items():
            assert f"| `{key}` |" in text
            assert all(f"`{name}`" in text for name in kind.schema)

    def test_operators_and_periods(self, language: str) -> None:
        text = page("conditions", language)
        assert all(f"`{name}`" in text for name in OPERATORS | PERIODS)

    def test_error_codes(self, language: str) -> None:
        text = page("errors", language)
        assert all(f"| `{key}` | {status} |" in text for key, status in error_statuses())

    def test_routes(self, language: str) -> None:
        text = page("api", language)
        assert all(f"| `{call}` |" in text for call, _ in api_routes())

    def test_kinds_of_documents(self, language: str) -> None:
        text = page("documents", language)
        assert all(f"### {kind}\n" in text for kind in KINDS)


def test_no_route_is_described_that_is_gone() -> None:
    assert set(words("routes")) == {call for call, _ in api_routes()}
