"""Stars and the palette: one's own, and nothing that one may not see."""

import json
import re
from typing import Any

from engine.records.create import create
from tests.integration.pages.test_records import BOOK, book, lent
from tests.support.library import publish, system_context
from tests.support.statements import counted
from tests.support.web import Visit, Web

CLERK: dict[str, Any] = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_clerk",
        "label": "Clerk",
        "objects": {
            "book": {"read": "all", "create": True},
            "reader": {"read": "all", "fields": {"mobile": {"mask": "always"}}},
            "loan": {"read": "own"},
        },
        "menus": {"desk": {"book": True, "reader": True, "loan": True}},
    },
}
STAR = {"op": "add", "document": "object/book", "path": "abilities/star", "value": True}
MINE = json.dumps({"field": "id", "op": "is_starred"})
PRESSED = re.compile(r'data-star="/o/book/(\d+)/star" aria-pressed="true"')


def clerk_of(web: Web) -> Visit:
    publish(web.live, CLERK, STAR)
    web.person("Cy", "13700000009", "x_clerk")
    return web.sign_in("13700000009")


def starred_by(visit: Visit) -> list[str]:
    return PRESSED.findall(visit.part("/o/book").text)


def test_a_star_is_ones_own_and_filters_lists(web: Web, visit: Visit) -> None:
    first, second = book(visit), book(visit, title="纺织史")
    clerk = clerk_of(web)
    assert visit.post_part(f"/o/book/{first}/star", on="1").status_code == 204
    assert clerk.post(f"/o/book/{second}/star", on="1").status_code == 303  # without scripts
    assert (starred_by(visit), starred_by(clerk)) == ([str(first)], [str(second)])
    assert (
        f'data-star="/o/book/{first}/star" aria-pressed="true"'
        in visit.get(f"/o/book/{first}").text
    )
    token = web.token(web.admin_id)

    def mine() -> list[int]:
        found = web.client.get("/api/v1/records/book", params={"where": MINE}, headers=token)
        return [item["id"] for item in found.json()["items"]]

    def act(record: int, action: str, of: str = "book") -> int:
        url = f"/api/v1/records/{of}/{record}/actions/{action}"
        return int(web.client.post(url, json={}, headers=token).status_code)

    assert mine() == [first]
    assert act(second, "star") == act(second, "star") == 200
    assert sorted(mine()) == [first, second]
    told = web.client.get("/api/v1/me/stars", headers=token).json()
    assert told["items"] == [
        {"object": "book", "id": second, "label": "纺织史"},
        {"object": "book", "id": first, "label": BOOK["title"]},
    ]
    assert act(first, "unstar") == 200
    assert visit.post_part(f"/o/book/{second}/star", on="0").status_code == 204
    assert mine() == [] == starred_by(visit)
    assert starred_by(clerk) == [str(second)]
    assert act(999, "star") == 404


def test_stars_stand_on_cards_and_can_be_asked_for(web: Web, visit: Visit) -> None:
    first, second = book(visit), book(visit, title="纺织史")
    publish(web.live, STAR)
    visit.post_part(f"/o/book/{second}/star", on="1")
    for view in ("view=kanban&by=category", "view=calendar&by=created_at"):
        assert PRESSED.findall(visit.get(f"/o/book?{view}").text) == [str(second)], view

    editor = visit.part("/o/book/filter?field=id").text
    assert '<option value="is_starred" selected>' in editor
    assert editor.count("<option") == 1
    kept = visit.get("/o/book/filter?field=id&op=is_starred&given=1").headers["location"]
    shown = visit.get(kept).text
    assert "纺织史" in shown
    assert f'data-id="{first}"' not in shown
    assert "关注 <b>我已关注</b>" in shown
    asked = "/o/book/filter/group?c.kind=any&c.0.kind=test&c.0.field=id&do="
    assert '<option value="is_starred" selected>' in visit.part(f"{asked}test:c").text
    assert "is_starred" in visit.get(f"{asked}save").headers["location"]
    assert visit.get("/o/reader/filter?field=id&op=is_starred&given=1").status_code == 422


def test_only_what_one_reads_is_starred_and_told(web: Web, visit: Visit) -> None:
    number = book(visit)
    reader, loan = lent(visit, number)
    clerk = clerk_of(web)
    assert clerk.post_part(f"/o/loan/{loan}/star", on="1").status_code == 404  # another's
    assert clerk.post_part(f"/o/reader/{reader}/star", on="1").status_code == 404  # no stars
    assert clerk.post_part(f"/o/book/{number}/star", on="1").status_code == 204
    assert BOOK["title"] in clerk.part("/palette").text
    narrow = {"path": "objects/book/read", "document": "role/x_clerk", "op": "set"}
    publish(web.live, narrow | {"value": "own"})
    assert BOOK["title"] not in clerk.part("/palette").text


def test_the_palette_offers_what_fits_by_right(web: Web, visit: Visit) -> None:
    number = book(visit)
    reader, loan = lent(visit, number)
    clerk = clerk_of(web)
    recent = f"/palette?recent=book/{number},loan/{loan},reader/{reader},x/1,book/0,book"
    assert (offered(visit, recent)[0], offered(visit, recent)[2]) == (BOOK["title"], "梁纬")
    at_hand = offered(clerk, recent)
    assert at_hand[:2] == [BOOK["title"], "梁纬"]  # the loan is somebody else's
    assert "新建图书" in at_hand
    assert {"导入图书", "定制图书", "图书回收站"} & set(at_hand) == set()
    assert {"导入图书", "定制图书", "图书回收站"} <= set(offered(visit, "/palette"))
    assert offered(visit, "/palette?q=xjts")[0] == "新建图书"
    assert offered(visit, "/palette?q=zjdls")[:1] == [BOOK["title"]]
    assert offered(visit, "/palette?q=13700000001")[:1] == ["梁纬"]
    assert offered(clerk, "/palette?q=0001") == ["搜索“0001”的全部结果"]  # covered for him
    assert visit.get("/palette?q=梁").headers["location"].startswith("/search?q=")


def test_no_object_crowds_out_another(web: Web, visit: Visit) -> None:
    lent(visit, book(visit))  # by a reader called 梁纬
    with web.live.write(system_context(web.live)) as unit:
        for at in range(40):
            create(unit, "book", {"title": f"梁史 {at}", "author": "A"})
    with web.live.database.read() as connection, counted(connection) as asked:
        page = visit.part("/palette?q=梁").text
    groups = re.findall(r'id="finder-group-(object-\w+)"', page)
    assert groups == ["object-book", "object-reader"]  # as in the menu
    titles = offered(visit, "/palette?q=梁")
    assert titles[-6:-1] == ["梁史 39", "梁史 38", "梁史 37", "梁史 36", "梁纬"]
    assert len([one for one in asked if "heddle_search" in one]) == 1


def offered(visit: Visit, path: str) -> list[str]:
    text = visit.part(path).text
    options = re.findall(r'id="(finder-option-\d+)"', text)
    assert len(options) == len(set(options))
    return re.findall(r"</svg><span>([^<]*)</span>", text)
