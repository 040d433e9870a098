"""Sections of a form on the customising page: added, named, moved, dropped, undone."""

import re

from tests.integration.designer.conftest import Desk

MAIN, BACK = "tabs/basic/sections/main", "tabs/basic/sections/back"
NEW = "tabs/basic/sections/x_section_1"
LOAN = "/designer/object/loan"


def sections(desk: Desk) -> dict[str, list[str]]:
    """How the published form of loans stands."""
    (tab,) = desk.compiled.site.form_of("loan").tabs.values()
    return {key: list(section.items) for key, section in tab.sections.items()}


def every(cards: dict[str, list[str]]) -> list[str]:
    """Every field of the form, wherever it stands."""
    return sorted(key for keys in cards.values() for key in keys)


def undo(desk: Desk, at: int) -> None:
    """Take one entry of the draft back."""
    names = re.findall(r'name="name" value="(\w+)"', desk.get(LOAN).text)
    assert desk.post(f"{LOAN}/undo", name=names[at]).status_code == 200


def test_a_section_is_added_named_filled_and_published(desk: Desk) -> None:
    desk.post(f"{LOAN}/sections", do="add")
    assert desk.cards("loan")[NEW] == []
    named = {"section": NEW, "label.zh-CN": "提醒", "label.en": "Reminders", "columns": "1"}
    assert "提醒" in desk.send(f"{LOAN}/sections", named).text
    desk.post(f"{LOAN}/fields/due_on/move", section=NEW, after="")
    desk.post(f"{LOAN}/sections", do="up", section=NEW)
    assert list(desk.cards("loan"))[-2:] == [NEW, BACK]
    desk.publish()
    assert list(sections(desk)) == ["main", "x_section_1", "back"]
    assert sections(desk)["x_section_1"] == ["due_on"]
    (tab,) = desk.compiled.site.form_of("loan").tabs.values()
    assert tab.sections["x_section_1"].columns == 1


def test_a_section_that_goes_leaves_its_fields_to_its_neighbour(desk: Desk) -> None:
    before = desk.cards("loan")
    desk.post(f"{LOAN}/sections", do="drop", section=BACK)
    assert desk.cards("loan") == {MAIN: [*before[MAIN], *before[BACK]]}
    desk.publish()
    assert list(sections(desk)) == ["main"]
    assert sections(desk)["main"] == [*before[MAIN], *before[BACK]]


def test_each_step_can_be_taken_back(desk: Desk) -> None:
    before = desk.cards("loan")
    desk.post(f"{LOAN}/sections", do="add")
    desk.post(f"{LOAN}/fields/due_on/move", section=NEW, after="")
    undo(desk, 0)
    assert NEW not in desk.cards("loan")
    assert every(desk.cards("loan")) == every(before)
    desk.post("/designer/discard", full=True)
    desk.post(f"{LOAN}/sections", do="drop", section=BACK)
    undo(desk, -1)
    assert desk.cards("loan") == {MAIN: [*before[MAIN], *before[BACK]], BACK: []}


def test_the_last_section_of_a_tab_stays(desk: Desk) -> None:
    book = "/designer/object/book"
    before = desk.cards("book")
    desk.post(f"{book}/sections", do="drop", section=MAIN)
    assert desk.cards("book") == before
