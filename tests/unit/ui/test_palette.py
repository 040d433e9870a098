import pytest

from ui.pages.palette import FITTING, Command, chosen, known, read_places

COMMANDS = list(
    known(
        [
            Command("新建图书", "plus", "/o/book/new", about="图书"),
            Command("图书", "book", "/o/book"),
            Command("借阅图书计划", "table", "/o/plan"),
            Command("Sign out", "log-out", press="button"),
        ]
    )
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("图书", ["图书", "新建图书", "借阅图书计划"]),
        ("ts", ["图书", "新建图书"]),
        ("xjts", ["新建图书"]),
        ("tsjh", []),
        ("图书 计划", ["借阅图书计划"]),
        ("out", ["Sign out"]),
        ("书图", []),
    ],
)
def test_what_fits_is_chosen_and_what_begins_so_comes_first(
    typed: str, expected: list[str]
) -> None:
    assert [one.label for one in chosen(COMMANDS, typed.split(" "))] == expected
    assert len(expected) <= FITTING


def test_places_are_read_and_nonsense_is_passed_over() -> None:
    assert read_places("book/1,loan/22") == [("book", 1), ("loan", 22)]
    assert read_places("") == read_places("book,book/,/1,book/0,book/x,book/²,../1") == []
    assert read_places(f"book/{'9' * 40}") == []
    assert len(read_places(",".join(["book/1"] * 99))) < 99
