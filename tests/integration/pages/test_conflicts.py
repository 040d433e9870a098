"""Two people saved the same record: what it was, theirs and mine, chosen without a script."""

import pytest

from tests.integration.pages.test_records import BOOK, book, field_html, text_of, version_in
from tests.support.web import Visit


def test_a_conflict_shows_both_versions_and_asks_for_each_field(visit: Visit) -> None:
    record = book(visit)
    version = version_in(visit.get(f"/o/book/{record}/edit").text)
    first = BOOK | {"price": "60", "title": "织机史", "author": "甲", "version": version}
    visit.post(f"/o/book/{record}", **first)
    mine = BOOK | {"price": "70", "title": "织机小史", "version": version}
    answer = visit.post(f"/o/book/{record}", **mine)
    assert answer.status_code == 409
    rows = text_of(answer.text)
    assert "书名 织机的历史 织机史 织机小史" in rows
    assert "定价 ¥45.00 ¥60.00 ¥70.00" in rows
    assert "作者 沈梭 甲 沈梭" not in rows
    assert "管理员，今天" in rows
    assert "对方还改了：作者" in rows
    assert 'value="甲"' in field_html(answer.text, "author")
    new = version_in(answer.text)
    assert new != version
    chosen = {"choose.price": "mine", "choose.title": "theirs", "version": new, "author": "甲"}
    done = visit.post(f"/o/book/{record}", **(mine | chosen))
    assert done.status_code == 303, done.text
    shown = text_of(visit.get(f"/o/book/{record}").text)
    assert "织机史" in shown
    assert "织机小史" not in shown
    assert "¥70.00" in shown
    assert "甲" in shown


@pytest.mark.parametrize(("take", "title", "price"), [
    ("mine", "织机小史", "¥70.00"), ("theirs", "织机史", "¥60.00")
])  # fmt: skip
def test_one_side_of_a_conflict_is_taken_as_a_whole(
    visit: Visit, take: str, title: str, price: str
) -> None:
    record = book(visit)
    version = version_in(visit.get(f"/o/book/{record}/edit").text)
    theirs = BOOK | {"price": "60", "title": "织机史", "version": version}
    visit.post(f"/o/book/{record}", **theirs)
    mine = BOOK | {"price": "70", "title": "织机小史", "shelf": "C3", "version": version}
    answer = visit.post(f"/o/book/{record}", **mine)
    both = {"choose.price": "mine", "choose.title": "theirs", "_take": take}
    sent = mine | both | {"version": version_in(answer.text)}
    assert visit.post(f"/o/book/{record}", **sent).status_code == 303
    shown = text_of(visit.get(f"/o/book/{record}").text)
    assert f" {title} " in shown
    assert price in shown
    assert "C3" in shown
