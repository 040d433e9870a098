"""A field that follows the total of the lines, in a form: with and without a script."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.records.create import create
from engine.records.encode import record_json
from engine.records.read import get
from tests.integration.lines.shop import CLERK, LINE, ORDER, money
from tests.integration.lines.test_pages import FORM, book, filled
from tests.support.library import publish, system_context
from tests.support.web import Visit, Web, library_web

DUE = {
    "op": "add",
    "document": "object/x_order",
    "path": "fields/x_due",
    "value": money("Due", follows={"field": "total", "sets": {"discount": (
        "if(lines_sum > 0, round((lines_sum - x_due) / lines_sum * 100, 2))"
    )}}),
}  # fmt: skip
ASKED = {
    "op": "add",
    "document": "object/x_order",
    "path": "fields/x_asked",
    "value": money("Asked", follows="x_due"),
}
LEAST = {"op": "add", "document": "object/x_order", "path": "fields/discount/min", "value": "0.00"}
ITEMS = {"op": "add", "document": "form/x_order.edit"}
SECTION = "tabs/basic/sections/main/items"


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path, ORDER, LINE, CLERK, FORM) as running:
        items = [
            {**ITEMS, "path": f"{SECTION}/{key}", "value": {}} for key in ("x_due", "x_asked")
        ]
        publish(running.live, DUE, ASKED, LEAST, *items)
        running.person("Ann", "13900000011", "x_clerk")
        yield running


def form_of(book_id: str, quantity: str, **values: str) -> dict[str, Any]:
    """Give a form with one line of ten a piece."""
    form: dict[str, Any] = {"name": "First", "discount": "0.00", "lines": "", "lines-@": ["a"]}
    return form | filled("a", book_id, "B", quantity=quantity, unit_price="10.00") | values


def asked(web: Web, url: str) -> list[Any]:
    """Give what stands in an order."""
    with web.live.write(system_context(web.live)) as unit:
        found = record_json(unit, "x_order", get(unit, "x_order", int(url.rpartition("/")[2])))
    return [found[key] for key in ("discount", "x_due", "x_asked", "x_asked_overridden")]


def hidden(page: str, name: str) -> str:
    """Give the value of a hidden input."""
    return str(re.findall(rf'type="hidden" name="{re.escape(name)}" value="([^"]*)"', page)[0])


def edit(visit: Visit, url: str, form: Mapping[str, Any], version: int) -> None:
    """Save an order from its form, whose line is the stored one."""
    page = visit.client.get(f"{url}/edit").text
    number = page.split('name="lines-0-@id" value="')[1].split('"')[0]
    saved = visit.post(url, **{**form, "lines-a-@id": number, "version": str(version)})
    assert saved.status_code == 303, saved.text


def test_stale_total_in_a_form_is_nobodys_value(web: Web) -> None:
    ann, one = web.sign_in("13900000011"), book(web, "B", "10.00")
    url = ann.post("/o/x_order", **form_of(one, "2")).headers["location"]
    assert asked(web, url) == ["0.00", "20.00", "20.00", False]
    page = ann.client.get(f"{url}/edit").text
    assert (hidden(page, "x_due.follows"), 'name="x_due.own"' in page) == ("20.00", False)

    left = {"x_due": "20.00", "x_due.follows": "20.00"}
    left |= {"x_asked": "20.00", "x_asked.follows": "20.00"}
    edit(ann, url, form_of(one, "3", **left), 1)
    assert asked(web, url) == ["0.00", "30.00", "30.00", False]

    mine = {"x_due": "20.00", "x_due.follows": "30.00"}
    mine |= {"x_asked": "7", "x_asked.follows": "30.00"}
    edit(ann, url, form_of(one, "3", **mine), 2)
    assert asked(web, url) == ["33.33", "20.00", "7.00", True]
    page = ann.client.get(f"{url}/edit").text
    assert (hidden(page, "x_asked.follows"), hidden(page, "x_asked.own")) == ("20.00", "1")

    back = {"x_asked": "20.00", "x_asked.follows": "20.00", "x_asked.own": "1"}
    edit(ann, url, form_of(one, "3", discount="33.33", **back), 3)
    assert asked(web, url) == ["33.33", "20.00", "20.00", False]


def test_button_without_script_brings_the_form_back_with_the_total(web: Web) -> None:
    ann, one = web.sign_in("13900000011"), book(web, "B", "10.00")
    typed = {"x_asked": "7", "x_asked.follows": "20.00", "_follow": "x_asked"}

    page = ann.post("/o/x_order", **form_of(one, "2", **typed))

    assert page.status_code == 200
    assert re.search(r'name="x_asked" type="text"[^>]*value="20.00"', page.text)


def test_script_is_told_what_inputs_follow(web: Web) -> None:
    ann, one = web.sign_in("13900000011"), book(web, "B", "10.00")
    state = {
        "x_due": "20.00",
        "x_due.follows": "20.00",
        "x_asked": "7",
        "x_asked.follows": "20.00",
    }

    lines = ann.post(
        "/o/x_order/lines/lines", **form_of(one, "3", **state, _changed="lines-a-quantity")
    ).json()["inputs"]
    typed = {**state, "x_due": "20", "x_due.follows": "30.00", "_changed": "x_due"}
    due = ann.post("/o/x_order/live", **form_of(one, "3", **typed)).json()["inputs"]

    assert lines == {
        "x_due": {"value": "30.00", "base": "30.00", "own": False, "text": "¥30.00"},
        "x_asked": {"value": "7.00", "base": "30.00", "own": True, "text": "¥30.00"},
    }
    assert due["discount"] == {"value": "33.33"}
    assert due["x_due"]["own"]
    assert due["x_due"]["base"] == "20.00"
    beyond = {**typed, "x_due": "31"}
    due = ann.post("/o/x_order/live", **form_of(one, "3", **beyond)).json()["inputs"]
    assert due["discount"] == {"value": "0.00"}  # what a save would refuse is not filled in
    assert due["x_due"]["own"]


def test_copy_of_an_order_follows_as_its_source_does(web: Web) -> None:
    visit, one = web.sign_in(), int(book(web, "B", "10.00"))
    with web.live.write(system_context(web.live)) as unit:
        lines = [{"book": one, "quantity": "2"}]
        values = {"name": "First", "lines": lines}
        ids = [
            create(unit, "x_order", {**values, **more}).id for more in ({}, {"x_asked": "7.00"})
        ]
    bases = []
    for number in ids:
        page = visit.client.get(f"/o/x_order/new?_copy={number}").text
        shown = re.findall(r'name="x_asked" type="text"[^>]*value="([^"]*)"', page)[0]
        bases.append((shown, hidden(page, "x_asked.follows"), 'name="x_asked.own"' in page))
    assert bases == [("20.00", "20.00", False), ("7.00", "20.00", False)]
