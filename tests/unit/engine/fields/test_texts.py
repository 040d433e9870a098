import pytest

from tests.unit.engine.fields.definitions import field, kind, parsed, read, refusal


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  Dune ", "Dune"),
        ("\u3000沙丘\u3000", "沙丘"),
        ("\ufeff \ufeffDune", "Dune"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("👩‍🚀 e\u0301", "👩‍🚀 e\u0301"),
        ("x" * 255, "x" * 255),
    ],
)
def test_text_is_stored_as_typed_but_trimmed(raw: str, stored: str) -> None:
    assert parsed("text", raw) == stored


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("x" * 256, "too_long"),
        ("two\nlines", "control_character"),
        ("a\x00b", "control_character"),
        ("a\ud800b", "control_character"),
        ("a\x7fb", "control_character"),
        (12, "not_text"),
        (True, "not_text"),
        (["a"], "not_text"),
        ({"a": 1}, "not_text"),
    ],
)
def test_text_refuses(raw: object, reason: str) -> None:
    assert refusal("text", raw) == reason


def test_text_is_as_long_as_its_field_says() -> None:
    assert parsed("text", "沙" * 5, max_length=5) == "沙" * 5
    assert refusal("text", "沙" * 6, max_length=5) == "too_long"


def test_long_text_keeps_its_lines() -> None:
    assert parsed("long_text", "a\r\nb\rc\n\td") == "a\nb\nc\n\td"
    assert refusal("long_text", "a\x0bb") == "control_character"
    assert refusal("long_text", "x" * 10_001) == "too_long"


def test_text_kept_although_the_limit_shrank_since() -> None:
    definition = field("text", max_length=3)

    assert kind("text").parse_change("Foundation", "Foundation", definition) == "Foundation"


@pytest.mark.parametrize(
    ("cell", "stored"), [(12.0, "12"), (1.5, "1.5"), (True, "true"), (10**30, "1e+30")]
)
def test_numbers_of_a_sheet_become_text(cell: object, stored: str) -> None:
    assert read("text", cell) == stored


@pytest.mark.parametrize(
    ("one", "other"), [("ＡＢＣ", "ABC"), ("㈱", "(株)"), (" a ", "a"), ("ｱ", "ア")]
)
def test_unique_ignores_width_and_edges(one: str, other: str) -> None:
    text = kind("text")
    definition = field("text")

    assert text.unique_key(one, definition) == text.unique_key(other, definition)


def test_unique_minds_case_but_not_in_addresses() -> None:
    assert kind("text").unique_key("Dune", field("text")) != kind("text").unique_key(
        "dune", field("text")
    )
    assert kind("email").unique_key("Ann@Example.com", field("email")) == "ann@example.com"


def test_a_piece_to_search_for_needs_not_be_a_whole_value() -> None:
    for key, piece in (("email", "@example"), ("url", "exam"), ("text", "x" * 200)):
        definition = field(key)
        assert kind(key).parse_operand("contains", piece, definition) == piece
