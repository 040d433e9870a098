"""A whole object is hidden by screen, told in the plan, and comes back from the bin."""

from engine.people import acting
from engine.records.create import create
from tests.integration.designer.conftest import Desk, Reader
from ui.i18n import translate

LOAN, BOOK = "/designer/object/loan", "/designer/object/book"
READER = "/designer/object/reader"
READER_VALUES = {"name": "读者", "joined_on": "2026-01-02", "mobile": "13800000007"}


def said(key: str, /, **params: object) -> str:
    return translate("zh-CN", key, **params)


def text(desk: Desk, path: str) -> str:
    return Reader(desk.get(path).text).text


def test_an_object_that_nothing_needs_goes_and_comes_back_with_its_records(desk: Desk) -> None:
    live = desk.web.live
    with live.write(acting(live)) as unit:
        reader = create(unit, "reader", READER_VALUES).id
        book = create(unit, "book", {"title": "红楼梦", "author": "曹雪芹"}).id
        values = {"reader": reader, "book": book, "lent_on": "2026-01-05"}
        create(unit, "loan", values)
    desk.add("text")
    before = desk.compiled.site.objects["loan"]
    assert f'href="{LOAN}/hide"' in desk.get(LOAN).text
    asked = text(desk, f"{LOAN}/hide")
    assert said("designer.hide_object_records", count=1) in asked
    assert said("designer.hide_object_blocked", count=1) not in asked
    answer = desk.post(f"{LOAN}/hide", full=True)
    assert answer.headers["location"] == "/designer/plan"
    name = before.label["zh-CN"]
    assert said("designer.told.object_hidden", name=name) in text(desk, "/designer/plan")
    assert desk.get(LOAN).status_code == 404
    desk.publish()
    assert "loan" not in desk.compiled.site.objects
    restore = {"document": "object/loan", "path": ""}
    assert name in text(desk, "/designer/bin")
    assert desk.send("/designer/bin", restore, full=True).headers["location"] == "/designer/plan"
    assert said("designer.told.object_restored", name=name) in text(desk, "/designer/plan")
    desk.publish()
    assert desk.compiled.site.objects["loan"].fields.keys() == before.fields.keys()
    assert said("designer.hide_object_records", count=1) in text(desk, f"{LOAN}/hide")


def test_what_stands_in_the_way_is_told_and_goes_by_itself_with_its_object(desk: Desk) -> None:
    asked = desk.get(f"{READER}/hide")
    assert 'href="/designer/object/loan?field=reader"' in asked.text
    assert "disabled" in asked.text.partition("h-dialog-foot")[2]
    refused = desk.post(f"{READER}/hide", full=True)
    assert refused.status_code == 422
    assert desk.get("/designer/plan").status_code == 303  # nothing came into the draft
    desk.post(f"{LOAN}/hide", full=True)
    assert desk.post(f"{READER}/hide", full=True).headers["location"] == "/designer/plan"
    desk.publish()
    assert not {"loan", "reader"} & set(desk.compiled.site.objects)


def test_an_object_of_the_platform_stays(desk: Desk) -> None:
    for key in ("user", "department"):
        assert desk.post(f"/designer/object/{key}/hide", full=True).status_code == 422
    assert desk.get("/designer/object/none/hide").status_code == 404
