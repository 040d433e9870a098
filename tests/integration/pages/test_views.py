"""A list as a kanban and as a calendar: by scene, filter and right; moving is a guarded change."""

import json
import re
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import urlencode

from engine.people import acting
from engine.records.create import create
from engine.records.writing import Writing
from tests.support.library import added_field, publish
from tests.support.statements import counted
from tests.support.web import Visit, Web
from ui.pages.board import CARDS, read_board
from ui.pages.list_read import open_list
from ui.pages.list_state import read_state
from ui.pages.short_numbers import short_number

BOARD = {"view": "kanban", "by": "state"}
NUMBERS = count(10)
"""Ends of mobile numbers: no two readers have the same."""
NOVEMBER = {"view": "calendar", "by": "due_on", "on": "2026-11-10"}


def address(key: str, **state: str) -> str:
    return f"/o/{key}?{urlencode(state)}"


def lend(web: Web, many: int, owner: int | None = None, **values: Any) -> list[int]:
    """Make loans of one book by one reader."""
    with web.live.write(acting(web.live)) as unit:
        mobile = f"136123400{next(NUMBERS)}"
        reader = {"name": "林晓燕", "mobile": mobile, "joined_on": "2026-01-01"}
        card = create(unit, "reader", reader).id
        book = create(unit, "book", {"title": "织机的历史", "author": "沈梭"}).id
        told = {"reader": card, "book": book, "lent_on": "2026-11-01", **values}
        writing = Writing(owner=owner or web.admin_id)
        return [create(unit, "loan", told, writing=writing).id for _ in range(many)]


def columns(html: str) -> dict[str, tuple[int, list[int]]]:
    """Read a board: key of a column -> its count, the ids of its cards."""
    found = {}
    for part in html.split('<section class="h-column"')[1:]:
        anchor = re.search(r'id="column-([^"]*)"', part)
        number = re.search(r'class="h-count"[^>]*>([\d,]+)<', part)
        assert anchor
        assert number
        ids = [int(one) for one in re.findall(r'id="card-(\d+)"', part)]
        found[anchor[1]] = (int(number[1].replace(",", "")), ids)
    return found


def days(html: str) -> dict[str, list[int]]:
    """Read a calendar: day -> the ids of its entries; days without any are left out."""
    found: dict[str, list[int]] = {}
    for number, day in re.findall(r'data-id="(\d+)" data-version="\d+" data-day="([\d-]+)"', html):
        found.setdefault(day, []).append(int(number))
    return found


def move(visit: Visit, record: int, version: int, to: str, **state: str) -> Any:
    sent = {"id": str(record), "version": str(version), "to": to, **state}
    return visit.post_part("/o/loan/move", **sent)


def told(answer: Any) -> str:
    """Read the notice that an answer carries."""
    return str(json.loads(answer.headers["hx-trigger"])["toast"]["text"])


def test_a_board_counts_sums_and_shows_what_the_list_keeps(web: Web, visit: Visit) -> None:
    document = {"op": "set", "document": "list/loan.main"}
    publish(
        web.live,
        {"op": "add", "document": "object/loan", "path": "fields/x_fee", "value": {
            "type": "money", "label": "费用", "scale": 2, "currency": "CNY"}},
        {**document, "path": "kanban", "value": {"by": "state", "sum": "x_fee"}},
        {**document, "path": "view", "value": "kanban"},
    )  # fmt: skip
    out = lend(web, CARDS + 2, x_fee="1000.00")
    lost = lend(web, 1, state="lost", due_on="2026-11-20")
    html = visit.get("/o/loan").text
    found = columns(html)
    assert {key: count for key, (count, _) in found.items()} == {
        "lent": CARDS + 2, "returned": 0, "lost": 1
    }  # fmt: skip
    assert len(found["lent"][1]) == CARDS
    assert found["lost"][1] == lost
    assert "¥2.2万" in html
    assert "¥22,000.00" in html
    more = re.search(r'hx-get="([^"]*column=lent[^"]*)"', html)
    assert more
    rest = visit.part(unescape(more[1])).text
    shown = {*found["lent"][1], *(int(one) for one in re.findall(r'id="card-(\d+)"', rest))}
    assert shown == set(out)
    assert "column=" not in rest
    with_due = {"all": [{"field": "due_on", "op": "not_empty"}]}
    assert columns(visit.part(address("loan", **BOARD, where=json.dumps(with_due))).text) == {
        "lent": (0, []), "returned": (0, []), "lost": (1, lost)
    }  # fmt: skip
    state = read_state("loan", BOARD)
    with web.live.read(acting(web.live)) as unit:
        opening = open_list(unit, state)
        read_board(unit, opening, "state")
        with counted(unit.connection) as sent:
            read_board(unit, opening, "state")
        assert len(sent) == 2
    broken = visit.get(address("loan", **BOARD, where='{"field":"gone","op":"empty"}'))
    assert "筛选条件已失效" in broken.text
    assert columns(broken.text)["lost"] == (1, lost)


