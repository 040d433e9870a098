"""The table of lines on pages: filled, refused with its errors in place, shown, reckoned."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.records.create import create
from engine.records.encode import record_json
from engine.records.read import get
from engine.records.writing import Writing
from tests.integration.lines.shop import CLERK, LINE, ORDER
from tests.support.library import publish, system_context
from tests.support.web import Visit, Web, library_web

ITEMS = {"name": {}, "lines": {"width": 100}, "discount": {}, "total": {}}
FORM = {
    "op": "add",
    "document": "form/x_order.edit",
    "path": "",
    "value": {
        "kind": "form", "key": "x_order.edit", "object": "x_order",
        "tabs": {"basic": {"sections": {"main": {"columns": 2, "items": ITEMS}}}},
    },
}  # fmt: skip


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path, ORDER, LINE, CLERK, FORM) as running:
        yield running


@pytest.fixture
def clerk(web: Web) -> Visit:
    """A clerk at his browser, who sees his own orders alone."""
    web.person("Ann", "13900000011", "x_clerk")
    return web.sign_in("13900000011")


def book(web: Web, title: str, price: str) -> str:
    with web.live.write(system_context(web.live)) as unit:
        return str(create(unit, "book", {"title": title, "author": "A", "price": price}).id)


def filled(mark: str, book_id: str, title: str, **values: str) -> dict[str, str]:
    """Give the inputs of one line."""
    start = f"lines-{mark}-"
    form = {
        f"{start}@id": "",
        f"{start}book": book_id,
        f"{start}book.shown": title,
        f"{start}book.text": title,
        f"{start}unit_price": "",
        f"{start}quantity": "1.00",
        f"{start}discount": "0.00",
    }
    return form | {start + key: value for key, value in values.items()}


def test_lines_are_saved_in_the_order_of_the_form_and_shown(web: Web, clerk: Visit) -> None:
    dune, emma = book(web, "Dune", "30.00"), book(web, "Emma", "1234.50")
    form: dict[str, Any] = {"name": "First", "lines": "", "lines-@": ["b", "z", "a"]}
    form |= filled("a", dune, "Dune", quantity="2", discount="10")
    form |= filled("b", emma, "Emma", unit_price="1000")
    form |= filled("z", "", "")

    saved = clerk.post("/o/x_order", **form)
    page = clerk.client.get(saved.headers["location"]).text
    edit = clerk.client.get(f"{saved.headers['location']}/edit").text

    assert saved.status_code == 303
    assert page.index("Emma") < page.index("Dune")
    assert "¥27.00" in page
    assert "19.00%" in page
    assert 'name="lines-0-book.text"' in edit
    assert 'value="1000.00"' in edit
    assert "lines-__row__-quantity" in edit


def test_refused_table_comes_back_with_its_errors_in_place(web: Web, clerk: Visit) -> None:
    dune = book(web, "Dune", "30.00")
    form: dict[str, Any] = {"name": "", "lines": "", "lines-@": ["a", "b"]}
    form |= filled("a", dune, "Dune", quantity="-3")
    form |= filled("b", "", "Nowhere")

    refused = clerk.post("/o/x_order", **form)

    assert refused.status_code == 422
    assert "第 1 行" in refused.text
    assert 'value="-3"' in refused.text
    assert "¥30.00" in refused.text
    assert 'id="f-lines-a-quantity-err"' in refused.text
    assert 'value="Nowhere"' in refused.text


def test_edit_changes_removes_and_moves(web: Web, clerk: Visit) -> None:
    dune, emma = book(web, "Dune", "30.00"), book(web, "Emma", "10.00")
    form: dict[str, Any] = {"name": "First", "lines": "", "lines-@": ["a", "b"]}
    form |= filled("a", dune, "Dune") | filled("b", emma, "Emma")
    url = clerk.post("/o/x_order", **form).headers["location"]
    edit = clerk.client.get(f"{url}/edit").text
    numbers = [edit.split(f'name="lines-{at}-@id" value="')[1].split('"')[0] for at in "01"]

    form = {"name": "First", "version": "1", "lines": "", "lines-@": ["1"]}
    form |= filled("1", emma, "Emma", quantity="7", unit_price="10.00")
    form |= {"lines-1-@id": numbers[1]}
    saved = clerk.post(url, **form)
    page = clerk.client.get(url).text

    assert saved.status_code == 303
    assert "Dune" not in page
    assert "7.00" in page
    history = clerk.client.get(f"{url}?tab=history").text
    assert "Dune" in history


def test_script_is_told_what_follows(web: Web, clerk: Visit) -> None:
    dune = book(web, "Dune", "30.00")
    form: dict[str, Any] = {"name": "", "lines": "", "lines-@": ["a"]}
    chosen = form | filled("a", dune, "Dune") | {"_changed": "lines-a-book"}
    cheaper = form | filled("a", dune, "Dune", discount="15", unit_price="30.00")
    cheaper |= {"_changed": "lines-a-discount"}

    first = clerk.post("/o/x_order/lines/lines", **chosen).json()
    second = clerk.post("/o/x_order/lines/lines", **cheaper).json()

    assert first["rows"]["a"] == {
        "list_price": "¥30.00", "unit_price": "30.00", "discount": "0.00", "subtotal": "¥30.00",
    }  # fmt: skip
    assert second["rows"]["a"] == {
        "list_price": "¥30.00", "unit_price": "25.50", "subtotal": "¥25.50",
    }  # fmt: skip
    assert clerk.post("/o/x_order/lines/name", **chosen).status_code == 422


def test_stored_lines_are_reckoned_by_who_may_read_them(web: Web, clerk: Visit) -> None:
    dune = book(web, "Dune", "30.00")
    form: dict[str, Any] = {"name": "First", "lines": "", "lines-@": ["a"]}
    url = clerk.post("/o/x_order", **form, **filled("a", dune, "Dune")).headers["location"]
    web.person("Bob", "13900000012", "x_clerk")
    bob = web.sign_in("13900000012")

    asked = form | filled("a", dune, "Dune") | {"_changed": "lines-a-quantity"}

    assert clerk.post(f"{url}/lines/lines", **asked).status_code == 200
    assert bob.post(f"{url}/lines/lines", **asked).status_code == 404


def test_sums_are_told_while_one_types_as_they_are_saved(web: Web, clerk: Visit) -> None:
    dune, emma = book(web, "Dune", "29.99"), book(web, "Emma", "0.05")
    form: dict[str, Any] = {"name": "First", "discount": "12.5", "lines": ""}
    form |= {"lines-@": ["a", "b", "z"]}
    form |= filled("a", dune, "Dune", quantity="3.33", unit_price="29.99")
    form |= filled("b", emma, "Emma", quantity="0.30", unit_price="0.05") | filled("z", "", "")

    empty = clerk.client.get("/o/x_order/new").text
    typed = clerk.post("/o/x_order/lines/lines", **form, _changed="lines-b-quantity").json()
    record = clerk.post("/o/x_order/live", **form, _changed="discount").json()
    refused = clerk.post("/o/x_order", **{**form, "name": ""}).text
    url = clerk.post("/o/x_order", **form).headers["location"]
    page = clerk.client.get(url).text
    more = clerk.post(
        f"{url}/lines/lines",
        **form | filled("b", emma, "Emma", quantity="9999999999"),
        version="1",
    ).json()

    # 29.99 × 3.33 = 99.8667 and 0.05 × 0.30 = 0.015, each rounded; 99.89 less an eighth
    assert {mark: cells["subtotal"] for mark, cells in typed["rows"].items()} == {
        "a": "¥99.87", "b": "¥0.02", "z": "",
    }  # fmt: skip
    sums = {"lines_sum": "¥99.89", "total": "¥87.40", "mean": "¥15.02", "reduced": "0"}
    assert sums.items() <= typed["fields"].items()
    assert record["computed"] == typed["fields"]
    assert 'data-h-total="lines_sum">¥0.00<' in empty
    assert 'aria-labelledby="label-total">¥0.00<' in empty
    assert 'data-h-total="lines_sum">¥99.89<' in refused
    assert "¥87.40" in refused
    assert page.count("¥99.89") > page.count("<tfoot>") == 1
    assert "¥87.40" in page
    assert more["fields"]["lines_sum"] == "¥99.87"


def test_formulas_look_only_into_records_that_the_person_may_read(web: Web, clerk: Visit) -> None:
    bob = web.person("Bob", "13900000012", "x_clerk")
    before = {
        "type": "link", "label": "Before", "to": "x_order", "on_delete": "clear",
    }  # fmt: skip
    told = {"type": "formula", "label": "Told", "returns": "text", "expr": "x_before.name"}
    for key, value in (("x_before", before), ("x_told", told)):
        place = {"document": "object/x_order", "path": f"fields/{key}"}
        publish(web.live, {"op": "add", "value": value, **place})
    mine = int(clerk.post("/o/x_order", name="Mine").headers["location"].rpartition("/")[2])
    with web.live.write(system_context(web.live)) as unit:
        theirs = create(unit, "x_order", {"name": "Secret"}, writing=Writing(owner=bob)).id

    seen = {
        number: clerk.post("/o/x_order/live", name="x", x_before=str(number)).json()["computed"]
        for number in (mine, theirs)
    }

    assert [seen[number]["x_told"] for number in (mine, theirs)] == ["Mine", ""]


def test_table_is_edited_without_a_script(web: Web, clerk: Visit) -> None:
    dune = book(web, "Dune", "30.00")
    form: dict[str, Any] = {"name": "", "discount": "half", "lines": "", "lines-@": ["a"]}
    form |= filled("a", "", "Dune", quantity="2", unit_price="abc")

    def press(done: str, url: str = "/o/x_order") -> tuple[list[str], str]:
        answer = clerk.post(url, **form, _lines=done)
        assert answer.status_code == 200
        box = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
        return re.findall(r'name="lines-@" value="(.+?)"', box), answer.text

    marks, added = press("add lines")
    assert marks == ["a", "n1"]
    for kept in ("Dune", "abc", "half", "remove lines n1"):
        assert f'value="{kept}"' in added

    form["lines-@"] = ["a", "n1"]
    assert press("up lines n1")[0] == press("down lines a")[0] == ["n1", "a"]
    assert press("up lines a")[0] == press("down lines n1")[0] == ["a", "n1"]
    assert press("remove lines a")[0] == ["n1"]
    marks, copied = press("copy lines a")
    assert marks == ["a", "n2", "n1"]
    assert copied.count('value="abc"') == 2
    assert press("burn lines a")[0] == press("up lines")[0] == ["a", "n1"]

    form |= {"name": "First", "discount": ""} | filled("n1", "", "")
    form |= filled("a", dune, "Dune", quantity="2")
    url = clerk.post("/o/x_order", **form).headers["location"]
    form["version"] = "1"
    marks, _ = press("add lines", url)
    assert marks == ["a", "n1", "n2"]
    assert 'name="version" value="1"' in clerk.client.get(f"{url}/edit").text


def test_picker_of_a_line_offers_what_is_typed_in_it(web: Web, clerk: Visit) -> None:
    book(web, "Dune", "30.00")
    book(web, "Emma", "10.00")

    found = clerk.client.get(
        "/lookup/x_line/book?_prefix=lines-n1-&lines-n1-book.text=Dun", headers={"hx-request": "1"}
    )

    assert "Dune" in found.text
    assert "Emma" not in found.text


def test_table_is_not_edited_where_there_is_no_room_for_it(web: Web, clerk: Visit) -> None:
    dune = book(web, "Dune", "30.00")
    form: dict[str, Any] = {"name": "First", "lines": "", "lines-@": ["a"]}
    url = clerk.post("/o/x_order", **form, **filled("a", dune, "Dune")).headers["location"]

    refused = clerk.post(f"{url}/field/lines", lines="", version="1")

    assert refused.status_code == 403
    assert "Dune" in clerk.client.get(url).text


def test_copy_of_a_record_has_its_lines_in_order(web: Web, clerk: Visit) -> None:
    dune, emma = book(web, "Dune", "30.00"), book(web, "Emma", "10.00")
    form: dict[str, Any] = {"name": "First", "discount": "10", "lines": ""}
    form |= {"lines-@": ["a", "b", "c"]} | filled("a", emma, "Emma", quantity="3")
    form |= filled("b", dune, "Dune", discount="50") | filled("c", emma, "Emma", unit_price="7")
    url = clerk.post("/o/x_order", **form).headers["location"]
    number = url.rpartition("/")[2]
    web.person("Bob", "13900000012", "x_clerk")

    page = clerk.client.get(f"/o/x_order/new?_copy={number}").text
    sent = inputs(page)
    copied = clerk.post("/o/x_order", **sent).headers["location"]

    assert f'href="/o/x_order/new?_copy={number}"' in clerk.client.get(url).text
    assert 'data-h-total="lines_sum">¥52.00<' in page
    assert "¥46.80" in page
    assert [sent[f"lines-{at}-@id"] for at in range(3)] == ["", "", ""]
    with web.live.read(system_context(web.live)) as unit:
        first, second = (
            record_json(unit, "x_order", get(unit, "x_order", int(one.rpartition("/")[2])))
            for one in (url, copied)
        )
    own = {"id", "version"}
    assert [{k: v for k, v in row.items() if k not in own} for row in first["lines"]] == [
        {k: v for k, v in row.items() if k not in own} for row in second["lines"]
    ]
    assert (second["name"], second["total"]) == ("First", "46.80")
    assert not {row["id"] for row in first["lines"]} & {row["id"] for row in second["lines"]}
    assert web.sign_in("13900000012").get(f"/o/x_order/new?_copy={number}").status_code == 404


def inputs(page: str) -> dict[str, Any]:
    """Give what a browser would send of the form on a page, blanks for new lines aside."""
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", re.sub(r"(?s)<template>.*?</template>", "", page)):
        found = dict(re.findall(r'(\S+?)="([^"]*)"', tag))
        name = found.get("name", "")
        if name.endswith("-@"):
            sent.setdefault(name, []).append(found["value"])
        elif name and not name.startswith("_") and name != "q":
            sent[name] = found.get("value", "")
    return sent


def test_openapi_tells_what_nobody_fills(web: Web, clerk: Visit) -> None:
    admin = web.token(web.admin_id)
    shapes = web.client.get("/api/v1/openapi.json", headers=admin).json()["components"]["schemas"]
    read, write = shapes["x_order"]["properties"], shapes["x_order.write"]["properties"]
    line = read["lines"]["anyOf"][0]["items"]["properties"]

    assert {key for key, part in read.items() if part.get("readOnly")} >= {
        "id", "lines_sum", "total", "mean", "created_at",
    }  # fmt: skip
    assert not read["discount"].get("readOnly")
    assert {key for key, part in line.items() if part.get("readOnly")} == {
        "id", "version", "list_price", "subtotal",
    }  # fmt: skip
    assert not {"lines_sum", "total"} & write.keys()
    assert write["lines"]["anyOf"][0]["items"]["properties"].keys() == {
        "id", "book", "unit_price", "quantity", "discount",
    }  # fmt: skip
    filled_in = {"name": "A", "total": "5"}
    told = web.client.post("/api/v1/records/x_order", json=filled_in, headers=admin).json()
    assert [(one["field"], one["code"]) for one in told["errors"]] == [("total", "computed")]


def test_api_gives_and_takes_tables(web: Web, clerk: Visit) -> None:
    dune = book(web, "Dune", "30.00")
    admin = web.token(web.admin_id)
    body = {"name": "First", "lines": [{"book": int(dune), "quantity": "2"}]}

    made = web.client.post("/api/v1/records/x_order", json=body, headers=admin)
    order = made.json()
    changed = web.client.patch(
        f"/api/v1/records/x_order/{order['id']}",
        json={"version": 1, "lines": [{"book": int(dune)}, *order["lines"]]},
        headers=admin,
    )
    wrong = web.client.patch(
        f"/api/v1/records/x_order/{order['id']}",
        json={"version": 2, "lines": [{"quantity": "x"}]},
        headers=admin,
    )
    alone = web.client.post("/api/v1/records/x_line", json={"book": int(dune)}, headers=admin)
    listed = web.client.get("/api/v1/records/x_order", headers=admin).json()["items"]

    assert made.status_code == 201
    assert [row["quantity"] for row in changed.json()["lines"]] == ["1.00", "2.00"]
    assert wrong.status_code == 422
    assert {one["field"] for one in wrong.json()["errors"]} >= {"lines/0/quantity", "lines/0/book"}
    assert (alone.status_code, alone.json()["code"]) == (409, "edited_with_parent")
    assert len(listed[0]["lines"]) == 2
