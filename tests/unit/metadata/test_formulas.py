"""Formulas: what is read, what is refused, and where exactly the mistake stands."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.formula.check import check_formula
from metadata.formula.errors import FormulaInvalid
from metadata.formula.parse import parse_formula
from metadata.formula.tree import Call, Literal, Name
from metadata.formula.types import BOOLEAN, DATE, LINK, NUMBER, REGION, SELECT, TEXT, ValueType
from metadata.written import Written

FIELDS = {
    "amount": ValueType(NUMBER, "CNY", 2),
    "dollars": ValueType(NUMBER, "USD", 2),
    "pages": ValueType(NUMBER),
    "title": ValueType(TEXT),
    "lent": ValueType(BOOLEAN),
    "due_on": ValueType(DATE),
    "author": ValueType(LINK),
    "author.name": ValueType(TEXT),
    "place": ValueType(REGION),
    "cover": ValueType(""),
    "kind": ValueType(SELECT, options=(("novel", "Novel"), ("poetry", "Poetry"))),
}
PLAIN = ValueType(NUMBER, scale=2)


def refused(text: str, returns: ValueType = PLAIN) -> tuple[str, int]:
    """Give the code of what is wrong, and where."""
    with pytest.raises(FormulaInvalid) as wrong:
        check_formula(text, FIELDS.get, FIELDS, returns)
    return wrong.value.problem, wrong.value.at


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("-a * b", "(-a) * b"),
        ("a - b - c", "(a - b) - c"),
        ("a / b / c", "(a / b) / c"),
        ("not a = b", "not (a = b)"),
        ("a or b and c", "a or (b and c)"),
        ("a = 1 and b <> 2", "(a = 1) and (b <> 2)"),
        ("if（a，b，c）", "if(a,b,c)"),
        ("a ≠ b", "a <> b"),
        ("a == b", "a = b"),
        ("this.a", "a"),
    ],
)
def test_operators_bind_as_everybody_expects(text: str, same: str) -> None:
    assert shape(text) == shape(same)


def shape(text: str) -> object:
    """Give a tree without its places."""

    def plain(tree: Literal | Name | Call) -> object:
        match tree:
            case Literal(value):
                return value
            case Name(path):
                return ("field", path)
            case Call(name, arguments):
                return (name, *map(plain, arguments))

    return plain(parse_formula(text))


def test_texts_keep_their_quotes_and_signs() -> None:
    assert shape('"say ""no"" (1 + 1)"') == 'say "no" (1 + 1)'
    assert shape("'it''s'") == "it's"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("amuont * 2", "formula_unknown_field", 0),
        ("amount + rond(pages)", "formula_unknown_function", 9),
        ("amount * title", "formula_wrong_type", 9),
        ("title + 1", "formula_add_texts", 0),
        ("due_on + 1", "formula_add_dates", 0),
        ("pages + author", "formula_link_value", 8),
        ("if(place = place, 1, 2)", "formula_region_value", 3),
        ("length(cover)", "formula_unusable_field", 7),
        ("amount + dollars", "formula_currencies", 9),
        ("amount * amount", "formula_money_times_money", 0),
        ('if(kind = "nvel", 1, 2)', "formula_unknown_option", 10),
        ("if(pages > title, 1, 2)", "formula_different_types", 11),
        ("round(1, 2, 3)", "formula_arguments", 0),
        ("title", "formula_wrong_result", 0),
        ("today", "formula_not_called", 0),
        ("pages +", "formula_ends_early", 7),
        ("(pages", "formula_not_closed", 0),
        ("pages pages", "formula_unexpected", 6),
        ("1 < pages < 3", "formula_compared_twice", 10),
        ('length("abc', "formula_text_open", 7),
        ("pages ? 2", "formula_character", 6),
        ("1234567890123456789", "formula_number_too_long", 0),
        ("a" * 2001, "formula_too_long", 2000),
        ("1,", "formula_unexpected", 1),
        ("import('os')", "formula_unknown_function", 0),
        ("__class__", "formula_unknown_field", 0),
        ("eq(1, 2)", "formula_unknown_function", 0),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, code: str, at: int) -> None:
    assert refused(text) == (code, at)


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "(" * 900 + "1" + ")" * 900, "-" * 1_900 + "1", "not " * 450 + "lent",
             "1/" * 290 + "1", "abs(" * 300 + "1" + ")" * 300],
)  # fmt: skip
def test_depth_is_refused_before_anything_recurses(text: str) -> None:
    with pytest.raises(FormulaInvalid) as wrong:
        parse_formula(text)
    assert wrong.value.problem in {"formula_too_deep", "formula_too_long", "formula_too_large"}


def test_a_long_chain_of_one_operator_is_not_deep() -> None:
    formula = check_formula("+".join(["pages"] * 250), FIELDS.get, FIELDS, PLAIN)
    assert formula.paths == ("pages",)


def test_suggestions_come_with_what_is_unknown() -> None:
    with pytest.raises(FormulaInvalid) as wrong:
        check_formula("amuont", FIELDS.get, FIELDS, PLAIN)
    assert "amount" in wrong.value.said["known"]


@given(
    st.text(st.sampled_from("()+-*/,.=<>\"' abif01，（é\n"), max_size=60) | st.text(max_size=40)
)
def test_garbage_is_read_or_refused_with_a_place(text: str) -> None:
    place = 0
    try:
        parse_formula(text)
    except FormulaInvalid as wrong:
        place = wrong.at
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    ("raw", "style", "value"),
    [
        ("a + b", "", "a + b"),
        ('"a + \\"x\\" b"', '"', 'a + "x" b'),
        ("'a + ''x'' b'", "'", "a + 'x' b"),
        ("a +\n      b", "", "a + b"),
        ('"a +\n      b"', '"', "a + b"),
        ("|\n    a +\n    b\n", "|", "a +\nb\n"),
        (">\n    a +\n    b\n", ">", "a + b\n"),
    ],
)
def test_a_character_is_found_in_the_file(raw: str, style: str, value: str) -> None:
    written = Written(value, raw, style, 10, 20)
    line, column = written.locate(value.index("b"))

    found = raw.split("\n")[line - 10]
    assert found[column - (20 if line == 10 else 1)] == "b"


def test_numbers_are_exact() -> None:
    assert shape("9999999999999999.99") == Decimal("9999999999999999.99")
