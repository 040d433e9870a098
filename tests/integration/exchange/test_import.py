"""What an import makes of a file: modes, matches, links, rights, and everything that is wrong."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.errors import Forbidden, InvalidInput, UnknownObject
from engine.exchange.importer import enqueue_order, start_import
from engine.exchange.mapping import MappingUnclear
from engine.exchange.order import Options, Order, parse_options
from engine.exchange.store import FileStore
from engine.files.errors import FileTooLarge, UnknownFile
from engine.records.change import change
from tests.integration.exchange.desk import TRUST, Desk, csv_text, numbered
from tests.support.library import added_field, publish

HEAD = ("书名", "作者", "定价", "出版日期")


def test_rows_become_records_of_the_clerk(desk: Desk) -> None:
    done = desk.bring(
        csv_text(HEAD, ("红楼梦", "曹雪芹", "59.7", "2020/1/2"), ("家", "巴金", "", ""))
    )
    assert (done.job.state, done.counts, done.job.done, done.job.total) == (
        "done",
        (2, 0, 0, 0),
        2,
        2,
    )
    assert desk.rows("book", "title", "author", "price", "published_on", "created_by") == [
        ("红楼梦", "曹雪芹", 5970, date(2020, 1, 2), desk.cy),
        ("家", "巴金", None, None, desk.cy),
    ]


@pytest.mark.parametrize(
    "head", [("title", "author"), ("书名", "作者"), ("Title *", "AUTHOR"), ("书名*", "author")]
)
def test_headers_by_key_or_by_label_in_any_language(desk: Desk, head: tuple[str, str]) -> None:
    assert desk.bring(csv_text(head, ("Emma", "Austen"))).counts == (1, 0, 0, 0)
    assert desk.rows("book", "title", "author") == [("Emma", "Austen")]


def test_columns_that_need_a_person(desk: Desk) -> None:
    publish(desk.live, added_field("x_title", label="书名"))
    text = csv_text(("书名", "作者"), ("Emma", "Austen"))
    for options, reason in (
        ({}, "several_fields"),
        ({"map": {"书名": "nothing"}}, "unknown_field"),
        ({"map": {"书名": "author", "作者": "author"}}, "field_twice"),
        ({"map": {"书名": "", "作者": ""}}, "nothing_mapped"),
        ({"map": {"书名": ""}, "mode": "update"}, "no_match"),
        ({"map": {"书名": "title"}, "match": "isbn"}, "match_not_in_file"),
        ({"map": {"书名": "shelf"}}, "unknown_field"),
    ):
        with pytest.raises(MappingUnclear) as caught:
            desk.order(text, **options)
        assert caught.value.params["reason"] == reason
    assert desk.bring(text, map={"书名": "title"}).counts == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("mode", "counts", "authors"),
    [
        ("create", (2, 0, 0, 0), ["Old", "New", "Other"]),
        ("update", (0, 1, 1, 0), ["New"]),
        ("both", (1, 1, 0, 0), ["New", "Other"]),
        ("skip", (1, 0, 1, 0), ["Old", "Other"]),
    ],
)
def test_modes(desk: Desk, mode: str, counts: tuple[int, ...], authors: list[str]) -> None:
    desk.world.book(title="Emma", author="Old")
    text = csv_text(("title", "author"), ("Emma", "New"), ("Ulysses", "Other"))
    assert desk.bring(text, mode=mode).counts == counts
    assert [author for (author,) in desk.rows("book", "author")] == authors


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    text = csv_text(("title", "author"), *numbered(12))
    assert desk.bring(text).counts == (12, 0, 0, 0)
    before = desk.rows("book", "id", "version", "updated_at")
    assert desk.bring(text).counts == (0, 0, 12, 0)
    assert desk.bring(text, mode="skip").counts == (0, 0, 12, 0)
    assert desk.rows("book", "id", "version", "updated_at") == before


def test_a_unique_field_is_matched_in_whatever_way_it_is_written(desk: Desk) -> None:
    text = csv_text(("name", "mobile", "joined_on"), ("Di", "138 0000 0009", "2020-01-01"))
    assert desk.bring(text, "reader").counts == (1, 0, 0, 0)
    again = csv_text(("name", "mobile", "joined_on"), ("Dora", "+8613800000009", "2020-01-01"))
    assert desk.bring(again, "reader").counts == (0, 1, 0, 0)
    assert desk.rows("reader", "name") == [("Dora",)]


def test_empty_cells_clear_nothing_and_leave_defaults(desk: Desk) -> None:
    desk.world.book(title="Emma", price="3.00")
    desk.bring(
        csv_text(
            ("title", "author", "price", "category"), ("Emma", "", "", ""), ("B", "x", "", "")
        )
    )
    assert desk.rows("book", "author", "price", "category") == [
        ("Tolstoy", 300, "fiction"),
        ("x", None, "fiction"),
    ]


def test_several_matches_are_told(desk: Desk) -> None:
    desk.world.book(title="Emma")
    desk.world.book(title="Emma")
    done = desk.bring(csv_text(("title", "author"), ("Emma", "New"), ("Other", "x")))
    assert (done.counts, done.told) == ((1, 0, 0, 1), [(2, "title", "ambiguous_match")])
    assert desk.bring(csv_text(("title", "author"), ("Emma", "New")), mode="skip").counts == (
        0,
        0,
        1,
        0,
    )


def test_a_value_that_comes_again_in_the_file(desk: Desk) -> None:
    rows = [("Emma", "A"), ("Emma", "B"), ("Emma", "B"), ("Other", "x"), ("Emma", "C")]
    text = csv_text(("title", "author"), *rows)
    assert desk.bring(text, dry_run=True).counts == (2, 2, 1, 0)
    assert desk.bring(text).counts == (2, 2, 1, 0)
    assert sorted(desk.rows("book", "title", "author")) == [("Emma", "C"), ("Other", "x")]
    assert desk.bring(text, mode="create").counts == (5, 0, 0, 0)


def test_a_unique_value_that_moves_within_the_file(desk: Desk) -> None:
    desk.world.book(title="Emma", isbn="978-1")
    text = csv_text(
        ("title", "author", "isbn"),
        ("Emma", "x", "978-2"),  # gives its number away …
        ("Other", "x", "978-1"),  # … which this one takes
        ("Third", "x", "978-2"),  # and this one cannot
    )
    for dry_run in (True, False):
        done = desk.bring(text, match="title", dry_run=dry_run)
        assert (done.counts, done.told) == ((1, 1, 0, 1), [(4, "isbn", "not_unique")])


def test_everything_wrong_is_told(desk: Desk) -> None:
    text = (
        csv_text(
            ("title", "author", "price", "published_on", "category"),
            ("", "x", "abc", "2026-02-30", "novel"),
            ("Emma", "", "-1", "2020-01-01", "小说"),
            ("Good", "x", "1", "2020-01-01", "fiction"),
        )
        + "Ragged,x,1,2020-01-01,fiction,more\nShort,x\n"
    )
    done = desk.bring(text)
    assert done.counts == (2, 0, 0, 3)
    assert sorted(done.told) == [
        (2, "category", "unknown_option"),
        (2, "price", "not_a_number"),
        (2, "published_on", "not_a_date"),
        (2, "title", "required"),
        (3, "author", "required"),
        (3, "price", "below_minimum"),
        (5, "", "ragged_row"),
    ]
    assert [title for (title,) in desk.rows("book", "title")] == ["Good", "Short"]


def test_a_field_that_is_not_in_the_file_is_told_by_its_label(desk: Desk) -> None:
    assert desk.bring(csv_text(("title",), ("Emma",))).told == [(2, "作者", "required")]


def test_links_by_name_by_a_unique_field_and_by_id(desk: Desk) -> None:
    emma = desk.world.book(title="Emma", isbn="978-3")
    twins = [desk.world.book(title="Twins") for _ in range(2)]
    di = desk.world.create("reader", name="Di", mobile="13800000009").id
    head = ("reader", "book", "lent_on", "owner")
    done = desk.bring(
        csv_text(
            head,
            ("Di", "Emma", "2020-01-01", "Cy"),
            ("13800000009", "978-3", "2020-01-01", "139 0000 0003"),
            (f"{di}", f"#{twins[0]}", "2020-01-01", ""),
            ("Nobody", "Twins", "2020-01-01", ""),
        ),
        "loan",
        mode="create",
    )
    assert (done.counts, done.told) == (
        (3, 0, 0, 1),
        [(5, "reader", "linked_not_found"), (5, "book", "linked_several")],
    )
    assert desk.rows("loan", "reader", "book", "owner", "received_via") == [
        (di, emma, desk.cy, "imported"),
        (di, emma, desk.cy, "imported"),
        (di, twins[0], desk.cy, "imported"),
    ]


def test_nobody_finds_what_he_may_not_read(desk: Desk) -> None:
    desk.world.create("department", name="Cellar")
    text = csv_text(("title", "author", "x_room"), ("Emma", "x", "Cellar"))
    assert desk.bring(text).told == [(2, "x_room", "linked_not_found")]


def test_somebody_elses_records_are_not_matched(desk: Desk) -> None:
    reader = desk.world.create("reader").id
    loan: dict[str, Any] = {"reader": reader, "book": desk.world.book(), "lent_on": "2020-01-01"}
    theirs = desk.world.create("loan", owner=desk.world.ann.user_id, **loan).id
    ((number,),) = desk.rows("loan", "number")
    text = csv_text(("number", "lent_on"), (number, "2021-01-01"))
    assert desk.bring(text, "loan", match="number", mode="update").counts == (0, 0, 1, 0)
    assert desk.rows("loan", "id", "lent_on") == [(theirs, date(2020, 1, 1))]


def test_an_owner_other_than_oneself_needs_the_right_to_hand_over(desk: Desk) -> None:
    text = csv_text(("reader", "book", "lent_on"), ("x", "y", "2020-01-01"))
    with pytest.raises(Forbidden):
        desk.order(text, "loan", mode="create", owner=desk.world.ann.user_id)
    with pytest.raises(InvalidInput):
        desk.order(csv_text(("title",), ("x",)), owner=desk.world.ann.user_id)


def test_rights(desk: Desk) -> None:
    text = csv_text(("title", "author"), ("Emma", "x"))
    ann = desk.world.ann.user_id
    with pytest.raises(Forbidden):
        desk.order(text, by=ann)
    with pytest.raises(UnknownObject):
        desk.order(text, "department")
    with pytest.raises(UnknownObject):
        desk.order(text, "nothing")
    stored = desk.keep(text.encode(), by=ann)
    with pytest.raises(UnknownFile):
        start_import(
            desk.live,
            desk.context(),
            desk.files,
            object_key="book",
            file_id=stored.id,
            options=Options(map={}),
        )
    order = Order(
        object="book", file="../../etc/passwd", columns=("title",), match="", mode="both"
    )
    with pytest.raises(UnknownFile):
        enqueue_order(desk.live, desk.context(), desk.files, order)


def test_rights_that_end_while_it_waits_end_it(desk: Desk) -> None:
    number = desk.order(csv_text(("title", "author"), ("Emma", "x")))
    with desk.world.unit() as unit:
        change(unit, "user", desk.cy, {"state": "disabled"}, version=None, writing=TRUST)
    done = desk.finish(number)
    assert (done.job.state, desk.rows("book", "title")) == ("failed", [])
    assert done.job.result == {
        "code": "forbidden",
        "params": {"object": "book", "action": "import"},
    }


def test_an_updated_record_that_may_not_be_changed_is_a_failed_row(desk: Desk) -> None:
    publish(
        desk.live,
        {
            "op": "set",
            "document": "role/x_desk",
            "path": "objects/reader/update",
            "value": "own",
        },
    )
    desk.world.create("reader", name="Di", mobile="13800000009")
    text = csv_text(("name", "mobile", "joined_on"), ("New", "13800000009", "2020-01-01"))
    assert desk.bring(text, "reader").told == [(2, "", "forbidden")]


def test_cells_of_a_workbook(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["书名", "作者", "定价", "出版日期", "x_pages", "x_lendable"])
    book.active.append([1984, "Orwell", 12.3, date(1949, 6, 8), 328, False])
    book.save(tmp_path / "a.xlsx")
    done = desk.bring((tmp_path / "a.xlsx").read_bytes(), map={"x_lendable": ""})
    assert (done.counts, done.errors) == ((1, 0, 0, 0), [])
    assert desk.rows("book", "title", "price", "published_on", "x_pages") == [
        ("1984", 1230, date(1949, 6, 8), 328)
    ]


def test_a_file_beyond_the_limit_leaves_nothing(tmp_path: Path) -> None:
    files = FileStore(tmp_path, largest=10)
    with pytest.raises(FileTooLarge):
        files.receive(iter([b"12345678", b"901"]))
    assert list((tmp_path / "files").iterdir()) == []
    assert files.receive(iter([b"1234567890"])).read_bytes() == b"1234567890"


def test_options_are_checked(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_options({"map": [], "mode": "some", "match": 1, "owner": "x", "dry_run": 1, "y": 2})
    assert {error.field for error in caught.value.errors} == {
        "map", "mode", "match", "owner", "dry_run", "y",
    }  # fmt: skip


def test_links_to_several_records_are_found_by_their_names(desk: Desk) -> None:
    publish(desk.live, added_field("x_parts", type="links", to="reader", label="读者"))
    for number, name in enumerate(("Ann", "Bo", "Lee, Jr."), 1):
        mobile = f"1380000010{number}"
        desk.world.create("reader", name=name, mobile=mobile, joined_on="2020-01-01")
    done = desk.bring(
        csv_text(
            ("title", "author", "读者"),
            ("A", "x", "Bo，Ann"),
            ("B", "x", "Lee, Jr., Ann"),
            ("C", "x", "13800000102"),
            ("D", "x", "Ann、Nobody"),
            ("E", "x", ""),
        )
    )
    assert done.told == [(5, "读者", "linked_not_found")]
    assert desk.rows("book", "title", "x_parts") == [
        ("A", (2, 1)), ("B", (3, 1)), ("C", (2,)), ("E", None),
    ]  # fmt: skip
    sent = desk.send(format="csv", columns=("title", "x_parts"), sort=("title",))
    assert sent == [
        ["书名", "读者"], ["A", "Bo、Ann"], ["B", "Lee, Jr.、Ann"], ["C", "Bo"], ["E", ""],
    ]  # fmt: skip
    again = desk.bring(
        csv_text(("title", "author", "读者"), *((row[0], "x", row[1]) for row in sent[1:]))
    )
    assert again.counts == (0, 0, 4, 0)


def test_links_to_any_say_which_object_they_mean(desk: Desk) -> None:
    publish(
        desk.live,
        added_field("x_topic", type="any_link", to=["reader", "user"], label="关于"),
        added_field("x_all", type="any_link", to=["reader", "user"], many=True, label="涉及"),
    )
    for number, name in enumerate(("Ann", "Zoe"), 1):
        mobile = f"1380000010{number}"
        desk.world.create("reader", name=name, mobile=mobile, joined_on="2020-01-01")
    done = desk.bring(
        csv_text(
            ("title", "author", "关于", "涉及"),
            ("A", "x", "读者：Ann", "Zoe、user: Ann"),
            ("B", "x", "Zoe", ""),
            ("C", "x", "Ann", ""),
            ("D", "x", "", "Nobody"),
        )
    )
    assert done.told == [(4, "关于", "linked_several"), (5, "涉及", "linked_not_found")]
    ann = desk.world.ann.user_id
    assert desk.rows("book", "title", "x_all") == [("A", ("reader/2", f"user/{ann}")), ("B", None)]
    sent = desk.send(format="csv", columns=("title", "x_topic", "x_all"), sort=("title",))
    assert sent[1:] == [["A", "reader: Ann", "reader: Zoe、user: Ann"], ["B", "reader: Zoe", ""]]
    rows = ((row[0], "x", *row[1:]) for row in sent[1:])
    again = desk.bring(csv_text(("title", "author", "关于", "涉及"), *rows))
    assert again.counts == (0, 0, 2, 0)
