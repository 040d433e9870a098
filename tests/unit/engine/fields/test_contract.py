"""What every field type must do; a new type is covered the day it is registered."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.errors import InvalidValue
from engine.fields import region_names
from engine.fields.base import FieldType
from engine.fields.registry import COMPUTED_TYPES, FIELD_TYPES, TYPES, registered
from metadata.conditions import OPERATORS, WITHOUT_VALUE
from metadata.schemas import field_schema
from tests.unit.engine.fields.definitions import CHINESE, ENGLISH, field, world
from ui.designer.faces import FACES
from ui.i18n import LANGUAGES, translate
from ui.widgets.registry import WIDGETS

EVERY_TYPE = [pytest.param(kind, id=kind.key) for kind in FIELD_TYPES.values()]
PLAIN_TYPES = [
    pytest.param(kind, id=kind.key) for kind in FIELD_TYPES.values() if not kind.labelled
]
COLUMN_KINDS = {"text", "integer", "boolean", "date", "instant", "files"}

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
LOOKALIKES = st.sampled_from(
    ["2026-02-30", "1e999", "-", "+", "9" * 400, "1,2,3", "http://[", "a@", "١٢", "²", "330106x"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | LOOKALIKES
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
CELLS = SCALARS | st.dates() | st.datetimes() | st.datetimes(timezones=st.just(UTC))
LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)


WRITTEN = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30
)


def taken_or_explained(call: Callable[..., object], *arguments: object) -> None:
    """Call; a refusal must have words in every language, any other exception gets out."""
    try:
        call(*arguments)
    except InvalidValue as error:
        for language in LANGUAGES:
            translate(language, f"invalid.{error.reason}", **error.params)


def region_codes() -> Iterable[str]:
    """Give every code that the table has."""
    return sorted(region_names.table().regions)


# The zone of the tests shifted its clocks until 1991: such an hour has no one local text.
FIRST = datetime.fromisoformat("1992-01-01")
LAST = datetime.fromisoformat("9998-12-30")

GOOD: dict[str, st.SearchStrategy[Any]] = {
    "text": LINE,
    "long_text": st.lists(LINE, max_size=4).map("\n".join),
    "rich_text": st.lists(WRITTEN, max_size=4).map(
        lambda lines: "".join(f"<p>{escape(line)}</p>" for line in lines)
    ),
    "integer": st.integers(-(2**53) + 1, 2**53 - 1),
    "decimal": st.decimals(-(10**15), 10**15, places=2),
    "percent": st.decimals(-(10**15), 10**15, places=2).map(lambda number: f"{number}%"),
    "money": st.decimals(-(10**15), 10**15, places=2).map(str),
    "boolean": st.booleans(),
    "date": st.dates(date(1000, 1, 1), date(9998, 12, 31)),
    "datetime": st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    "date_range": st.tuples(
        st.dates(date(1000, 1, 1), date(9998, 12, 31)),
        st.dates(date(1000, 1, 1), date(9998, 12, 31)),
    ).map(sorted),
    "select": st.sampled_from(["red", "blue"]),
    "multi_select": st.lists(st.sampled_from(["red", "blue"]), max_size=3),
    "tags": st.lists(
        st.text(st.characters(codec="utf-8", categories=("L", "N")), max_size=8), max_size=5
    ),
    "region": st.deferred(lambda: st.sampled_from(list(region_codes()))),
}


def good_values(kind: FieldType) -> st.SearchStrategy[Any]:
    """Give raw input that the type takes: its own strategy, else many of its samples."""
    definition = field(kind.key)
    samples = st.integers(0, 10**6).map(lambda seed: kind.sample(world(seed, seed), definition))
    return GOOD.get(kind.key, samples)


@pytest.mark.parametrize("kind", EVERY_TYPE)
class TestEveryFieldType:
    def test_smallest_definition_is_valid(self, kind: FieldType) -> None:
        body = {"type": kind.key, "label": "Value", **kind.smallest}

        errors = list(Draft202012Validator(dict(field_schema(TYPES, kind.key))).iter_errors(body))

        assert [error.message for error in errors] == []

    def test_definition_without_what_it_needs_is_invalid(self, kind: FieldType) -> None:
        validator = Draft202012Validator(dict(field_schema(TYPES, kind.key)))

        for needed in kind.needs:
            body = {"type": kind.key, "label": "Value", **kind.smallest}
            del body[needed]
            assert not validator.is_valid(body)

    def test_unknown_property_is_invalid(self, kind: FieldType) -> None:
        body = {"type": kind.key, "label": "Value", **kind.smallest, "shape": "round"}

        assert not Draft202012Validator(dict(field_schema(TYPES, kind.key))).is_valid(body)

    @pytest.mark.parametrize("nothing", [None, "", "  ", "\u3000"])
    def test_nothing_typed_is_nothing_stored(self, kind: FieldType, nothing: object) -> None:
        definition = field(kind.key)

        assert kind.parse(nothing, definition) is None
        assert kind.from_text(nothing, definition, CHINESE) is None
        assert kind.parse_change(nothing, None, definition) is None

    def test_nothing_stored_is_nothing_shown(self, kind: FieldType) -> None:
        definition = field(kind.key)

        assert kind.text(None, definition, CHINESE) == ""
        assert kind.export(None, definition, CHINESE) is None
        assert kind.unique_key(None, definition) is None
        assert kind.search_text(None, definition) == ""
        assert kind.api(None, definition) in (None, [])

    def test_columns_are_of_a_known_kind_and_width(self, kind: FieldType) -> None:
        columns = kind.columns(field(kind.key))

        assert columns
        assert {column.kind for column in columns} <= COLUMN_KINDS
        assert all(0 < column.width <= 64 for column in columns)

    def test_samples_parse_and_repeat(self, kind: FieldType) -> None:
        definition = field(kind.key)

        for seed in range(40):
            raw = kind.sample(world(seed, seed), definition)
            kind.parse(raw, definition)
            assert kind.sample(world(seed, seed), definition) == raw

    def test_operators_are_those_of_the_condition_language(self, kind: FieldType) -> None:
        assert kind.operators
        assert kind.operators <= OPERATORS
        assert {"empty", "not_empty"} <= kind.operators

    def test_conversions_name_known_types_and_a_rule(self, kind: FieldType) -> None:
        assert set(kind.conversions) <= set(FIELD_TYPES)
        assert all(kind.conversions.values())

    def test_has_a_widget_and_a_name_in_every_language(self, kind: FieldType) -> None:
        assert kind.widget in WIDGETS
        for language in LANGUAGES:
            assert translate(language, f"field_type.{kind.key}")

    def test_metadata_may_ask_for_every_trait(self, kind: FieldType) -> None:
        for trait in ("unique", "sortable", "search", "required", "options"):
            assert isinstance(TYPES.can(kind.key, trait), bool)
        assert TYPES.operators(kind.key) == kind.operators
        assert set(TYPES.schema(kind.key)) == {"properties", "required"}

    @given(raw=JSON)
    @settings(max_examples=120)
    def test_refuses_garbage_with_a_reason_only(self, kind: FieldType, raw: Any) -> None:
        definition = field(kind.key)
        taken_or_explained(kind.parse, raw, definition)

    @given(cell=CELLS)
    @settings(max_examples=80)
    def test_refuses_cells_of_files_with_a_reason_only(self, kind: FieldType, cell: Any) -> None:
        definition = field(kind.key)
        for locale in (CHINESE, ENGLISH):
            taken_or_explained(kind.from_text, cell, definition, locale)

    @given(data=st.data(), raw=JSON)
    @settings(max_examples=80)
    def test_refuses_operands_with_a_reason_only(
        self, kind: FieldType, data: st.DataObject, raw: Any
    ) -> None:
        with_value = sorted(kind.operators - WITHOUT_VALUE)
        if with_value:
            op = data.draw(st.sampled_from(with_value))
            taken_or_explained(kind.parse_operand, op, raw, field(kind.key))

    @pytest.mark.parametrize("empty", [None, "", " "])
    def test_condition_needs_a_value(self, kind: FieldType, empty: object) -> None:
        for op in kind.operators - WITHOUT_VALUE - {"between"}:
            with pytest.raises(InvalidValue):
                kind.parse_operand(op, empty, field(kind.key))

    def test_lists_of_operands_are_lists(self, kind: FieldType) -> None:
        definition = field(kind.key)
        raw = kind.sample(world(3), definition)
        if kind.many or raw is None or "in" not in kind.operators:
            return
        assert (
            kind.parse_operand("in", [raw, raw], definition)
            == [kind.parse_operand("eq", raw, definition)] * 2
        )


@pytest.mark.parametrize("kind", PLAIN_TYPES)
class TestRoundTrips:
    @given(data=st.data())
    @settings(max_examples=60)
    def test_api_form_parses_to_the_same(self, kind: FieldType, data: st.DataObject) -> None:
        definition = field(kind.key)
        stored = kind.parse(data.draw(good_values(kind)), definition)

        assert kind.parse(kind.api(stored, definition), definition) == stored
        assert kind.parse_change(kind.api(stored, definition), stored, definition) == stored

    @given(data=st.data())
    @settings(max_examples=60)
    def test_text_reads_back_to_the_same(self, kind: FieldType, data: st.DataObject) -> None:
        definition = field(kind.key)
        stored = kind.parse(data.draw(good_values(kind)), definition)

        for locale in (CHINESE, ENGLISH):
            shown = kind.text(stored, definition, locale)
            assert kind.from_text(shown, definition, locale) == stored

    @given(data=st.data())
    @settings(max_examples=40)
    def test_exported_cell_reads_back_to_the_same(
        self, kind: FieldType, data: st.DataObject
    ) -> None:
        definition = field(kind.key)
        stored = kind.parse(data.draw(good_values(kind)), definition)

        cell = kind.export(stored, definition, CHINESE)
        assert kind.from_text(cell, definition, CHINESE) == stored

    @given(data=st.data())
    @settings(max_examples=20)
    def test_equal_values_have_equal_unique_keys(
        self, kind: FieldType, data: st.DataObject
    ) -> None:
        definition = field(kind.key)
        stored = kind.parse(data.draw(good_values(kind)), definition)

        key = kind.unique_key(stored, definition)
        assert (key is not None) == (kind.uniqueable and stored is not None)
        assert kind.unique_key(stored, definition) == key


@pytest.mark.parametrize("key", sorted(COMPUTED_TYPES))
class TestEveryComputedType:
    """Its values are of one of the types above; what it has of its own is its document's part."""

    def test_smallest_definition_is_valid_and_needs_all_it_says(self, key: str) -> None:
        kind = COMPUTED_TYPES[key]
        validator = Draft202012Validator(dict(field_schema(TYPES, key)))
        body = {"type": key, "label": "Value", **kind.smallest}

        assert validator.is_valid(body)
        assert kind.needs <= set(kind.schema)
        for needed in kind.needs:
            less = {name: part for name, part in body.items() if name != needed}
            assert not validator.is_valid(less)

    def test_nobody_can_ask_for_what_people_fill(self, key: str) -> None:
        assert not any(TYPES.can(key, trait) for trait in ("unique", "required"))

    def test_has_a_face_and_a_name_in_every_language(self, key: str) -> None:
        assert key in FACES
        for language in LANGUAGES:
            assert translate(language, f"field_type.{key}")

    def test_gives_values_of_known_types_alone(self, key: str) -> None:
        returns = COMPUTED_TYPES["formula"].schema["returns"]["enum"]

        assert set(returns) <= set(FIELD_TYPES)
        assert all(FIELD_TYPES[name].formula_kind for name in returns), key


