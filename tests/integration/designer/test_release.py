"""From the draft to everybody: the plan, publishing, two administrators, versions, rollback."""

from tests.integration.designer.conftest import Desk
from ui.i18n import translate

BOOK = "/designer/object/book"


def said(key: str, /, **params: object) -> str:
    return translate("zh-CN", key, **params)


def test_the_plan_speaks_in_sentences_and_keeps_the_ddl_at_hand(desk: Desk) -> None:
    desk.add("text")
    desk.add("multi_select")
    page = desk.get("/designer/plan").text
    assert said("designer.told.added", name="单行文本", type="单行文本") in page
    assert said("designer.reversible") in page
    assert "ALTER TABLE o_book ADD COLUMN x_text_1" in page
    assert "<details" in page


def test_the_plan_lists_what_refers_to_a_change(desk: Desk) -> None:
    desk.send(f"{BOOK}/fields/author", {"label.zh-CN": "著者", "label.en": "Author"})
    page = desk.get("/designer/plan").text
    impact = said("designer.impact", kind="列表", document="book.main", name="著者")
    assert impact in page


def test_nothing_to_publish_leads_home(desk: Desk) -> None:
    assert desk.get("/designer/plan").headers["location"] == "/designer"
    assert desk.post("/designer/publish", full=True).headers["location"] == "/designer"


def test_a_draft_on_an_old_version_is_told_and_goes_on_after_one_click(
    desk: Desk, other: Desk
) -> None:
    mine = desk.add("text")
    theirs = other.add("date")
    second = other.publish()
    page = desk.get(BOOK).text
    assert said("designer.outdated", base=1, served=second) in page
    refused = desk.post("/designer/publish", full=True)
    assert refused.status_code == 409
    assert said("designer.rebase", served=second) in refused.text
    assert mine in desk.cards()["tabs/basic/sections/main"]
    desk.post("/designer/rebase", full=True, back=BOOK)
    assert said("designer.rebase", served=second) not in desk.get(BOOK).text
    desk.publish()
    assert {mine, theirs} <= set(desk.compiled.site.objects["book"].fields)


def test_two_who_hide_the_same_field_do_not_bring_it_back(desk: Desk, other: Desk) -> None:
    for one in (desk, other):
        one.post(f"{BOOK}/fields/published_on/hide")
    other.publish()
    desk.add("text")
    desk.post("/designer/rebase", full=True)
    desk.publish()
    assert "published_on" not in desk.compiled.site.objects["book"].fields


def test_two_new_fields_of_one_key_are_told_beside_the_change(desk: Desk, other: Desk) -> None:
    key = desk.add("text")
    other.add("text")
    other.publish()
    desk.post("/designer/rebase", full=True)
    plan = desk.get("/designer/plan").text
    problem = said("problem.already_exists", name=key, key=key)
    assert problem in plan
    assert f"object/book › fields/{key}" in plan
    assert "disabled" in plan
    assert said("designer.see_problems") in desk.get(BOOK).text
    assert desk.post("/designer/publish", full=True).status_code == 422
    discarded = desk.post("/designer/discard", full=True, back=BOOK)
    assert discarded.headers["location"] == BOOK
    assert desk.get("/designer/plan").status_code == 303


def test_drafts_are_one_each(desk: Desk, other: Desk) -> None:
    mine = desk.add("text")
    assert mine not in other.cards()["tabs/basic/sections/main"]
    assert other.add("text") == mine


def test_versions_say_who_and_why_and_one_can_go_back(desk: Desk) -> None:
    key = desk.add("text")
    desk.post("/designer/publish", full=True, note="给馆员用")
    page = desk.get("/designer/versions").text
    assert "给馆员用" in page
    assert "管理员" in page
    ask = desk.get("/designer/versions/1/rollback").text
    assert said("designer.rollback_text", number=1, next=3) in ask
    assert said("designer.differs.field_removed", object="图书", name="单行文本") in ask
    answer = desk.post("/designer/versions/1/rollback", full=True, note="先退回")
    assert answer.status_code == 303
    assert key not in desk.compiled.site.objects["book"].fields
    page = desk.get(answer.headers["location"]).text
    assert said("designer.published", number=3) in page
    assert said("designer.rolled_back", number=1) in page
    assert desk.get("/designer/versions/99/rollback").status_code == 404


def test_the_yaml_shows_the_draft(desk: Desk) -> None:
    key = desk.add("text")
    page = desk.get(f"{BOOK}/yaml").text
    assert "kind: object" in page
    assert f"{key}:" in page
    assert "book.edit" in desk.get(f"{BOOK}/yaml?document=form/book.edit").text


def test_local_changes_are_listed_with_the_way_back(desk: Desk) -> None:
    desk.send(f"{BOOK}/fields/author", {"label.zh-CN": "著者", "label.en": "Author"})
    desk.post(f"{BOOK}/fields/published_on/hide")
    desk.post(f"{BOOK}/fields/isbn/move", step="up")
    desk.publish()
    page = desk.get(f"{BOOK}/local").text
    assert said("designer.theirs", value="作者") in page
    entries = list(desk.compiled.layers.local["object/book"])
    for path in entries:
        form = {"back": "local", "document": "object/book", "path": path}
        desk.send(f"{BOOK}/revert", form, full=True)
    for path in list(desk.compiled.layers.local["form/book.edit"]):
        form = {"back": "local", "document": "form/book.edit", "path": path}
        desk.send(f"{BOOK}/revert", form, full=True)
    desk.publish()
    assert not desk.compiled.layers.local
    assert said("designer.local_none") in desk.get(f"{BOOK}/local").text


def test_the_home_counts_what_was_changed(desk: Desk) -> None:
    desk.add("text")
    desk.publish()
    desk.add("date")
    page = desk.get("/designer").text
    row = page.split("/designer/object/book")[1].split("</tr>")[0]
    assert '<span class="h-tag is-violet">2</span>' in row
    assert '<span class="h-tag is-amber">1</span>' in row
