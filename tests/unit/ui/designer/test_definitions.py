"""Definitions as inputs of the panel, and back; for every type of the registry."""

from typing import Any

import pytest

from engine.fields.registry import FIELD_TYPES
from ui.designer.definitions import definition_of, form_of, specs_of
from ui.designer.faces import FACES, palette
from ui.i18n import LANGUAGES, has_text

EVERY_TYPE = sorted(FIELD_TYPES)


def smallest(field_type: str) -> dict[str, Any]:
    kind = FIELD_TYPES[field_type]
    return {"type": field_type, "label": {"zh-CN": "甲", "en": "A"}, **kind.smallest}


@pytest.mark.parametrize("field_type", EVERY_TYPE)
class TestEveryFieldType:
    def test_it_has_a_face_and_can_be_added(self, field_type: str) -> None:
        assert field_type in FACES
        assert field_type in palette()

    def test_its_definition_survives_the_panel(self, field_type: str) -> None:
        definition = smallest(field_type)
        made, errors = definition_of(form_of(definition, "en"), definition, "x_a")
        assert errors == []
        assert made == definition

    def test_its_properties_have_names(self, field_type: str) -> None:
        for spec in specs_of(field_type):
            for language in LANGUAGES:
                assert has_text(language, f"designer.prop.{spec.name}"), spec.name


def read(definition: dict[str, Any], **sent: Any) -> tuple[dict[str, Any], list[str]]:
    form = {name.replace("__", "."): [value] for name, value in sent.items()}
    made, errors = definition_of(form, definition, "x_a")
    return made, [f"{one.field}: {one.code}" for one in errors]


def test_a_text_in_one_language_is_plain() -> None:
    made, errors = definition_of(
        {"label.zh-CN": ["地区"], "label.en": [" "]}, {"type": "text", "label": "x"}, "x_a"
    )
    assert (made["label"], errors) == ("地区", [])


def test_a_text_in_two_languages_stays_in_two() -> None:
    _, errors = definition_of({"label.zh-CN": ["地区"], "label.en": [""]}, smallest("text"), "x_a")
    assert [(one.field, one.code) for one in errors] == [("label.en", "required")]


def test_what_was_not_sent_stays() -> None:
    definition = {**smallest("text"), "required": True, "max_length": 7, "visible_if": {"all": []}}
    assert read(definition) == (definition, [])


def test_numbers_and_defaults_are_read() -> None:
    made, errors = read(smallest("decimal"), prop__scale="3", prop__min="1.5", prop__default="2")
    assert errors == []
    assert (made["scale"], made["min"], made["default"]) == (3, "1.5", "2.000")
    _, errors = read(smallest("integer"), prop__default="many")
    assert errors == ["prop.default: not_a_number"]


def test_an_option_needs_a_name_and_a_key_of_its_own() -> None:
    form = {
        "option.key": ["a", "b"],
        "option.as": ["a", "a"],
        "option.label.zh-CN": ["甲", ""],
        "option.label.en": ["", ""],
        "option.color": ["red", "pink"],
    }
    _, errors = definition_of(form, smallest("select"), "x_a")
    assert {(one.field, one.code) for one in errors} == {
        ("option.label.zh-CN.1", "required"),
        ("option.as.1", "option_twice"),
    }
