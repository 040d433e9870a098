"""The page of a record, its form, its history, the bin and search, as a browser meets them."""

import re
from html import unescape
from typing import Any

from tests.support.library import added_field, publish
from tests.support.web import Visit, Web

BOOK = {"title": "织机的历史", "author": "沈梭", "category": "fiction", "price": "45.00"}
CLERK: dict[str, Any] = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_clerk",
        "label": "Clerk",
        "objects": {
            "book": {
                "read": "all",
                "update": "all",
                "fields": {
                    "shelf": "hidden",
                    "author": "read",
                    "isbn": {"level": "edit", "mask": "always"},
                },
            },
            "reader": {"read": "all", "create": True},
            "loan": {"read": "own", "create": True, "update": "own"},
        },
    },
}


FEW = {"reader": {"read": "all", "delete": "all"}}


def narrowed(objects: dict[str, Any]) -> dict[str, Any]:
    """Give the clerk's role with other grants."""
    return CLERK | {"value": CLERK["value"] | {"objects": objects}}


def made(visit: Visit, object_key: str, **values: Any) -> int:
    """Create a record by its form; gives the id."""
    answer = visit.post(f"/o/{object_key}", **values)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def book(visit: Visit, **values: Any) -> int:
    return made(visit, "book", **(BOOK | values))


def lent(visit: Visit, book_id: int) -> tuple[int, int]:
    """Make a reader who has a book; gives reader and loan."""
    reader = made(visit, "reader", name="梁纬", mobile="13700000001", joined_on="2026-01-05")
    loan = made(visit, "loan", reader=str(reader), book=str(book_id), lent_on="2026-11-01")
    return reader, loan