class Nameless(FieldType):
    operators = frozenset({"eq"})

    def parse(self, raw: object, field: Any) -> Any:
        return raw

    def text(self, stored: Any, field: Any, locale: Any) -> str:
        return ""

    def sample(self, world: Any, field: Any) -> Any:
        return "same"


class Whole(Nameless):
    key = "whole"
    widget = "whole"


class TestRegistry:
    def test_takes_a_whole_type(self) -> None:
        assert list(registered([Whole()])) == ["whole"]

    def test_refuses_a_type_without_its_parts(self) -> None:
        with pytest.raises(ValueError, match="lacks key, widget"):
            registered([Nameless()])

    def test_refuses_two_types_of_one_name(self) -> None:
        with pytest.raises(ValueError, match="two field types are called whole"):
            registered([Whole(), Whole()])

    @pytest.mark.parametrize(
        ("part", "value", "said"),
        [
            ("key", "Whole One", "its key is no key"),
            ("widget", "", "its widget is no key"),
            ("operators", frozenset({"resembles"}), "operators"),
            ("operators", frozenset(), "operators"),
            ("needs", frozenset({"to"}), "its schema does not know"),
            ("has_options", True, "has no options"),
            ("many", True, "one column cannot hold many values"),
            ("conversions", {"paper": "fold"}, "converts to unknown types"),
        ],
    )
    def test_refuses_a_part_that_contradicts(self, part: str, value: Any, said: str) -> None:
        broken = type("Broken", (Whole,), {part: value})

        with pytest.raises(ValueError, match=said):
            registered([broken()])

    def test_metadata_knows_exactly_the_registered_types(self) -> None:
        assert TYPES.names() == {*FIELD_TYPES, *COMPUTED_TYPES}
        with pytest.raises(ValueError, match="no trait"):
            TYPES.can("text", "shiny")
