"""Arrangements of forms and the changes that make them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from metadata.documents import Document
from metadata.overrides import apply_changes_to
from ui.designer.ordering import Layout, arrangement, kept, layout_changes, put, stepped

FORM = "form/book.edit"
MAIN, MORE = "tabs/t/sections/main", "tabs/t/sections/more"
KEYS = tuple("abcdefg")


def body(main: tuple[str, ...], more: tuple[str, ...]) -> dict[str, Any]:
    sections = {"main": main, "more": more}
    return {
        "object": "book",
        "tabs": {
            "t": {
                "sections": {
                    name: {"columns": 2, "items": {key: {} for key in keys}}
                    for name, keys in sections.items()
                }
            }
        },
    }


def applied(form: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Apply changes as the local layer would."""
    entries: dict[str, dict[str, Any]] = {}
    for change in changes:
        entry = entries.setdefault(change["path"], {})
        op = change["op"] if change["op"] != "place" or not entry else entry["op"]
        entry.update({key: change[key] for key in ("value", "after") if key in change}, op=op)
    document = Document("form", "book.edit", form, None, "pack")
    result = apply_changes_to(document, [("local", entries)]).document
    assert result is not None
    return arrangement(result.body)


@given(st.permutations(KEYS), st.integers(0, len(KEYS)))
def test_any_arrangement_can_be_made(order: list[str], cut: int) -> None:
    form = body(KEYS[:4], KEYS[4:])
    natural = arrangement(form)
    wanted = {MAIN: order[:cut], MORE: order[cut:]}
    layout = Layout(document=FORM, items={})
    for whole in (False, True):
        changes = layout_changes(layout, natural, wanted, whole=whole)
        assert applied(form, changes) == wanted


@given(st.permutations(KEYS))
def test_the_fewest_fields_are_moved(order: list[str]) -> None:
    still = kept(KEYS, order)
    in_order = [key for key in order if key in still]
    assert in_order == sorted(in_order)


def test_the_one_that_was_moved_is_placed_not_its_neighbour() -> None:
    natural = {MAIN: ["a", "b", "c"]}
    for mover, wanted in (("b", ["b", "a", "c"]), ("a", ["b", "a", "c"])):
        layout = Layout(document=FORM, items={}, moved={mover})
        (change,) = layout_changes(layout, natural, {MAIN: wanted})
        assert change["path"].endswith(f"/{mover}")


def test_nothing_moved_is_no_change() -> None:
    natural = {MAIN: ["a", "b"]}
    assert layout_changes(Layout(document=FORM, items={}, moved={"a"}), natural, natural) == []


def test_a_new_field_is_not_taken_away_but_added_where_it_belongs() -> None:
    layout = Layout(document=FORM, items={"x": {"width": 100}}, fresh={"x"})
    changes = layout_changes(layout, {MAIN: ["a"], MORE: ["x"]}, {MAIN: ["x", "a"], MORE: []})
    assert changes == [
        {
            "op": "add",
            "document": FORM,
            "path": f"{MAIN}/items/x",
            "after": "",
            "value": {"width": 100},
        }
    ]


def test_an_item_taken_away_earlier_comes_back_before_it_is_placed() -> None:
    layout = Layout(document=FORM, items={}, taken_away={f"{MAIN}/items/b"})
    changes = layout_changes(layout, {MAIN: ["a"], MORE: ["b"]}, {MAIN: ["a", "b"], MORE: []})
    assert [(one["op"], one["path"]) for one in changes] == [
        ("remove", f"{MORE}/items/b"),
        ("remove", f"{MAIN}/items/b"),
        ("place", f"{MAIN}/items/b"),
    ]


def test_steps_go_from_section_to_section_and_stop_at_the_ends() -> None:
    start = {MAIN: ["a", "b"], MORE: ["c"]}
    assert stepped(start, "a", 1) == {MAIN: ["b", "a"], MORE: ["c"]}
    assert stepped(start, "b", 1) == {MAIN: ["a"], MORE: ["b", "c"]}
    assert stepped(start, "c", -1) == {MAIN: ["a", "b", "c"], MORE: []}
    assert stepped(start, "a", -1) == start
    assert stepped(start, "c", 1) == start
    assert stepped(start, "z", 1) == start


def test_a_field_is_put_after_a_neighbour_or_off_the_form() -> None:
    start = {MAIN: ["a", "b"], MORE: []}
    assert put(start, "b", MORE) == {MAIN: ["a"], MORE: ["b"]}
    assert put(start, "b", MAIN, "") == {MAIN: ["b", "a"], MORE: []}
    assert put(start, "c", MAIN, "a") == {MAIN: ["a", "c", "b"], MORE: []}
    assert put(start, "a", "") == {MAIN: ["b"], MORE: []}
