"""Conditions and rules on the customising page: edited as trees, told in words, published."""

from html import unescape
from typing import Any

import pytest

from tests.integration.designer.conftest import Desk, Reader

BOOK, LOAN = "/designer/object/book", "/designer/object/loan"
SHELF = "fields/shelf/visible_if"


def one_test(place: str, field: str, op: str, **value: str) -> dict[str, Any]:
    """The inputs of one test of a tree."""
    return {
        f"{place}.kind": "test",
        f"{place}.field": field,
        f"{place}.op": op,
        **{f"{place}.{name.replace('__', '.')}": text for name, text in value.items()},
    }


def names(html: str) -> set[str]:
    """Every name of an input."""
    return {unescape(part.partition('"')[0]) for part in html.split(' name="')[1:]}


def test_a_condition_is_built_step_by_step_saved_told_and_published(desk: Desk) -> None:
    empty = desk.get(f"{BOOK}/condition?path={SHELF}")
    assert "书架" in Reader(empty.text).text or empty.status_code == 200
    base = {"path": SHELF, "c.kind": "all"}
    one = desk.send(f"{BOOK}/condition", {**base, "do": "test:c"})
    assert {"c.0.kind", "c.0.field"} <= names(one.text)
    grown = desk.send(
        f"{BOOK}/condition", {**base, **one_test("c.0", "category", "in"), "do": "group:c"}
    )
    assert {"c.0.v1.category", "c.1.kind", "c.1.0.field"} <= names(grown.text)
    tree = {
        **base,
        **one_test("c.0", "category", "in", v1__category="fiction"),
        "c.1.kind": "any",
        **one_test("c.1.0", "published_on", "eq", period="this_year"),
        **one_test("c.1.1", "price", "gte", v1__price="45.00"),
    }
    dropped = desk.send(f"{BOOK}/condition", {**tree, "do": "drop:c.1.0"})
    assert "c.1.1.kind" not in names(dropped.text)
    assert 'value="45.00"' in dropped.text
    saved = desk.send(f"{BOOK}/condition", {**tree, "do": "save"})
    assert saved.status_code in (204, 303), saved.text
    panel = Reader(desk.get(f"{BOOK}?field=shelf").text).text
    assert "今年" in panel
    desk.publish()
    stored = desk.compiled.layered.documents["object/book"].body["fields"]["shelf"]
    assert stored["visible_if"] == {
        "all": [
            {"field": "category", "op": "in", "value": ["fiction"]},
            {
                "any": [
                    {"field": "published_on", "op": "eq", "value": {"period": "this_year"}},
                    {"field": "price", "op": "gte", "value": "45.00"},
                ]
            },
        ]
    }
    again = desk.get(f"{BOOK}/condition?path={SHELF}").text
    assert {"c.1.1.v1.price", "c.0.v1.category"} <= names(again)
    desk.send(f"{BOOK}/condition", {"path": SHELF, "c.kind": "all", "do": "clear"})
    desk.publish()
    stored = desk.compiled.layered.documents["object/book"].body["fields"]["shelf"]
    assert "visible_if" not in stored


def test_what_is_wrong_with_a_test_stands_beside_it(desk: Desk) -> None:
    tree = {"path": SHELF, "c.kind": "all", **one_test("c.0", "price", "gte", v1__price="x")}
    refused = desk.send(f"{BOOK}/condition", {**tree, "do": "save"})
    assert refused.status_code == 422
    assert 'value="x"' in refused.text
    assert "h-err" in refused.text
    assert desk.get(f"{BOOK}/condition?path=fields/shelf/label").status_code == 404
    assert desk.get(f"{BOOK}/condition?path=fields/nothing/visible_if").status_code == 404


def test_fields_of_the_draft_may_be_asked_about_at_once(desk: Desk) -> None:
    key = desk.add("select")
    page = desk.get(f"{BOOK}/condition?path={SHELF}")
    tree = {"path": SHELF, "c.kind": "none", **one_test("c.0", key, "empty")}
    assert page.status_code == 200
    saved = desk.send(f"{BOOK}/condition", {**tree, "do": "save"})
    assert saved.status_code in (204, 303), saved.text
    option = f"fields/{key}/options_if/option_1"
    tree = {"path": option, "c.kind": "all", **one_test("c.0", "isbn", "not_empty")}
    assert desk.send(f"{BOOK}/condition", {**tree, "do": "save"}).status_code in (204, 303)
    desk.publish()
    fields = desk.compiled.site.objects["book"].fields
    assert fields["shelf"].visible_if is not None
    assert list(fields[key].options_if) == ["option_1"]


