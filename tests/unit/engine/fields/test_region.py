import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields import region_names
from engine.fields.region import prefix_end
from tests.unit.engine.fields.definitions import (
    CHINESE,
    field,
    kind,
    parsed,
    read,
    refusal,
    world,
)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("33", "33"),
        ("330000", "33"),
        ("330100", "3301"),
        ("330106", "330106"),
        ("浙江", "33"),
        ("浙江省", "33"),
        ("浙江/杭州", "3301"),
        ("浙江省杭州市西湖区", "330106"),
        ("浙江 杭州 西湖", "330106"),
        ("深圳", "4403"),
        ("北京市朝阳区", "110105"),
        ("北京市北京市朝阳区", "110105"),
        ("北京市市辖区朝阳区", "110105"),
        ("内蒙古", "15"),
        ("广西", "45"),
        ("恩施", "4228"),
        ("黔东南", "5226"),
        ("湖北省仙桃市", "429004"),
        ("浦东新区", "310115"),
    ],
)
def test_region_is_found(said: str, code: str) -> None:
    assert parsed("region", said) == code
    assert read("region", said) == code


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("西湖区", "region_ambiguous"),
        ("Atlantis", "unknown_region"),
        ("99", "unknown_region"),
        ("3", "unknown_region"),
        ("33010", "unknown_region"),
        ("浙江深圳", "unknown_region"),
        (33, "not_text"),
        (["33"], "not_text"),
    ],
)
def test_region_is_refused(said: object, reason: str) -> None:
    assert refusal("region", said) == reason


def test_the_same_name_higher_up_wins() -> None:
    assert parsed("region", "吉林") == "22"
    assert parsed("region", "吉林市") == "2202"


def test_depth_limits_the_choice() -> None:
    assert parsed("region", "浙江", depth=1) == "33"
    assert refusal("region", "杭州", depth=1) == "region_too_deep"
    assert refusal("region", "330106", depth=2) == "region_too_deep"


def test_a_level_that_only_repeats_another_is_not_stored() -> None:
    assert parsed("region", "1101") == "11"
    assert parsed("region", "110100") == "11"
    assert kind("region").text("429004", field("region"), CHINESE) == "湖北省仙桃市"


def test_a_code_that_went_out_of_use_is_shown_as_it_is() -> None:
    assert kind("region").text("999999", field("region"), CHINESE) == "999999"


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_what_can_be_chosen_level_by_level_can_be_stored(depth: int) -> None:
    waiting, seen = [""], 0
    while waiting:
        for part in region_names.children(waiting.pop(), depth):
            seen += 1
            assert region_names.canonical(part.code, depth) == part.code
            waiting.append(part.code)
    assert seen >= {1: 34, 2: 300, 3: 2800}[depth]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_samples_are_as_deep_as_can_be(depth: int) -> None:
    for seed in range(30):
        code = kind("region").sample(world(seed), field("region", depth=depth))
        assert parsed("region", code, depth=depth) == code


@given(
    st.from_regex(r"[0-9]{2}([0-9]{2}){0,2}", fullmatch=True), st.text("0123456789", max_size=4)
)
def test_prefix_end_is_the_end_of_all_that_begin_so(code: str, rest: str) -> None:
    assert code <= code + rest < prefix_end(code)
    assert not prefix_end(code).startswith(code)
