"""What can be done with a record where it stands: on a row, in the side panel, by an AI client."""

import re
from typing import Any

from tests.integration.api.test_mcp import call
from tests.integration.pages.test_records import book
from tests.support.library import publish
from tests.support.web import Visit, Web

SHELVED = {"type": "boolean", "label": "Shelved", "default": False}
NOT_YET = {"field": "x_shelved", "op": "eq", "value": False}
DOCUMENT = {"op": "add", "document": "object/book"}
LIST = {"document": "list/book.main"}
CHANGES: tuple[dict[str, Any], ...] = (
    {**DOCUMENT, "path": "fields/x_shelved", "value": SHELVED},
    {
        **DOCUMENT,
        "path": "actions",
        "value": {
            "x_put": {"label": "Put", "set": {"x_shelved": True}, "when": NOT_YET},
            "x_price": {"label": "Reprice", "form": ["price"]},
        },
    },
    {**LIST, "op": "add", "path": "columns/x_shelved", "value": {}},
    *(
        {**LIST, "op": "add", "path": f"row_actions/{key}", "value": {}}
        for key in ("x_put", "x_price", "delete")
    ),
)  # fmt: skip
CLERK = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role", "key": "x_clerk", "label": "Clerk",
        "objects": {"book": {"read": "all", "x_put": "all"}},
        "menus": {"desk": {"book": True}},
    },
}  # fmt: skip


def tools(text: str, number: int) -> list[str]:
    """Give the ends of the links of a row that are shown."""
    row = text.partition(f'<tr data-id="{number}"')[2].partition("</tr>")[0]
    found = re.findall(rf'<a class="h-btn[^"]*" (hidden )?href="/o/book/{number}/([^"]*)"', row)
    return [end for hidden, end in found if not hidden]


def test_rows_offer_what_fits_them_by_right(web: Web, visit: Visit) -> None:
    publish(web.live, *CHANGES, CLERK)
    first, second = book(visit), book(visit, title="纺织史")
    page = visit.part("/o/book").text
    assert tools(page, first) == ["edit", "do/x_put", "do/x_price", "delete"]

    headers = {"hx-request": "true", "hx-current-url": "http://h/o/book?q=a&peek=1"}
    asked = visit.client.get(f"/o/book/{first}/do/x_put", headers=headers)
    assert asked.status_code == 200
    form = {"_csrf": visit.csrf, "version": "1"}
    done = visit.client.post(f"/o/book/{first}/do/x_put", data=form, headers=headers)
    assert done.headers["hx-location"] == "/o/book?q=a&peek=1"
    page = visit.part("/o/book").text
    assert tools(page, first) == ["edit", "do/x_price", "delete"]
    assert tools(page, second) == ["edit", "do/x_put", "do/x_price", "delete"]

    web.person("Cy", "13700000009", "x_clerk")
    clerk = web.sign_in("13700000009")
    assert tools(clerk.part("/o/book").text, second) == ["do/x_put"]
    panel = clerk.part(f"/o/book/{second}/peek").text
    assert f'action="/o/book/{second}/do/x_put"' in panel
    assert "x_price" not in panel
    assert f"/o/book/{first}/do/x_put" not in clerk.part(f"/o/book/{first}/peek").text


def test_an_ai_client_acts_by_right_and_never_without(web: Web, visit: Visit) -> None:
    publish(web.live, *CHANGES, CLERK)
    number = book(visit)
    clerk = web.token(web.person("Cy", "13700000009", "x_clerk"))
    asked = {"object": "book", "id": number}
    refused = call(web, clerk, "do_action", **asked, action="x_price", values={"price": "9.00"})
    assert refused["isError"]
    done = call(web, clerk, "do_action", **asked, action="x_put")
    assert done["structuredContent"]["x_shelved"] is True
    assert call(web, clerk, "do_action", **asked, action="x_put")["isError"]  # it is no more
    wrong = call(web, clerk, "do_action", **asked, action="x_put", values={"title": "x"})
    assert wrong["isError"]
    assert call(web, clerk, "do_action", **asked, action="x_nothing")["isError"]
