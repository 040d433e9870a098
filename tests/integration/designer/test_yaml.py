"""The documents of an object as text: edited, checked with line and column, one draft."""

import re
from html import unescape
from typing import Any

import pytest

from tests.integration.designer.conftest import Desk, Reader

BOOK = "/designer/object/book"


def text_of(desk: Desk, document: str = "object/book") -> str:
    """What the text area holds."""
    html = desk.get(f"{BOOK}/yaml?document={document}").text
    return unescape(html.partition("<textarea")[2].partition(">")[2].partition("</textarea")[0])


def applied(desk: Desk, text: str, document: str = "object/book") -> Any:
    return desk.send(f"{BOOK}/yaml", {"document": document, "text": text})


def test_what_is_unchanged_is_no_change(desk: Desk) -> None:
    for name in ("object/book", "form/book.edit", "list/book.main", "scene/book.all"):
        text = text_of(desk, name)
        assert applied(desk, text, name).status_code in (204, 303)
    assert "没有未发布的更改" in Reader(desk.get(BOOK).text).text


def test_text_and_page_change_the_same_draft(desk: Desk) -> None:
    key = desk.add("text")
    text = text_of(desk)
    assert key in text
    lines = text.replace(f"  {key}:", "  x_colour:").split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("  published_on:"))
    end = next(i for i in range(at + 1, len(lines)) if not lines[i].startswith("   "))
    changed = [*lines[:at], *lines[end:]]
    answer = applied(desk, "\n".join(changed).replace("max_length: 100", "max_length: 90", 1))
    assert answer.status_code in (204, 303)
    assert "x_colour" in desk.get(BOOK).text
    desk.publish()
    fields = desk.compiled.site.objects["book"].fields
    assert "x_colour" in fields
    assert "published_on" not in fields
    assert "published_on" in desk.compiled.layered.removed_fields["book"]
    back = text_of(desk)
    where = back.index("  x_colour:")
    gone = "\n".join(lines[at:end]) + "\n"
    assert applied(desk, back[:where] + gone + back[where:]).status_code in (204, 303)
    desk.publish()
    assert "published_on" in desk.compiled.site.objects["book"].fields


def test_order_of_columns_and_items_is_meaning(desk: Desk) -> None:
    columns = list(desk.compiled.site.list_of("book").columns)
    text = text_of(desk, "list/book.main")
    found = re.search(r"^columns:\n((?:  .*\n)+)", text, re.MULTILINE)
    assert found
    entries = re.findall(r"  [a-z].*\n(?:    .*\n)*", found[1])
    turned = text.replace(found[1], "".join([*entries[1:], entries[0]]))
    assert applied(desk, turned, "list/book.main").status_code in (204, 303)
    desk.publish()
    assert list(desk.compiled.site.list_of("book").columns) == [*columns[1:], columns[0]]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("type: money", "type: monney", "monney"),
        ("currency: CNY", "curency: CNY", "curency"),
        ("name_field: title", "name_field: [title", ""),
        ("kind: object", "kind: list", "object/book"),
        ("name_field: title", "name_field: title\nname_field: isbn", "name_field"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(desk: Desk, old: str, new: str, says: str) -> None:
    text = text_of(desk)
    assert old in text
    wrong = text.replace(old, new, 1)
    refused = applied(desk, wrong)
    assert refused.status_code == 422
    line = wrong[: wrong.index(new.partition("\n")[0])].count("\n") + 1
    place = re.search(r'data-line="(\d+)"', refused.text)
    assert place
    assert abs(int(place[1]) - line) <= 1
    assert says in Reader(refused.text).text
    assert unescape(refused.text).count(new.partition("\n")[0]) >= 1


def test_a_role_is_shown_what_it_would_see(desk: Desk) -> None:
    key = desk.add("date")
    everything = Reader(desk.get(f"{BOOK}/preview").text).text
    assert f'id="field-{key}"' in desk.get(f"{BOOK}/preview?role=librarian").text
    assert "ISBN" in everything
    assert desk.get(f"{BOOK}/preview?role=nobody").status_code == 200