def text_of(html: str) -> str:
    """Give what one reads of a page, spaces joined."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def field_html(html: str, key: str) -> str:
    """Give the part of a form that holds a field."""
    return html.partition(f'id="field-{key}"')[2].partition('id="field-')[0]


def version_in(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]


def test_a_record_is_created_and_shown(visit: Visit) -> None:
    record = book(visit, isbn="978-7-100-00001-1")
    page = visit.get(f"/o/book/{record}")
    assert page.status_code == 200
    assert "<title>织机的历史 ·" in page.text
    shown = text_of(page.text)
    for part in ("沈梭", "978-7-100-00001-1", "¥45.00", "小说", "借阅记录", "操作记录"):
        assert part in shown
    assert f'href="/o/book/{record}/edit"' in page.text
    assert 'href="/designer/object/book"' in page.text


def test_a_refused_form_keeps_what_was_typed_and_says_where(visit: Visit) -> None:
    answer = visit.post("/o/book", title="", author="沈<梭>", price="很贵", category="poetry")
    assert answer.status_code == 422
    html = answer.text
    assert 'href="#field-title"' in html
    assert 'href="#field-price"' in html
    assert html.index("#field-title") < html.index("#field-price")
    assert 'aria-invalid="true"' in field_html(html, "title")
    assert 'value="很贵"' in field_html(html, "price")
    assert "不是有效数字" in field_html(html, "price")
    assert 'value="沈&lt;梭&gt;"' in field_html(html, "author")
    assert "data-typed" in html
    assert "还没有图书" in visit.get("/o/book").text


def test_save_and_new_leads_to_the_same_empty_form(visit: Visit) -> None:
    record = book(visit)
    page = visit.get(f"/o/loan/new?book={record}&_back=/o/book/{record}%3Ftab%3Dloans")
    assert f'name="book" value="{record}"' in page.text
    assert 'value="织机的历史"' in field_html(page.text, "book")
    again = re.search(r'name="_again" value="([^"]+)"', page.text)
    assert again
    reader = made(visit, "reader", name="梁纬", mobile="13700000001", joined_on="2026-01-05")
    loan = {"reader": str(reader), "book": str(record), "lent_on": "2026-11-01"}
    hidden = {"_again": unescape(again[1]), "_back": f"/o/book/{record}?tab=loans"}
    more = visit.post("/o/loan", **loan, **hidden, _next="new")
    assert more.headers["location"].startswith(f"/o/loan/new?book={record}")
    done = visit.post("/o/loan", **loan, **hidden)
    assert done.headers["location"] == f"/o/book/{record}?tab=loans"
    away = visit.post("/o/loan", **loan, _back="//elsewhere.example", _again="https://x.example")
    assert away.headers["location"].startswith("/o/loan/")


def test_a_change_is_saved_and_told(visit: Visit) -> None:
    record = book(visit)
    form = visit.get(f"/o/book/{record}/edit").text
    assert 'value="45.00"' in field_html(form, "price")
    values = BOOK | {"price": "52.5", "version": version_in(form)}
    answer = visit.post(f"/o/book/{record}", **values)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/o/book/{record}")
    history = text_of(visit.get(f"/o/book/{record}?tab=history").text)
    assert "管理员 修改了" in history
    assert re.search(r"定价 原来： ¥45.00 → 改为： ¥52.50", history)
    wrong = visit.post(f"/o/book/{record}", **(values | {"price": "x", "version": "2"}))
    assert wrong.status_code == 422
    assert 'value="x"' in field_html(wrong.text, "price")


def test_a_stale_form_saves_only_what_its_person_changed(visit: Visit) -> None:
    record = book(visit)
    version = version_in(visit.get(f"/o/book/{record}/edit").text)
    visit.post(f"/o/book/{record}", **(BOOK | {"price": "60", "version": version}))
    answer = visit.post(f"/o/book/{record}", **(BOOK | {"shelf": "B2", "version": version}))
    assert answer.status_code == 303, answer.text
    shown = text_of(visit.get(f"/o/book/{record}").text)
    assert "¥60.00" in shown
    assert "B2" in shown


def test_a_field_is_edited_in_its_place(visit: Visit) -> None:
    record = book(visit)
    place = f"/o/book/{record}/field/price"
    editor = visit.part(place).text
    assert 'value="45.00"' in editor
    wrong = visit.post_part(place, price="abc", version="1")
    assert wrong.status_code == 422
    assert 'value="abc"' in wrong.text
    assert "不是有效数字" in wrong.text
    saved = visit.post_part(place, price="46", version="1")
    assert saved.status_code == 200
    assert saved.text.startswith('<div class="h-value" id="value-price">')
    assert saved.text.count("¥46.00") == 2  # in its place and among the facts
    stale = visit.post_part(place, price="47", version="1")
    assert stale.status_code == 409
    assert "¥46.00" in text_of(stale.text)
    assert version_in(stale.text) == "2"
    assert visit.post_part(place, price="47", version="2").status_code == 200
    back = visit.part(f"{place}?show=1")
    assert "¥47.00" in back.text
    assert visit.get(place).headers["location"] == f"/o/book/{record}/edit#field-price"
    plain = visit.post(place, price="48", version="3")
    assert plain.headers["location"] == f"/o/book/{record}"


def test_a_field_that_others_hang_on_brings_the_whole_tab(visit: Visit) -> None:
    _, loan = lent(visit, book(visit))
    assert 'id="value-returned_on"' not in visit.get(f"/o/loan/{loan}").text
    saved = visit.post_part(f"/o/loan/{loan}/field/state", state="returned", version="1")
    assert saved.headers["hx-retarget"] == "#tabs"
    assert 'id="value-returned_on"' in saved.text


def test_hidden_fields_are_hidden_and_not_saved(visit: Visit) -> None:
    _, loan = lent(visit, book(visit))
    form = visit.get(f"/o/loan/{loan}/edit").text
    start = form.rindex("<div", 0, form.index('id="field-returned_on"'))
    assert form[start : form.index(">", start)].endswith(" hidden")
    sent = {"state": "lent", "returned_on": "2026-11-20", "version": "1"}
    assert visit.post(f"/o/loan/{loan}", **sent).status_code == 303
    sent = {"state": "returned", "version": "1"}
    assert visit.post(f"/o/loan/{loan}", **sent).status_code == 303
    assert "2026-11-20" not in visit.get(f"/o/loan/{loan}").text
    needed = visit.get("/o/reader/new").text
    assert "is-needed" not in field_html(needed, "deposit")
    refused = visit.post("/o/reader", name="", level="gold")
    opening = refused.text[: refused.text.index('id="field-deposit"')].rpartition("<div")[2]
    assert "is-needed" in opening


def test_a_name_typed_without_choosing_is_looked_up(visit: Visit) -> None:
    record = book(visit)
    reader, _ = lent(visit, record)
    sent = {"reader.text": "梁纬", "reader": "", "book": str(record), "lent_on": "2026-11-02"}
    loan = made(visit, "loan", **sent)
    assert f'href="/o/reader/{reader}"' in visit.get(f"/o/loan/{loan}").text
    refused = visit.post("/o/loan", **(sent | {"reader.text": "谁也不是"}))
    assert refused.status_code == 422
    assert "没有找到这个名称" in field_html(refused.text, "reader")
    assert 'value="谁也不是"' in field_html(refused.text, "reader")
    assert field_html(refused.text, "reader").count("必填") == 0


def test_what_stands_in_the_way_of_deleting_is_named(visit: Visit) -> None:
    record = book(visit)
    _, loan = lent(visit, record)
    question = visit.part(f"/o/book/{record}/delete")
    assert f'href="/o/loan/{loan}"' in question.text
    assert "is-danger" not in question.text
    blocked = visit.post_part(f"/o/book/{record}/delete", version="1")
    assert blocked.status_code == 409
    assert f'href="/o/loan/{loan}"' in blocked.text
    assert "借阅" in blocked.text
    assert visit.get(f"/o/book/{record}").status_code == 200
    visit.post(f"/o/loan/{loan}/delete", version="1")
    late = visit.post(f"/o/book/{record}/delete", version="7")
    assert late.status_code == 409
    gone = visit.post(f"/o/book/{record}/delete", version="1")
    assert (gone.status_code, gone.headers["location"]) == (303, "/o/book")


def test_what_falls_with_a_record_is_told_beforehand(web: Web, visit: Visit) -> None:
    rule = {"op": "set", "document": "object/loan", "path": "fields/reader/on_delete"}
    publish(web.live, rule | {"value": "cascade"})
    reader, _ = lent(visit, book(visit))
    question = text_of(visit.part(f"/o/reader/{reader}/delete").text)
    assert "借阅 1 条一同移入回收站" in question
    publish(web.live, rule | {"value": "clear"})
    question = text_of(visit.part(f"/o/reader/{reader}/delete").text)
    assert "借阅 1 条不再关联它" in question
    publish(web.live, CLERK | {"value": CLERK["value"] | {"objects": FEW}})
    web.person("陈捻", "13900000001", "x_clerk")
    clerk = web.sign_in("13900000001")
    question = text_of(clerk.part(f"/o/reader/{reader}/delete").text)
    assert "借阅" not in question
    assert "你无权查看的记录 1 条不再关联它" in question


def test_the_bin_gives_back_and_deletes_for_good(visit: Visit) -> None:
    kept, lost, twin = (book(visit, isbn=f"978-{number}") for number in range(3))
    for record in (kept, lost, twin):
        visit.post(f"/o/book/{record}/delete")
    page = visit.get("/o/book/bin")
    assert page.text.count('name="ids"') == 3
    assert "管理员" in text_of(page.text)
    binned = visit.get(f"/o/book/{kept}").text
    assert "在回收站中" in binned
    assert f"/o/book/{kept}/edit" not in binned
    back = visit.post(f"/o/book/{kept}/restore")
    assert back.headers["location"] == f"/o/book/{kept}"
    assert "在回收站中" not in visit.get(f"/o/book/{kept}").text
    visit.post(f"/o/book/{kept}", **(BOOK | {"isbn": "978-2", "version": "3"}))
    many = visit.post("/o/book/bin/restore", ids=[str(lost), str(twin)])
    assert many.status_code == 200
    assert "已使用此值" in many.text
    assert visit.get(f"/o/book/{lost}/edit").status_code == 200
    asked = visit.post("/o/book/bin/purge", ids=str(twin))
    assert "彻底删除选中的 1 条" in asked.text
    assert "在回收站中" in visit.get(f"/o/book/{twin}").text
    visit.post("/o/book/bin/purge", ids=str(twin), confirmed="1")
    assert visit.get(f"/o/book/{twin}").status_code == 404
    assert "回收站是空的" in visit.get("/o/book/bin").text
    nothing = visit.post("/o/book/bin/restore")
    assert nothing.headers["location"] == "/o/book/bin"


def test_what_is_out_of_reach_looks_as_if_it_were_not_there(web: Web, visit: Visit) -> None:
    publish(web.live, CLERK)
    web.person("陈捻", "13900000001", "x_clerk")
    clerk = web.sign_in("13900000001")
    _, loan = lent(visit, book(visit))
    for path in ("", "?tab=history", "/edit", "/delete", "/field/state"):
        hidden, absent = (clerk.get(f"/o/loan/{one}{path}") for one in (loan, loan + 5))
        assert hidden.status_code == absent.status_code
        if path == "":
            assert hidden.status_code == 404
        assert hidden.content == absent.content
    assert clerk.get(f"/o/loan/{2**70}").status_code == 404
    assert clerk.post(f"/o/loan/{2**70}", version="1").status_code == 404
    assert clerk.part(f"/o/loan/{loan}/peek").status_code == 404
    assert clerk.post(f"/o/loan/{loan}", state="lost", version="1").status_code == 404
    assert clerk.get("/o/nothing/1").status_code == 404
    assert clerk.get("/o/book/new").status_code == 403
    assert clerk.get("/o/book/bin").status_code == 403


def test_fields_show_as_rights_say(web: Web, visit: Visit) -> None:
    publish(web.live, CLERK)
    web.person("陈捻", "13900000001", "x_clerk")
    record = book(visit, isbn="978-7-100-00001-1", shelf="密架 9")
    clerk = web.sign_in("13900000001")
    for path in ("", "/edit", "?tab=history"):
        html = clerk.get(f"/o/book/{record}{path}").text
        assert "密架 9" not in html
        assert "978-7-100-00001-1" not in html
    shown = clerk.get(f"/o/book/{record}").text
    assert "978***********1-1" in shown
    assert f"/o/book/{record}/field/price" in shown
    assert f"/o/book/{record}/field/author" not in shown
    assert f"/o/book/{record}/delete" not in shown
    assert "/designer" not in shown
    form = clerk.get(f"/o/book/{record}/edit").text
    assert 'name="author"' not in form
    assert "沈梭" in field_html(form, "author")
    sent = BOOK | {"author": "别人", "price": "50", "version": "1"}
    assert clerk.post(f"/o/book/{record}", **sent).status_code == 303
    after = text_of(visit.get(f"/o/book/{record}").text)
    assert "¥50.00" in after
    assert "别人" not in after
    assert "密架 9" in after
    assert clerk.post(f"/o/book/{record}/field/author", author="x", version="2").status_code == 403


def test_values_never_become_markup(visit: Visit) -> None:
    evil = "<script>alert(1)</script>\"'&"
    record = book(visit, title=evil, author=evil, shelf="<b>x")
    reader, _ = lent(visit, record)
    visit.post_part(f"/o/book/{record}/field/shelf", shelf="<i>y", version="1")
    paths = [
        f"/o/book/{record}",
        f"/o/book/{record}?tab=history",
        f"/o/book/{record}?tab=loans",
        f"/o/book/{record}/edit",
        f"/o/book/{record}/delete",
        f"/o/reader/{reader}?tab=loans",
        "/search?q=script",
        f"/o/book/{record}/field/title",
        f"/o/book/{record}/peek",
        f"/o/loan/new?book={record}",
    ]
    for path in paths:
        for answer in (visit.get(path), visit.part(path)):
            assert "<script>alert" not in answer.text, path
            assert "<b>x" not in answer.text, path
            assert "<i>y" not in answer.text, path
    assert "&lt;script&gt;alert(1)" in visit.get(f"/o/book/{record}").text


def test_history_tells_who_did_what(visit: Visit) -> None:
    record = book(visit)
    visit.post_part(f"/o/book/{record}/field/category", category="history", version="1")
    visit.post(f"/o/book/{record}/delete")
    visit.post(f"/o/book/{record}/restore")
    html = visit.part(f"/o/book/{record}?tab=history").text
    told = text_of(html)
    order = [told.index(word) for word in ("恢复了", "移入了回收站", "修改了", "创建了这条记录")]
    assert order == sorted(order)
    assert "<html" not in html
    assert "分类" in told
    visit.post("/language", language="en")
    english = text_of(visit.get(f"/o/book/{record}?tab=history").text)
    assert "created this record" in english
    assert "Category" in english
    assert "Category Before: Fiction → After: History" in english


def test_tabs_are_links_and_fragments(visit: Visit) -> None:
    record = book(visit)
    _, loan = lent(visit, record)
    page = visit.get(f"/o/book/{record}?tab=loans").text
    assert "<html" in page
    assert f"/o/loan/{loan}" in page
    assert re.search(r'借阅记录<span class="h-count">1</span>', page)
    assert f"/o/loan/new?book={record}&amp;_back=" in page
    part = visit.part(f"/o/book/{record}?tab=loans").text
    assert part.lstrip().startswith("<nav")
    assert "<html" not in part
    assert visit.get(f"/o/book/{record}?tab=none").status_code == 200


def test_a_record_lies_over_its_list(visit: Visit) -> None:
    record = book(visit)
    assert visit.get(f"/o/book/{record}/peek").headers["location"] == f"/o/book?peek={record}"
    panel = visit.part(f"/o/book/{record}/peek").text
    assert f'data-peek-id="{record}"' in panel
    assert "¥45.00" in panel
    assert f'data-peek-id="{record}"' in visit.get(f"/o/book?peek={record}").text
    assert visit.get("/o/book?peek=999").status_code == 200


def test_search_finds_records_by_right(web: Web, visit: Visit) -> None:
    record = book(visit)
    found = visit.get("/search?q=织机").text
    assert f'href="/o/book/{record}"' in found
    drop = visit.part("/search?q=沈梭").text
    assert "<html" not in drop
    assert 'role="option"' in drop
    assert "没有找到" in visit.get("/search?q=无此书").text
    publish(web.live, narrowed({"reader": {"read": "all"}}))
    web.person("陈捻", "13900000001", "x_clerk")
    assert "没有找到" in web.sign_in("13900000001").get("/search?q=织机").text


def test_home_is_the_first_entry_or_says_that_there_is_none(web: Web, visit: Visit) -> None:
    assert visit.get("/").headers["location"] == "/o/book"
    publish(web.live, narrowed({"book": {"read": "all"}}))
    web.person("无权", "13900000009", "x_clerk")
    lonely = web.sign_in("13900000009").get("/")
    assert lonely.status_code == 200
    assert "还没有可以打开的页面" in lonely.text


def test_a_cell_of_a_list_is_edited(visit: Visit) -> None:
    record = book(visit)
    place = f"/o/book/{record}/field/price?in=cell"
    assert visit.part(place).text.startswith('<td class="is-editing"')
    wrong = visit.post_part(place, price="x", version="1")
    assert wrong.status_code == 422
    saved = visit.post_part(place, price="99", version="1")
    assert re.search(r'<td class="[^"]*is-number[^"]*" data-field="price">¥99.00</td>', saved.text)


def test_several_links_are_ticked_typed_and_told(visit: Visit, web: Web) -> None:
    publish(
        web.live,
        added_field("x_parts", type="links", to="reader", label="读者"),
        added_field("x_team", type="users", label="团队"),
    )
    first = made(visit, "reader", name="梁纬", mobile="13700000001", joined_on="2026-01-05")
    second = made(visit, "reader", name="沈梭", mobile="13700000002", joined_on="2026-01-05")
    record = book(visit, x_parts=["", str(first)], **{"x_parts.text": "沈梭"})
    page = visit.get(f"/o/book/{record}")
    assert f'<a class="h-pill" href="/o/reader/{first}">梁纬</a>' in page.text
    assert f'<a class="h-pill" href="/o/reader/{second}">沈梭</a>' in page.text
    form = visit.get(f"/o/book/{record}/edit").text
    drawn = field_html(form, "x_parts")
    assert drawn.count("checked") == 2
    refused = visit.post(
        f"/o/book/{record}",
        **BOOK,
        version=version_in(form),
        x_parts=["", str(first)],
        **{"x_parts.shown": [f"{first} 梁纬"], "x_parts.text": "没有此人"},
    )
    assert refused.status_code == 422
    again = field_html(refused.text, "x_parts")
    assert "没有此人" in again
    assert f'value="{first} 梁纬"' in again
    saved = visit.post(
        f"/o/book/{record}", **BOOK, version=version_in(form), x_parts=["", str(second)]
    )
    assert saved.status_code == 303
    told = visit.get(f"/o/book/{record}?tab=history").text
    assert "移除：</span>梁纬" in told
    offered = visit.get("/lookup/book/x_parts?x_parts.text=梁")
    assert 'data-h-label="梁纬"' in offered.text