def test_a_section_is_shown_by_condition(desk: Desk) -> None:
    path = "tabs/basic/sections/back/visible_if"
    tree = {"path": path, "c.kind": "all", **one_test("c.0", "due_on", "not_empty")}
    assert desk.send(f"{LOAN}/condition", {**tree, "do": "save"}).status_code in (204, 303)
    desk.publish()
    (tab,) = desk.compiled.site.form_of("loan").tabs.values()
    assert tab.sections["back"].visible_if is not None


def test_a_rule_compares_two_fields_and_is_told_in_words(desk: Desk) -> None:
    rule = {
        "rule": "",
        "w.kind": "all",
        **one_test("w.0", "returned_on", "not_empty"),
        "c.kind": "all",
        **one_test("c.0", "returned_on", "gte", by="field", other="lent_on"),
        "message.zh-CN": "归还不能早于借出",
        "message.en": "",
    }
    empty = desk.send(f"{LOAN}/rules/edit", {**rule, "message.zh-CN": "", "do": "save"})
    assert empty.status_code == 422
    grown = desk.send(f"{LOAN}/rules/edit", {**rule, "do": "test:w"})
    assert {"w.1.kind", "c.0.other", "w.0.field"} <= names(grown.text)
    assert desk.send(f"{LOAN}/rules/edit", {**rule, "do": "save"}).status_code in (204, 303)
    told = Reader(desk.get(f"{LOAN}/rules").text).text
    assert "归还不能早于借出" in told
    assert "添加规则" in Reader(desk.get(LOAN).text).text
    desk.publish()
    rules = desk.compiled.site.objects["loan"].rules
    assert list(rules) == ["due_after_lent", "x_rule_1"]
    again = {**rule, "rule": "x_rule_1", "message.en": "Too early", "do": "save"}
    assert desk.send(f"{LOAN}/rules/edit", again).status_code in (204, 303)
    desk.post(f"{LOAN}/rules/drop", rule="due_after_lent")
    desk.publish()
    rules = desk.compiled.site.objects["loan"].rules
    assert list(rules) == ["x_rule_1"]
    assert rules["x_rule_1"].message == {"zh-CN": "归还不能早于借出", "en": "Too early"}


@pytest.mark.parametrize("path", ["condition?path=fields/shelf/visible_if", "rules", "list"])
def test_an_unknown_object_is_not_found(desk: Desk, path: str) -> None:
    assert desk.get(f"/designer/object/nothing/{path}").status_code == 404


def test_a_link_offers_and_a_roll_up_counts_what_a_condition_says(desk: Desk) -> None:
    tree = {"path": "fields/book/where", "c.kind": "all"}
    row = one_test("c.0", "published_on", "lte", by="field", other="this.lent_on")
    drawn = desk.send(f"{LOAN}/condition", {**tree, **row, "do": "redraw"})
    assert "正在编辑的记录的借出日期" in Reader(drawn.text).text
    odd = one_test("c.0", "published_on", "lte", by="field", other="this.state")
    assert desk.send(f"{LOAN}/condition", {**tree, **odd, "do": "save"}).status_code == 422
    assert desk.send(f"{LOAN}/condition", {**tree, **row, "do": "save"}).status_code in (204, 303)
    assert "正在编辑的记录的借出日期" in Reader(desk.get(f"{LOAN}?field=book").text).text
    key = desk.add("roll_up")
    tree = {"path": f"fields/{key}/where", "c.kind": "all"}
    row = one_test("c.0", "state", "in", v1__state="lent")
    saved = desk.send(f"{BOOK}/condition", {**tree, **row, "do": "save"})
    assert saved.status_code in (204, 303), saved.text
    desk.publish()
    link = desk.compiled.site.objects["loan"].fields["book"]
    compared = {"field": "published_on", "op": "lte", "value": {"field": "this.lent_on"}}
    assert link.props["where"] == compared
    counted = desk.compiled.site.objects["book"].fields[key].computed
    assert counted is not None
    assert counted.where is not None
