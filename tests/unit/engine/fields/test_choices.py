from typing import Any

import pytest

from engine.errors import InvalidValue
from metadata.model import FieldDef
from tests.unit.engine.fields.definitions import (
    CHINESE,
    ENGLISH,
    field,
    kind,
    option,
    parsed,
    read,
    refusal,
    world,
)

GENRES = {
    "sf": option("sf", {"zh-CN": "科幻", "en": "Science fiction"}, "blue"),
    "crime": option("crime", {"zh-CN": "推理, 悬疑", "en": "Crime"}),
    "old": option("old", {"zh-CN": "古籍", "en": "Antique"}, retired=True),
    "a": option("a", {"zh-CN": "甲", "en": "A"}),
}


def genres(type_key: str, **props: Any) -> FieldDef:
    return field(type_key, options=GENRES, **props)


@pytest.mark.parametrize(
    "said", ["科幻", "sf", "Science fiction", "ＳＦ", "science FICTION", " sf "]
)
def test_files_name_options_by_label_or_key(said: str) -> None:
    assert read("select", said, options=GENRES) == "sf"


def test_api_takes_keys_only() -> None:
    assert parsed("select", "sf", options=GENRES) == "sf"
    assert refusal("select", "科幻", options=GENRES) == "unknown_option"
    assert refusal("select", 1, options=GENRES) == "not_text"


def test_retired_option_stays_where_it_is_and_is_refused_anew() -> None:
    select = kind("select")

    assert refusal("select", "old", options=GENRES) == "option_retired"
    assert select.parse_change("old", "old", genres("select")) == "old"
    assert select.text("old", genres("select"), CHINESE) == "古籍"
    assert select.parse_operand("eq", "old", genres("select")) == "old"
    with pytest.raises(InvalidValue):
        select.parse_change("old", "sf", genres("select"))
    with pytest.raises(InvalidValue):
        read("select", "古籍", options=GENRES)


def test_label_of_an_open_option_wins_over_a_retired_one() -> None:
    options = {"x": option("x", "Same", retired=True), "y": option("y", "Same")}

    assert read("select", "Same", options=options) == "y"
    assert read("select", "same", options=options) == "y"


def test_labels_follow_the_language() -> None:
    assert kind("select").text("sf", genres("select"), CHINESE) == "科幻"
    assert kind("select").text("sf", genres("select"), ENGLISH) == "Science fiction"
    assert kind("select").text("gone", genres("select"), ENGLISH) == "gone"


def test_several_are_kept_in_the_order_of_the_options() -> None:
    assert parsed("multi_select", ["a", "sf", "a"], options=GENRES) == ("sf", "a")
    assert parsed("multi_select", "a,sf", options=GENRES) == ("sf", "a")
    assert parsed("multi_select", [], options=GENRES) is None
    assert parsed("multi_select", [""], options=GENRES) is None
    assert refusal("multi_select", ["x"], options=GENRES) == "unknown_option"
    assert refusal("multi_select", {"a": 1}, options=GENRES) == "not_a_list"
    assert refusal("multi_select", ["a"] * 101, options=GENRES) == "too_many_values"


def test_a_label_with_a_comma_is_one_label() -> None:
    shown = kind("multi_select").text(("sf", "crime"), genres("multi_select"), CHINESE)

    assert shown == "科幻、推理, 悬疑"
    assert read("multi_select", shown, options=GENRES) == ("sf", "crime")
    assert read("multi_select", "推理, 悬疑,科幻", options=GENRES) == ("sf", "crime")


def test_retired_ones_stay_among_several() -> None:
    several = kind("multi_select")

    assert several.parse_change(["old", "a"], ("old",), genres("multi_select")) == ("old", "a")
    with pytest.raises(InvalidValue):
        several.parse_change(["old", "a"], ("a",), genres("multi_select"))


def test_conditions_on_several_ask_for_single_ones() -> None:
    several = kind("multi_select")

    assert several.parse_operand("contains", "a", genres("multi_select")) == "a"
    assert several.parse_operand("in", ["a", "old"], genres("multi_select")) == ["a", "old"]


def test_tags_are_options_or_new_texts() -> None:
    assert parsed("tags", "科幻，好看、 好看", options=GENRES, allow_new=True) == ("sf", "好看")
    assert parsed("tags", ["New", "new"], options=GENRES, allow_new=True) == ("New",)
    assert refusal("tags", ["New"], options=GENRES, allow_new=False) == "unknown_option"
    assert refusal("tags", ["古籍"], options=GENRES, allow_new=True) == "option_retired"
    assert refusal("tags", ["a,b"], allow_new=True) == "separator_in_tag"
    assert refusal("tags", ["x" * 31], allow_new=True) == "too_long"
    assert refusal("tags", [["x"]], allow_new=True) == "not_text"


def test_tags_that_are_there_stay_when_new_ones_are_no_longer_allowed() -> None:
    tags = kind("tags")
    closed = genres("tags", allow_new=False)

    assert tags.parse_change(["mine", "sf"], ("mine",), closed) == ("mine", "sf")


def test_tags_are_found_by_their_labels() -> None:
    assert "科幻" in kind("tags").search_text(("sf", "mine"), genres("tags"))
    assert "mine" in kind("tags").search_text(("sf", "mine"), genres("tags"))
    assert kind("tags").parse_operand("contains", "科幻", genres("tags")) == "sf"


def test_samples_never_choose_retired_options() -> None:
    for seed in range(60):
        assert kind("select").sample(world(seed), genres("select")) != "old"
        assert "old" not in kind("multi_select").sample(world(seed), genres("multi_select"))


@pytest.mark.parametrize("raw", [True, 1, "1", "true", "Yes", "是", "on", "ＹＥＳ"])
def test_true(raw: object) -> None:
    assert parsed("boolean", raw) is True


@pytest.mark.parametrize("raw", [False, 0, "0", "false", "No", "否", "off"])
def test_false(raw: object) -> None:
    assert parsed("boolean", raw) is False


@pytest.mark.parametrize("raw", ["maybe", 2, 1.0, [], "truefalse"])
def test_neither_true_nor_false(raw: object) -> None:
    assert refusal("boolean", raw) == "not_a_boolean"


def test_booleans_are_words() -> None:
    assert kind("boolean").text(True, field("boolean"), CHINESE) == "是"
    assert kind("boolean").text(False, field("boolean"), ENGLISH) == "No"
    assert read("boolean", 1.0) is True
