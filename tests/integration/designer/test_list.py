"""Columns and scenes on the customising page: arranged, added, removed, edited."""

from typing import Any

from tests.integration.designer.conftest import Desk, Reader

LIST = "/designer/object/book/list"


def columns(desk: Desk) -> list[str]:
    return list(desk.compiled.site.list_of("book").columns)


def sent(desk: Desk, what: str, order: list[str], **more: Any) -> Any:
    answer = desk.send(LIST, {"what": what, "order": order, **more})
    assert answer.status_code == 200, answer.text
    return answer


def test_columns_are_ordered_added_removed_and_given_a_width(desk: Desk) -> None:
    before = columns(desk)
    wanted = [*before[1:], before[0]]
    sent(desk, "columns", wanted)
    sent(desk, "columns", wanted, add="shelf" if "shelf" not in before else "created_by")
    added = "shelf" if "shelf" not in before else "created_by"
    sent(desk, "columns", [*wanted, added], do=f"drop:{wanted[0]}")
    sent(desk, "columns", [*wanted[1:], added], **{f"width:{added}": "120"})
    desk.publish()
    assert columns(desk) == [*wanted[1:], added]
    assert desk.compiled.site.list_of("book").columns[added].width == 120
    sent(desk, "columns", before)
    desk.publish()
    assert columns(desk) == before


def test_a_width_of_the_pack_stays_when_others_change(desk: Desk) -> None:
    listed = desk.compiled.site.list_of("book").columns
    widths = {f"width:{key}": str(column.width or "") for key, column in listed.items()}
    sent(desk, "columns", list(reversed(list(listed))), **widths)
    desk.publish()
    after = desk.compiled.site.list_of("book").columns
    assert list(after) == list(reversed(list(listed)))
    assert {key: one.width for key, one in after.items()} == {
        key: one.width for key, one in listed.items()
    }


def test_a_list_always_has_a_column(desk: Desk) -> None:
    answer = desk.send(LIST, {"what": "columns", "order": "", "do": ""})
    assert answer.status_code == 422
    assert columns(desk)


def test_a_scene_is_added_edited_ordered_and_taken_off(desk: Desk) -> None:
    scene = {
        "scene": "",
        "label.zh-CN": "小说",
        "label.en": "Fiction",
        "count": "true",
        "c.kind": "all",
        "c.0.kind": "test",
        "c.0.field": "category",
        "c.0.op": "in",
        "c.0.v1.category": "fiction",
    }
    nameless = desk.send(f"{LIST}/scene", {**scene, "label.zh-CN": "", "label.en": ""})
    assert nameless.status_code == 422
    assert desk.send(f"{LIST}/scene", {**scene, "do": "save"}).status_code in (204, 303)
    shown = Reader(desk.get(LIST).text).text
    assert "小说" in shown
    desk.publish()
    key = "book.x_scene_1"
    scenes = list(desk.compiled.site.list_of("book").scenes)
    assert scenes[-1] == key
    assert desk.compiled.site.scenes[key].count
    changed = {**scene, "scene": key, "label.zh-CN": "小说类", "count": ""}
    assert desk.send(f"{LIST}/scene", {**changed, "do": "save"}).status_code in (204, 303)
    sent(desk, "scenes", [key, *scenes[:-1]], default=key)
    desk.publish()
    listed = desk.compiled.site.list_of("book")
    assert next(iter(listed.scenes)) == key
    assert [name for name, one in listed.scenes.items() if one.get("default")] == [key]
    assert desk.compiled.site.scenes[key].label["zh-CN"] == "小说类"
    sent(desk, "scenes", [key, *scenes[:-1]], do=f"drop:{key}")
    desk.publish()
    assert key not in desk.compiled.site.list_of("book").scenes
    sent(desk, "scenes", scenes[:-1], add=key)
    desk.publish()
    assert key in desk.compiled.site.list_of("book").scenes


def test_the_views_of_a_list_are_set_and_taken_back(desk: Desk) -> None:
    page = desk.send(LIST, {"what": "views", "view": "kanban", "sum": "price"}).text
    assert '<option value="kanban" selected>' in page
    assert '<option value="price" selected>' in page
    desk.publish()
    listed = desk.compiled.site.list_of("book")
    assert listed.view == "kanban"
    assert listed.kanban is not None
    assert (listed.kanban.by, listed.kanban.sum, listed.calendar) == ("category", "price", "")
    both = {"what": "views", "view": "calendar", "by": "category", "date": "published_on"}
    desk.send(LIST, both)
    desk.publish()
    listed = desk.compiled.site.list_of("book")
    assert (listed.view, listed.calendar) == ("calendar", "published_on")
    assert listed.kanban is not None
    assert listed.kanban.sum == ""
    desk.send(LIST, {"what": "views", "view": "gone", "by": "title", "date": "price"})
    desk.publish()
    listed = desk.compiled.site.list_of("book")
    assert (listed.view, listed.kanban, listed.calendar) == ("table", None, "")