def test_a_moved_card_is_a_guarded_change(web: Web, visit: Visit) -> None:
    (loan,) = lend(web, 1)
    answer = move(visit, loan, 1, "lost", **BOARD)
    assert answer.status_code == 200
    assert answer.headers["hx-retarget"] == f"#card-{loan}"
    assert f'id="card-{loan}" data-id="{loan}" data-version="2" data-in="lost"' in answer.text
    heads = re.findall(r'id="column-(\w+)" hx-swap-oob="true"', answer.text)
    assert heads == ["lent", "returned", "lost"]
    late = move(visit, loan, 1, "returned", **BOARD)
    assert late.status_code == 409
    assert "遗失" in told(late)
    assert late.headers["hx-retarget"] == "#records"
    assert columns(late.text)["lost"] == (1, [loan])
    wrong = move(visit, loan, 2, "no_such", **BOARD)
    assert wrong.status_code == 422
    assert "状态" in told(wrong)
    mine = {**BOARD, "scene": "loan.out"}
    assert move(visit, loan, 2, "lent", **mine).status_code == 200
    gone = move(visit, loan, 3, "lost", **mine)
    assert gone.status_code == 200
    assert "data-id" not in gone.text
    menu = visit.part(f"/o/loan/move?{urlencode(BOARD)}&id={loan}").text
    assert re.findall(r'name="to" value="(\w+)"', menu) == ["lent", "returned"]
    plain = visit.post("/o/loan/move", id=str(loan), version="4", to="lent", **BOARD)
    assert plain.status_code == 303
    assert plain.headers["location"] == address("loan", **BOARD)
    assert move(visit, loan, 5, "lent", view="kanban", by="number").status_code == 422


def test_rights_decide_what_is_seen_and_what_moves(web: Web, visit: Visit) -> None:
    clerk = web.person("小馆员", "13800000005", "librarian")
    (own,) = lend(web, 1, owner=clerk)
    (other,) = lend(web, 1)
    theirs = web.sign_in("13800000005")
    html = theirs.get(address("loan", **BOARD)).text
    cards = re.findall(r'id="card-(\d+)"[^>]*?( draggable="true")?>', html)
    assert {int(card): bool(can) for card, can in cards} == {own: True, other: False}
    assert move(theirs, other, 1, "lost", **BOARD).status_code == 403
    assert move(theirs, own, 1, "lost", **BOARD).status_code == 200
    publish(
        web.live,
        {"op": "set", "document": "role/librarian", "path": "objects/loan/fields",
         "value": {"state": "hidden", "due_on": "read"}},
    )  # fmt: skip
    html = theirs.get(address("loan", **BOARD)).text
    assert 'id="column-lent"' not in html
    assert '<option value="state"' not in html
    assert "draggable" not in html
    assert move(theirs, own, 2, "lent", **BOARD).status_code == 422
    assert theirs.part(f"/o/loan/board?{urlencode(BOARD)}&column=lent").status_code == 422
    html = theirs.get(address("loan", **NOVEMBER)).text
    assert 'class="h-month"' in html
    assert "data-drop" not in html
    assert move(theirs, own, 2, "2026-11-20", **NOVEMBER).status_code == 403


def test_a_month_places_records_on_their_days(web: Web, visit: Visit) -> None:
    first, *others = lend(web, 6, due_on="2026-11-09")
    late = lend(web, 1, due_on="2026-12-05")
    html = visit.get(address("loan", **NOVEMBER)).text
    assert days(html) == {"2026-11-09": [first, *others[:2]], "2026-12-05": late}
    assert "2026年11月 6 条" in html
    rest = re.search(r'<li class="h-more"><a href="([^"]+)">还有 3 条', html)
    assert rest
    assert len(re.findall(r'<tr data-id="', visit.get(unescape(rest[1])).text)) == 6
    moved = move(visit, first, 1, "2026-11-20", **NOVEMBER)
    assert days(moved.text)["2026-11-20"] == [first]
    early = move(visit, first, 2, "2026-10-30", **NOVEMBER)
    assert early.status_code == 422
    assert "应还日期不能早于借出日期" in told(early)
    assert days(early.text)["2026-11-20"] == [first]
    onward = re.search(r'href="([^"]+)"[^>]*aria-label="下个月"', html)
    assert onward
    assert "2026年12月 1 条" in visit.part(unescape(onward[1])).text


def test_a_stretch_moves_whole_and_a_moment_keeps_its_time(web: Web, visit: Visit) -> None:
    publish(
        web.live, added_field("x_fair", type="date_range"), added_field("x_at", type="datetime")
    )
    with web.live.write(acting(web.live)) as unit:
        stretch = {"from": "2026-11-29", "to": "2026-12-01"}
        values = {"title": "织机", "author": "沈梭", "x_fair": stretch, "x_at": "2026-11-10T23:30"}
        book = create(unit, "book", values).id
    by_fair = {"view": "calendar", "by": "x_fair", "on": "2026-11-01"}
    html = visit.get(address("book", **by_fair)).text
    assert sorted(days(html)) == ["2026-11-29", "2026-11-30", "2026-12-01"]
    sent = {"id": str(book), "version": "1", "to": "2026-11-04", "from": "2026-11-30"}
    assert sorted(days(visit.post_part("/o/book/move", **sent, **by_fair).text)) == [
        "2026-11-03", "2026-11-04", "2026-11-05"
    ]  # fmt: skip
    by_at = {"view": "calendar", "by": "x_at", "on": "2026-11-01"}
    html = visit.post_part("/o/book/move", **{**sent, "version": "2"}, **by_at).text
    assert days(html) == {"2026-11-04": [book]}
    assert '<span class="h-entry-time">23:30</span>' in html


