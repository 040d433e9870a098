"""A list as a browser meets it: scenes, filters, order, pages, columns, many rows at once."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from engine.people import acting
from engine.records.create import create
from tests.support.library import added_field, publish
from tests.support.web import Visit, Web

BOOKS = (
    ("平原上的列车", "钱鑫", "fiction", "38.00", "2019-03-01"),
    ("会说话的树", "林一", "children", "25.50", "2020-05-04"),
    ("织机的历史", "沈梭", "history", "45.00", "2021-07-09"),
    ("海边的灯塔", "林一", "children", None, None),
)


def shelve(web: Web) -> list[int]:
    """Put the books on the shelves; gives their ids."""
    with web.live.write(acting(web.live)) as unit:
        return [
            create(
                unit,
                "book",
                {
                    "title": title,
                    "author": author,
                    "category": category,
                    "price": price,
                    "published_on": day,
                },
            ).id
            for title, author, category, price, day in BOOKS
        ]


def nobody(web: Web) -> Visit:
    """Sign in somebody whose role grants nothing."""
    role = {"kind": "role", "key": "x_none", "label": "None", "objects": {}}
    publish(web.live, {"op": "add", "document": "role/x_none", "path": "", "value": role})
    web.person("新人", "13800000005", "x_none")
    return web.sign_in("13800000005")


def address(**state: Any) -> str:
    where = state.pop("where", None)
    pairs = {**state, **({"where": json.dumps(where)} if where else {})}
    return f"/o/book?{urlencode(pairs)}"


def titles(html: str) -> list[str]:
    """Read the names of the rows, in order."""
    return [unescape(name) for name in re.findall(r'class="h-name"[^>]*>([^<]*)</a>', html)]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_the_page_holds_the_frame_and_the_fragment_does_not(web: Web, visit: Visit) -> None:
    shelve(web)
    page, part = visit.get("/o/book"), visit.part("/o/book")
    assert page.status_code == part.status_code == 200
    assert "<html" in page.text
    assert 'id="side"' in page.text
    assert "<html" not in part.text
    assert part.text.count('id="records"') == page.text.count('id="records"') == 1
    assert titles(part.text) == titles(page.text)
    assert 'id="total" hx-swap-oob="true"' in part.text
    assert "HX-Request-Type" in page.headers["vary"]


def test_the_order_of_the_document_and_of_the_address(web: Web, visit: Visit) -> None:
    shelve(web)
    assert titles(visit.get("/o/book").text) == sorted(book[0] for book in BOOKS)
    dear_first = titles(visit.get(address(sort="-price")).text)
    assert dear_first[0] == "织机的历史"
    assert dear_first[-1] == "海边的灯塔"
    assert 'aria-sort="descending"' in visit.get(address(sort="-price")).text
    nonsense = visit.get(address(sort="no_such_field,-shelf.x"))
    assert nonsense.status_code == 200
    assert len(titles(nonsense.text)) == len(BOOKS)


def test_a_scene_keeps_its_own(web: Web, visit: Visit) -> None:
    shelve(web)
    html = visit.get(address(scene="book.children")).text
    assert sorted(titles(html)) == ["会说话的树", "海边的灯塔"]
    assert re.search(r'aria-current="page"[^>]*>少儿图书', html)


@pytest.mark.parametrize(
    ("test", "said", "kept"),
    [
        (
            {"field": "category", "op": "in", "value": ["children", "history"]},
            "分类 少儿、历史",
            3,
        ),
        ({"field": "published_on", "op": "gte", "value": "2020-05-04"}, "不早于 2020-05-04", 2),
        ({"field": "price", "op": "between", "value": ["25.50", "38"]}, "介于 ¥25.50 – ¥38.00", 2),
        ({"field": "price", "op": "empty"}, "定价 为空", 1),
        ({"field": "author", "op": "contains", "value": "<i>"}, "包含 <i>", 0),
    ],
)
def test_a_filter_reads_as_a_sentence(
    web: Web, visit: Visit, test: dict[str, Any], said: str, kept: int
) -> None:
    shelve(web)
    html = visit.get(address(where={"all": [test]})).text
    assert said in text_of(html)
    assert len(titles(html)) == kept
    assert "<i>" not in html


@pytest.mark.parametrize(
    "where",
    [
        "{not json",
        json.dumps({"all": [{"field": "no_such", "op": "eq", "value": 1}]}),
        json.dumps({"all": [{"field": "price", "op": "eq", "value": "dear"}]}),
        json.dumps({"all": [{"field": "price", "op": "no_such", "value": 1}]}),
    ],
)
def test_a_broken_filter_is_left_out_and_told(web: Web, visit: Visit, where: str) -> None:
    shelve(web)
    answer = visit.get(f"/o/book?{urlencode({'where': where})}")
    assert answer.status_code == 200
    assert len(titles(answer.text)) == len(BOOKS)
    assert "筛选条件已失效" in answer.text


def test_the_editor_makes_a_condition_and_leads_to_the_list(web: Web, visit: Visit) -> None:
    shelve(web)
    editor = visit.part("/o/book/filter?field=category")
    assert 'type="checkbox" name="v1.category" value="children"' in editor.text
    given = {"field": "category", "op": "in", "given": "1", "v1.category": "children"}
    led = visit.get(f"/o/book/filter?{urlencode(given)}")
    assert led.status_code == 303
    assert sorted(titles(visit.get(led.headers["location"]).text)) == ["会说话的树", "海边的灯塔"]


def test_a_group_of_conditions_is_added_edited_and_guarded(web: Web, visit: Visit) -> None:
    shelve(web)
    group = {
        "c.kind": "any",
        "c.0.kind": "test",
        "c.0.field": "title",
        "c.0.op": "contains",
        "c.0.v1.title": "a",
    }
    more = urlencode({**group, "do": "test:c"})
    grown = visit.part(f"/o/book/filter/group?{more}")
    assert 'name="c.1.field"' in grown.text
    assert grown.headers["hx-retarget"] == "#filter-group-"
    assert 'id="filter-group-"' in grown.text
    second = {
        "c.1.kind": "test",
        "c.1.field": "price",
        "c.1.op": "gte",
        "c.1.v1.price": "50",
        "do": "save",
    }
    saved = visit.get(f"/o/book/filter/group?{urlencode({**group, **second})}")
    assert saved.status_code == 303
    page = visit.get(saved.headers["location"])
    assert "/o/book/filter/group?" in page.text
    edit = unescape(page.text.partition('hx-get="/o/book/filter/group?')[2].partition('"')[0])
    again = visit.part(f"/o/book/filter/group?{edit}")
    assert 'name="c.1.v1.price"' in again.text
    wrong = visit.part(
        f"/o/book/filter/group?{urlencode({**group, **second, 'c.1.v1.price': 'x'})}"
    )
    assert wrong.status_code == 422
    guest = nobody(web)
    assert guest.part(f"/o/book/filter/group?{more}").status_code == 404


def test_the_editor_keeps_what_was_typed_wrongly(visit: Visit) -> None:
    given = {"field": "price", "op": "gte", "given": "1", "v1.price": "<b>dear"}
    answer = visit.part(f"/o/book/filter?{urlencode(given)}")
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "this"
    assert 'value="&lt;b&gt;dear"' in answer.text
    assert "不是有效数字" in answer.text
    alone = visit.get(f"/o/book/filter?{urlencode(given)}")
    assert alone.status_code == 422
    assert "<html" in alone.text


def test_the_list_turns_pages(web: Web, visit: Visit) -> None:
    shelve(web)
    with web.live.write(acting(web.live)) as unit:
        for number in range(20):
            create(unit, "book", {"title": f"卷 {number:02}", "author": "众人"})
    first = visit.get("/o/book").text
    assert len(titles(first)) == 20
    assert "第 1–20 条，共 24 条" in text_of(first)
    second = visit.get(address(page=2)).text
    assert len(titles(second)) == 4
    assert not set(titles(first)) & set(titles(second))
    assert titles(visit.get(address(page=99)).text) == []
    assert visit.get(address(page="-1")).status_code == 200


def test_what_a_search_keeps_is_counted_after_the_page(web: Web, visit: Visit) -> None:
    with web.live.write(acting(web.live)) as unit:
        for number in range(23):
            create(unit, "book", {"title": f"卷 {number:02}", "author": "众人"})
    first = visit.get(address(q="众人")).text
    assert "第 1–20 条，共 20+ 条" in text_of(first)
    counted = re.search(r'hx-get="(/o/book/count[^"]*)" hx-trigger="load"', first)
    assert counted
    answer = visit.part(unescape(counted[1])).text
    assert text_of(answer).count("23 条") == 2
    assert 'id="total" hx-swap-oob="true"' in answer
    # The last page tells by itself.
    last = visit.get(address(q="众人", page=2)).text
    assert "第 21–23 条，共 23 条" in text_of(last)
    assert "/o/book/count" not in last


def test_the_page_size_is_remembered_for_the_person_alone(web: Web, visit: Visit) -> None:
    shelve(web)
    web.person("馆员", "13800000003", "librarian")
    answer = visit.post("/o/book/page-size", size="50")
    assert answer.status_code == 303
    assert '<option value="50" selected>' in visit.get("/o/book").text
    other = web.sign_in("13800000003")
    assert '<option value="20" selected>' in other.get("/o/book").text


def test_columns_are_chosen_ordered_and_reset(web: Web, visit: Visit) -> None:
    shelve(web)
    order = ["title", "price", "author", "category", "isbn", "published_on", "shelf"]
    shown = ["title", "price", "author", "updated_at"]
    saved = visit.post(
        "/o/book/columns", order=order, shown=shown, back="/o/book", **{"width:price": "160"}
    )
    assert saved.status_code == 303
    html = visit.get("/o/book").text
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', html)
    assert [head.strip() for head in heads][:4] == ["书名", "定价", "作者", "更新时间"]
    assert "h-w160" in html
    few = visit.post("/o/book/columns", order=order, shown=["title"], back="/o/book")
    assert few.status_code == 422
    visit.post("/o/book/columns", reset="1", back="//elsewhere.example")
    assert "出版日期" in text_of(visit.get("/o/book").text)


def test_a_scene_of_ones_own_is_kept_used_and_removed(web: Web, visit: Visit) -> None:
    shelve(web)
    where = json.dumps({"all": [{"field": "author", "op": "eq", "value": "林一"}]})
    saved = visit.post("/o/book/scenes", label="<b>林一的书", where=where)
    assert saved.status_code == 303
    html = visit.get(saved.headers["location"]).text
    assert sorted(titles(html)) == ["会说话的树", "海边的灯塔"]
    assert "&lt;b&gt;林一的书" in html
    assert "<b>林一的书" not in html
    again = visit.post("/o/book/scenes", label="<b>林一的书", where=where)
    assert again.status_code == 422
    web.person("馆员", "13800000003", "librarian")
    assert "林一的书" not in web.sign_in("13800000003").get("/o/book").text
    asked = visit.get("/o/book/scenes/remove?scene=book.my_1")
    assert "林一的书" in asked.text
    visit.post("/o/book/scenes/remove", scene="book.my_1")
    assert "林一的书" not in visit.get("/o/book").text


def test_many_rows_are_deleted_after_a_question(web: Web, visit: Visit) -> None:
    ids = shelve(web)
    chosen = [str(one) for one in ids[:2]]
    asked = visit.post("/o/book/bulk", action="delete", ids=chosen)
    assert asked.status_code == 200
    assert len(titles(visit.get("/o/book").text)) == len(BOOKS)
    done = visit.post("/o/book/bulk", action="delete", ids=chosen, confirmed="1")
    assert done.status_code == 303
    assert len(titles(visit.get("/o/book").text)) == len(BOOKS) - 2
    none = visit.post("/o/book/bulk", action="delete")
    assert none.status_code == 303
    every = visit.post("/o/book/bulk", action="delete", everything="1", confirmed="1")
    assert every.status_code == 303
    assert titles(visit.get("/o/book").text) == []


def test_the_panel_lies_over_the_list_at_an_address_of_its_own(web: Web, visit: Visit) -> None:
    first = shelve(web)[0]
    page = visit.get(address(peek=first)).text
    assert f'data-peek-id="{first}"' in page
    panel = visit.part(f"/o/book/{first}/peek").text
    assert "<html" not in panel
    assert f'data-peek-id="{first}"' in panel
    gone = visit.get(address(peek=999_999)).text
    assert "data-peek-id" not in gone


def test_quick_search_looks_into_the_searched_fields(web: Web, visit: Visit) -> None:
    shelve(web)
    assert titles(visit.get(address(q="灯塔")).text) == ["海边的灯塔"]
    assert len(titles(visit.get(address(q="林一")).text)) == 2
    empty = visit.get(address(q="<script>alert(1)</script>")).text
    assert titles(empty) == []
    assert "<script>alert" not in empty


def test_what_a_role_hides_is_neither_listed_nor_filtered_by(web: Web, visit: Visit) -> None:
    shelve(web)
    role = {
        "kind": "role",
        "key": "x_guest",
        "label": "Guest",
        "objects": {
            "book": {"read": "all", "fields": {"price": "hidden", "author": {"mask": "list"}}}
        },
    }
    publish(web.live, {"op": "add", "document": "role/x_guest", "path": "", "value": role})
    web.person("访客", "13800000004", "x_guest")
    guest = web.sign_in("13800000004")
    html = guest.get("/o/book").text
    assert "定价" not in html
    assert "¥45.00" not in html
    assert "林一" not in html
    assert "data-pick-page" not in html
    assert "新建图书" not in html
    told = guest.get(address(where={"all": [{"field": "price", "op": "gt", "value": "30"}]})).text
    assert len(titles(told)) == len(BOOKS)
    refused = guest.post("/o/book/bulk", action="delete", ids="1", confirmed="1")
    assert refused.status_code == 403


def test_an_unknown_object_and_one_out_of_reach_look_the_same(web: Web, visit: Visit) -> None:
    guest = nobody(web)
    hidden, absent = guest.get("/o/book"), guest.get("/o/no_such_object")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text == absent.text
    page = visit.get("/o/no_such_object")
    assert page.status_code == 404
    assert 'id="side"' in page.text


def test_a_label_of_markup_is_text_everywhere(web: Web, visit: Visit) -> None:
    shelve(web)
    publish(web.live, added_field("x_mark", label='a<b & "c"'))
    with web.live.write(acting(web.live)) as unit:
        create(unit, "book", {"title": "<img src=x onerror=1>", "author": "a"})
    html = visit.get("/o/book").text
    assert "<img" not in html
    assert "&lt;img src=x onerror=1&gt;" in html
    assert "a&lt;b &amp; " in html
    assert "a<b" not in html


def test_a_footer_sums_what_the_list_keeps(web: Web, visit: Visit) -> None:
    with web.live.write(acting(web.live)) as unit:
        for number, deposit in enumerate(("100.00", "50.50")):
            values = {"name": f"读者{number}", "mobile": f"1370000000{number}", "deposit": deposit}
            create(unit, "reader", values | {"joined_on": "2026-01-05"})
    assert "合计 ¥150.50" in text_of(visit.get("/o/reader").text)


def test_home_leads_to_the_first_entry_of_the_menu(web: Web, visit: Visit) -> None:
    answer = visit.get("/")
    assert answer.status_code == 303
    assert visit.get(answer.headers["location"]).status_code == 200
    assert "还没有可以打开的页面" in nobody(web).get("/").text
