from decimal import Decimal

import pytest

from engine.fields import sample_words
from tests.unit.engine.fields.definitions import field, kind, parsed, world

ROWS = 3000


@pytest.mark.parametrize("hint", ["company_name", "product_name", "book_title", "mobile", "code"])
def test_no_two_rows_have_the_same(hint: str) -> None:
    made = {sample_words.text(world(row, row), hint) for row in range(ROWS)}

    assert len(made) == ROWS


@pytest.mark.parametrize("hint", sorted(sample_words.TEXTS))
def test_every_hint_fits_a_line_and_repeats_by_seed(hint: str) -> None:
    for row in range(200):
        text = sample_words.text(world(row, row), hint)
        assert parsed("text", text) == text
        assert sample_words.text(world(row, row), hint) == text


@pytest.mark.parametrize("hint", ["mobile", "telephone", None])
def test_numbers_can_be_dialled(hint: str | None) -> None:
    phone, definition = kind("phone"), field("phone", sample=hint)

    for row in range(ROWS):
        assert phone.parse(phone.sample(world(row, row), definition), definition)


def test_amounts_stay_in_the_range_of_the_hint() -> None:
    definition = field("money", sample={"amount": {"min": "5000", "max": "200000"}})

    for seed in range(300):
        amount = Decimal(kind("money").sample(world(seed), definition))
        assert Decimal(5000) <= amount <= Decimal(200_000)


def test_samples_respect_the_limits_of_the_field() -> None:
    number = field("integer", min=3, max=5)
    price = field("decimal", scale=1, min="2.5", max="2.5")

    assert {kind("integer").sample(world(seed), number) for seed in range(60)} == {3, 4, 5}
    assert kind("decimal").sample(world(), price) == "2.5"
    assert len(kind("text").sample(world(), field("text", max_length=2))) <= 2