def test_the_view_is_remembered_for_the_person(web: Web, visit: Visit) -> None:
    lend(web, 1)
    web.person("小馆员", "13800000005", "librarian")
    assert 'class="h-table is-cards' in visit.get("/o/loan").text
    answer = visit.post("/o/loan/view", switch="calendar", by="lent_on", scene="loan.out")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/o/loan?scene=loan.out&view=calendar&by=lent_on"
    html = visit.get("/o/loan").text
    assert 'class="h-month"' in html
    assert '<option value="lent_on" selected>' in html
    assert 'class="h-table is-cards' in visit.get("/o/loan?view=table").text
    assert 'class="h-board"' in visit.get("/o/loan?view=kanban").text
    assert 'class="h-table is-cards' in web.sign_in("13800000005").get("/o/loan").text
    assert visit.post("/o/loan/columns", reset="1", back="/o/loan").status_code == 303
    assert 'class="h-month"' in visit.get("/o/loan").text
    visit.post("/o/loan/view", switch="table")
    assert 'class="h-table is-cards' in visit.get("/o/loan").text


def test_rows_are_as_high_as_the_person_likes_them(web: Web, visit: Visit) -> None:
    lend(web, 1)
    web.person("小馆员", "13800000005", "librarian")
    assert "is-cards is-compact" in visit.get("/o/loan").text
    assert visit.post("/density", density="relaxed").status_code == 303
    html = visit.get("/o/loan").text
    assert "is-cards is-relaxed" in html
    assert re.search(r'value="relaxed" aria-pressed="true"', html)
    assert visit.post("/density", density="huge").status_code == 422
    publish(
        web.live,
        {"op": "set", "document": "list/loan.main", "path": "density", "value": "normal"},
    )
    assert "is-cards is-normal" in web.sign_in("13800000005").get("/o/loan").text


def scene_tabs(html: str) -> tuple[list[str], list[str]]:
    """Read the tabs, and the scenes in the menu beside them."""
    bar = html.split('<nav class="h-tabs" aria-label="场景"')[1].split("</nav>", maxsplit=1)[0]
    menu = html.split("h-more-scenes")[1].split("</details>", maxsplit=1)[0]
    return (
        re.findall(r"<a [^>]*>([^<]+)", bar),
        re.findall(r'<a class="h-menu-item" href="/o/loan\?[^>]*>([^<]+)', menu),
    )


def test_scenes_are_pinned_and_ordered_by_each_person(web: Web, visit: Visit) -> None:
    every = ["全部借阅", "我经办的", "未归还", "本周应还"]
    assert scene_tabs(visit.get("/o/loan").text) == (every, [])
    order = ["loan.out", "loan.all", "loan.mine", "loan.due_this_week", "loan.gone"]
    chosen = {"order": order, "pinned": ["loan.all", "loan.out"], "scene": "loan.out"}
    answer = visit.post("/o/loan/scenes/pins", **chosen)
    assert answer.headers["location"] == "/o/loan?scene=loan.out"
    html = visit.get("/o/loan").text
    assert scene_tabs(html) == (["未归还", "全部借阅"], ["我经办的", "本周应还"])
    open_one = visit.get("/o/loan?scene=loan.mine").text
    assert scene_tabs(open_one) == (["未归还", "全部借阅", "我经办的"], ["本周应还"])
    where = json.dumps({"field": "state", "op": "eq", "value": "lost"})
    assert visit.post("/o/loan/scenes", label="丢了的", where=where).status_code == 303
    assert scene_tabs(visit.get("/o/loan").text)[0] == ["未归还", "全部借阅", "丢了的"]
    assert visit.post("/o/loan/scenes/pins", order=order).status_code == 422
    assert 'value="loan.out" checked' in visit.part("/o/loan/scenes/pins").text
    visit.post("/o/loan/scenes/pins", reset="1")
    assert scene_tabs(visit.get("/o/loan").text) == ([*every, "丢了的"], [])


def test_large_sums_are_short_in_either_language() -> None:
    assert short_number("¥62,800,000.00", "zh-CN") == "¥6280万"
    assert short_number("¥62,800,000.00", "en") == "¥62.8M"
    assert short_number("-¥12,345.00", "zh-CN") == "-¥1.2万"
    assert short_number("¥9,999.00", "en") == "¥9,999.00"
    assert short_number("three", "en") == "three"
