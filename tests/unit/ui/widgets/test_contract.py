"""What every widget must do; a new field type is covered the day it is registered."""

from dataclasses import replace
from typing import Any

import pytest

from engine.fields.base import Label, unlabelled
from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef
from tests.unit.engine.fields.definitions import CHINESE, ENGLISH, field, kind, world
from tests.unit.ui.widgets.drawing import TEMPLATES, cell, drawn
from ui.widgets.base import ABSENT
from ui.widgets.registry import WIDGETS, widget_of

EVERY_TYPE = sorted(FIELD_TYPES)
FILTERS = {"text", "number", "date", "range", "options", "region", "record", "records", "boolean"}
NASTY = "<script>alert('x')</script>\"&"


def stored(type_key: str, definition: FieldDef) -> Any:
    """Give a stored value, a label for links."""
    if kind(type_key).labelled:
        if kind(type_key).many:
            return (Label(7, "Dune"), Label(9, "Solaris"))
        objects = kind(type_key).objects(definition)
        return Label(7, "Dune", objects[0] if len(objects) > 1 else "")
    for seed in range(20):
        value = kind(type_key).parse(kind(type_key).sample(world(seed), definition), definition)
        if value is not None:
            return value
    if kind(type_key).lines:
        return None  # a table needs the child object: tests of pages hold it
    other = f"{'0a' * 16} image/png 2048 a b.png" if kind(type_key).files else "LN-0001"
    return kind(type_key).parse(other, definition)


def test_every_field_type_has_a_widget_and_no_widget_is_idle() -> None:
    assert {one.widget for one in FIELD_TYPES.values()} == set(WIDGETS)


@pytest.mark.parametrize("type_key", EVERY_TYPE)
class TestEveryWidget:
    def test_has_a_template_and_a_known_filter(self, type_key: str) -> None:
        widget = widget_of(field(type_key))

        assert (TEMPLATES / "widgets" / f"{widget.template}.html").is_file()
        assert widget.filter in FILTERS
        assert widget.align in {"start", "end"}

    def test_empty_value_is_an_empty_cell(self, type_key: str) -> None:
        assert cell(field(type_key), None) == ""

    def test_control_has_a_label_and_well_formed_html(self, type_key: str) -> None:
        page = drawn(field(type_key, label="Shelf"))

        assert page.seen.open == []
        assert "Shelf" in page.text
        labelled = page.all("label", for_="f-value") or page.all("legend")
        assert len(labelled) == 1

    def test_control_tells_what_is_wrong_and_what_helps(self, type_key: str) -> None:
        definition = replace(field(type_key), help={"": "As on the cover"}, required=True)

        page = drawn(definition, error="That is not right")

        assert "That is not right" in page.text
        assert "As on the cover" in page.text
        assert page.all("em", class_="h-req")
        described = [
            one.attributes["aria-describedby"]
            for one in page.seen.elements
            if "aria-describedby" in one.attributes
        ]
        assert described
        ids = {one.attributes.get("id") for one in page.seen.elements}
        assert all(set(names.split()) <= ids for names in described)

    def test_ids_are_unique(self, type_key: str) -> None:
        definition = field(type_key)
        page = drawn(definition, stored=stored(type_key, definition), error="no")

        ids = [one.attributes["id"] for one in page.seen.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids))

    def test_what_is_stored_comes_back_unchanged(self, type_key: str) -> None:
        definition = field(type_key)
        value = stored(type_key, definition)

        for locale in (CHINESE, ENGLISH):
            for scripts in (True, False):
                form = drawn(definition, stored=value, locale=locale).submitted(scripts=scripts)
                raw = widget_of(definition).read(form, "value")
                assert kind(type_key).parse(raw, definition) == unlabelled(value)

    def test_nothing_stored_stays_nothing(self, type_key: str) -> None:
        definition = field(type_key)
        form = drawn(definition).submitted()

        raw = widget_of(definition).read(form, "value")

        assert raw is not ABSENT
        assert kind(type_key).parse(raw, definition) is None

    def test_control_that_was_not_on_the_form_says_so(self, type_key: str) -> None:
        assert widget_of(field(type_key)).read({"other": ["x"]}, "value") is ABSENT

    def test_readonly_control_cannot_change_the_value(self, type_key: str) -> None:
        definition = field(type_key)
        value = stored(type_key, definition)

        page = drawn(definition, stored=value, readonly=True)

        inputs = [one for one in page.seen.elements if one.tag in {"input", "select", "textarea"}]
        inside_disabled = page.all("fieldset", disabled="")
        for one in inputs:
            assert {"readonly", "disabled"} & one.attributes.keys() or inside_disabled

    def test_typed_text_is_shown_again_and_escaped(self, type_key: str) -> None:
        definition = field(type_key, label=NASTY)
        form = {"value": [NASTY], "value.text": [NASTY], "value.shown": [NASTY]}

        page = drawn(definition, form=form, error=NASTY)

        assert "<script" not in page.html
        assert NASTY in page.text

    def test_prefix_goes_before_every_name(self, type_key: str) -> None:
        names = set(drawn(field(type_key), prefix="line-3.").submitted(scripts=False))

        assert names
        assert all(name.startswith("line-3.value") for name in names)
